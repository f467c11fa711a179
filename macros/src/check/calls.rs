//! Calls between the methods of a block: finds where each callee is defined, and rejects recursion.

use std::collections::{BTreeMap, BTreeSet};

use syn::{Ident, ImplItemFn};

use super::Method;
use crate::errors::Error;
use crate::lower::{ChildCall, Lowered, SlotFunction};

/// A method of the same type that a body calls.
pub struct Callee {
    pub ident: Ident,
    pub target: Target,
}

/// Where a callee is defined, as far as the block tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// In this block.
    Block,
    /// The entry, in whichever block it is: `Forward` holds its definition.
    Entry,
    /// In another block, or nowhere.
    Unknown,
}

/// Calls by their callers.
pub type Calls = BTreeMap<Ident, BTreeSet<Ident>>;

/// What each method of the block calls.
pub fn calls(methods: &[Method]) -> Calls {
    methods.iter().map(|it| (it.ident().clone(), it.lowered.made.calls.clone())).collect()
}

/// Finds the callees of each method.
pub fn resolve(methods: &mut [Method], entry: Option<usize>) {
    let known: Vec<(Ident, bool)> =
        methods.iter().enumerate().map(|(i, it)| (it.ident().clone(), Some(i) == entry)).collect();
    for method in methods {
        let target = |callee: &Ident| {
            let found = known.iter().filter(|(ident, _)| ident == callee);
            let is_forward = callee == "forward" || callee == "forward_t";
            match (is_forward, found.clone().next().is_some()) {
                (true, _) if !found.clone().any(|(_, is_entry)| !is_entry) => Target::Entry,
                (_, true) => Target::Block,
                (_, false) => Target::Unknown,
            }
        };
        let callees = method.lowered.made.calls.iter();
        method.callees =
            callees.map(|ident| Callee { ident: ident.clone(), target: target(ident) }).collect();
    }
}

/// Adds what methods of the block call of modules that are passed to them: only the callers know which these are.
pub fn pass_modules(methods: &mut [Method]) {
    let calls: BTreeMap<Ident, Vec<(usize, Ident)>> = methods
        .iter()
        .map(|it| (it.ident().clone(), it.lowered.made.parameter_calls.clone()))
        .filter(|(_, calls)| !calls.is_empty())
        .collect();
    for method in methods {
        let added: Vec<ChildCall> = method
            .lowered
            .made
            .passed
            .iter()
            .flat_map(|(callee, modules)| {
                let of_callee = calls.get(callee).into_iter().flatten();
                of_callee.filter_map(|(parameter, name)| {
                    let origin = modules.get(*parameter)?.clone()?;
                    Some(ChildCall { origin, method: name.clone(), function: None })
                })
            })
            .collect();
        method.lowered.made.child_calls.extend(added);
    }
}

/// TorchScript has no recursion: a call that closes a circle within the block is a mistake.
pub fn reject_recursion(methods: &mut [Method]) {
    let calls = calls(methods);
    let reaches = |from: &Ident, to: &Ident| {
        let mut queue = vec![from];
        let mut seen = BTreeSet::new();
        while let Some(name) = queue.pop() {
            if name == to {
                return true;
            }
            if seen.insert(name) {
                queue.extend(calls.get(name).into_iter().flatten());
            }
        }
        false
    };
    for method in methods {
        let name = method.ident();
        if let Some(callee) = method.lowered.made.calls.iter().find(|callee| reaches(callee, name)) {
            let error = recursion(name, callee);
            method.errors.push(error);
        }
    }
}

/// The error for a free function that calls itself, that is, by a path that is its own name.
pub fn recursion_of_function(func: &ImplItemFn, lowered: &Lowered) -> Option<Error> {
    lowered.made.functions.iter().find_map(|it| match it {
        SlotFunction::Path(path) if path.is_ident(&func.sig.ident) => Some(recursion(&func.sig.ident, path)),
        _ => None,
    })
}

fn recursion(name: &Ident, call: impl quote::ToTokens) -> Error {
    Error::new(call, format!("`{name}` calls itself here, and TorchScript has no recursion"), "write a loop")
}
