//! A program behind a trait object: only what has to be is compiled for each program anew.

use std::any::Any;
use std::marker::PhantomData;
use std::path::Path;

use rand_chacha::ChaCha8Rng;
use tch::Tensor;
use tch_jit::{Compilable, Compiled, Forward, IntoArgs, Module, ScriptModule};

use crate::data::{Data, Map};
use crate::value::Value;

/// Arguments of the program's own type.
pub type Args = Box<dyn Any>;

/// A program: its module, eager and compiled.
pub trait Subject {
    /// Compiles the module, saves it to `file` and loads it, for [`Subject::scripted`].
    fn compile(&mut self, file: &Path) -> Result<Forms, String>;
    /// Arguments, often edge cases.
    fn random(&self, rng: &mut ChaCha8Rng) -> Args;
    /// The same with other tensors: `f` is given each in turn.
    fn map(&self, args: &dyn Any, f: &mut Map) -> Args;
    /// For comparison, and to show them.
    fn value(&self, args: &dyn Any) -> Value;
    /// Rust's result; none where it is an error.
    fn eager(&self, args: &dyn Any) -> Option<Value>;
    /// The result of a compiled form, or libtorch's message.
    fn scripted(&self, form: Form, args: &dyn Any) -> Result<Value, String>;
}

/// Which of the two compiled forms.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// As it was compiled.
    Compiled,
    /// Loaded from its file.
    Loaded,
}

/// Handles of the compiled module and of the loaded one.
#[derive(Debug)]
pub struct Forms {
    pub compiled: ScriptModule,
    pub loaded: ScriptModule,
}

/// A module, and its compiled forms: as it was compiled, and loaded.
struct Typed<M, As>(M, Option<[Compiled<M>; 2]>, PhantomData<As>);

/// The program that `module` is.
pub fn subject<M, As>(module: M) -> Box<dyn Subject>
where
    M: Module + Forward + Compilable + 'static,
    M::Args: Data + IntoArgs<M::Args, As>,
    M::Output: Data,
    As: 'static,
{
    Box::new(Typed(module, None, PhantomData))
}

impl<M, As> Subject for Typed<M, As>
where
    M: Module + Forward + Compilable,
    M::Args: Data + IntoArgs<M::Args, As>,
    M::Output: Data,
{
    fn compile(&mut self, file: &Path) -> Result<Forms, String> {
        let compiled = tch_jit::compile(&self.0).map_err(message)?;
        compiled.save(file).map_err(message)?;
        let loaded = Compiled::load(file).map_err(message)?;
        let forms = Forms { compiled: (*compiled).clone(), loaded: (*loaded).clone() };
        self.1 = Some([compiled, loaded]);
        Ok(forms)
    }

    fn random(&self, rng: &mut ChaCha8Rng) -> Args {
        Box::new(M::Args::random(rng))
    }

    fn map(&self, args: &dyn Any, f: &mut Map) -> Args {
        Box::new(typed::<M>(args).map(f))
    }

    fn value(&self, args: &dyn Any) -> Value {
        typed::<M>(args).value()
    }

    fn eager(&self, args: &dyn Any) -> Option<Value> {
        let output = self.0.eager(typed::<M>(args), false);
        (!output.is_failure()).then(|| output.value())
    }

    fn scripted(&self, form: Form, args: &dyn Any) -> Result<Value, String> {
        let [compiled, loaded] = self.1.as_ref().expect("it is compiled before");
        let module = if form == Form::Compiled { compiled } else { loaded };
        let args = typed::<M>(args).map(&mut Tensor::shallow_clone);
        let output = module.forward(args).map_err(message)?;
        Ok(output.value())
    }
}

fn message(error: tch_jit::Error) -> String {
    error.to_string()
}

fn typed<M: Forward>(args: &dyn Any) -> &M::Args {
    args.downcast_ref().expect("arguments of this program")
}
