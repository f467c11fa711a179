//! Takes chains of iterators apart, such as `xs.iter().map(…).filter(…)`, which become loops.
//!
//! A chain is a source, which a loop can run over as it is (see `iter.rs`), and stages, which run in the loop's body
//! (see `chain_loop.rs`). The methods that consume a chain are in `consumers.rs`. Where all closures are plain
//! expressions, a chain becomes a list without a loop (see `items.rs`).

use syn::ExprMethodCall;

use crate::types::ungrouped_expr;

/// A chain `source.stage.stage`, without the method that consumes it.
pub struct Chain<'e> {
    pub source: &'e syn::Expr,
    pub stages: Vec<Stage<'e>>,
    /// Whether the chain runs from the end: a `rev` after closures that look at single items only.
    pub is_reversed: bool,
}

pub struct Stage<'e> {
    pub name: String,
    pub call: &'e ExprMethodCall,
}

/// Adapters that take a closure, which are always stages.
const CLOSURES: &[&str] =
    &["map", "filter", "filter_map", "flat_map", "take_while", "skip_while", "map_while", "inspect"];

/// Adapters that belong to the source where no stage comes before them.
const ADAPTERS: &[&str] =
    &["enumerate", "zip", "rev", "step_by", "copied", "cloned", "take", "skip", "chain", "flatten"];

/// Methods that give an iterator, or a list in its place, and how many arguments they take.
const SOURCES: &[(&str, usize)] = &[
    ("iter", 0),
    ("into_iter", 0),
    ("iter_mut", 0),
    ("keys", 0),
    ("values", 0),
    ("values_mut", 0),
    ("drain", 1),
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
        syn::Expr::Call(call) => is_repeat(call),
        syn::Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let name = name.as_str();
            SOURCES.contains(&(name, call.args.len()))
                || (CLOSURES.contains(&name) || ADAPTERS.contains(&name)) && is_iterator(&call.receiver)
        }
        _ => false,
    }
}

/// Whether the call is `std::iter::repeat_n(value, n)`.
fn is_repeat(call: &syn::ExprCall) -> bool {
    matches!(&*call.func, syn::Expr::Path(path) if crate::types::path_is_named(&path.path, &["repeat_n"]))
        && call.args.len() == 2
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
        match ungrouped_expr(&call.receiver) {
            syn::Expr::MethodCall(inner) if ADAPTERS.contains(&name.as_str()) => call = inner,
            _ => return false,
        }
    }
}

pub fn parse_chain(expr: &syn::Expr) -> Chain<'_> {
    let expr = ungrouped_expr(expr);
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
