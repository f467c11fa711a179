//! Containers: what holds members.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::{ContainerClass, Member, MemberValue, Members};
use crate::module::DynModule;

impl<T: Member> Member for Vec<T> {
    type Tree = T::Tree;

    fn member(&self) -> MemberValue<'_> {
        T::list(self)
    }
}

impl<T: Member, const N: usize> Member for [T; N] {
    type Tree = T::Tree;

    fn member(&self) -> MemberValue<'_> {
        T::list(self)
    }
}

impl<T: Member> Member for Option<T> {
    type Tree = T::Tree;

    fn member(&self) -> MemberValue<'_> {
        T::option(self)
    }
}

macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        /// Also of `dyn Trait` where `Trait: DynModule`. A module behind two pointers stays one.
        impl<M: DynModule + ?Sized> Member for $pointer<M> {
            type Tree = M;

            fn member(&self) -> MemberValue<'_> {
                MemberValue::Module(M::node(self))
            }
        }
    )*};
}

pointers!(Box Rc Arc);

/// Keys name the children, so they are names of Python.
impl<V: Member> Member for BTreeMap<String, V> {
    type Tree = V::Tree;

    fn member(&self) -> MemberValue<'_> {
        let mut members = Members::default();
        for (key, value) in self {
            members.add(key, value.member());
        }
        MemberValue::Container { class: ContainerClass::ModuleDict, members }
    }
}
