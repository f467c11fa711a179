//! Fields that are containers: lists, options, pointers and maps of members.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

use super::Member;
use crate::ffi::{Type, Value};
use crate::model::node::DynModule;
use crate::model::node::MemberValue;

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

            fn data_type() -> Option<Type> {
                T::data_type().map(|ty| ty.list())
            }

            fn data(&self) -> Value {
                let Some(ty) = T::data_type() else { return Value::none() };
                let elements: Vec<Value> = self.iter().map(T::data).collect();
                Value::list(&ty, &elements).expect("the elements are of the list's type")
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

    fn data_type() -> Option<Type> {
        T::data_type().map(|ty| ty.optional())
    }

    fn data(&self) -> Value {
        self.as_ref().map_or_else(Value::none, T::data)
    }
}

macro_rules! pointers {
    ($($pointer:ident)*) => {$(
        /// A pointer to a module, or to a `dyn Trait` where `Trait: DynModule`. A module that two pointers share stays
        /// one module.
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
        /// A map with text as keys: data is an attribute; modules become children, sorted by their names.
        #[diagnostic::do_not_recommend]
        impl<V: Member> Member for $map<String, V> {
            type Tree = V::Tree;

            fn member(&self) -> MemberValue<'_> {
                match Self::data_type() {
                    Some(ty) => MemberValue::Attribute { ty, value: self.data() },
                    None => V::map(self.iter().collect()),
                }
            }

            fn data_type() -> Option<Type> {
                Type::dict(&Type::string(), &V::data_type()?).ok()
            }

            fn data(&self) -> Value {
                let Some(ty) = V::data_type() else { return Value::none() };
                let sorted: BTreeMap<&String, &V> = self.iter().collect();
                let keys: Vec<Value> = sorted.keys().map(|key| Value::string(key)).collect();
                let values: Vec<Value> = sorted.values().map(|value| value.data()).collect();
                Value::dict(&Type::string(), &ty, &keys, &values).expect("the values are of the map's type")
            }
        }
    )*};
}

maps!(BTreeMap HashMap);
