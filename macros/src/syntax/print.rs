//! Prints the tree as text close to Python, for tests and for people who debug a lowering.

use std::fmt::{self, Display, Formatter};

use super::{Def, Expr, ExprKind, Operator, Slot, Stmt, StmtKind, TypeSlot, UnaryOp};

impl Display for Def {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "def {}(", self.name)?;
        for (i, param) in self.params.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{}", param.name)?;
            if let Some(ty) = param.ty {
                write!(f, ": {ty}")?;
            }
            if param.defaults_to_none {
                write!(f, " = None")?;
            }
        }
        write!(f, ")")?;
        if let Some(ty) = self.returns {
            write!(f, " -> {ty}")?;
        }
        writeln!(f, ":")?;
        block(f, &self.body, 1)
    }
}

impl Display for TypeSlot {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Slot::Type(self.index).fmt(f)
    }
}

/// The name by which the shim knows the slot: `$C0` is the first constant.
impl Display for Slot {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Slot::Type(i) => write!(f, "$T{i}"),
            Slot::Constant(i) => write!(f, "$C{i}"),
            Slot::Function(i) => write!(f, "$F{i}"),
            Slot::Uninitialized(i) => write!(f, "$U{i}"),
            Slot::Enum(i) => write!(f, "$V{i}"),
            Slot::Default(i) => write!(f, "$D{i}"),
        }
    }
}

/// The name by which the shim knows the operator: `$div`.
impl Display for Operator {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "${}", self.name())
    }
}

fn block(f: &mut Formatter<'_>, stmts: &[Stmt], depth: usize) -> fmt::Result {
    stmts.iter().try_for_each(|stmt| print_stmt(f, stmt, depth))
}

fn print_stmt(f: &mut Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
    let pad = "    ".repeat(depth);
    match &stmt.kind {
        StmtKind::Assign { target, value, ty: Some(ty) } => {
            writeln!(f, "{pad}{target}: {ty} = {value}")
        }
        StmtKind::Assign { target, value, ty: None } => writeln!(f, "{pad}{target} = {value}"),
        StmtKind::AugAssign { target, op, value } => {
            writeln!(f, "{pad}{target} {}= {value}", op.symbol())
        }
        StmtKind::Expr(expr) => writeln!(f, "{pad}{expr}"),
        StmtKind::If { cond, then, otherwise } => {
            writeln!(f, "{pad}if {cond}:")?;
            block(f, then, depth + 1)?;
            if !otherwise.is_empty() {
                writeln!(f, "{pad}else:")?;
                block(f, otherwise, depth + 1)?;
            }
            Ok(())
        }
        StmtKind::While { cond, body } => {
            writeln!(f, "{pad}while {cond}:")?;
            block(f, body, depth + 1)
        }
        StmtKind::For { target, iter, body } => {
            writeln!(f, "{pad}for {target} in {iter}:")?;
            block(f, body, depth + 1)
        }
        StmtKind::With { manager, body } => {
            writeln!(f, "{pad}with {manager}:")?;
            block(f, body, depth + 1)
        }
        StmtKind::Return(value) => writeln!(f, "{pad}return {value}"),
        StmtKind::Raise(value) => writeln!(f, "{pad}raise {value}"),
        StmtKind::Assert { cond, message: None } => writeln!(f, "{pad}assert {cond}"),
        StmtKind::Assert { cond, message: Some(message) } => {
            writeln!(f, "{pad}assert {cond}, {message}")
        }
        StmtKind::Break => writeln!(f, "{pad}break"),
        StmtKind::Continue => writeln!(f, "{pad}continue"),
        StmtKind::Pass => writeln!(f, "{pad}pass"),
    }
}

struct Comma<'a>(&'a [Expr]);

impl Display for Comma<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for (i, expr) in self.0.iter().enumerate() {
            let comma = if i > 0 { ", " } else { "" };
            write!(f, "{comma}{expr}")?;
        }
        Ok(())
    }
}

impl Display for Expr {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ExprKind::Var(name) => f.write_str(name),
            ExprKind::Operator(op) => op.fmt(f),
            ExprKind::Slot(slot) => slot.fmt(f),
            ExprKind::Number(text) => f.write_str(text),
            ExprKind::Str(text) => write!(f, "{text:?}"),
            ExprKind::True => f.write_str("True"),
            ExprKind::False => f.write_str("False"),
            ExprKind::None => f.write_str("None"),
            ExprKind::Unary(UnaryOp::Neg, operand) => write!(f, "-{operand}"),
            ExprKind::Unary(UnaryOp::Not, operand) => write!(f, "not {operand}"),
            ExprKind::Binary(op, lhs, rhs) => write!(f, "({lhs} {} {rhs})", op.symbol()),
            ExprKind::Select(value, name) | ExprKind::Method(value, name, _) => write!(f, "{value}.{name}"),
            ExprKind::Subscript(value, index) => write!(f, "{value}[{}]", Comma(index)),
            ExprKind::Slice(start, end) => {
                if let Some(start) = start {
                    write!(f, "{start}")?;
                }
                f.write_str(":")?;
                end.as_ref().map_or(Ok(()), |end| write!(f, "{end}"))
            }
            ExprKind::Apply { callee, args, kwargs } => {
                write!(f, "{callee}({}", Comma(args))?;
                for (i, (name, value)) in kwargs.iter().enumerate() {
                    let comma = if i > 0 || !args.is_empty() { ", " } else { "" };
                    write!(f, "{comma}{name}={value}")?;
                }
                f.write_str(")")
            }
            ExprKind::List(items) => write!(f, "[{}]", Comma(items)),
            ExprKind::Tuple(items) if items.len() == 1 => write!(f, "({},)", items[0]),
            ExprKind::Tuple(items) => write!(f, "({})", Comma(items)),
            ExprKind::Ternary { cond, then, otherwise } => write!(f, "({then} if {cond} else {otherwise})"),
            ExprKind::ListComp { element, target, iter } => write!(f, "[{element} for {target} in {iter}]"),
            ExprKind::Error => f.write_str("<error>"),
        }
    }
}
