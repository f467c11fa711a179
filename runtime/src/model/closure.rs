//! Closures as modules: lets the compiler trace code that was written for eager `tch`, without any attribute.

use std::collections::{BTreeMap, HashSet};
use std::marker::PhantomData;

use tch::{Tensor, nn};

use crate::ffi::{TensorKind, tensor_identity};
use crate::identity::{Object, RustType};
use crate::model::definition::MethodDefs;
use crate::model::method::RustMethod;
use crate::model::mode::CompileMode;
use crate::model::node::{ContainerClass, MemberValue, Members};
use crate::model::node::{Node, TypeInfo};
use crate::place::Place;
use crate::types::{ScriptArgs, ScriptOutput, TraceInput};

/// A closure as a module: a [`Node`] whose entry runs the closure.
pub struct Closure<F, Args, Mode> {
    place: Place,
    variables: Vec<(String, TensorKind, Tensor)>,
    f: F,
    signature: PhantomData<fn(Args, Mode)>,
}

impl<F, Args, Mode> Closure<F, Args, Mode> {
    /// The closure `f`, written at `place`, over variables with their paths.
    pub fn new(place: Place, variables: Vec<(String, TensorKind, Tensor)>, f: F) -> Self {
        Closure { place, variables, f, signature: PhantomData }
    }
}

/// The names of a closure's arguments: rustc does not tell those in the source.
const NAMES: &[&str] = &["x0", "x1", "x2", "x3", "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11"];

impl<Args: ScriptArgs, Mode, F: TracedFn<Args, Mode>> Node for Closure<F, Args, Mode> {
    fn info(&self) -> TypeInfo {
        TypeInfo { name: "Closure", module_path: "tch_jit", mode: CompileMode::Trace, place: self.place }
    }

    fn object(&self) -> Object {
        Object { address: None, ty: RustType::named::<Self>("a closure") }
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

    fn entry(&self) -> Option<RustMethod<'_>> {
        let names = &NAMES[..Args::IS_OPTION.len()];
        let run = |args: &Args, train| self.f.call(args, train);
        let entry = RustMethod::new("forward", "forward", self.place, names, run, |_| None);
        Some(entry.with_train(F::HAS_TRAIN))
    }

    fn methods(&self) -> Vec<RustMethod<'_>> {
        vec![]
    }

    fn define(&self) -> MethodDefs {
        MethodDefs::default()
    }

    fn define_exports(&self, _: &mut MethodDefs) {}
}

/// The variables of a store, sorted by their paths.
pub fn variables(vs: &nn::VarStore) -> Vec<(String, TensorKind, Tensor)> {
    let trainable: HashSet<usize> = vs.trainable_variables().iter().map(tensor_identity).collect();
    let all: BTreeMap<String, Tensor> = vs.variables().into_iter().collect();
    let of = |(path, tensor): (String, Tensor)| {
        let is_trainable = trainable.contains(&tensor_identity(&tensor));
        (path, if is_trainable { TensorKind::Parameter } else { TensorKind::Buffer }, tensor)
    };
    all.into_iter().map(of).collect()
}

/// Variables as nested modules: the dots in their paths separate the modules' names.
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

/// The inputs of a traced closure: a tensor, a `Vec` or an option of tensors, or a tuple of up to twelve of these. A
/// `Vec` of such tuples is several sets of inputs: the first is recorded, all are compared.
pub trait FnInputs {
    /// The arguments of the closure, which takes references to them.
    type Args: ScriptArgs;
    /// The sets of arguments.
    #[doc(hidden)]
    fn into_sets(self) -> Vec<Self::Args>;
}

/// One input of a traced closure.
pub trait FnInput {
    /// The owned type of the argument, to which the closure takes a reference.
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
    /// Whether the closure's last argument is a `bool` that says whether the module is in training.
    const HAS_TRAIN: bool;
    /// Runs the closure.
    #[doc(hidden)]
    fn call(&self, args: &Args, train: bool) -> Self::Output;
}

/// A closure that takes its inputs only.
#[derive(Debug)]
pub enum Plain {}

/// A closure whose last argument says whether the module is in training.
#[derive(Debug)]
pub enum WithTrain {}

macro_rules! closure {
    ($($name:ident $from:ident $index:tt),+) => {
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
    };
}

for_each_tuple! { closure }
