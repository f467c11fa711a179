//! A method of a Rust module as the tracer sees it: a signature, example inputs, and code that runs.

use std::cell::Cell;
use std::rc::Rc;

use crate::error::Result;
use crate::ffi::{Kind, Type, Value};
use crate::model::examples::{Declared, Examples, Request};
use crate::place::Place;
use crate::types::{ScriptArgs, ScriptType};

/// A method that can be traced: its signature, and the Rust code behind it.
pub struct RustMethod<'m> {
    /// The Rust name that callers use: `forward` for `forward_t`, too.
    pub name: &'static str,
    /// Its name in TorchScript.
    pub script_name: &'static str,
    /// Where it stands in the Rust source.
    pub place: Place,
    /// Its arguments' names, without `train`.
    pub arg_names: &'static [&'static str],
    /// Their types.
    pub arg_types: Vec<Type>,
    /// The type of its result.
    pub output_type: Type,
    /// Whether it takes `train` as its last argument.
    pub has_train: bool,
    /// The fields that say whether modules are in training, of the module and of all below it.
    pub flags: Flags<'m>,
    /// Whether it is compiled for evaluation only.
    pub is_eval_only: bool,
    /// The example inputs that the struct declares.
    declared: Declaration<'m>,
    code: Box<dyn Code + 'm>,
}

/// Makes the example inputs that a struct declares.
type Declaration<'m> = Box<dyn Fn(&Request<'_>) -> Option<Declared> + 'm>;

/// The Rust code behind a method, without its types.
trait Code {
    fn check(&self, args: &[Value]) -> Result<()>;
    fn run(&self, args: &[Value], train: bool) -> Result<Value>;
    fn inputs(&self, n: usize) -> Option<Vec<Vec<Value>>>;
}

struct Functions<Args, Run, Inputs> {
    run: Run,
    inputs: Inputs,
    args: std::marker::PhantomData<fn() -> Args>,
}

impl<Args, Output, Run, Inputs> Code for Functions<Args, Run, Inputs>
where
    Args: ScriptArgs,
    Output: ScriptType,
    Run: Fn(&Args, bool) -> Output,
    Inputs: Fn(usize) -> Option<Vec<Args>>,
{
    fn check(&self, args: &[Value]) -> Result<()> {
        Args::from_values(args).map(drop)
    }

    fn run(&self, args: &[Value], train: bool) -> Result<Value> {
        Ok((self.run)(&Args::from_values(args)?, train).to_value())
    }

    fn inputs(&self, n: usize) -> Option<Vec<Vec<Value>>> {
        Some((self.inputs)(n)?.iter().map(ScriptArgs::to_values).collect())
    }
}

impl<'m> RustMethod<'m> {
    /// A method that takes `Args` and perhaps `train`; `inputs` gives its example inputs.
    pub fn new<Args: ScriptArgs + 'm, Output: ScriptType>(
        name: &'static str,
        script_name: &'static str,
        place: Place,
        arg_names: &'static [&'static str],
        run: impl Fn(&Args, bool) -> Output + 'm,
        inputs: impl Fn(usize) -> Option<Vec<Args>> + 'm,
    ) -> Self {
        RustMethod {
            name,
            script_name,
            place,
            arg_names,
            arg_types: Args::script_types(),
            output_type: Output::script_type(),
            has_train: false,
            flags: Flags::default(),
            is_eval_only: false,
            declared: Box::new(|_| None),
            code: Box::new(Functions { run, inputs, args: std::marker::PhantomData }),
        }
    }

    /// Sets whether the method takes `train` as its last argument.
    pub fn with_train(self, has_train: bool) -> Self {
        RustMethod { has_train, ..self }
    }

    /// Sets the training flags that are switched while the method runs.
    pub fn with_flags(self, flags: &Flags<'m>) -> Self {
        RustMethod { flags: flags.clone(), ..self }
    }

    /// Sets whether the method is compiled for evaluation only.
    pub fn for_evaluation(self, is_eval_only: bool) -> Self {
        RustMethod { is_eval_only, ..self }
    }

    /// Sets where declared example inputs come from: `declared` gives those of a method by its name, if the struct
    /// declares some.
    pub fn with_declared(self, declared: impl Fn(&str, &Request<'_>) -> Option<Declared> + 'm) -> Self {
        let (name, arg_names) = (self.name, self.arg_names);
        let declared = move |request: &Request<'_>| declared(name, &request.of(arg_names));
        RustMethod { declared: Box::new(declared), ..self }
    }

    /// Whether the method may do something else in training than in evaluation.
    pub fn has_modes(&self) -> bool {
        self.has_train || !self.flags.is_empty()
    }

    /// The values of `train` that the method is traced with.
    pub fn modes(&self) -> &'static [bool] {
        match (self.has_modes(), self.is_eval_only) {
            (_, true) => &[false],
            (true, false) => &[true, false],
            (false, false) => &[true],
        }
    }

    /// Checks that `args` have the types of the method's arguments.
    pub fn check(&self, args: &[Value]) -> Result<()> {
        self.code.check(args)
    }

    /// Runs the Rust code, in training or in evaluation.
    pub fn run(&self, args: &[Value], train: bool) -> Result<Value> {
        self.flags.with(train, || self.code.run(args, train))
    }

    /// Example inputs: those that a `#[tracing_inputs]` function gives, else those that the struct declares.
    pub fn tracing_inputs(&self, request: &Request<'_>) -> Option<Examples> {
        if let Some(sets) = self.code.inputs(request.n_sets()) {
            return Some(Examples { sets, are_declared: false });
        }
        let declared = (self.declared)(request)?;
        let fits = || declared.sets.iter().all(|set| self.check(set).is_ok());
        (!declared.is_implied || fits()).then_some(Examples { sets: declared.sets, are_declared: true })
    }

    /// Whether the example inputs are known by the module's irreps alone.
    pub fn has_implied_inputs(&self, request: &Request<'_>) -> bool {
        self.code.inputs(request.n).is_none() && (self.declared)(request).is_some_and(|it| it.is_implied)
    }

    /// An attribute that a user could write to declare example inputs, for messages.
    pub fn example_of_declaration(&self) -> Box<str> {
        let argument = |(name, ty): (&&str, &Type)| match ty.kind() {
            Kind::Int => format!("{name} = _{name}"),
            Kind::List => format!("{name} = [[_, 3]]"),
            _ => format!("{name} = [_, 3]"),
        };
        let of_method = (self.name != "forward").then(|| self.name.to_owned());
        let args = self.arg_names.iter().zip(&self.arg_types).map(argument);
        let parts: Vec<String> = of_method.into_iter().chain(args).collect();
        format!("#[tracing_inputs({})]", parts.join(", ")).into()
    }
}

/// The training flags of a tree of Rust modules: fields `training: Cell<bool>`.
#[derive(Clone, Default)]
pub struct Flags<'m>(Rc<[&'m Cell<bool>]>);

impl<'m> Flags<'m> {
    /// The flags `flags`.
    pub fn new(flags: Vec<&'m Cell<bool>>) -> Self {
        Flags(flags.into())
    }

    /// Whether no module of the tree has a flag.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs `f` with all flags set to `train`, and restores them.
    pub fn with<R>(&self, train: bool, f: impl FnOnce() -> R) -> R {
        struct Restore<'a>(Vec<(&'a Cell<bool>, bool)>);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                // In reverse, so that the flag of a module that is used twice gets the value that it had first.
                self.0.drain(..).rev().for_each(|(flag, before)| flag.set(before));
            }
        }
        let _restore = Restore(self.0.iter().map(|flag| (*flag, flag.replace(train))).collect());
        f()
    }
}
