//! Methods of numbers and lists, as templates.

use super::Gen;
use crate::ast::Expr;
use crate::ty::Ty;

/// A template and the types of its operands: `i` for `i64`, `u` for `usize`, `f` for `f64`, `b` for
/// `bool`.
pub type Row = (&'static str, &'static str);

const INTS: &[Row] = &[
    ("(@).clamp(@, @)", "iii"),
    ("(@).clamp(-2, 5)", "i"),
    ("(@).signum()", "i"),
    ("(@).rem_euclid(@)", "ii"),
    ("(@).div_euclid(@)", "ii"),
    ("((@ % 100).abs_diff(@ % 100) as i64)", "ii"),
    ("(@).wrapping_add(@)", "ii"),
    ("(@).wrapping_sub(@)", "ii"),
    ("(@).wrapping_mul(@)", "ii"),
    ("(@).wrapping_neg()", "i"),
    ("(@).wrapping_pow((@ & 127) as u32)", "ii"),
    ("(@).saturating_add(@)", "ii"),
    ("(@).saturating_sub(@)", "ii"),
    ("(@).saturating_mul(@)", "ii"),
    ("((@).saturating_sub(@) as i64)", "uu"),
    ("(((@) as i32).wrapping_mul((@) as i32) as i64)", "ii"),
    ("(((@) as u8).wrapping_sub((@) as u8) as i64)", "ii"),
    ("(((@) as i16).saturating_add((@) as i16) as i64)", "ii"),
    ("(((@) as u32).saturating_mul((@) as u32) as i64)", "ii"),
    ("(((@) as i8).saturating_pow((@ & 15) as u32) as i64)", "ii"),
    ("((@ & 0xffff).isqrt())", "i"),
    ("((@) as i32 as i64)", "i"),
    ("((@) as u8 as i64)", "i"),
    ("((@) as i8 as i64)", "i"),
    ("((@) as u32 as i64)", "i"),
    ("((@) as i64)", "f"),
    ("((@) as i16 as i64)", "f"),
    ("((@) as u8 as i64)", "f"),
    ("(@ << @)", "ii"),
    ("(@ >> @)", "ii"),
    ("((@).div_ceil(@) as i64)", "uu"),
];

const FLOATS: &[Row] = &[
    ("(@).clamp(-1.5, 2.0)", "f"),
    ("(@).clamp(@, @)", "fff"),
    ("(@).signum()", "f"),
    ("(@).rem_euclid(@)", "ff"),
    ("(@).fract()", "f"),
    ("(@).round_ties_even()", "f"),
    ("(@).recip()", "f"),
    ("(@).to_degrees()", "f"),
    ("(@).ln()", "f"),
    ("(@).exp_m1()", "f"),
    ("(@).powi(3)", "i"),
];

const BOOLS: &[Row] = &[
    ("(@).is_positive()", "i"),
    ("(@).is_negative()", "i"),
    ("(@).is_nan()", "f"),
    ("(@).is_finite()", "f"),
    ("(@).is_infinite()", "f"),
    // The sign of a NaN Rust leaves open.
    ("(@).max(-1e300).is_sign_negative()", "f"),
    ("(@).max(-1e300).is_sign_positive()", "f"),
];

/// Of an option of `i64`.
const OPTIONS: &[Row] = &[
    ("(@).checked_div(@)", "ii"),
    ("(@).checked_rem(@)", "ii"),
    ("(@).checked_add(@)", "ii"),
    ("(@).checked_sub(@)", "ii"),
    ("(@).checked_mul(@)", "ii"),
    ("(@).checked_neg()", "i"),
    ("(@).checked_abs()", "i"),
    ("((@) as i32).checked_mul((@) as i32).map(|it| it as i64)", "ii"),
    ("((@) as u16).checked_sub((@) as u16).map(|it| it as i64)", "ii"),
    ("((@) as i8).checked_pow((@ & 15) as u32).map(|it| it as i64)", "ii"),
];

/// What a list of scalars gives, with the list as the first operand.
const OF_LISTS: &[Row] = &[("#.first().copied()", ""), ("#.last().copied()", ""), ("#.get(@).copied()", "u")];

/// What a `Vec` does with itself; `e` stands for an element.
const STATEMENTS: &[Row] = &[
    ("#.pop();", ""),
    ("#.insert(@, @);", "ue"),
    ("#.remove(@);", "u"),
    ("#.swap_remove(@);", "u"),
    ("#.truncate(@);", "u"),
    ("#.swap(@, @);", "uu"),
    ("#.reverse();", ""),
    ("#.clear();", ""),
    ("#.resize(@, @);", "ue"),
    ("#.extend_from_slice(&@);", "l"),
    ("#.extend(@);", "l"),
];

/// What a `Vec` of what has no `Clone` does with itself.
const MOVES: &[Row] = &[
    ("#.pop();", ""),
    ("#.insert(@, @);", "ue"),
    ("#.remove(@);", "u"),
    ("#.swap_remove(@);", "u"),
    ("#.truncate(@);", "u"),
    ("#.swap(@, @);", "uu"),
    ("#.reverse();", ""),
    ("#.extend(@);", "l"),
];

/// Those that compare elements.
const SORTS: &[Row] = &[("#.sort();", ""), ("#.dedup();", "")];

impl Gen {
    /// A method that gives `ty`; none where the tables have none.
    pub fn method_of(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let (template, operands) = match ty {
            Ty::Int => self.choose(INTS),
            Ty::Float => self.choose(FLOATS),
            Ty::Bool if self.chance(0.5) => self.choose(BOOLS),
            Ty::Bool => return self.contains(depth),
            Ty::Option(of) if **of == Ty::Int && self.chance(0.3) => self.choose(OPTIONS),
            Ty::Option(of) if of.is_scalar() => return self.of_list(of, depth),
            _ => return None,
        };
        // `(i).powi(3)` is of a small number: elsewhere the last digit depends on the order.
        if template.contains("powi") {
            let value = self.expr(&Ty::Int, depth.min(2));
            return Some(Expr::op(ty.clone(), "(((@) % 9) as f64).powi(3)", vec![value]));
        }
        let args = self.operands(operands, &Ty::Int, depth);
        Some(Expr::op(ty.clone(), template, args))
    }

    fn operands(&mut self, kinds: &str, element: &Ty, depth: usize) -> Vec<Expr> {
        let ty = |kind| match kind {
            'i' => Ty::Int,
            'u' => Ty::Size,
            'f' => Ty::Float,
            'b' => Ty::Bool,
            'l' => Ty::list(element.clone()),
            _ => element.clone(),
        };
        kinds.chars().map(|kind| self.expr(&ty(kind), depth.min(2))).collect()
    }

    fn contains(&mut self, depth: usize) -> Option<Expr> {
        let list = self.some_list(|of| matches!(of, Ty::Int | Ty::Bool | Ty::Float))?;
        let of = list.ty.element().expect("a list").clone();
        let value = self.with_lock(&list, |cx| cx.expr(&of, depth.min(2)));
        Some(Expr::op(Ty::Bool, "#.contains(&@)", vec![Expr::var(&list), value]))
    }

    fn of_list(&mut self, of: &Ty, depth: usize) -> Option<Expr> {
        let list = self.some_list(|it| it == of)?;
        let (template, operands) = self.choose(OF_LISTS);
        let mut args = vec![Expr::var(&list)];
        args.extend(self.with_lock(&list, |cx| cx.operands(operands, of, depth)));
        Some(Expr::op(Ty::option(of.clone()), template, args))
    }

    /// A statement that changes a `Vec` by one of its methods.
    pub fn list_method(&mut self, list: &crate::ast::Var, of: &Ty, depth: usize) -> Expr {
        let (template, operands) = match of {
            Ty::Int | Ty::Bool | Ty::Text if self.chance(0.15) => self.choose(SORTS),
            of if of.has_tensor() => self.choose(MOVES),
            _ => self.choose(STATEMENTS),
        };
        // Like an index, an operand must not read the list.
        self.scope.set_hidden(list, true);
        let mut args = vec![Expr::var(list)];
        args.extend(self.operands(operands, of, depth));
        self.scope.set_hidden(list, false);
        Expr::op(Ty::Unit, template, args)
    }
}
