//! Lowers literals, in TorchScript's spelling.

use syn::{Lit, LitFloat, LitInt};

use super::Cx;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind};

impl Cx {
    pub fn lower_literal(&mut self, lit: &Lit) -> Expr {
        let range = self.range(lit);
        match lit {
            Lit::Bool(lit) if lit.value => Expr::new(ExprKind::True, range),
            Lit::Bool(_) => Expr::new(ExprKind::False, range),
            Lit::Str(lit) => Expr::new(ExprKind::Str(lit.value()), range),
            Lit::Int(lit) => self.lower_int(lit),
            Lit::Float(lit) => self.lower_float(lit),
            other => self.poison(
                other,
                "this kind of literal has no TorchScript counterpart",
                "use a number, a string or a bool",
            ),
        }
    }

    /// The smallest integer, whose digits alone are no integer.
    pub fn lower_smallest(&mut self, operand: &syn::Expr, range: Range) -> Option<Expr> {
        let syn::Expr::Lit(syn::ExprLit { lit: Lit::Int(lit), .. }) = operand else { return None };
        (lit.base10_digits() == "9223372036854775808").then(|| Expr::int(i64::MIN, range))
    }

    fn lower_int(&mut self, lit: &LitInt) -> Expr {
        let range = self.range(lit);
        if lit.suffix().starts_with('f') {
            let digits = format!("{}.0", lit.base10_digits());
            return Expr::new(ExprKind::Number(rounded(digits, lit.suffix())), range);
        }
        match lit.base10_parse::<i64>() {
            Ok(_) => Expr::new(ExprKind::Number(lit.base10_digits().to_owned()), range),
            Err(_) => {
                self.poison(lit, "integers of TorchScript have 64 bits and a sign", "use a value below 2^63")
            }
        }
    }

    fn lower_float(&mut self, lit: &LitFloat) -> Expr {
        let range = self.range(lit);
        let mut digits = lit.base10_digits().to_owned();
        if !digits.contains(['.', 'e', 'E']) {
            digits.push_str(".0");
        }
        Expr::new(ExprKind::Number(rounded(digits, lit.suffix())), range)
    }
}

/// The digits of a float, which an `f32` rounds.
fn rounded(digits: String, suffix: &str) -> String {
    match (suffix, digits.parse::<f32>()) {
        ("f32", Ok(narrow)) => format!("{:?}", f64::from(narrow)),
        _ => digits,
    }
}
