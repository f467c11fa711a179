//! Lowers a chain of iterators to a loop, where it does not become a list.

use syn::ExprClosure;

use super::chain::Chain;
use super::iter::Iterable;
use super::labels::Loop;
use super::origin::Items;
use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, Operator, Stmt, StmtKind};

impl Cx {
    /// The value that the loop runs over. The first closure's parameter takes the items.
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

    /// Adds a loop over the chain; `sink` lowers what happens with each item that passes all stages.
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
        self.lower_chain_after(chain, it, range, |_| (), sink);
    }

    /// The same, with statements between what the chain is made of and the loop.
    pub fn lower_chain_after(
        &mut self,
        chain: &Chain<'_>,
        it: Loop,
        range: Range,
        before: impl FnOnce(&mut Self),
        sink: impl FnOnce(&mut Self, Expr),
    ) {
        let mut iter = [self.lower_source(chain).expr];
        let states = self.lower_states(&chain.stages, range, &mut iter);
        self.lower_after(&mut iter, before);
        let [iter] = iter;
        let mut target = Expr::error();
        let (body, it) = self.in_loop(it, |cx| {
            for (stage, state) in chain.stages.iter().zip(&states) {
                // As in Rust, no further item is asked for once `take` has its number.
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
            // Its names are not those of the closures behind it.
            cx.scope.enter();
            target = cx.closure_target(closure);
            if let (Some(items), Some(pat)) = (cx.items_of(chain.source), closure.inputs.first()) {
                cx.note_origins(pat, &items);
            }
            let value = cx.closure_body(closure);
            cx.scope.leave();
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
        self.push_loop(StmtKind::For { target, iter, body: non_empty(body, range) }, it, range);
    }

    /// The target of a loop whose items are the closure's parameter.
    pub fn closure_target(&mut self, closure: &ExprClosure) -> Expr {
        match closure.inputs.first() {
            Some(pat) => self.pattern_target(pat),
            None => self.poison(closure, "the closure of an iterator takes an argument", "write `|item| …`"),
        }
    }
}
