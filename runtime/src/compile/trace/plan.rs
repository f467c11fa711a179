//! Which traces a method needs, and the TorchScript that chooses among them: one trace for training and one for
//! evaluation where the method has both modes, and one for each combination of options that are present and of truth
//! values. An option that all examples give is a plain value, and one that none gives is left out.

use std::rc::Rc;

use crate::artifact::{FixedOption, FixedOptions, FixedProperty};
use crate::compile::class::Class;
use crate::compile::signature::{Arguments, forward_by_training};
use crate::error::Result;
use crate::ffi::{Graph, Kind, Type, Value};
use crate::model::method::RustMethod;

/// The traces of a method.
pub struct Plan {
    /// The method's name.
    name: String,
    /// The class that the methods go into, which names them; none where only the cases are asked for.
    class: Option<Rc<Class>>,
    /// The values of `train` that are traced: both, where training and evaluation may differ.
    modes: &'static [bool],
    has_train: bool,
    /// The cases that are traced in each mode, told apart by their tests.
    cases: Vec<Case>,
    /// The TorchScript of a `forward` that calls `forward_t` with the module's own `training` flag.
    by_training: String,
    arguments: Arguments,
    /// The options that are plain values, or no arguments; none where all are arguments.
    pub options: Option<FixedOptions>,
}

/// What a call in training says.
const ONLY_EVALUATION: &str = "the module was compiled for evaluation only";

/// A combination of arguments that a trace cannot follow: which options are present, and which truth values hold.
struct Case {
    /// The end of the trace's name, such as `_with_mask`; empty where the method takes neither options nor truth
    /// values.
    suffix: String,
    /// The condition in TorchScript that holds in this case.
    test: String,
    /// The arguments of a call of the trace: those that are there.
    args: String,
    /// The indices of the examples of this case.
    examples: Vec<usize>,
}

/// One trace to record.
pub struct Step {
    /// The name of the method that the trace becomes.
    pub name: String,
    /// Whether the trace is that of the module in training: the argument `train` of the Rust code, if it takes that.
    pub train: bool,
    /// The indices of the examples to record.
    pub examples: Vec<usize>,
}

impl Plan {
    /// The plan for these examples. `is_fixed`: whether an option that all examples give is a plain value, and one that
    /// none gives no argument. Else callers pass them, and the method asserts what they are.
    pub fn new(method: &RustMethod<'_>, examples: &[Vec<Value>], is_fixed: bool) -> Plan {
        let options = if is_fixed { fixed_options(method, examples) } else { None };
        let mut cases: Vec<Case> = vec![];
        for (example, values) in examples.iter().enumerate() {
            let case = Case::new(method, options.as_ref(), values, example);
            match cases.iter_mut().find(|known| known.suffix == case.suffix) {
                Some(known) => known.examples.push(example),
                None => cases.push(case),
            }
        }
        let arguments = match &options {
            Some(options) => {
                let types = options.fit_types(&method.arg_types);
                Arguments::of(options.fit_names(method.arg_names).into_iter().zip(types).collect())
            }
            None => Arguments::new(method),
        };
        let by_training = forward_by_training(method, &arguments);
        let name = method.script_name.to_owned();
        let (modes, has_train) = (method.modes(), method.has_train);
        Plan { name, class: None, modes, has_train, cases, by_training, arguments, options }
    }

    /// The plan with names that are free in `class`.
    pub fn in_class(self, method: &RustMethod<'_>, class: &Rc<Class>) -> Result<Plan> {
        let name = class.name_of(method.script_name, method.name)?;
        Ok(Plan { name, class: Some(class.clone()), ..self })
    }

    /// The name of a method that is added for the one with the name `of`.
    fn added(&self, of: &str, suffix: &str) -> String {
        let wanted = format!("{of}{suffix}");
        match &self.class {
            Some(class) if !suffix.is_empty() => class.added_name(&wanted),
            _ => wanted,
        }
    }

    /// One method for each mode, each of which chooses among the cases, with `true` for training.
    fn choices(&self) -> Vec<(String, bool)> {
        let name = &self.name;
        match self.modes {
            [train] => vec![(name.clone(), *train)],
            _ => vec![(self.added(name, "_train"), true), (self.added(name, "_eval"), false)],
        }
    }

    /// For the report: the options that are no longer options.
    pub fn fixed(&self) -> impl Iterator<Item = FixedProperty> {
        let options = self.options.iter().flat_map(|it| &it.options);
        options.map(|it| FixedProperty {
            name: it.name.clone(),
            value: if it.is_given { "given" } else { "None" }.to_owned(),
            why: format!("{} example gives it", if it.is_given { "each" } else { "no" }),
        })
    }

    /// The traces to record.
    pub fn steps(&self) -> Vec<Step> {
        let mut steps = vec![];
        for (choice, train) in self.choices() {
            for case in &self.cases {
                let name = self.added(&choice, &case.suffix);
                steps.push(Step { name, train, examples: case.examples.clone() });
            }
        }
        steps
    }

    /// The example whose trace is the one for these arguments.
    pub fn example_for(&self, method: &RustMethod<'_>, values: &[Value]) -> Option<usize> {
        let suffix = Case::new(method, self.options.as_ref(), values, 0).suffix;
        self.cases.iter().find(|case| case.suffix == suffix).map(|case| case.examples[0])
    }

    /// The TorchScript of the methods that call the traced ones. Where the graphs of both modes are equal, one of them
    /// is kept.
    pub fn finish(&self, graphs: &mut Vec<(String, Graph)>) -> String {
        let Plan { name, arguments: Arguments { params, last_params, args }, .. } = self;
        if self.modes.len() == 1 {
            let mut source = self.choose(name);
            if self.has_train {
                source += &format!(
                    "def forward_t(self{params}, train: bool):\n    assert not train, \"{ONLY_EVALUATION}\"\n    \
                     return self.forward({args})\n"
                );
            }
            return source;
        }
        if is_same_in_both(graphs) {
            graphs.truncate(self.cases.len());
            for ((graph, _), case) in graphs.iter_mut().zip(&self.cases) {
                *graph = self.added(name, &case.suffix);
            }
            let mut source = self.choose(name);
            if self.has_train {
                source +=
                    &format!("def forward_t(self{params}, train: bool):\n    return self.forward({args})\n");
            }
            return source;
        }
        let choices: String = self.choices().iter().map(|(name, _)| self.choose(name)).collect();
        let (train, eval) = (self.added(name, "_train"), self.added(name, "_eval"));
        let by = |method: &str, params: &str, test: &str| {
            format!(
                "def {method}(self{params}):\n    if {test}:\n        return self.{train}({args})\n    \
                 else:\n        return self.{eval}({args})\n\n"
            )
        };
        if self.has_train {
            choices + &by("forward_t", &format!("{params}, train: bool"), "train") + &self.by_training
        } else {
            choices + &by(name, last_params, "self.training")
        }
    }

    /// The TorchScript of the method `name`, which finds the case by its test; empty where there is only one, without a
    /// test.
    fn choose(&self, name: &str) -> String {
        let Arguments { last_params, .. } = &self.arguments;
        let Some((last, others)) = self.cases.split_last().filter(|(last, _)| !last.test.is_empty()) else {
            return String::new();
        };
        let mut source = format!("def {name}(self{last_params}):\n");
        for case in others {
            let called = self.added(name, &case.suffix);
            source += &format!("    if {}:\n        return self.{called}({})\n", case.test, case.args);
        }
        let tests: Vec<_> = self.cases.iter().map(|case| format!("`{}`", case.test)).collect();
        let message =
            format!("the module was traced where {} only: add an example input", tests.join(" and where "));
        source
            + &format!(
                "    assert {}, \"{message}\"\n    return self.{}({})\n\n",
                last.test,
                self.added(name, &last.suffix),
                last.args
            )
    }
}

impl Case {
    fn new(
        method: &RustMethod<'_>,
        options: Option<&FixedOptions>,
        values: &[Value],
        example: usize,
    ) -> Case {
        let args = || method.arg_names.iter().zip(&method.arg_types).zip(values);
        let is_fixed = |name: &str| options.is_some_and(|it| it.options.iter().any(|it| it.name == name));
        // A trace can follow neither whether an option is present nor a truth value.
        let choices =
            args().filter(|((name, ty), _)| (ty.is_optional() && !is_fixed(name)) || ty.kind() == Kind::Bool);
        let is_present = |value: &Value| value.as_bool().unwrap_or(value.kind() != Kind::None);
        let (present, absent): (Vec<_>, Vec<_>) = choices.partition(|(_, value)| is_present(value));
        let test_of = |((name, ty), _): &((&&'static str, &Type), _), is: bool| match (!ty.is_optional(), is)
        {
            (true, true) => (*name).to_string(),
            (true, false) => format!("not {name}"),
            (false, true) => format!("{name} is not None"),
            (false, false) => format!("{name} is None"),
        };
        let tests =
            present.iter().map(|it| test_of(it, true)).chain(absent.iter().map(|it| test_of(it, false)));
        let test = tests.collect::<Vec<_>>().join(" and ");
        let names_of = |of: Vec<((&&'static str, _), _)>| of.iter().map(|((name, _), _)| **name).collect();
        let (present, absent): (Vec<&str>, Vec<&str>) = (names_of(present), names_of(absent));
        let suffix = match (&present[..], &absent[..]) {
            ([], []) => String::new(),
            ([], absent) => format!("_without_{}", absent.join("_")),
            (present, _) => format!("_with_{}", present.join("_")),
        };
        let is_passed = |((_, ty), value): &((&&str, &Type), &Value)| !ty.is_optional() || is_present(value);
        let passed: Vec<&str> = args().filter(is_passed).map(|((name, _), _)| *name).collect();
        Case { suffix, test, args: passed.join(", "), examples: vec![example] }
    }
}

/// The options among the arguments that all examples give, or none; `None` where there are none such.
fn fixed_options(method: &RustMethod<'_>, examples: &[Vec<Value>]) -> Option<FixedOptions> {
    let mut options = vec![];
    for (index, (name, ty)) in method.arg_names.iter().zip(&method.arg_types).enumerate() {
        let n_given = examples.iter().filter(|values| values[index].kind() != Kind::None).count();
        if ty.is_optional() && (n_given == 0 || n_given == examples.len()) {
            options.push(FixedOption { index, name: (*name).to_owned(), is_given: n_given > 0 });
        }
    }
    (!options.is_empty()).then_some(FixedOptions { n_args: method.arg_names.len(), options })
}

fn is_same_in_both(graphs: &[(String, Graph)]) -> bool {
    let (train, eval) = graphs.split_at(graphs.len() / 2);
    train.iter().zip(eval).all(|((_, a), (_, b))| a.identity() == b.identity())
}
