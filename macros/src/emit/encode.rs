//! Writes a syntax tree as one byte string for the shim: nested statics cost rustc 17 times as much.
//!
//! The format is described where it is read, in `runtime/shim/tree.cc`. Nodes are written as libtorch's own compounds,
//! so that only this file has to know their grammar.

use std::collections::HashMap;

use crate::span::Range;
use crate::syntax::{Def, Expr, ExprKind, Param, Stmt, StmtKind, TypeSlot};

/// Encodes a method.
pub fn encode(def: &Def) -> Vec<u8> {
    let mut encoder = Encoder::default();
    encoder.def(def);
    encoder.finish()
}

#[derive(Default)]
struct Encoder {
    strings: Vec<String>,
    index: HashMap<String, usize>,
    nodes: Vec<u8>,
}

impl Encoder {
    fn finish(self) -> Vec<u8> {
        let mut bytes = Vec::new();
        number(&mut bytes, self.strings.len());
        for text in &self.strings {
            number(&mut bytes, text.len());
            bytes.extend_from_slice(text.as_bytes());
        }
        bytes.extend(self.nodes);
        bytes
    }

    fn string(&mut self, text: &str) -> usize {
        if let Some(&index) = self.index.get(text) {
            return index;
        }
        self.strings.push(text.to_owned());
        self.index.insert(text.to_owned(), self.strings.len() - 1);
        self.strings.len() - 1
    }

    /// Writes the head of a compound; its `children` follow.
    fn node(&mut self, kind: &str, range: Range, children: usize) {
        let kind = self.string(kind);
        for value in [kind + 1, range.start, range.end - range.start, children] {
            number(&mut self.nodes, value);
        }
    }

    fn leaf(&mut self, text: &str) {
        let index = self.string(text);
        number(&mut self.nodes, 0);
        number(&mut self.nodes, index);
    }

    fn ident(&mut self, name: &str, range: Range) {
        self.node("TK_IDENT", range, 1);
        self.leaf(name);
    }

    fn var(&mut self, name: &str, range: Range) {
        self.node("TK_VAR", range, 1);
        self.ident(name, range);
    }

    fn list<T>(&mut self, range: Range, items: &[T], each: fn(&mut Self, &T)) {
        self.node("TK_LIST", range, items.len());
        items.iter().for_each(|item| each(self, item));
    }

    fn option<T: ?Sized>(&mut self, range: Range, value: Option<&T>, each: fn(&mut Self, &T)) {
        self.node("TK_OPTION", range, usize::from(value.is_some()));
        if let Some(value) = value {
            each(self, value);
        }
    }

    fn def(&mut self, def: &Def) {
        self.node("TK_DEF", def.range, 3);
        self.ident(&def.name, def.range);
        self.node("TK_DECL", def.range, 2);
        self.list(def.range, &def.params, Self::param);
        self.option(def.range, def.returns.as_ref(), Self::type_slot);
        self.list(def.range, &def.body, Self::stmt);
    }

    fn param(&mut self, param: &Param) {
        self.node("TK_PARAM", param.range, 4);
        self.ident(&param.name, param.range);
        self.option(param.range, param.ty.as_ref(), Self::type_slot);
        let default = param.defaults_to_none.then_some(&param.range);
        self.option(param.range, default, |this, range| this.node("TK_NONE", *range, 0));
        self.node("TK_FALSE", param.range, 0);
    }

    fn type_slot(&mut self, slot: &TypeSlot) {
        self.var(&slot.to_string(), slot.range);
    }

    fn stmt(&mut self, stmt: &Stmt) {
        let range = stmt.range;
        match &stmt.kind {
            StmtKind::Assign { target, value, ty } => {
                self.node("TK_ASSIGN", range, 3);
                self.list(range, std::slice::from_ref(target), Self::expr);
                self.option(range, Some(value), Self::expr);
                self.option(range, ty.as_ref(), Self::type_slot);
            }
            StmtKind::AugAssign { target, op, value } => {
                self.node("TK_AUG_ASSIGN", range, 3);
                self.expr(target);
                self.node(op.node(), range, 0);
                self.expr(value);
            }
            StmtKind::Expr(expr) => {
                self.node("TK_EXPR_STMT", range, 1);
                self.expr(expr);
            }
            StmtKind::If { cond, then, otherwise } => {
                self.node("TK_IF", range, 3);
                self.expr(cond);
                self.list(range, then, Self::stmt);
                self.list(range, otherwise, Self::stmt);
            }
            StmtKind::While { cond, body } => {
                self.node("TK_WHILE", range, 2);
                self.expr(cond);
                self.list(range, body, Self::stmt);
            }
            StmtKind::For { target, iter, body } => {
                self.node("TK_FOR", range, 3);
                self.list(range, std::slice::from_ref(target), Self::expr);
                self.list(range, std::slice::from_ref(iter), Self::expr);
                self.list(range, body, Self::stmt);
            }
            StmtKind::With { manager, body } => {
                self.node("TK_WITH", range, 2);
                self.node("TK_LIST", range, 1);
                self.node("TK_WITH_ITEM", range, 2);
                self.expr(manager);
                self.node("TK_OPTION", range, 0);
                self.list(range, body, Self::stmt);
            }
            StmtKind::Return(value) => {
                self.node("TK_RETURN", range, 1);
                self.expr(value);
            }
            StmtKind::Raise(value) => {
                self.node("TK_RAISE", range, 1);
                self.expr(value);
            }
            StmtKind::Assert { cond, message } => {
                self.node("TK_ASSERT", range, 2);
                self.expr(cond);
                self.option(range, message.as_ref(), Self::expr);
            }
            StmtKind::Break => self.node("TK_BREAK", range, 0),
            StmtKind::Continue => self.node("TK_CONTINUE", range, 0),
            StmtKind::Pass => self.node("TK_PASS", range, 0),
        }
    }

    fn expr(&mut self, expr: &Expr) {
        let range = expr.range;
        match &expr.kind {
            ExprKind::Var(name) => self.var(name, range),
            ExprKind::Operator(op) => self.var(&op.to_string(), range),
            ExprKind::Slot(slot) => self.var(&slot.to_string(), range),
            ExprKind::Number(text) => {
                self.node("TK_CONST", range, 1);
                self.leaf(text);
            }
            ExprKind::Str(text) => {
                self.node("TK_STRINGLITERAL", range, 1);
                self.leaf(text);
            }
            ExprKind::True => self.node("TK_TRUE", range, 0),
            ExprKind::False => self.node("TK_FALSE", range, 0),
            ExprKind::None => self.node("TK_NONE", range, 0),
            ExprKind::Unary(op, operand) => {
                self.node(op.node(), range, 1);
                self.expr(operand);
            }
            ExprKind::Binary(op, lhs, rhs) => {
                self.node(op.node(), range, 2);
                self.expr(lhs);
                self.expr(rhs);
            }
            ExprKind::Select(value, field) => {
                self.node(".", range, 2);
                self.expr(value);
                self.ident(field, range);
            }
            ExprKind::Method(value, name, function) => {
                self.node(".", range, 2);
                self.expr(value);
                // The mark that `sugared.cc` tells it from a field by, and the slot that `tree.cc` looks at.
                let function = function.map(|it| it.to_string()).unwrap_or_default();
                self.ident(&format!("{name}(){function}"), range);
            }
            ExprKind::Subscript(value, index) => {
                self.node("TK_SUBSCRIPT", range, 2);
                self.expr(value);
                self.list(range, index, Self::expr);
            }
            ExprKind::Slice(start, end) => {
                self.node("TK_SLICE_EXPR", range, 3);
                self.option(range, start.as_deref(), Self::expr);
                self.option(range, end.as_deref(), Self::expr);
                self.node("TK_OPTION", range, 0);
            }
            ExprKind::Apply { callee, args, kwargs } => {
                self.node("TK_APPLY", range, 3);
                self.expr(callee);
                self.list(range, args, Self::expr);
                self.node("TK_LIST", range, kwargs.len());
                for (name, value) in kwargs {
                    self.node("TK_ATTRIBUTE", value.range, 2);
                    self.ident(name, value.range);
                    self.expr(value);
                }
            }
            ExprKind::List(items) => {
                self.node("TK_LIST_LITERAL", range, 1);
                self.list(range, items, Self::expr);
            }
            ExprKind::Tuple(items) => {
                self.node("TK_TUPLE_LITERAL", range, 1);
                self.list(range, items, Self::expr);
            }
            ExprKind::ListComp { element, target, iter } => {
                self.node("TK_LIST_COMP", range, 3);
                self.expr(element);
                self.expr(target);
                self.expr(iter);
            }
            ExprKind::Ternary { cond, then, otherwise } => {
                self.node("TK_IF_EXPR", range, 3);
                self.expr(cond);
                self.expr(then);
                self.expr(otherwise);
            }
            // Never written: a method with errors gets a refusal in place of its tree, see `method::body`.
            ExprKind::Error => self.node("TK_NONE", range, 0),
        }
    }
}

/// Appends a number as LEB128.
fn number(bytes: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}
