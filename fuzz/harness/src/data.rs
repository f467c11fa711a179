//! Arguments and results of generated programs: made at random, copied, compared.

use std::collections::{BTreeMap, HashMap};

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tch::Tensor;

use crate::input;
use crate::value::Value;

/// Makes a tensor of another.
pub type Map<'a> = dyn FnMut(&Tensor) -> Tensor + 'a;

/// A type of a signature.
pub trait Data: Sized {
    /// An argument, often an edge case.
    fn random(rng: &mut ChaCha8Rng) -> Self;

    /// The same with other tensors: `f` is given each in turn.
    fn map(&self, f: &mut Map) -> Self;

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

            fn map(&self, _: &mut Map) -> Self {
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
    i32, Int, input::narrow;
    u32, Int, input::narrow;
    i16, Int, input::narrow;
    u8, Int, input::narrow;
    f32, Float, input::single;
    f64, Float, input::float;
    bool, Bool, Rng::r#gen;
}

impl Data for String {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        input::text(rng)
    }

    fn map(&self, _: &mut Map) -> Self {
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

    fn map(&self, f: &mut Map) -> Self {
        f(self)
    }

    fn value(&self) -> Value {
        Value::Tensor(Tensor::copy(self))
    }
}

impl Data for () {
    fn random(_: &mut ChaCha8Rng) -> Self {}

    fn map(&self, _: &mut Map) -> Self {}

    fn value(&self) -> Value {
        Value::None
    }
}

impl<T: Data> Data for Option<T> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        rng.gen_bool(0.65).then(|| T::random(rng))
    }

    fn map(&self, f: &mut Map) -> Self {
        self.as_ref().map(|it| it.map(f))
    }

    fn value(&self) -> Value {
        self.as_ref().map_or(Value::None, T::value)
    }
}

impl<T: Data, E> Data for Result<T, E> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        Ok(T::random(rng))
    }

    fn map(&self, _: &mut Map) -> Self {
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

    fn map(&self, f: &mut Map) -> Self {
        self.iter().map(|it| it.map(f)).collect()
    }

    fn value(&self) -> Value {
        Value::Sequence(self.iter().map(T::value).collect())
    }
}

impl Data for BTreeMap<i64, i64> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let mut pairs = Vec::<(i64, i64)>::random(rng);
        if rng.gen_bool(0.2) {
            pairs.extend((0..20).map(|i| (i * 7 % 19 - 4, i)));
        }
        pairs.into_iter().collect()
    }

    fn map(&self, _: &mut Map) -> Self {
        self.clone()
    }

    fn value(&self) -> Value {
        Value::Sequence(self.iter().map(|(key, value)| (*key, *value).value()).collect())
    }
}

impl Data for HashMap<String, i64> {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        let mut pairs = Vec::<(String, i64)>::random(rng);
        if rng.gen_bool(0.2) {
            pairs.extend((0..20).map(|i| (format!("key{i}"), i)));
        }
        pairs.into_iter().collect()
    }

    fn map(&self, _: &mut Map) -> Self {
        self.clone()
    }

    fn value(&self) -> Value {
        let sorted: BTreeMap<_, _> = self.iter().collect();
        let pair = |(key, value): (&String, &i64)| Value::Sequence(vec![key.value(), value.value()]);
        Value::Sequence(sorted.into_iter().map(pair).collect())
    }
}

impl<T: Data, const N: usize> Data for [T; N] {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        std::array::from_fn(|_| T::random(rng))
    }

    fn map(&self, f: &mut Map) -> Self {
        std::array::from_fn(|i| self[i].map(f))
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

            fn map(&self, f: &mut Map) -> Self {
                ($(self.$index.map(f),)+)
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
