//! Arguments and results of generated programs: made at random, copied, compared.

use std::collections::BTreeMap;

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::input;
use crate::value::Value;

/// A type of a signature.
pub trait Data: Sized {
    /// An argument, often an edge case.
    fn random(rng: &mut ChaCha8Rng) -> Self;

    /// A copy that shares no memory.
    fn copy(&self) -> Self;

    /// The same tensors.
    fn share(&self) -> Self;

    /// For comparison.
    fn value(&self) -> Value;

    /// Rust's failure, where the value is one.
    fn is_failure(&self) -> bool {
        false
    }
}

macro_rules! scalars {
    ($($ty:ty, $variant:ident, $random:path;)*) => {$(
        impl Data for $ty {
            fn random(rng: &mut ChaCha8Rng) -> Self {
                $random(rng)
            }

            fn copy(&self) -> Self {
                self.clone()
            }

            fn share(&self) -> Self {
                self.clone()
            }

            fn value(&self) -> Value {
                Value::$variant(self.clone() as _)
            }
        }
    )*};
}

scalars! {
    i64, Int, input::int;
    usize, Int, input::size;
    f64, Float, input::float;
    bool, Bool, Rng::r#gen;
}

impl Data for String {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        input::text(rng)
    }

    fn copy(&self) -> Self {
        self.clone()
    }

    fn share(&self) -> Self {
        self.clone()
    }

    fn value(&self) -> Value {
        Value::Text(self.clone())
    }
}

impl Data for Tensor {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        input::tensor(rng)
    }

    fn copy(&self) -> Self {
        Tensor::copy(self)
    }

    fn share(&self) -> Self {
        self.shallow_clone()
    }

    fn value(&self) -> Value {
        Value::Tensor(Tensor::copy(self))
    }
}

impl Data for () {
    fn random(_: &mut ChaCha8Rng) -> Self {}

    fn copy(&self) -> Self {}

    fn share(&self) -> Self {}

    fn value(&self) -> Value {
        Value::None
    }
}

impl<T: Data> Data for Option<T> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        rng.gen_bool(0.65).then(|| T::random(rng))
    }

    fn copy(&self) -> Self {
        self.as_ref().map(T::copy)
    }

    fn share(&self) -> Self {
        self.as_ref().map(T::share)
    }

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::None, T::value)
    }
}

impl<T: Data, E> Data for Result<T, E> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        Ok(T::random(rng))
    }

    fn copy(&self) -> Self {
        unreachable!("an argument is no result")
    }

    fn share(&self) -> Self {
        unreachable!("an argument is no result")
    }

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::None, T::value)
    }

    fn is_failure(&self) -> bool {
        self.is_err()
    }
}

impl<T: Data> Data for Vec<T> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let len = rng.gen_range(0..5);
        (0..len).map(|_| T::random(rng)).collect()
    }

    fn copy(&self) -> Self {
        self.iter().map(T::copy).collect()
    }

    fn share(&self) -> Self {
        self.iter().map(T::share).collect()
    }

    fn value(&self) -> Value {
        Value::Sequence(self.iter().map(T::value).collect())
    }
}

impl Data for BTreeMap<i64, i64> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        Vec::<(i64, i64)>::random(rng).into_iter().collect()
    }

    fn copy(&self) -> Self {
        self.clone()
    }

    fn share(&self) -> Self {
        self.clone()
    }

    fn value(&self) -> Value {
        Value::Sequence(self.iter().map(|(key, value)| (*key, *value).value()).collect())
    }
}

impl<T: Data, const N: usize> Data for [T; N] {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        std::array::from_fn(|_| T::random(rng))
    }

    fn copy(&self) -> Self {
        std::array::from_fn(|i| self[i].copy())
    }

    fn share(&self) -> Self {
        std::array::from_fn(|i| self[i].share())
    }

    fn value(&self) -> Value {
        Value::Sequence(self.iter().map(T::value).collect())
    }
}

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {$(
        impl<$($name: Data),+> Data for ($($name,)+) {
            fn random(rng: &mut ChaCha8Rng) -> Self {
                ($($name::random(rng),)+)
            }

            fn copy(&self) -> Self {
                ($(self.$index.copy(),)+)
            }

            fn share(&self) -> Self {
                ($(self.$index.share(),)+)
            }

            fn value(&self) -> Value {
                Value::Sequence(vec![$(self.$index.value()),+])
            }
        }
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
}
