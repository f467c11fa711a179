//! The traits by which rustc rejects trees of modules that cannot be compiled; `#[compile_mode]` and `#[methods]`
//! implement them.
//!
//! A context `C` is the mode that a module inherits: [`mode::Script`], [`mode::Trace`], or
//! [`mode::Inherit`] where it is not known until run time.

use crate::model::mode;
use crate::model::module::Entries;

/// The tree below can be compiled, by annotation, in the context `C`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compiled to TorchScript",
    label = "not a module that can be compiled",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct; a field of a type alias for `Box<dyn Trait>` is written out"
)]
pub trait CompilableIn<C> {}

#[diagnostic::do_not_recommend]
impl<C> CompilableIn<C> for () {}

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<Context, $($name: CompilableIn<Context>),+> CompilableIn<Context> for ($($name,)+) {}
    };
}

for_each_tuple! { tuple }

/// A mode in which a module of type `M` can be compiled: [`mode::Unsupported`] is none.
#[diagnostic::on_unimplemented(
    message = "`{M}` does not support TorchScript compilation",
    label = "`{M}` is declared `#[compile_mode(unsupported)]`",
    note = "help: take it out of the tree, or compile the parts around it"
)]
pub trait Supports<M: ?Sized> {}

// Without any implementation rustc would propose to write one.
#[diagnostic::do_not_recommend]
impl<M: ?Sized> Supports<M> for mode::Script {}

/// A context in which a layer of type `T` may be traced: nothing of the layer can be seen, not even what it takes.
#[diagnostic::on_unimplemented(
    message = "`{T}` can only be a part of a traced module",
    label = "what it takes is not known",
    note = "help: write its layers as fields, or put it into a module with `#[compile_mode(trace)]` that has `#[tracing_inputs]`"
)]
pub trait Traces<T: ?Sized> {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Traces<T> for mode::Trace {}

#[diagnostic::do_not_recommend]
impl<T: ?Sized> Traces<T> for mode::Inherit {}

/// [`CompilableIn`] under another name, so that rustc finds no similar implementations to list in its message.
pub trait Fits<C> {
    /// Names the trait in an expression.
    fn check() {}
}

impl<C, T: CompilableIn<C> + ?Sized> Fits<C> for T {}

/// An entry's body can be compiled in mode `C`. Implemented for the marker type of the `#[methods]` block that holds
/// the entry, with bounds spanned at the offending expressions.
pub trait BodyIn<C> {}

/// The body of a module without an entry, which fits every mode.
pub enum NoBody {}

#[diagnostic::do_not_recommend]
impl<C> BodyIn<C> for NoBody {}

/// A module that can be compiled: annotated, and without an unsupported module in its tree.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not support TorchScript compilation",
    label = "not a module that can be compiled",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct, and `#[methods]` on the impl block that holds `forward`; `trace_fn(&x, |x: &Tensor| module.forward(x))` traces a module of tch or of another crate"
)]
pub trait Compilable: Entries {}

/// A module whose own body TorchScript can express, whatever its mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not support TorchScript compilation",
    label = "not a module that can be scripted",
    note = "help: put `#[compile_mode(script)]` on the struct, and `#[methods]` on the impl block that holds `forward`"
)]
pub trait Scriptable: Compilable {}

/// A [`Compilable`] module, as the functions that compile ask for it. It is a trait of its own for the sake of messages:
/// rustc then has no similar implementations to list.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not support TorchScript compilation",
    label = "not a module that can be compiled",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct, and `#[methods]` on the impl block that holds `forward`; `trace_fn(&x, |x: &Tensor| module.forward(x))` traces a module of tch or of another crate"
)]
pub trait CompilableRoot: Compilable {}

impl<M: Compilable> CompilableRoot for M {}

/// A [`Scriptable`] module, likewise.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not support TorchScript compilation",
    label = "not a module that can be scripted",
    note = "help: put `#[compile_mode(script)]` on the struct, and `#[methods]` on the impl block that holds `forward`"
)]
pub trait ScriptableRoot: Scriptable {}

impl<M: Scriptable> ScriptableRoot for M {}
