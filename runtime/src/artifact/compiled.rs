//! What `compile` returns: a [`ScriptModule`] with the Rust type that it comes from, so that calls are typed; and its
//! forms that stand where tch takes modules.

use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;
use std::ops::Deref;
use std::path::Path;

use tch::{Device, Tensor};

use super::{LoadOptions, ScriptModule};
use crate::error::{Error, Result};
use crate::ffi::{Type, Value};
use crate::model::member::Member;
use crate::model::module::{Forward, Module, TakesNoTrain, TakesTrain};
use crate::model::node::MemberValue;
use crate::types::{IntoArgs, ScriptArgs, ScriptOutput, ScriptType};

/// The compiled form of `M`: `forward` has `M`'s own argument and result types. It derefs to
/// [`ScriptModule`].
pub struct Compiled<M> {
    module: ScriptModule,
    ty: PhantomData<fn() -> M>,
}

impl<M> Compiled<M> {
    pub(crate) fn new(module: ScriptModule) -> Self {
        Compiled { module, ty: PhantomData }
    }

    /// The module without its Rust type.
    pub fn into_script_module(self) -> ScriptModule {
        self.module
    }
}

impl<M: Module + Forward> Compiled<M> {
    /// Runs the compiled `forward`. `args` is the tuple of `M::forward`'s arguments, owned or
    /// borrowed: `forward((&x, &h))`. One argument may be passed bare: `forward(&x)`.
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with libtorch's message, which underlines the Rust source of scripted
    /// methods. [`Error::Type`] for an integer above 2^63 - 1, which TorchScript does not have.
    pub fn forward<Form>(&self, args: impl IntoArgs<M::Args, Form>) -> Result<M::Output> {
        let args = args.into_args().to_exact_values()?;
        M::Output::from_value(&self.module.call_values("forward", &args)?)
    }

    /// Runs the compiled `forward_t`, in training if `train`. The other arguments are passed as to
    /// [`Compiled::forward`], which takes `train` from [`ScriptModule::is_training`].
    ///
    /// # Errors
    ///
    /// As [`Compiled::forward`].
    pub fn forward_t<Form>(&self, args: impl IntoArgs<M::Args, Form>, train: bool) -> Result<M::Output>
    where
        M::Entry: TakesTrain,
    {
        let mut args = args.into_args().to_exact_values()?;
        args.push(Value::bool(train));
        M::Output::from_value(&self.module.call_values("forward_t", &args)?)
    }

    /// The compiled module as an `nn::ModuleT`, as for `apply_t` and `nn::SequentialT`. Both are one module.
    pub fn to_module_t(&self) -> CompiledT<M>
    where
        M::Entry: TakesTrain,
    {
        CompiledT(self.clone())
    }

    /// Reads a file that holds a compiled `M`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be read, [`Error::Class`] where it holds the compiled form of a struct of
    /// another name, and [`Error::Schema`] where its `forward` takes or returns other types than `M`'s. Files of other
    /// programs do not say what their structs are called.
    pub fn load(path: impl AsRef<Path>) -> Result<Compiled<M>> {
        Self::load_on(path, None)
    }

    /// As [`Compiled::load`], with tensors on `device`.
    ///
    /// # Errors
    ///
    /// As [`Compiled::load`].
    pub fn load_on(path: impl AsRef<Path>, device: impl Into<Option<Device>>) -> Result<Compiled<M>> {
        LoadOptions::new().device(device).load_compiled(path)
    }

    /// What was loaded from this file, where its `forward` is `M`'s.
    pub(super) fn of_file(path: &Path, module: ScriptModule) -> Result<Compiled<M>> {
        let found = module.signature("forward");
        let types = M::Args::script_types();
        let types =
            module.fixed_options("forward").map_or(types.clone(), |options| options.fit_types(&types));
        let expected = (types, M::Output::script_type());
        if found.as_ref() != Some(&expected) {
            let found = found.map_or_else(|| "not there".into(), |it| display(&it));
            let file = path.display().to_string();
            return Err(Error::Schema { file, ty: M::INFO.name, expected: display(&expected), found });
        }
        let found = struct_name(module.rust_type());
        if !found.is_empty() && found != M::INFO.name {
            let file = path.display().to_string();
            return Err(Error::Class { file, ty: M::INFO.name, found: module.rust_type().to_owned() });
        }
        Ok(Compiled::new(module))
    }
}

/// The struct's own name in the name of a type, such as `model::Decoder<3>`.
fn struct_name(ty: &str) -> &str {
    let path = ty.split('<').next().unwrap_or(ty);
    path.rsplit("::").next().unwrap_or(path)
}

/// A signature for error messages, such as `(Tensor, int) -> Tensor`.
fn display((args, output): &(Vec<Type>, Type)) -> String {
    let args: Vec<String> = args.iter().map(Type::schema_text).collect();
    format!("({}) -> {}", args.join(", "), output.schema_text())
}

impl<M> Deref for Compiled<M> {
    type Target = ScriptModule;

    fn deref(&self) -> &ScriptModule {
        &self.module
    }
}

impl<M> Clone for Compiled<M> {
    fn clone(&self) -> Self {
        Compiled::new(self.module.clone())
    }
}

impl<M> fmt::Debug for Compiled<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Compiled").field(&self.module).finish()
    }
}

impl<M> Display for Compiled<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.module.fmt(f)
    }
}

/// Lets a compiled module stand wherever tch takes an `nn::Module`. One whose entry is `forward_t` does not: tch makes
/// an `nn::ModuleT` of each `nn::Module`, which ignores `train`. See [`Compiled::to_module_t`].
///
/// # Panics
///
/// Where [`Compiled::forward`] fails: tch's trait knows no errors.
#[diagnostic::do_not_recommend]
impl<M> Member for Compiled<M> {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        self.module.member()
    }
}

impl<M> tch::nn::Module for Compiled<M>
where
    M: Module + Forward<Args = (Tensor,), Output = Tensor>,
    M::Entry: TakesNoTrain,
{
    fn forward(&self, xs: &Tensor) -> Tensor {
        Compiled::forward(self, xs).unwrap_or_else(|error| panic!("{error}"))
    }
}

/// A compiled module with `forward_t`, where tch takes an `nn::ModuleT`: what [`Compiled::to_module_t`] returns.
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::{Tensor, nn};
/// use tch_jit::{compile_mode, methods};
///
/// #[compile_mode(script)]
/// struct Scaled;
///
/// #[methods]
/// impl Scaled {
///     fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
///         if train { x * 2.0 } else { x.shallow_clone() }
///     }
/// }
///
/// let compiled = tch_jit::compile(&Scaled)?;
/// let x = Tensor::from_slice(&[1.0, 2.0]);
/// assert_eq!(compiled.forward_t(&x, true)?, &x * 2.0);
/// let layers = nn::seq_t().add(compiled.to_module_t()).add_fn(|x| x + 1.0);
/// assert_eq!(x.apply_t(&layers, true), &x * 2.0 + 1.0);
/// assert_eq!(x.apply_t(&layers, false), &x + 1.0);
/// # Ok(())
/// # }
/// ```
pub struct CompiledT<M>(Compiled<M>);

impl<M> CompiledT<M> {
    /// The compiled module.
    pub fn into_compiled(self) -> Compiled<M> {
        self.0
    }
}

impl<M> Clone for CompiledT<M> {
    fn clone(&self) -> Self {
        CompiledT(self.0.clone())
    }
}

impl<M> fmt::Debug for CompiledT<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CompiledT").field(&self.0).finish()
    }
}

/// # Panics
///
/// Where [`Compiled::forward_t`] fails: tch's trait knows no errors.
impl<M> tch::nn::ModuleT for CompiledT<M>
where
    M: Module + Forward<Args = (Tensor,), Output = Tensor>,
    M::Entry: TakesTrain,
{
    fn forward_t(&self, xs: &Tensor, train: bool) -> Tensor {
        self.0.forward_t(xs, train).unwrap_or_else(|error| panic!("{error}"))
    }
}
