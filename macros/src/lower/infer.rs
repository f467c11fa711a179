//! Asks for types that nobody wrote: rustc infers them, see `emit::inferred`.
//!
//! What is asked about is known by its number in the body, in the order of syn's visitors, which the arguments of macros
//! that are lowered belong to. Code that lowering makes itself has none.

use std::collections::HashMap;
use std::rc::Rc;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Token;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::visit::{Visit, visit_expr};

use super::Cx;
use super::format::inline_names;
use super::widths::Narrow;
use crate::syntax::{Expr, ExprKind, Operator, Slot, TypeSlot};
use crate::types;

/// A type that Rust evaluates.
#[derive(Clone, Debug)]
pub enum SlotType {
    Written(syn::Type),
    Inferred(Inferred),
    /// That of a parameter which may be a module: a reference.
    Parameter(syn::TypeReference),
}

/// A constant that Rust evaluates.
#[derive(Clone, Debug)]
pub enum SlotConstant {
    Written(syn::Expr),
    /// The smallest, or the largest, integer of an inferred type.
    Low(Inferred),
    High(Inferred),
    /// The name of the inferred type, if it is a number that TorchScript computes with otherwise.
    Number(Inferred),
    /// The name of the inferred type, a primitive one, which the value is converted to.
    Primitive(Inferred),
}

/// As the pages of forms show it.
impl std::fmt::Display for SlotConstant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let code = |expr: &syn::Expr| expr.to_token_stream().to_string().replace(' ', "");
        match self {
            SlotConstant::Written(expr) => f.write_str(&code(expr)),
            SlotConstant::Low(it) => write!(f, "the smallest of the type of {}", code(&it.expr)),
            SlotConstant::High(it) => write!(f, "the largest of the type of {}", code(&it.expr)),
            SlotConstant::Number(it) => write!(f, "the number type of {}", code(&it.expr)),
            SlotConstant::Primitive(it) => write!(f, "the type of {}", code(&it.expr)),
        }
    }
}

/// A type that rustc infers.
#[derive(Clone, Debug)]
pub struct Inferred {
    /// The number of the expression in the body.
    pub number: usize,
    pub of: Of,
    /// The expression, to be blamed.
    pub expr: syn::Expr,
}

/// Whose type it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Of {
    /// That of the expression.
    Value,
    /// The same, of a value that is not moved.
    Place,
    /// That of a list of what the expression, an iterator, gives.
    Items,
    /// That of the receiver of a method of the user's, which may change or consume it.
    Receiver,
    /// That of the operand of an operator, which may be of any type, as those that follow.
    Operand,
    /// That of the place that an operator assigns.
    Assigned,
    /// That of the receiver of a method that numbers have.
    Operated,
    /// That of the receiver of a method that uses a trait of it, or of its elements: of what an iterator gives.
    Elements,
    /// That of a value that is indexed.
    Indexed,
    /// That of a value that is looked at only.
    Borrowed,
}

/// A use of a value that may be of a type of the user's. What is compiled computes with the data that stand for it: the
/// fields, or the number of a variant.
#[derive(Clone, Debug)]
pub struct Use {
    pub value: Inferred,
    pub by: By,
}

/// What a value is used by. On a type of the user's, it may do anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum By {
    /// `clone`, also of what holds the value.
    Clone,
    /// `from` or `into`.
    Conversion,
    /// `default`.
    Default,
    /// `==`, also by a method such as `contains`.
    Equality,
    /// A method that numbers or lists have.
    Method,
    /// An operator of numbers, or of lists.
    Operator,
    /// `<`, also by a method such as `sort`.
    Order,
    /// The text of the value.
    Text,
}

/// The numbers of the expressions of a body, by their addresses. The body is borrowed for as long as it is lowered.
#[derive(Default)]
pub struct Numbers {
    numbers: HashMap<usize, usize>,
    next: usize,
    /// The numbers of calls of methods, by the addresses of what the expressions hold.
    calls: HashMap<usize, usize>,
    /// The arguments of macros, by the addresses of these.
    arguments: HashMap<usize, Arguments>,
}

type Arguments = Rc<[syn::Expr]>;

impl Numbers {
    pub fn of(body: &syn::Block) -> Numbers {
        let mut numbers = Numbers::default();
        numbers.visit_block(body);
        numbers
    }

    /// The number of an expression of the body.
    pub fn number(&self, expr: &syn::Expr) -> Option<usize> {
        self.numbers.get(&address(expr)).copied()
    }

    /// The number of a call of a method in the body.
    pub fn number_of_call(&self, call: &syn::ExprMethodCall) -> Option<usize> {
        self.calls.get(&address(call)).copied()
    }

    /// The arguments of a macro of the body.
    pub fn arguments(&self, mac: &syn::Macro) -> Option<Arguments> {
        self.arguments.get(&address(mac)).cloned()
    }
}

impl<'ast> Visit<'ast> for Numbers {
    fn visit_expr(&mut self, expr: &'ast syn::Expr) {
        self.numbers.insert(address(expr), self.next);
        self.next += 1;
        visit_expr(self, expr);
    }

    fn visit_expr_method_call(&mut self, call: &'ast syn::ExprMethodCall) {
        self.calls.insert(address(call), self.next - 1);
        syn::visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        let Some(arguments) = arguments(mac) else { return };
        let arguments: Arguments = arguments.into();
        arguments.iter().for_each(|it| self.visit_expr(it));
        self.arguments.insert(address(mac), arguments);
    }
}

fn address<T>(node: &T) -> usize {
    std::ptr::from_ref(node).addr()
}

/// A value, and what stands behind it.
pub fn value_and_rest(input: ParseStream<'_>) -> syn::Result<(syn::Expr, TokenStream)> {
    Ok((input.parse()?, input.parse()?))
}

/// The arguments of a macro that is lowered: an array, for `vec!`; the value, for `matches!`; the names in a format string,
/// behind the others. None where the macro is another one, or its arguments are no expressions.
pub fn arguments(mac: &syn::Macro) -> Option<Vec<syn::Expr>> {
    let tokens = &mac.tokens;
    let name = mac.path.segments.last()?.ident.to_string();
    let name = name.trim_start_matches("debug_");
    match name {
        // The tokens are parsed as an array, so that they keep their spans.
        "vec" => Some(vec![syn::parse2(quote!([#tokens])).ok()?]),
        "matches" => Some(vec![value_and_rest.parse2(tokens.clone()).ok()?.0]),
        "assert" | "assert_eq" | "assert_ne" | "ensure" | "panic" | "unreachable" | "bail" | "todo"
        | "unimplemented" | "println" | "print" | "format" | "format_args" | "anyhow" => {
            let parser = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
            let mut arguments: Vec<syn::Expr> = parser.parse2(tokens.clone()).ok()?.into_iter().collect();
            let format = match name {
                "assert" | "ensure" => 1,
                "assert_eq" | "assert_ne" => 2,
                _ => 0,
            };
            let names = arguments.get(format..).map(inline_names).unwrap_or_default();
            arguments.extend(names.into_iter().map(|name| syn::parse_quote!(#name = #name)));
            Some(arguments)
        }
        _ => None,
    }
}

/// Visits the arguments of a macro that is lowered, which syn's visitors pass by.
pub fn visit_arguments(visitor: &mut impl for<'ast> Visit<'ast>, mac: &syn::Macro) {
    for argument in arguments(mac).into_iter().flatten() {
        match &argument {
            // A name, as in `format!("{x}", x = 1)`.
            syn::Expr::Assign(named) => visitor.visit_expr(&named.right),
            argument => visitor.visit_expr(argument),
        }
    }
}

impl Cx {
    /// The type of `expr`; none where rustc cannot be asked about it.
    pub fn infer(&mut self, expr: &syn::Expr) -> Option<TypeSlot> {
        self.ask(expr, Of::Value)
    }

    /// The type of a list of what the iterator `expr` gives.
    pub fn infer_items(&mut self, expr: &syn::Expr) -> Option<TypeSlot> {
        self.ask(expr, Of::Items)
    }

    /// Runs `f` while `copies` have the numbers of `originals`: code that lowering makes from code of the body.
    pub fn with_copies<R>(
        &mut self,
        originals: &[&syn::Expr],
        copies: &[&syn::Expr],
        f: impl FnOnce(&mut Self) -> R,
    ) -> R {
        let mut added = Numbers::default();
        for (original, copy) in originals.iter().zip(copies) {
            if let Some(number) = self.numbers.number(original) {
                added.next = number;
                added.visit_expr(copy);
            }
        }
        let (numbers, arguments): (Vec<_>, Vec<_>) =
            (added.numbers.keys().copied().collect(), added.arguments.keys().copied().collect());
        self.numbers.numbers.extend(added.numbers);
        self.numbers.arguments.extend(added.arguments);
        let result = f(self);
        // Other code may stand at the same addresses later.
        for address in &numbers {
            self.numbers.numbers.remove(address);
        }
        for address in &arguments {
            self.numbers.arguments.remove(address);
        }
        result
    }

    /// Gives `copy` the numbers of `original` from now on.
    pub fn keep_numbers(&mut self, original: &syn::Expr, copy: &syn::Expr) {
        if let Some(number) = self.numbers.number(original) {
            let next = std::mem::replace(&mut self.numbers.next, number);
            self.numbers.visit_expr(copy);
            self.numbers.next = next;
        }
    }

    /// The arguments of a macro, which are expressions.
    pub fn macro_arguments(&self, mac: &syn::Macro) -> Option<Arguments> {
        self.numbers.arguments(mac).or_else(|| arguments(mac).map(Rc::from))
    }

    fn ask(&mut self, expr: &syn::Expr, of: Of) -> Option<TypeSlot> {
        let inferred = self.inferred(expr, of)?;
        let range = self.range(expr);
        Some(self.add_type(SlotType::Inferred(inferred), range))
    }

    /// The smallest and the largest integer of the type of `expr`.
    pub fn bounds(&mut self, expr: &syn::Expr) -> Option<[Expr; 2]> {
        let inferred = self.inferred(expr, Of::Value)?;
        let range = self.range(expr);
        Some([SlotConstant::Low(inferred.clone()), SlotConstant::High(inferred)].map(|bound| {
            self.made.constants.push(bound);
            Expr::slot(Slot::Constant(self.made.constants.len() - 1), range)
        }))
    }

    /// The type of the number that `expr` is, or of those that it holds, to be asked for while compiling; none where it is
    /// one that TorchScript has, as far as the text says.
    pub fn number_type(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let number = self.numbers.number(expr)?;
        let Narrow { results, types, places, .. } = &self.narrow;
        let of = match places.contains(&number) {
            true => Of::Place,
            false if results.contains(&number) || types.contains(&number) => Of::Value,
            false => return None,
        };
        let inferred = self.inferred(expr, of)?;
        let range = self.range(expr);
        self.made.constants.push(SlotConstant::Number(inferred));
        Some(Expr::slot(Slot::Constant(self.made.constants.len() - 1), range))
    }

    /// Whether the text says of the expression that it is an integer with a sign, and not negative.
    pub fn is_natural(&self, expr: &syn::Expr) -> bool {
        self.numbers.number(expr).is_some_and(|number| self.narrow.natural.contains(&number))
    }

    /// The name of the type that a call gives, a primitive one, to be asked for while compiling.
    pub fn primitive_of(&mut self, call: &syn::ExprMethodCall) -> Option<Expr> {
        let number = self.numbers.number_of_call(call)?;
        let expr = syn::Expr::MethodCall(call.clone());
        let range = self.range(&expr);
        self.made.constants.push(SlotConstant::Primitive(Inferred { number, of: Of::Value, expr }));
        Some(Expr::slot(Slot::Constant(self.made.constants.len() - 1), range))
    }

    /// The value of `expr` as a number of its type, which TorchScript's own operator may have missed: wrapped around, or
    /// rounded.
    pub fn exact(&mut self, expr: &syn::Expr, mut value: Expr) -> Expr {
        if let ExprKind::Error = value.kind {
            return value;
        }
        if !self.numbers.number(expr).is_some_and(|it| self.narrow.results.contains(&it)) {
            return value;
        }
        let Some(number) = self.number_type(expr) else { return value };
        // These do more than to change the result.
        if let ExprKind::Apply { callee, args, .. } = &mut value.kind
            && let ExprKind::Operator(op) = callee.kind
            && matches!(
                op,
                Operator::Div
                    | Operator::DivEuclid
                    | Operator::Product
                    | Operator::Rem
                    | Operator::RemEuclid
                    | Operator::Shl
                    | Operator::Shr
                    | Operator::Sum
            )
        {
            args.push(number);
            return value;
        }
        let range = value.range;
        Expr::rust_op(Operator::Exact, vec![value, number], range)
    }

    pub fn inferred(&self, expr: &syn::Expr, of: Of) -> Option<Inferred> {
        let number = self.numbers.number(expr)?;
        Some(Inferred { number, of, expr: expr.clone() })
    }

    /// Lowers a value that is stored. TorchScript does not know what a `None` is an option of, nor what an empty list
    /// or map holds.
    pub fn lower_stored(&mut self, expr: &syn::Expr) -> Expr {
        if is_none(expr) && !self.expected.as_ref().is_some_and(types::is_option) {
            return self.none_of(expr);
        }
        match expr {
            syn::Expr::Array(array) if array.elems.is_empty() && !self.expects(LIST) => {
                self.infer(expr).map_or_else(|| self.lower_expr(expr), empty)
            }
            expr => self.lower_expr(expr),
        }
    }

    /// `None`, of the type of `expr`.
    pub fn none_of(&mut self, expr: &syn::Expr) -> Expr {
        self.infer(expr).map_or_else(|| Expr::none(self.range(expr)), none)
    }

    /// Lowers an expression whose value takes a type that rustc infers; none where it is no such expression.
    pub fn lower_inferred(&mut self, expr: &syn::Expr) -> Option<Expr> {
        self.lower_empty(expr).or_else(|| self.lower_taken(expr)).or_else(|| self.lower_default(expr))
    }

    /// `Default::default()`, of the type that it has there.
    fn lower_default(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let syn::Expr::Call(call) = expr else { return None };
        let syn::Expr::Path(func) = &*call.func else { return None };
        let is_default = types::path_is_named(&func.path, &["default"]) && call.args.is_empty();
        if !is_default || func.path.segments.iter().any(|it| it.ident == "Self") {
            return None;
        }
        self.default_of(expr)
    }

    /// The default of the type of `expr`.
    fn default_of(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let slot = self.infer(expr)?;
        let value = self.inferred(expr, Of::Value)?;
        self.made.uses.push(Use { value, by: By::Default });
        Some(Expr::slot(Slot::Default(slot.index), slot.range))
    }

    /// `mem::take(&mut place)`, `option.take()` and `option.replace(value)`: the value that was there, before another
    /// one is assigned.
    fn lower_taken(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let range = self.range(expr);
        match expr {
            syn::Expr::Call(call) => {
                let syn::Expr::Path(func) = &*call.func else { return None };
                let segments: Vec<String> =
                    func.path.segments.iter().map(|it| it.ident.to_string()).collect();
                if !matches!(&segments[..], [.., of, name] if of == "mem" && name == "take")
                    || call.args.len() != 1
                {
                    return None;
                }
                self.note_std_function(func);
                let Some(place) = self.changed(&call.args[0]) else { return Some(Expr::error()) };
                let value = self.default_of(expr)?;
                Some(self.replaced(place, value, range))
            }
            syn::Expr::MethodCall(call) => match (&*call.method.to_string(), call.args.first()) {
                ("take", None) => {
                    let place = self.place(&call.receiver)?;
                    let nothing = self.none_of(expr);
                    Some(self.replaced(place, nothing, range))
                }
                ("replace", Some(value)) if call.args.len() == 1 => {
                    let place = self.place(&call.receiver)?;
                    let value = self.lower_expr(value);
                    let value = self.once(value).optional();
                    Some(self.replaced(place, value, range))
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// The empty list or map that `expr` makes without its types; none where the declared type says what it is.
    fn lower_empty(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let (names, args) = empty_collection(expr)?;
        if self.expects(names) {
            return None;
        }
        let slot = self.infer(expr)?;
        self.discard(&args);
        Some(empty(slot))
    }

    /// Whether the declared type has one of these names.
    fn expects(&self, names: &[&str]) -> bool {
        self.expected.as_ref().is_some_and(|ty| types::is_named(ty, names))
    }
}

const LIST: &[&str] = &["Vec"];
const MAP: &[&str] = &["HashMap", "BTreeMap"];

fn none(slot: TypeSlot) -> Expr {
    let ty = Expr::slot(Slot::Type(slot.index), slot.range);
    Expr::rust_op(Operator::Annotate, vec![ty, Expr::none(slot.range)], slot.range)
}

fn empty(slot: TypeSlot) -> Expr {
    Expr::slot(Slot::Default(slot.index), slot.range)
}

/// Whether the value is, or may be, `None` as it is written.
pub fn may_be_none(expr: &syn::Expr) -> bool {
    let of_block = |block: &syn::Block| match block.stmts.last() {
        Some(syn::Stmt::Expr(expr, None)) => may_be_none(expr),
        _ => false,
    };
    match types::ungrouped_expr(expr) {
        syn::Expr::If(expr) => {
            let otherwise = expr.else_branch.as_ref().is_some_and(|it| may_be_none(&it.1));
            otherwise || of_block(&expr.then_branch)
        }
        syn::Expr::Match(expr) => expr.arms.iter().any(|arm| may_be_none(&arm.body)),
        syn::Expr::Block(expr) => of_block(&expr.block),
        expr => is_none(expr),
    }
}

fn is_none(expr: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = types::ungrouped_expr(expr) else { return false };
    let is_plain = path.path.segments.iter().all(|segment| segment.arguments.is_none());
    is_plain && path.qself.is_none() && super::results::names_variant(&path.path, "Option", &["None"])
}

/// For an expression that makes an empty collection without naming its types: the names that the collection may have,
/// and the arguments.
fn empty_collection(expr: &syn::Expr) -> Option<(&'static [&'static str], Vec<&syn::Expr>)> {
    match expr {
        syn::Expr::Macro(it) if it.mac.tokens.is_empty() && it.mac.path.is_ident("vec") => {
            Some((LIST, vec![]))
        }
        syn::Expr::Call(call) => {
            let syn::Expr::Path(path) = &*call.func else { return None };
            let segments = &path.path.segments;
            let is_plain = segments.iter().all(|segment| segment.arguments.is_none());
            let ty = segments.get(segments.len().checked_sub(2)?)?.ident.to_string();
            let names = match ty.as_str() {
                "Vec" => LIST,
                "HashMap" | "BTreeMap" => MAP,
                _ => return None,
            };
            let makes = segments.last().map(|last| last.ident.to_string());
            let n_args = match makes.as_deref() {
                Some("new" | "default") => 0,
                Some("with_capacity") => 1,
                _ => return None,
            };
            let is_empty = is_plain && path.qself.is_none() && call.args.len() == n_args;
            is_empty.then(|| (names, call.args.iter().collect()))
        }
        _ => None,
    }
}
