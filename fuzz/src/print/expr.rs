//! Expressions.

use super::Printer;
use super::anchor::{anchor, can_fail};
use super::copy::{copy_of, value_of};
use crate::ast::{Bind, Expr, ExprKind};

impl Printer {
    pub(super) fn template(&mut self, template: &str, args: &[Expr]) {
        let mut args = args.iter();
        let mut next = || args.next().unwrap_or_else(|| panic!("too few operands for `{template}`"));
        let mut quoted = false;
        for (i, part) in template.char_indices() {
            match part {
                '"' => {
                    quoted = !quoted;
                    self.out.push(part);
                }
                _ if quoted => self.out.push(part),
                '@' => self.value(next()),
                '#' if template[i..].starts_with("#[cfg(") => self.out.push(part),
                '#' | '§' => self.place(next()),
                '~' => self.reference(next()),
                '$' => match &next().kind {
                    ExprKind::Var(var) => self.text(&var.name),
                    other => panic!("only variables are moved, not {other:?}"),
                },
                other => self.out.push(other),
            }
        }
    }

    pub(super) fn value(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Leaf(text) => self.text(text),
            ExprKind::Var(var) => self.text(&value_of(&var.name, var)),
            ExprKind::Field(name) => self.text(&copy_of(&format!("self.{name}"), &expr.ty, false)),
            ExprKind::Op { template, args } => match anchor(&expr.ty) {
                Some(test) if self.is_anchored && can_fail(template, &expr.ty) => {
                    self.text(&format!("({{ let kept: {} = ", expr.ty));
                    self.template(template, args);
                    self.text(&format!("; assert!({test}, \"kept\"); kept }})"));
                }
                _ => self.template(template, args),
            },
            ExprKind::Block(block) => self.block(block),
            ExprKind::Bind(bind) => self.bind(bind),
        }
    }

    pub(super) fn place(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Var(var) => self.text(&var.name),
            ExprKind::Field(name) => self.text(&format!("self.{name}")),
            _ => {
                self.text("(");
                self.value(expr);
                self.text(")");
            }
        }
    }

    fn reference(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Var(var) if var.by_ref => self.text(&var.name),
            _ => {
                self.text("&");
                self.place(expr);
            }
        }
    }

    fn bind(&mut self, bind: &Bind) {
        let Bind { pat, link, head, guard, body } = bind;
        self.pat(pat);
        if let Some(guard) = guard {
            self.text(" if ");
            self.value(guard);
        }
        self.text(link);
        if let Some(head) = head {
            self.value(head);
            self.text(" ");
        }
        self.value(body);
    }
}
