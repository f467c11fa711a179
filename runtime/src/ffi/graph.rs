//! A recorded graph.

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
            // SAFETY: `ctx` is the vector, which nothing else uses during the call; the texts are valid now.
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

    /// Forgets the shapes of the recorded run, which are no part of what the graph computes.
    pub fn erase_shapes(&self) {
        // SAFETY: the graph is alive, and nothing else refers to it.
        unsafe { raw::tj_graph_erase_shapes(self.0.as_ptr()) }
    }
}

impl Drop for Graph {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_graph_free(self.0.as_ptr()) }
    }
}

/// One operator of a graph, or one call.
pub struct Operator {
    /// Its name and its constant arguments.
    pub text: String,
    /// Where it was called; empty where that is not known.
    pub place: String,
    /// Whether its result is random.
    pub is_random: bool,
}
