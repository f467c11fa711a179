//! The sink for everything that a user must be told. Nothing stops at the first mistake: it is reported here,
//! and a poison value stands in its place.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};

use crate::span::ends;

/// Collects errors; each is shown under its own tokens, with a `help:` line.
///
/// Collected errors must be used: a sink that is dropped before that panics.
#[derive(Default)]
pub struct Errors {
    list: Vec<Error>,
    is_used: bool,
}

/// One error: a message with its help, and the tokens that are blamed.
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
        self.list.push(Error::new(tokens, message, help));
    }

    /// Reports a parse error of syn under its own message, with `help` on what to write instead.
    pub fn report_syn(&mut self, error: &syn::Error, help: impl Into<String>) {
        let span = error.span();
        self.list.push(Error { message: error.to_string(), help: help.into(), start: span, end: span });
    }

    /// Adds errors that were collected elsewhere.
    pub fn extend(&mut self, errors: Vec<Error>) {
        self.list.extend(errors);
    }

    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Forgets what was reported after the first `n`.
    pub fn truncate(&mut self, n: usize) {
        self.list.truncate(n);
    }

    pub fn into_vec(mut self) -> Vec<Error> {
        self.is_used = true;
        std::mem::take(&mut self.list)
    }

    /// All errors in the order of the source, to be put beside the item, which is always emitted as well.
    pub fn into_tokens(self) -> TokenStream {
        let mut errors = self.into_vec();
        errors.sort_by_key(|error| error.start.start());
        errors.iter().map(Error::to_compile_error).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        // A second panic, while the first one unwinds, would end the process.
        if !self.is_used && !std::thread::panicking() {
            panic!("errors were collected and not shown");
        }
    }
}

impl Error {
    /// Blames `tokens`, the smallest culprit.
    pub fn new(tokens: impl ToTokens, message: impl Into<String>, help: impl Into<String>) -> Error {
        let (start, end) = ends(&tokens).unwrap_or((Span::call_site(), Span::call_site()));
        Error { message: message.into(), help: help.into(), start, end }
    }

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

    /// The spans of the first and the last blamed token.
    pub fn spans(&self) -> (Span, Span) {
        (self.start, self.end)
    }
}
