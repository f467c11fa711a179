//! The two traits that the attributes implement: [`Module`], a struct's mode and members, and [`Forward`], its entry.

use std::any::Any;

use crate::identity::Object;
use crate::model::definition::{Elsewhere, MethodDefs};
use crate::model::examples::{Declared, Request};
use crate::model::method::RustMethod;
use crate::model::mode;
use crate::model::node::{Members, Node, TypeInfo};
use crate::place::Place;
use crate::types::{ScriptArgs, ScriptOutput};

/// A module: a struct or an enum with `#[compile_mode]`, which implements this trait.
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
    fn example_inputs(&self, _method: &str, _request: &Request<'_>) -> Option<Declared> {
        None
    }

    /// The module as `Any`, if its type has no parameters.
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
    /// Says through [`BodyIn`](crate::model::fitness::BodyIn) in which modes the entry can be compiled.
    #[doc(hidden)]
    type Body;
    /// [`Plain`] for `forward`, [`WithTrain`] for `forward_t`.
    #[doc(hidden)]
    type Entry;
    /// The arguments' names.
    const ARG_NAMES: &'static [&'static str];
    /// Whether the entry is `forward_t`, with a last argument `train` that is not in `Args`.
    const HAS_TRAIN: bool;
    /// Where the entry stands in the Rust source.
    const PLACE: Place;
    /// The small whole numbers in the entry's block: sizes may be compared with them.
    #[doc(hidden)]
    const SMALL_INTEGERS: &'static [i64] = &[];

    /// Runs the Rust code.
    #[doc(hidden)]
    fn eager(&self, args: &Self::Args, train: bool) -> Self::Output;

    /// Adds the entry, and all that it calls, to the definitions.
    #[doc(hidden)]
    fn define(&self, defs: &mut MethodDefs);

    /// Adds the exported methods of the entry's block, and all that they call, to the definitions.
    #[doc(hidden)]
    fn define_exports(&self, _: &mut MethodDefs) {}

    /// The example inputs that a `#[tracing_inputs]` function gives, if there is one.
    #[doc(hidden)]
    fn tracing_inputs(&self, n: usize) -> Option<Vec<Self::Args>>;

    /// Adds the functions that bodies in the entry's block call as values.
    #[doc(hidden)]
    fn function_values<'m>(&'m self, _: &mut Members<'m>) {}

    /// The other methods of the entry's block that can be traced.
    #[doc(hidden)]
    fn methods(&self) -> Vec<RustMethod<'_>> {
        vec![]
    }
}

/// The entry `forward`, as a type.
#[derive(Debug)]
pub enum Plain {}

/// The entry `forward_t`, as a type.
#[derive(Debug)]
pub enum WithTrain {}

/// An entry without an argument `train`.
#[diagnostic::on_unimplemented(
    message = "the entry of this module is `forward_t`, whose argument `train` would be ignored",
    label = "a compiled module with `forward_t` is no `nn::Module`",
    note = "help: call `forward_t`, or pass `compiled.to_module_t()`, which is an `nn::ModuleT`"
)]
pub trait TakesNoTrain {}
impl TakesNoTrain for Plain {}

/// An entry with an argument `train`.
#[diagnostic::on_unimplemented(
    message = "the entry of this module is `forward`, which would ignore `train`",
    label = "the module has no `forward_t`",
    note = "help: call `forward`"
)]
pub trait TakesTrain {}
impl TakesTrain for WithTrain {}

/// A module that may have an entry; `#[compile_mode]` implements it.
pub trait Entries: Module {
    /// The module, if it has an entry.
    fn with_entry(&self) -> Option<&dyn WithEntry>;
}

/// A module with an entry, without its type.
pub trait WithEntry {
    /// See [`Forward::SMALL_INTEGERS`].
    fn small_integers(&self) -> &'static [i64];
    /// The entry.
    fn entry(&self) -> RustMethod<'_>;
    /// The other methods of its block that can be traced.
    fn methods(&self) -> Vec<RustMethod<'_>>;
    /// Adds the entry, and all that it calls, to the definitions.
    fn define(&self, defs: &mut MethodDefs);
    /// Adds the exported methods of its block.
    fn define_exports(&self, defs: &mut MethodDefs);
    /// Adds the functions that bodies in its block call as values.
    fn function_values<'m>(&'m self, members: &mut Members<'m>);
}

impl<M: Module + Forward> WithEntry for M {
    fn small_integers(&self) -> &'static [i64] {
        M::SMALL_INTEGERS
    }

    fn entry(&self) -> RustMethod<'_> {
        let run = |args: &M::Args, train| self.eager(args, train);
        let inputs = |n| Forward::tracing_inputs(self, n);
        let method = RustMethod::new("forward", "forward", M::PLACE, M::ARG_NAMES, run, inputs);
        method.with_train(M::HAS_TRAIN).with_declared(|name, request| self.example_inputs(name, request))
    }

    fn methods(&self) -> Vec<RustMethod<'_>> {
        Forward::methods(self)
    }

    fn define(&self, defs: &mut MethodDefs) {
        Forward::define(self, defs);
    }

    fn define_exports(&self, defs: &mut MethodDefs) {
        Forward::define_exports(self, defs);
    }

    fn function_values<'m>(&'m self, members: &mut Members<'m>) {
        Forward::function_values(self, members);
    }
}

impl<M: Entries> Node for M {
    fn info(&self) -> TypeInfo {
        M::INFO
    }

    fn object(&self) -> Object {
        Object::of(self)
    }

    fn members(&self) -> Members<'_> {
        let mut members = Members::default();
        Module::members(self, &mut members);
        if let Some(this) = self.with_entry() {
            this.function_values(&mut members);
        }
        if let Some(this) = self.as_any() {
            for elsewhere in inventory::iter::<Elsewhere> {
                (elsewhere.function_values)(this, &mut members);
            }
        }
        members
    }

    fn small_integers(&self) -> &'static [i64] {
        self.with_entry().map_or(&[], WithEntry::small_integers)
    }

    fn entry(&self) -> Option<RustMethod<'_>> {
        self.with_entry().map(WithEntry::entry)
    }

    fn methods(&self) -> Vec<RustMethod<'_>> {
        let mut methods = self.with_entry().map(WithEntry::methods).unwrap_or_default();
        if let Some(this) = self.as_any() {
            for elsewhere in inventory::iter::<Elsewhere> {
                methods.extend((elsewhere.methods)(this));
            }
        }
        let declared = |name: &str, request: &Request<'_>| self.example_inputs(name, request);
        methods.into_iter().map(|method| method.with_declared(declared)).collect()
    }

    fn define(&self) -> MethodDefs {
        let mut defs = MethodDefs::default();
        if let Some(this) = self.with_entry() {
            this.define(&mut defs);
        }
        defs
    }

    fn define_exports(&self, defs: &mut MethodDefs) {
        if let Some(this) = self.with_entry() {
            this.define_exports(defs);
        }
        if let Some(this) = self.as_any() {
            for elsewhere in inventory::iter::<Elsewhere> {
                (elsewhere.define)(this, defs);
            }
        }
    }
}
