//! Numbers of less than 64 bits: integers that wrap around, and `f32`.

use super::Gen;
use crate::ast::Expr;
use crate::ty::Ty;

const TYPES: &[&str] = &["i32", "u8", "u32", "i16", "f32", "f32"];
const SINGLES: &[&str] =
    &["0.1", "0.1f32", "(0.3)", "-1.5f32", "16777216f32", "3.0", "1e-3", "f32::EPSILON", "1e38f32"];

impl Gen {
    pub fn narrow_ty(&mut self) -> Ty {
        Ty::Narrow(self.choose(TYPES))
    }

    pub fn narrow_literal(&mut self, name: &'static str) -> Expr {
        let text = match name {
            "f32" => {
                let text = self.choose(SINGLES);
                // A method of a literal without a suffix has no type.
                if text.contains("f32") { text.to_owned() } else { format!("({text} as f32)") }
            }
            name => match self.below(4) {
                0 => format!("{name}::MAX"),
                1 => format!("({name}::MIN + 1)"),
                _ => format!("{}{name}", self.below(100)),
            },
        };
        Expr::leaf(Ty::Narrow(name), text)
    }

    pub fn narrow(&mut self, name: &'static str, depth: usize) -> Expr {
        if name == "f32" { self.single(depth) } else { self.small(name, depth) }
    }

    fn small(&mut self, name: &'static str, depth: usize) -> Expr {
        let d = depth - 1;
        let ty = Ty::Narrow(name);
        let is_signed = name.starts_with('i');
        let template = match self.below(10) {
            0..=2 => self.choose(&["(@ + @)", "(@ - @)", "(@ * @)", "(@ * 31 + @)", "(7 - @ * 3)"]),
            3 => self.choose(&["(@ / @)", "(@ % @)", "(@ / 3)", "(@).rem_euclid(7)"]),
            4 => self.choose(&[
                "(@ & @)",
                "(@ | @)",
                "(@ ^ @)",
                "(!@)",
                "(@ << 3)",
                "(@ >> 2)",
                "(@ << (@ & 7))",
            ]),
            5 if is_signed => self.choose(&["(-@)", "(@).abs()", "(-(@) - 1)"]),
            5 | 6 => self.choose(&["(@).pow(3)", "(@).max(@)", "(@).min(@)", "(@).wrapping_add(@)"]),
            7 => self.choose(&[
                "(@).saturating_sub(@)",
                "(@).checked_add(@).unwrap_or(3)",
                "{ let x = @; x + 1 }",
            ]),
            8 => return self.cast_from(ty, &Ty::Int, d),
            _ => {
                let from = Ty::Narrow(self.choose(&["i32", "u8", "u32", "i16"]));
                return self.cast_from(ty, &from, d);
            }
        };
        self.filled(ty, template, d)
    }

    fn single(&mut self, depth: usize) -> Expr {
        let d = depth - 1;
        let ty = Ty::Narrow("f32");
        let template = match self.below(8) {
            0..=3 => self.choose(&[
                "(@ + @)",
                "(@ - @)",
                "(@ * @)",
                "(@ / @)",
                "(@ * 0.1)",
                "(@ + 0.7)",
                "(@ % @)",
                "(0.3 - @ * @)",
            ]),
            4 => self.choose(&["((@).max(@) + 0.0)", "(@).min(0.1)", "(@).clamp(-0.7, 0.3)", "(-@)"]),
            5 => self.choose(&["(@).abs()", "(@).sqrt()", "(@).floor()", "(@).round()", "(@).recip()"]),
            6 => return self.cast_from(ty, &Ty::Float, d),
            _ => {
                let from = self.choose(&[Ty::Int, Ty::Narrow("i32"), Ty::Narrow("u8")]);
                return self.cast_from(ty, &from, d);
            }
        };
        self.filled(ty, template, d)
    }

    fn filled(&mut self, ty: Ty, template: &'static str, depth: usize) -> Expr {
        let n = template.matches('@').count();
        let args = (0..n).map(|_| self.expr(&ty, depth)).collect();
        Expr::op(ty, template, args)
    }

    /// `value as T`, of another number.
    pub fn cast_from(&mut self, ty: Ty, from: &Ty, depth: usize) -> Expr {
        let template = format!("((@) as {ty})");
        let value = self.expr(from, depth);
        Expr::op(ty, template, vec![value])
    }
}
