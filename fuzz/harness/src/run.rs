//! Runs programs one after the other and reports each.

use std::any::Any;
use std::cell::RefCell;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;
use serde_json::json;
use tch::Tensor;
use tch_jit::ScriptModule;

use crate::subject::Subject;
use crate::value::Value;

thread_local! {
    static LAST_PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Makes one program.
pub type Case = fn() -> Box<dyn Subject>;

/// Runs those of `cases` that the process's arguments name: `seed`, number of inputs, then indices.
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
    let compiled = match subject.compile() {
        Ok(compiled) => compiled,
        Err(error) => return json!({ "rejected": error }),
    };
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let (mut n_equal, mut n_failed, mut n_skipped) = (0, 0, 0);
    for input in 0..n_inputs {
        let args = subject.random(&mut rng);
        let buffers = Buffers::of(&compiled);
        let expected = eager(subject, &*args, &buffers);
        if let Run::Failed(message) = &expected
            && message.contains("overflow")
        {
            n_skipped += 1;
            continue;
        }
        // By its third call libtorch's profiling executor, which runs the file in Python, has optimized the graph.
        let calls: &[bool] = if input == 0 { &[false, true, true, true] } else { &[false, true] };
        for (call, &optimized) in (1..).zip(calls) {
            compiled.set_optimized_execution(optimized);
            let found = scripted(subject, &*args, &buffers);
            if !expected.agrees(&found) {
                let args = subject.value(&*args).to_string();
                return json!({
                    "differs": { "input": args, "call": call, "rust": expected.text(), "script": found.text() }
                });
            }
        }
        match expected {
            Run::Failed(_) => n_failed += 1,
            Run::Gave(_) => n_equal += 1,
        }
    }
    json!({ "counts": [n_equal, n_failed, n_skipped] })
}

/// What one run did: its result, its arguments and the buffers afterwards; or why there is none.
enum Run {
    Gave(Value),
    Failed(String),
}

impl Run {
    fn agrees(&self, other: &Run) -> bool {
        match (self, other) {
            (Run::Gave(a), Run::Gave(b)) => a.agrees(b),
            (Run::Failed(_), Run::Failed(_)) => true,
            _ => false,
        }
    }

    fn text(&self) -> String {
        match self {
            Run::Gave(value) => value.to_string(),
            Run::Failed(message) => format!("failure: {message}"),
        }
    }
}

fn eager(subject: &dyn Subject, args: &dyn Any, buffers: &Buffers) -> Run {
    let args = subject.copy(args);
    let output = catch_unwind(AssertUnwindSafe(|| subject.eager(&*args)));
    let state = buffers.restore();
    match output {
        Ok(Some(output)) => Run::Gave(Value::Sequence(vec![output, subject.value(&*args), state])),
        Ok(None) => Run::Failed("an error".into()),
        Err(_) => Run::Failed(last_panic()),
    }
}

fn scripted(subject: &dyn Subject, args: &dyn Any, buffers: &Buffers) -> Run {
    // Scalars and lists are converted for the call; only tensors can come back changed.
    let args = subject.copy(args);
    let output = subject.scripted(&*args);
    let state = buffers.restore();
    match output {
        Ok(output) => Run::Gave(Value::Sequence(vec![output, subject.value(&*args), state])),
        Err(error) => Run::Failed(error),
    }
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

    /// Undoes what a run changed, and returns that.
    fn restore(&self) -> Value {
        let changed = self.0.iter().map(|(buffer, before)| {
            let after = Value::Tensor(buffer.copy());
            buffer.shallow_clone().copy_(before);
            after
        });
        Value::Sequence(changed.collect())
    }
}
