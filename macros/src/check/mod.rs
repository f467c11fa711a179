//! The third stage: checks that need the whole block.
//!
//! A parsed block and its lowered bodies come in; one analysed block goes out, which answers all that `emit` asks.
//! Mistakes that hold in every mode are reported; what only TorchScript cannot express stays with its method, since it
//! is a mistake only where something scripts it.

mod calls;
mod entry;
mod examples;
mod inputs;
mod names;
mod reach;
mod strictness;

use syn::{Ident, ItemImpl};

pub use calls::{Callee, Target};
pub use inputs::Inputs;
pub use strictness::Strictness;

use crate::errors::{Error, Errors};
use crate::lower::Lowered;
use crate::parse;
use crate::parse::attr::MethodAttrs;
use crate::parse::methods::{Block, Entry, Form};

/// An impl block, analysed.
pub struct Methods {
    /// The block, without its items.
    pub item: ItemImpl,
    /// Its methods, in the order of the source.
    pub methods: Vec<Method>,
    /// The functions that give example inputs, each of another method.
    pub tracing_inputs: Vec<TracingInputs>,
    /// The functions that build modules to test.
    pub instances: Vec<parse::methods::Instance>,
    /// The entry, as an index into `methods`.
    entry: Option<usize>,
    /// What keeps the entry from being scripted: the method's name, and why. Exported methods are left out: they are
    /// scripted in every mode, and their mistakes are errors in every mode.
    pub untranslatable: Vec<(Ident, Error)>,
    /// The paths of our attributes on the functions, which were taken off.
    pub attributes: Vec<syn::Path>,
}

/// One function of the block.
pub struct Method {
    pub func: syn::ImplItemFn,
    pub attrs: MethodAttrs,
    pub form: Form,
    pub lowered: Lowered,
    /// What TorchScript cannot express of the method.
    pub errors: Vec<Error>,
    /// Which entry of the module it is, if it is one.
    pub entry: Option<Entry>,
    /// Whether it is an entry with a wrong signature, which was reported.
    pub is_malformed: bool,
    /// Whether it can be called with values of known types.
    pub has_plain_signature: bool,
    /// Whether the entry, or an exported method, reaches it: only then must its types be TorchScript's.
    pub reached: bool,
    /// Whether the block gives example inputs of it.
    pub has_tracing_inputs: bool,
    /// Whether it can be traced, and is no entry: it is exported, or has example inputs.
    pub is_traceable: bool,
    /// Its arguments, without an entry's `train`.
    pub inputs: Inputs,
    /// The methods of its own type that it calls.
    pub callees: Vec<Callee>,
    /// How strictly rustc is asked about the types, constants and functions of the body.
    pub strictness: Strictness,
    /// The refusal for a function or a child that rustc is asked about in some modes only, if the body names one.
    pub undeclared: Option<Error>,
}

/// A function that gives example inputs.
pub struct TracingInputs {
    pub func: syn::ImplItemFn,
    /// The method that the inputs are for, `forward` also for `forward_t`.
    pub of: Ident,
    /// That method, as an index into the block's methods, where it is no entry.
    pub method: Option<usize>,
}

/// Analyses a block of methods.
pub fn methods(block: Block, lowered: Vec<(Lowered, Errors)>, errors: &mut Errors) -> Methods {
    let is_generic = block.is_generic();
    let entry = entry::entry_of(&block);
    entry::check_spelling(&block, errors);
    let mut methods: Vec<Method> = block
        .methods
        .into_iter()
        .zip(lowered)
        .map(|(parsed, (lowered, mistakes))| {
            let is_malformed = parsed.entry().is_some() && !entry::check_entry(&parsed.func, errors);
            let mistakes = entry::without_signature(mistakes, &parsed.func, is_malformed);
            method(parsed, lowered, mistakes, is_malformed, &block.item)
        })
        .collect();
    calls::reject_recursion(&mut methods);
    calls::pass_modules(&mut methods);
    entry::check_exports(&methods, is_generic, errors);
    let tracing_inputs = examples::tracing_inputs(block.tracing_inputs, &methods, is_generic, errors);
    let instances = examples::instances(block.instances, is_generic, errors);
    for (i, method) in methods.iter_mut().enumerate() {
        method.has_tracing_inputs = tracing_inputs.iter().any(|it| it.method == Some(i));
        method.is_traceable = examples::is_traceable(method);
    }
    reach::mark_reached(&mut methods);
    names::check_names(&methods, errors);
    calls::resolve(&mut methods, entry);
    let is_path = matches!(*block.item.self_ty, syn::Type::Path(_));
    for method in &mut methods {
        method.undeclared = strictness::undeclared(method);
        method.strictness = strictness::of(method, is_path);
    }
    let untranslatable = reach::untranslatable(&methods);
    let (item, attributes) = (block.item, block.attributes);
    Methods { item, methods, tracing_inputs, instances, entry, untranslatable, attributes }
}

/// Analyses a free function, whose mistakes are always errors.
pub fn function(parsed: parse::methods::Method, lowered: (Lowered, Errors)) -> Method {
    let (lowered, mistakes) = lowered;
    let mut mistakes = mistakes.into_vec();
    mistakes.extend(calls::recursion_of_function(&parsed.func, &lowered));
    mistakes.extend(names::same_parameters(&parsed.func));
    let block: ItemImpl = syn::parse_quote!(impl Function {});
    let method = method(parsed, lowered, mistakes, false, &block);
    Method { reached: true, ..method }
}

/// Analyses the methods of data.
pub fn data(
    methods: Vec<parse::methods::Method>,
    lowered: Vec<(Lowered, Errors)>,
    block: &ItemImpl,
) -> Vec<Method> {
    let methods = methods.into_iter().zip(lowered).map(|(parsed, (lowered, mistakes))| {
        let mut mistakes = mistakes.into_vec();
        mistakes.extend(names::same_parameters(&parsed.func));
        let method = method(parsed, lowered, mistakes, false, block);
        Method { reached: true, ..method }
    });
    methods.collect()
}

/// Analyses a method by itself; `methods` fills in what depends on the other methods.
fn method(
    parsed: parse::methods::Method,
    lowered: Lowered,
    errors: Vec<Error>,
    is_malformed: bool,
    block: &ItemImpl,
) -> Method {
    let (entry, has_plain_signature) = (parsed.entry(), parsed.has_plain_signature());
    let inputs = match parsed.form {
        Form::Function | Form::Data => Inputs::default(),
        Form::Method | Form::Unused => Inputs::new(entry, &parsed.func, &lowered, &block.generics),
    };
    Method {
        func: parsed.func,
        attrs: parsed.attrs,
        form: parsed.form,
        lowered,
        errors,
        entry,
        is_malformed,
        has_plain_signature,
        reached: false,
        has_tracing_inputs: false,
        is_traceable: false,
        inputs,
        callees: vec![],
        strictness: Strictness::Strict,
        undeclared: None,
    }
}

impl Method {
    pub fn ident(&self) -> &Ident {
        &self.func.sig.ident
    }

    /// The method's name in Rust.
    pub fn rust_name(&self) -> String {
        crate::names::of_rust(self.ident())
    }

    /// The method's name in TorchScript, by which it is found in a compiled module.
    pub fn script_name(&self) -> &str {
        &self.lowered.def.name
    }

    /// Whether the method has `#[export]`.
    pub fn is_exported(&self) -> bool {
        self.attrs.export.is_some()
    }
}

impl Methods {
    /// The exported methods except an entry, which is compiled anyway.
    pub fn exported(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|it| it.is_exported() && it.entry.is_none())
    }

    /// The methods beside the entry that can be traced.
    pub fn traceable(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|it| it.is_traceable)
    }

    /// The entry that this block holds, if any.
    pub fn entry(&self) -> Option<&Method> {
        self.entry.map(|at| &self.methods[at])
    }

    /// All methods but the entry.
    pub fn helpers(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().enumerate().filter(|(i, _)| Some(*i) != self.entry).map(|(_, method)| method)
    }

    pub fn find(&self, name: &Ident) -> Option<&Method> {
        self.methods.iter().find(|it| it.ident() == name)
    }
}
