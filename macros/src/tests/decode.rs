//! The way back from the emitted bytes: what `runtime/shim/tree.cc` reads, read again.

use crate::span::Range;
use crate::syntax::{
    BinaryOp, Def, Expr, ExprKind, Operator, Param, Slot, Stmt, StmtKind, TypeSlot, UnaryOp,
};

/// The tree in `bytes`, with nothing left over.
pub fn decode(bytes: &[u8]) -> Def {
    let mut reader = Reader { bytes, at: 0 };
    let strings = (0..reader.number()).map(|_| reader.string()).collect();
    let node = reader.node(&strings);
    assert_eq!(reader.at, bytes.len(), "bytes are left over");
    node.def()
}

struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Reader<'_> {
    fn number(&mut self) -> usize {
        let (mut value, mut shift) = (0, 0);
        loop {
            let byte = self.bytes[self.at];
            self.at += 1;
            value |= usize::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return value;
            }
            shift += 7;
        }
    }

    fn string(&mut self) -> String {
        let len = self.number();
        let text = &self.bytes[self.at..self.at + len];
        self.at += len;
        String::from_utf8(text.to_vec()).expect("strings are UTF-8")
    }

    fn node(&mut self, strings: &Vec<String>) -> Node {
        let kind = self.number();
        if kind == 0 {
            return Node {
                kind: strings[self.number()].clone(),
                range: Range::default(),
                children: vec![],
                leaf: true,
            };
        }
        let kind = strings[kind - 1].clone();
        let start = self.number();
        let range = Range { start, end: start + self.number() };
        let children = (0..self.number()).map(|_| self.node(strings)).collect();
        Node { kind, range, children, leaf: false }
    }
}

/// A compound of libtorch, or a leaf, whose text is its kind.
#[derive(Debug)]
struct Node {
    kind: String,
    range: Range,
    children: Vec<Node>,
    leaf: bool,
}

impl Node {
    /// The children of a node of this kind.
    fn expect<const N: usize>(&self, kind: &str) -> &[Node; N] {
        assert_eq!(self.kind, kind);
        self.children[..].try_into().unwrap_or_else(|_| panic!("{kind} has {N} children: {self:?}"))
    }

    fn text(&self) -> String {
        assert!(self.leaf, "{self:?}");
        self.kind.clone()
    }

    fn ident(&self) -> String {
        let [name] = self.expect("TK_IDENT");
        name.text()
    }

    fn list<T>(&self, each: fn(&Node) -> T) -> Vec<T> {
        assert_eq!(self.kind, "TK_LIST");
        self.children.iter().map(each).collect()
    }

    fn only<T>(&self, each: fn(&Node) -> T) -> T {
        let mut list = self.list(each);
        assert_eq!(list.len(), 1);
        list.remove(0)
    }

    fn option<T>(&self, each: fn(&Node) -> T) -> Option<T> {
        assert_eq!(self.kind, "TK_OPTION");
        assert!(self.children.len() <= 1);
        self.children.first().map(each)
    }

    fn def(&self) -> Def {
        let [name, decl, body] = self.expect("TK_DEF");
        let [params, returns] = decl.expect("TK_DECL");
        Def {
            name: name.ident(),
            params: params.list(Node::param),
            returns: returns.option(Node::type_slot),
            body: body.list(Node::stmt),
            range: self.range,
        }
    }

    fn param(&self) -> Param {
        let [name, ty, default, keyword_only] = self.expect("TK_PARAM");
        assert_eq!(keyword_only.kind, "TK_FALSE");
        let default = default.option(Node::expr);
        assert!(default.as_ref().is_none_or(|it| matches!(it.kind, ExprKind::None)));
        Param {
            name: name.ident(),
            ty: ty.option(Node::type_slot),
            defaults_to_none: default.is_some(),
            range: self.range,
        }
    }

    fn type_slot(&self) -> TypeSlot {
        let [name] = self.expect("TK_VAR");
        let name = name.ident();
        let index = name.strip_prefix("$T").and_then(|index| index.parse().ok());
        TypeSlot { index: index.unwrap_or_else(|| panic!("{name} is no slot")), range: self.range }
    }

    fn stmt(&self) -> Stmt {
        let kind = match self.kind.as_str() {
            "TK_ASSIGN" => {
                let [target, value, ty] = self.expect("TK_ASSIGN");
                StmtKind::Assign {
                    target: target.only(Node::expr),
                    value: value.option(Node::expr).expect("an assignment has a value"),
                    ty: ty.option(Node::type_slot),
                }
            }
            "TK_AUG_ASSIGN" => {
                let [target, op, value] = self.expect("TK_AUG_ASSIGN");
                assert!(op.children.is_empty());
                StmtKind::AugAssign {
                    target: target.expr(),
                    op: binary_op(&op.kind).expect("an operator"),
                    value: value.expr(),
                }
            }
            "TK_EXPR_STMT" => {
                let [expr] = self.expect("TK_EXPR_STMT");
                StmtKind::Expr(expr.expr())
            }
            "TK_IF" => {
                let [cond, then, otherwise] = self.expect("TK_IF");
                StmtKind::If {
                    cond: cond.expr(),
                    then: then.list(Node::stmt),
                    otherwise: otherwise.list(Node::stmt),
                }
            }
            "TK_WHILE" => {
                let [cond, body] = self.expect("TK_WHILE");
                StmtKind::While { cond: cond.expr(), body: body.list(Node::stmt) }
            }
            "TK_FOR" => {
                let [target, iter, body] = self.expect("TK_FOR");
                StmtKind::For {
                    target: target.only(Node::expr),
                    iter: iter.only(Node::expr),
                    body: body.list(Node::stmt),
                }
            }
            "TK_WITH" => {
                let [items, body] = self.expect("TK_WITH");
                let manager = items.only(|item| {
                    let [manager, name] = item.expect("TK_WITH_ITEM");
                    assert!(name.option(Node::expr).is_none());
                    manager.expr()
                });
                StmtKind::With { manager, body: body.list(Node::stmt) }
            }
            "TK_RETURN" => {
                let [value] = self.expect("TK_RETURN");
                StmtKind::Return(value.expr())
            }
            "TK_RAISE" => {
                let [value] = self.expect("TK_RAISE");
                StmtKind::Raise(value.expr())
            }
            "TK_ASSERT" => {
                let [cond, message] = self.expect("TK_ASSERT");
                StmtKind::Assert { cond: cond.expr(), message: message.option(Node::expr) }
            }
            "TK_BREAK" => StmtKind::Break,
            "TK_CONTINUE" => StmtKind::Continue,
            "TK_PASS" => StmtKind::Pass,
            other => panic!("{other} is no statement"),
        };
        Stmt::new(kind, self.range)
    }

    fn expr(&self) -> Expr {
        let boxed = |node: &Node| Box::new(node.expr());
        let kind = match self.kind.as_str() {
            "TK_VAR" => {
                let [name] = self.expect("TK_VAR");
                var(name.ident())
            }
            "TK_CONST" => {
                let [text] = self.expect("TK_CONST");
                ExprKind::Number(text.text())
            }
            "TK_STRINGLITERAL" => {
                let [text] = self.expect("TK_STRINGLITERAL");
                ExprKind::Str(text.text())
            }
            "TK_TRUE" => ExprKind::True,
            "TK_FALSE" => ExprKind::False,
            "TK_NONE" => ExprKind::None,
            "TK_UNARY_MINUS" => {
                let [operand] = self.expect("TK_UNARY_MINUS");
                ExprKind::Unary(UnaryOp::Neg, boxed(operand))
            }
            "TK_NOT" => {
                let [operand] = self.expect("TK_NOT");
                ExprKind::Unary(UnaryOp::Not, boxed(operand))
            }
            "." => {
                let [value, field] = self.expect(".");
                let name = field.ident();
                match name.split_once("()") {
                    Some((method, function)) => {
                        ExprKind::Method(boxed(value), method.to_owned(), function.parse().ok())
                    }
                    None => ExprKind::Select(boxed(value), name),
                }
            }
            "TK_SUBSCRIPT" => {
                let [value, index] = self.expect("TK_SUBSCRIPT");
                ExprKind::Subscript(boxed(value), index.list(Node::expr))
            }
            "TK_SLICE_EXPR" => {
                let [start, end, step] = self.expect("TK_SLICE_EXPR");
                assert!(step.option(Node::expr).is_none());
                ExprKind::Slice(start.option(Node::expr).map(Box::new), end.option(Node::expr).map(Box::new))
            }
            "TK_APPLY" => {
                let [callee, args, kwargs] = self.expect("TK_APPLY");
                ExprKind::Apply {
                    callee: boxed(callee),
                    args: args.list(Node::expr),
                    kwargs: kwargs.list(Node::attribute),
                }
            }
            "TK_LIST_LITERAL" => {
                let [items] = self.expect("TK_LIST_LITERAL");
                ExprKind::List(items.list(Node::expr))
            }
            "TK_TUPLE_LITERAL" => {
                let [items] = self.expect("TK_TUPLE_LITERAL");
                ExprKind::Tuple(items.list(Node::expr))
            }
            "TK_LIST_COMP" => {
                let [element, target, iter] = self.expect("TK_LIST_COMP");
                ExprKind::ListComp { element: boxed(element), target: boxed(target), iter: boxed(iter) }
            }
            "TK_IF_EXPR" => {
                let [cond, then, otherwise] = self.expect("TK_IF_EXPR");
                ExprKind::Ternary { cond: boxed(cond), then: boxed(then), otherwise: boxed(otherwise) }
            }
            op => {
                let op = binary_op(op).unwrap_or_else(|| panic!("{op} is no expression"));
                let [lhs, rhs] = self.expect(op.node());
                ExprKind::Binary(op, boxed(lhs), boxed(rhs))
            }
        };
        Expr::new(kind, self.range)
    }

    fn attribute(&self) -> (String, Expr) {
        let [name, value] = self.expect("TK_ATTRIBUTE");
        (name.ident(), value.expr())
    }
}

/// A variable, or what is encoded as one under a name with `$`.
fn var(name: String) -> ExprKind {
    let Some(rust) = name.strip_prefix('$') else { return ExprKind::Var(name) };
    if let Some(op) = Operator::ALL.iter().find(|op| op.name() == rust) {
        return ExprKind::Operator(*op);
    }
    let (kind, index) = rust.split_at(1);
    let index = index.parse().unwrap_or_else(|_| panic!("{name} is no operator"));
    ExprKind::Slot(match kind {
        "T" => Slot::Type(index),
        "C" => Slot::Constant(index),
        "F" => Slot::Function(index),
        "U" => Slot::Uninitialized(index),
        "V" => Slot::Enum(index),
        "D" => Slot::Default(index),
        _ => panic!("{name} is no slot"),
    })
}

fn binary_op(node: &str) -> Option<BinaryOp> {
    use BinaryOp::*;
    [Add, Sub, Mul, Pow, And, Or, BitAnd, BitOr, BitXor, Shl, Shr, Lt, Le, Gt, Ge, Is, IsNot]
        .into_iter()
        .find(|op| op.node() == node)
}
