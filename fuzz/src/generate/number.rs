//! Numbers and truth values.

use super::Gen;
use crate::ast::Expr;
use crate::ty::Ty;

impl Gen {
    fn both(&mut self, out: Ty, template: &'static str, of: &Ty, depth: usize) -> Expr {
        let args = vec![self.expr(of, depth), self.expr(of, depth)];
        Expr::op(out, template, args)
    }

    fn one(&mut self, out: Ty, template: &'static str, of: &Ty, depth: usize) -> Expr {
        let args = vec![self.expr(of, depth)];
        Expr::op(out, template, args)
    }

    pub fn int(&mut self, depth: usize) -> Expr {
        let d = depth - 1;
        let int = Ty::Int;
        match self.weighted(&[24, 4, 8, 8, 8, 4, 4, 8, 5, 3, 6]) {
            0 => {
                let template =
                    self.choose(&["(@ + @)", "(@ - @)", "(@ + @)", "(@ & @)", "(@ | @)", "(@ ^ @)"]);
                self.both(int.clone(), template, &int, d)
            }
            // Small factors: what overflows is not compared.
            1 => self.both(int.clone(), "((@ & 255) * (@ & 15))", &int, d),
            2 => self.both(int.clone(), "(@ / @)", &int, d),
            3 => self.both(int.clone(), "(@ % @)", &int, d),
            4 => {
                let template =
                    self.choose(&["(-@)", "(!@)", "(@.abs())", "(@ * 3)", "(@ / -3)", "(@ % 7)", "(-7 / @)"]);
                let template = template.replace("@.abs()", "(@).abs()");
                let args = vec![self.expr(&int, d)];
                Expr::op(int, template, args)
            }
            5 => {
                let template = self.choose(&["(@ << (@ & 63))", "(@ >> (@ & 63))", "(@ >> 3)", "(@ << 1)"]);
                let n = template.matches('@').count();
                let args = (0..n).map(|_| self.expr(&int, d)).collect();
                Expr::op(int, template, args)
            }
            6 => {
                let template = self.choose(&["(@).max(@)", "(@).min(@)"]);
                self.both(int.clone(), template, &int, d)
            }
            7 => self.number_of_list(d),
            8 => {
                let narrow = self.narrow_ty();
                let from = self.choose(&[Ty::Bool, Ty::Size, narrow]);
                self.one(int, "((@) as i64)", &from, d)
            }
            // The guard keeps the value in range: outside of it casts are documented to differ.
            9 if !self.is_plain => self.one(
                int,
                "({ let f: f64 = @; if f.abs() < 1e15 { f as i64 } else { -1 } })",
                &Ty::Float,
                d,
            ),
            _ => {
                let exponent =
                    self.choose(&["(@ % 100).pow(2)", "(@ & 7).pow(3)", "(@).pow(0)", "(@).pow(1)"]);
                self.one(int.clone(), exponent, &int, d)
            }
        }
    }

    pub fn size(&mut self, depth: usize) -> Expr {
        let d = depth - 1;
        match self.weighted(&[8, 6, 4, 2]) {
            0 => {
                let lists = self.scope.readable(|it| it.element().is_some() || *it == Ty::Text);
                if lists.is_empty() {
                    return self.leaf(&Ty::Size);
                }
                let list = self.choose(&lists);
                Expr::op(Ty::Size, "#.len()", vec![Expr::var(&list)])
            }
            // Never negative.
            1 => self.one(Ty::Size, "((@ & 3) as usize)", &Ty::Int, d),
            2 => {
                // A difference may be one that TorchScript does not have.
                let template = self.choose(&["(@ + @)", "(@).saturating_sub(@)", "(@ % @)", "(@ / @)"]);
                self.both(Ty::Size, template, &Ty::Size, d)
            }
            _ => {
                let template = self.choose(&["(@).max(@)", "(@).min(@)"]);
                self.both(Ty::Size, template, &Ty::Size, d)
            }
        }
    }

    pub fn float(&mut self, depth: usize) -> Expr {
        let d = depth - 1;
        let float = Ty::Float;
        match self.weighted(&[24, 5, 8, 6, 4, 4, 5]) {
            0 => {
                let template = self.choose(&["(@ + @)", "(@ - @)", "(@ * @)", "(@ / @)", "(@ % @)"]);
                self.both(float.clone(), template, &float, d)
            }
            1 => {
                // Which of two zeros it is, Rust leaves open.
                let template = self.choose(&["((@).max(@) + 0.0)", "((@).min(@) + 0.0)"]);
                self.both(float.clone(), template, &float, d)
            }
            2 => {
                let template = self.choose(&[
                    "(-@)",
                    "(@).abs()",
                    "(@).floor()",
                    "(@).ceil()",
                    "(@).round()",
                    "(@).trunc()",
                    "(@).sqrt()",
                    "(@).powi(2)",
                    "(@).exp()",
                    "(@).sin()",
                ]);
                self.one(float.clone(), template, &float, d)
            }
            3 => {
                let narrow = self.narrow_ty();
                let from = self.choose(&[Ty::Int, narrow]);
                self.one(float, "((@) as f64)", &from, d)
            }
            4 => self.one(float.clone(), "(@).powf(2.0)", &float, d),
            5 => self.fold_float(d),
            _ => self.one(float.clone(), "(@ + 0.0)", &float, d),
        }
    }

    pub fn bool(&mut self, depth: usize) -> Expr {
        let d = depth - 1;
        let bool = Ty::Bool;
        match self.weighted(&[16, 6, 12, 3, 4, 5, 4, 3]) {
            0 => {
                let narrow = self.narrow_ty();
                let of = self.choose(&[Ty::Int, Ty::Int, Ty::Float, Ty::Size, narrow]);
                let template =
                    self.choose(&["(@ < @)", "(@ <= @)", "(@ > @)", "(@ >= @)", "(@ == @)", "(@ != @)"]);
                self.both(bool, template, &of, d)
            }
            1 => self.one(bool.clone(), "(!@)", &bool, d),
            2 => {
                let template = self.choose(&[
                    "(@ && @)", "(@ || @)", "(@ && @)", "(@ || @)", "(@ & @)", "(@ | @)", "(@ ^ @)",
                ]);
                self.both(bool.clone(), template, &bool, d)
            }
            3 if self.types.contains(&Ty::Enum) && self.chance(0.4) => self.question_of_modes(d),
            3 => {
                let template = self.choose(&["(@ == @)", "(@ != @)"]);
                let modes = self.scope.readable(|it| *it == Ty::Enum);
                if !modes.is_empty() && self.chance(0.5) {
                    // Unlike numbers, both are borrowed.
                    let mode = self.choose(&modes);
                    let other = self.with_lock(&mode, |cx| cx.expr(&Ty::Enum, d));
                    return Expr::op(bool, template, vec![Expr::var(&mode), other]);
                }
                let of = self.choose(&[Ty::Bool, Ty::Text]);
                self.both(bool, template, &of, d)
            }
            4 if !self.is_plain && self.chance(0.4) => self.question_of_text(d),
            4 => self.question_of_list(d),
            5 => self.question_of_option(d),
            6 => self.question_of_elements(d),
            _ => {
                let lists = self.scope.readable(|it| matches!(it, Ty::List(of) if of.is_scalar()));
                if lists.is_empty() {
                    return self.leaf(&bool);
                }
                let list = self.choose(&lists);
                let ty = list.ty.clone();
                let other = self.with_lock(&list, |cx| cx.expr(&ty, d.min(2)));
                let template = self.choose(&["(#.to_vec() == @)", "(@ != @)"]);
                Expr::op(bool, template, vec![Expr::var(&list), other])
            }
        }
    }
}
