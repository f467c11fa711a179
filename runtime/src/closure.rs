//! Closures as modules: what was written for eager `tch`, without any attribute.

use std::collections::{BTreeMap, HashSet};
use std::marker::PhantomData;
use std::panic::Location;

use tch::{Tensor, nn};

use crate::compile::{self, Root};
use crate::compiler::Compiler;
use crate::error::Result;
use crate::ffi::{TensorKind, tensor_identity};
use crate::inputs::MethodInputs;
use crate::member::{ContainerClass, MemberValue, Members};
use crate::method::Method;
use crate::mode::CompileMode;
use crate::module::{Node, TypeInfo};
use crate::options::Options;
use crate::place::Place;
use crate::private::MethodDefs;
use crate::script_module::ScriptModule;
use crate::types::{ScriptArgs, ScriptOutput, TraceInput};

/// Traces a closure. The tensors that it captures become parameters, if they require gradients, and
/// buffers, under the names `captured_0`, `captured_1`, … in the order of their first use.
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::Tensor;
///
/// let weight = Tensor::from_slice(&[1.0, 2.0]).set_requires_grad(true);
/// let x = Tensor::from_slice(&[3.0, 4.0]);
/// let module = tch_jit::trace_fn(&x, |x: &Tensor| (x * &weight).tanh())?;
/// assert_eq!(module.named_parameters()[0].0, "captured_0");
/// # Ok(())
/// # }
/// ```
///
/// A closure whose last argument is a `bool` is told whether the module is in training, as `forward_t`
/// is, and traced in both modes.
///
/// # Errors
///
/// As [`trace`](crate::trace()): data that leaves the trace, a closure that fails, a trace that disagrees
/// with the closure.
#[track_caller]
pub fn trace_fn<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(inputs: I, f: F) -> Result<ScriptModule> {
    Compiler::new().trace_fn(inputs, f)
}

/// Traces a closure over the variables of `vs`, which become parameters and buffers under their paths:
/// `encoder.0.weight` is the parameter `weight` of the module `0` of the module `encoder`. So a state dict
/// of the same model in Python fits. Variables that are not trainable are buffers. Other tensors that the
/// closure captures are treated as by [`trace_fn`].
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::nn::ModuleT;
/// use tch::{Device, Kind, Tensor, nn};
///
/// let vs = nn::VarStore::new(Device::Cpu);
/// let net = nn::seq_t()
///     .add(nn::linear(vs.root() / "first", 3, 4, Default::default()))
///     .add_fn_t(|x, train| x.relu().dropout(0.1, train))
///     .add(nn::linear(vs.root() / "last", 4, 1, Default::default()));
/// let x = Tensor::randn([2, 3], (Kind::Float, Device::Cpu));
/// let module =
///     tch_jit::trace_var_store(&vs, &x, |x: &Tensor, train: bool| net.forward_t(x, train))?;
/// assert!(module.named_parameters().iter().any(|(name, _)| name == "first.weight"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`trace_fn`], and where a part of a path cannot be the name of a module.
#[track_caller]
pub fn trace_var_store<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
    vs: &nn::VarStore,
    inputs: I,
    f: F,
) -> Result<ScriptModule> {
    Compiler::new().trace_var_store(vs, inputs, f)
}

impl Compiler {
    /// See [`trace_fn`](crate::trace_fn()).
    ///
    /// # Errors
    ///
    /// As there.
    #[track_caller]
    pub fn trace_fn<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
        &self,
        inputs: I,
        f: F,
    ) -> Result<ScriptModule> {
        trace_closure(vec![], inputs, f, place(), self.options())
    }

    /// See [`trace_var_store`](crate::trace_var_store()).
    ///
    /// # Errors
    ///
    /// As there.
    #[track_caller]
    pub fn trace_var_store<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
        &self,
        vs: &nn::VarStore,
        inputs: I,
        f: F,
    ) -> Result<ScriptModule> {
        trace_closure(variables(vs), inputs, f, place(), self.options())
    }
}

#[track_caller]
fn place() -> Place {
    let caller = Location::caller();
    Place { file: caller.file(), line: caller.line(), column: caller.column() }
}

fn trace_closure<I: FnInputs, F: TracedFn<I::Args, Mode>, Mode>(
    variables: Vec<(String, TensorKind, Tensor)>,
    inputs: I,
    f: F,
    place: Place,
    options: &Options,
) -> Result<ScriptModule> {
    let sets = inputs.into_sets().iter().map(ScriptArgs::to_values).collect();
    let inputs = MethodInputs::new().sets("forward".to_owned(), sets);
    let closure = Closure { place, variables, f, signature: PhantomData };
    compile::compile(&closure, Root::Trace(inputs), options)
}

/// A closure on its way through the compiler.
struct Closure<F, Args, Mode> {
    place: Place,
    variables: Vec<(String, TensorKind, Tensor)>,
    f: F,
    signature: PhantomData<fn(Args, Mode)>,
}

const NAMES: &[&str] = &["x0", "x1", "x2", "x3"];

impl<Args: ScriptArgs, Mode, F: TracedFn<Args, Mode>> Node for Closure<F, Args, Mode> {
    fn info(&self) -> TypeInfo {
        TypeInfo { name: "Closure", module_path: "tch_jit", mode: CompileMode::Trace, place: self.place }
    }

    fn type_name(&self) -> &'static str {
        "a closure"
    }

    fn address(&self) -> Option<usize> {
        None
    }

    fn members(&self) -> Members<'_> {
        let mut tree = Tree::default();
        for (path, kind, tensor) in &self.variables {
            tree.insert(path, *kind, tensor);
        }
        tree.members()
    }

    fn holds_hidden_tensors(&self) -> bool {
        true
    }

    fn entry(&self) -> Method<'_> {
        let names = &NAMES[..Args::type_names().len()];
        let run = |args: &Args, train| self.f.call(args, train);
        Method::new("forward", "forward", self.place, names, run, |_| None).with_train(F::HAS_TRAIN)
    }

    fn methods(&self) -> Vec<Method<'_>> {
        vec![]
    }

    fn define(&self) -> MethodDefs {
        MethodDefs::default()
    }

    fn define_exports(&self, _: &mut MethodDefs) {}
}

/// The variables with their paths, in the order of these.
fn variables(vs: &nn::VarStore) -> Vec<(String, TensorKind, Tensor)> {
    let trainable: HashSet<usize> = vs.trainable_variables().iter().map(tensor_identity).collect();
    let all: BTreeMap<String, Tensor> = vs.variables().into_iter().collect();
    let of = |(path, tensor): (String, Tensor)| {
        let is_trainable = trainable.contains(&tensor_identity(&tensor));
        (path, if is_trainable { TensorKind::Parameter } else { TensorKind::Buffer }, tensor)
    };
    all.into_iter().map(of).collect()
}

/// Paths with dots as nested modules.
#[derive(Default)]
struct Tree {
    tensors: Vec<(String, TensorKind, Tensor)>,
    modules: BTreeMap<String, Tree>,
}

impl Tree {
    fn insert(&mut self, path: &str, kind: TensorKind, tensor: &Tensor) {
        match path.split_once('.') {
            Some((module, rest)) => {
                self.modules.entry(module.to_owned()).or_default().insert(rest, kind, tensor)
            }
            None => self.tensors.push((path.to_owned(), kind, tensor.shallow_clone())),
        }
    }

    fn members<'m>(self) -> Members<'m> {
        let tensors = self
            .tensors
            .into_iter()
            .map(|(name, kind, tensor)| (name, MemberValue::Tensor { kind, tensor: Some(tensor) }));
        let modules = self.modules.into_iter().map(|(name, tree)| {
            (name, MemberValue::Container { class: ContainerClass::Module, members: tree.members() })
        });
        Members::new(tensors.chain(modules).collect())
    }
}

/// The inputs of a traced closure: a tensor, `Vec` or option of tensors, or a tuple of up to four of
/// these; several such tuples in a `Vec`, of which the first is recorded and all are compared.
pub trait FnInputs {
    /// The arguments of the closure, which takes references to them.
    type Args: ScriptArgs;
    /// The sets of arguments.
    #[doc(hidden)]
    fn into_sets(self) -> Vec<Self::Args>;
}

/// One of them.
pub trait FnInput {
    /// What the closure takes a reference to.
    type Owned: ScriptOutput + TraceInput;
    /// The argument.
    #[doc(hidden)]
    fn into_owned(self) -> Self::Owned;
}

macro_rules! inputs {
    ($($ty:ty => $owned:ty, $it:ident: $value:expr;)*) => {$(
        impl FnInput for $ty {
            type Owned = $owned;
            fn into_owned(self) -> $owned {
                let $it = self;
                $value
            }
        }
    )*};
}

inputs! {
    Tensor => Tensor, it: it;
    &Tensor => Tensor, it: it.shallow_clone();
    Vec<Tensor> => Vec<Tensor>, it: it;
    &[Tensor] => Vec<Tensor>, it: it.iter().map(Tensor::shallow_clone).collect();
    &Vec<Tensor> => Vec<Tensor>, it: it.iter().map(Tensor::shallow_clone).collect();
    Option<Tensor> => Option<Tensor>, it: it;
    Option<&Tensor> => Option<Tensor>, it: it.map(Tensor::shallow_clone);
}

impl<I: FnInput> FnInputs for I {
    type Args = (I::Owned,);
    fn into_sets(self) -> Vec<Self::Args> {
        vec![(self.into_owned(),)]
    }
}

/// A closure that can be traced: it takes a reference to each of `Args`.
#[diagnostic::on_unimplemented(
    message = "this closure cannot be traced on inputs of the types `{Args}`",
    label = "it takes other arguments, or returns something else than tensors",
    note = "help: write the types of its arguments, such as `|x: &Tensor| …`; each is a reference"
)]
pub trait TracedFn<Args, Mode> {
    /// The result.
    type Output: ScriptOutput;
    /// Whether its last argument says that the module is in training.
    const HAS_TRAIN: bool;
    /// Runs it.
    #[doc(hidden)]
    fn call(&self, args: &Args, train: bool) -> Self::Output;
}

/// A closure that takes its inputs only.
#[derive(Debug)]
pub enum Plain {}

/// A closure whose last argument says whether the module is in training.
#[derive(Debug)]
pub enum WithTrain {}

macro_rules! closures {
    ($($($name:ident $index:tt),+;)*) => {$(
        impl<Function, Result, $($name),+> TracedFn<($($name,)+), Plain> for Function
        where
            Function: Fn($(&$name),+) -> Result,
            Result: ScriptOutput,
        {
            type Output = Result;
            const HAS_TRAIN: bool = false;
            fn call(&self, args: &($($name,)+), _: bool) -> Result {
                self($(&args.$index),+)
            }
        }

        impl<Function, Result, $($name),+> TracedFn<($($name,)+), WithTrain> for Function
        where
            Function: Fn($(&$name,)+ bool) -> Result,
            Result: ScriptOutput,
        {
            type Output = Result;
            const HAS_TRAIN: bool = true;
            fn call(&self, args: &($($name,)+), train: bool) -> Result {
                self($(&args.$index,)+ train)
            }
        }

        impl<$($name: FnInput),+> FnInputs for ($($name,)+) {
            type Args = ($($name::Owned,)+);
            fn into_sets(self) -> Vec<Self::Args> {
                vec![($(self.$index.into_owned(),)+)]
            }
        }

        impl<$($name: FnInput),+> FnInputs for Vec<($($name,)+)> {
            type Args = ($($name::Owned,)+);
            fn into_sets(self) -> Vec<Self::Args> {
                self.into_iter().flat_map(FnInputs::into_sets).collect()
            }
        }
    )*};
}

closures! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
}
