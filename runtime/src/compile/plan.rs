//! Which traces a module needs, and the TorchScript that chooses among them: one for training and one
//! for evaluation where the entry takes `train`, and one for each set of options that are present.

use super::script::{forward_by_training, signature};
use crate::ffi::{Graph, Kind, Value};
use crate::module::Node;

/// The traces of a module's entry.
pub struct Plan {
    pub steps: Vec<Step>,
    /// By mode.
    choices: Vec<Choice>,
    has_train: bool,
    /// `forward` that passes the module's own flag on.
    by_training: String,
    params: String,
    args: String,
}

/// One trace.
pub struct Step {
    /// The method that it becomes.
    pub name: String,
    /// What the entry is given, if it takes it.
    pub train: bool,
    /// The example that is recorded.
    pub example: usize,
}

/// Methods of one name for different options.
struct Choice {
    name: String,
    /// The condition, and the method that is called then. None where nothing is chosen.
    cases: Vec<(String, String)>,
}

/// The values of `train` that the entry is traced with.
pub fn modes(node: &dyn Node) -> &'static [bool] {
    if node.has_train() { &[true, false] } else { &[true] }
}

impl Plan {
    pub fn new(node: &dyn Node, examples: &[Vec<Value>]) -> Plan {
        let (names, types) = node.args();
        let has_train = node.has_train();
        let options: Vec<usize> = (0..types.len()).filter(|&i| types[i].starts_with("Optional[")).collect();
        let mut steps = vec![];
        let mut choices = vec![];
        for &train in modes(node) {
            let name = match (has_train, train) {
                (false, _) => "forward",
                (true, true) => "forward_train",
                (true, false) => "forward_eval",
            };
            let mut choice = Choice { name: name.to_owned(), cases: vec![] };
            if options.is_empty() {
                steps.push(Step { name: name.to_owned(), train, example: 0 });
            }
            for (example, values) in examples.iter().enumerate().filter(|_| !options.is_empty()) {
                let is_present = |i: &&usize| values[**i].kind() != Kind::None;
                let (present, absent): (Vec<_>, Vec<_>) = options.iter().partition(is_present);
                let names = |of: &[&usize]| of.iter().map(|i| names[**i]).collect::<Vec<_>>();
                let (present, absent) = (names(&present), names(&absent));
                let variant = match &present[..] {
                    [] => format!("{name}_without_{}", absent.join("_")),
                    _ => format!("{name}_with_{}", present.join("_")),
                };
                if choice.cases.iter().any(|(_, known)| *known == variant) {
                    continue;
                }
                let tests = present.iter().map(|name| format!("{name} is not None"));
                let tests: Vec<_> =
                    tests.chain(absent.iter().map(|name| format!("{name} is None"))).collect();
                choice.cases.push((tests.join(" and "), variant.clone()));
                steps.push(Step { name: variant, train, example });
            }
            choices.push(choice);
        }
        let (params, args) = signature(node);
        let args = args.trim_end_matches(", ").to_owned();
        let by_training = if has_train { forward_by_training(node, "forward_t") } else { String::new() };
        Plan { steps, choices, has_train, by_training, params, args }
    }

    /// The methods that call the traced ones. Where training changes nothing, one graph is kept.
    pub fn finish(&self, graphs: &mut Vec<(String, Graph)>) -> String {
        let Plan { params, args, .. } = self;
        if self.has_train && is_same_in_both(graphs) {
            graphs.truncate(graphs.len() / 2);
            let mut source = String::new();
            for (name, _) in graphs.iter_mut() {
                *name = name.replacen("forward_train", "forward", 1);
            }
            let choice = &self.choices[0];
            source += &self.dispatch(&Choice {
                name: "forward".into(),
                cases: choice
                    .cases
                    .iter()
                    .map(|(test, name)| (test.clone(), name.replacen("forward_train", "forward", 1)))
                    .collect(),
            });
            return source
                + &format!("def forward_t(self{params}, train: bool):\n    return self.forward({args})\n\n");
        }
        let mut source: String = self.choices.iter().map(|choice| self.dispatch(choice)).collect();
        if self.has_train {
            source += &format!(
                "def forward_t(self{params}, train: bool):\n    if train:\n        \
                 return self.forward_train({args})\n    else:\n        return self.forward_eval({args})\n\n"
            );
            source += &self.by_training;
        }
        source
    }

    fn dispatch(&self, choice: &Choice) -> String {
        let (params, args) = (&self.params, &self.args);
        if choice.cases.is_empty() {
            return String::new();
        }
        let mut source = format!("def {}(self{params}):\n", choice.name);
        let (last, others) = choice.cases.split_last().expect("just checked");
        for (test, method) in others {
            source += &format!("    if {test}:\n        return self.{method}({args})\n");
        }
        let traced: Vec<_> = choice.cases.iter().map(|(test, _)| format!("`{test}`")).collect();
        let message =
            format!("the module was traced where {} only: add an example input", traced.join(" and where "));
        let (test, method) = last;
        source + &format!("    assert {test}, \"{message}\"\n    return self.{method}({args})\n\n")
    }
}

fn is_same_in_both(graphs: &[(String, Graph)]) -> bool {
    let (train, eval) = graphs.split_at(graphs.len() / 2);
    train.iter().zip(eval).all(|((_, a), (_, b))| a.identity() == b.identity())
}
