//! Closures as modules: what was written for eager `tch`, without any attribute.

use std::collections::{BTreeMap, HashSet};
use std::panic::Location;

use tch::{Tensor, nn};

use crate::compile::{self, Root};
use crate::error::Result;
use crate::ffi::{TensorKind, Value, tensor_identity};
use crate::member::{ContainerClass, MemberValue, Members};
use crate::mode::CompileMode;
use crate::module::{Node, TypeInfo};
use crate::options::Options;
use crate::place::Place;
use crate::private::MethodDefs;
use crate::script_module::ScriptModule;
use crate::types::{ScriptArgs, ScriptOutput, ScriptType, TraceInput};

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
/// # Errors
///
/// As [`trace`](crate::trace()): data that leaves the trace, a closure that fails, a trace that disagrees
/// with the closure.
#[track_caller]
pub fn trace_fn<I: FnInputs, F: TracedFn<I::Args>>(inputs: I, f: F) -> Result<ScriptModule> {
    trace_closure(None, inputs, &f, Location::caller())
}

/// Traces a closure over the variables of `vs`, which become parameters and buffers under their paths:
/// `encoder.0.weight` is the parameter `weight` of the module `0` of the module `encoder`. So a state dict
/// of the same model in Python fits. Variables that are not trainable are buffers. Other tensors that the
/// closure captures are treated as by [`trace_fn`].
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::nn::Module;
/// use tch::{Device, Kind, Tensor, nn};
///
/// let vs = nn::VarStore::new(Device::Cpu);
/// let net = nn::seq()
///     .add(nn::linear(vs.root() / "first", 3, 4, Default::default()))
///     .add_fn(|x| x.relu())
///     .add(nn::linear(vs.root() / "last", 4, 1, Default::default()));
/// let x = Tensor::randn([2, 3], (Kind::Float, Device::Cpu));
/// let module = tch_jit::trace_var_store(&vs, &x, |x: &Tensor| net.forward(x))?;
/// assert!(module.named_parameters().iter().any(|(name, _)| name == "first.weight"));
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// As [`trace_fn`], and where a part of a path cannot be the name of a module.
#[track_caller]
pub fn trace_var_store<I: FnInputs, F: TracedFn<I::Args>>(
    vs: &nn::VarStore,
    inputs: I,
    f: F,
) -> Result<ScriptModule> {
    trace_closure(Some(vs), inputs, &f, Location::caller())
}

fn trace_closure<I: FnInputs, F: TracedFn<I::Args>>(
    vs: Option<&nn::VarStore>,
    inputs: I,
    f: &F,
    caller: &'static Location<'static>,
) -> Result<ScriptModule> {
    let run = |args: &[Value]| -> Result<Value> { Ok(f.call(&I::Args::from_values(args)?).to_value()) };
    let place = Place { file: caller.file(), line: caller.line(), column: caller.column() };
    let closure = Closure {
        place,
        types: I::Args::type_names(),
        output_type: F::Output::type_name(),
        variables: vs.map_or_else(Vec::new, variables),
        run: &run,
    };
    let inputs = vec![inputs.into_args().to_values()];
    compile::compile(&closure, Root::Trace(inputs), &Options::default())
}

/// A closure on its way through the compiler.
struct Closure<'f> {
    place: Place,
    types: Vec<String>,
    output_type: String,
    variables: Vec<(String, TensorKind, Tensor)>,
    run: &'f dyn Fn(&[Value]) -> Result<Value>,
}

const NAMES: &[&str] = &["x0", "x1", "x2", "x3"];

impl Node for Closure<'_> {
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

    fn place(&self) -> Place {
        self.place
    }

    fn args(&self) -> (&'static [&'static str], Vec<String>) {
        (&NAMES[..self.types.len()], self.types.clone())
    }

    fn output_type(&self) -> String {
        self.output_type.clone()
    }

    fn has_train(&self) -> bool {
        false
    }

    fn define(&self) -> MethodDefs {
        MethodDefs::default()
    }

    fn define_exports(&self, _: &mut MethodDefs) {}

    fn tracing_inputs(&self, _: usize) -> Option<Vec<Vec<Value>>> {
        None
    }

    fn run(&self, args: &[Value], _: bool) -> Result<Value> {
        (self.run)(args)
    }
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
/// these.
pub trait FnInputs {
    /// The arguments of the closure, which takes references to them.
    type Args: ScriptArgs;
    /// The arguments.
    #[doc(hidden)]
    fn into_args(self) -> Self::Args;
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
    fn into_args(self) -> Self::Args {
        (self.into_owned(),)
    }
}

/// A closure that can be traced: it takes a reference to each of `Args`.
#[diagnostic::on_unimplemented(
    message = "this closure cannot be traced on inputs of the types `{Args}`",
    label = "it takes other arguments, or returns something else than tensors",
    note = "help: write the types of its arguments, such as `|x: &Tensor| …`; each is a reference"
)]
pub trait TracedFn<Args> {
    /// The result.
    type Output: ScriptOutput;
    /// Runs it.
    #[doc(hidden)]
    fn call(&self, args: &Args) -> Self::Output;
}

macro_rules! closures {
    ($($($name:ident $index:tt),+;)*) => {$(
        impl<Function, Result, $($name),+> TracedFn<($($name,)+)> for Function
        where
            Function: Fn($(&$name),+) -> Result,
            Result: ScriptOutput,
        {
            type Output = Result;
            fn call(&self, args: &($($name,)+)) -> Result {
                self($(&args.$index),+)
            }
        }

        impl<$($name: FnInput),+> FnInputs for ($($name,)+) {
            type Args = ($($name::Owned,)+);
            fn into_args(self) -> Self::Args {
                ($(self.$index.into_owned(),)+)
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
