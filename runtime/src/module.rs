//! What the attributes implement: a module's members, its entry and its mode.

use std::any::Any;

use crate::examples::{Declared, Request};
use crate::layer::Layer;
use crate::member::Members;
use crate::method::Method;
use crate::mode::{self, CompileMode};
use crate::place::Place;
use crate::private::{Elsewhere, MethodDefs};
use crate::types::{ScriptArgs, ScriptOutput};

/// What is known about a module's type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TypeInfo {
    /// The struct's name, without generics.
    pub name: &'static str,
    /// The Rust module that it is defined in.
    pub module_path: &'static str,
    /// The declared mode.
    pub mode: CompileMode,
    /// The struct's definition.
    pub place: Place,
}

/// A struct with `#[compile_mode]`, which implements this.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module that can be compiled",
    label = "not annotated",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct, and `#[methods]` on its impl block"
)]
pub trait Module {
    /// The declared mode, as a type.
    type Mode: mode::Mode;
    /// The type's name, place and mode.
    const INFO: TypeInfo;

    /// Adds the fields in order.
    #[doc(hidden)]
    fn members<'m>(&'m self, members: &mut Members<'m>);

    /// The example inputs of a method that the struct declares.
    #[doc(hidden)]
    fn example_inputs(&self, _method: &str, _request: &Request) -> Option<Declared> {
        None
    }

    /// The module itself, where its type has no parameters.
    #[doc(hidden)]
    fn as_any(&self) -> Option<&dyn Any> {
        None
    }
}

/// The entry of a module. `#[methods]` implements it where the block holds `forward` or
/// `forward_t`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `forward` that the compiler knows",
    label = "no `#[methods]` block with a `forward`",
    note = "help: put `#[methods]` on the impl block that holds `forward`"
)]
pub trait Forward {
    /// The arguments, as owned values: `(Tensor,)` for `forward(&self, x: &Tensor)`.
    type Args: ScriptArgs + 'static;
    /// The result.
    type Output: ScriptOutput + 'static;
    /// Says through [`BodyIn`](crate::private::BodyIn) in which modes the entry can be compiled.
    #[doc(hidden)]
    type Body;
    /// The arguments' names.
    const ARG_NAMES: &'static [&'static str];
    /// Whether the entry is `forward_t`, with a last argument `train` that is not in `Args`.
    const HAS_TRAIN: bool;
    /// The entry in the Rust source.
    const PLACE: Place;

    /// Runs the Rust code.
    #[doc(hidden)]
    fn eager(&self, args: &Self::Args, train: bool) -> Self::Output;

    /// Adds the entry and all that it calls.
    #[doc(hidden)]
    fn define(&self, defs: &mut MethodDefs);

    /// Adds the methods of the entry's block that are exported, and all that they call.
    #[doc(hidden)]
    fn define_exports(&self, _: &mut MethodDefs) {}

    /// The example inputs that a function gives.
    #[doc(hidden)]
    fn tracing_inputs(&self, n: usize) -> Option<Vec<Self::Args>>;

    /// The other methods of the entry's block that can be traced.
    #[doc(hidden)]
    fn methods(&self) -> Vec<Method<'_>> {
        vec![]
    }
}

/// A module behind `Box<dyn Trait>`: write `trait Layer: DynModule { … }`. Every annotated struct
/// implements it, and so does every layer of tch. Whether such a module can be compiled is known
/// at run time only.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module that can be compiled",
    label = "neither an annotated module nor a layer of `tch`",
    note = "help: write `trait Layer: tch_jit::DynModule` where it is a trait, put `#[compile_mode]` on the struct where it is one, or hide the field with `#[jit(skip)]`"
)]
pub trait DynModule {
    /// The module, without its type.
    #[doc(hidden)]
    fn node(&self) -> NodeRef<'_>;
}

/// A module without its type.
pub enum NodeRef<'m> {
    /// One that can be compiled, perhaps.
    Module(&'m dyn Node),
    /// A layer of tch.
    Layer(Layer<'m>),
    /// One that is declared unsupported.
    Unsupported(TypeInfo),
}

impl<'m> NodeRef<'m> {
    /// A module that is declared unsupported; it needs no `#[methods]`.
    pub fn unsupported<M: Module>() -> Self {
        NodeRef::Unsupported(M::INFO)
    }
}

/// [`Module`] and [`Forward`], object-safe: what the compiler walks.
pub trait Node {
    /// Name, place and mode of the type.
    fn info(&self) -> TypeInfo;
    /// The full type, with its generics.
    fn type_name(&self) -> &'static str;
    /// Identifies the object, with its type. Objects without size have no identity.
    fn address(&self) -> Option<usize>;
    /// The fields.
    fn members(&self) -> Members<'_>;
    /// Whether it may hold tensors that are no fields, as a closure does.
    fn holds_hidden_tensors(&self) -> bool {
        false
    }
    /// The entry.
    fn entry(&self) -> Method<'_>;
    /// The other methods that can be traced.
    fn methods(&self) -> Vec<Method<'_>>;
    /// The methods to script.
    fn define(&self) -> MethodDefs;
    /// The methods that are scripted in every mode.
    fn define_exports(&self, defs: &mut MethodDefs);
}

impl<M: Module + Forward> Node for M {
    fn info(&self) -> TypeInfo {
        M::INFO
    }

    fn type_name(&self) -> &'static str {
        std::any::type_name::<M>()
    }

    fn address(&self) -> Option<usize> {
        (size_of::<M>() > 0).then(|| std::ptr::from_ref(self).addr())
    }

    fn members(&self) -> Members<'_> {
        let mut members = Members::default();
        Module::members(self, &mut members);
        members
    }

    fn entry(&self) -> Method<'_> {
        let run = |args: &M::Args, train| self.eager(args, train);
        let inputs = |n| Forward::tracing_inputs(self, n);
        let method = Method::new("forward", "forward", M::PLACE, M::ARG_NAMES, run, inputs);
        method.with_train(M::HAS_TRAIN).with_declared(self)
    }

    fn methods(&self) -> Vec<Method<'_>> {
        let mut methods = Forward::methods(self);
        if let Some(this) = self.as_any() {
            for elsewhere in inventory::iter::<Elsewhere> {
                methods.extend((elsewhere.methods)(this));
            }
        }
        methods.into_iter().map(|method| method.with_declared(self)).collect()
    }

    fn define(&self) -> MethodDefs {
        let mut defs = MethodDefs::default();
        Forward::define(self, &mut defs);
        defs
    }

    fn define_exports(&self, defs: &mut MethodDefs) {
        Forward::define_exports(self, defs);
        if let Some(this) = self.as_any() {
            for elsewhere in inventory::iter::<Elsewhere> {
                (elsewhere.define)(this, defs);
            }
        }
    }
}
