//! Whether a changed program still means something: each use sees its own binding, `break` is in a
//! loop, what is called exists. Types are kept by construction.

use crate::ast::{Block, Expr, ExprKind, Field, Method, Owner, Program, StmtKind, Var};

/// Whether every use has its binding, every jump its loop, and every call its method.
pub fn is_valid(program: &Program) -> bool {
    let mut free = vec![];
    if !are_valid(&program.functions, &mut free) {
        return false;
    }
    if let Some(child) = &program.child {
        let mut names = free.clone();
        names.extend(members(&child.fields, &child.constants));
        if !are_valid(&child.methods, &mut names) {
            return false;
        }
    }
    for local in &program.locals {
        let mut names = free.clone();
        names.extend(members(&local.fields, &local.constants));
        let is_function = are_valid(std::slice::from_ref(&local.function), &mut names);
        if !is_function || !are_valid(&local.methods, &mut names) {
            return false;
        }
    }
    let mut names = free;
    names.extend(members(&program.fields, &program.constants));
    are_valid(&program.methods, &mut names)
}

fn members(fields: &[Field], constants: &[Field]) -> Vec<String> {
    let fields = fields.iter().map(|it| format!("self.{}", it.name));
    fields.chain(constants.iter().map(|it| format!("Self::{}", it.name))).collect()
}

/// Whether each of `methods` uses only `names` and those before; their names are added.
fn are_valid(methods: &[Method], names: &mut Vec<String>) -> bool {
    for method in methods {
        let mut walk = Walk { vars: vec![], n_loops: 0, labels: vec![], names, ok: true };
        walk.vars.extend(method.params.iter().map(|it| it.var.clone()));
        walk.block(&method.body);
        if !walk.ok {
            return false;
        }
        names.extend(match method.owner {
            Owner::Nothing | Owner::Data => vec![format!("{}(", method.name)],
            _ => vec![format!("self.{}(", method.name), format!("Self::{}(", method.name)],
        });
    }
    true
}

struct Walk<'p> {
    vars: Vec<Var>,
    n_loops: usize,
    labels: Vec<String>,
    names: &'p [String],
    ok: bool,
}

impl Walk<'_> {
    fn block(&mut self, block: &Block) {
        let mark = self.vars.len();
        for stmt in &block.stmts {
            match &stmt.kind {
                StmtKind::Let { pat, value, otherwise, .. } => {
                    self.expr(value);
                    if let Some(otherwise) = otherwise {
                        self.block(otherwise);
                    }
                    self.vars.extend(pat.vars.iter().cloned());
                }
                StmtKind::Declare { var, .. } => self.vars.push(var.clone()),
                StmtKind::Expr(expr) => self.expr(expr),
            }
        }
        if let Some(tail) = &block.tail {
            self.expr(tail);
        }
        self.vars.truncate(mark);
    }

    fn expr(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Leaf(text) => {
                self.ok &= self.n_loops > 0 || !matches!(&**text, "break" | "continue");
                self.check_names(text);
            }
            ExprKind::Var(var) => {
                let seen = self.vars.iter().rev().find(|it| it.name == var.name);
                self.ok &= seen.is_some_and(|it| it.id == var.id);
            }
            ExprKind::Field(name) => self.check_names(&format!("self.{name}")),
            ExprKind::Op { template, args } => {
                self.check_names(template);
                self.check_places(template, args);
                let is_loop = ["for ", "while ", "loop ", "'l"].iter().any(|it| template.starts_with(it));
                self.check_label(template);
                self.ok &= self.n_loops > 0 || !template.starts_with("break ");
                self.n_loops += usize::from(is_loop);
                args.iter().for_each(|it| self.expr(it));
                self.n_loops -= usize::from(is_loop);
                if template.starts_with("'l") {
                    self.labels.pop();
                }
            }
            ExprKind::Block(block) => self.block(block),
            ExprKind::Bind(bind) => {
                if let Some(head) = &bind.head {
                    self.expr(head);
                }
                self.check_names(&bind.pat.template);
                let mark = self.vars.len();
                self.vars.extend(bind.pat.vars.iter().cloned());
                if let Some(guard) = &bind.guard {
                    self.expr(guard);
                }
                self.expr(&bind.body);
                self.vars.truncate(mark);
            }
        }
    }

    /// What is assigned, moved or counted by is a place, and stays one.
    fn check_places(&mut self, template: &str, args: &[Expr]) {
        let mut quoted = false;
        let mut args = args.iter();
        for (i, c) in template.char_indices() {
            match c {
                '"' => quoted = !quoted,
                '#' if template[i..].starts_with("#[cfg(") => {}
                '@' | '~' | '§' if !quoted => drop(args.next()),
                '#' | '$' if !quoted => {
                    let is_place = |it: &Expr| matches!(it.kind, ExprKind::Var(_) | ExprKind::Field(_));
                    self.ok &= args.next().is_some_and(is_place);
                }
                _ => {}
            }
        }
    }

    /// A label is used inside of its loop.
    fn check_label(&mut self, template: &str) {
        let Some(start) = template.find("'l") else { return };
        let label: String = template[start..].chars().take_while(|c| !": ;".contains(*c)).collect();
        if start == 0 {
            self.labels.push(label);
        } else {
            self.ok &= self.labels.contains(&label);
        }
    }

    /// `self.name`, `self.name(`, `Self::NAME` and `gate0(` must exist.
    fn check_names(&mut self, text: &str) {
        for start in ["self.", "Self::", "gate"] {
            for (at, _) in text.match_indices(start) {
                let rest = &text[at + start.len()..];
                let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
                let call = if rest[len..].starts_with('(') { "(" } else { "" };
                let name = format!("{start}{}{call}", &rest[..len]);
                self.ok &= self.names.contains(&name);
            }
        }
    }
}
