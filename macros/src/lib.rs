//! The attributes of [`tch-jit`](https://docs.rs/tch-jit): a TorchScript front end for Rust.
//!
//! Users depend on `tch-jit`, which re-exports everything here. The pipeline is in `expand`, and what comes before it for
//! items with `cfg` inside in `configure`.

mod check;
mod configure;
mod emit;
mod errors;
mod expand;
mod lower;
mod names;
mod ops;
mod parse;
mod paths;
mod span;
mod syntax;
#[cfg(test)]
mod tests;
mod types;
mod wrong_item;

use proc_macro::TokenStream;

/// Runs one expansion, throughout which the runtime has one name.
fn expand(f: impl FnOnce() -> proc_macro2::TokenStream) -> TokenStream {
    let _expansion = paths::enter();
    f().into()
}

/// Declares how a module is compiled, and makes its fields known to the compiler.
///
/// | argument | meaning |
/// |---|---|
/// | `script` | the Rust source of its methods is compiled, control flow included |
/// | `trace` | one run is recorded |
/// | `unsupported` | a tree that holds the module is rejected when Rust compiles it |
/// | `inherit`, or none | the module takes its parent's mode |
///
/// A dependency that is renamed in Cargo.toml is found. Where it is not, as through a re-export of another crate,
/// every attribute takes its path: `#[compile_mode(script, crate = "other::tch_jit")]`,
/// `#[methods(crate = "other::tch_jit")]`, and `#[script_type(crate = "other::tch_jit")]` beside the derive.
///
/// On a struct with named, unnamed or no fields, or on an enum whose variants hold modules; generics
/// are allowed. The type of a field
/// decides what it is: a module is a submodule, a `Tensor` that requires grad a parameter,
/// another `Tensor` a buffer, and `i64`, `f64`, `bool`, `String`, `Device`, `Kind` and `Vec`s,
/// `Option`s and tuples of these are attributes. Modules may lie in `Vec`, arrays, `Option`,
/// `Box`, `Rc`, `Arc`, `BTreeMap<String, _>` and `Box<dyn Trait>` where `Trait: DynModule`.
///
/// A field `training: Cell<bool>` is the module's own training flag: `self.training.get()` is what every module of
/// TorchScript calls `training`, and a trace has both modes.
///
/// | field attribute | meaning |
/// |---|---|
/// | `#[jit(skip)]` | the compiler does not see the field |
/// | `#[jit(parameter)]`, `#[jit(buffer)]` | for a `Tensor`, whether or not it requires grad |
/// | `#[jit(constant)]` | a constant of the class: visible to the compiler, no longer changeable |
/// | `#[jit(rename = "name")]` | another name in TorchScript |
#[proc_macro_attribute]
pub fn compile_mode(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| configure::attribute("compile_mode", args.into(), item.into()))
}

/// Makes the methods of an impl block known to the compiler.
///
/// `forward(&self, …)` is the module's entry. Methods and associated functions that it calls
/// through `self.` and `Self::` follow, also from other `#[methods]` blocks of the type. The
/// block may be inherent, or an impl of `tch::nn::Module` or `tch::nn::ModuleT`; beside
/// `forward_t(&self, x, train)` a `forward(x)` is added in TorchScript that passes the module's
/// own `training` flag. Other functions in the block are left alone, unless they have
/// [`#[export]`](macro@export). A method with [`#[unused]`](macro@unused) may contain anything.
///
/// The type may also be data: one with [`ScriptType`](derive@ScriptType), or `Tensor`, numbers and
/// collections in the impl of an extension trait. Each method then is a function of TorchScript, which
/// takes the receiver first; scripted bodies call it as a method.
///
/// `#[tracing_inputs] fn name(&self, n: usize) -> Vec<Args>` in such a block gives example inputs
/// for tracing; `Args` is the tuple of `forward`'s arguments, or the one argument itself.
#[proc_macro_attribute]
pub fn methods(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| configure::attribute("methods", args.into(), item.into()))
}

/// Makes a free function known to the compiler, as `torch.jit.script` does with a Python function.
///
/// Called from Rust, it runs as Rust. Called from a scripted method or function, or while a trace is
/// recorded, it becomes a call of its compiled form, so that its control flow is kept there.
///
/// Its arguments and its result have types of TorchScript. It is not generic and does not call
/// itself. A hidden type of the same name is defined beside it.
#[proc_macro_attribute]
pub fn script(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| configure::attribute("script", args.into(), item.into()))
}

/// The same as [`macro@script`], under PyTorch's name for functions that keep their control flow in a
/// trace.
#[proc_macro_attribute]
pub fn script_if_tracing(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| configure::attribute("script_if_tracing", args.into(), item.into()))
}

/// Makes a struct a type of TorchScript: an argument, a result, a field or a local value of a module.
///
/// | Rust | TorchScript |
/// |---|---|
/// | a struct with named fields | a `NamedTuple` of the struct's path |
/// | a struct with unnamed fields | a `Tuple` |
/// | an enum without fields | an `int`, the number of the variant, as by `as i64` |
///
/// All fields have types of TorchScript. Generic types are allowed, lifetimes are not. Scripted bodies may
/// call methods of the type in impl blocks with [`#[methods]`](macro@methods).
#[proc_macro_derive(ScriptType, attributes(script_type))]
pub fn script_type(item: TokenStream) -> TokenStream {
    expand(|| expand::script_type(item.into()))
}

/// On a method in a `#[methods]` block: it is compiled although `forward` does not call it, in every
/// mode, as with `torch.jit.export`. In a traced module it is scripted, unless it has example inputs or
/// `tch_jit::trace_module` is given some.
#[proc_macro_attribute]
pub fn export(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| expand::outside("export", args.into(), item.into()))
}

/// On a method in a `#[methods]` block: it is not compiled, and calls of its compiled form fail, as with
/// `torch.jit.unused`.
#[proc_macro_attribute]
pub fn unused(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| expand::outside("unused", args.into(), item.into()))
}

/// On an associated function in a `#[methods]` block that builds a small module: `fn small() -> Self`, or
/// `fn small(vs: &nn::Path) -> Self`, or either with a `Result`. `tch_jit::auto_jit_tests!` tests that module,
/// asserting what `tch_jit::testing::assert_auto_jitable` asserts. A type may have several such functions.
///
/// The options are those of `tch_jit::testing::AutoJit`:
/// `#[auto_jitable(strict_shapes = false, tolerance = 1e-3, n_trace_checks = 4, deny_warnings = false)]`.
#[proc_macro_attribute]
pub fn auto_jitable(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| expand::outside("auto_jitable", args.into(), item.into()))
}

/// Example inputs for tracing and for tests.
///
/// On a function in a `#[methods]` block: it gives example inputs of `forward`, or, as
/// `#[tracing_inputs(encode)]`, of the method `encode`, which is then traced too. See [`macro@methods`].
///
/// On a struct with [`#[compile_mode]`](macro@compile_mode): it declares them. Each argument has a name and one of
///
/// | input | example |
/// |---|---|
/// | `[_, self.dim]` | normal random numbers of that shape, of the kind and on the device of the module's first parameter, else of its first buffer, else `Float` on the CPU; only floating ones count for the kind |
/// | `Double[_, 3]`, `Bool[5]` | of that kind |
/// | `Int64[_, 5] < self.n` | integers from 0 to `self.n - 1`; without a bound, 0 and 1 |
/// | `([_, 3], [_, 4])`, `[[_, 3], [_, 4]]` | a tuple, a list |
/// | `_`, `_len` | an integer: the free dimension itself |
/// | anything else | an expression of a type that implements `tch_jit::ExampleInput` |
///
/// `_` stands for a free dimension, which may have any size: one number for all arguments of a set, drawn from 1
/// to 4. `_len`, or any other name that begins so, is another free dimension. They may be parts of expressions, as
/// in `[2 * _, _len + 1]`. For a trace the compiler chooses larger sizes, so that it can tell what follows from each.
/// An argument that is an `Option` may be left out. `#[tracing_inputs(encode, x = [_, 3])]` is for the method
/// `encode`, which has `#[export]`. Drawn with libtorch's generator, examples are the same after `tch::manual_seed`.
///
/// A struct with a field `irreps_in`, or with `irreps_in1` and `irreps_in2`, of types that implement
/// `ExampleInput`, has example inputs of `forward` without any attribute: these, in order, and no `Option`s.
#[proc_macro_attribute]
pub fn tracing_inputs(args: TokenStream, item: TokenStream) -> TokenStream {
    expand(|| expand::tracing_inputs(args.into(), item.into()))
}

/// The detour of items with `cfg` inside, see `configure`.
#[doc(hidden)]
#[proc_macro_derive(Configured)]
pub fn configured(item: TokenStream) -> TokenStream {
    expand(|| configure::configured(item.into()))
}

/// Removes the item that it stands on.
#[doc(hidden)]
#[proc_macro_attribute]
pub fn discard(_: TokenStream, _: TokenStream) -> TokenStream {
    TokenStream::new()
}
