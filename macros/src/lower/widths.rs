//! Finds the expressions of a body whose numbers may be narrower than TorchScript's, which have 64 bits.
//!
//! rustc knows the type of each, but asking takes another type check of the method (`infer.rs`). So the text is read
//! first: where a tensor, an `i64` or an `f64` stands on one side of an operator, there is nothing to ask. Only what is
//! certain counts; no type is guessed.

use std::collections::{HashMap, HashSet};

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, FnArg, Lit, Pat, Signature, Type, UnOp};

use super::by_type::is_method_by_type;
use super::infer::Numbers;
use crate::ops;
use crate::types::{self, ungrouped, ungrouped_expr};

/// What a body computes with numbers that may be narrow, by the numbers of the expressions.
#[derive(Default)]
pub struct Narrow {
    /// Results that may have to be wrapped around, or rounded.
    pub results: HashSet<usize>,
    /// Values whose types matter to what is done with them.
    pub types: HashSet<usize>,
    /// The same, of values that are looked at only.
    pub places: HashSet<usize>,
    /// Integers with a sign that are certainly not negative: what becomes one without a sign, and divisions of such.
    pub natural: HashSet<usize>,
}

/// What is certain of a value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Known {
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

/// Reads a body. Both sides of an operator are of one type, so what one of them is, tells what the variable on the other
/// side is; and that tells more, so the body is read until nothing new is learned.
pub fn narrow(sig: &Signature, body: &syn::Block, numbers: &Numbers) -> Narrow {
    // rustc cannot be asked about such a body: a variable has no type `impl Trait`.
    if sig.inputs.iter().any(|input| matches!(input, FnArg::Typed(input) if has_impl_trait(&input.ty))) {
        return Narrow::default();
    }
    let mut learned = HashMap::new();
    loop {
        let n_before = learned.len();
        let mut widths = Widths {
            numbers,
            names: vec![HashMap::new()],
            n_bound: 0,
            learned,
            is_wide_here: false,
            returns_wide: matches!(&sig.output, syn::ReturnType::Type(_, ty) if is_wide_type(ty)),
            narrow: Narrow::default(),
        };
        for input in &sig.inputs {
            if let FnArg::Typed(input) = input {
                widths.bind(&input.pat, of_type(&input.ty));
            }
        }
        widths.is_wide_here = widths.returns_wide;
        widths.visit_block(body);
        learned = widths.learned;
        if learned.len() == n_before {
            return widths.narrow;
        }
    }
}

/// Methods of numbers whose results depend on their width: they wrap around, or are rounded.
const ROUNDED: &[&str] = &[
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
const KEEPING: &[&str] = &[
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
struct Variable {
    number: usize,
    known: Known,
}

/// Methods that give the receiver's items to a closure.
const OF_ITEMS: &[&str] = &[
    "all",
    "and_then",
    "any",
    "filter",
    "filter_map",
    "find",
    "find_map",
    "flat_map",
    "for_each",
    "inspect",
    "is_some_and",
    "map",
    "map_or",
    "map_while",
    "max_by",
    "max_by_key",
    "min_by",
    "min_by_key",
    "position",
    "retain",
    "skip_while",
    "sort_by",
    "sort_by_key",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "take_while",
];

struct Widths<'n> {
    numbers: &'n Numbers,
    /// The variables that the names of nested blocks stand for, innermost last.
    names: Vec<HashMap<String, Variable>>,
    /// How many variables were met.
    n_bound: usize,
    /// What the uses of variables tell, by the variables' numbers.
    learned: HashMap<usize, Known>,
    /// Whether the place of the next expression is certainly one of a wide value.
    is_wide_here: bool,
    /// Whether what the function around it returns is wide.
    returns_wide: bool,
    narrow: Narrow,
}

impl Widths<'_> {
    fn scoped(&mut self, f: impl FnOnce(&mut Self)) {
        self.names.push(HashMap::new());
        f(self);
        self.names.pop();
    }

    fn bind(&mut self, pat: &Pat, known: Known) {
        struct Names<'w, 'n>(&'w mut Widths<'n>, Known);
        impl<'ast> Visit<'ast> for Names<'_, '_> {
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
        names.insert(pat.ident.to_string(), Variable { number, known });
    }

    fn variable(&self, expr: &Expr) -> Option<Variable> {
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

    /// Notes what is known of the value, if it is a variable.
    fn learn(&mut self, expr: &Expr, known: Known) {
        if let Some(variable) = self.variable(expr)
            && variable.known < known
        {
            self.learned.insert(variable.number, known);
        }
    }

    /// Notes what the operands of an operator tell of each other. A tensor tells nothing: it is added to all numbers.
    fn learn_from(&mut self, it: &syn::ExprBinary) {
        let (left, right) = (self.known(&it.left), self.known(&it.right));
        let is_comparison = !is_arithmetic(&it.op) && !is_bitwise(&it.op);
        let is_assignment = super::operator::is_assignment(&it.op);
        if left >= Number {
            self.learn(&it.right, if is_comparison || is_assignment { Number } else { Wide });
        }
        if right >= Number {
            self.learn(&it.left, if is_comparison { Number } else { Wide });
        }
    }

    fn ask_result(&mut self, expr: &Expr) {
        self.narrow.results.extend(self.numbers.number(expr));
    }

    fn ask_type(&mut self, expr: &Expr) {
        self.narrow.types.extend(self.numbers.number(expr));
    }

    fn ask_place(&mut self, expr: &Expr) {
        self.narrow.places.extend(self.numbers.number(expr));
    }

    fn visit_wide(&mut self, expr: &Expr, is_wide: bool) {
        self.is_wide_here = is_wide;
        self.visit_expr(expr);
    }

    /// A truth value: `!` is no operator of integers there.
    fn visit_condition(&mut self, expr: &Expr) {
        match ungrouped_expr(expr) {
            Expr::Unary(it) if matches!(it.op, UnOp::Not(_)) => self.visit_condition(&it.expr),
            Expr::Binary(it) if matches!(it.op, BinOp::And(_) | BinOp::Or(_)) => {
                self.visit_condition(&it.left);
                self.visit_condition(&it.right);
            }
            expr => self.visit_expr(expr),
        }
    }

    fn visit_binary(&mut self, expr: &Expr, it: &syn::ExprBinary) {
        let is_shift = is_shift(&it.op);
        let is_assignment = super::operator::is_assignment(&it.op);
        let is_wide = self.is_wide(&it.left) || !is_shift && self.is_wide(&it.right);
        if is_arithmetic(&it.op) && !is_wide {
            match (is_assignment, is_shift) {
                (true, true) => self.ask_place(&it.left),
                (true, false) => self.ask_type(&it.right),
                (false, _) => self.ask_result(expr),
            }
        }
        if !is_shift {
            self.learn_from(it);
        }
        self.note_natural(expr, it);
        self.visit_wide(&it.left, is_wide);
        self.visit_wide(&it.right, is_wide);
    }

    /// Notes a division of what is not negative.
    fn note_natural(&mut self, expr: &Expr, it: &syn::ExprBinary) {
        let is_natural = |operand: &Expr| self.known(operand) == Natural || is_int(operand);
        let floors = match it.op {
            BinOp::Div(_) => is_natural(&it.right),
            // libtorch's own remainder by zero ends the process.
            BinOp::Rem(_) => is_positive(&it.right),
            _ => false,
        };
        if floors && is_natural(&it.left) && self.known(expr) == Natural {
            self.narrow.natural.extend(self.numbers.number(expr));
        }
    }

    fn visit_method(&mut self, expr: &Expr, call: &syn::ExprMethodCall) {
        let name = call.method.to_string();
        let is_wide = self.is_wide(&call.receiver);
        let is_written = matches!(&*name, "sum" | "product") && self.of_method(call) >= Wide;
        if !is_wide && !is_written && ROUNDED.contains(&&*name) {
            self.ask_result(expr);
        }
        if !is_wide && name == "to_string" {
            self.ask_place(&call.receiver);
        }
        self.visit_wide(&call.receiver, is_wide);
        let of_tensors = is_tensor_method(&name) && !self.may_be_module(&call.receiver);
        let items = self.known(&call.receiver);
        let first = call.args.first().map_or(Nothing, |arg| self.known(arg));
        for arg in &call.args {
            match ungrouped_expr(arg) {
                Expr::Closure(closure) if name == "fold" => self.visit_closure(closure, &[first, items]),
                Expr::Closure(closure) if OF_ITEMS.contains(&&*name) => {
                    self.visit_closure(closure, &[items, items]);
                }
                _ => self.visit_wide(arg, is_wide || of_tensors),
            }
        }
    }

    /// A closure, with what is known of its arguments. What it returns is not what the function around it does.
    fn visit_closure(&mut self, closure: &syn::ExprClosure, arguments: &[Known]) {
        let returns_wide = std::mem::replace(&mut self.returns_wide, false);
        self.scoped(|this| {
            for (i, input) in closure.inputs.iter().enumerate() {
                this.bind(input, arguments.get(i).copied().unwrap_or(Nothing));
            }
            this.visit_expr(&closure.body);
        });
        self.returns_wide = returns_wide;
    }

    fn visit_function(&mut self, call: &syn::ExprCall) {
        let is_tensor = matches!(&*call.func, Expr::Path(path) if is_of(&path.path, &["Tensor"]));
        for arg in &call.args {
            // `Tensor::from(x)` has the kind of its argument.
            if is_tensor && call.args.len() == 1 && !self.is_wide(arg) {
                self.ask_type(arg);
            }
            self.visit_wide(arg, is_tensor);
        }
    }

    fn is_wide(&self, expr: &Expr) -> bool {
        self.known(expr) >= Wide
    }

    fn known(&self, expr: &Expr) -> Known {
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
            Expr::Index(it) => self.known(&it.expr),
            Expr::Range(it) => self.of_range(it),
            Expr::Tuple(it) => it.elems.iter().map(|elem| self.known(elem)).min().unwrap_or(Wide),
            Expr::Array(it) => wide_if(it.elems.iter().any(|elem| self.is_wide(elem))),
            Expr::Repeat(it) => self.known(&it.expr),
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
    fn may_be_module(&self, receiver: &Expr) -> bool {
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

    fn of_method(&self, call: &syn::ExprMethodCall) -> Known {
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
            return self.known(&call.receiver);
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

impl<'ast> Visit<'ast> for Widths<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        let is_wide_here = std::mem::take(&mut self.is_wide_here);
        match expr {
            Expr::Paren(_) | Expr::Group(_) | Expr::Reference(_) | Expr::Try(_) => {
                self.is_wide_here = is_wide_here;
                visit::visit_expr(self, expr);
            }
            Expr::Lit(syn::ExprLit { lit: Lit::Float(lit), .. }) => {
                if !is_wide_here && lit.suffix().is_empty() && !is_exact_in_32_bits(lit) {
                    self.ask_result(expr);
                }
            }
            Expr::Unary(it) => {
                let is_literal = matches!(ungrouped_expr(&it.expr), Expr::Lit(_));
                let is_asked = match it.op {
                    UnOp::Neg(_) => !is_literal,
                    UnOp::Not(_) => !is_truth(&it.expr),
                    _ => false,
                };
                if is_asked && !is_wide_here && !self.is_wide(&it.expr) {
                    self.ask_result(expr);
                }
                self.is_wide_here = is_wide_here;
                visit::visit_expr(self, expr);
            }
            Expr::Binary(it) if matches!(it.op, BinOp::And(_) | BinOp::Or(_)) => self.visit_condition(expr),
            Expr::Binary(it) if is_wide_here && is_arithmetic(&it.op) && !is_shift(&it.op) => {
                self.note_natural(expr, it);
                self.visit_wide(&it.left, true);
                self.visit_wide(&it.right, true);
            }
            Expr::Binary(it) => self.visit_binary(expr, it),
            Expr::MethodCall(call) => self.visit_method(expr, call),
            Expr::Call(call) => self.visit_function(call),
            Expr::Cast(it) => {
                if types::is_named(&it.ty, &["u64", "usize"]) {
                    match self.known(&it.expr) {
                        Nothing | Value => self.ask_place(&it.expr),
                        Wide | Number => {}
                        Natural => self.narrow.natural.extend(self.numbers.number(&it.expr)),
                    }
                }
                self.visit_wide(&it.expr, matches!(*it.expr, Expr::Lit(_)));
            }
            Expr::If(it) => {
                self.scoped(|this| {
                    this.visit_condition(&it.cond);
                    this.is_wide_here = is_wide_here;
                    this.visit_block(&it.then_branch);
                });
                if let Some((_, otherwise)) = &it.else_branch {
                    self.visit_wide(otherwise, is_wide_here);
                }
            }
            Expr::While(it) => self.scoped(|this| {
                this.visit_condition(&it.cond);
                this.visit_block(&it.body);
            }),
            Expr::ForLoop(it) => {
                self.visit_expr(&it.expr);
                let known = self.known(&it.expr);
                self.scoped(|this| {
                    this.bind(&it.pat, known);
                    this.visit_block(&it.body);
                });
            }
            Expr::Let(it) => {
                self.visit_expr(&it.expr);
                let known = self.known(&it.expr);
                self.bind(&it.pat, known);
            }
            Expr::Match(it) => {
                self.visit_expr(&it.expr);
                let known = self.known(&it.expr);
                for arm in &it.arms {
                    self.scoped(|this| {
                        this.bind(&arm.pat, known);
                        if let Pat::Guard(guarded) = &arm.pat {
                            this.visit_condition(&guarded.guard);
                        }
                        this.visit_wide(&arm.body, is_wide_here);
                    });
                }
            }
            Expr::Block(it) => {
                self.is_wide_here = is_wide_here;
                self.visit_block(&it.block);
            }
            Expr::Closure(it) => self.visit_closure(it, &[]),
            Expr::Return(it) => {
                if let Some(value) = &it.expr {
                    self.visit_wide(value, self.returns_wide);
                }
            }
            Expr::Assign(it) => {
                let known = self.known(&it.right);
                self.learn(&it.left, known.min(Number));
                let is_wide = self.is_wide(&it.left);
                self.visit_expr(&it.left);
                self.visit_wide(&it.right, is_wide);
            }
            expr => visit::visit_expr(self, expr),
        }
        self.is_wide_here = false;
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let is_wide_here = std::mem::take(&mut self.is_wide_here);
        self.scoped(|this| {
            for (i, stmt) in block.stmts.iter().enumerate() {
                let is_value = i + 1 == block.stmts.len() && matches!(stmt, syn::Stmt::Expr(_, None));
                this.is_wide_here = is_wide_here && is_value;
                this.visit_stmt(stmt);
            }
        });
    }

    fn visit_local(&mut self, local: &'ast syn::Local) {
        let declared = match &local.pat {
            Pat::Type(it) => Some(of_type(&it.ty)),
            _ => None,
        };
        let mut known = declared.unwrap_or(Nothing);
        if let Some(init) = &local.init {
            self.visit_wide(&init.expr, known >= Wide);
            known = declared.unwrap_or_else(|| self.known(&init.expr));
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.bind(&local.pat, known);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let Some(arguments) = self.numbers.arguments(mac) else { return };
        let shows = types::path_is_named(
            &mac.path,
            &["format", "println", "print", "format_args", "panic", "bail", "anyhow"],
        );
        for argument in arguments.iter() {
            self.is_wide_here = false;
            let shown = match argument {
                Expr::Assign(named) => &named.right,
                argument => argument,
            };
            if shows && !matches!(shown, Expr::Lit(_)) && !self.is_wide(shown) {
                self.ask_place(shown);
            }
            self.visit_expr(shown);
        }
    }

    // No values are computed in patterns, and items are not lowered with the body.
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
}

fn is_shift(op: &BinOp) -> bool {
    matches!(op, BinOp::Shl(_) | BinOp::Shr(_) | BinOp::ShlAssign(_) | BinOp::ShrAssign(_))
}

fn is_bitwise(op: &BinOp) -> bool {
    matches!(op, BinOp::BitAnd(_) | BinOp::BitOr(_) | BinOp::BitXor(_))
}

/// Whether the operator's result may be one that the type does not hold.
fn is_arithmetic(op: &BinOp) -> bool {
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

/// Whether the value is certainly no integer, so that `!` is that of truth values.
fn is_truth(expr: &Expr) -> bool {
    match ungrouped_expr(expr) {
        Expr::Binary(it) => !is_arithmetic(&it.op) && !is_bitwise(&it.op),
        Expr::Macro(_) => true,
        Expr::Unary(it) if matches!(it.op, UnOp::Not(_)) => is_truth(&it.expr),
        Expr::MethodCall(it) => {
            let name = it.method.to_string();
            name.starts_with("is_")
                || ["contains", "contains_key", "starts_with", "ends_with", "any", "all"].contains(&&*name)
        }
        _ => false,
    }
}

/// Whether the literal is the same number in 32 bits.
fn is_exact_in_32_bits(lit: &syn::LitFloat) -> bool {
    let digits = lit.base10_digits();
    match (digits.parse::<f64>(), digits.parse::<f32>()) {
        (Ok(wide), Ok(narrow)) => wide == f64::from(narrow),
        _ => false,
    }
}

/// Whether only tensors have a method of this name.
fn is_tensor_method(name: &str) -> bool {
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
fn is_of(path: &syn::Path, names: &[&str]) -> bool {
    let n = path.segments.len();
    n >= 2 && names.iter().any(|name| path.segments[n - 2].ident == name)
}

fn wide_if(is_wide: bool) -> Known {
    if is_wide { Wide } else { Nothing }
}

fn of_type(ty: &Type) -> Known {
    match is_wide_type(ty) {
        true if holds_numbers(ty) => Number,
        is_wide => wide_if(is_wide),
    }
}

/// The word in the tokens that names a type with numbers of less than 64 bits, also as the suffix of a literal.
pub fn narrow_word(tokens: impl ToTokens) -> Option<TokenTree> {
    const NARROW: &[&str] = &["i8", "i16", "i32", "u8", "u16", "u32", "f32"];
    tokens.into_token_stream().into_iter().find_map(|token| match &token {
        TokenTree::Group(group) => narrow_word(group.stream()),
        TokenTree::Ident(ident) => NARROW.iter().any(|name| ident == name).then_some(token),
        TokenTree::Literal(lit) => {
            let lit = lit.to_string();
            let is_number = lit.starts_with(|c: char| c.is_ascii_digit()) && !lit.starts_with("0x");
            (is_number && NARROW.iter().any(|name| lit.ends_with(name))).then_some(token)
        }
        TokenTree::Punct(_) => None,
    })
}

pub fn has_impl_trait(ty: &Type) -> bool {
    struct Found(bool);
    impl<'ast> Visit<'ast> for Found {
        fn visit_type_impl_trait(&mut self, _: &'ast syn::TypeImplTrait) {
            self.0 = true;
        }
    }
    let mut found = Found(false);
    found.visit_type(ty);
    found.0
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
fn is_literal(expr: &Expr) -> bool {
    matches!(ungrouped_expr(expr), Expr::Lit(syn::ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }))
}

/// Whether it is an integer without a type of its own, far below 2^63.
fn is_int(expr: &Expr) -> bool {
    matches!(ungrouped_expr(expr), Expr::Lit(syn::ExprLit { lit: Lit::Int(lit), .. })
        if lit.suffix().is_empty() && lit.base10_parse::<u32>().is_ok())
}

/// Whether it is an integer that is written out, and not zero.
fn is_positive(expr: &Expr) -> bool {
    match ungrouped_expr(expr) {
        Expr::Lit(syn::ExprLit { lit: Lit::Int(lit), .. }) => {
            !lit.base10_digits().trim_start_matches('0').is_empty()
        }
        _ => false,
    }
}

/// Whether the type holds no number of less than 64 bits, and none without a sign.
fn is_wide_type(ty: &Type) -> bool {
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
