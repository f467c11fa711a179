//! A program behind a trait object: only what has to be is compiled for each program anew.

use std::any::Any;
use std::marker::PhantomData;

use rand_chacha::ChaCha8Rng;
use tch_jit::{Compilable, Compiled, Forward, IntoArgs, Module, ScriptModule};

use crate::data::Data;
use crate::value::Value;

/// Arguments of the program's own type.
pub type Args = Box<dyn Any>;

/// A program: its module, eager and compiled.
pub trait Subject {
    /// Compiles the module, for [`Subject::scripted`].
    fn compile(&mut self) -> Result<ScriptModule, String>;
    /// Arguments, often edge cases.
    fn random(&self, rng: &mut ChaCha8Rng) -> Args;
    /// A copy that shares no memory.
    fn copy(&self, args: &dyn Any) -> Args;
    /// For comparison, and to show them.
    fn value(&self, args: &dyn Any) -> Value;
    /// Rust's result; none where it is an error.
    fn eager(&self, args: &dyn Any) -> Option<Value>;
    /// The compiled module's result, or libtorch's message.
    fn scripted(&self, args: &dyn Any) -> Result<Value, String>;
}

/// A module, and its compiled form.
struct Typed<M, Form>(M, Option<Compiled<M>>, PhantomData<Form>);

/// The program that `module` is.
pub fn subject<M, Form>(module: M) -> Box<dyn Subject>
where
    M: Module + Forward + Compilable + 'static,
    M::Args: Data + IntoArgs<M::Args, Form>,
    M::Output: Data,
    Form: 'static,
{
    Box::new(Typed(module, None, PhantomData))
}

impl<M, Form> Subject for Typed<M, Form>
where
    M: Module + Forward + Compilable,
    M::Args: Data + IntoArgs<M::Args, Form>,
    M::Output: Data,
{
    fn compile(&mut self) -> Result<ScriptModule, String> {
        let compiled = tch_jit::compile(&self.0).map_err(message)?;
        let module = (*compiled).clone();
        self.1 = Some(compiled);
        Ok(module)
    }

    fn random(&self, rng: &mut ChaCha8Rng) -> Args {
        Box::new(M::Args::random(rng))
    }

    fn copy(&self, args: &dyn Any) -> Args {
        Box::new(typed::<M>(args).copy())
    }

    fn value(&self, args: &dyn Any) -> Value {
        typed::<M>(args).value()
    }

    fn eager(&self, args: &dyn Any) -> Option<Value> {
        let output = self.0.eager(typed::<M>(args), false);
        (!output.is_failure()).then(|| output.value())
    }

    /// The compiled module's result, or libtorch's message.
    fn scripted(&self, args: &dyn Any) -> Result<Value, String> {
        let compiled = self.1.as_ref().expect("it is compiled before");
        let output = compiled.forward(typed::<M>(args).share()).map_err(message)?;
        Ok(output.value())
    }
}

fn message(error: tch_jit::Error) -> String {
    error.to_string()
}

fn typed<M: Forward>(args: &dyn Any) -> &M::Args {
    args.downcast_ref().expect("arguments of this program")
}
