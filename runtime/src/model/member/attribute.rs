//! Fields of plain data, which become attributes.

use std::collections::{BTreeMap, HashMap};

use super::Member;
use crate::ffi::{Type, Value};
use crate::model::node::MemberValue;
use crate::types::ScriptType;

macro_rules! attributes {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Member for $ty {
            type Tree = ();

            fn member(&self) -> MemberValue<'_> {
                MemberValue::Attribute { ty: <$ty>::script_type(), value: self.to_value() }
            }

            fn data_type() -> Option<Type> {
                Some(<$ty>::script_type())
            }

            fn data(&self) -> Value {
                self.to_value()
            }
        }
    )*};
}

for_each_primitive! { attributes }
attributes! { &str std::borrow::Cow<'static, str> }

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        /// A tuple of data is an attribute, one of tensors a list of parameters, one of modules a list of modules.
        #[diagnostic::do_not_recommend]
        impl<$($name: Member<Tree: Sized>),+> Member for ($($name,)+) {
            type Tree = ($($name::Tree,)+);

            fn member(&self) -> MemberValue<'_> {
                match Self::data_type() {
                    Some(ty) => MemberValue::Attribute { ty, value: self.data() },
                    None => MemberValue::tuple([$(self.$index.member()),+]),
                }
            }

            fn data_type() -> Option<Type> {
                Some(Type::tuple(&[$($name::data_type()?),+]))
            }

            fn data(&self) -> Value {
                Value::tuple(&[$(self.$index.data()),+])
            }
        }
    };
}

for_each_tuple! { tuple }

macro_rules! maps {
    ($($map:ident)*) => {$(
        /// A map with numbers as keys is always an attribute: members have names, which are text.
        #[diagnostic::do_not_recommend]
        impl<V: ScriptType + Member> Member for $map<i64, V> {
            type Tree = ();

            fn member(&self) -> MemberValue<'_> {
                MemberValue::Attribute { ty: Self::script_type(), value: self.to_value() }
            }

            fn data_type() -> Option<Type> {
                Some(Self::script_type())
            }

            fn data(&self) -> Value {
                self.to_value()
            }
        }
    )*};
}

maps!(HashMap BTreeMap);
