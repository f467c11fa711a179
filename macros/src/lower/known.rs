//! What the text of a body says of its values: whether a number is one of 64 bits, or a value no number at all. Only what is
//! certain counts; no type is guessed.

use std::collections::HashMap;

use syn::visit::{self, Visit};
use syn::{BinOp, Expr, Lit, Pat, Type, UnOp};

use super::by_type::is_method_by_type;
use crate::ops;
use crate::types::{self, ungrouped, ungrouped_expr};

/// What is certain of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Known {
    Nothing,
    /// It is no module: a method of it that tensors have is none of the user's own.
    Value,
    /// It is, or holds, nothing but tensors, texts, truth values, and numbers of 64 bits with a sign.
    Wide,
    /// It is, or holds, nothing but such numbers.
    Number,
    /// And no negative ones.
    Natural,
}

use Known::{Natural, Nothing, Number, Value, Wide};

/// Methods of numbers whose results depend on their width: they wrap around, or are rounded.
pub const ROUNDED: &[&str] = &[
    "abs",
    "pow",
    "powi",
    "powf",
    "sqrt",
    "cbrt",
    "exp",
    "exp2",
    "exp_m1",
    "ln",
    "ln_1p",
    "log",
    "log2",
    "log10",
    "sin",
    "cos",
    "tan",
    "asin",
    "acos",
    "atan",
    "atan2",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sin_cos",
    "hypot",
    "mul_add",
    "recip",
    "to_degrees",
    "to_radians",
    "rem_euclid",
    "div_euclid",
    "sum",
    "product",
];

/// Methods whose results are of the receiver's type, or of that of its elements.
pub const KEEPING: &[&str] = &[
    "as_mut",
    "as_ref",
    "as_slice",
    "ceil",
    "clamp",
    "clone",
    "cloned",
    "copied",
    "expect",
    "filter",
    "first",
    "floor",
    "fract",
    "get",
    "inspect",
    "into_iter",
    "iter",
    "iter_mut",
    "last",
    "max",
    "min",
    "next",
    "nth",
    "pop",
    "rev",
    "round",
    "round_ties_even",
    "shallow_clone",
    "signum",
    "skip",
    "skip_while",
    "step_by",
    "take",
    "take_while",
    "to_owned",
    "to_vec",
    "trunc",
    "unwrap",
    "unwrap_or",
    "unwrap_or_default",
];

#[derive(Clone, Copy)]
pub struct Variable {
    pub number: usize,
    pub known: Known,
    /// Whether it was made as a value of a type of the user's.
    pub is_own: bool,
}

/// What is known of the variables in scope.
pub struct Facts {
    /// The variables that the names of nested blocks stand for, innermost last.
    names: Vec<HashMap<String, Variable>>,
    /// How many variables were met.
    n_bound: usize,
    /// What the uses of variables tell, by the variables' numbers.
    pub learned: HashMap<usize, Known>,
}

impl Facts {
    /// Nothing is in scope, and this is known of the variables that will be.
    pub fn new(learned: HashMap<usize, Known>) -> Facts {
        Facts { names: vec![HashMap::new()], n_bound: 0, learned }
    }

    pub fn enter(&mut self) {
        self.names.push(HashMap::new());
    }

    pub fn leave(&mut self) {
        self.names.pop();
    }

    pub fn bind(&mut self, pat: &Pat, known: Known) {
        struct Names<'f>(&'f mut Facts, Known);
        impl<'ast> Visit<'ast> for Names<'_> {
            fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
                self.0.bind_name(pat, self.1);
                visit::visit_pat_ident(self, pat);
            }
            fn visit_pat_type(&mut self, pat: &'ast syn::PatType) {
                Names(self.0, of_type(&pat.ty)).visit_pat(&pat.pat);
            }
        }
        Names(self, known).visit_pat(pat);
    }

    fn bind_name(&mut self, pat: &syn::PatIdent, known: Known) {
        let number = self.n_bound;
        self.n_bound += 1;
        // A variable may become negative later.
        let known = if pat.mutability.is_some() { known.min(Number) } else { known };
        let known = self.learned.get(&number).map_or(known, |learned| known.max(*learned));
        let names = self.names.last_mut().expect("a scope was entered");
        names.insert(pat.ident.to_string(), Variable { number, known, is_own: false });
    }

    pub fn variable(&self, expr: &Expr) -> Option<Variable> {
        match ungrouped_expr(expr) {
            Expr::Path(path) => {
                let name = path.path.get_ident()?.to_string();
                self.names.iter().rev().find_map(|names| names.get(&name)).copied()
            }
            Expr::Reference(it) => self.variable(&it.expr),
            Expr::Unary(it) => self.variable(&it.expr),
            _ => None,
        }
    }

    /// Notes that the variable of this name was made as a value of a type of the user's.
    pub fn set_own(&mut self, name: &syn::Ident) {
        let names = self.names.last_mut().expect("a scope was entered");
        if let Some(variable) = names.get_mut(&name.to_string()) {
            variable.is_own = true;
        }
    }

    /// Notes what is known of the value, if it is a variable.
    pub fn learn(&mut self, expr: &Expr, known: Known) {
        if let Some(variable) = self.variable(expr)
            && variable.known < known
        {
            self.learned.insert(variable.number, known);
        }
    }

    pub fn is_wide(&self, expr: &Expr) -> bool {
        self.known(expr) >= Wide
    }

    pub fn known(&self, expr: &Expr) -> Known {
        match ungrouped_expr(expr) {
            Expr::Lit(it) => match &it.lit {
                Lit::Int(lit) if !matches!(lit.suffix(), "i64" | "isize" | "f64") => Nothing,
                Lit::Int(_) => Natural,
                Lit::Float(lit) if lit.suffix() != "f64" => Nothing,
                Lit::Float(_) => Number,
                _ => Wide,
            },
            Expr::Path(it) => match self.variable(expr) {
                Some(variable) => variable.known,
                None if is_of(&it.path, &["i64", "f64"]) => Number,
                None => wide_if(is_of(&it.path, &["Kind", "Device", "Reduction"])),
            },
            Expr::Reference(it) => self.known(&it.expr),
            Expr::Unary(it) if matches!(it.op, UnOp::Deref(_)) => self.known(&it.expr),
            Expr::Unary(it) => self.known(&it.expr).min(Number),
            Expr::Try(it) => self.known(&it.expr),
            Expr::Cast(it) => of_type(&it.ty),
            Expr::Index(it) => of_items(self.known(&it.expr)),
            Expr::Range(it) => self.of_range(it),
            Expr::Tuple(it) => it.elems.iter().map(|elem| self.known(elem)).min().unwrap_or(Wide),
            Expr::Array(it) => wide_if(it.elems.iter().any(|elem| self.is_wide(elem))),
            Expr::Repeat(it) => self.known(&it.expr),
            Expr::Macro(it) if types::path_is_named(&it.mac.path, &["vec"]) => Value,
            Expr::Call(it) if makes_collection(it) => Value,
            Expr::Binary(it) if is_shift(&it.op) => self.known(&it.left),
            Expr::Binary(it) if is_arithmetic(&it.op) || is_bitwise(&it.op) => {
                // Both operands are of one type, or there is a tensor.
                let (left, right) = (self.known(&it.left), self.known(&it.right));
                let is_natural = |known: Known, operand: &Expr| known == Natural || is_int(operand);
                // A product of three might reach 2^63.
                let is_product = |operand: &Expr| matches!(ungrouped_expr(operand), Expr::Binary(it) if matches!(it.op, BinOp::Mul(_)));
                let keeps_sign = match it.op {
                    BinOp::Mul(_) => !is_product(&it.left) && !is_product(&it.right),
                    BinOp::Add(_) | BinOp::Div(_) | BinOp::Rem(_) => true,
                    _ => false,
                };
                let is_number = |known: Known, operand: &Expr| known >= Number || is_literal(operand);
                match left.max(right) {
                    Natural if keeps_sign && is_natural(left, &it.left) && is_natural(right, &it.right) => {
                        Natural
                    }
                    Number | Natural if is_number(left, &it.left) && is_number(right, &it.right) => Number,
                    known => known.min(Wide),
                }
            }
            Expr::Binary(_) => Wide,
            Expr::Macro(it) => wide_if(types::path_is_named(&it.mac.path, &["format", "matches", "cfg"])),
            Expr::MethodCall(it) => self.of_method(it),
            Expr::Call(it) => match types::ungrouped_expr(&it.func) {
                Expr::Path(path) => wide_if(
                    is_of(&path.path, &["i64", "f64"])
                        || is_of(&path.path, &["Tensor"])
                            && path.path.segments.last().is_some_and(|it| gives_wide(&it.ident.to_string()))
                        || types::path_is_named(&path.path, &["Some", "Ok"])
                            && it.args.iter().all(|arg| self.is_wide(arg)),
                ),
                _ => Nothing,
            },
            _ => Nothing,
        }
    }

    /// Whether it is a place that may hold a module, whose methods may have any name, and give anything.
    pub fn may_be_module(&self, receiver: &Expr) -> bool {
        let is_place = match ungrouped_expr(receiver) {
            Expr::Path(_) | Expr::Field(_) | Expr::Index(_) | Expr::Reference(_) | Expr::Unary(_) => true,
            Expr::MethodCall(call) => {
                matches!(
                    &*call.method.to_string(),
                    "as_ref" | "as_deref" | "unwrap" | "expect" | "get" | "first" | "last"
                ) && self.may_be_module(&call.receiver)
            }
            _ => false,
        };
        is_place && self.known(receiver) == Nothing
    }

    /// Both ends of a range are of one type, and so are its items.
    fn of_range(&self, range: &syn::ExprRange) -> Known {
        let ends = range.start.iter().chain(&range.end).map(|end| self.known(end));
        let is_natural = range.start.as_ref().is_some_and(|it| is_int(it) || self.known(it) == Natural);
        match ends.max().unwrap_or(Nothing) {
            Nothing | Value => Nothing,
            _ if is_natural => Natural,
            _ => Number,
        }
    }

    pub fn of_method(&self, call: &syn::ExprMethodCall) -> Known {
        let name = call.method.to_string();
        if matches!(&*name, "forward" | "forward_t") {
            return Value;
        }
        if self.may_be_module(&call.receiver) {
            return Nothing;
        }
        if matches!(&*name, "size" | "size1" | "size2" | "size3" | "size4" | "size5" | "size6") {
            return Natural;
        }
        if let ("zip" | "chain", Some(other)) = (&*name, call.args.first()) {
            return self.known(&call.receiver).min(self.known(other));
        }
        if matches!(&*name, "double_value" | "int64_value") {
            return Number;
        }
        if is_tensor_method(&name) {
            return wide_if(gives_wide(&name));
        }
        if KEEPING.contains(&&*name) {
            let known = self.known(&call.receiver);
            let is_item = matches!(&*name, "first" | "get" | "last" | "max" | "min" | "next" | "nth" | "pop");
            return if is_item { of_items(known) } else { known };
        }
        let keeps = ROUNDED.contains(&&*name) || ops::find(&name).is_some();
        let written = call.turbofish.as_ref().and_then(|it| match it.args.first() {
            Some(syn::GenericArgument::Type(ty)) => Some(of_type(ty)),
            _ => None,
        });
        match written {
            Some(written) if matches!(&*name, "sum" | "product" | "collect" | "parse") => written,
            _ if keeps && gives_wide(&name) => self.known(&call.receiver).min(Number),
            _ => Nothing,
        }
    }
}

/// What is known of the items of a list.
pub fn of_items(list: Known) -> Known {
    if list == Value { Nothing } else { list }
}

/// Whether the call makes an empty collection of the standard library.
fn makes_collection(call: &syn::ExprCall) -> bool {
    matches!(ungrouped_expr(&call.func), Expr::Path(path)
        if is_of(&path.path, &["Vec", "HashMap", "BTreeMap", "String"])
            && types::path_is_named(&path.path, &["new", "with_capacity", "from"]))
}

pub fn is_shift(op: &BinOp) -> bool {
    matches!(op, BinOp::Shl(_) | BinOp::Shr(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_))
}

pub fn is_bitwise(op: &BinOp) -> bool {
    matches!(op, BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::BitXor(_))
}

pub fn is_comparison(op: &BinOp) -> bool {
    matches!(op, BinOp::Eq(_) | BinOp::Ne(_) | BinOp::Lt(_) | BinOp::Le(_) | BinOp::Gt(_) | BinOp::Ge(_))
}

/// Whether the operator's result may be one that the type does not hold.
pub fn is_arithmetic(op: &BinOp) -> bool {
    is_shift(op)
        || matches!(
            op,
            BinOp::Add(_)
                | BinOp::Sub(_)
                | BinOp::Mul(_)
                | BinOp::Div(_)
                | BinOp::Rem(_)
                | BinOp::AddAssign(_)
                | BinOp::SubAssign(_)
                | BinOp::MulAssign(_)
                | BinOp::DivAssign(_)
                | BinOp::RemAssign(_)
        )
}

/// Whether only tensors have a method of this name.
pub fn is_tensor_method(name: &str) -> bool {
    matches!(name, "apply" | "apply_t" | "apply_opt" | "apply_opt_t")
        || ops::find(name).is_some()
            && !is_method_by_type(name)
            && !KEEPING.contains(&name)
            && !ROUNDED.contains(&name)
            && !matches!(
                name,
                "all" | "any" | "copy" | "eq" | "from" | "into" | "map" | "ne" | "try_into" | "len"
            )
}

/// Whether what the method of tensors gives is wide: `dim` and `numel` are `usize`.
fn gives_wide(name: &str) -> bool {
    !matches!(name, "dim" | "numel" | "into" | "try_into")
}

/// Whether the path is that of an associated function or constant of a type with one of these names.
pub fn is_of(path: &syn::Path, names: &[&str]) -> bool {
    let n = path.segments.len();
    n >= 2 && names.iter().any(|name| path.segments[n - 2].ident == name)
}

fn wide_if(is_wide: bool) -> Known {
    if is_wide { Wide } else { Nothing }
}

pub fn of_type(ty: &Type) -> Known {
    match is_wide_type(ty) {
        true if holds_numbers(ty) => Number,
        is_wide => wide_if(is_wide),
    }
}

/// Whether a wide type is one of numbers, or of a collection of these.
fn holds_numbers(ty: &Type) -> bool {
    match ungrouped(ty) {
        Type::Reference(ty) => holds_numbers(&ty.elem),
        Type::Slice(ty) => holds_numbers(&ty.elem),
        Type::Array(ty) => holds_numbers(&ty.elem),
        ty => types::last_segment(ty).is_some_and(|last| match &*last.ident.to_string() {
            "i64" | "isize" | "f64" => true,
            "Vec" | "Option" => types::arguments(last).all(holds_numbers),
            _ => false,
        }),
    }
}

/// Whether it is a number without a type of its own.
pub fn is_literal(expr: &Expr) -> bool {
    matches!(ungrouped_expr(expr), Expr::Lit(syn::ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }))
}

/// Whether it is an integer without a type of its own, far below 2^63.
pub fn is_int(expr: &Expr) -> bool {
    matches!(ungrouped_expr(expr), Expr::Lit(syn::ExprLit { lit: Lit::Int(lit), .. })
        if lit.suffix().is_empty() && lit.base10_parse::<u32>().is_ok())
}

/// Whether the type holds no number of less than 64 bits, and none without a sign.
pub fn is_wide_type(ty: &Type) -> bool {
    const WIDE: &[&str] = &[
        "Tensor",
        "i64",
        "isize",
        "f64",
        "bool",
        "str",
        "String",
        "char",
        "Vec",
        "Option",
        "Result",
        "HashMap",
        "BTreeMap",
        "Box",
        "Kind",
        "Device",
        "Reduction",
        "LSTMState",
        "GRUState",
    ];
    match ungrouped(ty) {
        Type::Reference(ty) => is_wide_type(&ty.elem),
        Type::Slice(ty) => is_wide_type(&ty.elem),
        Type::Array(ty) => is_wide_type(&ty.elem),
        Type::Tuple(ty) => ty.elems.iter().all(is_wide_type),
        ty => types::last_segment(ty).is_some_and(|last| {
            WIDE.iter().any(|name| last.ident == name)
                && match last.ident == "Result" {
                    true => types::arguments(last).next().is_none_or(is_wide_type),
                    false => types::arguments(last).all(is_wide_type),
                }
        }),
    }
}
