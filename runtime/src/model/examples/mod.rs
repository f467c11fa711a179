//! Example inputs that a type declares, by `#[tracing_inputs(x = [_, 3])]` or by its irreps: how many are asked
//! for and what for comes in, sets of arguments go out, in the order of the method's signature.

mod draw;
mod input;
mod like;
mod signature;

pub use draw::Draw;
pub use input::{Dimension, ExampleInput};
pub use signature::{ExampleOf, NotGiven, Nth, Signature, fits};

use crate::ffi::Value;
use draw::Sizes;
pub use like::Like;

/// What is asked of a method's example inputs.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// How many sets.
    pub n: usize,
    /// Whether they are to be traced, and not only compared.
    to_trace: bool,
    /// The names of the method's arguments.
    arg_names: &'static [&'static str],
    /// Looks at the module's tensors, which the examples are like.
    like: &'a dyn Fn() -> Like,
}

impl<'a> Request<'a> {
    /// Sets whose sizes are drawn.
    pub fn fresh(n: usize, like: &'a dyn Fn() -> Like) -> Self {
        Request { n, to_trace: false, arg_names: &[], like }
    }

    /// Sets to record, whose sizes tell what follows from which, and `n` fresh ones to compare.
    pub fn to_trace(n: usize, like: &'a dyn Fn() -> Like) -> Self {
        Request { n, to_trace: true, arg_names: &[], like }
    }

    /// Of a method with these arguments.
    pub fn of(self, arg_names: &'static [&'static str]) -> Self {
        Request { arg_names, ..self }
    }
}

/// The sets that a type declares.
pub struct Declared {
    /// One value for each argument.
    pub sets: Vec<Vec<Value>>,
    /// Whether it was the names of fields that declared them: then they may not be the method's arguments.
    pub is_implied: bool,
}

impl Declared {
    /// The examples by name; an argument that is left out is none.
    ///
    /// # Panics
    ///
    /// Where the method has no such argument.
    pub fn new(
        request: &Request<'_>,
        examples: impl Fn(&Draw) -> Vec<(&'static str, Value)>,
    ) -> Option<Declared> {
        let names = request.arg_names;
        let set = |draw: &Draw| {
            let mut set: Vec<Value> = names.iter().map(|_| Value::none()).collect();
            for (name, value) in examples(draw) {
                let position = names.iter().position(|it| *it == name);
                set[position.unwrap_or_else(|| panic!("`{name}` is no argument; there are {names:?}"))] =
                    value;
            }
            set
        };
        Some(Declared { sets: sets(request, set), is_implied: false })
    }

    /// The examples of the first arguments; the others are none.
    pub fn implied(
        request: &Request<'_>,
        examples: impl Fn(&Draw) -> Option<Vec<Value>>,
    ) -> Option<Declared> {
        let n_args = request.arg_names.len();
        // Of fields that are no examples, nothing is drawn.
        let set = |draw: &Draw| examples(draw).unwrap_or_default();
        let mut sets = sets(request, set);
        let fits = |set: &Vec<Value>| !set.is_empty() && set.len() <= n_args;
        sets.iter().all(fits).then(|| {
            sets.iter_mut().for_each(|set| set.resize_with(n_args, Value::none));
            Declared { sets, is_implied: true }
        })
    }
}

/// How many sets with chosen sizes the tracer is given: as many as it records.
const N_CHOSEN: usize = 4;

fn sets(request: &Request<'_>, set: impl Fn(&Draw) -> Vec<Value>) -> Vec<Vec<Value>> {
    let like = (request.like)();
    let draw = |sizes| {
        let draw = Draw::new(&like, sizes);
        let set = set(&draw);
        (set, draw.has_free_dimensions())
    };
    let mut sets = vec![];
    if request.to_trace {
        let (first, is_general) = draw(Sizes::Chosen(0));
        if !is_general {
            return std::iter::once(first).chain((1..request.n).map(|_| draw(Sizes::Drawn).0)).collect();
        }
        sets.push(first);
        sets.extend((1..N_CHOSEN).map(|i| draw(Sizes::Chosen(i)).0));
    }
    sets.extend((0..request.n).map(|_| draw(Sizes::Drawn).0));
    sets
}
