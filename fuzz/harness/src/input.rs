//! Random arguments: small values, so that branches are taken, and the edges of each type.

use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor};

const INTS: &[i64] =
    &[i64::MAX, i64::MIN, i64::MAX - 1, i64::MIN + 1, 1 << 32, -(1 << 32), (1 << 53) + 1, 63, 64, -64, 255];
const FLOATS: &[f64] = &[
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    0.0,
    -0.0,
    0.49999999999999994,
    4503599627370497.5,
    9007199254740993.0,
    1e300,
    -1e300,
    5e-324,
    9.3e18,
];
const SINGLES: &[f32] =
    &[f32::NAN, f32::INFINITY, 0.0, -0.0, 16777216.0, 16777217.0, f32::MAX, 1e-45, 0.1, 1e30];
const TEXTS: &[&str] = &["", "a", "b", "ab", "é", "a\nb", "{}", "\"", "\\"];

pub fn int(rng: &mut ChaCha8Rng) -> i64 {
    if rng.gen_bool(0.12) { *INTS.choose(rng).expect("some") } else { rng.gen_range(-6..=9) }
}

/// An integer of less than 64 bits, often one that is near to the bounds.
pub fn narrow<T: TryFrom<i64> + Bounded>(rng: &mut ChaCha8Rng) -> T {
    let (low, high) = (T::LOW, T::HIGH);
    let value = match rng.gen_range(0..8) {
        0 => low + rng.gen_range(0..3),
        1 => high - rng.gen_range(0..3),
        2 => rng.gen_range(low..=high),
        _ => rng.gen_range(low.max(-6)..=9),
    };
    T::try_from(value).ok().expect("it is within the bounds")
}

/// The bounds of an integer.
#[allow(missing_docs)]
pub trait Bounded {
    const LOW: i64;
    const HIGH: i64;
}

macro_rules! bounded {
    ($($ty:ty)*) => {$(
        impl Bounded for $ty {
            const LOW: i64 = <$ty>::MIN as i64;
            const HIGH: i64 = <$ty>::MAX as i64;
        }
    )*};
}

bounded! { i32 u32 i16 u8 }

pub fn single(rng: &mut ChaCha8Rng) -> f32 {
    match rng.gen_range(0..6) {
        0 => *SINGLES.choose(rng).expect("some"),
        1 | 2 => rng.gen_range(-4.0..4.0),
        _ => rng.gen_range(-9i16..=9) as f32 / 10.0,
    }
}

pub fn size(rng: &mut ChaCha8Rng) -> usize {
    rng.gen_range(0..5)
}

pub fn float(rng: &mut ChaCha8Rng) -> f64 {
    match rng.gen_range(0..10) {
        0..=2 => *FLOATS.choose(rng).expect("some"),
        3..=6 => f64::from(rng.gen_range(-9..=9)) / 2.0,
        _ => rng.gen_range(-4.0..4.0),
    }
}

pub fn text(rng: &mut ChaCha8Rng) -> String {
    (*TEXTS.choose(rng).expect("some")).to_owned()
}

/// A small vector or matrix, of floats that most kernels compute exactly.
pub fn tensor(rng: &mut ChaCha8Rng) -> Tensor {
    let size: &[i64] = match rng.gen_range(0..10) {
        0 => &[],
        1 => &[1],
        2..=5 => &[3],
        _ => &[2, 3],
    };
    let n = size.iter().product::<i64>();
    let values: Vec<f32> = (0..n).map(|_| f32::from(rng.gen_range(-8i8..=8)) / 4.0).collect();
    Tensor::from_slice(&values).view(size).to_kind(Kind::Float)
}
