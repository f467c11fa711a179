//! Modules in modules: fields that hold them, calls of their methods.

use super::Gen;
use super::flow::statement;
use crate::ast::{Expr, Field, Method, Owner, Stmt};
use crate::ty::Ty;

const CHILDREN: &[(&str, &str, &str)] = &[
    ("own_child", "Q", "Q"),
    ("own_children", "Vec<Q>", "vec![Q, Q]"),
    ("own_maybe_child", "Option<Q>", "Some(Q)"),
    ("own_no_child", "Option<Q>", "None"),
];

impl Gen {
    /// Fields that hold the child.
    pub fn hold_children(&mut self) {
        for (name, ty, value) in CHILDREN {
            if *name == "own_child" || self.chance(0.5) {
                let field = Field { name: (*name).into(), ty: Ty::Module(ty), value: (*value).into() };
                self.fields.push(field);
            }
        }
    }

    /// What can be called here: the text before its name, and the function.
    pub fn callable(&self) -> Vec<(String, Method)> {
        let mut all: Vec<_> = self.functions.iter().map(|it| (String::new(), it.clone())).collect();
        if matches!(self.owner, Owner::Nothing | Owner::Data) {
            return all;
        }
        for method in &self.methods {
            match method.owner {
                Owner::Value if self.owner == Owner::Value => all.push(("self.".into(), method.clone())),
                Owner::Type => all.push(("Self::".into(), method.clone())),
                _ => {}
            }
        }
        if self.owner == Owner::Value && self.fields.iter().any(|it| it.ty == Ty::Module("Q")) {
            let methods = self.child.iter().flat_map(|it| &it.methods);
            let own = methods.filter(|it| it.owner == Owner::Value);
            all.extend(own.clone().map(|it| ("self.own_child.".to_owned(), it.clone())));
            // Which one it is, is known only when it runs.
            let has = |name: &str| self.fields.iter().any(|it| it.name == name);
            if has("own_children") && has("own_size") {
                let chosen = "self.own_children[(self.own_size as usize) % 2].";
                all.extend(own.map(|it| (chosen.to_owned(), it.clone())));
            }
        }
        let is_module = |ty| self.fields.iter().any(|it| it.ty == Ty::Module(ty));
        if self.owner == Owner::Value && is_module("A") {
            let receivers = ["self.own_first.", "self.own_second."].into_iter().zip(&self.locals);
            for (receiver, local) in receivers {
                let mut forward = local.methods.last().expect("`forward` is last").clone();
                // The trait takes a reference, whatever the method takes.
                forward.params[0].var.by_ref = forward.returns == Ty::Tensor;
                all.push((receiver.to_owned(), forward));
            }
        }
        all
    }

    /// A variable, and a loop over modules or a test of one that assigns what they give.
    pub fn over_children(&mut self, depth: usize) -> Vec<Stmt> {
        let holds_several = |it: &Field| matches!(it.ty, Ty::Module("Vec<Q>" | "Option<Q>"));
        let fields: Vec<Field> = self.fields.iter().filter(|it| holds_several(it)).cloned().collect();
        let methods = self.child.iter().flat_map(|it| &it.methods);
        let methods: Vec<Method> = methods.filter(|it| it.owner == Owner::Value).cloned().collect();
        let method = if methods.is_empty() { return vec![] } else { self.choose(&methods) };
        if fields.is_empty() || self.owner != Owner::Value || method.fallible && !self.fallible {
            return vec![];
        }
        let field = self.choose(&fields);
        let ty = method.returns.clone();
        let start = self.expr(&ty, depth.min(2));
        let var = self.distinct(ty);
        let bind = self.binding("mut @", &var, start);
        self.scope.declare(&var, true, self.loops.len());
        let name = &field.name;
        let open = match field.ty {
            Ty::Module("Vec<Q>") => self.choose(&[
                format!("for layer in &self.{name}"),
                format!("for layer in self.{name}.iter().rev()"),
                format!("for (_, layer) in self.{name}.iter().enumerate()"),
            ]),
            _ => format!("if let Some(layer) = &self.{name}"),
        };
        if matches!(field.ty, Ty::Module("Vec<Q>")) && self.chance(0.3) {
            let cond = self.unchanging(|cx| cx.expr(&Ty::Bool, depth.min(2)));
            let value = self.unchanging(|cx| cx.call_of("layer.", &method, depth.min(2)));
            let choice = self.choose(&[
                "{ let layer = if @ { &self.own_child } else { &self.own_children[1] }; # = @; }",
                "{ let layer = if @ { &self.own_children[0] } else { &self.own_child }; # = @; }",
            ]);
            let assign = Expr::op(Ty::Unit, choice, vec![cond, Expr::var(&var), value]);
            return vec![bind, statement(assign)];
        }
        if matches!(field.ty, Ty::Module("Vec<Q>")) && self.chance(0.4) {
            // An index that each round changes.
            let (receiver, open, close) = self.choose(&[
                ("self.own_children[at % 2].", "let mut at = 0; while at < 3", "at += 1;"),
                ("self.own_children[at].", "let mut at = 1; for next in 0..3", "at = next % 2;"),
                ("self.own_children[1 - at].", "let mut at = 0; loop", "at += 1; if at > 1 { break; }"),
            ]);
            let value = self.unchanging(|cx| cx.call_of(receiver, &method, depth.min(2)));
            let assign = format!("{{ {open} {{ # = @; {close} }} }}");
            return vec![bind, statement(Expr::op(Ty::Unit, assign, vec![Expr::var(&var), value]))];
        }
        // Nothing leaves a loop over modules.
        let value = self.unchanging(|cx| cx.call_of("layer.", &method, depth.min(2)));
        let args = vec![Expr::var(&var), value];
        let assign = Expr::op(Ty::Unit, format!("{open} {{ # = @; }}"), args);
        vec![bind, statement(assign)]
    }
}
