//! Children that inherit `trace`: each entry is traced where the parent calls it, on what the parent
//! passes, and becomes a method of the child's own class. So the traced file keeps the hierarchy.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::compile::class::Class;
use crate::compile::values::{has_tensors, holds_options, lacks_values, untraceable};
use crate::error::{Error, Result};
use crate::ffi::{self, TraceFailure, TraceSignature, Type, Value};
use crate::place::Site;
use crate::record::{Abort, EntryCall, at_site, in_training};

/// A compiled child without methods, to which its traces are added.
#[derive(Debug)]
pub struct Inherited {
    site: Site,
    class: Rc<Class>,
    module: ffi::JitModule,
    modes: Modes,
    /// The methods so far: names, and identities of their graphs.
    methods: RefCell<Vec<(String, Vec<u8>)>>,
    /// The calls so far, while several traces of the parent are to become one.
    round: RefCell<Option<Round>>,
}

/// Whether training and evaluation of a child may differ.
#[derive(Clone, Copy, Debug)]
pub struct Modes {
    /// Whether the child, or a module below it, has a field `training`.
    pub has_flags: bool,
    /// Whether it is compiled for evaluation only.
    pub is_eval_only: bool,
}

/// Calls of the entry in several traces of the parent.
#[derive(Debug, Default)]
struct Round {
    calls: Vec<Call>,
    /// How many calls the current trace has made.
    n_made: usize,
}

/// One call of the entry, with its graph in each of the parent's traces.
#[derive(Debug)]
pub struct Call {
    /// Orders the calls: the smaller number was traced earlier.
    pub number: usize,
    /// The name under which the call is recorded for now.
    pub name: String,
    /// The name that the method is to get, without a number at its end.
    pub base: String,
    pub graphs: Vec<ffi::Graph>,
}

/// Why the entry did not become a method.
enum NoMethod {
    Failed(Error),
    /// The entry's result is not made of tensors only, or one is missing: the entry stays a part of the parent's own
    /// graph.
    Inline,
}

impl Inherited {
    pub fn new(site: Site, class: Rc<Class>, module: ffi::JitModule, modes: Modes) -> Inherited {
        Inherited { site, class, module, modes, methods: RefCell::default(), round: RefCell::default() }
    }

    /// Traces `body`, and records a call of the method that it became. `train` is the entry's argument of that name, if
    /// it has one. None where the entry has to be a part of the parent's graph; `body` has run then.
    pub fn record(
        &self,
        args: &[Value],
        call: &EntryCall,
        train: Option<bool>,
        body: &mut dyn FnMut(&[Value], bool) -> Result<Value>,
    ) -> Option<Result<Value>> {
        // An argument without tensors has no type here: it is a constant of this call.
        let types = (call.arg_types)().into_iter().zip(args).map(|(ty, arg)| has_tensors(arg).then_some(ty));
        let (types, output): (Vec<Option<Type>>, Type) = (types.collect(), (call.output_type)());
        // A trace cannot follow an option that a call returns. Where it is present, the method returns what is in it.
        let output = (!holds_options(&output)).then_some(&output);
        let signature = TraceSignature { names: call.arg_names, types: &types, output };
        let traced = ffi::trace(&self.module, args, &signature, None, |args| {
            let output = at_site(self.site.clone(), || body(&args, train.unwrap_or(true)))
                .map_err(NoMethod::Failed)?;
            let is_followed = untraceable(&output, false).is_none() && !lacks_values(&output);
            if is_followed { Ok(output) } else { Err(NoMethod::Inline) }
        });
        let (graph, run) = match traced {
            Ok(traced) => traced,
            Err(TraceFailure::Body(NoMethod::Inline)) => return None,
            Err(TraceFailure::Body(NoMethod::Failed(error))) => return Some(Err(error)),
            Err(TraceFailure::Torch(failure)) => return Some(Err(failure.into())),
            Err(TraceFailure::Panic(payload)) => match payload.downcast::<Abort>() {
                Ok(abort) => return Some(Err(abort.0)),
                Err(payload) => std::panic::resume_unwind(payload),
            },
        };
        let train = train.or_else(|| self.modes.has_flags.then(in_training));
        let train = train.filter(|train| *train || !self.modes.is_eval_only);
        let passed = args.iter().zip(&types).filter(|(_, ty)| ty.is_some()).map(|(arg, _)| arg.clone());
        let passed: Vec<Value> = passed.collect();
        Some(
            self.method(graph, train)
                .and_then(|method| Ok(ffi::record_call(&self.module, &method, &passed, Some(&run))?)),
        )
    }

    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Begins a round: from now on, each call's graphs are kept, one for each trace of the parent.
    pub fn begin(&self) {
        self.round.replace(Some(Round::default()));
    }

    /// Begins another trace of the parent, which makes the same calls as the one before.
    pub fn rewind(&self) {
        if let Some(round) = &mut *self.round.borrow_mut() {
            round.n_made = 0;
        }
    }

    /// Ends the round and returns its calls, which are recorded under provisional names.
    pub fn finish(&self) -> Vec<Call> {
        self.round.take().map_or_else(Vec::new, |round| round.calls)
    }

    /// Removes the provisional method of a call.
    pub fn forget(&self, call: &Call) {
        self.class.remove_traced(&call.name);
    }

    /// The name of the method that a call of the graph is recorded with.
    fn method(&self, graph: ffi::Graph, train: Option<bool>) -> Result<String> {
        let base = match train {
            None => "forward",
            Some(true) => "forward_train",
            Some(false) => "forward_eval",
        };
        let mut round = self.round.borrow_mut();
        let Some(Round { calls, n_made }) = &mut *round else { return self.add(&graph, base) };
        if *n_made == calls.len() {
            let number = next_number();
            let name = self.class.added_name(&format!("__call_{number}"));
            self.class.add_traced(&name, &graph)?;
            calls.push(Call { number, name, base: base.to_owned(), graphs: vec![] });
        }
        let call = &mut calls[*n_made];
        *n_made += 1;
        call.graphs.push(graph);
        Ok(call.name.clone())
    }

    /// The name of the method with this graph, which is added if it is new: `forward`, then `forward1` for a different
    /// graph.
    pub fn add(&self, graph: &ffi::Graph, base: &str) -> Result<String> {
        let identity = graph.identity();
        let mut methods = self.methods.borrow_mut();
        let mut n = 0;
        for (name, known) in methods.iter().filter(|(name, _)| name.starts_with(base)) {
            if *known == identity {
                return Ok(name.clone());
            }
            n += 1;
        }
        let wanted = if n == 0 { base.to_owned() } else { format!("{base}{n}") };
        let name = if wanted == "forward" { wanted } else { self.class.added_name(&wanted) };
        self.class.add_traced(&name, graph)?;
        methods.push((name.clone(), identity));
        Ok(name)
    }
}

fn next_number() -> usize {
    thread_local! {
        static NEXT: Cell<usize> = const { Cell::new(0) };
    }
    NEXT.replace(NEXT.get() + 1)
}
