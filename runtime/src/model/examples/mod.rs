//! Example inputs that a type declares, by `#[tracing_inputs(x = [_, 3])]` or by its irreps. A [`Request`] comes in,
//! which says how many sets are wanted and what for; sets of arguments go out, in the order of the method's signature.

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

/// Which example inputs of a method are wanted.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// How many sets of arguments to compare.
    pub n: usize,
    /// Whether sets to trace are wanted as well.
    to_trace: bool,
    /// The names of the method's arguments.
    arg_names: &'static [&'static str],
    /// Finds the kind and the device of the module's tensors, which the examples get.
    like: &'a dyn Fn() -> Like,
}

impl<'a> Request<'a> {
    /// Asks for `n` sets whose sizes are drawn.
    pub fn fresh(n: usize, like: &'a dyn Fn() -> Like) -> Self {
        Request { n, to_trace: false, arg_names: &[], like }
    }

    /// Asks for sets to record, whose sizes are chosen so that a number in the trace shows which size it follows from,
    /// and for `n` fresh sets to compare.
    pub fn to_trace(n: usize, like: &'a dyn Fn() -> Like) -> Self {
        Request { n, to_trace: true, arg_names: &[], like }
    }

    /// How many sets are wanted, if their sizes are free: those to trace, and those to compare.
    pub fn n_sets(&self) -> usize {
        if self.to_trace { N_CHOSEN + self.n } else { self.n }
    }

    /// The request for a method with these arguments.
    pub fn of(self, arg_names: &'static [&'static str]) -> Self {
        Request { arg_names, ..self }
    }
}

/// Example inputs of a method.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// The sets; each has one value for each argument.
    pub sets: Vec<Vec<Value>>,
    /// Whether a declaration says which sizes are free; the others are meant as they are.
    pub are_declared: bool,
}

/// The sets that a type declares.
pub struct Declared {
    /// The sets; each has one value for each argument.
    pub sets: Vec<Vec<Value>>,
    /// Whether the sets are implied by fields such as `irreps_in`: then they may turn out not to fit the method's
    /// arguments.
    pub is_implied: bool,
}

impl Declared {
    /// Sets from the examples that are declared by name; an argument without an example is `None`.
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

    /// Sets from the examples that fields imply, which are for the first arguments; the others are `None`.
    pub fn implied(
        request: &Request<'_>,
        examples: impl Fn(&Draw) -> Option<Vec<Value>>,
    ) -> Option<Declared> {
        let n_args = request.arg_names.len();
        // Fields that are no examples give an empty set, which does not fit.
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
