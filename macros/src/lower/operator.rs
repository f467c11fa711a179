//! Lowers operators and assignments.

use syn::{BinOp, ExprAssign, ExprBinary, ExprUnary, UnOp};

use super::place::is_target;
use super::{Cx, Dest};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Slot, Stmt, StmtKind, UnaryOp};

/// What a Rust operator becomes.
enum Image {
    /// An operator of TorchScript with the same meaning.
    Same(BinaryOp),
    /// An operator of the shim, which depends on the operands' types.
    ByType(Operator),
}

fn image(op: &BinOp, rhs: &Expr) -> Option<Image> {
    use Image::{ByType, Same};
    // rustc has checked a shift by a number that is written out.
    let is_checked = matches!(rhs.kind, ExprKind::Number(_));
    Some(match op {
        BinOp::Add(_) | BinOp::AddAssign(_) => Same(BinaryOp::Add),
        BinOp::Sub(_) | BinOp::SubAssign(_) => Same(BinaryOp::Sub),
        BinOp::Mul(_) | BinOp::MulAssign(_) => Same(BinaryOp::Mul),
        BinOp::Div(_) => ByType(Operator::Div),
        BinOp::DivAssign(_) => ByType(Operator::DivAssign),
        BinOp::Rem(_) | BinOp::RemAssign(_) => ByType(Operator::Rem),
        BinOp::BitAnd(_) | BinOp::BitAndAssign(_) => Same(BinaryOp::BitAnd),
        BinOp::BitOr(_) | BinOp::BitOrAssign(_) => Same(BinaryOp::BitOr),
        BinOp::BitXor(_) | BinOp::BitXorAssign(_) => Same(BinaryOp::BitXor),
        BinOp::Shl(_) | BinOp::ShlAssign(_) if is_checked => Same(BinaryOp::Shl),
        BinOp::Shr(_) | BinOp::ShrAssign(_) if is_checked => Same(BinaryOp::Shr),
        BinOp::Shl(_) | BinOp::ShlAssign(_) => ByType(Operator::Shl),
        BinOp::Shr(_) | BinOp::ShrAssign(_) => ByType(Operator::Shr),
        BinOp::Lt(_) => Same(BinaryOp::Lt),
        BinOp::Le(_) => Same(BinaryOp::Le),
        BinOp::Gt(_) => Same(BinaryOp::Gt),
        BinOp::Ge(_) => Same(BinaryOp::Ge),
        BinOp::Eq(_) => ByType(Operator::Eq),
        BinOp::Ne(_) => ByType(Operator::Ne),
        BinOp::And(_) => Same(BinaryOp::And),
        BinOp::Or(_) => Same(BinaryOp::Or),
        _ => return None,
    })
}

/// Whether `op` is `+=` or its like.
pub fn is_assignment(op: &BinOp) -> bool {
    matches!(
        op,
        BinOp::AddAssign(_)
            | BinOp::SubAssign(_)
            | BinOp::MulAssign(_)
            | BinOp::DivAssign(_)
            | BinOp::RemAssign(_)
            | BinOp::BitAndAssign(_)
            | BinOp::BitOrAssign(_)
            | BinOp::BitXorAssign(_)
            | BinOp::ShlAssign(_)
            | BinOp::ShrAssign(_)
    )
}

impl Cx {
    /// `is_natural`: whether the left operand is an integer that is not negative, or a number that is written out.
    pub fn lower_binary(&mut self, expr: &ExprBinary, is_natural: bool) -> Expr {
        let range = self.range(expr);
        if matches!(expr.op, BinOp::And(_) | BinOp::Or(_)) {
            return self.lower_logical(expr);
        }
        if [&expr.left, &expr.right].iter().any(|it| self.is_result(it) == Some(true)) {
            return self.poison(
                expr.op,
                "a comparison of results sees an error, which is an exception in scripted methods",
                "compare the values, as in `a? == b?`",
            );
        }
        let mut operands = self.lower_all([&*expr.left, &*expr.right]);
        if is_natural {
            match expr.op {
                BinOp::Div(_) => return Expr::rust_op(Operator::NaturalDiv, operands, range),
                BinOp::Rem(_) => return Expr::rust_op(Operator::NaturalRem, operands, range),
                _ => {}
            }
        }
        let Some(image) = image(&expr.op, &operands[1]) else {
            return self.poison(
                expr.op,
                "this operator has no TorchScript counterpart",
                "mark the module `#[compile_mode(trace)]`",
            );
        };
        match image {
            Image::ByType(name) => Expr::rust_op(name, operands, range),
            Image::Same(op) => {
                let rhs = operands.pop().expect("two operands");
                let lhs = operands.pop().expect("two operands");
                Expr::binary(op, lhs, rhs, range)
            }
        }
    }

    /// `a && b` stays `a and b`, unless `b` takes statements, which run only if `a` holds:
    /// `if a: …; both = b else: both = False`.
    fn lower_logical(&mut self, expr: &ExprBinary) -> Expr {
        let range = self.range(expr);
        let is_and = matches!(expr.op, BinOp::And(_));
        let lhs = self.lower_condition(&expr.left);
        let mut rhs = Expr::error();
        let mut statements = self.in_block(|cx| rhs = cx.lower_condition(&expr.right));
        if statements.is_empty() {
            let op = if is_and { BinaryOp::And } else { BinaryOp::Or };
            return Expr::binary(op, lhs, rhs, range);
        }
        let name = self.scope.temp(if is_and { "both" } else { "either" });
        statements.push(Stmt::assign(&name, rhs, range));
        let decided = Expr::new(if is_and { ExprKind::False } else { ExprKind::True }, range);
        let decided = vec![Stmt::assign(&name, decided, range)];
        let (then, otherwise) = if is_and { (statements, decided) } else { (decided, statements) };
        self.push(StmtKind::If { cond: lhs, then, otherwise }, range);
        Expr::var(name, range)
    }

    pub fn lower_unary(&mut self, expr: &ExprUnary) -> Expr {
        let range = self.range(expr);
        if let (UnOp::Neg(_), Some(smallest)) = (&expr.op, self.lower_smallest(&expr.expr, range)) {
            return smallest;
        }
        let operand = self.lower_expr(&expr.expr);
        match expr.op {
            // A reference is the value itself.
            UnOp::Deref(_) => operand,
            UnOp::Neg(_) => Expr::new(ExprKind::Unary(UnaryOp::Neg, Box::new(operand)), range),
            // `not` keeps what a comparison with None tells about a type.
            UnOp::Not(_) if operand.is_logical() => Expr::not(operand, range),
            UnOp::Not(_) => Expr::rust_op(Operator::Not, vec![operand], range),
            _ => self.poison(
                expr.op,
                "this operator has no TorchScript counterpart",
                "mark the module `#[compile_mode(trace)]`",
            ),
        }
    }

    pub fn lower_assign(&mut self, expr: &ExprAssign) {
        let range = self.range(expr);
        if let syn::Expr::Infer(_) = &*expr.left {
            self.check_not_ignored(&expr.right);
            self.lower_into(&expr.right, &Dest::Discard);
            return;
        }
        let value = self.lower_stored(&expr.right);
        let value = self.stored(value);
        let mut value = [value];
        let target = self.lower_after(&mut value, |cx| cx.assignment_target(&expr.left));
        let ([value], Some(target)) = (value, target) else { return };
        self.assign_all(target, value, range);
    }

    /// Assigns to a target, whose parts TorchScript may not be able to assign themselves.
    pub fn assign_all(&mut self, target: Expr, value: Expr, range: Range) {
        match target.kind {
            ExprKind::Tuple(parts) if !parts.iter().all(is_target) => {
                let names: Vec<Expr> =
                    parts.iter().map(|_| Expr::var(self.scope.temp("part"), range)).collect();
                let target = Expr::new(ExprKind::Tuple(names.clone()), range);
                self.push(StmtKind::Assign { target, value, ty: None }, range);
                for (part, name) in parts.into_iter().zip(names) {
                    self.assign_all(part, name, range);
                }
            }
            ExprKind::Tuple(_) => self.push(StmtKind::Assign { target, value, ty: None }, range),
            _ => self.assign(target, value, range),
        }
    }

    /// The value to assign. A variable that is an option has to stay one, so its value is made an option.
    pub fn assigned(&mut self, target: &Expr, value: Expr) -> Expr {
        let ExprKind::Var(name) = &target.kind else { return value };
        let Some(ty) = self.scope.option(name) else { return value };
        let range = value.range;
        match value.kind {
            ExprKind::None => {
                let ty = Expr::slot(Slot::Type(ty), range);
                Expr::rust_op(Operator::Annotate, vec![ty, value], range)
            }
            _ => value.optional(),
        }
    }

    /// `x += y` becomes `x += y`: in place on tensors, as in tch. Division and remainder depend
    /// on the types: `x = $div_assign(x, y)`.
    pub fn lower_compound_assign(&mut self, expr: &ExprBinary) {
        let range = self.range(expr);
        let value = self.lower_expr(&expr.right);
        let Some(target) = self.assignment_target(&expr.left) else { return };
        let is_shift = matches!(expr.op, BinOp::ShlAssign(_) | BinOp::ShrAssign(_));
        let number = self.number_type(if is_shift { &expr.left } else { &expr.right });
        let op = match (image(&expr.op, &value), &number) {
            (Some(Image::Same(op)), None) => return self.assign_by(target, op, value, range),
            (Some(Image::Same(op)), Some(_)) => match op {
                BinaryOp::Add => Operator::AddAssign,
                BinaryOp::Sub => Operator::SubAssign,
                BinaryOp::Mul => Operator::MulAssign,
                BinaryOp::Shl => Operator::Shl,
                BinaryOp::Shr => Operator::Shr,
                op => return self.assign_by(target, op, value, range),
            },
            (Some(Image::ByType(op)), _) => op,
            (None, _) => return,
        };
        let target = self.evaluated_once(target);
        let operands = [target.clone(), value].into_iter().chain(number).collect();
        let value = Expr::rust_op(op, operands, range);
        self.assign(target, value, range);
    }

    /// A target that is both read and written, with its indices in variables, so that they are computed once.
    fn evaluated_once(&mut self, target: Expr) -> Expr {
        let range = target.range;
        match target.kind {
            ExprKind::Subscript(base, indices) => {
                let base = Box::new(self.evaluated_once(*base));
                let indices = indices.into_iter().map(|index| self.once(index)).collect();
                Expr::new(ExprKind::Subscript(base, indices), range)
            }
            kind => Expr::new(kind, range),
        }
    }

    pub fn assignment_target(&mut self, expr: &syn::Expr) -> Option<Expr> {
        match expr {
            syn::Expr::Paren(paren) => self.assignment_target(&paren.expr),
            // An assignment through a reference has an effect only where it is known what it refers to.
            syn::Expr::Unary(unary) if matches!(unary.op, UnOp::Deref(_)) => {
                if let Some(place) = self.place(expr) {
                    return Some(place);
                }
                if let Some((method, (why, help))) = rejected_method(&unary.expr) {
                    let message = format!("`{method}` is not supported in scripted methods: {why}");
                    self.report(method, message, help);
                    return None;
                }
                self.report(
                    unary,
                    "an assignment through a reference is not supported in scripted methods",
                    "assign to the variable or to the element itself, or return the new value",
                );
                None
            }
            syn::Expr::Infer(_) => {
                let range = self.range(expr);
                Some(Expr::var(self.scope.temp("unused"), range))
            }
            syn::Expr::Path(_) | syn::Expr::Index(_) => Some(self.lower_expr(expr)),
            syn::Expr::Tuple(tuple) => {
                let range = self.range(tuple);
                let elems: Option<Vec<_>> =
                    tuple.elems.iter().map(|elem| self.assignment_target(elem)).collect();
                Some(Expr::new(ExprKind::Tuple(elems?), range))
            }
            other => {
                if let (syn::Expr::Field(_), Some(place)) = (other, self.place(other)) {
                    return Some(place);
                }
                self.report(
                    other,
                    "this cannot be assigned to in a scripted method",
                    "assign to a local variable; a field that changes belongs into a buffer, changed in place",
                );
                None
            }
        }
    }
}

/// The method whose result, a reference, is assigned through, as in `*map.entry(k).or_insert(0) += 1`.
fn rejected_method(expr: &syn::Expr) -> Option<(&syn::Ident, (&'static str, &'static str))> {
    match expr {
        syn::Expr::Paren(paren) => rejected_method(&paren.expr),
        syn::Expr::MethodCall(call) => rejected_method(&call.receiver)
            .or_else(|| Some((&call.method, super::rejected::method(&call.method.to_string())?))),
        _ => None,
    }
}
