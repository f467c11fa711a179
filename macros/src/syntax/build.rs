//! Makes nodes of the syntax tree, and answers questions about them.

use super::{BinaryOp, Expr, ExprKind, Operator, Slot, Stmt, StmtKind, UnaryOp};
use crate::span::Range;

impl Expr {
    pub fn new(kind: ExprKind, range: Range) -> Expr {
        Expr { kind, range }
    }

    pub fn var(name: impl Into<String>, range: Range) -> Expr {
        Expr::new(ExprKind::Var(name.into()), range)
    }

    pub fn int(value: i64, range: Range) -> Expr {
        Expr::new(ExprKind::Number(value.to_string()), range)
    }

    pub fn none(range: Range) -> Expr {
        Expr::new(ExprKind::None, range)
    }

    pub fn error() -> Expr {
        Expr::new(ExprKind::Error, Range::default())
    }

    pub fn binary(op: BinaryOp, lhs: Expr, rhs: Expr, range: Range) -> Expr {
        Expr::new(ExprKind::Binary(op, Box::new(lhs), Box::new(rhs)), range)
    }

    pub fn not(operand: Expr, range: Range) -> Expr {
        Expr::new(ExprKind::Unary(UnaryOp::Not, Box::new(operand)), range)
    }

    pub fn select(self, field: impl Into<String>, range: Range) -> Expr {
        Expr::new(ExprKind::Select(Box::new(self), field.into()), range)
    }

    /// The method `name` of a module, to be called.
    pub fn method(self, name: impl Into<String>, range: Range) -> Expr {
        Expr::new(ExprKind::Method(Box::new(self), name.into(), None), range)
    }

    /// The method `name` of a module; of a value, the function in slot `function`, where there is one.
    pub fn method_or(self, name: impl Into<String>, function: usize, range: Range) -> Expr {
        Expr::new(ExprKind::Method(Box::new(self), name.into(), Some(function)), range)
    }

    pub fn subscript(self, index: Expr, range: Range) -> Expr {
        Expr::new(ExprKind::Subscript(Box::new(self), vec![index]), range)
    }

    pub fn apply(self, args: Vec<Expr>, range: Range) -> Expr {
        Expr::new(ExprKind::Apply { callee: Box::new(self), args, kwargs: vec![] }, range)
    }

    pub fn slot(slot: Slot, range: Range) -> Expr {
        Expr::new(ExprKind::Slot(slot), range)
    }

    /// A call of an operator, printed as `$div(args)`.
    pub fn rust_op(op: Operator, args: Vec<Expr>, range: Range) -> Expr {
        Expr::new(ExprKind::Operator(op), range).apply(args, range)
    }

    /// Whether it is this operator, as a callee.
    pub fn is_operator(&self, op: Operator) -> bool {
        matches!(self.kind, ExprKind::Operator(it) if it == op)
    }

    /// The operands, if this is a call of `op`.
    pub fn operands_of(&self, op: Operator) -> Option<&[Expr]> {
        match &self.kind {
            ExprKind::Apply { callee, args, .. } if callee.is_operator(op) => Some(args),
            _ => None,
        }
    }

    /// The operand, if this is a call of `op` with one operand.
    pub fn operand_of(&self, op: Operator) -> Option<&Expr> {
        match self.operands_of(op)? {
            [operand] => Some(operand),
            _ => None,
        }
    }

    /// Whether it is a single name: a variable, or a slot, which Rust evaluates.
    pub fn is_name(&self) -> bool {
        matches!(self.kind, ExprKind::Var(_) | ExprKind::Slot(_))
    }

    /// `$field(value, index)`: field `index` of a tuple, a tuple struct or a state of tch. For a field of a field, both
    /// indices go into one call.
    pub fn field(value: Expr, index: usize, range: Range) -> Expr {
        let index = Expr::int(index as i64, range);
        match value.kind {
            ExprKind::Apply { callee, mut args, kwargs }
                if matches!(callee.kind, ExprKind::Operator(Operator::Field)) =>
            {
                args.push(index);
                Expr::new(ExprKind::Apply { callee, args, kwargs }, range)
            }
            kind => Expr::rust_op(Operator::Field, vec![Expr::new(kind, value.range), index], range),
        }
    }

    /// `$optional(value)`: makes a value that is there an option. TorchScript gives a variable the type of what it was
    /// assigned last, and would not take a missing value in an inner block.
    pub fn optional(self) -> Expr {
        let range = self.range;
        match self.operand_of(Operator::Optional) {
            Some(_) => self,
            None => Expr::rust_op(Operator::Optional, vec![self], range),
        }
    }

    /// The call `torch.name(args)`.
    pub fn torch(name: &str, args: Vec<Expr>, range: Range) -> Expr {
        Expr::var("torch", range).select(name, range).apply(args, range)
    }

    /// Whether evaluating it twice, or later, makes no difference.
    pub fn is_constant(&self) -> bool {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Str(_) | ExprKind::True | ExprKind::False | ExprKind::None => {
                true
            }
            ExprKind::Var(name) => name == "self" || name == "torch",
            ExprKind::Operator(_) => true,
            // Each evaluation makes a list or a map of its own.
            ExprKind::Slot(slot) => !matches!(slot, Slot::Default(_)),
            _ => false,
        }
    }

    /// Whether TorchScript's `not` means Rust's `!`, whatever the types turn out to be.
    pub fn is_logical(&self) -> bool {
        match &self.kind {
            ExprKind::True | ExprKind::False | ExprKind::Unary(UnaryOp::Not, _) => true,
            ExprKind::Binary(op, ..) => matches!(
                op,
                BinaryOp::And
                    | BinaryOp::Or
                    | BinaryOp::Lt
                    | BinaryOp::Le
                    | BinaryOp::Gt
                    | BinaryOp::Ge
                    | BinaryOp::Is
                    | BinaryOp::IsNot
            ),
            _ => false,
        }
    }
}

impl Stmt {
    pub fn new(kind: StmtKind, range: Range) -> Stmt {
        Stmt { kind, range }
    }

    pub fn assign(name: &str, value: Expr, range: Range) -> Stmt {
        let target = Expr::var(name, range);
        Stmt::new(StmtKind::Assign { target, value, ty: None }, range)
    }
}
