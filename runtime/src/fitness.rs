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

#[diagnostic::do_not_recommend]
impl<C> CompilableIn<C> for () {}

macro_rules! tuples {
    ($($($name:ident),+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<C, $($name: CompilableIn<C>),+> CompilableIn<C> for ($($name,)+) {}
    )*};
}

tuples! {
    A, B;
    A, B, D;
    A, B, D, E;
    A, B, D, E, F;
    A, B, D, E, F, G;
    A, B, D, E, F, G, H;
    A, B, D, E, F, G, H, I;
    A, B, D, E, F, G, H, I, J;
    A, B, D, E, F, G, H, I, J, K;
    A, B, D, E, F, G, H, I, J, K, L;
    A, B, D, E, F, G, H, I, J, K, L, M;
}

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

/// [`CompilableIn`], asked in a way that rustc has no similar implementations to list for.
pub trait Fits<C> {
    /// Names the trait in an expression.
    fn check() {}
}

impl<C, T: CompilableIn<C> + ?Sized> Fits<C> for T {}

/// The body of an entry, which stands for the entry here, can be compiled in mode `C`.
pub trait BodyIn<C> {}

/// The body of a module without an entry: that it has none was reported.
pub enum NoBody {}

#[diagnostic::do_not_recommend]
impl<C> BodyIn<C> for NoBody {}

/// What `#[compile_mode]` implements for [`Compilable`]. The blanket implementation below is there
/// for messages: rustc has no similar ones to list.
pub trait CompileRoot: Module + Forward {}

/// What `#[compile_mode]` implements for [`Scriptable`].
pub trait ScriptRoot: CompileRoot {}

/// A module that can be compiled: annotated, and without an unsupported module in its tree.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not support TorchScript compilation",
    label = "not a module that can be compiled",
    note = "help: put `#[compile_mode(script)]` or `#[compile_mode(trace)]` on the struct, and `#[methods]` on the impl block that holds `forward`"
)]
pub trait Compilable: Module + Forward {}

impl<M: CompileRoot> Compilable for M {}

/// A module whose own body TorchScript can express, whatever its mode.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not support TorchScript compilation",
    label = "not a module that can be scripted",
    note = "help: put `#[compile_mode(script)]` on the struct, and `#[methods]` on the impl block that holds `forward`"
)]
pub trait Scriptable: Module + Forward {}

impl<M: ScriptRoot> Scriptable for M {}
