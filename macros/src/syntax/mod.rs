//! TorchScript's syntax tree, closed and spanned: what lowering makes of a Rust body.
//!
//! Names follow libtorch's `tree_views.h`, which opens with the whole grammar as a comment. Only nodes that lowering
//! produces are here. Every node knows its range in the Rust text.

mod build;
mod operator;
mod print;

pub use operator::Operator;

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
    /// Whether a call may leave the parameter out, which is then `None`.
    pub defaults_to_none: bool,
    pub range: Range,
}

/// An annotation with a type that only Rust can evaluate: an index into the side table of types.
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
    With { manager: Expr, body: Vec<Stmt> },
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
    /// The callee of an `Apply` that the shim resolves by the operands' types.
    Operator(Operator),
    /// A value that only Rust can evaluate.
    Slot(Slot),
    /// A number as TorchScript spells it.
    Number(String),
    Str(String),
    True,
    False,
    None,
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    Select(Box<Expr>, String),
    /// A method of a module, as a callee. A field may have its name, as both are namespaces of their own in Rust. Where
    /// the receiver may be a value as well, with the slot of the function that is called then.
    Method(Box<Expr>, String, Option<usize>),
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

/// An expression that only Rust can evaluate: an index into one of the side tables that are emitted with the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// A type, called to make a struct, or as the first argument of [`Operator::Annotate`].
    Type(usize),
    /// An enum whose variants have fields, called with the name of a variant and its fields.
    Enum(usize),
    /// A constant.
    Constant(usize),
    /// A function, called.
    Function(usize),
    /// A value of the type with this index and without content, which is assigned before it is read.
    Uninitialized(usize),
    /// What `Default::default()` is of the type with this index.
    Default(usize),
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

    /// The operator in Python's spelling.
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
