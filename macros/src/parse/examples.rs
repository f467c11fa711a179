//! `#[tracing_inputs(x = [_, self.dim], ids = Int64[5])]` on a struct: example inputs that are declared rather than
//! computed. The attribute's tokens come in; how the example of each argument of a method is made goes out. Generated
//! code checks whether the method has such arguments, since the struct does not see it.

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::discouraged::Speculative;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Fields, Ident, Path, Token, bracketed, parenthesized};

use super::attr::named;
use crate::errors::Errors;
use crate::paths::place_of;

/// The example inputs of one method.
pub struct Examples {
    pub method: Ident,
    pub args: Vec<Argument>,
    /// The tokens to blame for an argument without an example.
    pub attr: TokenStream,
}

/// One argument with its example: `x = [_, 3]`.
pub struct Argument {
    pub name: Ident,
    pub input: Input,
    /// The input's first token, which may be a group.
    pub culprit: Span,
}

/// The form of an example.
pub enum Input {
    /// `_`, or `_len`: the free dimension itself, as a number.
    Free(String),
    /// A tensor: `[_, 3]`, `Int64[5]`, `Int64[5] < self.n`, `Int64[2, _edges] < _`.
    Tensor { kind: Option<Ident>, size: Vec<TokenStream>, below: Option<TokenStream> },
    /// A tuple: `([_, 3], [_, 4])`.
    Tuple(Vec<Input>),
    /// A list: `[[_, 3], [_, 4]]`.
    List(Vec<Input>),
    /// Anything else, of a type that implements `ExampleInput`.
    Expr(TokenStream),
}

const NO_ARGUMENTS: &str = "`#[tracing_inputs]` on a type says what each argument is";
const HELP: &str = "write `#[tracing_inputs(x = [_, 3])]`: a shape for each argument, with `_` for a dimension of any \
     size; a kind before it, as in `Int64[5]`; or an expression whose type implements `ExampleInput`";

/// Takes the attributes off a struct or an enum, and returns their paths as well.
pub fn take(attrs: &mut Vec<Attribute>, errors: &mut Errors) -> (Vec<Examples>, Vec<Path>) {
    let mut all: Vec<Examples> = vec![];
    let mut paths = vec![];
    let is_ours = |attr: &mut Attribute| named(attr, "tracing_inputs");
    for attr in attrs.extract_if(.., is_ours) {
        paths.push(attr.path().clone());
        let parsed = match &attr.meta {
            syn::Meta::List(list) if !list.tokens.is_empty() => list.parse_args::<Declaration>(),
            meta => Err(syn::Error::new_spanned(meta.path(), NO_ARGUMENTS)),
        };
        let declaration = match parsed {
            Ok(declaration) => declaration,
            Err(error) => {
                errors.report_syn(&error, HELP);
                continue;
            }
        };
        let path = attr.path();
        let method =
            declaration.method.unwrap_or_else(|| Ident::new("forward", path.segments[0].ident.span()));
        if all.iter().any(|it| it.method == method) {
            errors.report(
                path,
                format!("the tracing inputs of `{method}` are given twice"),
                "keep one of the attributes; further examples come from a function with `#[tracing_inputs]`",
            );
            continue;
        }
        let mut args: Vec<Argument> = vec![];
        for arg in declaration.args {
            if args.iter().any(|it| it.name == arg.name) {
                errors.report(
                    &arg.name,
                    format!("the argument `{}` is given twice", arg.name),
                    "keep one of them",
                );
                continue;
            }
            args.push(arg);
        }
        all.push(Examples { method, args, attr: path.to_token_stream() });
    }
    (all, paths)
}

/// The parsed contents of an attribute.
struct Declaration {
    method: Option<Ident>,
    args: Vec<Argument>,
}

impl Parse for Declaration {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let is_argument = input.peek2(Token![=]);
        let method = if is_argument { None } else { Some(input.call(Ident::parse_any)?) };
        if method.is_some() && !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
        let args = Punctuated::<Argument, Token![,]>::parse_terminated(input)?;
        if let (Some(method), true) = (&method, args.is_empty()) {
            return Err(syn::Error::new(method.span(), NO_ARGUMENTS));
        }
        // `forward_t` goes by the name of `forward`, as everywhere.
        let method = method.filter(|it| it != "forward_t" && it != "forward");
        Ok(Declaration { method, args: args.into_iter().collect() })
    }
}

impl Parse for Argument {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let name = input.call(Ident::parse_any)?;
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(syn::Error::new(name.span(), format!("the argument `{name}` has no example")));
        }
        let culprit = input.fork().parse::<TokenTree>()?.span();
        Ok(Argument { name, input: input.parse()?, culprit })
    }
}

impl Parse for Input {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if let Some(name) = free_name(input) {
            input.call(Ident::parse_any)?;
            return Ok(Input::Free(name));
        }
        if is_kind(input) {
            let kind = input.parse::<Ident>()?;
            return parse_tensor(Some(kind), input);
        }
        if let Some(error) = misspelled_kind(input) {
            return Err(error);
        }
        if input.peek(syn::token::Bracket) {
            return if is_list(input) { parse_list(input) } else { parse_tensor(None, input) };
        }
        if input.peek(syn::token::Paren) {
            // Not every parenthesis begins a tuple: `(self.a + self.b) * 2` is an expression.
            let ahead = input.fork();
            if let Ok(tuple) = parse_tuple(&ahead)
                && (ahead.is_empty() || ahead.peek(Token![,]))
            {
                input.advance_to(&ahead);
                return Ok(tuple);
            }
        }
        let expr = input.parse::<Expr>()?;
        Ok(Input::Expr(with_own_self(expr.to_token_stream())))
    }
}

/// The name of a free dimension, if the input is `_` or `_len` alone.
fn free_name(input: ParseStream<'_>) -> Option<String> {
    let ahead = input.fork();
    let name = ahead.call(Ident::parse_any).ok()?.to_string();
    let is_alone = ahead.is_empty() || ahead.peek(Token![,]);
    (name.starts_with('_') && is_alone).then_some(name)
}

const INTEGERS: [&str; 5] = ["Uint8", "Int8", "Int16", "Int", "Int64"];
const OTHERS: [&str; 7] = ["Half", "Float", "Double", "ComplexFloat", "ComplexDouble", "Bool", "BFloat16"];

/// Whether the input begins with a kind of tch and a bracket, as in `Int64[5]`.
fn is_kind(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let kind = ahead.parse::<Ident>();
    kind.is_ok_and(|kind| INTEGERS.iter().chain(&OTHERS).any(|it| kind == it))
        && ahead.peek(syn::token::Bracket)
}

/// The error for a shape behind another name than that of a kind, such as `f32[_, 3]`. `SIZES[0]` is an expression.
fn misspelled_kind(input: ParseStream<'_>) -> Option<syn::Error> {
    let ahead = input.fork();
    let name = ahead.parse::<Ident>().ok().filter(|_| ahead.peek(syn::token::Bracket))?;
    let kind = kind_named(&name.to_string());
    let is_shape = |group: &Group| {
        group.stream().into_iter().any(|it| match it {
            TokenTree::Ident(ident) => ident.to_string().starts_with('_'),
            TokenTree::Punct(punct) => punct.as_char() == ',',
            _ => false,
        })
    };
    let group = ahead.parse::<Group>().ok()?;
    if kind.is_none_or(|it| it.1) && !is_shape(&group) {
        return None;
    }
    let proposal = kind.map_or(String::new(), |(kind, _)| format!("; did you mean `{kind}`?"));
    Some(syn::Error::new(name.span(), format!("`{name}` is no kind of tch{proposal}")))
}

/// The kind of tch that another name stands for, and whether that is a guess.
fn kind_named(name: &str) -> Option<(&'static str, bool)> {
    let of_others = match &*name.to_lowercase() {
        "f16" | "float16" => "Half",
        "f32" | "float" | "float32" => "Float",
        "f64" | "float64" => "Double",
        "bf16" => "BFloat16",
        "i8" => "Int8",
        "i16" | "short" => "Int16",
        "i32" | "int32" => "Int",
        "i64" | "isize" | "long" => "Int64",
        "u8" | "byte" => "Uint8",
        "c64" | "complex64" => "ComplexFloat",
        "c128" | "complex128" => "ComplexDouble",
        _ => "",
    };
    if !of_others.is_empty() {
        return Some((of_others, false));
    }
    let kinds = INTEGERS.into_iter().chain(OTHERS);
    let near =
        kinds.map(|kind| (strsim::damerau_levenshtein(&name.to_lowercase(), &kind.to_lowercase()), kind));
    near.filter(|(distance, _)| *distance <= 2).min().map(|(_, kind)| (kind, true))
}

/// Whether the input is a list of shapes, not a shape: a dimension begins with neither a bracket nor a kind.
fn is_list(input: ParseStream<'_>) -> bool {
    fn first_is_shape(input: ParseStream<'_>) -> syn::Result<bool> {
        let inside;
        bracketed!(inside in input);
        Ok(inside.peek(syn::token::Bracket) || is_kind(&inside))
    }
    first_is_shape(&input.fork()).unwrap_or(false)
}

fn parse_list(input: ParseStream<'_>) -> syn::Result<Input> {
    let inside;
    bracketed!(inside in input);
    let items = Punctuated::<Input, Token![,]>::parse_terminated(&inside)?;
    Ok(Input::List(items.into_iter().collect()))
}

fn parse_tuple(input: ParseStream<'_>) -> syn::Result<Input> {
    let inside;
    parenthesized!(inside in input);
    let items = Punctuated::<Input, Token![,]>::parse_terminated(&inside)?;
    if items.len() < 2 {
        return Err(inside.error("a tuple has two elements or more"));
    }
    Ok(Input::Tuple(items.into_iter().collect()))
}

fn parse_tensor(kind: Option<Ident>, input: ParseStream<'_>) -> syn::Result<Input> {
    let inside;
    bracketed!(inside in input);
    let size = Punctuated::<Dimension, Token![,]>::parse_terminated(&inside)?;
    let size = size.into_iter().map(|it| it.0).collect();
    if !input.peek(Token![<]) {
        return Ok(Input::Tensor { kind, size, below: None });
    }
    if !kind.as_ref().is_some_and(|kind| INTEGERS.iter().any(|it| kind == it)) {
        return Err(input.error("a bound goes with a kind of integers, as in `Int64[5] < self.n`"));
    }
    input.parse::<Token![<]>()?;
    let Dimension(below) = input.parse()?;
    Ok(Input::Tensor { kind, size, below: Some(below) })
}

/// An expression in which `_` and `_len` are free dimensions.
struct Dimension(TokenStream);

impl Parse for Dimension {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut tokens = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            tokens.extend([input.parse::<TokenTree>()?]);
        }
        let tokens = with_own_self(with_free_dimensions(tokens));
        syn::parse2::<Expr>(tokens.clone())?;
        Ok(Dimension(tokens))
    }
}

fn with_free_dimensions(tokens: TokenStream) -> TokenStream {
    replace(tokens, &|ident| {
        let name = ident.to_string();
        // `draw` is a parameter of the function that the expression is put into.
        let draw = Ident::new("draw", Span::call_site());
        name.starts_with('_').then(|| quote!(#draw.free(#name)))
    })
}

/// The tokens with the hygiene of generated code for `self`: it is that of the function which the expression is put
/// into.
fn with_own_self(tokens: TokenStream) -> TokenStream {
    replace(tokens, &|ident| {
        (ident == "self").then(|| Ident::new("self", place_of(ident.span())).to_token_stream())
    })
}

fn replace(tokens: TokenStream, by: &dyn Fn(&Ident) -> Option<TokenStream>) -> TokenStream {
    let replaced = |tree: TokenTree| match tree {
        TokenTree::Ident(ident) => by(&ident).unwrap_or_else(|| ident.into_token_stream()),
        TokenTree::Group(group) => {
            let mut inner = Group::new(group.delimiter(), replace(group.stream(), by));
            inner.set_span(group.span());
            inner.into_token_stream()
        }
        tree => tree.into_token_stream(),
    };
    tokens.into_iter().map(replaced).collect()
}

/// e3nn's rule: a struct with a field `irreps_in`, or with `irreps_in1` and `irreps_in2`, has examples by its irreps.
/// Returns these fields, in the order of the arguments.
pub fn implied(fields: &Fields) -> Vec<syn::Field> {
    let named = |name: &str| fields.iter().find(|it| it.ident.as_ref().is_some_and(|it| it == name)).cloned();
    match (named("irreps_in"), named("irreps_in1"), named("irreps_in2")) {
        (Some(all), ..) => vec![all],
        (None, Some(first), Some(second)) => vec![first, second],
        _ => vec![],
    }
}
