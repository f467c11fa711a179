//! Training flags of modules that have a field `training: Cell<bool>`. While such a tree is traced or compared, the
//! fields and the compiled modules' own flags are set to the mode in question; afterwards they are what they were.

use std::cell::Cell;

use crate::ffi::{self, Value};
use crate::model::method::Flags;
use crate::model::node::{MemberValue, Members, Node, NodeRef};

/// The flags of the module and of all below it.
pub fn flags<'m>(node: &'m dyn Node) -> Flags<'m> {
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
    Flags::new(flags)
}

/// Runs `f` with all modules of a compiled tree in training or in evaluation, and restores their flags.
pub fn with_compiled<R>(module: &ffi::JitModule, train: bool, f: impl FnOnce() -> R) -> R {
    fn collect(module: &ffi::JitModule, flags: &mut Vec<(ffi::JitModule, bool)>) {
        flags.push((module.clone(), module.is_training()));
        module.children().iter().for_each(|(_, child)| collect(child, flags));
    }
    struct Restore(Vec<(ffi::JitModule, bool)>);
    impl Drop for Restore {
        fn drop(&mut self) {
            for (module, before) in &self.0 {
                // This cannot fail: every module of libtorch has the attribute.
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
