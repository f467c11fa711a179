//! Whole programs: fields, constants, helpers and `forward`.

use super::Gen;
use crate::ast::{Child, Field, Method, Owner, Param, Program};
use crate::ty::Ty;

impl Gen {
    pub fn program(mut self, seed: u64) -> Program {
        self.with_tensors = self.chance(0.6);
        self.make_types();
        for i in 0..self.weighted(&[5, 3, 2]) {
            let function = self.method(format!("gate{i}"), Owner::Nothing, 3);
            self.functions.push(function);
        }
        if self.chance(0.3) {
            self.make_members(1);
            let fields = std::mem::take(&mut self.fields);
            let constants = std::mem::take(&mut self.constants);
            self.child = Some(Child { fields, constants, methods: std::mem::take(&mut self.methods) });
            self.hold_children();
        }
        self.make_members(2);
        Program {
            seed,
            types: self.types,
            functions: self.functions,
            child: self.child,
            fields: self.fields,
            constants: self.constants,
            methods: self.methods,
            is_anchored: false,
        }
    }

    /// Constants, fields and methods of a module, with at most `n_helpers` besides `forward`.
    fn make_members(&mut self, n_helpers: usize) {
        let value = self.rng_int().to_string();
        self.constants.push(Field { name: "K".into(), ty: Ty::Int, value });
        if self.chance(0.3) {
            self.constants.push(Field { name: "HALF".into(), ty: Ty::Float, value: "0.5".into() });
        }
        let fields: &[(&str, Ty, &str)] = &[
            ("size", Ty::Int, "3"),
            ("scale", Ty::Float, "-1.5"),
            ("flag", Ty::Bool, "true"),
            ("sizes", Ty::list(Ty::Int), "vec![2, 5, -1]"),
            ("pair", Ty::Tuple(vec![Ty::Int, Ty::Float]), "(4, 0.25)"),
            ("limit", Ty::option(Ty::Int), "Some(2)"),
            ("weight", Ty::Tensor, "Tensor::from_slice(&[0.5f32, -1.0, 2.0])"),
            ("maybe", Ty::option(Ty::Tensor), "Some(Tensor::from(0.75f32))"),
            ("mode", Ty::Enum, "Mode::Mid"),
            ("label", Ty::Text, "\"a\".into()"),
        ];
        for (name, ty, value) in fields {
            let is_known = *ty != Ty::Enum || self.types.contains(ty);
            if self.chance(0.25) && is_known && (self.with_tensors || !ty.has_tensor()) {
                self.fields.push(Field { name: (*name).into(), ty: ty.clone(), value: (*value).into() });
            }
        }
        self.struct_fields();
        for i in 0..self.weighted(&[4, 4, 3][..=n_helpers]) {
            let owner = if self.chance(0.6) { Owner::Value } else { Owner::Type };
            let method = self.method(format!("helper{i}"), owner, 4);
            self.methods.push(method);
        }
        let forward = self.method("forward".into(), Owner::Value, if n_helpers > 1 { 12 } else { 4 });
        self.methods.push(forward);
    }

    fn method(&mut self, name: String, owner: Owner, fuel: usize) -> Method {
        self.fuel = 1 + self.below(fuel);
        self.owner = owner;
        self.fallible = self.chance(0.15);
        self.returns = for_signature(self.result_ty());
        let mark = self.scope.mark();
        let n = self.below(4) + 1;
        let params: Vec<Param> = (0..n).map(|_| self.param()).collect();
        let n_stmts = 1 + self.below(fuel / 2 + 1);
        let mut body = crate::ast::Block::default();
        let inner = self.scope.mark();
        for _ in 0..n_stmts {
            body.stmts.extend(self.stmt(3));
        }
        let returns = self.returns.clone();
        body.tail = Some(Box::new(self.expr(&returns, 3)));
        self.scope.leave(inner);
        self.scope.leave(mark);
        Method { name, owner, params, returns, fallible: self.fallible, body }
    }

    fn result_ty(&mut self) -> Ty {
        if self.chance(0.4) {
            let n = 2 + self.below(2);
            return Ty::Tuple((0..n).map(|_| self.ty(0)).collect());
        }
        self.ty(1)
    }

    fn param(&mut self) -> Param {
        let ty = for_signature(self.ty(1));
        let by_ref = matches!(ty, Ty::List(_) | Ty::Text | Ty::Tensor | Ty::Struct(_)) && self.chance(0.5);
        let mut var = self.distinct(ty);
        var.by_ref = by_ref;
        let mutable = !by_ref && self.chance(0.3);
        self.scope.declare(&var, mutable, 0);
        Param { var, mutable }
    }
}

/// Neither arrays nor maps are arguments of modules.
pub fn for_signature(ty: Ty) -> Ty {
    match ty {
        Ty::Array(of, _) => Ty::List(of),
        Ty::Map => Ty::list(Ty::Int),
        Ty::Tuple(items) => Ty::Tuple(items.into_iter().map(for_signature).collect()),
        ty => ty,
    }
}
