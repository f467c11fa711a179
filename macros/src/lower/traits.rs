//! Methods and functions of the standard library that use a trait of the values that they are given, or of the elements of
//! these. A type of the user's may implement the trait by hand, and what is compiled computes with its data.

use syn::Expr;

use super::by_type::is_method_by_type;
use super::chain::is_iterator;
use super::infer::By;
use super::known::Known::{Natural, Nothing, Number, Wide};
use super::known::{Facts, KEEPING, ROUNDED, is_comparison, is_of};
use crate::ops;
use crate::types::{self, ungrouped_expr};

/// What a method uses its receiver, or the elements of it, by.
pub fn of_receiver(name: &str) -> &'static [By] {
    match name {
        "clone" | "cloned" | "extend_from_slice" | "to_owned" | "to_vec" => &[By::Clone],
        "into" | "try_into" => &[By::Conversion],
        "as_deref" | "as_mut" | "as_mut_slice" | "as_ref" | "as_slice" | "as_str" | "borrow"
        | "borrow_mut" => &[By::Method],
        "contains" | "dedup" | "ends_with" | "eq" | "ne" | "starts_with" | "strip_prefix"
        | "strip_suffix" => &[By::Equality],
        "binary_search" | "clamp" | "cmp" | "ge" | "gt" | "is_sorted" | "le" | "lt" | "max" | "min"
        | "partial_cmp" | "sort" | "sort_unstable" => &[By::Order],
        _ => &[],
    }
}

/// What a method uses its result by.
pub fn of_result(name: &str) -> Option<By> {
    (name == "unwrap_or_default").then_some(By::Default)
}

/// What a method uses an argument by.
pub fn of_argument(name: &str, index: usize) -> Option<By> {
    matches!((name, index), ("resize", 1)).then_some(By::Clone)
}

/// What a method uses the result of its closure by.
pub fn of_closure(name: &str) -> Option<By> {
    let by_key = matches!(
        name,
        "max_by_key" | "min_by_key" | "sort_by_cached_key" | "sort_by_key" | "sort_unstable_by_key"
    );
    by_key.then_some(By::Order)
}

/// What a function uses its first argument by.
pub fn of_function(path: &syn::Path) -> Option<By> {
    let names: Vec<String> = path.segments.iter().rev().take(2).map(|it| it.ident.to_string()).collect();
    let [name, of] = &names[..] else { return None };
    match (&**of, &**name) {
        ("cmp", "max" | "min") => Some(By::Order),
        ("iter", "repeat_n") | ("Vec", "from") => Some(By::Clone),
        // Of numbers and texts; a type of the user's has a function of its own.
        (of, "from" | "try_from") if types::FOREIGN.contains(&of) && of != "Vec" => Some(By::Conversion),
        _ => None,
    }
}

/// Whether the value may be of a type of the user's, or give values of one, as far as is known.
pub fn may_hold_own(expr: &Expr, facts: &Facts) -> bool {
    let expr = ungrouped_expr(expr);
    if matches!(facts.known(expr), Wide | Number | Natural) {
        return false;
    }
    match expr {
        Expr::MethodCall(call) if is_iterator(expr) => match &*call.method.to_string() {
            "map" | "filter_map" | "flat_map" | "enumerate" | "zip" | "scan" | "map_while" => true,
            "chars" | "bytes" | "lines" | "split" | "split_whitespace" => false,
            _ => may_hold_own(&call.receiver, facts),
        },
        Expr::Array(it) => it.elems.iter().any(|elem| may_hold_own(elem, facts)),
        Expr::Tuple(it) => it.elems.iter().any(|elem| may_hold_own(elem, facts)),
        Expr::Reference(it) => may_hold_own(&it.expr, facts),
        Expr::Macro(it) => types::path_is_named(&it.mac.path, &["vec"]),
        expr => facts.known(expr) == Nothing && may_be_own(expr),
    }
}

/// Whether the value may be of a type of the user's: not if an operator, a method or a function of other types gives it.
pub fn may_be_own(expr: &Expr) -> bool {
    match ungrouped_expr(expr) {
        Expr::Call(call) => !matches!(&*call.func, Expr::Path(path) if is_of(&path.path, types::FOREIGN)),
        Expr::Lit(_) | Expr::Cast(_) | Expr::Range(_) | Expr::Macro(_) | Expr::Closure(_) => false,
        Expr::Binary(it) => !is_comparison(&it.op) && (may_be_own(&it.left) || may_be_own(&it.right)),
        Expr::Unary(it) => may_be_own(&it.expr),
        Expr::Reference(it) => may_be_own(&it.expr),
        Expr::MethodCall(call) => {
            let name = call.method.to_string();
            let is_known =
                ROUNDED.contains(&&*name) || is_method_by_type(&name) || ops::find(&name).is_some();
            match KEEPING.contains(&&*name) {
                true => may_be_own(&call.receiver),
                false => !is_known && !matches!(&*name, "len" | "is_empty" | "to_string"),
            }
        }
        _ => true,
    }
}
