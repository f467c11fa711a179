//! A method as the tracer sees it.

use crate::error::Result;
use crate::examples::{Declared, Request};
use crate::ffi::Value;
use crate::module::Module;
use crate::place::Place;
use crate::training::Flags;
use crate::types::{ScriptArgs, ScriptType};

/// A method that can be traced: its signature, and the Rust code behind it.
pub struct Method<'m> {
    /// The Rust name of what is called: `forward` also of `forward_t`.
    pub name: &'static str,
    /// Its name in TorchScript.
    pub script_name: &'static str,
    /// Where it stands in the Rust source.
    pub place: Place,
    /// Its arguments' names, without `train`.
    pub arg_names: &'static [&'static str],
    /// Their types.
    pub arg_types: Vec<String>,
    /// The type of its result.
    pub output_type: String,
    /// Whether it takes `train` as its last argument.
    pub has_train: bool,
    /// The fields that say whether modules are in training, of the module and of all below it.
    pub flags: Flags<'m>,
    /// The example inputs that the struct declares.
    declared: Declaration<'m>,
    code: Box<dyn Code + 'm>,
}

/// Makes the example inputs that a struct declares.
type Declaration<'m> = Box<dyn Fn(&Request) -> Option<Declared> + 'm>;

/// What runs.
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

impl<'m> Method<'m> {
    /// A method that takes `Args` and perhaps `train`, with the function that gives its example inputs.
    pub fn new<Args: ScriptArgs + 'm, Output: ScriptType>(
        name: &'static str,
        script_name: &'static str,
        place: Place,
        arg_names: &'static [&'static str],
        run: impl Fn(&Args, bool) -> Output + 'm,
        inputs: impl Fn(usize) -> Option<Vec<Args>> + 'm,
    ) -> Self {
        Method {
            name,
            script_name,
            place,
            arg_names,
            arg_types: Args::type_names(),
            output_type: Output::type_name(),
            has_train: false,
            flags: Flags::default(),
            declared: Box::new(|_| None),
            code: Box::new(Functions { run, inputs, args: std::marker::PhantomData }),
        }
    }

    /// Whether it takes `train` as its last argument.
    pub fn with_train(self, has_train: bool) -> Self {
        Method { has_train, ..self }
    }

    /// The flags that are set while it runs.
    pub fn with_flags(self, flags: &Flags<'m>) -> Self {
        Method { flags: flags.clone(), ..self }
    }

    /// The struct that may declare its example inputs.
    pub fn with_declared<M: Module>(self, module: &'m M) -> Self {
        let (name, arg_names) = (self.name, self.arg_names);
        let declared = move |request: &Request| module.example_inputs(name, &request.of(arg_names));
        Method { declared: Box::new(declared), ..self }
    }

    /// Whether it may do something else in training than in evaluation.
    pub fn has_modes(&self) -> bool {
        self.has_train || !self.flags.is_empty()
    }

    /// The values of `train` that it is traced with.
    pub fn modes(&self) -> &'static [bool] {
        if self.has_modes() { &[true, false] } else { &[true] }
    }

    /// Whether these are its arguments.
    pub fn check(&self, args: &[Value]) -> Result<()> {
        self.code.check(args)
    }

    /// Runs the Rust code, in training or in evaluation.
    pub fn run(&self, args: &[Value], train: bool) -> Result<Value> {
        self.flags.with(train, || self.code.run(args, train))
    }

    /// Example inputs: those of a function, else those that the struct declares.
    pub fn tracing_inputs(&self, request: &Request) -> Option<Vec<Vec<Value>>> {
        self.code.inputs(request.n).or_else(|| {
            let declared = (self.declared)(request)?;
            let fits = || declared.sets.iter().all(|set| self.check(set).is_ok());
            (!declared.is_implied || fits()).then_some(declared.sets)
        })
    }

    /// Whether it is by the module's irreps that its example inputs are known.
    pub fn has_implied_inputs(&self) -> bool {
        self.code.inputs(1).is_none() && (self.declared)(&Request::fresh(1)).is_some_and(|it| it.is_implied)
    }

    /// What a user could write to declare example inputs.
    pub fn example_of_declaration(&self) -> Box<str> {
        let argument = |(name, ty): (&&str, &String)| match &**ty {
            "int" => format!("{name} = _{name}"),
            ty if ty.starts_with("List[") => format!("{name} = [[_, 3]]"),
            _ => format!("{name} = [_, 3]"),
        };
        let of_method = (self.name != "forward").then(|| self.name.to_owned());
        let args = self.arg_names.iter().zip(&self.arg_types).map(argument);
        let parts: Vec<String> = of_method.into_iter().chain(args).collect();
        format!("#[tracing_inputs({})]", parts.join(", ")).into()
    }
}
