//! What rustc knows about trees: traits that `#[compile_mode]` and `#[methods]` implement.
//!
//! A context `C` is the mode that a module inherits: [`mode::Script`], [`mode::Trace`], or
//! [`mode::Inherit`] where it is not known until run time.

use crate::mode;
use crate::module::{Forward, Module};

/// The tree below can be compiled, by annotation, in the context `C`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compiled to TorchScript",
    label = "not a module that can be compiled",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct; a field of a type alias for `Box<dyn Trait>` is written out"
)]
pub trait CompilableIn<C> {}

/// The module can be compiled in mode `C`, whatever its own annotation says; its children follow
/// theirs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be compiled to TorchScript in this mode",
    label = "not a module that can be compiled",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct"
)]
pub trait RootIn<C> {}

/// The entry can be compiled in mode `C`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no `forward` that the compiler knows",
    label = "no `#[methods]` block with a `forward`",
    note = "help: put `#[methods]` on the impl block that holds `forward`"
)]
pub trait Body<C> {}

impl<C> CompilableIn<C> for () {}

macro_rules! tuples {
    ($($($name:ident),+;)*) => {$(
        impl<C, $($name: CompilableIn<C>),+> CompilableIn<C> for ($($name,)+) {}
    )*};
}

tuples! {
    A, B;
    A, B, D;
    A, B, D, E;
}

/// A module that can be compiled: annotated, and without an unsupported module in its tree.
pub trait Compilable: CompilableIn<mode::Inherit> + Module + Forward {}

impl<M: CompilableIn<mode::Inherit> + Module + Forward> Compilable for M {}

/// A module whose own body TorchScript can express, whatever its mode.
pub trait Scriptable: RootIn<mode::Script> + Module + Forward {}

impl<M: RootIn<mode::Script> + Module + Forward> Scriptable for M {}
