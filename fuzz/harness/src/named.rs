//! [`Data`](crate::Data) of the types that programs declare.

/// Of a struct.
#[macro_export]
macro_rules! structure {
    ($name:ident { $($field:ident),* }) => {
        impl $crate::Data for $name {
            fn random(rng: &mut $crate::ChaCha8Rng) -> Self {
                $name { $($field: $crate::Data::random(rng)),* }
            }

            fn map(&self, f: &mut $crate::Map) -> Self {
                $name { $($field: $crate::Data::map(&self.$field, f)),* }
            }

            fn value(&self) -> $crate::Value {
                $crate::Value::Sequence(vec![$($crate::Data::value(&self.$field)),*])
            }
        }
    };
}

/// Of an enum without fields.
#[macro_export]
macro_rules! enumeration {
    ($name:ident { $($variant:ident),* }) => {
        impl $crate::Data for $name {
            fn random(rng: &mut $crate::ChaCha8Rng) -> Self {
                let all = [$($name::$variant),*];
                let i: usize = $crate::Data::random(rng);
                all[i % all.len()]
            }

            fn map(&self, _: &mut $crate::Map) -> Self {
                *self
            }

            fn value(&self) -> $crate::Value {
                $crate::Value::Int(*self as i64)
            }
        }
    };
}
