//! Lowers macros of the standard library and of anyhow.

use std::rc::Rc;

use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Macro, Pat, Token};

use super::{Cx, Dest, non_empty};
use crate::configure::find_cfg;
use crate::syntax::{Expr, ExprKind, Operator, Stmt, StmtKind};

impl Cx {
    /// Lowers a macro that is a statement, or whose value goes to `dest`.
    pub fn lower_macro_into(&mut self, mac: &Macro, dest: &Dest) {
        let range = self.range(mac);
        let name = macro_name(mac);
        let args = |cx: &mut Self| cx.macro_args(mac);
        let raise = |cx: &mut Self, prefix: &str, default: &str| {
            let args = args(cx);
            let message = cx.lower_message(prefix, default, &args, mac);
            let error = Expr::rust_op(Operator::Panic, vec![message], range);
            cx.push(StmtKind::Raise(error), range);
        };
        // A constant `if`, of which libtorch compiles the branch that is taken.
        if let Some(name) = name.strip_prefix("debug_").filter(|it| it.starts_with("assert")) {
            let cond =
                self.constant(syn::parse_quote_spanned!(mac.path.span()=> ::core::cfg!(debug_assertions)));
            let then = self.in_block(|cx| cx.lower_assert(name, mac));
            self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise: vec![] }, range);
            return;
        }
        match name.as_str() {
            // `panic!("…")` becomes `raise RuntimeError("…")`.
            "panic" | "unreachable" | "bail" => raise(self, "", "the code reached a panic"),
            "todo" => raise(self, "not yet implemented: ", "not yet implemented"),
            "unimplemented" => raise(self, "not implemented: ", "not implemented"),
            "assert" | "ensure" | "assert_eq" | "assert_ne" => self.lower_assert(&name, mac),
            // TorchScript's `print` always ends with a line break.
            "println" | "print" => {
                let args = args(self);
                let text = self.lower_format(&args, mac);
                let print = Expr::var("print", range).apply(vec![text], range);
                self.push(StmtKind::Expr(print), range);
            }
            _ => match self.lower_macro_value(mac) {
                Some(value) => self.deliver(value, dest),
                None => self.reject_macro(mac, &name),
            },
        }
    }

    fn lower_assert(&mut self, name: &str, mac: &Macro) {
        let args = self.macro_args(mac);
        let (op, sign) = match name {
            "assert_eq" => (Operator::Eq, "=="),
            "assert_ne" => (Operator::Ne, "!="),
            _ => {
                let Some((cond, rest)) = args.split_first() else { return };
                let cond = self.lower_expr(cond);
                return self.push_assert(cond, "", None, rest, mac);
            }
        };
        let [left, right, rest @ ..] = &args[..] else { return };
        let values = self.lower_all([left, right]);
        let failed = format!("assertion `left {sign} right` failed");
        let cond = Expr::rust_op(op, values, self.range(mac));
        self.push_assert(cond, &format!("{failed}: "), Some(&failed), rest, mac);
    }

    /// Adds an assertion, whose message is computed only if it fails.
    fn push_assert(
        &mut self,
        cond: Expr,
        prefix: &str,
        default: Option<&str>,
        args: &[syn::Expr],
        mac: &Macro,
    ) {
        let range = self.range(mac);
        let mut message = None;
        let mut before = self.in_block(|cx| {
            let is_said = default.is_some() || !args.is_empty();
            message = is_said.then(|| cx.lower_message(prefix, default.unwrap_or(""), args, mac));
        });
        match message {
            Some(message) if !before.is_empty() => {
                let error = Expr::rust_op(Operator::Panic, vec![message], range);
                before.push(Stmt::new(StmtKind::Raise(error), range));
                let then = non_empty(before, range);
                let cond = Expr::not(cond, range);
                self.push(StmtKind::If { cond, then, otherwise: vec![] }, range);
            }
            message => self.push(StmtKind::Assert { cond, message }, range),
        }
    }

    /// Lowers the macros that are plain values, `vec!`, `format!` and `matches!`; `None` for others.
    pub fn lower_macro_value(&mut self, mac: &Macro) -> Option<Expr> {
        match macro_name(mac).as_str() {
            "vec" => Some(self.lower_vec(mac)),
            "format" | "format_args" | "anyhow" => {
                let args = self.macro_args(mac);
                Some(self.lower_message("", "", &args, mac))
            }
            "cfg" | "concat" | "stringify" | "env" | "include_str" | "line" | "file" => {
                let mac = mac.clone();
                Some(self.constant(syn::parse_quote!(#mac)))
            }
            "matches" => Some(self.lower_matches(mac)),
            _ => None,
        }
    }

    fn lower_vec(&mut self, mac: &Macro) -> Expr {
        self.check_configured(mac);
        let range = self.range(mac);
        match self.macro_arguments(mac).as_deref() {
            Some([syn::Expr::Array(array)]) => {
                let items = self.lower_all_by(&array.elems, Cx::lower_stored);
                let items = items.into_iter().map(|item| self.stored(item)).collect();
                Expr::new(ExprKind::List(items), range)
            }
            Some([syn::Expr::Repeat(expr)]) => self.lower_repeat(expr, range),
            _ => self.poison(
                mac,
                "`vec!` takes elements, or an element and a length",
                "write `vec![a, b]` or `vec![a; n]`",
            ),
        }
    }

    /// `matches!(x, pattern if guard)` becomes what `match x { pattern if guard => true, _ => false }`
    /// does.
    fn lower_matches(&mut self, mac: &Macro) -> Expr {
        self.check_configured(mac);
        let range = self.range(mac);
        let parser = |input: ParseStream<'_>| {
            let value: syn::Expr = input.parse()?;
            input.parse::<Token![,]>()?;
            let pat = Pat::parse_multi_with_leading_vert(input)?;
            let guard =
                if input.peek(Token![if]) { Some(input.parse::<proc_macro2::TokenStream>()?) } else { None };
            input.parse::<Option<Token![,]>>()?;
            Ok((value, pat, guard))
        };
        let span = mac.path.span();
        let parsed = parser.parse2(mac.tokens.clone()).and_then(|(value, pat, guard)| {
            syn::parse2::<syn::ExprMatch>(
                quote::quote_spanned!(span=> match #value { #pat #guard => true, _ => false }),
            )
        });
        match parsed {
            Ok(expr) => {
                let name = self.scope.temp("matches");
                let value = self.macro_arguments(mac);
                let value: Vec<&syn::Expr> = value.iter().flat_map(|it| it.iter()).collect();
                self.with_copies(&value, &[&expr.expr], |cx| {
                    cx.lower_match(&expr, &Dest::Var(name.clone()));
                });
                Expr::var(name, range)
            }
            Err(_) => {
                let message = "`matches!` takes a value and a pattern";
                self.poison(mac, message, "write `matches!(value, pattern)`")
            }
        }
    }

    /// Reports `cfg` among a macro's arguments. They are tokens to rustc, which configures what the macro makes of them.
    fn check_configured(&mut self, mac: &Macro) {
        if let Some(cfg) = find_cfg(&mac.tokens) {
            self.report(
                cfg,
                "`cfg` inside of a macro's arguments is not supported in scripted methods",
                "write the macro twice, in two statements under opposite `#[cfg(…)]`",
            );
        }
    }

    fn reject_macro(&mut self, mac: &Macro, name: &str) {
        let (message, help) = match name {
            "eprintln" | "eprint" => ("TorchScript prints to the standard output only", "use `println!`"),
            "dbg" => ("TorchScript cannot show values of all types", "use `println!(\"{}\", …)`"),
            "write" | "writeln" => (
                "TorchScript has nothing to write to but strings",
                "append to a `String`, with `+=` and `format!`",
            ),
            "trace" | "debug" | "info" | "warn" | "error" | "log" => {
                ("TorchScript does not log", "use `println!`, or remove it")
            }
            "thread_local" | "include_bytes" | "include" | "compile_error" => {
                ("it is nothing that TorchScript has", "move it out of the method")
            }
            _ => {
                self.report(
                    &mac.path,
                    format!("macro `{name}!` is not supported in scripted methods"),
                    "write out what the macro does, or mark the module `#[compile_mode(trace)]`",
                );
                return;
            }
        };
        self.report(
            &mac.path,
            format!("macro `{name}!` is not supported in scripted methods: {message}"),
            help,
        );
    }

    pub fn macro_args(&mut self, mac: &Macro) -> Rc<[syn::Expr]> {
        self.check_configured(mac);
        if let Some(arguments) = self.macro_arguments(mac) {
            return arguments;
        }
        let parser = Punctuated::<syn::Expr, Token![,]>::parse_terminated;
        match parser.parse2(mac.tokens.clone()) {
            Ok(args) => args.into_iter().collect(),
            Err(error) => {
                self.errors.report_syn(&error, "write the arguments as expressions, separated by commas");
                Rc::new([])
            }
        }
    }
}

fn macro_name(mac: &Macro) -> String {
    mac.path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}
