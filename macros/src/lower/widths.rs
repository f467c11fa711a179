//! Finds the expressions of a body whose numbers may be narrower than TorchScript's, which have 64 bits.
//!
//! rustc knows the type of each, but asking takes another type check of the method (`infer.rs`). So the text is read
//! first: where a tensor, an `i64` or an `f64` stands on one side of an operator, there is nothing to ask. Only what is
//! certain counts; no type is guessed.

use std::collections::{BTreeMap, HashMap, HashSet};

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{BinOp, Expr, FnArg, Lit, Pat, Signature, Type, UnOp};

use super::by_type::is_method_of_numbers;
use super::chain::is_iterator;
use super::infer::{By, Numbers, Of};
use super::known::Known::{self, Natural, Nothing, Number, Value, Wide};
use super::known::{
    Facts, ROUNDED, is_arithmetic, is_bitwise, is_comparison, is_int, is_of, is_shift, is_tensor_method,
    is_wide_type, of_items, of_type,
};
use super::signature::{is_constant, is_part_of_self};
use super::traits::{self, may_be_own};
use crate::types::{self, ungrouped_expr};

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
    /// Receivers that may be of a type of the user's, of methods that the standard library has, too.
    pub receivers: HashSet<usize>,
    /// Receivers that were made as values of a type of the user's.
    pub own: HashSet<usize>,
    /// Uses of what may be of a type of the user's, see [`super::Use`].
    pub uses: BTreeMap<(usize, Of, By), Expr>,
}

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
            facts: Facts::new(learned),
            is_wide_here: false,
            returns_wide: matches!(&sig.output, syn::ReturnType::Type(_, ty) if is_wide_type(ty)),
            narrow: Narrow::default(),
            changed: HashSet::new(),
        };
        for input in &sig.inputs {
            if let FnArg::Typed(input) = input {
                widths.facts.bind(&input.pat, of_type(&input.ty));
            }
        }
        widths.is_wide_here = widths.returns_wide;
        widths.visit_block(body);
        learned = widths.facts.learned;
        if learned.len() == n_before {
            return widths.narrow;
        }
    }
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
    "sort_by_cached_key",
    "sort_by_key",
    "sort_unstable_by",
    "sort_unstable_by_key",
    "take_while",
];

struct Widths<'n> {
    numbers: &'n Numbers,
    facts: Facts,
    /// Whether the place of the next expression is certainly one of a wide value.
    is_wide_here: bool,
    /// Whether what the function around it returns is wide.
    returns_wide: bool,
    narrow: Narrow,
    /// The elements that may be changed where they stand.
    changed: HashSet<usize>,
}

impl Widths<'_> {
    fn scoped(&mut self, f: impl FnOnce(&mut Self)) {
        self.facts.enter();
        f(self);
        self.facts.leave();
    }

    /// Notes what the operands of an operator tell of each other. A tensor tells nothing: it is added to all numbers.
    fn learn_from(&mut self, it: &syn::ExprBinary) {
        let (left, right) = (self.facts.known(&it.left), self.facts.known(&it.right));
        let is_comparison = !is_arithmetic(&it.op) && !is_bitwise(&it.op);
        let is_assignment = super::operator::is_assignment(&it.op);
        if left >= Number {
            self.facts.learn(&it.right, if is_comparison || is_assignment { Number } else { Wide });
        }
        if right >= Number {
            self.facts.learn(&it.left, if is_comparison { Number } else { Wide });
        }
    }

    fn ask_result(&mut self, expr: &Expr) {
        self.narrow.results.extend(self.numbers.number(expr));
    }

    fn ask_type(&mut self, expr: &Expr) {
        self.narrow.types.extend(self.numbers.number(expr));
    }

    /// Asks whether the value that is used is of a type of the user's.
    fn ask_use(&mut self, expr: &Expr, of: Of, by: By) {
        if self.facts.known(expr) == Nothing && may_be_own(expr) {
            self.note_use(expr, of, by);
        }
    }

    fn note_use(&mut self, expr: &Expr, of: Of, by: By) {
        let number = self.numbers.number(expr);
        self.narrow.uses.extend(number.map(|number| ((number, of, by), expr.clone())));
    }

    /// Asks whether a value whose traits are used, or those of its elements, is of a type of the user's.
    fn ask_traits(&mut self, expr: &Expr, of: Of, by: impl IntoIterator<Item = By>) {
        for by in by {
            if traits::may_hold_own(expr, &self.facts) {
                self.note_use(expr, of, by);
            }
        }
    }

    /// Notes an element that may be changed: it cannot be looked at meanwhile.
    fn note_changed(&mut self, expr: &Expr) {
        let place = match expr {
            Expr::MethodCall(it) => &it.receiver,
            Expr::Assign(it) => &it.left,
            Expr::Binary(it) if super::operator::is_assignment(&it.op) => &it.left,
            Expr::Reference(it) if it.mutability.is_some() => &it.expr,
            // Of what may be changed, this is a part.
            Expr::Field(it) => &it.base,
            Expr::Index(it) => &it.expr,
            _ => return,
        };
        if let Expr::Index(_) = ungrouped_expr(place) {
            self.changed.extend(self.numbers.number(ungrouped_expr(place)));
        }
    }

    /// Asks how the operands are compared. Both are of one type, and rustc need not infer that of some.
    fn ask_compared(&mut self, left: &Expr, right: &Expr, by: By) {
        let is_known = |expr: &Expr| is_part_of_self(expr) || is_constant(expr);
        let [first, second] = if is_known(left) { [left, right] } else { [right, left] };
        if self.facts.known(second) == Nothing && may_be_own(second) {
            self.ask_use(first, Of::Borrowed, by);
            // A type may be compared with others. Of what is no variable, rustc may infer the type from the comparison.
            if is_place(second) && !is_part_of_self(second) {
                self.ask_use(second, Of::Borrowed, by);
            }
        }
    }

    fn ask_operands(&mut self, it: &syn::ExprBinary) {
        let is_assignment = super::operator::is_assignment(&it.op);
        self.ask_use(&it.left, if is_assignment { Of::Assigned } else { Of::Operand }, By::Operator);
        self.ask_use(&it.right, Of::Operand, By::Operator);
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
        let is_wide = self.facts.is_wide(&it.left) || !is_shift && self.facts.is_wide(&it.right);
        // `n * level` may be an operator of the type of `level`, although `n` is a number.
        if is_arithmetic(&it.op) || is_bitwise(&it.op) || is_comparison(&it.op) && is_wide {
            self.ask_operands(it);
        } else if is_comparison(&it.op) {
            let is_equality = matches!(it.op, BinOp::Eq(_) | BinOp::Ne(_));
            self.ask_compared(&it.left, &it.right, if is_equality { By::Equality } else { By::Order });
        }
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

    /// Notes a division of what is not negative; the compiler may know that the divisor is positive.
    fn note_natural(&mut self, expr: &Expr, it: &syn::ExprBinary) {
        let is_natural = self.facts.known(&it.left) == Natural || is_int(&it.left);
        if is_natural && matches!(it.op, BinOp::Div(_) | BinOp::Rem(_)) {
            self.narrow.natural.extend(self.numbers.number(expr));
        }
    }

    fn visit_method(&mut self, expr: &Expr, call: &syn::ExprMethodCall) {
        let name = call.method.to_string();
        let is_wide = self.facts.is_wide(&call.receiver);
        let is_written = matches!(&*name, "sum" | "product") && self.facts.of_method(call) >= Wide;
        if !is_wide && !is_written && ROUNDED.contains(&&*name) {
            self.ask_result(expr);
        }
        if !is_wide && name == "to_string" {
            self.ask_place(&call.receiver);
            self.ask_use(&call.receiver, Of::Borrowed, By::Text);
        }
        if self.facts.known(&call.receiver) == Nothing
            && may_be_own(&call.receiver)
            && !is_iterator(&call.receiver)
            && !call.args.iter().any(|arg| matches!(ungrouped_expr(arg), Expr::Closure(_)))
        {
            self.narrow.receivers.extend(self.numbers.number(&call.receiver));
        }
        if let Expr::Path(_) = ungrouped_expr(&call.receiver)
            && self.facts.variable(&call.receiver).is_some_and(|it| it.is_own)
        {
            self.narrow.own.extend(self.numbers.number(&call.receiver));
        }
        let is_of_list =
            matches!(&*name, "len" | "is_empty" | "iter" | "into_iter") && is_place(&call.receiver);
        if is_of_list || ROUNDED.contains(&&*name) || is_method_of_numbers(&name) {
            self.ask_use(&call.receiver, Of::Operated, By::Method);
        }
        self.ask_traits(&call.receiver, Of::Elements, traits::of_receiver(&name).iter().copied());
        if let Some(by) = traits::of_result(&name) {
            self.ask_traits(expr, Of::Operand, Some(by));
        }
        self.visit_wide(&call.receiver, is_wide);
        let of_tensors = is_tensor_method(&name) && !self.facts.may_be_module(&call.receiver);
        let items = of_items(self.facts.known(&call.receiver));
        let first = call.args.first().map_or(Nothing, |arg| self.facts.known(arg));
        for (i, arg) in call.args.iter().enumerate() {
            self.ask_traits(arg, Of::Operand, traits::of_argument(&name, i));
            match ungrouped_expr(arg) {
                Expr::Closure(closure) if name == "fold" => self.visit_closure(closure, &[first, items]),
                Expr::Closure(closure) if OF_ITEMS.contains(&&*name) => {
                    self.visit_closure(closure, &[items, items]);
                    self.ask_traits(value_of(&closure.body), Of::Operand, traits::of_closure(&name));
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
                this.facts.bind(input, arguments.get(i).copied().unwrap_or(Nothing));
            }
            this.visit_expr(&closure.body);
        });
        self.returns_wide = returns_wide;
    }

    fn visit_function(&mut self, call: &syn::ExprCall) {
        let is_tensor = matches!(&*call.func, Expr::Path(path) if is_of(&path.path, &["Tensor"]));
        for arg in &call.args {
            // `Tensor::from(x)` has the kind of its argument.
            if is_tensor && call.args.len() == 1 && !self.facts.is_wide(arg) {
                self.ask_type(arg);
            }
            self.visit_wide(arg, is_tensor);
        }
        if let (Expr::Path(path), Some(first)) = (&*call.func, call.args.first()) {
            self.ask_traits(first, Of::Operand, traits::of_function(&path.path));
        }
    }
}

/// What a closure's body gives.
fn value_of(body: &Expr) -> &Expr {
    match body {
        Expr::Block(it) => match it.block.stmts.last() {
            Some(syn::Stmt::Expr(value, None)) => value_of(value),
            _ => body,
        },
        body => body,
    }
}

impl<'ast> Visit<'ast> for Widths<'_> {
    fn visit_expr(&mut self, expr: &'ast Expr) {
        self.note_changed(expr);
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
                // In TorchScript it is the value itself. Of variables, most are references.
                if matches!(it.op, UnOp::Deref(_)) && is_part_of_self(&it.expr) {
                    self.ask_use(&it.expr, Of::Operand, By::Operator);
                }
                let is_literal = matches!(ungrouped_expr(&it.expr), Expr::Lit(_));
                let is_asked = match it.op {
                    UnOp::Neg(_) => !is_literal,
                    UnOp::Not(_) => !is_truth(&it.expr),
                    _ => false,
                };
                if is_asked && !is_wide_here && !self.facts.is_wide(&it.expr) {
                    self.ask_result(expr);
                    self.ask_use(&it.expr, Of::Operand, By::Operator);
                }
                self.is_wide_here = is_wide_here;
                visit::visit_expr(self, expr);
            }
            Expr::Binary(it) if matches!(it.op, BinOp::And(_) | BinOp::Or(_)) => self.visit_condition(expr),
            Expr::Binary(it) if is_wide_here && is_arithmetic(&it.op) && !is_shift(&it.op) => {
                self.ask_operands(it);
                self.note_natural(expr, it);
                self.visit_wide(&it.left, true);
                self.visit_wide(&it.right, true);
            }
            Expr::Binary(it) => self.visit_binary(expr, it),
            Expr::MethodCall(call) => self.visit_method(expr, call),
            Expr::Call(call) => self.visit_function(call),
            Expr::Cast(it) => {
                if types::is_named(&it.ty, &["u64", "usize"]) {
                    match self.facts.known(&it.expr) {
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
            Expr::Index(it) => {
                let is_changed =
                    self.numbers.number(expr).is_some_and(|number| self.changed.contains(&number));
                if is_place(&it.expr) && (!is_changed || is_part_of_self(&it.expr)) {
                    self.ask_use(&it.expr, Of::Indexed, By::Operator);
                }
                visit::visit_expr(self, expr);
            }
            Expr::ForLoop(it) => {
                if is_place(&it.expr) {
                    self.ask_use(&it.expr, Of::Operand, By::Operator);
                }
                self.visit_expr(&it.expr);
                let known = of_items(self.facts.known(&it.expr));
                self.scoped(|this| {
                    this.facts.bind(&it.pat, known);
                    this.visit_block(&it.body);
                });
            }
            Expr::Let(it) => {
                self.visit_expr(&it.expr);
                let known = self.facts.known(&it.expr);
                self.facts.bind(&it.pat, known);
            }
            Expr::Match(it) => {
                self.visit_expr(&it.expr);
                let known = self.facts.known(&it.expr);
                for arm in &it.arms {
                    self.scoped(|this| {
                        this.facts.bind(&arm.pat, known);
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
            Expr::Repeat(it) => {
                self.ask_traits(&it.expr, Of::Operand, Some(By::Clone));
                visit::visit_expr(self, expr);
            }
            Expr::Closure(it) => self.visit_closure(it, &[]),
            Expr::Return(it) => {
                if let Some(value) = &it.expr {
                    self.visit_wide(value, self.returns_wide);
                }
            }
            Expr::Assign(it) => {
                let known = self.facts.known(&it.right);
                self.facts.learn(&it.left, known.min(Number));
                let is_wide = self.facts.is_wide(&it.left);
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
            known = declared.unwrap_or_else(|| self.facts.known(&init.expr));
            if let Some((_, diverge)) = &init.diverge {
                self.visit_expr(diverge);
            }
        }
        self.facts.bind(&local.pat, known);
        if let (Pat::Ident(pat), Some(init)) = (&local.pat, &local.init)
            && makes_own(&init.expr)
        {
            self.facts.set_own(&pat.ident);
        }
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let Some(arguments) = self.numbers.arguments(mac) else { return };
        let shows = types::path_is_named(
            &mac.path,
            &["format", "println", "print", "format_args", "panic", "bail", "anyhow"],
        );
        if let [left, right, ..] = &arguments[..]
            && types::path_is_named(
                &mac.path,
                &["assert_eq", "assert_ne", "debug_assert_eq", "debug_assert_ne"],
            )
        {
            self.ask_compared(left, right, By::Equality);
        }
        for argument in arguments.iter() {
            self.is_wide_here = false;
            let shown = match argument {
                Expr::Assign(named) => &named.right,
                argument => argument,
            };
            if shows && !matches!(shown, Expr::Lit(_)) && !self.facts.is_wide(shown) {
                self.ask_place(shown);
                self.ask_use(shown, Of::Borrowed, By::Text);
            }
            self.visit_expr(shown);
        }
    }

    // No values are computed in patterns, and items are not lowered with the body.
    fn visit_pat(&mut self, _: &'ast Pat) {}
    fn visit_item(&mut self, _: &'ast syn::Item) {}
    fn visit_type(&mut self, _: &'ast Type) {}
}

/// Whether the expression makes a value of a type of the user's, as far as its text says: `State { … }`, `State::new()`.
fn makes_own(expr: &Expr) -> bool {
    // Beside data, what the standard library and tch wrap values in.
    const WRAPPERS: &[&str] = &[
        "Arc",
        "Box",
        "Cell",
        "Cow",
        "GRUState",
        "IValue",
        "LSTMState",
        "Rc",
        "RefCell",
        "Reduction",
        "Result",
        "Scalar",
        "Self",
    ];
    let is_own = |path: &syn::Path| {
        // By convention, these give a value of the type itself.
        let makes = types::path_is_named(path, &["new", "default", "empty"]);
        let n = path.segments.len();
        let of = n.checked_sub(2).map(|i| path.segments[i].ident.to_string());
        let is_known = |of: &str| WRAPPERS.contains(&of) || types::FOREIGN.contains(&of);
        makes && of.is_some_and(|of| of.starts_with(char::is_uppercase) && !is_known(&of))
    };
    match ungrouped_expr(expr) {
        Expr::Struct(_) => true,
        Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if is_own(&path.path)),
        _ => false,
    }
}

/// Whether it is a variable or a part of one.
fn is_place(expr: &Expr) -> bool {
    match ungrouped_expr(expr) {
        Expr::Path(path) => path.path.get_ident().is_some(),
        Expr::Reference(it) => is_place(&it.expr),
        Expr::Field(it) => is_place(&it.base),
        _ => false,
    }
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
