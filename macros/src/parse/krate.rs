//! Parses `crate = "…"` among the arguments of an attribute: the path of tch-jit, where the macros cannot find it.

use proc_macro2::{Punct, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, LitStr};

use crate::errors::Errors;
use crate::paths;

const CRATE_HELP: &str = "write `crate = \"…\"` with the name that Cargo.toml gives to tch-jit";

/// Takes `crate = "path"` out of an attribute's arguments and returns the others. The code that this expansion
/// generates then names the runtime by that path.
pub fn take_crate(args: TokenStream, errors: &mut Errors) -> TokenStream {
    let mut others: Vec<TokenStream> = vec![];
    let mut comma = None;
    for part in split_at_commas(args) {
        let mut tokens = part.0.clone().into_iter();
        match (tokens.next(), tokens.next()) {
            (Some(TokenTree::Ident(name)), Some(TokenTree::Punct(is)))
                if name == "crate" && is.as_char() == '=' =>
            {
                let path = syn::parse2::<LitStr>(tokens.collect());
                match path.and_then(|path| path.parse_with(syn::Path::parse_mod_style)) {
                    Ok(path) => paths::name_runtime(&path),
                    Err(_) => errors.report(&part.0, "`crate` names the path of tch-jit", CRATE_HELP),
                }
            }
            _ => {
                others.extend(comma.take().map(|comma: Punct| comma.to_token_stream()));
                others.push(part.0);
                comma = part.1;
            }
        }
    }
    others.into_iter().collect()
}

/// The arguments, each with the comma after it.
fn split_at_commas(args: TokenStream) -> Vec<(TokenStream, Option<Punct>)> {
    let mut parts = vec![];
    let mut part = TokenStream::new();
    for tree in args {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => {
                parts.push((std::mem::take(&mut part), Some(punct)));
            }
            tree => part.extend([tree]),
        }
    }
    if !part.is_empty() {
        parts.push((part, None));
    }
    parts
}

/// Reads `#[script_type(crate = "…")]` among the attributes that the derive macro sees.
pub fn read_script_type(attrs: &[Attribute], errors: &mut Errors) {
    for attr in attrs.iter().filter(|attr| attr.path().is_ident("script_type")) {
        let args = match &attr.meta {
            syn::Meta::List(list) => take_crate(list.tokens.clone(), errors),
            meta => meta.to_token_stream(),
        };
        if !args.is_empty() {
            errors.report(&args, "`#[script_type]` takes `crate` only", CRATE_HELP);
        }
    }
}
