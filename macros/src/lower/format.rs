//! Lowers `format!` and the messages of other macros: the format string becomes a sum of texts.

use syn::{Expr as RustExpr, Ident, Lit, LitStr, Macro};

use super::Cx;
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator};

/// A part of a format string.
enum Piece {
    Text(String),
    Hole(Hole),
}

/// Which argument a `{}` shows.
enum Hole {
    Next,
    Index(usize),
    Name(String),
}

/// The names within the braces of a format string that no argument has: those of variables and constants.
pub fn inline_names(args: &[RustExpr]) -> Vec<Ident> {
    let Some((RustExpr::Lit(syn::ExprLit { lit: Lit::Str(format), .. }), args)) = args.split_first() else {
        return vec![];
    };
    let text = format.value().replace("{{", "").replace("}}", "");
    let mut names: Vec<Ident> = vec![];
    for hole in text.split('{').skip(1) {
        let name = hole.split(['}', ':']).next().unwrap_or_default().trim();
        let is_argument = args.iter().any(|arg| argument_name(arg).is_some_and(|it| it == name));
        if let Ok(mut ident) = syn::parse_str::<Ident>(name)
            && !is_argument
            && names.iter().all(|it| it != name)
        {
            ident.set_span(format.span());
            names.push(ident);
        }
    }
    names
}

/// The name of the argument `name = value`.
fn argument_name(arg: &RustExpr) -> Option<&Ident> {
    match arg {
        RustExpr::Assign(assign) => match &*assign.left {
            RustExpr::Path(path) => path.path.get_ident(),
            _ => None,
        },
        _ => None,
    }
}

impl Cx {
    /// `format!("{a} of {}", b)` becomes `$display(a) + " of " + $display(b)`.
    pub fn lower_format(&mut self, args: &[RustExpr], mac: &Macro) -> Expr {
        let range = self.range(mac);
        let Some((RustExpr::Lit(syn::ExprLit { lit: Lit::Str(format), .. }), args)) = args.split_first()
        else {
            return match args.first() {
                Some(other) => self.poison(
                    other,
                    "a format must be written as a string literal",
                    "write `\"{}\"` before the value",
                ),
                None => Expr::new(ExprKind::Str(String::new()), range),
            };
        };
        let Some(pieces) = self.parse_format(format) else { return Expr::error() };
        let (mut values, names, numbers) = self.format_values(args);
        // Arguments that may be shown in another order, or twice, are evaluated before.
        if pieces.iter().any(|piece| matches!(piece, Piece::Hole(Hole::Index(_) | Hole::Name(_)))) {
            values = values.into_iter().map(|value| self.once(value)).collect();
        }
        let shown = |index: usize| {
            let value = values.get(index)?.clone();
            Some(std::iter::once(value).chain(numbers[index].clone()).collect::<Vec<_>>())
        };
        let mut next = 0;
        let mut parts = vec![];
        for piece in pieces {
            let operands = match piece {
                Piece::Text(text) => {
                    parts.push(Expr::new(ExprKind::Str(text), range));
                    continue;
                }
                Piece::Hole(Hole::Next) => {
                    next += 1;
                    shown(next - 1)
                }
                Piece::Hole(Hole::Index(index)) => shown(index),
                Piece::Hole(Hole::Name(name)) => match names.iter().position(|it| it.as_ref() == Some(&name))
                {
                    Some(index) => shown(index),
                    // The names of variables are among the arguments; this one is no name of Rust.
                    None => return Expr::error(),
                },
            };
            // Too few arguments are an error of rustc.
            let Some(operands) = operands else { return Expr::error() };
            if let ExprKind::Error = operands[0].kind {
                return Expr::error();
            }
            parts.push(Expr::rust_op(Operator::Display, operands, range));
        }
        let sum = |a, b| Expr::binary(BinaryOp::Add, a, b, range);
        parts.into_iter().reduce(sum).unwrap_or_else(|| Expr::new(ExprKind::Str(String::new()), range))
    }

    /// The arguments, each evaluated once, with the names that they are given, and the types of numbers.
    fn format_values(&mut self, args: &[RustExpr]) -> (Vec<Expr>, Vec<Option<String>>, Vec<Option<Expr>>) {
        let mut names = vec![];
        let mut exprs = vec![];
        for arg in args {
            names.push(argument_name(arg).map(ToString::to_string));
            exprs.push(match arg {
                RustExpr::Assign(assign) => &*assign.right,
                arg => arg,
            });
        }
        let numbers = exprs.iter().map(|expr| self.number_type(expr)).collect();
        let values = self.lower_all(exprs);
        (values, names, numbers)
    }

    /// The pieces of a format string; `None` where a mistake was reported.
    fn parse_format(&mut self, format: &LitStr) -> Option<Vec<Piece>> {
        let mut pieces = vec![];
        let mut text = String::new();
        let format_text = format.value();
        let mut rest = format_text.as_str();
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let (brace, behind) = rest[at..].split_at(1);
            if behind.starts_with(brace) {
                text.push_str(brace);
                rest = &behind[1..];
                continue;
            }
            // A brace without its partner is an error of rustc.
            let end = behind.find('}')?;
            let hole = &behind[..end];
            if let Some((_, spec)) = hole.split_once(':') {
                self.reject_spec(format, hole, spec);
                return None;
            }
            if !text.is_empty() {
                pieces.push(Piece::Text(std::mem::take(&mut text)));
            }
            pieces.push(Piece::Hole(match hole.trim() {
                "" => Hole::Next,
                name => name.parse().map_or_else(|_| Hole::Name(name.to_owned()), Hole::Index),
            }));
            rest = &behind[end + 1..];
        }
        text.push_str(rest);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        Some(pieces)
    }

    fn reject_spec(&mut self, format: &LitStr, hole: &str, spec: &str) {
        let help = if spec.contains('?') {
            "write `{}`, of each part that is a number, a string or a bool"
        } else if spec.contains('.') {
            "round the value, as in `(x * 100.0).round() / 100.0`, and write `{}`"
        } else if spec.contains(['x', 'X', 'b', 'o', 'e', 'E']) {
            "write `{}`, which shows the number in decimal"
        } else {
            "write `{}`, and the padding as text"
        };
        self.report(format, format!("`{{{hole}}}` is not supported in scripted methods"), help);
    }

    /// Lowers a macro's message, or `default` if it has none. `args` are the arguments of the message, such as those
    /// after the condition in `assert!(c, "…", a)`.
    pub fn lower_message(&mut self, prefix: &str, default: &str, args: &[RustExpr], mac: &Macro) -> Expr {
        let range: Range = self.range(mac);
        if args.is_empty() {
            return Expr::new(ExprKind::Str(default.to_owned()), range);
        }
        // `panic!(error)` and `bail!(error)` of anyhow take a value as well.
        let message = match args {
            [one] if !matches!(one, RustExpr::Lit(_)) => {
                let number = self.number_type(one);
                let value = self.lower_expr(one);
                Expr::rust_op(Operator::Display, std::iter::once(value).chain(number).collect(), range)
            }
            args => self.lower_format(args, mac),
        };
        match message.kind {
            _ if prefix.is_empty() => message,
            ExprKind::Error => message,
            ExprKind::Str(text) => Expr::new(ExprKind::Str(format!("{prefix}{text}")), range),
            kind => {
                let prefix = Expr::new(ExprKind::Str(prefix.to_owned()), range);
                Expr::binary(BinaryOp::Add, prefix, Expr::new(kind, range), range)
            }
        }
    }
}
