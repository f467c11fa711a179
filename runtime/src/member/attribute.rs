//! Plain data: attributes.

use tch::{Device, Kind};

use super::{Member, MemberValue};
use crate::types::ScriptType;

fn attribute<'m, T: ScriptType>(value: &T) -> MemberValue<'m> {
    MemberValue::Attribute { ty: T::type_name(), value: value.to_value() }
}

macro_rules! attributes {
    ($($ty:ty)*) => {$(
        impl Member for $ty {
            type Tree = ();
            fn member(&self) -> MemberValue<'_> {
                attribute(self)
            }
            fn list(items: &[Self]) -> MemberValue<'_> {
                attribute(&items)
            }
            fn option(item: &Option<Self>) -> MemberValue<'_> {
                attribute(item)
            }
        }
    )*};
}

attributes!(i8 i16 i32 i64 isize u8 u16 u32 u64 usize f32 f64 bool String &str Device Kind);

macro_rules! tuples {
    ($($($name:ident),+;)*) => {$(
        impl<$($name: ScriptType + Member<Tree = ()>),+> Member for ($($name,)+) {
            type Tree = ();
            fn member(&self) -> MemberValue<'_> {
                attribute(self)
            }
            fn list(items: &[Self]) -> MemberValue<'_> {
                attribute(&items)
            }
            fn option(item: &Option<Self>) -> MemberValue<'_> {
                attribute(item)
            }
        }
    )*};
}

tuples! {
    A, B;
    A, B, C;
    A, B, C, D;
}

macro_rules! maps {
    ($($map:ident)*) => {$(
        impl<V: ScriptType + Member<Tree = ()>> Member for std::collections::$map<i64, V> {
            type Tree = ();
            fn member(&self) -> MemberValue<'_> {
                attribute(self)
            }
        }
    )*};
}

maps!(HashMap BTreeMap);
