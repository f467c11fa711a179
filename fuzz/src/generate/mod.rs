//! Random well-typed programs. Each file makes the expressions of some types, or statements.
//!
//! All randomness comes from one generator that the seed starts, so a seed is a program.

mod children;
mod contained;
mod control;
mod flow;
mod iterate;
mod labelled;
mod list;
mod literal;
mod locals;
mod map;
mod methods;
mod names;
mod narrow;
mod number;
mod optional;
mod program;
mod refer;
mod renamed;
mod scope;
mod stmt;
mod structure;
mod tensor;
mod text;
mod value;

use rand::Rng;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::ast::{Child, Expr, Field, Local, Method, Owner, Program};
use crate::ty::Ty;
use scope::Scope;

/// The program of `seed`.
pub fn generate(seed: u64) -> Program {
    Gen::new(seed).program(seed)
}

struct Gen {
    rng: ChaCha8Rng,
    scope: Scope,
    fields: Vec<Field>,
    constants: Vec<Field>,
    methods: Vec<Method>,
    types: Vec<Ty>,
    functions: Vec<Method>,
    child: Option<Child>,
    locals: Vec<Local>,
    /// How many statements the method may still get.
    fuel: usize,
    /// The loops around, with the type of `break`'s value.
    loops: Vec<Option<Ty>>,
    /// How many loops are around the value with which a `loop` is left. A `continue` there would be the next round, and
    /// so would each after it.
    leaving: usize,
    returns: Ty,
    fallible: bool,
    owner: Owner,
    /// Whether what is generated must be an expression of TorchScript, without statements.
    is_plain: bool,
    /// Whether it is in a closure: nothing outside is left or changed there.
    in_closure: bool,
    /// Whether a block with a value is being made, which may stand in the arguments of a macro: `cfg` may not.
    in_value: bool,
    with_tensors: bool,
}

impl Gen {
    fn new(seed: u64) -> Self {
        Gen {
            rng: ChaCha8Rng::seed_from_u64(seed),
            scope: Scope::default(),
            fields: vec![],
            constants: vec![],
            methods: vec![],
            fuel: 0,
            loops: vec![],
            leaving: 0,
            returns: Ty::Unit,
            fallible: false,
            owner: Owner::Value,
            types: vec![],
            functions: vec![],
            child: None,
            locals: vec![],
            is_plain: false,
            in_closure: false,
            in_value: false,
            with_tensors: false,
        }
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.rng.gen_bool(probability)
    }

    /// A number below `n`.
    fn below(&mut self, n: usize) -> usize {
        self.rng.gen_range(0..n)
    }

    fn choose<T: Clone>(&mut self, items: &[T]) -> T {
        let i = self.below(items.len());
        items[i].clone()
    }

    /// An index of `weights`, each as likely as its weight says.
    fn weighted(&mut self, weights: &[u32]) -> usize {
        let mut rest = self.rng.gen_range(0..weights.iter().sum());
        for (i, weight) in weights.iter().enumerate() {
            if rest < *weight {
                return i;
            }
            rest -= weight;
        }
        unreachable!("the sum is larger")
    }

    /// An expression of type `ty`; `depth` limits its nesting.
    fn expr(&mut self, ty: &Ty, depth: usize) -> Expr {
        if depth == 0 || self.chance(0.15) {
            return self.leaf(ty);
        }
        if self.chance(0.3)
            && let Some(expr) = self.common(ty, depth)
        {
            return expr;
        }
        if self.with_tensors
            && self.chance(0.2)
            && let Some(expr) = self.of_tensor(ty, depth - 1)
        {
            return expr;
        }
        if self.chance(0.15)
            && let Some(expr) = self.of_map(ty, depth - 1)
        {
            return expr;
        }
        // Most of them take statements of TorchScript, or may.
        if !self.is_plain
            && self.chance(0.15)
            && let Some(expr) = self.method_of(ty, depth - 1)
        {
            return expr;
        }
        match ty {
            Ty::Int => self.int(depth),
            Ty::Size => self.size(depth),
            Ty::Float => self.float(depth),
            Ty::Narrow(name) => self.narrow(name, depth),
            Ty::Bool => self.bool(depth),
            Ty::Text => self.text(depth),
            Ty::List(of) => self.list(of, depth),
            Ty::Array(of, n) => self.array(of, *n, depth),
            Ty::Option(of) => self.option(of, depth),
            Ty::Tuple(items) => self.tuple(items, depth),
            Ty::Tensor => self.tensor(depth),
            Ty::Map | Ty::Table => self.map(ty, depth),
            Ty::Struct(it) => self.structure(it, depth),
            Ty::Data => self.data(depth),
            Ty::Unit | Ty::Enum | Ty::Module(_) | Ty::Never => self.leaf(ty),
        }
    }

    /// A type for a variable.
    fn ty(&mut self, depth: usize) -> Ty {
        if !self.types.is_empty() && self.chance(0.2) {
            let types = self.types.clone();
            return self.choose(&types);
        }
        let tensors = if self.with_tensors { 30 } else { 0 };
        match self.weighted(&[
            30,
            4,
            12,
            12,
            6,
            14,
            3,
            10,
            if depth > 0 { 8 } else { 0 },
            tensors,
            if depth > 0 { 5 } else { 0 },
            9,
        ]) {
            0 => Ty::Int,
            1 => Ty::Size,
            2 => Ty::Float,
            3 => Ty::Bool,
            4 => Ty::Text,
            5 => {
                let of = self.element_ty(depth);
                Ty::list(of)
            }
            6 => {
                let narrow = self.narrow_ty();
                let of = self.choose(&[Ty::Int, Ty::Int, Ty::Float, Ty::Bool, narrow]);
                Ty::Array(Box::new(of), self.rng.gen_range(1..4))
            }
            7 => {
                let narrow = self.narrow_ty();
                let mut of = self.choose(&[
                    Ty::Int,
                    Ty::Int,
                    Ty::Float,
                    Ty::Bool,
                    Ty::Text,
                    Ty::list(Ty::Int),
                    narrow,
                ]);
                if self.with_tensors && self.chance(0.3) {
                    of = Ty::Tensor;
                }
                Ty::option(of)
            }
            9 => Ty::Tensor,
            10 if self.chance(0.5) => Ty::Table,
            10 => Ty::Map,
            11 => self.narrow_ty(),
            _ => {
                let n = self.rng.gen_range(2..4);
                Ty::Tuple((0..n).map(|_| self.ty(0)).collect())
            }
        }
    }

    fn element_ty(&mut self, depth: usize) -> Ty {
        let nested = if depth > 0 { 2 } else { 0 };
        let tensors = if self.with_tensors { 7 } else { 0 };
        match self.weighted(&[10, 4, 3, 2, nested, nested, tensors, 3]) {
            0 => Ty::Int,
            1 => Ty::Float,
            2 => Ty::Bool,
            3 => Ty::Text,
            4 => Ty::list(Ty::Int),
            6 => Ty::Tensor,
            7 => self.narrow_ty(),
            _ => Ty::Tuple(vec![Ty::Int, Ty::Float]),
        }
    }
}
