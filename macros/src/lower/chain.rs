//! Chains of iterators: `xs.iter().map(…).filter(…).sum()` become loops, or list comprehensions
//! where that says it all.

use syn::{ExprClosure, ExprMethodCall, Type};

use super::origin::Items;
use super::{Cx, Dest, Loop, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Stmt, StmtKind};

/// What gets each item that passes. Boxed where stages recur: a closure type that contains itself
/// would not end at compile time.
type Sink<'s, 'a> = Box<dyn FnOnce(&mut Cx<'a>, Expr) + 's>;

/// `source.stage.stage`, without what consumes it.
struct Chain<'e> {
    source: &'e syn::Expr,
    stages: Vec<Stage<'e>>,
}

enum Stage<'e> {
    Map(&'e ExprClosure),
    Filter(&'e ExprClosure),
}

impl Stage<'_> {
    fn closure(&self) -> &ExprClosure {
        match self {
            Stage::Map(closure) | Stage::Filter(closure) => closure,
        }
    }
}

impl<'a> Cx<'a> {
    /// `None` where the call does not consume an iterator.
    pub fn lower_consumer(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let arity = call.args.len();
        let consumes = matches!(
            (name, arity),
            ("collect" | "sum" | "product" | "count", 0) | ("any" | "all" | "for_each", 1) | ("fold", 2)
        );
        if !consumes || !is_iterator(&call.receiver) {
            return None;
        }
        let chain = parse_chain(&call.receiver);
        Some(match name {
            "collect" => {
                let element = call.turbofish.as_ref().and_then(|turbofish| match turbofish.args.first() {
                    Some(syn::GenericArgument::Type(ty)) => element_type(ty),
                    _ => None,
                });
                let element = element.or_else(|| self.expected.as_ref().and_then(element_type));
                self.lower_collect(&chain, element, call, range)
            }
            "sum" | "product" => {
                let items = self.lower_collect(&chain, None, call, range);
                Expr::rust_op(name, vec![items], range)
            }
            "count" => {
                let n = self.scope.temp("count");
                self.block.push(Stmt::assign(&n, Expr::int(0, range), range));
                self.lower_chain(&chain, None, range, |cx, _| {
                    let target = Expr::var(&n, range);
                    let op = BinaryOp::Add;
                    cx.push(StmtKind::AugAssign { target, op, value: Expr::int(1, range) }, range);
                });
                Expr::var(n, range)
            }
            "any" | "all" => self.lower_quantifier(&chain, &call.args[0], name == "any", range),
            "fold" => {
                let initial = self.lower_expr(&call.args[0]);
                let acc = self.scope.temp("accumulator");
                self.block.push(Stmt::assign(&acc, initial, range));
                self.lower_chain(&chain, None, range, |cx, item| {
                    let value = cx.call_closure(&call.args[1], vec![Expr::var(&acc, range), item]);
                    cx.block.push(Stmt::assign(&acc, value, range));
                });
                Expr::var(acc, range)
            }
            _ => {
                self.lower_chain(&chain, None, range, |cx, item| {
                    cx.run_closure(&call.args[0], vec![item]);
                });
                Expr::none(range)
            }
        })
    }

    /// `xs.iter().map(|x| f(x)).collect()` becomes `[f(x) for x in xs]`. With a filter, or a
    /// closure that takes statements, a list is filled in a loop, and its element type must be known.
    fn lower_collect(
        &mut self,
        chain: &Chain<'_>,
        element: Option<Type>,
        call: &ExprMethodCall,
        range: Range,
    ) -> Expr {
        if let Some(comprehension) = self.lower_comprehension(chain, range) {
            return comprehension;
        }
        let list = self.scope.temp("list");
        let empty = Expr::new(ExprKind::List(vec![]), range);
        let empty = match element {
            Some(ty) => {
                let ty: Type = syn::parse_quote!(::std::vec::Vec<#ty>);
                let slot = self.type_slot(&ty);
                let ty = Expr::var(slot.to_string(), range);
                Expr::var("$annotate", range).apply(vec![ty, empty], range)
            }
            None => {
                return self.poison(
                    &call.method,
                    "the type of the collected elements must be written",
                    "write `let list: Vec<T> = ….collect();` with its type, and use `list`",
                );
            }
        };
        self.block.push(Stmt::assign(&list, empty, range));
        self.lower_chain(chain, None, range, |cx, item| {
            let append = Expr::var(&list, range).select("append", range).apply(vec![item], range);
            cx.deliver(append, &Dest::Discard);
        });
        Expr::var(list, range)
    }

    fn lower_comprehension(&mut self, chain: &Chain<'_>, range: Range) -> Option<Expr> {
        let closure = match &chain.stages[..] {
            [] => None,
            [Stage::Map(closure)] => Some(*closure),
            _ => return None,
        };
        // What is given up must leave nothing behind.
        let iter = self.lower_iter(chain.source);
        let mut parts = None;
        let statements = self.in_block(|cx| {
            parts = Some(match closure {
                None => {
                    let item = Expr::var(cx.scope.temp("item"), range);
                    (item.clone(), item)
                }
                Some(closure) => {
                    let target = cx.closure_target(closure);
                    if let (Some(items), Some(pat)) = (cx.items_of(chain.source), closure.inputs.first()) {
                        cx.note_origins(pat, &items);
                    }
                    (target, cx.closure_body(closure))
                }
            });
        });
        if !statements.is_empty() {
            return None;
        }
        let (target, element) = parts?;
        Some(Expr::new(
            ExprKind::ListComp { element: Box::new(element), target: Box::new(target), iter: Box::new(iter) },
            range,
        ))
    }

    /// `any` and `all` stop as soon as they know.
    fn lower_quantifier(&mut self, chain: &Chain<'_>, closure: &syn::Expr, any: bool, range: Range) -> Expr {
        let flag = |flag| Expr::new(if flag { ExprKind::True } else { ExprKind::False }, range);
        let result = self.scope.temp(if any { "any" } else { "all" });
        self.block.push(Stmt::assign(&result, flag(!any), range));
        self.lower_chain(chain, None, range, |cx, item| {
            let test = cx.call_closure(closure, vec![item]);
            let cond = if any { test } else { Expr::not(test, range) };
            let then = vec![Stmt::assign(&result, flag(any), range), Stmt::new(StmtKind::Break, range)];
            cx.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
        });
        Expr::var(result, range)
    }

    /// A loop over the chain; `sink` gets each item that passes.
    fn lower_chain(
        &mut self,
        chain: &Chain<'_>,
        iter: Option<Expr>,
        range: Range,
        sink: impl FnOnce(&mut Self, Expr),
    ) {
        let iter = iter.unwrap_or_else(|| self.lower_iter(chain.source));
        let mut target = Expr::error();
        self.loops.push(Loop { dest: Dest::Discard });
        let body = self.in_block(|cx| match chain.stages.split_first() {
            // The first closure's parameter is the loop's own variable: a module can only be bound
            // there.
            Some((first, rest)) => {
                target = cx.closure_target(first.closure());
                if let (Some(items), Some(pat)) = (cx.items_of(chain.source), first.closure().inputs.first())
                {
                    cx.note_origins(pat, &items);
                }
                let value = cx.closure_body(first.closure());
                match first {
                    Stage::Map(_) => cx.lower_stages(rest, value, range, Box::new(sink)),
                    Stage::Filter(_) => {
                        let item = target.clone();
                        cx.lower_filtered(rest, value, item, range, Box::new(sink));
                    }
                }
            }
            None => {
                let item = cx.scope.temp("item");
                if let Some(Items::One(origin)) = cx.items_of(chain.source) {
                    cx.scope.set_origin(&item, origin);
                }
                target = Expr::var(item, range);
                sink(cx, target.clone());
            }
        });
        self.loops.pop();
        self.push(StmtKind::For { target, iter, body: non_empty(body, range) }, range);
    }

    fn lower_stages(&mut self, stages: &[Stage<'_>], item: Expr, range: Range, sink: Sink<'_, 'a>) {
        let Some((stage, rest)) = stages.split_first() else {
            sink(self, item);
            return;
        };
        let closure = syn::Expr::Closure(stage.closure().clone());
        let item = self.once(item);
        let value = self.call_closure(&closure, vec![item.clone()]);
        match stage {
            Stage::Map(_) => self.lower_stages(rest, value, range, sink),
            Stage::Filter(_) => self.lower_filtered(rest, value, item, range, sink),
        }
    }

    fn lower_filtered(
        &mut self,
        rest: &[Stage<'_>],
        cond: Expr,
        item: Expr,
        range: Range,
        sink: Sink<'_, 'a>,
    ) {
        let then = self.in_block(|cx| cx.lower_stages(rest, item, range, sink));
        self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise: vec![] }, range);
    }

    fn closure_target(&mut self, closure: &ExprClosure) -> Expr {
        match closure.inputs.first() {
            Some(pat) => self.pattern_target(pat),
            None => self.poison(closure, "the closure of an iterator takes an argument", "write `|item| …`"),
        }
    }
}

/// Whether `expr` is what iterator methods are called on.
pub fn is_iterator(expr: &syn::Expr) -> bool {
    match expr {
        syn::Expr::Paren(paren) => is_iterator(&paren.expr),
        syn::Expr::Range(_) => true,
        syn::Expr::MethodCall(call) => match call.method.to_string().as_str() {
            "iter" | "into_iter" | "iter_mut" => true,
            "map" | "filter" | "enumerate" | "zip" | "rev" | "step_by" | "copied" | "cloned" => {
                is_iterator(&call.receiver)
            }
            _ => false,
        },
        _ => false,
    }
}

fn parse_chain(expr: &syn::Expr) -> Chain<'_> {
    if let syn::Expr::MethodCall(call) = expr {
        let closure = match call.args.first() {
            Some(syn::Expr::Closure(closure)) => Some(closure),
            _ => None,
        };
        match (call.method.to_string().as_str(), closure) {
            ("map", Some(closure)) => {
                let mut chain = parse_chain(&call.receiver);
                chain.stages.push(Stage::Map(closure));
                return chain;
            }
            ("filter", Some(closure)) => {
                let mut chain = parse_chain(&call.receiver);
                chain.stages.push(Stage::Filter(closure));
                return chain;
            }
            ("copied" | "cloned", None) => return parse_chain(&call.receiver),
            _ => {}
        }
    }
    Chain { source: expr, stages: vec![] }
}

/// `T` of `Vec<T>`, where it is written out.
fn element_type(ty: &Type) -> Option<Type> {
    let Type::Path(path) = super::ungrouped(ty) else { return None };
    let last = path.path.segments.last()?;
    let syn::PathArguments::AngleBracketed(args) = &last.arguments else { return None };
    match args.args.first()? {
        syn::GenericArgument::Type(Type::Infer(_)) => None,
        syn::GenericArgument::Type(ty) if last.ident == "Vec" => Some(ty.clone()),
        _ => None,
    }
}
