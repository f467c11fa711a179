//! Whole programs: fields, constants, helpers and `forward`.

use super::Gen;
use crate::ast::{ByHand, Child, Field, Method, Owner, Param, Program};
use crate::ty::Ty;

/// What a method takes and returns.
pub struct Signature {
    pub name: String,
    pub params: Vec<Ty>,
    pub returns: Ty,
    pub fallible: bool,
}

impl Gen {
    pub fn program(mut self, seed: u64) -> Program {
        self.with_tensors = self.chance(0.6);
        self.make_types();
        for i in 0..self.weighted(&[5, 3, 2]) {
            let function = self.method(format!("gate{i}"), Owner::Nothing, 3);
            self.functions.push(function);
        }
        for i in 0..self.weighted(&[5, 3, 2]) {
            // A type of another crate has one method of a name in all programs of a batch.
            let method = self.data_method(format!("gate_of{i}_{seed}"));
            self.functions.push(method);
        }
        if self.chance(0.3) {
            let forward = self.entry();
            self.make_members(1, forward);
            let fields = std::mem::take(&mut self.fields);
            let constants = std::mem::take(&mut self.constants);
            self.child = Some(Child { fields, constants, methods: std::mem::take(&mut self.methods) });
            self.hold_children();
        }
        if self.chance(0.12) {
            self.make_locals();
        }
        let forward = self.entry();
        self.make_members(2, forward);
        let mut program = Program {
            seed,
            types: std::mem::take(&mut self.types),
            functions: std::mem::take(&mut self.functions),
            child: self.child.take(),
            locals: std::mem::take(&mut self.locals),
            fields: std::mem::take(&mut self.fields),
            constants: std::mem::take(&mut self.constants),
            methods: std::mem::take(&mut self.methods),
            names: vec![],
            configured: vec![],
            by_hand: None,
            is_anchored: false,
        };
        if self.chance(0.2) {
            program.by_hand = Some(self.choose(&[ByHand::Equality, ByHand::Order]));
        }
        self.name_all(&mut program);
        self.configure_members(&mut program);
        program
    }

    /// Draws what has a twin under a `cfg` that is false.
    fn configure_members(&mut self, program: &mut Program) {
        if !self.chance(0.25) {
            return;
        }
        let fields: Vec<String> = program.fields.iter().map(|it| it.name.clone()).collect();
        let names = program.functions_mut().map(|it| it.name.clone()).chain(fields);
        let parts = (0..3).map(|i| format!("part{i}"));
        program.configured = names.chain(parts).filter(|_| self.chance(0.4)).collect();
    }

    /// Constants, fields and methods of a module, with at most `n_helpers` before `last`.
    pub fn make_members(&mut self, n_helpers: usize, last: Signature) {
        let value = self.rng_int().to_string();
        self.constants.push(Field { name: "K".into(), ty: Ty::Int, value });
        if self.chance(0.3) {
            self.constants.push(Field { name: "HALF".into(), ty: Ty::Float, value: "0.5".into() });
        }
        let fields: &[(&str, Ty, &str)] = &[
            ("own_size", Ty::Int, "3"),
            ("own_scale", Ty::Float, "-1.5"),
            ("own_flag", Ty::Bool, "true"),
            ("own_sizes", Ty::list(Ty::Int), "vec![2, 5, -1]"),
            ("own_pair", Ty::Tuple(vec![Ty::Int, Ty::Float]), "(4, 0.25)"),
            ("own_limit", Ty::option(Ty::Int), "Some(2)"),
            ("own_weight", Ty::Tensor, "Tensor::from_slice(&[0.5f32, -1.0, 2.0])"),
            ("own_maybe", Ty::option(Ty::Tensor), "Some(Tensor::from(0.75f32).copy())"),
            ("own_mode", Ty::Enum, "Mode::Mid"),
            ("own_cache", Ty::Data, "Cache::Full(2, 0.5)"),
            ("own_label", Ty::Text, "\"a\".into()"),
        ];
        for (name, ty, value) in fields {
            let is_known = !matches!(ty, Ty::Enum | Ty::Data) || self.types.contains(ty);
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
        let last = self.method_with(last, Owner::Value, if n_helpers > 1 { 12 } else { 4 });
        self.methods.push(last);
    }

    /// The signature of `forward`.
    fn entry(&mut self) -> Signature {
        self.signature("forward".into())
    }

    fn signature(&mut self, name: String) -> Signature {
        let fallible = self.chance(0.15);
        let returns = for_signature(self.result_ty());
        let n = self.below(4) + 1;
        let params = (0..n).map(|_| for_signature(self.ty(1))).collect();
        Signature { name, params, returns, fallible }
    }

    pub fn method(&mut self, name: String, owner: Owner, fuel: usize) -> Method {
        let signature = self.signature(name);
        self.method_with(signature, owner, fuel)
    }

    /// A method of one of the program's types, or of one that other crates define.
    fn data_method(&mut self, name: String) -> Method {
        let mut receivers = self.types.clone();
        receivers.extend([Ty::Int, Ty::Float]);
        if self.with_tensors {
            receivers.push(Ty::Tensor);
        }
        let mut signature = self.signature(name);
        signature.params.insert(0, self.choose(&receivers));
        self.method_with(signature, Owner::Data, 4)
    }

    fn method_with(&mut self, signature: Signature, owner: Owner, fuel: usize) -> Method {
        let Signature { name, params, returns, fallible } = signature;
        self.fuel = 1 + self.below(fuel);
        self.owner = owner;
        self.fallible = fallible;
        self.returns = returns.clone();
        let mark = self.scope.mark();
        let params: Vec<Param> = params.into_iter().enumerate().map(|(i, ty)| self.param(ty, i)).collect();
        let n_stmts = 1 + self.below(fuel / 2 + 1);
        let mut body = crate::ast::Block::default();
        let inner = self.scope.mark();
        for _ in 0..n_stmts {
            body.stmts.extend(self.stmt(3));
        }
        body.tail = Some(Box::new(self.expr(&returns, 3)));
        self.scope.leave(inner);
        self.scope.leave(mark);
        Method { name, owner, params, returns, fallible, body }
    }

    fn result_ty(&mut self) -> Ty {
        if self.chance(0.4) {
            let n = 2 + self.below(2);
            return Ty::Tuple((0..n).map(|_| self.ty(0)).collect());
        }
        self.ty(1)
    }

    fn param(&mut self, ty: Ty, index: usize) -> Param {
        let by_ref = matches!(ty, Ty::List(_) | Ty::Text | Ty::Tensor | Ty::Struct(_) | Ty::Map | Ty::Table)
            && self.chance(0.5);
        let mut var = self.distinct(ty);
        if self.owner == Owner::Data && index == 0 {
            var.name = "self".to_owned();
        }
        var.by_ref = by_ref;
        let mutable = !by_ref && self.chance(0.3);
        self.scope.declare(&var, mutable, 0);
        Param { var, mutable }
    }
}

/// Arrays are no arguments of modules.
pub fn for_signature(ty: Ty) -> Ty {
    match ty {
        Ty::Array(of, _) => Ty::List(of),
        // The harness makes no arguments of it.
        Ty::Data => Ty::Int,
        Ty::Tuple(items) => Ty::Tuple(items.into_iter().map(for_signature).collect()),
        ty => ty,
    }
}
