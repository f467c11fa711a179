//! Example inputs that a caller gives.

use crate::ffi::{Kind, Value};
use crate::model::module::Forward;
use crate::types::{IntoArgs, ScriptArgs, ScriptType, TraceInput};

/// Example inputs of a module's `forward`: one set of arguments, or a `Vec` of tuples of them.
///
/// `Form` is inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the example inputs of `{M}`",
    label = "other arguments than the module's, or arguments that a trace cannot follow",
    note = "help: pass the tuple of the arguments, such as `(&x, &h)`; one argument may stand alone"
)]
pub trait IntoInputs<M, Form> {
    /// The sets of arguments.
    #[doc(hidden)]
    fn into_inputs(self) -> Vec<Vec<Value>>;
}

/// One set of arguments.
#[derive(Debug)]
pub struct OneSet<Form>(std::marker::PhantomData<Form>);

/// Several sets of arguments.
#[derive(Debug)]
pub struct ManySets<Form>(std::marker::PhantomData<Form>);

#[diagnostic::do_not_recommend]
impl<M: Forward<Args: TraceInput>, Form, X: IntoSets<M::Args, Form>> IntoInputs<M, Form> for X {
    fn into_inputs(self) -> Vec<Vec<Value>> {
        self.into_sets()
    }
}

/// Arguments of a method that takes `Args`: one set of them, or a `Vec` of sets.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the inputs of a method that takes `{Args}`",
    label = "other arguments than the method's",
    note = "help: pass the tuple of the arguments, such as `(&x, &h)`; one argument may stand alone"
)]
pub trait IntoSets<Args, Form> {
    /// The sets of arguments.
    #[doc(hidden)]
    fn into_sets(self) -> Vec<Vec<Value>>;
}

#[diagnostic::do_not_recommend]
impl<Args: ScriptArgs, Form, X: IntoArgs<Args, Form>> IntoSets<Args, OneSet<Form>> for X {
    fn into_sets(self) -> Vec<Vec<Value>> {
        vec![self.into_args().to_values()]
    }
}

#[diagnostic::do_not_recommend]
impl<Args: ScriptArgs, Form, X: IntoArgs<Args, Form>> IntoSets<Args, ManySets<Form>> for Vec<X> {
    fn into_sets(self) -> Vec<Vec<Value>> {
        self.into_iter().map(|set| set.into_args().to_values()).collect()
    }
}

/// Example inputs of several methods, for [`trace_module`](crate::trace_module).
///
/// ```
/// # use tch::Tensor;
/// # use tch_jit::MethodInputs;
/// # let (x, h) = (Tensor::from(1.0), Tensor::from(2.0));
/// let inputs = MethodInputs::new().method("forward", (&x, &h)).method("encode", &x);
/// ```
#[derive(Clone, Debug, Default)]
pub struct MethodInputs {
    methods: Vec<(String, Vec<Vec<Value>>)>,
}

impl MethodInputs {
    /// No inputs yet, for no method.
    pub fn new() -> Self {
        MethodInputs::default()
    }

    /// Adds inputs of the method `name`: the tuple of its arguments, one tensor alone, or a `Vec` of such
    /// tuples. Inputs that are given for one method twice are all used. Whether they are the method's
    /// arguments is asked when it is traced.
    #[must_use]
    pub fn method(self, name: impl Into<String>, inputs: impl ScriptType) -> Self {
        self.sets(name.into(), sets_of(&inputs.to_value()))
    }

    pub(crate) fn sets(mut self, name: String, sets: Vec<Vec<Value>>) -> Self {
        match self.methods.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => known.extend(sets),
            None => self.methods.push((name, sets)),
        }
        self
    }

    /// The methods with their sets of arguments, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &[Vec<Value>])> {
        self.methods.iter().map(|(name, sets)| (&**name, &**sets))
    }
}

/// A tuple is one set of arguments, a list is several, anything else the one argument.
fn sets_of(inputs: &Value) -> Vec<Vec<Value>> {
    match inputs.kind() {
        Kind::None => vec![vec![]],
        Kind::Tuple => vec![inputs.elements()],
        Kind::List => inputs.elements().iter().flat_map(sets_of).collect(),
        _ => vec![vec![inputs.clone()]],
    }
}

/// The answer of modules whose blocks have no `#[tracing_inputs]` function; where there is one, a generated inherent
/// method wins over this trait's.
#[allow(non_snake_case)]
pub trait NoTracingInputs {
    /// No example inputs.
    fn __jit_inputs_FORWARD<A>(&self, _: usize) -> Option<Vec<A>> {
        None
    }
}

impl<T: ?Sized> NoTracingInputs for T {}

/// What a `#[tracing_inputs]` function may return, for a method that takes `Args`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the tracing inputs of a method that takes `{Args}`",
    label = "not a list of the method's arguments",
    note = "help: return a `Vec` of tuples, one element for each argument; where there is only one argument, no tuple is needed"
)]
pub trait TracingInputs<Args, Form> {
    /// The sets of arguments.
    fn into_sets(self) -> Vec<Args>;
}

#[diagnostic::do_not_recommend]
impl<X: IntoArgs<Args, Form>, Args, Form> TracingInputs<Args, Form> for Vec<X> {
    fn into_sets(self) -> Vec<Args> {
        self.into_iter().map(IntoArgs::into_args).collect()
    }
}
