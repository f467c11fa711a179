//! Lowers expressions: one arm for each form of Rust, and one path for everything unsupported.

use syn::{ExprCast, ExprField, ExprIndex, ExprPath, ExprRepeat, Member, Type};

use super::labels::breaks_with_value;
use super::results::names_variant;
use super::{Cx, Dest};
use crate::names;
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Slot, StmtKind};
use crate::types;

impl Cx {
    /// Lowers `expr` to a value; statements that this takes are added to the block.
    pub fn lower_expr(&mut self, expr: &syn::Expr) -> Expr {
        let range = self.range(expr);
        if let Some(value) = self.lower_inferred(expr) {
            return value;
        }
        match expr {
            syn::Expr::Paren(expr) => self.lower_expr(&expr.expr),
            syn::Expr::Group(expr) => self.lower_expr(&expr.expr),
            // References and dereferences are the value itself.
            syn::Expr::Reference(expr) => self.lower_expr(&expr.expr),
            syn::Expr::Lit(lit) => {
                let value = self.lower_literal(&lit.lit);
                self.exact(expr, value)
            }
            syn::Expr::Path(expr) => self.lower_path(expr),
            syn::Expr::Unary(unary) => {
                let value = self.lower_unary(unary);
                self.exact(expr, value)
            }
            syn::Expr::Binary(binary) if super::operator::is_assignment(&binary.op) => {
                self.poison(expr, "an assignment has no value", "write it as a statement of its own")
            }
            syn::Expr::Binary(binary) => {
                let is_natural = self.is_natural(expr);
                let value = self.lower_binary(binary, is_natural);
                self.exact(expr, value)
            }
            syn::Expr::Cast(expr) => self.lower_cast(expr),
            syn::Expr::Field(expr) => self.lower_field(expr),
            syn::Expr::Index(expr) => self.lower_index(expr),
            syn::Expr::Call(expr) if super::block::is_err(expr) => {
                self.lower_err(expr);
                Expr::none(range)
            }
            syn::Expr::Call(expr) => self.lower_call(expr),
            syn::Expr::MethodCall(call) => {
                let value = self.lower_method_call(call);
                self.exact(expr, value)
            }
            syn::Expr::Array(array) if is_ivalues(array) => {
                let items = self.lower_all(&array.elems);
                Expr::new(ExprKind::Tuple(items), range)
            }
            syn::Expr::Array(array) => {
                let items = self.lower_all(&array.elems);
                let items = items.into_iter().map(|item| self.stored(item)).collect();
                Expr::new(ExprKind::List(items), range)
            }
            syn::Expr::Repeat(expr) => self.lower_repeat(expr, range),
            syn::Expr::Tuple(tuple) if tuple.elems.is_empty() => Expr::none(range),
            syn::Expr::Tuple(tuple) => {
                let items = self.lower_all_by(&tuple.elems, Cx::lower_stored);
                let items = items.into_iter().map(|item| self.stored(item)).collect();
                Expr::new(ExprKind::Tuple(items), range)
            }
            syn::Expr::Struct(expr) => self.lower_struct(expr),
            syn::Expr::Try(expr) => self.lower_try(expr),
            syn::Expr::If(_)
            | syn::Expr::Match(_)
            | syn::Expr::Loop(_)
            | syn::Expr::Block(_)
            | syn::Expr::Macro(_) => self.lower_by_statements(expr),
            // These never have a value, and code after them never runs.
            syn::Expr::Return(_) | syn::Expr::Break(_) | syn::Expr::Continue(_) => {
                self.lower_into(expr, &Dest::Discard);
                Expr::none(range)
            }
            unsupported => self.unsupported(unsupported),
        }
    }

    /// Lowers operands in the order of their evaluation. The statements of a later operand would run before the earlier
    /// operands, so these are put into variables first.
    pub fn lower_all<'e>(&mut self, exprs: impl IntoIterator<Item = &'e syn::Expr>) -> Vec<Expr> {
        self.lower_all_by(exprs, Cx::lower_expr)
    }

    /// As [`Cx::lower_all`], each by `lower`.
    pub fn lower_all_by<'e>(
        &mut self,
        exprs: impl IntoIterator<Item = &'e syn::Expr>,
        lower: fn(&mut Self, &syn::Expr) -> Expr,
    ) -> Vec<Expr> {
        let mut values: Vec<Expr> = vec![];
        for expr in exprs {
            let value = self.lower_after(&mut values, |cx| lower(cx, expr));
            values.push(value);
        }
        values
    }

    /// The result of `lower`, which Rust evaluates after `earlier`. If it adds statements, the values of `earlier` are
    /// put into variables before these.
    pub fn lower_after<T>(&mut self, earlier: &mut [Expr], lower: impl FnOnce(&mut Self) -> T) -> T {
        let mut result = None;
        let statements = self.in_block(|cx| result = Some(lower(cx)));
        if !statements.is_empty() {
            for value in earlier {
                self.settle(value);
            }
            self.block.extend(statements);
        }
        result.expect("`in_block` runs what it is given")
    }

    /// `first` and the result of `lower`, which Rust evaluates after it.
    pub fn lower_second(&mut self, first: Expr, lower: impl FnOnce(&mut Self) -> Expr) -> Vec<Expr> {
        let mut values = vec![first];
        let second = self.lower_after(&mut values, lower);
        values.push(second);
        values
    }

    /// Puts the value into a variable at this point. A `range`, `zip` or `enumerate`, which only a loop can use, stays
    /// as it is, and its parts are put into variables.
    fn settle(&mut self, value: &mut Expr) {
        if let ExprKind::Apply { callee, args, .. } = &mut value.kind
            && matches!(&callee.kind, ExprKind::Var(name) if ["range", "zip", "enumerate"].contains(&name.as_str()))
        {
            args.iter_mut().for_each(|arg| self.settle(arg));
        } else if !value.is_constant() && !is_field(value) {
            *value = self.spill(std::mem::replace(value, Expr::error()), "operand");
        }
    }

    /// `if`, `loop`, a block or a macro in the place of a value becomes statements that assign a
    /// variable.
    fn lower_by_statements(&mut self, expr: &syn::Expr) -> Expr {
        if let syn::Expr::Macro(expr) = expr
            && let Some(value) = self.lower_macro_value(&expr.mac)
        {
            return value;
        }
        let range = self.range(expr);
        let name = self.scope.temp("value");
        if breaks_with_value(expr) {
            self.lower_broken(expr, None, &name, range);
        } else if matches!(expr, syn::Expr::Loop(_)) {
            // Only a `return` leaves it: there is no value, and code after it never runs.
            self.lower_into(expr, &Dest::Discard);
            return Expr::none(range);
        } else {
            self.lower_into(expr, &Dest::Var(name.clone()));
        }
        Expr::var(name, range)
    }

    /// `value?` on a `Result` is the value: a failure is an exception in TorchScript. In a method that returns an
    /// `Option`, it becomes `if value is None: return None`.
    fn lower_try(&mut self, expr: &syn::ExprTry) -> Expr {
        let range = self.range(expr);
        if !self.returns_option || self.closures > 0 {
            let value = self.lower_tried(expr);
            if self.closures == 0 && self.is_called(&expr.expr) && self.is_result(&expr.expr) != Some(false) {
                return value;
            }
            return Expr::rust_op(Operator::Unwrap, vec![value], range);
        }
        let value = self.lower_scrutinee(&expr.expr);
        let cond = Expr::binary(BinaryOp::Is, value.clone(), Expr::none(range), range);
        let then = self.statements(|cx| cx.push_return(Expr::none(range), range));
        self.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
        value
    }

    pub fn lower_path(&mut self, expr: &ExprPath) -> Expr {
        let range = self.range(expr);
        if let Some(ident) = expr.path.get_ident() {
            match self.scope.lookup(ident) {
                Some(ExprKind::Var(name)) if self.scope.is_poisoned(name) => return Expr::error(),
                Some(value) => return Expr::new(value.clone(), range),
                None => {}
            }
            if ident == "self" {
                return Expr::var("self", range);
            }
            if self.scope.closure(ident).is_some() {
                return self.poison(
                    expr,
                    "a closure is no value in scripted methods",
                    "call it, or pass it to a method of an iterator or an option",
                );
            }
        }
        // With type arguments it is a constant, whose type Rust knows.
        let is_plain = expr.path.segments.iter().all(|segment| segment.arguments.is_none());
        if is_plain && names_variant(&expr.path, "Option", &["None"]) {
            return Expr::none(range);
        }
        // `MAX_LEN`, `Self::K`, `Kind::Float`, `f64::consts::PI`: Rust knows the value.
        self.constant(syn::Expr::Path(expr.clone()))
    }

    /// `x as f64` becomes `$to_float(x)`, `x as u8` becomes `$to_u8(x)`: as in Rust, integers wrap and
    /// floats saturate.
    fn lower_cast(&mut self, expr: &ExprCast) -> Expr {
        let range = self.range(expr);
        let value = self.lower_expr(&expr.expr);
        let name = match types::ungrouped(&expr.ty) {
            Type::Path(ty) => ty.path.get_ident().map(ToString::to_string).unwrap_or_default(),
            _ => String::new(),
        };
        if let Some(cast) = super::numbers::cast(&name) {
            return match cast {
                Operator::ToUnsigned if self.is_natural(&expr.expr) => {
                    Expr::rust_op(Operator::ToInt, vec![value], range)
                }
                Operator::ToUnsigned => {
                    let operands = std::iter::once(value).chain(self.number_type(&expr.expr));
                    Expr::rust_op(cast, operands.collect(), range)
                }
                _ => Expr::rust_op(cast, vec![value], range),
            };
        }
        match name.as_str() {
            "i128" | "u128" => self.poison(&expr.ty, "integers of TorchScript have 64 bits", "cast to `i64`"),
            _ => self.poison(
                &expr.ty,
                "casts go to integers and floats in scripted methods",
                "cast to `i64` or `f64`; a tensor is converted by `to_kind`",
            ),
        }
    }

    /// `self.linear` becomes `self.linear`, `pair.0` becomes `$field(pair, 0)`.
    fn lower_field(&mut self, expr: &ExprField) -> Expr {
        let range = self.range(expr);
        let base = self.lower_expr(&expr.base);
        match &expr.member {
            Member::Named(_) => base.select(names::of_member(&expr.member), range),
            // A tuple struct's fields are named by their numbers, as a list's elements are.
            Member::Unnamed(_) if matches!(&base.kind, ExprKind::Var(name) if name == "self") => {
                base.select(names::of_member(&expr.member), range)
            }
            Member::Unnamed(index) => Expr::field(base, index.index as usize, range),
        }
    }

    /// Lowers `v[i]` and `v[a..b]`.
    fn lower_index(&mut self, expr: &ExprIndex) -> Expr {
        let range = self.range(expr);
        let syn::Expr::Range(slice) = &*expr.index else {
            // One size needs no list of all.
            if let syn::Expr::MethodCall(call) = types::ungrouped_expr(&expr.expr)
                && call.method == "size"
                && call.args.is_empty()
                && self.origin_of(&call.receiver).is_none()
            {
                let operands = self.lower_all([&*call.receiver, &*expr.index]);
                return Expr::rust_op(Operator::SizeAt, operands, range);
            }
            let mut values = self.lower_all([&*expr.expr, &*expr.index]);
            let index = values.pop().expect("two operands");
            return values.remove(0).subscript(index, range);
        };
        let base = self.lower_expr(&expr.expr);
        let slice = self.lower_slice(slice);
        base.subscript(slice, range)
    }

    /// `a..b` inside of an index becomes `a:b`.
    pub fn lower_slice(&mut self, slice: &syn::ExprRange) -> Expr {
        let range = self.range(slice);
        let start = slice.start.as_ref().map(|start| Box::new(self.lower_expr(start)));
        let end = slice.end.as_ref().map(|end| {
            let end = self.lower_expr(end);
            Box::new(match slice.limits {
                syn::RangeLimits::HalfOpen(_) => end,
                syn::RangeLimits::Closed(_) => Expr::binary(BinaryOp::Add, end, Expr::int(1, range), range),
            })
        });
        Expr::new(ExprKind::Slice(start, end), range)
    }

    /// `[0; n]` becomes `[0] * n`, but `[[0]; n]` becomes `[[0] for _ in range(n)]`, as each element is a list of its
    /// own.
    pub fn lower_repeat(&mut self, expr: &ExprRepeat, range: Range) -> Expr {
        let mut values = vec![self.lower_stored(&expr.expr)];
        let len = self.lower_after(&mut values, |cx| cx.lower_expr(&expr.len));
        let element = values.remove(0);
        let is_list = match &element.kind {
            ExprKind::List(_) | ExprKind::ListComp { .. } | ExprKind::Slot(Slot::Default(_)) => true,
            ExprKind::Binary(BinaryOp::Mul, lhs, _) => matches!(lhs.kind, ExprKind::List(_)),
            _ => false,
        };
        if is_list {
            let target = Expr::var(self.scope.temp("unused"), range);
            let iter = Expr::var("range", range).apply(vec![len], range);
            return Expr::new(
                ExprKind::ListComp {
                    element: Box::new(element),
                    target: Box::new(target),
                    iter: Box::new(iter),
                },
                range,
            );
        }
        // A constant of Rust may be an array.
        let is_plain = element.is_constant() && !matches!(element.kind, ExprKind::Slot(_));
        if !is_plain && !matches!(element.kind, ExprKind::Unary(..) | ExprKind::Binary(..)) {
            return Expr::rust_op(Operator::Repeated, vec![element, len], range);
        }
        let list = Expr::new(ExprKind::List(vec![element]), range);
        Expr::binary(BinaryOp::Mul, list, len, range)
    }

    fn unsupported(&mut self, expr: &syn::Expr) -> Expr {
        let (what, help) = match expr {
            syn::Expr::Closure(closure) if closure.asyncness.is_some() => {
                ("`async` closures are", "remove `async`")
            }
            syn::Expr::Closure(_) => (
                "closures here are",
                "give it a name by `let`, and call it; or pass it to `map`, `filter`, `fold` and their like",
            ),
            syn::Expr::Unsafe(_) => ("`unsafe` blocks are", "mark the module `#[compile_mode(trace)]`"),
            syn::Expr::Async(_) | syn::Expr::Await(_) => {
                ("`async` code is", "mark the module `#[compile_mode(unsupported)]`")
            }
            syn::Expr::Range(_) => {
                ("ranges outside of `for` and of an index are", "use the range where it is needed")
            }
            syn::Expr::Let(_) => ("`let` conditions are", "use a nested `if let`"),
            syn::Expr::TryBlock(_) => ("`try` blocks are", "use `?` in the method itself"),
            syn::Expr::Const(_) => ("`const` blocks are", "move the value into a constant of the module"),
            syn::Expr::Infer(_) => ("`_` expressions are", "name the value"),
            syn::Expr::ForLoop(_) | syn::Expr::While(_) => {
                ("loops in the place of a value are", "put the loop before the statement")
            }
            _ => ("expressions of this kind are", "mark the module `#[compile_mode(trace)]`"),
        };
        self.poison(expr, format!("{what} not supported in scripted methods"), help)
    }
}

/// Whether the array holds arguments for a module that was compiled before, which may be of several types.
fn is_ivalues(array: &syn::ExprArray) -> bool {
    !array.elems.is_empty()
        && array.elems.iter().all(|element| match element {
            syn::Expr::Call(call) => is_ivalue(&call.func),
            _ => false,
        })
}

/// Whether it is a variant of `IValue` that holds a value.
fn is_ivalue(func: &syn::Expr) -> bool {
    let syn::Expr::Path(path) = func else { return false };
    let segments = &path.path.segments;
    let ty = segments.len().checked_sub(2).and_then(|i| segments.get(i));
    ty.is_some_and(|ty| ty.ident == "IValue")
}

/// Whether the value is a field such as `self.a.b`, which no statement assigns, and which may be a list of modules.
fn is_field(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Select(of, _) => is_field(of),
        ExprKind::Var(name) => name == "self",
        _ => false,
    }
}
