//! Random programs over tensors: whatever trace of one is accepted agrees with the program on sizes that no
//! example had. What is refused is counted by reason.

use std::collections::BTreeMap;

use integration_tests::alone;
use integration_tests::tensor_program::Program;
use tch::{Device, IValue, Kind, Tensor};
use tch_jit::{Error, ScriptModule, trace_fn};

/// Batch and length of the examples, and those that are checked.
const EXAMPLES: [[i64; 2]; 5] = [[5, 7], [8, 12], [13, 6], [3, 10], [6, 4]];
const UNSEEN: [[i64; 2]; 5] = [[2, 3], [4, 4], [7, 11], [9, 5], [16, 2]];

fn input(size: [i64; 2]) -> Tensor {
    Tensor::randn([size[0], size[1], 4], (Kind::Float, Device::Cpu))
}

/// What became of the programs.
#[derive(Default)]
struct Outcome {
    accepted: usize,
    /// With constants that became formulas.
    lifted: usize,
    /// Sizes on which an accepted program was compared, and those that it refuses itself.
    compared: usize,
    impossible: usize,
    uncrossed: usize,
    refused: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Outcome {
    fn add(&mut self, seed: u64) {
        let program = Program::new(seed);
        let inputs = EXAMPLES.map(input);
        // A program that its own examples refuse says nothing.
        let runs = inputs.each_ref().map(|x| program.run_with_branches(x));
        if runs.iter().any(Option::is_none) {
            *self.refused.entry("no program: an operator refuses the examples".to_owned()).or_default() += 1;
            return;
        }
        let branches: Vec<_> = runs.into_iter().flatten().map(|(_, branches)| branches).collect();
        let examples: Vec<_> = inputs.into_iter().map(|x| (x,)).collect();
        let run = |x: &Tensor| program.run(x).expect("the examples run");
        match trace_fn(examples, run) {
            Ok(module) => self.compare(seed, &program, &module, &branches),
            Err(Error::NotGeneral { message, .. }) => {
                *self.refused.entry(reason(&message)).or_default() += 1;
            }
            Err(Error::TraceMismatch { message, .. }) => {
                let first = message.lines().next().unwrap_or_default();
                let kind = if first.contains("it fails") {
                    "fails on the last example"
                } else {
                    "differs on the last example"
                };
                *self.refused.entry(kind.to_owned()).or_default() += 1;
            }
            Err(error) => self.wrong.push(format!("seed {seed}: {error}\n{program:?}")),
        }
    }

    fn compare(&mut self, seed: u64, program: &Program, module: &ScriptModule, branches: &[Vec<bool>]) {
        self.accepted += 1;
        self.lifted += usize::from(!module.report().methods[0].lifted.is_empty());
        for size in UNSEEN {
            let x = input(size);
            let Some((expected, taken)) = program.run_with_branches(&x) else {
                self.impossible += 1;
                continue;
            };
            // What no example does, no trace can know.
            if !branches.contains(&taken) {
                self.uncrossed += 1;
                continue;
            }
            self.compared += 1;
            let found = module.forward(&[IValue::Tensor(x)]);
            let difference = match found {
                Ok(IValue::Tensor(found)) if found.size() != expected.size() => {
                    format!("{:?}, expected {:?}", found.size(), expected.size())
                }
                Ok(IValue::Tensor(found)) if !found.allclose(&expected, 1e-4, 1e-4, true) => {
                    "other values".to_owned()
                }
                Ok(IValue::Tensor(_)) => continue,
                Ok(other) => format!("{other:?}"),
                // What gives a list of tensors has as many as in the examples: that is refused when it runs.
                Err(error) if error.to_string().contains("to return at least") => {
                    *self
                        .refused
                        .entry("when it runs: `chunk` gives another number of tensors".to_owned())
                        .or_default() += 1;
                    break;
                }
                Err(error) => error.to_string(),
            };
            self.wrong
                .push(format!("seed {seed} at {size:?}: {difference}\n{program:?}\n{}", module.report()));
            break;
        }
    }
}

/// The message without what is particular to the program.
fn reason(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let mut words = vec![];
    for word in line.split(' ') {
        let is_number = word.trim_matches(|c: char| !c.is_ascii_digit()).parse::<f64>().is_ok();
        let word = if word.starts_with('`') {
            "`…`"
        } else if is_number {
            "…"
        } else {
            word
        };
        if words.last() != Some(&word) || word != "…" {
            words.push(word);
        }
    }
    words.join(" ")
}

fn run(seeds: std::ops::Range<u64>) {
    let _alone = alone();
    let n = seeds.end - seeds.start;
    let mut outcome = Outcome::default();
    seeds.for_each(|seed| outcome.add(seed));
    let Outcome { accepted, lifted, compared, impossible, uncrossed, refused, wrong } = outcome;
    println!(
        "{n} programs: {accepted} accepted, {lifted} of them with formulas; compared on {compared} unseen sizes"
    );
    println!(
        "{impossible} sizes that a program refuses itself, {uncrossed} with a branch that no example takes"
    );
    refused.iter().for_each(|(reason, n)| println!("{n:6} refused: {reason}"));
    assert!(accepted as u64 > n / 5, "too few programs say something");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n\n"));
}

#[test]
fn accepted_traces_agree_on_unseen_sizes() {
    run(0..400);
}

/// `cargo test --package integration-tests --test tensor_programs -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn ten_thousand_accepted_traces_agree_on_unseen_sizes() {
    run(1_000..11_000);
}
