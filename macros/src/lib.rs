//! The attributes of [`tch-jit`](https://docs.rs/tch-jit): a TorchScript front end for Rust.
//!
//! Users depend on `tch-jit`, which re-exports everything here. The pipeline is in `expand`.

// The documentation of the items of a proc-macro crate is its entry points.
#![allow(clippy::too_many_arguments)]

mod attr;
mod emit;
mod errors;
mod expand;
mod lower;
mod methods;
mod module;
mod ops;
mod paths;
mod span;
mod syntax;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;

/// Declares how a module is compiled, and makes its fields known to the compiler.
///
/// | argument | meaning |
/// |---|---|
/// | `script` | the Rust source of its methods is compiled, control flow included |
/// | `trace` | one run is recorded |
/// | `unsupported` | a tree that holds the module is rejected when Rust compiles it |
/// | `inherit`, or none | the module takes its parent's mode |
///
/// On a struct with named, unnamed or no fields; generics are allowed. The type of a field
/// decides what it is: a module is a submodule, a `Tensor` that requires grad a parameter,
/// another `Tensor` a buffer, and `i64`, `f64`, `bool`, `String`, `Device`, `Kind` and `Vec`s,
/// `Option`s and tuples of these are attributes. Modules may lie in `Vec`, arrays, `Option`,
/// `Box`, `Rc`, `Arc`, `BTreeMap<String, _>` and `Box<dyn Trait>` where `Trait: DynModule`.
///
/// | field attribute | meaning |
/// |---|---|
/// | `#[jit(skip)]` | the compiler does not see the field |
/// | `#[jit(parameter)]`, `#[jit(buffer)]` | for a `Tensor`, whether or not it requires grad |
/// | `#[jit(constant)]` | a constant of the class: visible to the compiler, no longer changeable |
/// | `#[jit(rename = "name")]` | another name in TorchScript |
#[proc_macro_attribute]
pub fn compile_mode(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::compile_mode(args.into(), item.into()).into()
}

/// Makes the methods of an impl block known to the compiler.
///
/// `forward(&self, …)` is the module's entry. Methods and associated functions that it calls
/// through `self.` and `Self::` follow, also from other `#[methods]` blocks of the type. The
/// block may be inherent, or an impl of `tch::nn::Module` or `tch::nn::ModuleT`; beside
/// `forward_t(&self, x, train)` a `forward(x)` is added in TorchScript that passes the module's
/// own `training` flag. Other functions in the block are left alone.
///
/// `#[tracing_inputs] fn name(&self, n: usize) -> Vec<Args>` in such a block gives example inputs
/// for tracing; `Args` is the tuple of `forward`'s arguments, or the one argument itself.
#[proc_macro_attribute]
pub fn methods(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::methods(args.into(), item.into()).into()
}
