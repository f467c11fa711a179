//! Generated programs: a small tree that knows types, bindings and nesting. How an operation is
//! spelled is a template, see [`crate::print`].

use std::borrow::Cow;

use crate::ty::Ty;

/// A module with its methods, and what stands beside it.
#[derive(Clone, Debug)]
pub struct Program {
    pub seed: u64,
    /// With `#[derive(ScriptType)]`.
    pub types: Vec<Ty>,
    /// With `#[script]`, and methods of data.
    pub functions: Vec<Method>,
    /// The module `Q`, which fields of the other may hold.
    pub child: Option<Child>,
    /// None, or two that the fields `own_first` and `own_second` hold.
    pub locals: Vec<Local>,
    pub fields: Vec<Field>,
    /// `const NAME: T = value;` of the impl block.
    pub constants: Vec<Field>,
    /// Helpers first, `forward` last.
    pub methods: Vec<Method>,
    /// Words that are written otherwise.
    pub names: Vec<(String, String)>,
    /// Fields and functions with a twin of the same name, which rustc removes.
    pub configured: Vec<String>,
    /// The trait that the enum `Mode` implements by hand, otherwise than it is derived.
    pub by_hand: Option<ByHand>,
    /// Whether each operation that can fail is written so that TorchScript keeps it: it drops
    /// those whose values are not used.
    pub is_anchored: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByHand {
    Equality,
    Order,
}

#[derive(Clone, Debug)]
pub struct Child {
    pub fields: Vec<Field>,
    pub constants: Vec<Field>,
    pub methods: Vec<Method>,
}

/// A module `Local` in a block of its own, with a type and a function beside it.
#[derive(Clone, Debug)]
pub struct Local {
    pub ty: Ty,
    pub function: Method,
    pub fields: Vec<Field>,
    pub constants: Vec<Field>,
    /// Helpers first, `forward` last, which is that of the trait `Step`.
    pub methods: Vec<Method>,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub ty: Ty,
    /// Its value, as Rust writes it; of modules, `Q` stands for the child.
    pub value: String,
}

#[derive(Clone, Debug)]
pub struct Method {
    pub name: String,
    pub owner: Owner,
    pub params: Vec<Param>,
    pub returns: Ty,
    /// Whether the result is wrapped into `Result<_, tch::TchError>`.
    pub fallible: bool,
    pub body: Block,
}

/// What a function belongs to.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Owner {
    /// It takes `&self`.
    Value,
    /// It is called by `Self::`.
    Type,
    /// It is free.
    Nothing,
    /// It is a method of its first parameter's type, which is no module; that parameter is named `self`.
    Data,
}

#[derive(Clone, Debug)]
pub struct Param {
    pub var: Var,
    pub mutable: bool,
}

/// A use or a binding of a variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Var {
    /// What tells bindings of one name apart.
    pub id: u32,
    pub name: String,
    pub ty: Ty,
    /// Whether the variable holds a reference to the value.
    pub by_ref: bool,
}

#[derive(Clone, Debug, Default)]
pub struct Block {
    pub stmts: Vec<Stmt>,
    pub tail: Option<Box<Expr>>,
}

#[derive(Clone, Debug)]
pub struct Stmt {
    pub kind: StmtKind,
    /// Whether the program would not end, or not compile, without it.
    pub pinned: bool,
}

#[derive(Clone, Debug)]
pub enum StmtKind {
    /// `let pattern: T = value else { … };`
    Let {
        pat: Pat,
        ty: Option<Ty>,
        value: Expr,
        otherwise: Option<Block>,
    },
    /// `let name: T;`
    Declare {
        var: Var,
        mutable: bool,
    },
    Expr(Expr),
}

/// `template` with one `@` for each variable; `§` stands for Rust's own `@`.
#[derive(Clone, Debug)]
pub struct Pat {
    pub template: Cow<'static, str>,
    pub vars: Vec<Var>,
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub ty: Ty,
    pub kind: ExprKind,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    /// A literal or a constant.
    Leaf(Cow<'static, str>),
    Var(Var),
    /// `self.name`.
    Field(String),
    /// An operation with its operands.
    Op {
        template: Cow<'static, str>,
        args: Vec<Expr>,
    },
    Block(Block),
    /// What binds names for `body` only: an arm, a closure, the rest of `if let` or `for`. It
    /// prints as `pattern link head if guard body`.
    Bind(Box<Bind>),
}

#[derive(Clone, Debug)]
pub struct Bind {
    pub pat: Pat,
    /// Between the pattern and the head or the body.
    pub link: &'static str,
    /// Evaluated before the names are bound.
    pub head: Option<Expr>,
    pub guard: Option<Expr>,
    pub body: Expr,
}

impl Pat {
    pub fn name(var: Var) -> Pat {
        Pat { template: "@".into(), vars: vec![var] }
    }

    pub fn new(template: impl Into<Cow<'static, str>>, vars: Vec<Var>) -> Pat {
        Pat { template: template.into(), vars }
    }
}

impl Expr {
    pub fn leaf(ty: Ty, text: impl Into<Cow<'static, str>>) -> Expr {
        Expr { ty, kind: ExprKind::Leaf(text.into()) }
    }

    pub fn var(var: &Var) -> Expr {
        Expr { ty: var.ty.clone(), kind: ExprKind::Var(var.clone()) }
    }

    pub fn op(ty: Ty, template: impl Into<Cow<'static, str>>, args: Vec<Expr>) -> Expr {
        Expr { ty, kind: ExprKind::Op { template: template.into(), args } }
    }

    pub fn block(ty: Ty, block: Block) -> Expr {
        Expr { ty, kind: ExprKind::Block(block) }
    }

    pub fn bind(pat: Pat, link: &'static str, head: Option<Expr>, guard: Option<Expr>, body: Expr) -> Expr {
        let ty = body.ty.clone();
        Expr { ty, kind: ExprKind::Bind(Box::new(Bind { pat, link, head, guard, body })) }
    }

    /// The direct parts, in the order of their evaluation.
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        match &mut self.kind {
            ExprKind::Leaf(_) | ExprKind::Var(_) | ExprKind::Field(_) => vec![],
            ExprKind::Op { args, .. } => args.iter_mut().collect(),
            ExprKind::Block(block) => block.children_mut(),
            ExprKind::Bind(bind) => {
                let Bind { head, guard, body, .. } = &mut **bind;
                head.iter_mut().chain(guard.iter_mut()).chain([body]).collect()
            }
        }
    }

    /// The number of nodes: what shrinking makes smaller.
    pub fn size(&self) -> usize {
        1 + match &self.kind {
            ExprKind::Leaf(_) | ExprKind::Var(_) | ExprKind::Field(_) => 0,
            ExprKind::Op { args, .. } => args.iter().map(Expr::size).sum(),
            ExprKind::Block(block) => block.size(),
            ExprKind::Bind(bind) => {
                let parts = bind.head.iter().chain(&bind.guard).chain([&bind.body]);
                parts.map(Expr::size).sum()
            }
        }
    }
}

impl Block {
    pub fn children_mut(&mut self) -> Vec<&mut Expr> {
        let mut all = vec![];
        for stmt in &mut self.stmts {
            match &mut stmt.kind {
                StmtKind::Let { value, otherwise, .. } => {
                    all.push(value);
                    all.extend(otherwise.iter_mut().flat_map(Block::children_mut));
                }
                StmtKind::Declare { .. } => {}
                StmtKind::Expr(expr) => all.push(expr),
            }
        }
        all.extend(self.tail.as_deref_mut());
        all
    }

    pub fn size(&self) -> usize {
        let stmts = self.stmts.iter().map(|stmt| match &stmt.kind {
            StmtKind::Let { value, otherwise, .. } => {
                1 + value.size() + otherwise.as_ref().map_or(0, Block::size)
            }
            StmtKind::Declare { .. } => 1,
            StmtKind::Expr(expr) => 1 + expr.size(),
        });
        stmts.sum::<usize>() + self.tail.as_ref().map_or(0, |it| it.size())
    }
}

impl Program {
    /// All functions: free ones, the child's methods, those of local modules, its own.
    pub fn functions_mut(&mut self) -> impl Iterator<Item = &mut Method> {
        let child = self.child.iter_mut().flat_map(|it| &mut it.methods);
        let locals = self.locals.iter_mut().flat_map(|it| it.methods.iter_mut().chain([&mut it.function]));
        self.functions.iter_mut().chain(child).chain(locals).chain(&mut self.methods)
    }

    pub fn size(&self) -> usize {
        let of =
            |methods: &[Method]| methods.iter().map(|it| 1 + it.params.len() + it.body.size()).sum::<usize>();
        let child = self.child.as_ref().map_or(0, |it| of(&it.methods) + it.fields.len() + 1);
        let function = |it: &Local| of(std::slice::from_ref(&it.function)) + it.fields.len() + 1;
        let locals = self.locals.iter().map(|it| of(&it.methods) + function(it)).sum::<usize>();
        let own = of(&self.methods) + self.fields.len() + self.constants.len();
        let written = self.names.len() + self.configured.len();
        child + locals + own + of(&self.functions) + self.types.len() + written
    }
}
