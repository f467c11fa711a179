//! What `compile` returns: a [`ScriptModule`] with the Rust type that it comes from, so that calls are typed.

use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;
use std::ops::Deref;
use std::path::Path;

use tch::{Device, Tensor};

use super::ScriptModule;
use crate::error::{Error, Result};
use crate::ffi::Type;
use crate::model::module::{Forward, Module};
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
    /// methods.
    pub fn forward<Form>(&self, args: impl IntoArgs<M::Args, Form>) -> Result<M::Output> {
        let args = args.into_args().to_values();
        M::Output::from_value(&self.module.call_values("forward", &args)?)
    }

    /// Reads a file that holds a compiled `M`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be read, [`Error::Schema`] where its `forward` takes
    /// or returns other types than `M`'s.
    pub fn load(path: impl AsRef<Path>) -> Result<Compiled<M>> {
        Self::load_on(path, None)
    }

    /// As [`Compiled::load`], with tensors on `device`.
    ///
    /// # Errors
    ///
    /// As [`Compiled::load`].
    pub fn load_on(path: impl AsRef<Path>, device: impl Into<Option<Device>>) -> Result<Compiled<M>> {
        let file = path.as_ref().display().to_string();
        let (module, _) = ScriptModule::load_with(path, device.into(), &[])?;
        let found = module.signature("forward");
        let expected = (M::Args::script_types(), M::Output::script_type());
        if found.as_ref() != Some(&expected) {
            let found = found.map_or_else(|| "not there".into(), |it| display(&it));
            return Err(Error::Schema { file, ty: M::INFO.name, expected: display(&expected), found });
        }
        Ok(Compiled::new(module))
    }
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

/// Lets a compiled module stand wherever tch takes an `nn::Module`.
///
/// # Panics
///
/// Where [`Compiled::forward`] fails: tch's trait knows no errors.
impl<M: Module + Forward<Args = (Tensor,), Output = Tensor>> tch::nn::Module for Compiled<M> {
    fn forward(&self, xs: &Tensor) -> Tensor {
        Compiled::forward(self, xs).unwrap_or_else(|error| panic!("{error}"))
    }
}
