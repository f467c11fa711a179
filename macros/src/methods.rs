//! `#[methods]`: what the impl block says, with every method lowered.

use std::collections::{BTreeMap, BTreeSet};

use quote::ToTokens;
use syn::{FnArg, GenericParam, Ident, ImplItem, ImplItemFn, ItemImpl, ReceiverKind, ReturnType, Type};

use crate::attr::{self, AutoJitable, MethodAttrs};
use crate::errors::{Error, Errors};
use crate::lower::{Form, Lowered, lower_method, ungrouped};
use crate::span::Source;

/// An annotated impl block.
pub struct Methods {
    /// The block, without its items.
    pub item: ItemImpl,
    /// The methods, lowered, in the order of the source.
    pub methods: Vec<Method>,
    pub tracing_inputs: Vec<TracingInputs>,
    pub instances: Vec<Instance>,
}

/// A function with `#[auto_jitable]`, which builds a module to test.
pub struct Instance {
    pub func: ImplItemFn,
    pub attr: AutoJitable,
}

/// One function of the block.
pub struct Method {
    pub func: ImplItemFn,
    pub lowered: Lowered,
    /// What TorchScript cannot express.
    pub errors: Vec<Error>,
    /// Whether the entry reaches it: only then must its types be TorchScript's.
    pub reached: bool,
    /// Whether its signature is no entry's, which was reported.
    pub malformed: bool,
    pub attrs: MethodAttrs,
    pub form: Form,
}

/// A function that gives example inputs.
pub struct TracingInputs {
    pub func: ImplItemFn,
    /// The method whose inputs they are.
    pub of: Ident,
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

impl Method {
    /// Whether it can be called with values of known types.
    pub fn has_plain_signature(&self) -> bool {
        let sig = &self.func.sig;
        let output = match &sig.output {
            ReturnType::Type(_, ty) => Some(&**ty),
            ReturnType::Default => None,
        };
        let mut types = typed_inputs(&self.func).map(|input| &*input.ty).chain(output);
        sig.receiver().is_some_and(|it| matches!(it.kind, ReceiverKind::Reference(_, _, None)))
            && sig.asyncness.is_none()
            && sig.generics.params.iter().all(|it| matches!(it, GenericParam::Lifetime(_)))
            && types.all(|ty| !matches!(ty, Type::ImplTrait(_)))
    }

    /// Whether it is compiled by itself, not because something calls it.
    fn is_root(&self) -> bool {
        is_entry(&self.func) || self.attrs.export.is_some()
    }
}

impl Methods {
    /// The exported methods.
    pub fn exported(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|it| it.attrs.export.is_some() && !is_entry(&it.func))
    }

    /// The methods beside the entry that can be traced: what is exported, and what has example inputs. Their
    /// types have names.
    pub fn traceable(&self) -> impl Iterator<Item = &Method> {
        self.methods.iter().filter(|method| {
            let is_exported = method.attrs.export.is_some() && method.errors.is_empty();
            let is_wanted = is_exported || self.has_tracing_inputs(method);
            is_wanted && !is_entry(&method.func) && method.has_plain_signature()
        })
    }

    /// Whether the block gives example inputs of the method.
    pub fn has_tracing_inputs(&self, method: &Method) -> bool {
        self.tracing_inputs.iter().any(|it| it.of == method.func.sig.ident)
    }

    /// The entry that this block holds, if any.
    pub fn entry(&self) -> Option<(Entry, &Method)> {
        [Entry::Forward, Entry::ForwardT].into_iter().find_map(|entry| {
            let method = self.methods.iter().find(|it| it.func.sig.ident == entry.name())?;
            Some((entry, method))
        })
    }

    /// All methods but the entry.
    pub fn helpers(&self) -> impl Iterator<Item = &Method> {
        let entry = self.entry().map(|(_, method)| &method.func.sig.ident);
        self.methods.iter().filter(move |it| Some(&it.func.sig.ident) != entry)
    }

    pub fn find(&self, name: &Ident) -> Option<&Method> {
        self.methods.iter().find(|it| it.func.sig.ident == *name)
    }
}

/// Lowers the block and strips our attributes.
pub fn parse(item: &mut ItemImpl, errors: &mut Errors) -> Methods {
    let braces = item.brace_token.span;
    let is_generic_type = is_generic(item);
    let mut methods = vec![];
    let mut tracing_inputs: Vec<TracingInputs> = vec![];
    let mut instances = vec![];
    for impl_item in &mut item.items {
        let ImplItem::Fn(func) = impl_item else { continue };
        if let Some(of) = attr::take_tracing_inputs(&mut func.attrs, errors) {
            if check_tracing_inputs(func, errors) {
                tracing_inputs.push(TracingInputs { func: func.clone(), of });
            }
            continue;
        }
        if let Some(attr) = attr::take_auto_jitable(&mut func.attrs, errors) {
            if check_instance(func, &attr, is_generic_type, errors) {
                instances.push(Instance { func: func.clone(), attr });
            }
            continue;
        }
        let attrs = attr::take_method_attrs(&mut func.attrs, errors);
        let form = if attrs.unused.is_some() { Form::Unused } else { Form::Method };
        let mut lowering = Errors::default();
        let source = Source::of_method(&without_attrs(func), braces, func.block.brace_token.span);
        let lowered = lower_method(func, form, source, &mut lowering);
        let malformed = is_entry(func) && !check_entry(func, errors);
        let mut lowering = lowering.into_vec();
        if malformed {
            // What is wrong with its signature has been said.
            let body = func.block.brace_token.span.open().start();
            lowering.retain(|error| error.spans().0.start() >= body);
        }
        let func = func.clone();
        methods.push(Method { func, lowered, errors: lowering, reached: false, malformed, attrs, form });
    }
    reject_recursion(&mut methods);
    check_exports(item, &methods, errors);
    check_targets(item, &mut tracing_inputs, &methods, errors);
    mark_reached(&mut methods);
    let item = ItemImpl { items: vec![], ..item.clone() };
    Methods { item, methods, tracing_inputs, instances }
}

fn without_attrs(func: &ImplItemFn) -> ImplItemFn {
    ImplItemFn { attrs: vec![], ..func.clone() }
}

/// Whether the method is named as one that a module is entered by.
pub fn is_entry(func: &ImplItemFn) -> bool {
    func.sig.ident == "forward" || func.sig.ident == "forward_t"
}

/// How many arguments an entry may have: the longest tuple that the runtime knows.
const MAX_ARGS: usize = 12;

/// The entry is called with values of known types, in every mode: `&self`, then the inputs.
fn check_entry(func: &ImplItemFn, errors: &mut Errors) -> bool {
    let n_before = errors.len();
    let sig = &func.sig;
    let name = &sig.ident;
    match sig.receiver() {
        None => errors.report(
            name,
            format!("`{name}` of a module takes `&self`"),
            "add `&self`, or give the associated function another name",
        ),
        Some(receiver) if !matches!(receiver.kind, ReceiverKind::Reference(_, _, None)) => errors.report(
            receiver,
            format!("`{name}` of a module takes `&self`"),
            "write `&self`; state that changes belongs into a buffer, changed in place by methods such as `copy_`",
        ),
        Some(_) => {}
    }
    if let Some(asyncness) = &sig.asyncness {
        errors.report(asyncness, format!("`{name}` of a module is not `async`"), "remove `async`");
    }
    if let syn::Safety::Unsafe(unsafety) = &sig.safety {
        errors.report(
            unsafety,
            format!("`{name}` of a module is not `unsafe`"),
            "move what is unsafe into an `unsafe` block",
        );
    }
    for param in sig.generics.params.iter().filter(|it| !matches!(it, GenericParam::Lifetime(_))) {
        errors.report(
            param,
            format!("`{name}` of a module is not generic"),
            "name the type, such as `&Tensor`, or put the parameter on the struct",
        );
    }
    let inputs: Vec<_> = typed_inputs(func).collect();
    let output = match &sig.output {
        ReturnType::Type(_, ty) => Some(&**ty),
        ReturnType::Default => None,
    };
    for ty in inputs.iter().map(|input| &*input.ty).chain(output) {
        if let Type::ImplTrait(ty) = ty {
            errors.report(
                ty,
                format!("`{name}` of a module has named types only"),
                "name the type, such as `Tensor`",
            );
        }
    }
    if name == "forward_t" {
        match inputs.last() {
            Some(last) if is_bool(&last.ty) => {}
            Some(last) => errors.report(
                &last.ty,
                "the last argument of `forward_t` says whether the module is in training",
                "add an argument `train: bool`, or call the method `forward`",
            ),
            None => errors.report(
                name,
                "the last argument of `forward_t` says whether the module is in training",
                "add an argument `train: bool`, or call the method `forward`",
            ),
        }
    }
    if let Some(input) = inputs.get(MAX_ARGS) {
        errors.report(
            input,
            format!("`{name}` of a module has at most {MAX_ARGS} arguments"),
            "pass several in one tuple, list or map",
        );
    }
    errors.len() == n_before
}

fn is_bool(ty: &Type) -> bool {
    matches!(ungrouped(ty), Type::Path(path) if path.path.is_ident("bool"))
}

/// The arguments beside `self`.
pub fn typed_inputs(func: &ImplItemFn) -> impl Iterator<Item = &syn::PatType> {
    func.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    })
}

fn check_tracing_inputs(func: &ImplItemFn, errors: &mut Errors) -> bool {
    const HELP: &str = "write `fn name(&self, n: usize) -> Vec<(Tensor, …)>`";
    let n_before = errors.len();
    let inputs: Vec<_> = func.sig.inputs.iter().collect();
    if !matches!(inputs[..], [FnArg::Receiver(_), FnArg::Typed(_)]) {
        // No arguments are no tokens to blame.
        let culprit = if inputs.is_empty() {
            func.sig.ident.to_token_stream()
        } else {
            func.sig.inputs.to_token_stream()
        };
        errors.report(
            culprit,
            "a function that gives tracing inputs takes `&self` and how many are wanted",
            HELP,
        );
    }
    match &func.sig.output {
        ReturnType::Type(_, ty) if matches!(**ty, Type::ImplTrait(_)) => {
            errors.report(ty, "tracing inputs are returned as a `Vec`", HELP);
        }
        ReturnType::Type(..) => {}
        ReturnType::Default => {
            errors.report(&func.sig.ident, "tracing inputs are returned as a `Vec`", HELP);
        }
    }
    errors.len() == n_before
}

/// A module to test is built from nothing, or from a path of a `VarStore`.
fn check_instance(func: &ImplItemFn, attr: &AutoJitable, is_generic: bool, errors: &mut Errors) -> bool {
    const HELP: &str = "write `fn small() -> Self`, or `fn small(vs: &nn::Path) -> Self`";
    let n_before = errors.len();
    if is_generic {
        errors.report(
            &attr.token,
            "a generic module is many types, and none of them is tested by itself",
            "write a test that calls `tch_jit::testing::assert_auto_jitable` with a module of one type",
        );
    }
    if let Some(receiver) = func.sig.receiver() {
        errors.report(receiver, "a function that builds a module to test takes no `self`", HELP);
    } else if let Some(second) = func.sig.inputs.get(1) {
        errors.report(
            second,
            "a function that builds a module to test takes a path of a `VarStore`, or nothing",
            HELP,
        );
    }
    if matches!(func.sig.output, ReturnType::Default) {
        errors.report(&func.sig.ident, "a function that builds a module to test returns it", HELP);
    }
    errors.len() == n_before
}

/// Each function gives the inputs of another method: of one in this block, or of the entry, which
/// may be in a trait's.
fn check_targets(
    item: &ItemImpl,
    tracing_inputs: &mut Vec<TracingInputs>,
    methods: &[Method],
    errors: &mut Errors,
) {
    let mut seen: Vec<Ident> = vec![];
    tracing_inputs.retain(|it| {
        let of = if it.of == "forward_t" { Ident::new("forward", it.of.span()) } else { it.of.clone() };
        let method = methods.iter().find(|method| method.func.sig.ident == it.of);
        if method.is_none() && of != "forward" {
            errors.report(
                &it.of,
                format!("there is no method `{of}` in this block"),
                "name a method of the same `#[methods]` block, or leave the name out for `forward`",
            );
            return false;
        }
        if method.is_some_and(|method| !is_entry(&method.func) && !method.has_plain_signature()) {
            errors.report(
                &it.of,
                format!(
                    "`{of}` cannot be traced: it takes something else than `&self` and values of named types"
                ),
                "name the types of its arguments and of its result, such as `Tensor`",
            );
            return false;
        }
        if is_generic(item) && of != "forward" && !methods.iter().any(|method| is_entry(&method.func)) {
            errors.report(
                &it.of,
                "a traced method of a generic module stands in the block of `forward`",
                "move the method to the `#[methods]` block that holds `forward`",
            );
            return false;
        }
        if seen.contains(&of) {
            errors.report(
                &it.func.sig.ident,
                format!("the tracing inputs of `{of}` are given twice"),
                "keep one of the functions with `#[tracing_inputs]`",
            );
            return false;
        }
        seen.push(of);
        !method.is_some_and(|method| method.malformed)
    });
}

/// Whether the type has parameters, which keep it out of the registry.
fn is_generic(item: &ItemImpl) -> bool {
    !item.generics.params.is_empty()
        || matches!(&*item.self_ty, Type::Path(path) if path.path.segments.iter().any(|it| !it.arguments.is_none()))
}

/// Outside of the entry's block, exported methods are registered, which only a type without parameters
/// can be.
fn check_exports(item: &ItemImpl, methods: &[Method], errors: &mut Errors) {
    let has_entry = methods.iter().any(|method| is_entry(&method.func));
    for method in methods {
        let Some(attr) = &method.attrs.export else { continue };
        if is_generic(item) && !has_entry {
            errors.report(
                attr,
                "an exported method of a generic module stands in the block of `forward`",
                "move the method to the `#[methods]` block that holds `forward`",
            );
        }
        if method.func.sig.receiver().is_none() {
            errors.report(
                &method.func.sig.ident,
                "an exported method takes `&self`",
                "add `&self`, or remove `#[export]`",
            );
        }
    }
}

/// TorchScript has no recursion: a call that closes a circle within the block is a mistake.
fn reject_recursion(methods: &mut [Method]) {
    let calls: BTreeMap<Ident, BTreeSet<Ident>> =
        methods.iter().map(|it| (it.func.sig.ident.clone(), it.lowered.calls.clone())).collect();
    let reaches = |from: &Ident, to: &Ident| {
        let mut queue = vec![from];
        let mut seen = BTreeSet::new();
        while let Some(name) = queue.pop() {
            if name == to {
                return true;
            }
            if seen.insert(name) {
                queue.extend(calls.get(name).into_iter().flatten());
            }
        }
        false
    };
    for method in methods {
        let name = &method.func.sig.ident;
        let Some(callee) = method.lowered.calls.iter().find(|callee| reaches(callee, name)) else { continue };
        let mut errors = Errors::default();
        errors.report(
            callee,
            format!("`{name}` calls itself here, and TorchScript has no recursion"),
            "write a loop",
        );
        method.errors.extend(errors.into_vec());
    }
}

/// What the entry and exported methods call, within this block, and what that calls.
fn mark_reached(methods: &mut [Method]) {
    let calls: BTreeMap<Ident, BTreeSet<Ident>> =
        methods.iter().map(|it| (it.func.sig.ident.clone(), it.lowered.calls.clone())).collect();
    let mut queue: Vec<Ident> =
        methods.iter().filter(|it| it.is_root()).map(|it| it.func.sig.ident.clone()).collect();
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
