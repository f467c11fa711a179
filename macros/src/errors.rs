//! The sink for everything that a user must be told. Lowering never stops at the first mistake:
//! it reports here and goes on with a poison value.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::span::ends;

/// Collects errors; each is shown under its own tokens, with a `help:` line.
#[derive(Default)]
pub struct Errors {
    list: Vec<Error>,
}

/// One message.
#[derive(Clone)]
pub struct Error {
    /// Lower case, no full stop, code in backticks.
    pub message: String,
    /// What to write instead.
    pub help: String,
    start: Span,
    end: Span,
}

impl Errors {
    /// Blames `tokens`, the smallest culprit.
    pub fn report(&mut self, tokens: impl ToTokens, message: impl Into<String>, help: impl Into<String>) {
        let (start, end) = ends(&tokens).unwrap_or((Span::call_site(), Span::call_site()));
        self.list.push(Error { message: message.into(), help: help.into(), start, end });
    }

    /// Takes over syn's own parse error, with what should have been written.
    pub fn report_syn(&mut self, error: &syn::Error, help: impl Into<String>) {
        let span = error.span();
        self.list.push(Error { message: error.to_string(), help: help.into(), start: span, end: span });
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets what was reported after the first `n`: said once, of code that is lowered twice.
    pub fn truncate(&mut self, n: usize) {
        self.list.truncate(n);
    }

    pub fn into_vec(self) -> Vec<Error> {
        self.list
    }

    /// All errors, to be put beside the item, which is always emitted as well.
    pub fn into_tokens(self) -> TokenStream {
        self.list.iter().map(Error::to_compile_error).collect()
    }
}

impl Error {
    /// `compile_error!`, with its tokens placed so that rustc underlines from start to end.
    pub fn to_compile_error(&self) -> TokenStream {
        let text = self.text();
        let path = quote_spanned!(self.start=> ::core::compile_error);
        let call = quote_spanned!(self.end=> !{#text});
        quote_spanned!(self.start=> #path #call)
    }

    /// Message and help, as rustc prints them.
    pub fn text(&self) -> String {
        format!("{}\nhelp: {}", self.message, self.help)
    }

    /// First and last token that are blamed.
    pub fn spans(&self) -> (Span, Span) {
        (self.start, self.end)
    }
}
