//! Texts.

use super::Gen;
use crate::ast::Expr;
use crate::ty::Ty;

/// A template and the types of its operands: `s` for a text, `i`, `u`, `b` for numbers and truth values, `f`
/// for a float of middling size, `l` for a list of texts.
type Row = (&'static str, &'static str);

const TEXTS: &[Row] = &[
    // A block gives the value that a variable has then; the macro would borrow it.
    ("format!(\"{}-{}\", { @ }, @)", "is"),
    ("format!(\"<{}> {}{{}}\", { @ }, @)", "sb"),
    ("format!(\"{}\", @)", "f"),
    ("(@).to_string()", "i"),
    ("(@).trim().to_owned()", "s"),
    ("(@).repeat(@ & 3)", "su"),
    ("(@).replace(\"a\", &@)", "ss"),
    ("(@).join(\"-\")", "l"),
    ("(@).concat()", "l"),
    ("(@).strip_prefix(\"a\").unwrap_or(\"none\").to_owned()", "s"),
];

const BOOLS: &[Row] = &[
    ("(@).contains(\"a\")", "s"),
    ("(@).starts_with(\"a\")", "s"),
    ("(@).ends_with(\"b\")", "s"),
    ("(@).is_empty()", "s"),
    ("(@ < @)", "ss"),
];

const LISTS: &[Row] = &[
    ("(@).split('a').map(|it| it.to_owned()).collect::<Vec<String>>()", "s"),
    ("(@).split_whitespace().map(|it| it.to_owned()).collect::<Vec<String>>()", "s"),
];

impl Gen {
    pub fn text(&mut self, depth: usize) -> Expr {
        if self.is_plain || self.chance(0.4) {
            let lhs = self.expr(&Ty::Text, depth - 1);
            let rhs = self.expr(&Ty::Text, depth - 1);
            return Expr::op(Ty::Text, "(@ + &@)", vec![lhs, rhs]);
        }
        if self.chance(0.3) {
            return self.leaf(&Ty::Text);
        }
        self.text_row(Ty::Text, TEXTS, depth - 1)
    }

    /// A question about a text.
    pub fn question_of_text(&mut self, depth: usize) -> Expr {
        self.text_row(Ty::Bool, BOOLS, depth)
    }

    pub fn split_text(&mut self, depth: usize) -> Expr {
        self.text_row(Ty::list(Ty::Text), LISTS, depth)
    }

    fn text_row(&mut self, ty: Ty, rows: &[Row], depth: usize) -> Expr {
        let depth = depth.min(2);
        let (template, kinds) = self.choose(rows);
        let mut args = vec![];
        for kind in kinds.chars() {
            args.push(match kind {
                's' => self.expr(&Ty::Text, depth),
                'i' => self.expr(&Ty::Int, depth),
                'u' => self.expr(&Ty::Size, depth),
                'b' => self.expr(&Ty::Bool, depth),
                'l' => self.expr(&Ty::list(Ty::Text), depth),
                // The smallest and the largest are documented to be written differently.
                _ => {
                    let float = self.expr(&Ty::Float, depth);
                    let template =
                        "({ let f: f64 = @; if f.abs() > 1e-9 && f.abs() < 1e9 { f } else { 0.5 } })";
                    Expr::op(Ty::Float, template, vec![float])
                }
            });
        }
        Expr::op(ty, template, args)
    }
}
