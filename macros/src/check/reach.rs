//! Finds the methods of a block that are compiled: the entry, exported methods, and the methods that these call.

use std::collections::BTreeSet;

use syn::Ident;

use super::Method;
use super::calls::calls;
use crate::errors::Error;

/// Marks the entry, the exported methods, and all methods of the block that these reach by calls.
pub fn mark_reached(methods: &mut [Method]) {
    let calls = calls(methods);
    let is_root = |it: &&Method| it.entry.is_some() || it.is_exported();
    let mut queue: Vec<Ident> = methods.iter().filter(is_root).map(|it| it.ident().clone()).collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = queue.pop() {
        if reached.insert(name.clone()) {
            queue.extend(calls.get(&name).into_iter().flatten().cloned());
        }
    }
    for method in methods {
        method.reached = reached.contains(method.ident());
    }
}

/// What keeps the entry from being scripted, with the method's name.
pub fn untranslatable(methods: &[Method]) -> Vec<(Ident, Error)> {
    let reached = methods.iter().filter(|it| it.reached && !it.is_exported());
    let of = |method: &Method| {
        let name = method.ident().clone();
        method.errors.iter().map(move |error| (name.clone(), error.clone())).collect::<Vec<_>>()
    };
    reached.flat_map(of).collect()
}
