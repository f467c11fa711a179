//! Plain data: attributes.

use std::collections::{BTreeMap, HashMap};

use tch::{Device, Kind};

use super::{Member, MemberValue};
use crate::ffi::Value;
use crate::types::ScriptType;

macro_rules! attributes {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Member for $ty {
            type Tree = ();

            fn member(&self) -> MemberValue<'_> {
                MemberValue::Attribute { ty: <$ty>::type_name(), value: self.to_value() }
            }

            fn data_type() -> Option<String> {
                Some(<$ty>::type_name())
            }

            fn data(&self) -> Value {
                self.to_value()
            }
        }
    )*};
}

attributes!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 bool String &str Device Kind);

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {$(
        /// Of data, an attribute. Of tensors, a list of parameters; of modules, a list of modules.
        #[diagnostic::do_not_recommend]
        impl<$($name: Member<Tree: Sized>),+> Member for ($($name,)+) {
            type Tree = ($($name::Tree,)+);

            fn member(&self) -> MemberValue<'_> {
                match Self::data_type() {
                    Some(ty) => MemberValue::Attribute { ty, value: self.data() },
                    None => MemberValue::tuple([$(self.$index.member()),+]),
                }
            }

            fn data_type() -> Option<String> {
                Some(format!("Tuple[{}]", [$($name::data_type()?),+].join(", ")))
            }

            fn data(&self) -> Value {
                Value::tuple(&[$(self.$index.data()),+])
            }
        }
    )*};
}

tuples! {
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6, H 7, I 8, J 9, K 10, L 11;
}

macro_rules! maps {
    ($($map:ident)*) => {$(
        /// Names of members are text, so this can hold nothing but data.
        #[diagnostic::do_not_recommend]
        impl<V: ScriptType + Member> Member for $map<i64, V> {
            type Tree = ();

            fn member(&self) -> MemberValue<'_> {
                MemberValue::Attribute { ty: Self::type_name(), value: self.to_value() }
            }

            fn data_type() -> Option<String> {
                Some(Self::type_name())
            }

            fn data(&self) -> Value {
                self.to_value()
            }
        }
    )*};
}

maps!(HashMap BTreeMap);
