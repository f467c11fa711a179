//! Finds out which module a value is, as steps from `self`: a field, each element of a list, a field of a variant.
//!
//! A call of a child's own method needs that method compiled with the child. Only rustc knows the child's
//! type, so the generated code walks from `self` to the child by the same steps and asks it.

use syn::{Ident, Member, Pat, Path};

use super::Cx;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator};

/// The steps from `self` to a module. They may lead to many modules, or to none.
#[derive(Clone, Debug, Default)]
pub struct Origin(pub Vec<Step>);

/// One step towards a module.
#[derive(Clone, Debug)]
pub enum Step {
    /// `.name` or `.0`.
    Field(Member),
    /// Each element of a list, an option or a map.
    Elements,
    /// A part of an element that is a pair: of a list's, or the key and the value of a map's.
    OfPair(usize),
    /// A field of an enum's variant.
    Variant(Path, Member),
}

/// A call of a child's method.
#[derive(Clone, Debug)]
pub struct ChildCall {
    pub origin: Origin,
    pub method: Ident,
    /// The slot of the function that the method is, where the child is data.
    pub function: Option<usize>,
}

/// The modules in the items of an iterator: an item is a module, or a tuple that holds some.
#[derive(Clone, Debug)]
pub enum Items {
    One(Origin),
    Tuple(Vec<Option<Items>>),
}

impl ChildCall {
    /// Whether the child is found by fields alone.
    pub fn is_plain(&self) -> bool {
        self.origin.0.iter().all(|step| matches!(step, Step::Field(_)))
    }
}

impl Origin {
    pub fn then(mut self, step: Step) -> Origin {
        self.0.push(step);
        self
    }

    /// Whether it is the module itself, not a child.
    pub fn is_self(&self) -> bool {
        self.0.is_empty()
    }
}

impl Cx {
    /// The module that `expr` may be; none where it is certainly no module.
    pub fn origin_of(&self, expr: &syn::Expr) -> Option<Origin> {
        match expr {
            syn::Expr::Paren(expr) => self.origin_of(&expr.expr),
            syn::Expr::Group(expr) => self.origin_of(&expr.expr),
            syn::Expr::Reference(expr) => self.origin_of(&expr.expr),
            syn::Expr::Unary(expr) if matches!(expr.op, syn::UnOp::Deref(_)) => self.origin_of(&expr.expr),
            syn::Expr::Path(path) => {
                let ident = path.path.get_ident()?;
                match self.scope.lookup(ident) {
                    Some(value) => self.origin_of_value(&Expr::new(value.clone(), Range::default())),
                    None => (ident == "self").then(Origin::default),
                }
            }
            syn::Expr::Field(expr) => {
                Some(self.origin_of(&expr.base)?.then(Step::Field(expr.member.clone())))
            }
            syn::Expr::Index(expr) => Some(self.origin_of(&expr.expr)?.then(Step::Elements)),
            syn::Expr::MethodCall(call) if call.args.is_empty() => {
                let origin = self.origin_of(&call.receiver)?;
                match call.method.to_string().as_str() {
                    "as_ref" | "as_deref" | "borrow" => Some(origin),
                    "unwrap" | "first" | "last" => Some(origin.then(Step::Elements)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// The modules of which an `if` or a `match` gives one.
    pub fn choices_of(&self, expr: &syn::Expr) -> Vec<Origin> {
        let of_block = |block: &syn::Block| match block.stmts.last() {
            Some(syn::Stmt::Expr(expr, None)) => self.choices_of(expr),
            _ => vec![],
        };
        match expr {
            syn::Expr::Paren(expr) => self.choices_of(&expr.expr),
            syn::Expr::Group(expr) => self.choices_of(&expr.expr),
            syn::Expr::Block(expr) => of_block(&expr.block),
            syn::Expr::If(expr) => {
                let otherwise = expr.else_branch.iter().flat_map(|(_, it)| self.choices_of(it));
                of_block(&expr.then_branch).into_iter().chain(otherwise).collect()
            }
            syn::Expr::Match(expr) => expr.arms.iter().flat_map(|arm| self.choices_of(&arm.body)).collect(),
            expr => self.origin_of(expr).into_iter().collect(),
        }
    }

    /// The modules that an iterator yields.
    pub fn items_of(&self, expr: &syn::Expr) -> Option<Items> {
        let elements = |origin: Origin| Items::One(origin.then(Step::Elements));
        match expr {
            syn::Expr::Paren(expr) => self.items_of(&expr.expr),
            syn::Expr::Group(expr) => self.items_of(&expr.expr),
            syn::Expr::MethodCall(call) => match (call.method.to_string().as_str(), call.args.first()) {
                ("iter" | "into_iter" | "iter_mut", None) => self.origin_of(&call.receiver).map(elements),
                ("rev", None) | ("skip" | "take" | "step_by", Some(_)) => self.items_of(&call.receiver),
                ("enumerate", None) => Some(Items::Tuple(vec![None, Some(self.items_of(&call.receiver)?)])),
                ("zip", Some(other)) => {
                    Some(Items::Tuple(vec![self.items_of(&call.receiver), self.items_of(other)]))
                }
                _ => None,
            },
            other => self.origin_of(other).map(elements),
        }
    }

    /// Notes for the names in a pattern which modules they hold.
    pub fn note_origins(&mut self, pat: &Pat, items: &Items) {
        match (pat, items) {
            (Pat::Paren(pat), _) => self.note_origins(&pat.pat, items),
            (Pat::Reference(pat), _) => self.note_origins(&pat.pat, items),
            (Pat::Type(pat), _) => self.note_origins(&pat.pat, items),
            (Pat::Ident(pat), Items::One(origin)) => {
                if let Some(ExprKind::Var(name)) = self.scope.lookup(&pat.ident).cloned() {
                    self.scope.set_origin(&name, origin.clone());
                }
            }
            (Pat::Tuple(pat), Items::Tuple(items)) => {
                for (pat, items) in pat.elems.iter().zip(items) {
                    if let Some(items) = items {
                        self.note_origins(pat, items);
                    }
                }
            }
            // The items of a map are pairs of references.
            (Pat::Tuple(pat), Items::One(origin))
                if pat.elems.len() == 2 && matches!(origin.0.last(), Some(Step::Elements)) =>
            {
                for (i, pat) in pat.elems.iter().enumerate() {
                    self.note_origins(pat, &Items::One(origin.clone().then(Step::OfPair(i))));
                }
            }
            (Pat::Tuple(pat), Items::One(origin)) => {
                for (i, pat) in pat.elems.iter().enumerate() {
                    let field = Step::Field(Member::from(i));
                    self.note_origins(pat, &Items::One(origin.clone().then(field)));
                }
            }
            _ => {}
        }
    }

    /// Notes that the module `value` is this variant of its enum from here on.
    pub fn note_variant(&mut self, value: &Expr, variant: &Path) {
        if let ExprKind::Var(name) = &value.kind {
            self.scope.set_variant(name, variant.clone());
        }
    }

    /// The module that a lowered value is, if it is a variable or a field.
    pub fn origin_of_value(&self, value: &Expr) -> Option<Origin> {
        match &value.kind {
            ExprKind::Var(name) if name == "self" => Some(Origin::default()),
            ExprKind::Var(name) => self.scope.origin(name).cloned(),
            ExprKind::Select(base, field) => {
                let member = syn::parse_str::<Ident>(field).map_or_else(
                    |_| Member::Named(Ident::new_raw(field, proc_macro2::Span::call_site())),
                    Member::Named,
                );
                self.origin_of_field(base, member)
            }
            ExprKind::Apply { callee, args, .. } => match (&callee.kind, &args[..]) {
                // The module that a pattern found in an option, and one that is a variant of an enum.
                (ExprKind::Operator(Operator::Unwrap), [value])
                | (ExprKind::Operator(Operator::AsVariant), [value, _]) => self.origin_of_value(value),
                (ExprKind::Operator(Operator::Field), [base, index]) => {
                    let ExprKind::Number(index) = &index.kind else { return None };
                    self.origin_of_field(base, Member::from(index.parse::<usize>().ok()?))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn origin_of_field(&self, base: &Expr, member: Member) -> Option<Origin> {
        let origin = self.origin_of_value(base)?;
        let of = match &base.kind {
            ExprKind::Apply { callee, args, .. } if callee.is_operator(Operator::AsVariant) => &args[0].kind,
            kind => kind,
        };
        let variant = match of {
            ExprKind::Var(name) => self.scope.variant(name),
            _ => None,
        };
        Some(origin.then(match variant {
            Some(variant) => Step::Variant(variant.clone(), member),
            None => Step::Field(member),
        }))
    }
}
