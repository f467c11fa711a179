//! Lowers methods that consume a chain of iterators: `collect`, `sum`, `fold`, `find` and the like.

use syn::{ExprMethodCall, GenericArgument, Type};

use super::chain::{is_iterator, parse_chain};
use super::labels::Loop;
use super::results::has_effects;
use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Stmt, StmtKind};
use crate::types;

/// Consumers, with the numbers of their arguments.
const CONSUMERS: &[(&str, usize)] = &[
    ("all", 1),
    ("any", 1),
    ("collect", 0),
    ("count", 0),
    ("find", 1),
    ("find_map", 1),
    ("fold", 2),
    ("for_each", 1),
    ("last", 0),
    ("max", 0),
    ("min", 0),
    ("next", 0),
    ("nth", 1),
    ("position", 1),
    ("product", 0),
    ("sum", 0),
    ("unzip", 0),
];

impl Cx {
    /// `None` where the call does not consume an iterator.
    pub fn lower_consumer(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        if !CONSUMERS.contains(&(name, call.args.len())) || !is_iterator(&call.receiver) {
            return None;
        }
        let items = &call.receiver;
        let on_list = |cx: &mut Self, op: Operator, element| {
            let items = cx.lower_items(items, element, &call.method);
            Expr::rust_op(op, vec![items], range)
        };
        Some(match name {
            "collect" => self.lower_collect(call, range),
            "count" if is_chars(items) => {
                let text = self.lower_expr(receiver(items));
                Expr::rust_op(Operator::CountChars, vec![text], range)
            }
            "count" => self.lower_count(call, range),
            "sum" | "product" => {
                let element = turbofish(call).cloned().or_else(|| self.expected.clone());
                let op = if name == "sum" { Operator::Sum } else { Operator::Product };
                on_list(self, op, element)
            }
            "max" => on_list(self, Operator::Largest, None),
            "min" => on_list(self, Operator::Smallest, None),
            "last" => on_list(self, Operator::Last, None),
            "next" => on_list(self, Operator::First, None),
            "nth" => {
                let items = self.lower_items(items, None, &call.method);
                let index = self.lower_expr(&call.args[0]);
                Expr::rust_op(Operator::Get, vec![items, index], range)
            }
            "any" | "all" => self.lower_quantifier(call, name == "any", range),
            "position" => {
                let index = self.lower_position(items, &call.args[0], range);
                Expr::rust_op(Operator::IndexOrNone, vec![index], range)
            }
            "find" => {
                let items = self.lower_items(items, None, &call.method);
                let items = self.once(items);
                let index = self.lower_index_of(items.clone(), &call.args[0], range);
                Expr::rust_op(Operator::Get, vec![items, index], range)
            }
            "find_map" => {
                let mut mapped = (**items).clone();
                let (closure, method) = (&call.args[0], &call.method);
                mapped = syn::parse_quote_spanned!(method.span()=> #mapped.filter_map(#closure));
                let items = self.lower_items(&mapped, None, &call.method);
                Expr::rust_op(Operator::First, vec![items], range)
            }
            "fold" => self.lower_fold(call, range),
            "unzip" => return self.lower_unzip(call, range),
            _ => {
                self.lower_for_each(items, &call.args[0], range);
                Expr::none(range)
            }
        })
    }

    /// `xs.iter().map(|x| f(x)).collect()` becomes `[f(x) for x in xs]`.
    fn lower_collect(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let target = match turbofish(call) {
            Some(Type::Infer(_)) | None => self.expected.clone(),
            Some(ty) => Some(ty.clone()),
        };
        let target = target.as_ref().map(collected);
        let name = target.and_then(types::last_name).unwrap_or_default();
        let element = target.and_then(first_argument).cloned();
        match name.as_str() {
            "String" => {
                let items = self.lower_items(&call.receiver, Some(syn::parse_quote!(String)), &call.method);
                Expr::rust_op(Operator::TextConcat, vec![items], range)
            }
            "HashMap" | "BTreeMap" => {
                let items = self.lower_items(&call.receiver, None, &call.method);
                Expr::rust_op(Operator::DictOf, vec![items], range)
            }
            "HashSet" | "BTreeSet" | "VecDeque" | "BinaryHeap" | "Option" => self.poison(
                &call.method,
                format!("an iterator cannot be collected into `{name}` in scripted methods"),
                "collect it into a `Vec`, a `String`, a `HashMap` or a `BTreeMap`",
            ),
            _ => {
                let element = element.filter(|_| matches!(name.as_str(), "Vec" | "Box"));
                self.lower_collected(&call.receiver, element, &call.method)
            }
        }
    }

    fn lower_for_each(&mut self, items: &syn::Expr, closure: &syn::Expr, range: Range) {
        let chain = parse_chain(items);
        let (syn::Expr::Closure(closure), true) = (closure, chain.stages.is_empty()) else {
            self.lower_chain(&chain, range, |cx, item| cx.run_closure(closure, vec![item]));
            return;
        };
        // The parameter is the loop's own variable.
        let iter = self.lower_iter(items, closure.inputs.first()).expr;
        let mut target = Expr::error();
        let (body, it) = self.in_loop(Loop::plain(), |cx| {
            target = cx.closure_target(closure);
            if let (Some(items), Some(pat)) = (cx.items_of(items), closure.inputs.first()) {
                cx.note_origins(pat, &items);
            }
            cx.run_closure_body(closure);
        });
        self.push_loop(StmtKind::For { target, iter, body: non_empty(body, range) }, it, range);
    }

    /// `pairs.unzip()` becomes a loop that fills two lists.
    fn lower_unzip(&mut self, call: &ExprMethodCall, range: Range) -> Option<Expr> {
        let names = [self.scope.temp("left"), self.scope.temp("right")];
        let lists = names.clone().map(|name| Expr::var(name, range));
        let items = self.lower_items(&call.receiver, None, &call.method);
        let items = self.once(items);
        // TorchScript knows the type of a comprehension.
        for (i, list) in lists.iter().enumerate() {
            let item = Expr::var(self.scope.temp("item"), range);
            let element = Box::new(Expr::field(item.clone(), i, range));
            let comprehension =
                ExprKind::ListComp { element, target: Box::new(item), iter: Box::new(items.clone()) };
            let value = Expr::new(comprehension, range);
            self.push(StmtKind::Assign { target: list.clone(), value, ty: None }, range);
        }
        Some(Expr::new(ExprKind::Tuple(lists.to_vec()), range))
    }

    fn lower_count(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let n = self.spill(Expr::int(0, range), "count");
        self.lower_chain(&parse_chain(&call.receiver), range, |cx, _| {
            let (target, op, value) = (n.clone(), BinaryOp::Add, Expr::int(1, range));
            cx.push(StmtKind::AugAssign { target, op, value }, range);
        });
        n
    }

    fn lower_fold(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let acc = self.scope.temp("accumulator");
        let start = |cx: &mut Self| {
            let initial = cx.lower_expr(&call.args[0]);
            let initial = cx.stored(initial);
            cx.block.push(Stmt::assign(&acc, initial, range));
        };
        let next = |cx: &mut Self, item: Expr| {
            let value = cx.call_closure(&call.args[1], vec![Expr::var(&acc, range), item]);
            cx.block.push(Stmt::assign(&acc, value, range));
        };
        let chain = parse_chain(&call.receiver);
        // In the order of Rust where that makes a difference; else the loop is written without further variables.
        if has_effects(&call.receiver) || has_effects(&call.args[0]) {
            self.lower_chain_after(&chain, Loop::plain(), range, start, next);
        } else {
            start(self);
            self.lower_chain(&chain, range, next);
        }
        Expr::var(acc, range)
    }

    /// Lowers `any` and `all` to a loop that stops as soon as the result is known.
    fn lower_quantifier(&mut self, call: &ExprMethodCall, any: bool, range: Range) -> Expr {
        let flag = |flag| Expr::new(if flag { ExprKind::True } else { ExprKind::False }, range);
        let result = self.scope.temp(if any { "any" } else { "all" });
        self.block.push(Stmt::assign(&result, flag(!any), range));
        self.lower_chain(&parse_chain(&call.receiver), range, |cx, item| {
            let test = cx.call_closure(&call.args[0], vec![item]);
            let cond = if any { test } else { Expr::not(test, range) };
            let then = vec![Stmt::assign(&result, flag(any), range), Stmt::new(StmtKind::Break, range)];
            cx.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
        });
        Expr::var(result, range)
    }

    /// The index of the first item that the closure holds for, or -1.
    fn lower_position(&mut self, items: &syn::Expr, closure: &syn::Expr, range: Range) -> Expr {
        let found = self.spill(Expr::int(-1, range), "found");
        let at = self.spill(Expr::int(-1, range), "at");
        self.lower_chain(&parse_chain(items), range, |cx, item| {
            cx.push_search(&found, &at, closure, item, range);
        });
        found
    }

    fn lower_index_of(&mut self, items: Expr, closure: &syn::Expr, range: Range) -> Expr {
        let found = self.spill(Expr::int(-1, range), "found");
        let at = self.spill(Expr::int(-1, range), "at");
        let target = Expr::var(self.scope.temp("item"), range);
        let item = target.clone();
        let body = self.in_block(|cx| cx.push_search(&found, &at, closure, item, range));
        self.push(StmtKind::For { target, iter: items, body }, range);
        found
    }

    fn push_search(&mut self, found: &Expr, at: &Expr, closure: &syn::Expr, item: Expr, range: Range) {
        let (target, op, value) = (at.clone(), BinaryOp::Add, Expr::int(1, range));
        self.push(StmtKind::AugAssign { target, op, value }, range);
        let cond = self.call_closure(closure, vec![item]);
        let assign = StmtKind::Assign { target: found.clone(), value: at.clone(), ty: None };
        let then = vec![Stmt::new(assign, range), Stmt::new(StmtKind::Break, range)];
        self.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
    }
}

/// The type `T` in `collect::<T>()`.
pub fn turbofish(call: &ExprMethodCall) -> Option<&Type> {
    match call.turbofish.as_ref()?.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The collection that is made: `T` for `Result<T, _>`, as a result is its own value.
fn collected(ty: &Type) -> &Type {
    types::argument_of(ty, "Result").map_or(ty, collected)
}

/// The type `T` in `Vec<T>`, if it is written out.
fn first_argument(ty: &Type) -> Option<&Type> {
    types::last_segment(ty).and_then(types::first_argument).filter(|ty| types::complete(ty).is_some())
}

fn is_chars(expr: &syn::Expr) -> bool {
    matches!(expr, syn::Expr::MethodCall(call) if call.method == "chars")
}

fn receiver(expr: &syn::Expr) -> &syn::Expr {
    match expr {
        syn::Expr::MethodCall(call) => &call.receiver,
        expr => expr,
    }
}
