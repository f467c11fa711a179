//! Programs as Rust source.
//!
//! In a template each `@`, `#`, `~` and `$` stands for the next operand: `@` for its value, which
//! clones what cannot be copied; `#` for the place, as a receiver; `~` for a reference; `$` for a
//! variable that is moved.

use crate::ast::{Bind, Block, Expr, ExprKind, Method, Pat, Program, Stmt, StmtKind, Var};
use crate::ty::Ty;

/// The module `name`, with the struct, its methods and the function `case`.
pub fn module(program: &Program, name: &str) -> String {
    let mut out = Printer::default();
    out.line(&format!("mod {name} {{"));
    out.line("use super::prelude::*;");
    out.text(&source(program));
    out.line("pub fn case() -> Box<dyn fuzz_harness::Subject> {");
    let fields: Vec<String> = program.fields.iter().map(|it| format!("{}: {}", it.name, it.value)).collect();
    out.line(&format!("fuzz_harness::subject(P {{ {} }})", fields.join(", ")));
    out.line("}");
    out.line("}");
    out.out
}

/// The struct and its impl block: what a user would have written.
pub fn source(program: &Program) -> String {
    let mut out = Printer { is_anchored: program.is_anchored, ..Printer::default() };
    out.line("#[compile_mode(script)]");
    out.line("struct P {");
    for field in &program.fields {
        out.line(&format!("{}: {},", field.name, field.ty));
    }
    out.line("}");
    out.line("");
    out.line("#[methods]");
    out.line("impl P {");
    for constant in &program.constants {
        out.line(&format!("const {}: {} = {};", constant.name, constant.ty, constant.value));
    }
    for method in &program.methods {
        out.method(method);
    }
    out.line("}");
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

    fn method(&mut self, method: &Method) {
        let receiver = method.has_self.then(|| "&self".to_owned());
        let params = method.params.iter().map(|param| {
            let mutable = if param.mutable { "mut " } else { "" };
            format!("{mutable}{}: {}", param.var.name, param_type(&param.var))
        });
        let params: Vec<String> = receiver.into_iter().chain(params).collect();
        let returns = match (&method.returns, method.fallible) {
            (Ty::Unit, false) => String::new(),
            (ty, false) => format!(" -> {ty}"),
            (ty, true) => format!(" -> Result<{ty}, tch::TchError>"),
        };
        self.line(&format!("fn {}({}){returns} {{", method.name, params.join(", ")));
        self.block_lines(&method.body);
        self.line("}");
    }

    fn block_lines(&mut self, block: &Block) {
        for stmt in &block.stmts {
            let indent = "    ".repeat(self.depth);
            self.text(&indent);
            self.stmt(stmt);
            self.text("\n");
        }
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
            && template.starts_with('#')
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

    fn template(&mut self, template: &str, args: &[Expr]) {
        let mut args = args.iter();
        let mut next = || args.next().unwrap_or_else(|| panic!("too few operands for `{template}`"));
        let mut quoted = false;
        for part in template.chars() {
            match part {
                '"' => {
                    quoted = !quoted;
                    self.out.push(part);
                }
                _ if quoted => self.out.push(part),
                '@' => self.value(next()),
                '#' => self.place(next()),
                '~' => self.reference(next()),
                '$' => match &next().kind {
                    ExprKind::Var(var) => self.text(&var.name),
                    other => panic!("only variables are moved, not {other:?}"),
                },
                other => self.out.push(other),
            }
        }
    }

    fn value(&mut self, expr: &Expr) {
        match &expr.kind {
            ExprKind::Leaf(text) => self.text(text),
            ExprKind::Var(var) => self.text(&value_of(&var.name, var)),
            ExprKind::Field(name) => match &expr.ty {
                Ty::Tensor => self.text(&format!("self.{name}.shallow_clone()")),
                ty if ty.is_copy() => self.text(&format!("self.{name}")),
                _ => self.text(&format!("self.{name}.clone()")),
            },
            ExprKind::Op { template, args } => match anchor(&expr.ty) {
                Some(test) if self.is_anchored && can_fail(template) => {
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

    fn place(&mut self, expr: &Expr) {
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
            // A guard takes no statements.
            let outer = std::mem::replace(&mut self.is_anchored, false);
            self.value(guard);
            self.is_anchored = outer;
        }
        self.text(link);
        if let Some(head) = head {
            self.value(head);
            self.text(" ");
        }
        self.value(body);
    }
}

/// Whether an operation can fail where no other does.
fn can_fail(template: &str) -> bool {
    ["/", "%", "#[", "unwrap()", "expect(", "_euclid(", "clamp(", "isqrt(", "div_ceil("]
        .iter()
        .any(|it| template.contains(it))
        && !template.ends_with(';')
}

/// A test of `kept` that holds, but that TorchScript cannot know to.
fn anchor(ty: &Ty) -> Option<&'static str> {
    Some(match ty {
        Ty::Int => "kept != 8146235917",
        Ty::Size => "kept != 8146235917",
        Ty::Float => "kept != 81.46235917",
        Ty::Bool => "kept || !kept",
        Ty::Tuple(items) if items[0] == Ty::Int => "kept.0 != 8146235917",
        Ty::Text => "kept.len() != 8146235917",
        Ty::List(_) | Ty::Array(..) => "kept.len() != 8146235917",
        _ => return None,
    })
}

/// A variable's value: copied, cloned or read through its reference.
fn value_of(name: &str, var: &Var) -> String {
    match &var.ty {
        Ty::Tensor => format!("{name}.shallow_clone()"),
        ty if ty.is_copy() && !var.by_ref => name.to_owned(),
        ty if ty.is_copy() => format!("(*{name})"),
        Ty::Text if var.by_ref => format!("{name}.to_owned()"),
        Ty::List(_) if var.by_ref => format!("{name}.to_vec()"),
        _ => format!("{name}.clone()"),
    }
}

/// `&[T]` and `&str` for references to lists and texts.
fn param_type(var: &Var) -> String {
    match &var.ty {
        ty if !var.by_ref => ty.to_string(),
        Ty::List(of) => format!("&[{of}]"),
        Ty::Text => "&str".to_owned(),
        ty => format!("&{ty}"),
    }
}
