//! Lowers methods whose meaning depends on the receiver's type: those of numbers, strings, lists and maps.
//!
//! `x.pop()` becomes `$pop(x)`, an operator that the runtime resolves (`runtime/shim/rust_*.cc`).

use std::borrow::Cow;

use syn::ExprMethodCall;

use super::{Cx, numbers};
use crate::span::Range;
use crate::syntax::{Expr, Operator};

/// Each method with the number of its arguments and its operator.
const METHODS: &[(&str, usize, Operator)] = &[
    // Collections.
    ("append", 1, Operator::Append),
    ("chunks", 1, Operator::Chunks),
    ("chunks_exact", 1, Operator::ChunksExact),
    ("clear", 0, Operator::Clear),
    ("concat", 0, Operator::Concat),
    ("contains", 1, Operator::Contains),
    ("contains_key", 1, Operator::ContainsKey),
    ("dedup", 0, Operator::Dedup),
    ("extend_from_slice", 1, Operator::Extend),
    ("first", 0, Operator::First),
    ("get", 1, Operator::Get),
    ("insert", 2, Operator::Insert),
    ("into_keys", 0, Operator::Keys),
    ("into_values", 0, Operator::Values),
    ("join", 1, Operator::Join),
    ("keys", 0, Operator::Keys),
    ("last", 0, Operator::Last),
    ("pop", 0, Operator::Pop),
    ("remove", 1, Operator::Remove),
    ("resize", 2, Operator::Resize),
    ("reverse", 0, Operator::Reverse),
    ("sort", 0, Operator::Sort),
    ("sort_unstable", 0, Operator::Sort),
    ("split_at", 1, Operator::SplitAt),
    ("split_off", 1, Operator::SplitOff),
    ("swap", 2, Operator::Swap),
    ("swap_remove", 1, Operator::SwapRemove),
    ("truncate", 1, Operator::Truncate),
    ("values", 0, Operator::Values),
    ("windows", 1, Operator::Windows),
    // Strings.
    ("ends_with", 1, Operator::EndsWith),
    ("find", 1, Operator::Find),
    ("lines", 0, Operator::Lines),
    ("repeat", 1, Operator::Repeat),
    ("replace", 2, Operator::Replace),
    ("rfind", 1, Operator::Rfind),
    ("split", 1, Operator::Split),
    ("split_ascii_whitespace", 0, Operator::SplitWhitespace),
    ("split_whitespace", 0, Operator::SplitWhitespace),
    ("starts_with", 1, Operator::StartsWith),
    ("strip_prefix", 1, Operator::StripPrefix),
    ("strip_suffix", 1, Operator::StripSuffix),
    ("to_ascii_lowercase", 0, Operator::Lower),
    ("to_ascii_uppercase", 0, Operator::Upper),
    ("to_lowercase", 0, Operator::Lower),
    ("to_string", 0, Operator::Display),
    ("to_uppercase", 0, Operator::Upper),
    ("trim", 0, Operator::Trim),
    ("trim_end", 0, Operator::TrimEnd),
    ("trim_start", 0, Operator::TrimStart),
    // Numbers.
    ("abs_diff", 1, Operator::AbsDiff),
    ("cbrt", 0, Operator::Cbrt),
    ("checked_div", 1, Operator::CheckedDiv),
    ("checked_rem", 1, Operator::CheckedRem),
    ("clamp", 2, Operator::Clamp),
    ("div_ceil", 1, Operator::DivCeil),
    ("div_euclid", 1, Operator::DivEuclid),
    ("exp2", 0, Operator::Exp2),
    ("exp_m1", 0, Operator::ExpM1),
    ("fract", 0, Operator::Fract),
    ("hypot", 1, Operator::Hypot),
    ("is_finite", 0, Operator::IsFinite),
    ("is_infinite", 0, Operator::IsInfinite),
    ("is_nan", 0, Operator::IsNan),
    ("is_negative", 0, Operator::IsNegative),
    ("is_positive", 0, Operator::IsPositive),
    ("is_sign_negative", 0, Operator::IsSignNegative),
    ("is_sign_positive", 0, Operator::IsSignPositive),
    ("isqrt", 0, Operator::Isqrt),
    ("ln", 0, Operator::Ln),
    ("ln_1p", 0, Operator::Ln1p),
    ("log", 1, Operator::Log),
    ("log2", 0, Operator::Log2),
    ("max", 1, Operator::Max),
    ("min", 1, Operator::Min),
    ("mul_add", 2, Operator::MulAdd),
    ("recip", 0, Operator::Recip),
    ("rem_euclid", 1, Operator::RemEuclid),
    ("round_ties_even", 0, Operator::RoundTiesEven),
    ("signum", 0, Operator::Signum),
    ("sin_cos", 0, Operator::SinCos),
    ("to_degrees", 0, Operator::ToDegrees),
    ("to_radians", 0, Operator::ToRadians),
];

/// Methods of integers whose results depend on the bounds of their types, which follow the operands.
const BOUNDED: &[(&str, usize, Operator)] = &[
    ("checked_abs", 0, Operator::CheckedAbs),
    ("checked_add", 1, Operator::CheckedAdd),
    ("checked_mul", 1, Operator::CheckedMul),
    ("checked_neg", 0, Operator::CheckedSub),
    ("checked_pow", 1, Operator::CheckedPow),
    ("checked_sub", 1, Operator::CheckedSub),
    ("saturating_add", 1, Operator::SaturatingAdd),
    ("saturating_mul", 1, Operator::SaturatingMul),
    ("saturating_pow", 1, Operator::SaturatingPow),
    ("saturating_sub", 1, Operator::SaturatingSub),
    ("wrapping_add", 1, Operator::WrappingAdd),
    ("wrapping_mul", 1, Operator::WrappingMul),
    ("wrapping_neg", 0, Operator::WrappingSub),
    ("wrapping_pow", 1, Operator::WrappingPow),
    ("wrapping_sub", 1, Operator::WrappingSub),
];

/// Whether a method of this name is one of integers, or of integers and tensors.
pub fn is_method_of_numbers(name: &str) -> bool {
    const INTEGERS: &[&str] =
        &["abs_diff", "clamp", "div_ceil", "is_negative", "is_positive", "isqrt", "max", "min", "signum"];
    INTEGERS.contains(&name) || BOUNDED.iter().any(|(method, _, _)| *method == name)
}

/// Whether a method of this name depends on its receiver's type.
pub fn is_method_by_type(name: &str) -> bool {
    METHODS.iter().chain(BOUNDED).any(|(method, _, _)| *method == name)
}

impl Cx {
    /// `None` where `name` is no such method.
    pub fn lower_method_by_type(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let n_args = call.args.len();
        let (_, _, op) = METHODS.iter().find(|(method, n, _)| (*method, *n) == (name, n_args))?;
        let args: Vec<Cow<'_, syn::Expr>> = call.args.iter().map(text_of_char).collect();
        let args = args.iter().map(|arg| &**arg);
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(args));
        if let Operator::Display = op {
            values.extend(self.number_type(&call.receiver));
        }
        if let Operator::Insert | Operator::Resize = op {
            let value = values.pop().expect("its arguments");
            values.push(self.stored(value));
        }
        Some(Expr::rust_op(*op, values, range))
    }

    /// Lowers a method whose result depends on the bounds of an integer; `None` where `name` is no such method. `ty` is
    /// the type, if it is written, as in `i64::wrapping_add(a, b)`; else rustc is asked for that of the receiver.
    pub fn lower_bounded(
        &mut self,
        call: &ExprMethodCall,
        name: &str,
        ty: Option<&str>,
        range: Range,
    ) -> Option<Expr> {
        let n_args = call.args.len();
        let (_, _, op) = BOUNDED.iter().find(|(method, n, _)| (*method, *n) == (name, n_args))?;
        let bounds = match ty.and_then(numbers::bounds) {
            Some(bounds) => Some(bounds.map(|bound| Expr::int(bound, range))),
            None => self.bounds(&call.receiver),
        };
        let Some(bounds) = bounds else {
            return Some(self.poison(
                &call.method,
                format!("`{name}` depends on the width of the integer, which is not known here"),
                format!("write `let number = ….{name}(…);` before, and use `number`"),
            ));
        };
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        if name.ends_with("_neg") {
            values.insert(0, Expr::int(0, range));
        }
        values.extend(bounds);
        Some(Expr::rust_op(*op, values, range))
    }

    /// A value that is put into a collection: an array is copied, see [`Cx::copied`].
    pub fn stored(&self, value: Expr) -> Expr {
        self.copied(value, "")
    }
}

/// A `char` that is looked for in a string is a string of one character.
pub fn text_of_char(arg: &syn::Expr) -> Cow<'_, syn::Expr> {
    match arg {
        syn::Expr::Lit(syn::ExprLit { attrs, lit: syn::Lit::Char(c) }) => {
            let text = syn::LitStr::new(&c.value().to_string(), c.span());
            Cow::Owned(syn::Expr::Lit(syn::ExprLit { attrs: attrs.clone(), lit: syn::Lit::Str(text) }))
        }
        arg => Cow::Borrowed(arg),
    }
}
