//! Macros of the standard library.

use syn::parse::Parser;
use syn::punctuated::Punctuated;
use syn::{Macro, Token};

use super::{Cx, Dest};
use crate::syntax::{Expr, ExprKind, StmtKind};

impl Cx<'_> {
    /// A macro as a statement, or as what delivers to `dest`.
    pub fn lower_macro_into(&mut self, mac: &Macro, dest: &Dest) {
        if let Some(value) = self.lower_macro_value(mac) {
            self.deliver(value, dest);
            return;
        }
        let range = self.range(mac);
        let name = macro_name(mac);
        match name.as_str() {
            // `panic!("…")` becomes `raise RuntimeError("…")`.
            "panic" | "unreachable" | "bail" => {
                let args = self.macro_args(mac);
                let message = self.macro_message(&args, "the code reached a panic", mac);
                let error = Expr::var("$panic", range).apply(vec![message], range);
                self.push(StmtKind::Raise(error), range);
            }
            "assert" | "debug_assert" | "ensure" => {
                let args = self.macro_args(mac);
                let Some((cond, rest)) = args.split_first() else { return };
                let cond = self.lower_expr(cond);
                let message = (!rest.is_empty()).then(|| self.macro_message(rest, "", mac));
                self.push(StmtKind::Assert { cond, message }, range);
            }
            _ => self.report(
                &mac.path,
                format!("macro `{name}!` is not supported in scripted methods"),
                "`vec!`, `assert!` and `panic!` are; write out what the macro does, or mark the module `#[compile_mode(trace)]`",
            ),
        }
    }

    /// The macros that are a value: `vec!`.
    pub fn lower_macro_value(&mut self, mac: &Macro) -> Option<Expr> {
        if !mac.path.is_ident("vec") {
            return None;
        }
        let range = self.range(mac);
        // Parsed with the spans of the tokens, not from the text.
        let tokens = mac.tokens.clone();
        match syn::parse2::<syn::Expr>(quote::quote!([#tokens])) {
            Ok(syn::Expr::Array(array)) => {
                let items = self.lower_all(&array.elems);
                Some(Expr::new(ExprKind::List(items), range))
            }
            Ok(syn::Expr::Repeat(expr)) => Some(self.lower_repeat(&expr, range)),
            _ => Some(self.poison(
                mac,
                "`vec!` takes elements, or an element and a length",
                "write `vec![a, b]` or `vec![a; n]`",
            )),
        }
    }

    fn macro_args(&mut self, mac: &Macro) -> Vec<syn::Expr> {
        let parser = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        match parser.parse2(mac.tokens.clone()) {
            Ok(args) => args.into_iter().collect(),
            Err(error) => {
                self.errors.report_syn(&error, "write the arguments as expressions, separated by commas");
                vec![]
            }
        }
    }

    /// The message of an assertion or a panic: a literal without holes.
    fn macro_message(&mut self, args: &[syn::Expr], default: &str, mac: &Macro) -> Expr {
        let range = self.range(mac);
        let literal = |text: String| Expr::new(ExprKind::Str(text), range);
        match args {
            [] => literal(default.to_owned()),
            [syn::Expr::Lit(lit)] => match &lit.lit {
                // What is left without `{{` and `}}` are holes.
                syn::Lit::Str(text) if !has_holes(&text.value().replace("{{", "").replace("}}", "")) => {
                    literal(text.value().replace("{{", "{").replace("}}", "}"))
                }
                other => self.poison(
                    other,
                    "a message with `{}` is not supported in scripted methods",
                    "use a plain text",
                ),
            },
            [first, ..] => self.poison(
                first,
                "a formatted message is not supported in scripted methods",
                "use a plain text",
            ),
        }
    }
}

fn has_holes(text: &str) -> bool {
    text.contains(['{', '}'])
}

fn macro_name(mac: &Macro) -> String {
    mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}
