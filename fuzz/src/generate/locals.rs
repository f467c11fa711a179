//! Types of one name in two blocks: for rustc's `type_name` they are the same.

use super::Gen;
use super::program::Signature;
use crate::ast::{Field, Local, Owner};
use crate::ty::{Struct, Ty};

/// The fields that hold them, with the type parameters of the module.
const FIELDS: [(&str, &str); 2] = [("own_first", "A"), ("own_second", "B")];

impl Gen {
    /// Two modules, both named `Local`, and fields that hold them.
    pub fn make_locals(&mut self) {
        let of = if self.with_tensors { Ty::Tensor } else { Ty::Int };
        let outer = std::mem::take(&mut self.fields);
        self.locals = (0..2).map(|_| self.local(&of)).collect();
        self.fields = outer;
        for (name, ty) in FIELDS {
            let field = Field { name: name.into(), ty: Ty::Module(ty), value: String::new() };
            self.fields.push(field);
        }
    }

    /// One of them, with a type and a function beside it, whose names are the same in both blocks, too.
    fn local(&mut self, of: &Ty) -> Local {
        let (n_types, n_functions) = (self.types.len(), self.functions.len());
        let fields =
            (0..=self.below(2)).map(|i| (format!("part{i}"), super::program::for_signature(self.ty(0))));
        let fields = fields.collect();
        let ty = Ty::Struct(Box::new(Struct { name: "Part".into(), fields }));
        self.types.push(ty.clone());
        let function = self.method("gate_local".into(), Owner::Nothing, 3);
        self.functions.push(function.clone());
        let forward = Signature {
            name: "forward".into(),
            params: vec![of.clone()],
            returns: of.clone(),
            fallible: false,
        };
        self.make_members(1, forward);
        self.types.truncate(n_types);
        self.functions.truncate(n_functions);
        Local {
            ty,
            function,
            fields: std::mem::take(&mut self.fields),
            constants: std::mem::take(&mut self.constants),
            methods: std::mem::take(&mut self.methods),
        }
    }
}
