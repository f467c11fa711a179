//! Runs programs one after the other and reports each.

use std::any::Any;
use std::cell::RefCell;
use std::fmt::{self, Display, Formatter};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use tch::{Kind, Tensor};
use tch_jit::ScriptModule;

use crate::subject::{Form, Forms, Subject};
use crate::value::Value;

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Makes one program.
pub type Case = fn() -> Box<dyn Subject>;

/// Where files are kept for Python: `SEED.pt`, and `SEED.json` with the arguments and results of Rust.
const KEEP: &str = "FUZZ_KEEP";

/// Runs those of `cases` that the process's arguments name: the number of inputs, then indices with seeds.
pub fn main(cases: &[Case]) {
    std::panic::set_hook(Box::new(|info| {
        let payload = info.payload();
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let message = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or("a panic".into());
        LAST_PANIC.with_borrow_mut(|last| *last = message);
    }));
    tch::set_num_threads(1);
    let mut args = std::env::args().skip(1);
    let n_inputs: usize = args.next().and_then(|it| it.parse().ok()).expect("a number of inputs");
    for word in args {
        let (index, seed) = word.split_once(':').expect("an index and a seed");
        let index: usize = index.parse().expect("an index");
        let seed = seed.parse().expect("a seed");
        say(&json!({ "start": index }));
        let outcome = catch_unwind(|| check(&mut *cases[index](), seed, n_inputs));
        let outcome = outcome.unwrap_or_else(|_| json!({ "problem": last_panic() }));
        say(&json!({ "end": index, "outcome": outcome }));
    }
}

fn say(line: &serde_json::Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}").and_then(|()| out.flush()).expect("the parent reads");
}

fn last_panic() -> String {
    LAST_PANIC.with_borrow(Clone::clone)
}

/// Compiles `subject` and compares on inputs from `seed`. The result counts the inputs, or is the
/// first disagreement.
fn check(subject: &mut dyn Subject, seed: u64, n_inputs: usize) -> serde_json::Value {
    // A process runs one program at a time.
    let file = std::env::current_exe().expect("the executable is known").with_extension("pt");
    let Forms { compiled, loaded } = match subject.compile(&file) {
        Ok(forms) => forms,
        Err(error) => return json!({ "rejected": error }),
    };
    let mut kept = vec![];
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut n_equal, mut n_failed, mut n_skipped) = (0, 0, 0);
    let [buffers, loaded_buffers] = [&compiled, &loaded].map(Buffers::of);
    for input in 0..n_inputs {
        let args = subject.random(&mut rng);
        // Half of the inputs have gradients.
        let with_gradients = input % 2 == 0;
        let expected = eager(subject, &*args, &buffers, with_gradients);
        if let Run::Failed(message) = &expected
            && message.contains("overflow")
        {
            n_skipped += 1;
            continue;
        }
        let mut has_no_number = false;
        for (number, call) in (1..).zip(calls(input)) {
            compiled.set_optimized_execution(call.optimized);
            let buffers = if call.form == Form::Compiled { &buffers } else { &loaded_buffers };
            let found = scripted(subject, call.form, &*args, buffers, with_gradients);
            // What `usize` holds and TorchScript does not is an error.
            if let Run::Failed(message) = &found
                && message.contains("no integers above 2^63 - 1")
            {
                has_no_number = true;
                break;
            }
            let difference = match (&expected, &found) {
                (Run::Gave(a, _), Run::Gave(b, _)) if !a.agrees(b) => true,
                (Run::Gave(_, a), Run::Gave(_, b)) => !call.optimized && !a.agrees(b),
                (Run::Failed(_), Run::Failed(_)) => false,
                _ => true,
            };
            if difference {
                let args = subject.value(&*args).to_string();
                let of = format!("call {number} of the {call}");
                return json!({
                    "differs": { "input": args, "call": of, "rust": expected.text(), "script": found.text() }
                });
            }
        }
        match expected {
            _ if has_no_number => n_skipped += 1,
            Run::Failed(_) => n_failed += 1,
            Run::Gave(Value::Sequence(parts), _) => {
                n_equal += 1;
                kept.push(json!({ "args": subject.value(&*args).json(), "output": parts[0].json() }));
            }
            Run::Gave(..) => unreachable!("a run gives its output, its arguments and buffers"),
        }
    }
    if let Some(dir) = std::env::var_os(KEEP).map(PathBuf::from) {
        std::fs::copy(&file, dir.join(format!("{seed}.pt"))).expect("the file is there");
        let kept = serde_json::Value::from(kept).to_string();
        std::fs::write(dir.join(format!("{seed}.json")), kept).expect("the directory is there");
    }
    json!({ "counts": [n_equal, n_failed, n_skipped] })
}

/// A call that has to give what Rust gives.
#[derive(Clone, Copy)]
struct Call {
    form: Form,
    /// Whether libtorch's profiling executor runs it, which runs the file in Python. It has formulas of its own for
    /// gradients, which are wrong in places, so only its results are compared.
    optimized: bool,
}

/// The calls on one input. The first two, one of which has gradients, are called more often: by its third call the
/// profiling executor has optimized the graph.
fn calls(input: usize) -> Vec<Call> {
    let compiled = Call { form: Form::Compiled, optimized: false };
    let optimized = Call { optimized: true, ..compiled };
    let loaded = Call { form: Form::Loaded, ..compiled };
    match input {
        0 | 1 => vec![compiled, compiled, compiled, optimized, optimized, optimized, loaded, loaded],
        _ => vec![compiled, optimized, loaded],
    }
}

impl Display for Call {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let form = if self.form == Form::Compiled { "compiled" } else { "loaded" };
        write!(f, "{form} module{}", if self.optimized { ", by libtorch's executor" } else { "" })
    }
}

/// What one run did: its result, its arguments and the buffers afterwards, then gradients; or why there is none.
enum Run {
    Gave(Value, Value),
    Failed(String),
}

impl Run {
    fn text(&self) -> String {
        match self {
            Run::Gave(value, Value::None) => value.to_string(),
            Run::Gave(value, gradients) => format!("{value}, gradients {gradients}"),
            Run::Failed(message) => format!("failure: {message}"),
        }
    }
}

fn eager(subject: &dyn Subject, args: &dyn Any, buffers: &Buffers, with_gradients: bool) -> Run {
    run(subject, args, buffers, with_gradients, |args| {
        match catch_unwind(AssertUnwindSafe(|| subject.eager(args))) {
            Ok(Some(output)) => Ok(output),
            Ok(None) => Err("an error".into()),
            Err(_) => Err(last_panic()),
        }
    })
}

fn scripted(
    subject: &dyn Subject,
    form: Form,
    args: &dyn Any,
    buffers: &Buffers,
    with_gradients: bool,
) -> Run {
    run(subject, args, buffers, with_gradients, |args| subject.scripted(form, args))
}

/// Runs `f` on a copy of `args`. Scalars and lists are converted for a call, so only tensors can come back changed.
fn run(
    subject: &dyn Subject,
    args: &dyn Any,
    buffers: &Buffers,
    with_gradients: bool,
    f: impl FnOnce(&dyn Any) -> Result<Value, String>,
) -> Run {
    let mut leaves = vec![];
    let args = subject.map(args, &mut |it| {
        if !with_gradients {
            return it.copy();
        }
        let leaf = it.copy().set_requires_grad(true);
        // What requires gradients itself must not be changed in place.
        let copy = &leaf * 1.0;
        leaves.push(leaf);
        copy
    });
    let output = f(&*args);
    let after = buffers.values();
    let run = match output {
        Ok(output) => {
            let value = Value::Sequence(vec![output, subject.value(&*args), after]);
            let gradients = gradients(&value, &leaves);
            Run::Gave(value, gradients)
        }
        Err(error) => Run::Failed(error),
    };
    buffers.restore();
    run
}

/// The gradients of a weighted sum of all tensors in `value`.
fn gradients(value: &Value, leaves: &[Tensor]) -> Value {
    let mut tensors = vec![];
    value.tensors(&mut tensors);
    let mut loss = Tensor::from(0f64);
    for (i, tensor) in (1..).zip(tensors).filter(|(_, it)| it.requires_grad()) {
        let n = i64::try_from(tensor.numel()).expect("tensors are small");
        let weights = Tensor::linspace(f64::from(i), f64::from(i) + 1.0, n, (Kind::Double, tensor.device()));
        loss += (tensor.to_kind(Kind::Double).flatten(0, -1) * weights).sum(Kind::Double);
    }
    if !loss.requires_grad() {
        return Value::None;
    }
    if let Err(error) = loss.f_backward() {
        // How often a tensor was changed before is no one's business.
        let message = error.to_string();
        let what = message.lines().next().unwrap_or_default().split(", is at version").next();
        return Value::Text(what.unwrap_or_default().to_owned());
    }
    let gradients = leaves.iter().map(|leaf| {
        let gradient = leaf.grad();
        if gradient.defined() { Value::Tensor(gradient) } else { Value::None }
    });
    Value::Sequence(gradients.collect())
}

/// The buffers of a module, which both sides share, as they were.
struct Buffers(Vec<(Tensor, Tensor)>);

impl Buffers {
    fn of(compiled: &ScriptModule) -> Self {
        let pairs = compiled.named_buffers().into_iter().map(|(_, it)| {
            let copy = it.copy();
            (it, copy)
        });
        Buffers(pairs.collect())
    }

    /// What they hold now.
    fn values(&self) -> Value {
        Value::Sequence(self.0.iter().map(|(buffer, _)| Value::Tensor(buffer.copy())).collect())
    }

    /// Undoes what a run changed.
    fn restore(&self) {
        for (buffer, before) in &self.0 {
            let mut buffer = buffer.shallow_clone();
            let _ = buffer.detach_();
            tch::no_grad(|| buffer.copy_(before));
        }
    }
}
