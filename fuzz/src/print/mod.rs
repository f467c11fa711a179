//! Programs as Rust source.
//!
//! In a template each `@`, `#`, `§`, `~` and `$` stands for the next operand: `@` for its value, which
//! clones what cannot be copied; `#` for the place, as a receiver; `§` for a receiver that may be any
//! value; `~` for a reference; `$` for a variable that is moved. Only `#[cfg(` is an attribute.

mod anchor;
mod copy;
mod expr;
mod item;

use crate::ast::{Block, Expr, ExprKind, Pat, Program, Stmt, StmtKind};
use crate::ty::Ty;
use anchor::anchor;

/// The module `name`, with the program and the function `case`.
pub fn module(program: &Program, name: &str) -> String {
    let mut out = Printer::default();
    out.line(&format!("mod {name} {{"));
    out.line("use super::prelude::*;");
    out.text(&source(program));
    for ty in &program.types {
        out.line(&item::data(ty));
    }
    out.line("pub fn case() -> Box<dyn fuzz_harness::Subject> {");
    out.line(&format!("fuzz_harness::subject({})", item::literal(program)));
    out.line("}");
    out.line("}");
    out.out
}

/// What a user would have written: types, functions, modules.
pub fn source(program: &Program) -> String {
    let mut out = Printer { is_anchored: program.is_anchored, ..Printer::default() };
    program.types.iter().for_each(|it| out.type_item(it));
    program.functions.iter().for_each(|it| out.method(it));
    if let Some(child) = &program.child {
        out.module_item("Q", &child.fields, &child.constants, &child.methods);
    }
    out.module_item("P", &program.fields, &program.constants, &program.methods);
    out.out
}

#[derive(Default)]
struct Printer {
    out: String,
    depth: usize,
    is_anchored: bool,
}

impl Printer {
    fn text(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// A line of its own; what ends in a brace opens or closes a level.
    fn line(&mut self, text: &str) {
        if text.starts_with('}') {
            self.depth = self.depth.saturating_sub(1);
        }
        if !self.out.is_empty() && !self.out.ends_with('\n') {
            self.out.push('\n');
        }
        self.out.push_str(&"    ".repeat(self.depth));
        self.out.push_str(text);
        self.out.push('\n');
        if text.ends_with('{') {
            self.depth += 1;
        }
    }

    fn stmt_lines(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            let indent = "    ".repeat(self.depth);
            self.text(&indent);
            self.stmt(stmt);
            self.text("\n");
        }
    }

    fn block_lines(&mut self, block: &Block) {
        self.stmt_lines(&block.stmts);
        if let Some(tail) = &block.tail {
            let indent = "    ".repeat(self.depth);
            self.text(&indent);
            self.value(tail);
            self.text("\n");
        }
    }

    fn block(&mut self, block: &Block) {
        if block.stmts.is_empty() {
            self.text("{ ");
            if let Some(tail) = &block.tail {
                self.value(tail);
            }
            self.text(" }");
            return;
        }
        self.text("{\n");
        self.depth += 1;
        self.block_lines(block);
        self.depth -= 1;
        let indent = "    ".repeat(self.depth);
        self.text(&indent);
        self.text("}");
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Let { pat, ty, value, otherwise } => {
                self.text("let ");
                self.pat(pat);
                if let Some(ty) = ty {
                    self.text(&format!(": {ty}"));
                }
                self.text(" = ");
                match otherwise {
                    // What ends in a brace must not stand before `else`.
                    Some(otherwise) => {
                        self.text("(");
                        self.value(value);
                        self.text(") else ");
                        self.block(otherwise);
                    }
                    None => self.value(value),
                }
                self.text(";");
            }
            StmtKind::Declare { var, mutable } => {
                let mutable = if *mutable { "mut " } else { "" };
                self.text(&format!("let {mutable}{}: {};", var.name, var.ty));
            }
            StmtKind::Expr(expr) => {
                self.value(expr);
                if !self.out.ends_with(['}', ';']) || expr.ty != Ty::Unit {
                    self.text(";");
                }
                self.keep_target(expr);
            }
        }
    }

    /// What an assignment may fail at is used.
    fn keep_target(&mut self, expr: &Expr) {
        if let ExprKind::Op { template, args } = &expr.kind
            && self.is_anchored
            && (template.starts_with('#') && !template.starts_with("#[cfg(")
                || template.starts_with("let _ = #"))
            && let ExprKind::Var(var) = &args[0].kind
            && let Some(test) = anchor(&var.ty)
        {
            self.text(&format!(" assert!({}, \"kept\");", test.replace("kept", &var.name)));
        }
    }

    fn pat(&mut self, pat: &Pat) {
        let mut vars = pat.vars.iter();
        for part in pat.template.chars() {
            match part {
                '@' => self.text(&vars.next().expect("a variable for each hole").name),
                '§' => self.out.push('@'),
                other => self.out.push(other),
            }
        }
    }
}
