//! Code that reports fields with `#[jit(skip)]` where a scripted body reads them.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Ident;
use syn::visit::{Visit, visit_expr_field};

use super::{in_mode, script_only};
use crate::check::Methods;
use crate::errors::Error;
use crate::lower::visit_arguments;
use crate::types::ungrouped_expr;

/// The word that the macro of the type's name takes before a field's name: it passes its tokens on if the field is
/// hidden, see `module::callback`.
pub const HIDES: &str = "hides";

/// Expands to the errors, which pass through the macro of the type's name: `#[methods]` does not see the struct.
pub fn errors(methods: &Methods) -> TokenStream {
    let mut reads = Reads::default();
    methods.methods.iter().filter(|it| it.reached).for_each(|it| reads.visit_block(&it.func.block));
    let hides = format_ident!("{HIDES}");
    let errors = reads.fields.iter().map(|field| {
        let error = Error::new(
            field,
            format!("a scripted body reads the field `{field}`, which `#[jit(skip)]` hides from the compiler"),
            "put `#[derive(ScriptType)]` on the field's type and take `#[jit(skip)]` off, or keep the value in a field \
             of its own",
        );
        in_mode(methods, &quote!(#hides #field), &error.to_compile_error())
    });
    let errors: TokenStream = errors.collect();
    (!errors.is_empty()).then(|| script_only(methods, &errors)).flatten().unwrap_or_default()
}

/// The fields of `self` that a body names, each where it stands first.
#[derive(Default)]
struct Reads {
    fields: Vec<Ident>,
    seen: BTreeSet<Ident>,
}

impl<'ast> Visit<'ast> for Reads {
    fn visit_expr_field(&mut self, expr: &'ast syn::ExprField) {
        if let (syn::Expr::Path(base), syn::Member::Named(field)) = (&*expr.base, &expr.member)
            && base.path.is_ident("self")
            && self.seen.insert(field.clone())
        {
            self.fields.push(field.clone());
        }
        visit_expr_field(self, expr);
    }

    // A function that is called as a value is taken out of the module while it is compiled.
    fn visit_expr_call(&mut self, call: &'ast syn::ExprCall) {
        if let syn::Expr::Path(_) = ungrouped_expr(&call.func) {
            self.visit_expr(&call.func);
        }
        call.args.iter().for_each(|it| self.visit_expr(it));
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        visit_arguments(self, mac);
    }
}
