//! Lowers the items of a chain of iterators to a list.
//!
//! Where every closure is a plain expression, each stage is a list comprehension, and no type is
//! needed. Else a list is filled in a loop, and the type of its elements must be known.

use syn::Type;

use super::chain::{Chain, Stage, is_iterator, parse_chain};
use super::conditions::has_let;
use super::iter::counting;
use super::origin::Items;
use super::{Cx, Dest};
use crate::syntax::{Expr, ExprKind, Operator, Slot, Stmt};

impl Cx {
    /// The items of `expr` as a list. `element` is their type, if it is known; where it is needed and unknown,
    /// `culprit` is blamed.
    pub fn lower_items(&mut self, expr: &syn::Expr, element: Option<Type>, culprit: &syn::Ident) -> Expr {
        let chain = parse_chain(expr);
        if chain.stages.is_empty() {
            let items = self.lower_source(&chain);
            return self.as_list(items);
        }
        self.lower_stages_to_list(expr, &chain, element, culprit)
    }

    /// As [`Cx::lower_items`], but always a new list, so that changes to it do not change the source.
    pub fn lower_collected(&mut self, expr: &syn::Expr, element: Option<Type>, culprit: &syn::Ident) -> Expr {
        let chain = parse_chain(expr);
        if chain.stages.is_empty() {
            let items = self.lower_source(&chain).expr;
            return self.copied_items(items);
        }
        self.lower_stages_to_list(expr, &chain, element, culprit)
    }

    fn lower_stages_to_list(
        &mut self,
        expr: &syn::Expr,
        chain: &Chain<'_>,
        element: Option<Type>,
        culprit: &syn::Ident,
    ) -> Expr {
        if let Some(items) = self.attempt(|cx| cx.lower_comprehensions(chain)) {
            return items;
        }
        let slot = match element {
            Some(element) => Some(self.type_slot(&syn::parse_quote!(::std::vec::Vec<#element>))),
            None => self.infer_items(expr),
        };
        let Some(slot) = slot else {
            return self.poison(
                culprit,
                "the type of the collected elements must be written",
                "write `let list: Vec<T> = ….collect();` with its type, and use `list`",
            );
        };
        let range = self.range(&chain.source);
        let list = self.scope.temp("list");
        let empty = Expr::new(ExprKind::List(vec![]), range);
        let ty = Expr::slot(Slot::Type(slot.index), range);
        let empty = Expr::rust_op(Operator::Annotate, vec![ty, empty], range);
        self.block.push(Stmt::assign(&list, empty, range));
        self.lower_chain(chain, range, |cx, item| {
            let append = Expr::var(&list, range).select("append", range).apply(vec![item], range);
            cx.deliver(append, &Dest::Discard);
        });
        Expr::var(list, range)
    }

    /// Lowers each stage to a comprehension or an operator; `None` where a closure takes statements.
    fn lower_comprehensions(&mut self, chain: &Chain<'_>) -> Option<Expr> {
        let source = self.lower_source(chain);
        // A comprehension can run over the source as it is; operators take lists.
        let is_mapped = chain.stages.first().is_some_and(|stage| stage.name == "map");
        let mut items = if is_mapped { source.expr } else { self.as_list(source) };
        let mut origins = self.items_of(chain.source);
        for stage in &chain.stages {
            items = self.lower_list_stage(stage, items, origins.take())?;
        }
        Some(items)
    }

    fn lower_list_stage(&mut self, stage: &Stage<'_>, items: Expr, origins: Option<Items>) -> Option<Expr> {
        let range = self.range(stage.call);
        let arg = stage.call.args.first();
        let op = |op: Operator, args| Some(Expr::rust_op(op, args, range));
        let filter = |cx: &mut Self, name| {
            let items = cx.once(items.clone());
            let flags = cx.lower_comprehension(arg?, items.clone(), origins.as_ref())?;
            op(name, vec![items, flags])
        };
        match stage.name.as_str() {
            "map" => self.lower_comprehension(arg?, items, origins.as_ref()),
            "filter" => filter(self, Operator::Keep),
            "take_while" => filter(self, Operator::KeepWhile),
            "skip_while" => filter(self, Operator::DropWhile),
            "filter_map" => {
                let mapped = self.lower_comprehension(arg?, items, origins.as_ref())?;
                op(Operator::Present, vec![mapped])
            }
            "flat_map" => {
                if let Some(syn::Expr::Closure(closure)) = arg {
                    self.check_not_skipped(&closure.body);
                }
                let mapped = self.lower_comprehension(arg?, items, origins.as_ref())?;
                op(Operator::Concat, vec![mapped])
            }
            "flatten" => op(Operator::Concat, vec![items]),
            "enumerate" => {
                let pairs = Expr::var("enumerate", range).apply(vec![items], range);
                Some(self.copied_items(pairs))
            }
            "zip" => {
                let arg = arg?;
                let both = self.lower_second(items, |cx| cx.lower_items(arg, None, &stage.call.method));
                let pairs = Expr::var("zip", range).apply(both, range);
                Some(self.copied_items(pairs))
            }
            "chain" => {
                let arg = arg?;
                let both = self.lower_second(items, |cx| cx.lower_items(arg, None, &stage.call.method));
                op(Operator::Chain, both)
            }
            "rev" => op(Operator::Rev, vec![items]),
            "take" | "skip" | "step_by" => {
                let arg = arg?;
                let values = self.lower_second(items, |cx| cx.lower_expr(arg));
                op(counting(&stage.name)?, values)
            }
            "copied" | "cloned" => op(Operator::Cloned, vec![items]),
            _ => None,
        }
    }

    /// `[f(x) for x in items]`, if `f` is a plain expression.
    pub fn lower_comprehension(
        &mut self,
        closure: &syn::Expr,
        items: Expr,
        origins: Option<&Items>,
    ) -> Option<Expr> {
        let range = items.range;
        let closure = self.as_closure(closure, 1)?;
        let mut parts = None;
        let statements = self.in_block(|cx| {
            let target = cx.closure_target(&closure);
            if let (Some(items), Some(pat)) = (origins, closure.inputs.first()) {
                cx.note_origins(pat, items);
            }
            // The closure of `flat_map` may return an iterator.
            let element = match &*closure.body {
                syn::Expr::MethodCall(call) if is_iterator(&closure.body) => {
                    cx.lower_items(&closure.body, None, &call.method)
                }
                body => match cx.lower_ternary(body) {
                    Some(value) => value,
                    None => cx.closure_body(&closure),
                },
            };
            parts = Some((target, element));
        });
        let (target, element) = parts.filter(|_| statements.is_empty())?;
        let (element, target, iter) = (Box::new(element), Box::new(target), Box::new(items));
        Some(Expr::new(ExprKind::ListComp { element, target, iter }, range))
    }

    /// `if c { a } else { b }` becomes `a if c else b`, if both branches are plain expressions.
    fn lower_ternary(&mut self, expr: &syn::Expr) -> Option<Expr> {
        let expr = match expr {
            syn::Expr::Block(block) if block.label.is_none() => {
                return self.lower_ternary(tail(&block.block)?);
            }
            syn::Expr::If(expr) if !has_let(&expr.cond) => expr,
            _ => return None,
        };
        let range = self.range(expr);
        let (_, otherwise) = expr.else_branch.as_ref()?;
        let otherwise = match &**otherwise {
            syn::Expr::Block(block) => tail(&block.block)?,
            other => other,
        };
        let then = tail(&expr.then_branch)?;
        let (cond, then, otherwise) = self.attempt(|cx| {
            let mut parts = None;
            let statements = cx.in_block(|cx| {
                let cond = cx.lower_condition(&expr.cond);
                let mut value = |branch| cx.lower_ternary(branch).unwrap_or_else(|| cx.lower_expr(branch));
                parts = Some((Box::new(cond), Box::new(value(then)), Box::new(value(otherwise))));
            });
            parts.filter(|_| statements.is_empty())
        })?;
        Some(Expr::new(ExprKind::Ternary { cond, then, otherwise }, range))
    }
}

/// The expression of a block that consists of nothing else.
fn tail(block: &syn::Block) -> Option<&syn::Expr> {
    match &block.stmts[..] {
        [syn::Stmt::Expr(expr, None)] => Some(expr),
        _ => None,
    }
}
