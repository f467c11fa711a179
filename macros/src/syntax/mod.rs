//! TorchScript's syntax tree, closed and spanned: what lowering makes of a Rust body.
//!
//! Names follow libtorch's `tree_views.h`, which opens with the whole grammar as a comment. Only
//! what lowering produces is here. Every node knows its place in the Rust text.

pub mod print;

use crate::span::Range;

/// A method: `def name(self, params) -> returns: body`.
#[derive(Debug)]
pub struct Def {
    pub name: String,
    pub params: Vec<Param>,
    pub returns: Option<TypeSlot>,
    pub body: Vec<Stmt>,
    pub range: Range,
}

/// A parameter; `self` has no type.
#[derive(Debug)]
pub struct Param {
    pub name: String,
    pub ty: Option<TypeSlot>,
    /// Whether a call may leave it out, for `None`.
    pub defaults_to_none: bool,
    pub range: Range,
}

/// A type that only Rust can evaluate: `$T3`, an index into the side table.
#[derive(Clone, Copy, Debug)]
pub struct TypeSlot {
    pub index: usize,
    pub range: Range,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    pub range: Range,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    Assign { target: Expr, value: Expr, ty: Option<TypeSlot> },
    AugAssign { target: Expr, op: BinaryOp, value: Expr },
    Expr(Expr),
    If { cond: Expr, then: Vec<Stmt>, otherwise: Vec<Stmt> },
    While { cond: Expr, body: Vec<Stmt> },
    For { target: Expr, iter: Expr, body: Vec<Stmt> },
    Return(Expr),
    Raise(Expr),
    Assert { cond: Expr, message: Option<Expr> },
    Break,
    Continue,
    Pass,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub kind: ExprKind,
    pub range: Range,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Var(String),
    /// A number as TorchScript spells it.
    Number(String),
    Str(String),
    True,
    False,
    None,
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Select(Box<Expr>, String),
    Subscript(Box<Expr>, Vec<Expr>),
    Slice(Option<Box<Expr>>, Option<Box<Expr>>),
    Apply {
        callee: Box<Expr>,
        args: Vec<Expr>,
        kwargs: Vec<(String, Expr)>,
    },
    List(Vec<Expr>),
    Tuple(Vec<Expr>),
    /// `[element for target in iter]`.
    ListComp {
        element: Box<Expr>,
        target: Box<Expr>,
        iter: Box<Expr>,
    },
    /// `then if cond else otherwise`.
    Ternary {
        cond: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    /// Poison: the mistake was reported, and nothing that holds this is ever emitted.
    Error,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Neg,
    Not,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Add,
    Sub,
    Mul,
    Pow,
    And,
    Or,
    BitAnd,
    BitOr,
    BitXor,
    Shl,
    Shr,
    Lt,
    Le,
    Gt,
    Ge,
    Is,
    IsNot,
}

impl UnaryOp {
    /// libtorch's name of the node.
    pub fn node(self) -> &'static str {
        match self {
            UnaryOp::Neg => "TK_UNARY_MINUS",
            UnaryOp::Not => "TK_NOT",
        }
    }
}

impl BinaryOp {
    /// libtorch's name of the node.
    pub fn node(self) -> &'static str {
        match self {
            BinaryOp::Add => "+",
            BinaryOp::Sub => "-",
            BinaryOp::Mul => "*",
            BinaryOp::Pow => "TK_POW",
            BinaryOp::And => "TK_AND",
            BinaryOp::Or => "TK_OR",
            BinaryOp::BitAnd => "&",
            BinaryOp::BitOr => "|",
            BinaryOp::BitXor => "^",
            BinaryOp::Shl => "TK_LSHIFT",
            BinaryOp::Shr => "TK_RSHIFT",
            BinaryOp::Lt => "<",
            BinaryOp::Le => "TK_LE",
            BinaryOp::Gt => ">",
            BinaryOp::Ge => "TK_GE",
            BinaryOp::Is => "TK_IS",
            BinaryOp::IsNot => "TK_ISNOT",
        }
    }

    /// How Python spells it.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Pow => "**",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Shl => "<<",
            BinaryOp::Shr => ">>",
            BinaryOp::Le => "<=",
            BinaryOp::Ge => ">=",
            BinaryOp::Is => "is",
            BinaryOp::IsNot => "is not",
            other => other.node(),
        }
    }
}

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

    pub fn subscript(self, index: Expr, range: Range) -> Expr {
        Expr::new(ExprKind::Subscript(Box::new(self), vec![index]), range)
    }

    pub fn apply(self, args: Vec<Expr>, range: Range) -> Expr {
        Expr::new(ExprKind::Apply { callee: Box::new(self), args, kwargs: vec![] }, range)
    }

    /// `$name(args)`: an operator of Rust that the runtime resolves by static type
    /// (`runtime/shim/rust_ops.cc`).
    pub fn rust_op(name: &str, args: Vec<Expr>, range: Range) -> Expr {
        Expr::var(format!("${name}"), range).apply(args, range)
    }

    /// `value` of `$name(value)`.
    pub fn operand_of(&self, name: &str) -> Option<&Expr> {
        let ExprKind::Apply { callee, args, .. } = &self.kind else { return None };
        let ExprKind::Var(callee) = &callee.kind else { return None };
        if callee.strip_prefix('$') == Some(name) && args.len() == 1 { args.first() } else { None }
    }

    /// `$field(value, index)`: field `index` of a tuple, a tuple struct or a state of tch. Of a field's
    /// field, both are written into one.
    pub fn field(value: Expr, index: usize, range: Range) -> Expr {
        let index = Expr::int(index as i64, range);
        match value.kind {
            ExprKind::Apply { callee, mut args, kwargs } if matches!(&callee.kind, ExprKind::Var(name) if name == "$field") =>
            {
                args.push(index);
                Expr::new(ExprKind::Apply { callee, args, kwargs }, range)
            }
            kind => Expr::rust_op("field", vec![Expr::new(kind, value.range), index], range),
        }
    }

    /// `torch.name(args)`.
    pub fn torch(name: &str, args: Vec<Expr>, range: Range) -> Expr {
        Expr::var("torch", range).select(name, range).apply(args, range)
    }

    /// Whether evaluating it twice, or later, makes no difference.
    pub fn is_constant(&self) -> bool {
        match &self.kind {
            ExprKind::Number(_) | ExprKind::Str(_) | ExprKind::True | ExprKind::False | ExprKind::None => {
                true
            }
            ExprKind::Var(name) => name == "self" || name == "torch" || name.starts_with('$'),
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
