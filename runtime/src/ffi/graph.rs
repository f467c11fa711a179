//! A recorded graph, what can be asked of it, and how several become one.

use std::ffi::c_void;
use std::ptr::NonNull;

use super::{Failure, check, raw};

/// A recorded graph.
#[derive(Debug)]
pub struct Graph(pub(super) NonNull<raw::Graph>);

impl Graph {
    /// The graph's text and the data of its constants: equal for equal graphs of one class.
    pub fn identity(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        // SAFETY: the graph is alive, and the sink's vector outlives the call.
        unsafe { raw::tj_graph_text(self.0.as_ptr(), raw::Sink::new(&mut bytes)) };
        bytes
    }

    /// The operators and calls, in order.
    pub fn operators(&self) -> Result<Vec<Operator>, Failure> {
        unsafe extern "C" fn found(
            ctx: *mut c_void,
            text: raw::Str<'_>,
            place: raw::Str<'_>,
            is_random: bool,
        ) {
            // SAFETY: `ctx` points to the vector below, which nothing else uses during the call; the texts are valid
            // during the callback.
            let (operators, text, place) =
                unsafe { (&mut *ctx.cast::<Vec<Operator>>(), text.to_text(), place.to_text()) };
            operators.push(Operator { text, place, is_random });
        }
        let mut operators: Vec<Operator> = vec![];
        let ctx = std::ptr::from_mut(&mut operators).cast();
        // SAFETY: the graph is alive, and the vector outlives the call.
        check(|error| unsafe { raw::tj_graph_operators(self.0.as_ptr(), found, ctx, error) })?;
        Ok(operators)
    }

    /// Replaces calls of the method `from` by calls of `to`.
    pub fn rename_calls(&self, from: &str, to: &str) {
        // SAFETY: the graph is alive, and nothing else refers to it.
        unsafe { raw::tj_graph_rename_calls(self.0.as_ptr(), from.into(), to.into()) }
    }

    /// Forgets the shapes of the recorded run, which are no part of what the graph computes.
    pub fn erase_shapes(&self) {
        // SAFETY: the graph is alive, and nothing else refers to it.
        unsafe { raw::tj_graph_erase_shapes(self.0.as_ptr()) }
    }
}

/// The result of making several traces of one body one graph.
#[derive(Default)]
pub struct Generality {
    /// Sizes and numbers of the arguments that differ between the traces.
    pub free: Vec<Free>,
    /// Constants that became formulas of `free`.
    pub lifted: Vec<Lifted>,
    /// Why the traces do not become one.
    pub refused: Option<Divergence>,
}

/// A size, or a number, of the arguments that differs between examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Free {
    /// The size or number as people write it, such as `x.size(0)`.
    pub name: String,
    /// Its values in the examples.
    pub seen: String,
}

/// A constant of the recorded run that became a formula.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// The line of Rust that made the operator; empty where that is not known.
    pub place: String,
    /// The operator that takes the constant.
    pub operator: String,
    /// The constant's values in the examples.
    pub seen: String,
    /// The formula in the constant's place, such as `2 * x.size(0)`.
    pub formula: String,
}

/// A difference between the traces that follows from no size or number of the arguments.
pub struct Divergence {
    /// The line of Rust; empty where that is not known.
    pub place: String,
    /// What differs.
    pub why: String,
}

impl Graph {
    /// Makes the first of several traces the graph of all, unless the result has a `refused`.
    pub fn generalize(traces: &[Graph]) -> Result<Generality, Failure> {
        unsafe extern "C" fn free(ctx: *mut c_void, name: raw::Str<'_>, seen: raw::Str<'_>) {
            // SAFETY: `ctx` points to `found` below, which nothing else uses during the call; the texts are valid
            // during the callback.
            let found = unsafe { &mut *ctx.cast::<Generality>() };
            // SAFETY: as above.
            found.free.push(unsafe { Free { name: name.to_text(), seen: seen.to_text() } });
        }
        unsafe extern "C" fn lifted(
            ctx: *mut c_void,
            place: raw::Str<'_>,
            operator: raw::Str<'_>,
            seen: raw::Str<'_>,
            formula: raw::Str<'_>,
        ) {
            // SAFETY: as in `free`.
            let found = unsafe { &mut *ctx.cast::<Generality>() };
            // SAFETY: as above.
            let [place, operator, seen, formula] =
                unsafe { [place, operator, seen, formula].map(|text| text.to_text()) };
            found.lifted.push(Lifted { place, operator, seen, formula });
        }
        unsafe extern "C" fn refused(ctx: *mut c_void, place: raw::Str<'_>, why: raw::Str<'_>) {
            // SAFETY: as in `free`.
            let found = unsafe { &mut *ctx.cast::<Generality>() };
            // SAFETY: as above.
            found.refused = Some(unsafe { Divergence { place: place.to_text(), why: why.to_text() } });
        }
        let mut found = Generality::default();
        let pointers: Vec<*const raw::Graph> = traces.iter().map(|it| it.0.as_ptr().cast_const()).collect();
        let ctx = std::ptr::from_mut(&mut found).cast();
        let sinks = raw::Generality { ctx, free, lifted, refused };
        // SAFETY: the graphs are alive, and `found` outlives the call.
        check(|error| unsafe {
            raw::tj_graphs_generalize(pointers.as_ptr(), pointers.len(), &raw const sinks, error)
        })?;
        Ok(found)
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_graph_free(self.0.as_ptr()) }
    }
}

/// One operator of a graph, or one call of a method.
pub struct Operator {
    /// The operator's name and its constant arguments.
    pub text: String,
    /// The user's line that called it; empty where that is not known.
    pub place: String,
    /// Whether its result is random.
    pub is_random: bool,
}
