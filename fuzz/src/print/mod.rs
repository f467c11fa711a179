//! Programs as Rust source.
//!
//! In a template each `@`, `#`, `§`, `~` and `$` stands for the next operand: `@` for its value, which
//! clones what cannot be copied; `#` for the place, as a receiver; `§` for a receiver that may be any
//! value; `~` for a reference; `$` for a variable that is moved. Only `#[cfg(` is an attribute.

mod anchor;
mod copy;
mod expr;
mod item;

use crate::ast::{Block, ByHand, Expr, ExprKind, Pat, Program, Stmt, StmtKind};
use crate::ty::Ty;
use anchor::anchor;

/// The module `name`, with the program and the function `case`.
pub fn module(program: &Program, name: &str) -> String {
    let mut out = Printer::of(program);
    out.line(&format!("mod {name} {{"));
    out.line("use super::prelude::*;");
    out.items(program);
    for ty in &program.types {
        out.line(&item::data(ty));
    }
    out.line("pub fn case() -> Box<dyn fuzz_harness::Subject> {");
    out.text("fuzz_harness::subject(");
    out.literal(program);
    out.text(")\n");
    out.line("}");
    out.line("}");
    spelled(out.out, program)
}

/// What a user would have written: types, functions, modules.
pub fn source(program: &Program) -> String {
    let mut out = Printer::of(program);
    out.items(program);
    // These types are no items of the file.
    if !program.locals.is_empty() {
        out.line("fn module() {");
        out.text("let module = ");
        out.literal(program);
        out.text(";\n");
        out.line("}");
    }
    spelled(out.out, program)
}
/// With the program's own names for the generated ones, which are words that nothing else is.
fn spelled(text: String, program: &Program) -> String {
    if program.names.is_empty() {
        return text;
    }
    let mut out = String::new();
    let ends_word = |c: char| !c.is_alphanumeric() && c != '_';
    for part in text.split_inclusive(ends_word) {
        let word = part.trim_end_matches(ends_word);
        let name = program.names.iter().find(|it| it.0 == word);
        out.push_str(name.map_or(word, |it| &it.1));
        out.push_str(&part[word.len()..]);
    }
    out
}

#[derive(Default)]
struct Printer {
    out: String,
    depth: usize,
    is_anchored: bool,
    by_hand: Option<ByHand>,
    configured: Vec<String>,
    /// The methods of the module that have `#[export]`.
    exported: Vec<String>,
}

impl Printer {
    fn of(program: &Program) -> Printer {
        let Program { is_anchored, by_hand, ref configured, .. } = *program;
        Printer { is_anchored, by_hand, configured: configured.clone(), ..Printer::default() }
    }

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
