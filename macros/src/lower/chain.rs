//! Chains of iterators: `xs.iter().map(…).filter(…)`, as loops.
//!
//! A chain is a source, which a loop can run over as it is (see `iter.rs`), and stages, which run
//! in the loop's body. What consumes it is in `consumers.rs`; where all closures are plain
//! expressions, it becomes a list without a loop, see `items.rs`.

use syn::{ExprClosure, ExprMethodCall};

use super::control::for_loop;
use super::iter::Iterable;
use super::labels::Loop;
use super::origin::Items;
use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, Operator, Stmt, StmtKind};

/// `source.stage.stage`, without what consumes it.
pub struct Chain<'e> {
    pub source: &'e syn::Expr,
    pub stages: Vec<Stage<'e>>,
    /// Whether it runs from the end: `rev` behind closures that look at single items.
    pub is_reversed: bool,
}

pub struct Stage<'e> {
    pub name: String,
    pub call: &'e ExprMethodCall,
}

/// Adapters that take a closure: they are stages always.
const CLOSURES: &[&str] =
    &["map", "filter", "filter_map", "flat_map", "take_while", "skip_while", "map_while", "inspect"];

/// Adapters that the source knows itself where no stage comes before.
const ADAPTERS: &[&str] =
    &["enumerate", "zip", "rev", "step_by", "copied", "cloned", "take", "skip", "chain", "flatten"];

/// Methods that give an iterator, or a list in its place, and how many arguments they take.
const SOURCES: &[(&str, usize)] = &[
    ("iter", 0),
    ("into_iter", 0),
    ("iter_mut", 0),
    ("keys", 0),
    ("values", 0),
    ("into_keys", 0),
    ("into_values", 0),
    ("windows", 1),
    ("chunks", 1),
    ("chunks_exact", 1),
    ("split", 1),
    ("split_whitespace", 0),
    ("split_ascii_whitespace", 0),
    ("lines", 0),
    ("chars", 0),
];

/// Whether `expr` is what iterator methods are called on.
pub fn is_iterator(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Paren(paren) => is_iterator(&paren.expr),
        syn::Expr::Group(group) => is_iterator(&group.expr),
        syn::Expr::Range(_) => true,
        syn::Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let name = name.as_str();
            SOURCES.contains(&(name, call.args.len()))
                || (CLOSURES.contains(&name) || ADAPTERS.contains(&name)) && is_iterator(&call.receiver)
        }
        _ => false,
    }
}

/// Whether the call is a stage, or one is before it.
pub fn has_stages(call: &ExprMethodCall) -> bool {
    let mut call = call;
    loop {
        let name = call.method.to_string();
        if !is_iterator(&call.receiver) {
            return false;
        }
        if CLOSURES.contains(&name.as_str()) || name == "flatten" {
            return true;
        }
        match ungrouped(&call.receiver) {
            syn::Expr::MethodCall(inner) if ADAPTERS.contains(&name.as_str()) => call = inner,
            _ => return false,
        }
    }
}

fn ungrouped(expr: &syn::Expr) -> &syn::Expr {
    match expr {
        syn::Expr::Paren(paren) => ungrouped(&paren.expr),
        syn::Expr::Group(group) => ungrouped(&group.expr),
        expr => expr,
    }
}

pub fn parse_chain(expr: &syn::Expr) -> Chain<'_> {
    let expr = ungrouped(expr);
    if let syn::Expr::MethodCall(call) = expr
        && has_stages(call)
    {
        let mut chain = parse_chain(&call.receiver);
        let name = call.method.to_string();
        let is_single = |stage: &Stage<'_>| {
            matches!(stage.name.as_str(), "map" | "filter" | "filter_map" | "copied" | "cloned")
        };
        if name == "rev" && chain.stages.iter().all(is_single) {
            chain.is_reversed = !chain.is_reversed;
        } else {
            chain.stages.push(Stage { name, call });
        }
        return chain;
    }
    Chain { source: expr, stages: vec![], is_reversed: false }
}

impl<'a> Cx<'a> {
    /// What the loop runs over; the first closure's parameter takes the items.
    pub fn lower_source(&mut self, chain: &Chain<'_>) -> Iterable {
        let pat = chain.stages.first().and_then(|stage| match stage.call.args.first() {
            Some(syn::Expr::Closure(closure)) => closure.inputs.first(),
            _ => None,
        });
        let source = self.lower_iter(chain.source, pat);
        if !chain.is_reversed {
            return source;
        }
        let list = self.as_list(source);
        let range = list.range;
        Iterable::list(Expr::rust_op(Operator::Rev, vec![list], range))
    }

    /// A loop over the chain; `sink` gets each item that passes.
    pub fn lower_chain(&mut self, chain: &Chain<'_>, range: Range, sink: impl FnOnce(&mut Self, Expr)) {
        self.lower_chain_as(chain, Loop::plain(), range, sink);
    }

    /// As [`Cx::lower_chain`], for a loop that has a label.
    pub fn lower_chain_as(
        &mut self,
        chain: &Chain<'_>,
        it: Loop,
        range: Range,
        sink: impl FnOnce(&mut Self, Expr),
    ) {
        let mut iter = [self.lower_source(chain).expr];
        let states = self.lower_states(&chain.stages, range, &mut iter);
        let [iter] = iter;
        let mut target = Expr::error();
        let (body, it) = self.in_loop(it, |cx| {
            for (stage, state) in chain.stages.iter().zip(&states) {
                // Rust does not ask for an item that it does not take.
                if let ("take", Some(left)) = (stage.name.as_str(), state) {
                    let cond = Expr::binary(BinaryOp::Le, left.clone(), Expr::int(0, range), range);
                    cx.push_if(cond, vec![Stmt::new(StmtKind::Break, range)], range);
                }
            }
            // The first closure's parameter is the loop's own variable: a module can only be bound
            // there.
            let first = chain.stages.first().filter(|stage| matches!(stage.name.as_str(), "map" | "filter"));
            let closure = first.and_then(|stage| stage.call.args.first()).and_then(|arg| match arg {
                syn::Expr::Closure(closure) => Some(closure),
                _ => None,
            });
            let Some(closure) = closure else {
                let item = cx.scope.temp("item");
                if let Some(Items::One(origin)) = cx.items_of(chain.source) {
                    cx.scope.set_origin(&item, origin);
                }
                target = Expr::var(item, range);
                cx.lower_stages(&chain.stages, &states, target.clone(), range, Box::new(sink));
                return;
            };
            target = cx.closure_target(closure);
            if let (Some(items), Some(pat)) = (cx.items_of(chain.source), closure.inputs.first()) {
                cx.note_origins(pat, &items);
            }
            let value = cx.closure_body(closure);
            let (rest, states) = (&chain.stages[1..], &states[1..]);
            match first.map(|stage| stage.name.as_str()) {
                Some("map") => cx.lower_stages(rest, states, value, range, Box::new(sink)),
                _ => {
                    let item = target.clone();
                    let then = cx.in_block(|cx| cx.lower_stages(rest, states, item, range, Box::new(sink)));
                    cx.push_if(value, then, range);
                }
            }
        });
        self.push_loop(for_loop(target, iter, non_empty(body, range)), it, range);
    }

    /// The variable of a loop that is a closure's parameter.
    pub fn closure_target(&mut self, closure: &ExprClosure) -> Expr {
        match closure.inputs.first() {
            Some(pat) => self.pattern_target(pat),
            None => self.poison(closure, "the closure of an iterator takes an argument", "write `|item| …`"),
        }
    }
}
