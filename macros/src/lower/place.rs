//! Lowers places: what can be assigned, also by way of a reference.
//!
//! TorchScript has no references, and its tuples cannot change. So a name of a reference that something is assigned
//! through stands for the place itself, and a field is assigned by assigning a new struct to what holds it:
//!
//! ```text
//! let last = v.last_mut().unwrap(); *last += 1;    becomes    v[-1] += 1
//! out.energy = e;                                  becomes    out = $with(out, "energy", e)
//! ```

use std::collections::HashSet;

use syn::visit::{Visit, visit_expr_assign, visit_expr_binary, visit_expr_call, visit_expr_method_call};
use syn::{ExprMethodCall, Pat, UnOp};

use super::Cx;
use super::infer::visit_arguments;
use super::match_expr::Refutable;
use super::operator::is_assignment;
use super::results::names_variant;
use crate::names;
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, StmtKind};
use crate::types::ungrouped_expr;

/// Methods that give a reference which can be assigned through.
const REFERENCES: &[(&str, usize)] = &[
    ("as_mut", 0),
    ("as_deref_mut", 0),
    ("as_mut_slice", 0),
    ("borrow_mut", 0),
    ("first_mut", 0),
    ("last_mut", 0),
    ("get_mut", 1),
    ("or_default", 0),
    ("or_insert", 1),
    ("or_insert_with", 1),
    ("get_or_insert", 1),
    ("get_or_insert_with", 1),
];

/// The names in a body that something may be assigned through: `*x = …`, `x.field = …`, `x.take()`.
pub fn written(body: &syn::Block) -> HashSet<String> {
    #[derive(Default)]
    struct Written(HashSet<String>);
    impl Written {
        fn target(&mut self, expr: &syn::Expr) {
            match expr {
                syn::Expr::Tuple(it) => it.elems.iter().for_each(|it| self.target(it)),
                expr => self.0.extend(root(expr)),
            }
        }
    }
    impl<'ast> Visit<'ast> for Written {
        fn visit_expr_assign(&mut self, expr: &'ast syn::ExprAssign) {
            self.target(&expr.left);
            visit_expr_assign(self, expr);
        }
        fn visit_expr_binary(&mut self, expr: &'ast syn::ExprBinary) {
            if is_assignment(&expr.op) {
                self.target(&expr.left);
            }
            visit_expr_binary(self, expr);
        }
        fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
            if let syn::Expr::Path(path) = &*call.func
                && path.path.segments.iter().any(|segment| segment.ident == "mem")
            {
                call.args.iter().for_each(|it| self.target(it));
            }
            visit_expr_call(self, call);
        }
        fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
            if is_setter(call) || gives_reference(&syn::Expr::MethodCall(call.clone())) {
                self.target(&call.receiver);
            }
            visit_expr_method_call(self, call);
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            visit_arguments(self, mac);
        }
    }
    let mut written = Written::default();
    written.visit_block(body);
    written.0
}

/// Whether the method assigns its receiver in TorchScript: that of an option, or of a string.
fn is_setter(call: &ExprMethodCall) -> bool {
    matches!(
        (&*call.method.to_string(), call.args.len()),
        ("take", 0) | ("replace" | "insert" | "push_str" | "push", 1)
    )
}

/// The variable that a place is in.
fn root(expr: &syn::Expr) -> Option<String> {
    match ungrouped_expr(expr) {
        syn::Expr::Path(path) => path.path.get_ident().map(ToString::to_string),
        syn::Expr::Field(it) => root(&it.base),
        syn::Expr::Index(it) => root(&it.expr),
        syn::Expr::Reference(it) => root(&it.expr),
        syn::Expr::Unary(it) if matches!(it.op, UnOp::Deref(_)) => root(&it.expr),
        syn::Expr::MethodCall(call) => root(&call.receiver),
        _ => None,
    }
}

/// Whether the value is a reference that can be assigned through, or an option of one.
pub fn gives_reference(expr: &syn::Expr) -> bool {
    match ungrouped_expr(expr) {
        syn::Expr::Reference(it) => it.mutability.is_some(),
        syn::Expr::Try(it) => gives_reference(&it.expr),
        syn::Expr::MethodCall(call) => {
            let (name, n_args) = (call.method.to_string(), call.args.len());
            REFERENCES.contains(&(&*name, n_args))
                || matches!(&*name, "unwrap" | "expect") && gives_reference(&call.receiver)
        }
        _ => false,
    }
}

/// Whether the expression makes a value of its own.
fn is_temporary(expr: &syn::Expr) -> bool {
    matches!(
        ungrouped_expr(expr),
        syn::Expr::Array(_)
            | syn::Expr::Lit(_)
            | syn::Expr::Macro(_)
            | syn::Expr::Struct(_)
            | syn::Expr::Tuple(_)
    )
}

/// Whether a name that the pattern binds is written through.
pub fn binds_written(pat: &Pat, written: &HashSet<String>) -> bool {
    struct Names<'a>(&'a HashSet<String>, bool);
    impl<'ast> Visit<'ast> for Names<'_> {
        fn visit_pat_ident(&mut self, pat: &'ast syn::PatIdent) {
            self.1 |= self.0.contains(&pat.ident.to_string());
            syn::visit::visit_pat_ident(self, pat);
        }
    }
    let mut names = Names(written, false);
    names.visit_pat(pat);
    names.1
}

impl Cx {
    /// The place that `expr` is or refers to, with its indices in variables of their own. None where it is in no local
    /// variable, or only a copy of it is known: a name of a reference that was bound in a way that is not followed.
    pub fn place(&mut self, expr: &syn::Expr) -> Option<Expr> {
        self.attempt(|cx| cx.place_of(expr))
    }

    /// Whether something may be assigned through the name.
    pub fn is_written(&self, ident: &syn::Ident) -> bool {
        self.written.contains(&ident.to_string())
    }

    /// Whether the value is, or is a part of, a local variable that is declared `mut`.
    pub fn is_owned(&self, value: &ExprKind) -> bool {
        match value {
            ExprKind::Var(name) => self.scope.is_mutable(name),
            ExprKind::Subscript(base, _) | ExprKind::Select(base, _) => self.is_owned(&base.kind),
            ExprKind::Apply { callee, args, .. } => {
                matches!(
                    callee.kind,
                    ExprKind::Operator(Operator::Field | Operator::Unwrap | Operator::AsVariant)
                ) && args.first().is_some_and(|base| self.is_owned(&base.kind))
            }
            _ => false,
        }
    }

    fn place_of(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let range = self.range(expr);
        match expr {
            syn::Expr::Paren(it) => self.place_of(&it.expr),
            syn::Expr::Group(it) => self.place_of(&it.expr),
            syn::Expr::Reference(it) if is_temporary(&it.expr) => {
                let value = self.lower_expr(&it.expr);
                let place = self.spill(value, "temporary");
                if let ExprKind::Var(name) = &place.kind {
                    self.scope.set_mutable(name);
                }
                Some(place)
            }
            syn::Expr::Reference(it) => self.place_of(&it.expr),
            syn::Expr::Unary(it) if matches!(it.op, UnOp::Deref(_)) => match ungrouped_expr(&it.expr) {
                syn::Expr::Path(path) => {
                    let place = self.scope.referent(path.path.get_ident()?)?;
                    Some(Expr::new(place.clone(), range))
                }
                reference => self.place_of(reference),
            },
            syn::Expr::Path(path) => {
                let ident = path.path.get_ident()?;
                let value = self.scope.lookup(ident)?;
                let is_known = self.scope.referent(ident).is_some() || self.is_owned(value);
                is_known.then(|| Expr::new(value.clone(), range))
            }
            syn::Expr::Field(it) => {
                let base = self.place_of(&it.base)?;
                Some(match &it.member {
                    syn::Member::Named(_) => base.select(names::of_member(&it.member), range),
                    syn::Member::Unnamed(index) => Expr::field(base, index.index as usize, range),
                })
            }
            syn::Expr::Index(it) if !matches!(*it.index, syn::Expr::Range(_)) => {
                let base = self.container(&it.expr);
                let index = self.index(&it.index);
                Some(base.subscript(index, range))
            }
            syn::Expr::MethodCall(call) => self.referred(call, range),
            _ => None,
        }
    }

    /// The value of a method that gives a reference to an element or to what an option holds, and may add it.
    pub fn lower_reference(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let is_listed = |call: &ExprMethodCall| {
            REFERENCES.contains(&(&*call.method.to_string(), call.args.len()))
                && !matches!(
                    &*call.method.to_string(),
                    "as_mut" | "as_deref_mut" | "as_mut_slice" | "borrow_mut"
                )
        };
        let is_reference = match (&*call.method.to_string(), ungrouped_expr(&call.receiver)) {
            ("unwrap" | "expect", syn::Expr::MethodCall(of)) => is_listed(of),
            _ => is_listed(call),
        };
        if is_reference { self.attempt(|cx| cx.referred(call, range)) } else { None }
    }

    /// The place that the reference refers to which a method gives.
    fn referred(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let (name, first) = (call.method.to_string(), call.args.first());
        match (&*name, first) {
            ("as_mut" | "as_deref_mut" | "as_mut_slice" | "borrow_mut", None) => {
                self.place_of(&call.receiver)
            }
            ("unwrap", None) | ("expect", Some(_)) => {
                if let Some(element) = self.element(&call.receiver, range) {
                    return Some(element);
                }
                let option = self.place_of(&call.receiver)?;
                Some(Expr::rust_op(Operator::Unwrap, vec![option], range))
            }
            ("get_or_insert", Some(value)) => {
                let option = self.place_of(&call.receiver)?;
                let value = self.lower_expr(value);
                let value = self.once(value);
                self.fill(&option, |_| value, range);
                Some(Expr::rust_op(Operator::Unwrap, vec![option], range))
            }
            ("get_or_insert_with", Some(make)) => {
                let option = self.place_of(&call.receiver)?;
                self.fill(&option, |cx| cx.call_closure(make, vec![]), range);
                Some(Expr::rust_op(Operator::Unwrap, vec![option], range))
            }
            ("or_insert" | "or_insert_with" | "or_default", _) => self.entry(call, range),
            _ => None,
        }
    }

    /// The element in `list.last_mut()`, `list.first_mut()`, `list.get_mut(i)` and `map.get_mut(&key)`, where it is
    /// there.
    pub fn element(&mut self, expr: &syn::Expr, range: Range) -> Option<Expr> {
        let syn::Expr::MethodCall(call) = ungrouped_expr(expr) else { return None };
        let index = match (&*call.method.to_string(), call.args.first()) {
            ("last_mut", None) => Expr::int(-1, range),
            ("first_mut", None) => Expr::int(0, range),
            ("get_mut", Some(index)) => {
                let base = self.container(&call.receiver);
                let index = self.index(index);
                return Some(base.subscript(index, range));
            }
            _ => return None,
        };
        Some(self.container(&call.receiver).subscript(index, range))
    }

    /// `map.entry(key).or_insert(value)`: the element, which is added before where it is not there.
    fn entry(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let syn::Expr::MethodCall(entry) = ungrouped_expr(&call.receiver) else { return None };
        if entry.method != "entry" || entry.args.len() != 1 {
            return None;
        }
        let map = self.container(&entry.receiver);
        let key = self.index(&entry.args[0]);
        let element = map.clone().subscript(key.clone(), range);
        let given = match (&*call.method.to_string(), call.args.first()) {
            ("or_insert", Some(value)) => {
                let value = self.lower_stored(value);
                let value = self.stored(value);
                Some(self.once(value))
            }
            _ => None,
        };
        let then = self.in_block(|cx| {
            let value = match (given, call.args.first()) {
                (Some(value), _) => value,
                (None, Some(make)) => cx.call_closure(make, vec![]),
                (None, None) => Expr::rust_op(Operator::DefaultElement, vec![map.clone()], range),
            };
            cx.push(StmtKind::Assign { target: element.clone(), value, ty: None }, range);
        });
        let cond = Expr::not(Expr::rust_op(Operator::ContainsKey, vec![map, key], range), range);
        self.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
        Some(element)
    }

    /// `let Some(x) = list.last_mut()` as a condition, where something is assigned through `x`; and its like.
    pub fn lower_element_pattern(&mut self, cond: &syn::ExprLet) -> Option<Refutable> {
        let Pat::TupleStruct(some) = &*cond.pat else { return None };
        if !names_variant(&some.path, "Option", &["Some"]) || some.elems.len() != 1 {
            return None;
        }
        if !binds_written(&cond.pat, &self.written) {
            return None;
        }
        let range = self.range(cond);
        self.attempt(|cx| {
            let element = cx.element(&cond.expr, range)?;
            let ExprKind::Subscript(base, index) = &element.kind else { return None };
            let operands = vec![(**base).clone(), index[0].clone()];
            let mut matched = Refutable::of(Expr::rust_op(Operator::Has, operands, range));
            matched.add(cx.lower_refutable(&some.elems[0], &element), range);
            Some(matched)
        })
    }

    /// Assigns an option a value where it has none.
    fn fill(&mut self, option: &Expr, value: impl FnOnce(&mut Self) -> Expr, range: Range) {
        let then = self.in_block(|cx| {
            let value = value(cx).optional();
            cx.assign(option.clone(), value, range);
        });
        let cond = Expr::rust_op(Operator::IsNone, vec![option.clone()], range);
        self.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
    }

    /// A list or a map that an element of is changed: TorchScript has references to these.
    pub fn container(&mut self, expr: &syn::Expr) -> Expr {
        self.place(expr).unwrap_or_else(|| {
            let value = self.lower_expr(expr);
            self.once(value)
        })
    }

    /// Notes that the items of a loop are elements of `container`, which are assigned through the names in `pat`. The
    /// loop runs over their indices or keys.
    pub fn note_elements(&mut self, pat: &Pat, container: Expr) {
        self.elements.insert(std::ptr::from_ref(pat).addr(), container);
    }

    pub fn takes_elements(&self, pat: &Pat) -> bool {
        self.elements.contains_key(&std::ptr::from_ref(pat).addr())
    }

    /// The variable of a loop over indices or keys, where `pat` takes the elements; see [`Cx::note_elements`].
    pub fn element_target(&mut self, pat: &Pat) -> Option<Expr> {
        let container = self.elements.remove(&std::ptr::from_ref(pat).addr())?;
        let range = self.range(pat);
        let at = Expr::var(self.scope.temp("at"), range);
        let element = container.subscript(at.clone(), range);
        let mut matched = self.lower_refutable(pat, &element);
        // The elements are references, whatever holds them.
        let (references, bindings) =
            matched.bindings.into_iter().partition(|(pat, _)| self.is_written(&pat.ident));
        matched.references.extend::<Vec<_>>(references);
        matched.bindings = bindings;
        self.bind_all(matched, range);
        Some(at)
    }

    /// An index in a variable that nothing assigns.
    fn index(&mut self, expr: &syn::Expr) -> Expr {
        let value = self.lower_expr(expr);
        if value.is_constant() { value } else { self.spill(value, "at") }
    }

    /// Assigns a value to a place.
    pub fn assign(&mut self, place: Expr, value: Expr, range: Range) {
        let with = |base: &Expr, part: Expr, value| {
            Expr::rust_op(Operator::With, vec![base.clone(), part, value], range)
        };
        match place.kind {
            ExprKind::Select(base, field) => {
                let field = Expr::new(ExprKind::Str(field), range);
                let value = with(&base, field, value);
                self.assign(*base, value, range);
            }
            ExprKind::Apply { ref callee, ref args, .. } => match (&callee.kind, &args[..]) {
                (ExprKind::Operator(Operator::Field), [base, indices @ .., last]) => {
                    let base = match indices {
                        [] => base.clone(),
                        _ => Expr::rust_op(Operator::Field, args[..args.len() - 1].to_vec(), range),
                    };
                    let value = with(&base, last.clone(), value);
                    self.assign(base, value, range);
                }
                (ExprKind::Operator(Operator::AsVariant), [base, name]) => {
                    let value = with(base, name.clone(), value);
                    self.assign(base.clone(), value, range);
                }
                (ExprKind::Operator(Operator::Unwrap), [option]) => {
                    self.assign(option.clone(), value.optional(), range);
                }
                _ => unreachable!("a place, see `Cx::place_of`"),
            },
            kind => {
                let target = Expr::new(kind, place.range);
                let value = self.assigned(&target, value);
                self.push(StmtKind::Assign { target, value, ty: None }, range);
            }
        }
    }

    /// `place op= value`, which changes tensors in place.
    pub fn assign_by(&mut self, place: Expr, op: BinaryOp, value: Expr, range: Range) {
        if is_target(&place) {
            self.push(StmtKind::AugAssign { target: place, op, value }, range);
            return;
        }
        let target = self.spill(place.clone(), "changed");
        self.push(StmtKind::AugAssign { target: target.clone(), op, value }, range);
        self.assign(place, target, range);
    }
}

/// Whether TorchScript can assign it.
pub fn is_target(place: &Expr) -> bool {
    match &place.kind {
        ExprKind::Var(_) => true,
        ExprKind::Subscript(base, _) => is_target(base) || is_element(base),
        _ => false,
    }
}

/// Whether it is an element of something, or a part of one: a list or a map in it can be changed in place.
fn is_element(place: &Expr) -> bool {
    match &place.kind {
        ExprKind::Var(_) => true,
        ExprKind::Subscript(base, _) | ExprKind::Select(base, _) => is_element(base),
        ExprKind::Apply { args, .. } => args.first().is_some_and(is_element),
        _ => false,
    }
}
