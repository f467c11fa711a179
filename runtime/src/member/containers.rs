//! Containers: what holds members.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::{Member, MemberValue};
use crate::ffi::Value;
use crate::module::DynModule;

macro_rules! lists {
    ($([$($generics:tt)*] $ty:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Member for $ty {
            type Tree = T::Tree;

            fn member(&self) -> MemberValue<'_> {
                match Self::data_type() {
                    Some(ty) => MemberValue::Attribute { ty, value: self.data() },
                    None => T::list(self),
                }
            }

            fn data_type() -> Option<String> {
                T::data_type().map(|ty| format!("List[{ty}]"))
            }

            fn data(&self) -> Value {
                let ty = T::data_type().unwrap_or_default();
                let elements: Vec<Value> = self.iter().map(T::data).collect();
                Value::list(&ty, &elements).expect("the name of a type of TorchScript parses")
            }
        }
    )*};
}

lists! {
    [T: Member] Vec<T>;
    [T: Member, const N: usize] [T; N];
}

#[diagnostic::do_not_recommend]
impl<T: Member> Member for Option<T> {
    type Tree = T::Tree;

    fn member(&self) -> MemberValue<'_> {
        match Self::data_type() {
            Some(ty) => MemberValue::Attribute { ty, value: self.data() },
            None => T::option(self),
        }
    }

    fn data_type() -> Option<String> {
        T::data_type().map(|ty| format!("Optional[{ty}]"))
    }

    fn data(&self) -> Value {
        self.as_ref().map_or_else(Value::none, T::data)
    }
}

macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        /// Also of `dyn Trait` where `Trait: DynModule`. A module behind two pointers stays one.
        #[diagnostic::do_not_recommend]
        impl<M: DynModule + ?Sized> Member for $pointer<M> {
            type Tree = M;

            fn member(&self) -> MemberValue<'_> {
                MemberValue::Module(M::node(self))
            }
        }
    )*};
}

pointers!(Box Rc Arc);

macro_rules! maps {
    ($($map:ident)*) => {$(
        /// Children are sorted by their names.
        #[diagnostic::do_not_recommend]
        impl<V: Member> Member for $map<String, V> {
            type Tree = V::Tree;

            fn member(&self) -> MemberValue<'_> {
                match Self::data_type() {
                    Some(ty) => MemberValue::Attribute { ty, value: self.data() },
                    None => V::map(self.iter().collect()),
                }
            }

            fn data_type() -> Option<String> {
                V::data_type().map(|ty| format!("Dict[str, {ty}]"))
            }

            fn data(&self) -> Value {
                let ty = V::data_type().unwrap_or_default();
                let sorted: BTreeMap<&String, &V> = self.iter().collect();
                let keys: Vec<Value> = sorted.keys().map(|key| Value::string(key)).collect();
                let values: Vec<Value> = sorted.values().map(|value| value.data()).collect();
                Value::dict("str", &ty, &keys, &values).expect("the name of a type of TorchScript parses")
            }
        }
    )*};
}

maps!(BTreeMap HashMap);
