//! Modules that know by a field, `training: Cell<bool>`, whether they are in training. While such a tree is
//! traced or compared, the fields and the compiled modules' own flags are set to the mode at work; afterwards
//! they are what they were.

use std::cell::Cell;
use std::rc::Rc;

use crate::ffi::{self, Value};
use crate::member::{MemberValue, Members};
use crate::module::{Node, NodeRef};

/// The training flags of a tree of Rust modules.
#[derive(Clone, Default)]
pub struct Flags<'m>(Rc<[&'m Cell<bool>]>);

impl<'m> Flags<'m> {
    /// Of the module and of all below it.
    pub fn of(node: &'m dyn Node) -> Flags<'m> {
        fn collect<'m>(members: Members<'m>, flags: &mut Vec<&'m Cell<bool>>) {
            flags.extend(members.training);
            for (_, member) in members.list {
                match member {
                    MemberValue::Module(NodeRef::Module(child)) => collect(child.members(), flags),
                    MemberValue::Container { members, .. } => collect(members, flags),
                    _ => {}
                }
            }
        }
        let mut flags = vec![];
        collect(node.members(), &mut flags);
        Flags(flags.into())
    }

    /// Whether no module of the tree has one.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Runs `f` with all of them set.
    pub fn with<R>(&self, train: bool, f: impl FnOnce() -> R) -> R {
        struct Restore<'a>(Vec<(&'a Cell<bool>, bool)>);
        impl Drop for Restore<'_> {
            fn drop(&mut self) {
                // A module that is used twice is restored to the first value, the one it had.
                self.0.drain(..).rev().for_each(|(flag, before)| flag.set(before));
            }
        }
        let _restore = Restore(self.0.iter().map(|flag| (*flag, flag.replace(train))).collect());
        f()
    }
}

/// Runs `f` with a compiled tree in a mode.
pub fn with_compiled<R>(module: &ffi::Module, train: bool, f: impl FnOnce() -> R) -> R {
    fn collect(module: &ffi::Module, flags: &mut Vec<(ffi::Module, bool)>) {
        flags.push((module.clone(), module.is_training()));
        module.children().iter().for_each(|(_, child)| collect(child, flags));
    }
    struct Restore(Vec<(ffi::Module, bool)>);
    impl Drop for Restore {
        fn drop(&mut self) {
            for (module, before) in &self.0 {
                // Every module of libtorch has that attribute.
                let _ = module.set("training", &Value::bool(*before));
            }
        }
    }
    let mut flags = vec![];
    collect(module, &mut flags);
    let _restore = Restore(flags);
    module.train(train);
    f()
}
