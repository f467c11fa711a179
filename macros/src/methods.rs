//! `#[methods]`: what the impl block says, with every method lowered.

use std::collections::{BTreeMap, BTreeSet};

use syn::{FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Pat, Type};

use crate::attr;
use crate::errors::{Error, Errors};
use crate::lower::{Lowered, lower_method};
use crate::span::Source;

/// An annotated impl block.
pub struct Methods {
    pub item: ItemImpl,
    /// The methods, lowered, in the order of the source.
    pub methods: Vec<Method>,
    /// Functions that give example inputs, with the method whose inputs they give.
    pub tracing_inputs: Vec<(ImplItemFn, Ident)>,
}

/// One function of the block.
pub struct Method {
    pub func: ImplItemFn,
    pub lowered: Lowered,
    /// What TorchScript cannot express.
    pub errors: Vec<Error>,
    /// Whether the entry reaches it: only then must its types be TorchScript's.
    pub reached: bool,
}

/// How a module is entered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// `forward(&self, …)`.
    Forward,
    /// `forward_t(&self, …, train: bool)`.
    ForwardT,
}

impl Entry {
    pub fn name(self) -> &'static str {
        match self {
            Entry::Forward => "forward",
            Entry::ForwardT => "forward_t",
        }
    }
}

impl Methods {
    /// The entry that this block holds, if any.
    pub fn entry(&self) -> Option<(Entry, &Method)> {
        [Entry::Forward, Entry::ForwardT].into_iter().find_map(|entry| {
            let method = self.methods.iter().find(|it| it.func.sig.ident == entry.name())?;
            Some((entry, method))
        })
    }

    pub fn find(&self, name: &Ident) -> Option<&Method> {
        self.methods.iter().find(|it| it.func.sig.ident == *name)
    }
}

/// Lowers the block, strips our attributes and adds the statement that records calls in traces.
/// `None` where it holds nothing that could be compiled.
pub fn parse(item: &mut ItemImpl, errors: &mut Errors) -> Option<Methods> {
    let braces = item.brace_token.span;
    let mut methods = vec![];
    let mut tracing_inputs = vec![];
    for impl_item in &mut item.items {
        let ImplItem::Fn(func) = impl_item else { continue };
        if let Some(method) = attr::take_tracing_inputs(&mut func.attrs, errors) {
            if check_tracing_inputs(func, errors) {
                tracing_inputs.push((func.clone(), method));
            }
            continue;
        }
        let mut lowering = Errors::default();
        let source = Source::of_method(&without_attrs(func), braces, func.block.brace_token.span);
        let lowered = lower_method(func, source, &mut lowering);
        methods.push(Method {
            func: func.clone(),
            lowered,
            errors: lowering.into_vec(),
            reached: false,
        });
        if is_entry(func) {
            check_entry(func, errors);
            record_calls(func);
        }
    }
    mark_reached(&mut methods);
    let mut clean = item.clone();
    clean.items.clear();
    Some(Methods { item: clean, methods, tracing_inputs })
}

fn without_attrs(func: &ImplItemFn) -> ImplItemFn {
    ImplItemFn { attrs: vec![], ..func.clone() }
}

fn is_entry(func: &ImplItemFn) -> bool {
    func.sig.ident == "forward" || func.sig.ident == "forward_t"
}

/// The entry is a method of a module: `&self`, then the inputs.
fn check_entry(func: &ImplItemFn, errors: &mut Errors) {
    if func.sig.receiver().is_none() {
        errors.report(
            &func.sig.ident,
            format!("`{}` takes `&self`", func.sig.ident),
            "make it a method, or give the associated function another name",
        );
    }
    for input in &func.sig.inputs {
        if let FnArg::Typed(input) = input
            && let Type::ImplTrait(ty) = &*input.ty
        {
            errors.report(
                ty,
                "an argument of a module has one type",
                "name the type, such as `&Tensor`",
            );
        }
    }
}

fn check_tracing_inputs(func: &ImplItemFn, errors: &mut Errors) -> bool {
    let takes_n = matches!(
        func.sig.inputs.iter().collect::<Vec<_>>()[..],
        [FnArg::Receiver(_), FnArg::Typed(_)]
    );
    if !takes_n {
        errors.report(
            &func.sig.inputs,
            "tracing inputs are given by a function of `&self` and a number",
            "write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`",
        );
    }
    if matches!(func.sig.output, syn::ReturnType::Default) {
        errors.report(
            &func.sig.ident,
            "tracing inputs are returned as a list of arguments",
            "write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`",
        );
        return false;
    }
    takes_n
}

/// What the entry calls, within this block, and what that calls.
fn mark_reached(methods: &mut [Method]) {
    let calls: BTreeMap<Ident, BTreeSet<Ident>> =
        methods.iter().map(|it| (it.func.sig.ident.clone(), it.lowered.calls.clone())).collect();
    let mut queue: Vec<Ident> =
        methods.iter().filter(|it| is_entry(&it.func)).map(|it| it.func.sig.ident.clone()).collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = queue.pop() {
        if reached.insert(name.clone()) {
            queue.extend(calls.get(&name).into_iter().flatten().cloned());
        }
    }
    for method in methods {
        method.reached = reached.contains(&method.func.sig.ident);
    }
}

/// Puts one statement at the head of the entry:
///
/// ```text
/// if tch_jit::private::is_tracing() {
///     if let Some(output) = tch_jit::private::record_call(self, "forward", || vec![…]) {
///         return output;
///     }
/// }
/// ```
fn record_calls(func: &mut ImplItemFn) {
    let name = func.sig.ident.to_string();
    let span = func.sig.ident.span();
    let private = crate::paths::private(span);
    let Some(receiver) = func.sig.receiver() else { return };
    // The user's own `self`: one of ours would not be found in a method out of a macro.
    let this = receiver.self_token;
    let mut args = vec![];
    let mut bindings = vec![];
    for (i, input) in func.sig.inputs.iter_mut().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        if let Pat::Ident(pat) = &*input.pat
            && pat.subpat.is_none()
        {
            args.push(pat.ident.clone());
            continue;
        }
        // A pattern is bound one statement later.
        let arg = quote::format_ident!("__arg{i}", span = span);
        let pat = std::mem::replace(&mut *input.pat, syn::parse_quote!(#arg));
        bindings.push(quote::quote!(let #pat = #arg;));
        args.push(arg);
    }
    let block = &func.block.stmts;
    let stmts = quote::quote_spanned! {span=>
        if #private::is_tracing() {
            if let ::core::option::Option::Some(output) =
                #private::record_call(#this, #name, || ::std::vec![#(#private::value(&#args)),*])
            {
                return output;
            }
        }
        #(#bindings)*
    };
    let header: syn::Block = syn::parse_quote!({ #stmts });
    let mut all = header.stmts;
    all.extend(block.iter().cloned());
    func.block.stmts = all;
}
