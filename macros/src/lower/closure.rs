//! Lowers closures, which run in place: those that methods of iterators and options take, and those that a body gives a
//! name to and calls.

use std::borrow::Cow;
use std::rc::Rc;

use quote::ToTokens;
use syn::spanned::Spanned;
use syn::visit::{Visit, visit_expr_path};
use syn::{ExprCall, ExprClosure, Ident};

use super::infer::visit_arguments;
use super::labels::Loop;
use super::scope::{Bound, Names, NamesOfBlock};
use super::widths::narrow_word;
use super::{Cx, Dest};
use crate::syntax::{Expr, ExprKind, Slot, Stmt, StmtKind};

/// A closure with a name, or a function inside of a body.
pub struct LocalClosure {
    closure: ExprClosure,
    is_function: bool,
    /// The names that a closure sees: those where it is made.
    names: Names,
}

impl LocalClosure {
    /// Whether it is a function, which sees functions alone.
    pub fn is_function(&self) -> bool {
        self.is_function
    }
}

impl Cx {
    /// Gives a closure a name. It is lowered where it is called.
    pub fn name_closure(&mut self, ident: &Ident, closure: &ExprClosure) {
        let mut names = self.scope.names().clone();
        if closure.capture.is_some() {
            names.push(self.captured(closure));
        }
        let local = Rc::new(LocalClosure { closure: closure.clone(), is_function: false, names });
        self.keep_numbers(&closure.body, &local.closure.body);
        // Numbers belong to addresses, so that the copy has to live as long.
        self.closures_named.push(local.clone());
        self.scope.bind_closure(ident, local);
    }

    /// Gives functions inside of a body their names. They see each other, and no variables.
    pub fn name_functions<'i>(&mut self, functions: impl Iterator<Item = &'i syn::ItemFn>) {
        for function in functions {
            self.check_wide(
                function,
                "in a function inside of a method",
                "put the function beside the method, with `#[script]`",
            );
            let (inputs, block, output) = (&function.sig.inputs, &function.block, &function.sig.output);
            let closure: ExprClosure = syn::parse_quote!(|#inputs| #output #block);
            let local = Rc::new(LocalClosure { closure, is_function: true, names: vec![] });
            self.scope.bind_closure(&function.sig.ident, local);
        }
    }

    /// Reports numbers of less than 64 bits where rustc cannot be asked about the types, so that results would be others
    /// than in Rust.
    pub fn check_wide(&mut self, tokens: impl ToTokens, place: &str, help: &str) {
        if let Some(word) = narrow_word(tokens) {
            let message = format!("numbers of less than 64 bits {place} cannot be scripted");
            self.report(word, message, format!("use `i64` or `f64`, or {help}"));
        }
    }

    /// What a `move` closure captures: variables that can change are copied now.
    fn captured(&mut self, closure: &ExprClosure) -> NamesOfBlock {
        #[derive(Default)]
        struct Paths(Vec<Ident>);
        impl<'ast> Visit<'ast> for Paths {
            fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
                self.0.extend(path.path.get_ident().cloned());
                visit_expr_path(self, path);
            }
            fn visit_macro(&mut self, mac: &'ast syn::Macro) {
                visit_arguments(self, mac);
            }
        }
        let mut paths = Paths::default();
        paths.visit_expr(&closure.body);
        let mut names = NamesOfBlock::default();
        for ident in &paths.0 {
            let Some(ExprKind::Var(name)) = self.scope.lookup(ident).cloned() else { continue };
            if self.scope.is_mutable(&name) && !names.contains_key(&ident.to_string()) {
                let captured = self.scope.temp(&name);
                self.scope.set_mutable(&captured);
                let range = self.range(ident);
                let value = self.copied(Expr::var(name, range), &captured);
                self.block.push(Stmt::assign(&captured, value, range));
                names.insert(ident.to_string(), Bound::Value(ExprKind::Var(captured)));
            }
        }
        names
    }

    /// Lowers `(|x| f(x))(value)`.
    pub fn lower_closure_at_once(&mut self, closure: &ExprClosure, call: &ExprCall) -> Expr {
        let args = self.lower_all(&call.args);
        let args = args.into_iter().map(|arg| self.once(arg)).collect();
        self.with_parameters(closure, args, Cx::closure_body)
    }

    /// Lowers a call of a closure that has a name.
    pub fn lower_closure_call(&mut self, local: &Rc<LocalClosure>, call: &ExprCall) -> Expr {
        if self.closures_called.iter().any(|it| Rc::ptr_eq(it, local)) {
            return self.poison(
                &call.func,
                "a function that calls itself cannot be scripted",
                "write a loop",
            );
        }
        let args = self.lower_all(&call.args);
        // As in Rust, all arguments are evaluated before, once.
        let args = args.into_iter().map(|arg| self.once(arg)).collect();
        let names = if local.is_function { self.scope.functions() } else { local.names.clone() };
        let outer = self.scope.replace_names(names);
        self.closures_called.push(local.clone());
        let value = self.with_parameters(&local.closure, args, Cx::closure_body);
        self.closures_called.pop();
        self.scope.replace_names(outer);
        value
    }

    /// Runs a closure in place, with its parameters bound to `args`.
    pub fn call_closure(&mut self, closure: &syn::Expr, args: Vec<Expr>) -> Expr {
        self.in_closure(closure, args, Cx::closure_body).unwrap_or_else(Expr::error)
    }

    /// As [`Cx::call_closure`], for a closure that returns nothing, such as `|x| sum += x`.
    pub fn run_closure(&mut self, closure: &syn::Expr, args: Vec<Expr>) {
        self.in_closure(closure, args, Cx::run_closure_body);
    }

    fn in_closure<R>(
        &mut self,
        closure: &syn::Expr,
        args: Vec<Expr>,
        f: impl FnOnce(&mut Self, &ExprClosure) -> R,
    ) -> Option<R> {
        let closure = &*self.as_closure(closure, args.len())?;
        Some(self.with_parameters(closure, args, f))
    }

    /// Runs `f` with the parameters of a closure bound to `args`.
    pub fn with_parameters<R>(
        &mut self,
        closure: &ExprClosure,
        args: Vec<Expr>,
        f: impl FnOnce(&mut Self, &ExprClosure) -> R,
    ) -> R {
        self.scope.enter();
        for (pat, arg) in closure.inputs.iter().zip(args) {
            let range = self.range(pat);
            match (plain_name(pat), &arg.kind) {
                (Some(ident), place) if self.is_written(ident) && self.is_owned(place) => {
                    self.scope.bind_reference(ident, place.clone());
                }
                (Some(ident), name @ (ExprKind::Var(_) | ExprKind::Slot(_))) => {
                    self.scope.bind_to(ident.to_string(), name.clone());
                }
                _ => self.bind_pattern(pat, arg, range),
            }
        }
        let result = f(self, closure);
        self.scope.leave();
        result
    }

    /// The closure; a function, such as `f64::max` or `Some`, becomes a closure that calls it.
    pub fn as_closure<'e>(&mut self, expr: &'e syn::Expr, n_args: usize) -> Option<Cow<'e, ExprClosure>> {
        match expr {
            syn::Expr::Closure(closure) => Some(Cow::Borrowed(closure)),
            syn::Expr::Path(path)
                if path.path.get_ident().is_none_or(|it| self.scope.lookup(it).is_none()) =>
            {
                let span = path.span();
                let args: Vec<_> =
                    (0..n_args).map(|i| syn::Ident::new(&format!("argument_{i}"), span)).collect();
                Some(Cow::Owned(syn::parse_quote_spanned!(span=> |#(#args),*| #path(#(#args),*))))
            }
            other => {
                self.report(
                    other,
                    "only a closure can be passed here in scripted methods",
                    "write `|value| …`",
                );
                None
            }
        }
    }

    /// Lowers the body of a closure whose parameters are bound.
    pub fn closure_body(&mut self, closure: &ExprClosure) -> Expr {
        let expected = self.expected.take();
        self.closures += 1;
        let value = match returns(closure) {
            Some(leaves) => self.lower_returning(closure, &leaves),
            None => self.lower_expr(&closure.body),
        };
        self.closures -= 1;
        self.expected = expected;
        value
    }

    /// Runs the body of a closure that returns nothing, whose parameters are bound.
    pub fn run_closure_body(&mut self, closure: &ExprClosure) {
        self.closures += 1;
        match returns(closure) {
            Some(_) => self.in_returning(closure, &Dest::Discard),
            None => self.lower_into(&closure.body, &Dest::Discard),
        }
        self.closures -= 1;
    }

    /// Lowers a body that `return` leaves, as a labelled block with this value.
    fn lower_returning(&mut self, closure: &ExprClosure, leaves: &syn::ExprReturn) -> Expr {
        let range = self.range(&closure.body);
        let slot = match &closure.output {
            syn::ReturnType::Type(_, ty) => Some(self.type_slot(ty)),
            syn::ReturnType::Default => self.infer(&closure.body),
        };
        let Some(slot) = slot else {
            return self.poison(
                leaves,
                "the type of a closure with `return` must be written",
                "write `|…| -> T { … }` with its type, or let the closure end with its value",
            );
        };
        let name = self.scope.temp("returned");
        let value = Expr::slot(Slot::Uninitialized(slot.index), slot.range);
        self.block.push(Stmt::assign(&name, value, range));
        self.in_returning(closure, &Dest::Var(name.clone()));
        Expr::var(name, range)
    }

    fn in_returning(&mut self, closure: &ExprClosure, dest: &Dest) {
        let range = self.range(&closure.body);
        let it = Loop::of_closure(dest.clone());
        let (mut body, it) = self.in_loop(it, |cx| cx.lower_into(&closure.body, dest));
        body.push(Stmt::new(StmtKind::Break, range));
        let cond = Expr::new(ExprKind::True, range);
        self.push_loop(StmtKind::While { cond, body }, it, range);
    }
}

/// A `return` in the body of a closure.
fn returns(closure: &ExprClosure) -> Option<syn::ExprReturn> {
    struct Returns(Option<syn::ExprReturn>);
    impl<'ast> Visit<'ast> for Returns {
        fn visit_expr_return(&mut self, expr: &'ast syn::ExprReturn) {
            self.0.get_or_insert_with(|| expr.clone());
        }
        fn visit_macro(&mut self, mac: &'ast syn::Macro) {
            visit_arguments(self, mac);
        }
        fn visit_expr_closure(&mut self, _: &'ast ExprClosure) {}
        fn visit_item(&mut self, _: &'ast syn::Item) {}
    }
    let mut returns = Returns(None);
    returns.visit_expr(&closure.body);
    returns.0
}

/// The name of a parameter that is just a name.
fn plain_name(pat: &syn::Pat) -> Option<&syn::Ident> {
    match pat {
        syn::Pat::Ident(pat) if pat.subpat.is_none() && pat.mutability.is_none() => Some(&pat.ident),
        syn::Pat::Reference(pat) => plain_name(&pat.pat),
        syn::Pat::Type(pat) => plain_name(&pat.pat),
        syn::Pat::Paren(pat) => plain_name(&pat.pat),
        _ => None,
    }
}
