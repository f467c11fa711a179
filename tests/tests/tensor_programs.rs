//! Random programs over tensors: whatever trace of one is accepted agrees with the program on sizes that no
//! example had, and on another kind. What is refused is counted by reason. A trace of one example may also warn.

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
    fn add(&mut self, seed: u64, program: &Program) {
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
            Ok(module) => self.compare(seed, program, &module, &branches),
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
                Err(error) if error.to_string().contains("elements in a list but found") => {
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

/// A size of the example, with those that the trace was made of where it is free.
fn sizes_of(module: &ScriptModule, dim: usize, size: i64) -> Vec<i64> {
    let free = &module.report().methods[0].free;
    let found = free.iter().find(|it| it.name == format!("x0.size({dim})"));
    found.map_or(vec![size], |it| it.seen.split(", ").map(|n| n.parse().expect("a size")).collect())
}

/// What became of programs that were traced on one example.
#[derive(Default)]
struct OfOne {
    /// Whose example the program refuses.
    impossible: usize,
    refused: BTreeMap<String, usize>,
    /// With a warning, by what it says.
    doubtful: BTreeMap<String, usize>,
    silent: usize,
    /// Sizes and kinds on which a program was compared whose trace has no warning, and those with a branch that no
    /// example takes.
    compared: usize,
    uncrossed: usize,
    /// Where the trace refuses what the program takes.
    fails: usize,
    wrong: Vec<String>,
}

impl OfOne {
    fn add(&mut self, seed: u64, program: &Program) {
        const SIZE: [i64; 3] = [5, 7, 4];
        let x = input([SIZE[0], SIZE[1]]);
        if program.run(&x).is_none() {
            self.impossible += 1;
            return;
        }
        let module = match trace_fn(&x, |x: &Tensor| program.run(x).expect("the program runs")) {
            Ok(module) => module,
            Err(error) => {
                *self.refused.entry(reason(&error.to_string())).or_default() += 1;
                return;
            }
        };
        if let Some(warning) = module.warnings().first() {
            let warning = warning.to_string();
            let kinds = ["holds only where", "holds only for inputs of the kind", "disagrees"];
            let what = kinds.iter().find(|it| warning.contains(**it)).expect("a warning of these");
            *self.doubtful.entry((*what).to_owned()).or_default() += 1;
            return;
        }
        self.silent += 1;
        let of_dim = [0, 1, 2].map(|dim| sizes_of(&module, dim, SIZE[dim]));
        let branches_of = |x: &Tensor| program.run_with_branches(x).map(|(_, branches)| branches);
        let float = (Kind::Float, Device::Cpu);
        let traced = |i: usize| of_dim.each_ref().map(|it| *it.get(i).unwrap_or(&it[0]));
        let branches: Vec<_> = (0..4).filter_map(|i| branches_of(&Tensor::randn(traced(i), float))).collect();
        let mut inputs = vec![x.to_kind(Kind::Double)];
        for [batch, len] in UNSEEN {
            let size = [(0, batch), (1, len), (2, 3)];
            let size = size.map(|(dim, n)| if of_dim[dim].len() > 1 { n } else { SIZE[dim] });
            inputs.push(Tensor::randn(size, float));
        }
        for x in inputs {
            let Some((expected, taken)) = program.run_with_branches(&x) else { continue };
            if !branches.contains(&taken) {
                self.uncrossed += 1;
                continue;
            }
            self.compared += 1;
            let of = format!("seed {seed} on {:?} {:?}", x.kind(), x.size());
            match module.forward(&[IValue::Tensor(x)]) {
                Ok(IValue::Tensor(found))
                    if found.size() == expected.size()
                        && found.kind() == expected.kind()
                        && found.allclose(&expected, 1e-4, 1e-4, true) => {}
                Ok(found) => {
                    let found = format!("{found:?}, expected {expected:?}");
                    self.wrong.push(format!("{of}: {found}\n{program:?}\n{}", module.report()));
                    break;
                }
                Err(_) => self.fails += 1,
            }
        }
    }
}

fn run_of_one(seeds: std::ops::Range<u64>, program: fn(u64) -> Program) {
    let _alone = alone();
    let n = seeds.end - seeds.start;
    let mut all = OfOne::default();
    seeds.for_each(|seed| all.add(seed, &program(seed)));
    let OfOne { impossible, refused, doubtful, silent, compared, uncrossed, fails, wrong } = all;
    println!("{n} programs of one example: {impossible} refuse it; {silent} traced without a warning");
    println!(
        "compared on {compared} sizes and kinds, {fails} of which fail, {uncrossed} with a branch not taken"
    );
    refused.iter().for_each(|(reason, n)| println!("{n:6} refused: {reason}"));
    doubtful.iter().for_each(|(reason, n)| println!("{n:6} with a warning: {reason}"));
    assert!(silent as u64 > n / 5, "too few programs say something");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong[..wrong.len().min(5)].join("\n\n"));
}

#[test]
fn traces_of_one_example_agree_on_unseen_sizes_or_warn() {
    run_of_one(20_000..20_200, Program::new);
}

/// `cargo test --package integration-tests --test tensor_programs -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn five_thousand_traces_of_one_example_agree_on_unseen_sizes_or_warn() {
    run_of_one(30_000..35_000, Program::new);
}

fn run(seeds: std::ops::Range<u64>, program: fn(u64) -> Program) {
    let _alone = alone();
    let n = seeds.end - seeds.start;
    let mut outcome = Outcome::default();
    seeds.for_each(|seed| outcome.add(seed, &program(seed)));
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
    run(0..400, Program::new);
}

/// `cargo test --package integration-tests --test tensor_programs -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn ten_thousand_accepted_traces_agree_on_unseen_sizes() {
    run(1_000..11_000, Program::new);
}

#[test]
fn traces_that_handle_failures_agree_on_unseen_sizes() {
    run(0..150, Program::with_failures);
    run_of_one(1_000..1_100, Program::with_failures);
}

/// `cargo test --package integration-tests --test tensor_programs -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn many_traces_that_handle_failures_agree_on_unseen_sizes() {
    run(2_000..5_000, Program::with_failures);
    run_of_one(6_000..8_000, Program::with_failures);
}

/// The gradient of a weighted sum of all elements of `f(x)`.
fn gradient(x: &Tensor, f: impl FnOnce(&Tensor) -> Tensor) -> Tensor {
    let x = x.copy().set_requires_grad(true);
    let y = f(&x);
    let weights = Tensor::linspace(1.0, 2.0, y.numel() as i64, (y.kind(), Device::Cpu));
    (y.flatten(0, -1) * weights).sum(Kind::Double).backward();
    x.grad()
}

/// On numbers that lie at 0, at halves and at whole numbers, where gradients are chosen.
fn compare_gradients(seeds: std::ops::Range<u64>) {
    let _alone = alone();
    let mut n_compared = 0;
    for seed in seeds.clone() {
        let program = Program::with_boundaries(seed);
        let x = (input([5, 7]) * 2.0).round() * 0.5;
        if program.run(&x).is_none_or(|y| !y.is_floating_point() || y.numel() == 0) {
            continue;
        }
        let Ok(module) = trace_fn(&x, |x: &Tensor| program.run(x).expect("the program runs")) else {
            continue;
        };
        let expected = gradient(&x, |x| program.run(x).expect("the program runs"));
        for call in 1..=3 {
            let found = gradient(&x, |x| {
                let output = module.forward(&[IValue::Tensor(x.shallow_clone())]).expect("the trace runs");
                Tensor::try_from(output).expect("a tensor")
            });
            let agrees = found.allclose(&expected, 1e-4, 1e-4, true);
            assert!(
                agrees,
                "seed {seed}, call {call}: {found}\nexpected {expected}\n{program:?}\n{}",
                module.code()
            );
        }
        n_compared += 1;
    }
    assert!(n_compared > (seeds.end - seeds.start) / 4, "too few programs say something: {n_compared}");
}

#[test]
fn gradients_of_traces_agree_at_each_call() {
    compare_gradients(0..150);
}

/// `cargo test --package integration-tests --test tensor_programs -- --ignored --nocapture`
#[test]
#[ignore = "takes minutes"]
fn gradients_of_many_traces_agree_at_each_call() {
    compare_gradients(1_000..4_000);
}
