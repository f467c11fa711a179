//! Methods that mean something by the receiver's type: of numbers, strings, lists and maps.
//!
//! `x.pop()` becomes `$pop(x)`, an operator that the runtime resolves (`runtime/shim/rust_*.cc`).

use syn::ExprMethodCall;

use super::Cx;
use crate::span::Range;
use crate::syntax::Expr;

/// A method, how many arguments it takes, and the operator.
const METHODS: &[(&str, usize, &str)] = &[
    // Collections.
    ("append", 1, "append"),
    ("chunks", 1, "chunks"),
    ("chunks_exact", 1, "chunks_exact"),
    ("clear", 0, "clear"),
    ("concat", 0, "concat"),
    ("contains", 1, "contains"),
    ("contains_key", 1, "contains_key"),
    ("dedup", 0, "dedup"),
    ("extend_from_slice", 1, "extend"),
    ("first", 0, "first"),
    ("get", 1, "get"),
    ("insert", 2, "insert"),
    ("into_keys", 0, "keys"),
    ("into_values", 0, "values"),
    ("join", 1, "join"),
    ("keys", 0, "keys"),
    ("last", 0, "last"),
    ("pop", 0, "pop"),
    ("remove", 1, "remove"),
    ("resize", 2, "resize"),
    ("reverse", 0, "reverse"),
    ("sort", 0, "sort"),
    ("sort_unstable", 0, "sort"),
    ("split_at", 1, "split_at"),
    ("swap", 2, "swap"),
    ("swap_remove", 1, "swap_remove"),
    ("truncate", 1, "truncate"),
    ("unwrap_or_default", 0, "unwrap_or_default"),
    ("values", 0, "values"),
    ("windows", 1, "windows"),
    // Strings.
    ("ends_with", 1, "ends_with"),
    ("find", 1, "find"),
    ("lines", 0, "lines"),
    ("repeat", 1, "repeat"),
    ("replace", 2, "replace"),
    ("rfind", 1, "rfind"),
    ("split", 1, "split"),
    ("split_ascii_whitespace", 0, "split_whitespace"),
    ("split_whitespace", 0, "split_whitespace"),
    ("starts_with", 1, "starts_with"),
    ("strip_prefix", 1, "strip_prefix"),
    ("strip_suffix", 1, "strip_suffix"),
    ("to_ascii_lowercase", 0, "lower"),
    ("to_ascii_uppercase", 0, "upper"),
    ("to_lowercase", 0, "lower"),
    ("to_string", 0, "display"),
    ("to_uppercase", 0, "upper"),
    ("trim", 0, "trim"),
    ("trim_end", 0, "trim_end"),
    ("trim_start", 0, "trim_start"),
    // Numbers.
    ("abs_diff", 1, "abs_diff"),
    ("cbrt", 0, "cbrt"),
    ("checked_div", 1, "checked_div"),
    ("checked_rem", 1, "checked_rem"),
    ("clamp", 2, "clamp"),
    ("div_ceil", 1, "div_ceil"),
    ("div_euclid", 1, "div_euclid"),
    ("exp2", 0, "exp2"),
    ("exp_m1", 0, "exp_m1"),
    ("fract", 0, "fract"),
    ("hypot", 1, "hypot"),
    ("is_finite", 0, "is_finite"),
    ("is_infinite", 0, "is_infinite"),
    ("is_nan", 0, "is_nan"),
    ("is_negative", 0, "is_negative"),
    ("is_positive", 0, "is_positive"),
    ("is_sign_negative", 0, "is_sign_negative"),
    ("is_sign_positive", 0, "is_sign_positive"),
    ("isqrt", 0, "isqrt"),
    ("ln", 0, "ln"),
    ("ln_1p", 0, "ln_1p"),
    ("log", 1, "log"),
    ("log2", 0, "log2"),
    ("max", 1, "max"),
    ("min", 1, "min"),
    ("mul_add", 2, "mul_add"),
    ("recip", 0, "recip"),
    ("rem_euclid", 1, "rem_euclid"),
    ("signum", 0, "signum"),
    ("sin_cos", 0, "sin_cos"),
    ("to_degrees", 0, "to_degrees"),
    ("to_radians", 0, "to_radians"),
    ("wrapping_add", 1, "wrapping_add"),
    ("wrapping_mul", 1, "wrapping_mul"),
    ("wrapping_neg", 0, "wrapping_neg"),
    ("wrapping_sub", 1, "wrapping_sub"),
];

impl Cx<'_> {
    /// `None` where `name` is no such method.
    pub fn lower_method_by_type(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let n_args = call.args.len();
        let (_, _, op) = METHODS.iter().find(|(method, n, _)| (*method, *n) == (name, n_args))?;
        let args: Vec<syn::Expr> = call.args.iter().map(text_of_char).collect();
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&args));
        if let "insert" | "resize" = *op {
            let value = values.pop().expect("its arguments");
            values.push(self.stored(value));
        }
        Some(Expr::rust_op(op, values, range))
    }

    /// A value that a collection takes in: an array is copied, see [`Cx::copied`].
    pub fn stored(&self, value: Expr) -> Expr {
        self.copied(value, "")
    }
}

/// A `char` that is looked for in a string is a string of one character.
pub fn text_of_char(arg: &syn::Expr) -> syn::Expr {
    match arg {
        syn::Expr::Lit(syn::ExprLit { attrs, lit: syn::Lit::Char(c) }) => {
            let text = syn::LitStr::new(&c.value().to_string(), c.span());
            syn::Expr::Lit(syn::ExprLit { attrs: attrs.clone(), lit: syn::Lit::Str(text) })
        }
        arg => arg.clone(),
    }
}
