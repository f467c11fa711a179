//! Conversions between Rust's numeric types: which operator each is.

use crate::syntax::Operator;

/// The operator of `x as T`: integers wrap, floats saturate. `None` where `T` is no number of 64 bits or less.
pub fn cast(ty: &str) -> Option<Operator> {
    Some(match ty {
        "f32" => Operator::ToF32,
        "f64" => Operator::ToFloat,
        "i64" | "isize" => Operator::ToInt,
        "u64" | "usize" => Operator::ToUnsigned,
        "i8" => Operator::ToI8,
        "i16" => Operator::ToI16,
        "i32" => Operator::ToI32,
        "u8" => Operator::ToU8,
        "u16" => Operator::ToU16,
        "u32" => Operator::ToU32,
        _ => return None,
    })
}

/// The smallest and the largest integer of a type that TorchScript has.
pub fn bounds(ty: &str) -> Option<[i64; 2]> {
    Some(match ty {
        "i8" => [i8::MIN.into(), i8::MAX.into()],
        "i16" => [i16::MIN.into(), i16::MAX.into()],
        "i32" => [i32::MIN.into(), i32::MAX.into()],
        "i64" | "isize" => [i64::MIN, i64::MAX],
        "u8" => [0, u8::MAX.into()],
        "u16" => [0, u16::MAX.into()],
        "u32" => [0, u32::MAX.into()],
        "u64" | "usize" => [0, i64::MAX],
        _ => return None,
    })
}

/// The operator of `T::try_from(x)?`, which fails for numbers that `T` does not have. `None` where there are none, as
/// for `i64`, which every integer of TorchScript is, or where `T` is no integer.
pub fn checked(ty: &str) -> Option<Operator> {
    Some(match ty {
        "u64" | "usize" => Operator::TryUnsigned,
        "i8" => Operator::TryI8,
        "i16" => Operator::TryI16,
        "i32" => Operator::TryI32,
        "u8" => Operator::TryU8,
        "u16" => Operator::TryU16,
        "u32" => Operator::TryU32,
        _ => return None,
    })
}
