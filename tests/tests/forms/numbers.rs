//! Methods of numbers, casts, shifts: with Rust's results at the edges.

use integration_tests::{agree, both_fail};

const NAN: f64 = f64::NAN;
const INF: f64 = f64::INFINITY;

agree! {
    fn integer_division(a: i64, b: i64) -> (i64, i64) { (a / b, a % b) } on (7, 2) (-7, 2) (7, -2) (-7, -2);
    fn float_division(a: f64, b: f64) -> (f64, f64) { (a / b, a % b) } on (7.5, 2.0) (-7.5, 2.0) (1.0, 0.0);
    fn casts(a: i64, b: f64, c: bool) -> (f64, i64, i64) { (a as f64 * 1.5, b as i64, c as i64) } on (3, -1.7, true);
    fn powers_of_floats(a: f64, b: f64) -> f64 { a.powi(3) + a.powf(b) } on (3.0, 0.5);
    fn integer_powers(a: i64) -> f64 { (a.pow(2) / 2) as f64 } on (3) (-3);
    fn largest(a: f64, b: f64) -> f64 { a.max(b) - a.min(b) } on (3.0, 4.0);
    fn absolute(a: f64, b: i64) -> f64 { a.abs() + b.abs() as f64 } on (-3.5, -2) (3.5, 2);
    fn functions(a: f64) -> f64 { a.sqrt() + a.exp() + a.sin() + a.cos() + a.tan() + a.asin() + a.acos() + a.atan() + a.sinh() + a.cosh() + a.tanh() + a.log10() } on (0.5);
    fn rounded_down(a: f64) -> f64 { a.floor() } on (0.5) (-2.5) (-3.0) (1e300) (f64::NAN) (f64::NEG_INFINITY);
    fn rounded_up(a: f64) -> f64 { a.ceil() } on (0.5) (2.5) (3.0) (-1e300) (f64::NAN) (f64::INFINITY);
    fn truncated(a: f64) -> f64 { a.trunc() } on (0.5) (-2.5) (3.0) (1e300) (f64::NAN);
    fn rounded_away_from_zero(a: f64) -> f64 { a.round() } on (0.5) (2.5) (-2.5) (0.49999999999999994) (-3.2) (1e300) (f64::NAN);
    fn rounded_floats_are_floats(a: f64, b: f64) -> f64 { a.floor() / b.ceil() } on (7.5, 1.5);

    fn casts_to_small_integers(a: i64) -> (i64, i64, i64, i64, i64, i64) { (a as i8 as i64, a as i16 as i64, a as i32 as i64, a as u8 as i64, a as u16 as i64, a as u32 as i64) } on (0) (300) (-1) (128) (-129) (1 << 33 | 1 << 31 | 1 << 15) (i64::MAX) (i64::MIN);
    fn casts_of_floats(a: f64) -> (i64, i64, i64, i64, usize) { (a as i64, a as i8 as i64, a as i32 as i64, a as u8 as i64, if a < 1e18 { a as usize } else { 0 }) } on (1.7) (-1.7) (300.5) (-300.5) (1e300) (-1e300) (NAN) (INF) (-INF) (9.3e18);
    fn casts_of_bools(a: bool) -> (i64, u8) { (a as i64, a as u8) } on (true) (false);
    fn wrapping_of_indices(i: i64) -> usize { (i as usize) % 7 } on (12);
    fn converted(a: i32, b: bool) -> (f64, i64, i64, i64) { (f64::from(a), i64::from(a), i64::from(b), i64::try_from(a).unwrap()) } on (3, true);
    fn tried(a: i64) -> Result<usize, std::num::TryFromIntError> { let b = usize::try_from(a)?; let c = u8::try_from(a)?; Ok(b + c as usize) } on (3) (255);
    fn extremes(a: f64, b: f64) -> (f64, f64, f64, f64) { (a.max(b), a.min(b), f64::max(a, b), f64::min(b, a)) } on (1.0, 2.0) (NAN, 2.0) (1.0, NAN) (NAN, NAN) (INF, -INF);
    fn extremes_of_integers(a: i64, b: i64) -> (i64, i64, i64, i64) { (a.max(b), a.min(b), std::cmp::max(a, b), std::cmp::min(a, b)) } on (1, 2) (5, -3);
    fn clamped(a: f64, b: i64) -> (f64, i64) { (a.clamp(-1.0, 1.5), b.clamp(0, 9)) } on (0.5, 4) (3.0, 12) (-3.0, -4) (NAN, 9);
    fn signs(a: f64, b: i64) -> (f64, i64, bool, bool, bool, bool) { (a.signum(), b.signum(), b.is_positive(), b.is_negative(), a.is_sign_positive(), a.is_sign_negative()) } on (2.5, 3) (-0.0, 0) (0.0, -4) (NAN, 1) (-INF, -1);
    fn euclid(a: i64, b: i64) -> (i64, i64) { (a.rem_euclid(b), a.div_euclid(b)) } on (7, 4) (-7, 4) (7, -4) (-7, -4) (8, 4) (-8, 4);
    fn euclid_of_floats(a: f64, b: f64) -> (f64, f64) { (a.rem_euclid(b), a.div_euclid(b)) } on (7.5, 4.0) (-7.5, 4.0) (7.5, -4.0) (-7.5, -4.0) (8.0, 4.0);
    fn divided(a: usize, b: usize) -> usize { a.div_ceil(b) } on (7, 2) (8, 2) (0, 3);
    fn checked(a: i64, b: i64) -> (Option<i64>, Option<i64>) { (a.checked_div(b), a.checked_rem(b)) } on (7, 2) (7, 0) (i64::MIN, -1) (-7, 2);
    fn integer_roots(a: i64) -> i64 { a.isqrt() } on (0) (1) (15) (16) (17) (i64::MAX) (4503599761588224) (4503599761588223);
    fn differences(a: i64, b: i64) -> u64 { a.abs_diff(b) } on (3, 5) (5, -3);
    fn wrapped(a: i64, b: i64) -> (i64, i64, i64, i64) { (a.wrapping_add(b), a.wrapping_sub(b), a.wrapping_mul(b), a.wrapping_neg()) } on (i64::MAX, 2) (i64::MIN, 3) (5, 6);
    fn bounded(a: i64, b: i64) -> (Option<i64>, Option<i64>, Option<i64>, Option<i64>, Option<i64>) { (a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_neg(), a.checked_abs()) } on (i64::MAX, 1) (i64::MIN, 1) (i64::MIN, -1) (-1, i64::MIN) (3, -7) (0, i64::MIN) (1 << 32, 1 << 31) (1 << 32, 1 << 30) (-(1 << 32), 1 << 31) (3037000500, 3037000500) (i64::MAX, i64::MAX) (i64::MIN, i64::MIN);
    fn saturated(a: i64, b: i64) -> (i64, i64, i64) { (a.saturating_add(b), a.saturating_sub(b), a.saturating_mul(b)) } on (i64::MAX, 1) (i64::MIN, 1) (i64::MIN, -1) (-1, i64::MIN) (3, -7) (1 << 32, 1 << 31) (-(1 << 32), 1 << 32) (i64::MIN, i64::MIN);
    fn bounded_small(a: i8, b: i8) -> (Option<i8>, Option<i8>, Option<i8>, Option<i8>, i8, i8, i8) { (a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.checked_neg(), a.saturating_add(b), a.saturating_sub(b), a.saturating_mul(b)) } on (127, 1) (-128, 1) (-128, -1) (-1, -128) (16, 8) (-16, 8) (100, -100) (-128, -128);
    fn bounded_unsigned(a: u8, b: u8) -> (Option<u8>, Option<u8>, Option<u8>, u8, u8, u8) { (a.checked_add(b), a.checked_sub(b), a.checked_mul(b), a.saturating_add(b), a.saturating_sub(b), a.saturating_mul(b)) } on (255, 1) (0, 1) (16, 16) (15, 17) (200, 100);
    fn bounded_index(i: usize, k: usize) -> (usize, Option<usize>, usize) { (i.saturating_sub(k), i.checked_sub(k), i.saturating_add(k)) } on (3, 5) (5, 3) (0, 0);
    fn wrapped_small(a: i32, b: u8, c: u32) -> (i32, i32, i32, u8, u8, u8, u32, u32) { (a.wrapping_add(a), a.wrapping_mul(a), a.wrapping_neg(), b.wrapping_add(200), b.wrapping_sub(201), b.wrapping_mul(b), c.wrapping_mul(c), c.wrapping_neg()) } on (i32::MAX, 100, u32::MAX) (i32::MIN, 255, 0) (65536, 0, 65537) (-3, 7, 1 << 31);
    fn powers_within_bounds(a: i32, n: u32) -> (Option<i32>, i32, i32, Option<u8>) { (a.checked_pow(n), a.saturating_pow(n), a.wrapping_pow(n), 3u8.checked_pow(n)) } on (2, 30) (2, 31) (-2, 31) (-2, 33) (0, 0) (0, 5) (1, 4000000000) (-1, 4000000001) (7, 5) (-7, 100);
    fn bounds_of_a_written_type(a: i64, b: i64) -> (i64, Option<i64>, i64) { (i64::wrapping_add(a, b), i64::checked_mul(a, b), i64::saturating_sub(a, b)) } on (i64::MAX, 2) (4, 5);
    fn bounds_behind_references(v: Vec<usize>) -> Vec<usize> { v.iter().map(|n| n.saturating_sub(2)).collect() } on (vec![1, 2, 3]);
    fn powers(a: i64, b: f64) -> (i64, f64, f64) { (a.pow(3), b.powi(-2), b.powf(0.5)) } on (3, 4.0) (-2, 0.25);
    fn kinds(a: f64) -> (bool, bool, bool) { (a.is_nan(), a.is_finite(), a.is_infinite()) } on (1.0) (NAN) (INF) (-INF);
    fn parts(a: f64) -> (f64, f64, f64) { (a.fract(), a.trunc(), a.recip()) } on (2.75) (-2.75) (3.0);
    fn angles(a: f64) -> (f64, f64) { (a.to_radians(), a.to_degrees()) } on (30.0) (-1.0);
    fn roots(a: f64) -> (f64, f64) { (a.sqrt(), a.cbrt()) } on (27.0) (0.0) (1.0) (8.0) (1000.0);
    fn negative_cubic_roots(a: f64) -> f64 { a.cbrt() } on (-27.0) (-0.0) (INF) (-INF) (NAN);
    fn logarithms(a: f64) -> (f64, f64, f64, f64, f64) { (a.ln(), a.log10(), a.log2(), a.log(3.0), a.ln_1p()) } on (1.0) (8.0) (1024.0) (0.0) (100.0);
    fn exponentials(a: f64) -> (f64, f64, f64) { (a.exp(), a.exp2(), a.exp_m1()) } on (0.0) (3.0) (-1.5);
    fn trigonometry(a: f64) -> (f64, f64, f64, f64, f64) { let (s, c) = a.sin_cos(); (s, c, a.tan(), a.atan2(2.0), f64::atan2(1.0, a)) } on (0.5) (-2.0);
    fn hyperbolic(a: f64) -> (f64, f64, f64, f64) { (a.sinh(), a.cosh(), a.tanh(), a.asinh()) } on (0.5) (-2.0);
    fn rounded_to_even(a: f64) -> f64 { a.round_ties_even() } on (0.5) (1.5) (-0.5) (-2.5) (2.4) (-0.0) (INF) (NAN) (4503599627370497.0);
    fn lengths(a: f64, b: f64) -> f64 { a.hypot(b) } on (3.0, 4.0) (0.0, 0.0) (INF, NAN) (-5.0, 12.0);
    fn fused(a: f64, b: f64) -> f64 { a.mul_add(b, 1.0) } on (2.0, 3.0);
    fn copied_signs(a: f64, b: f64) -> f64 { a.copysign(b) } on (2.0, -0.0) (-2.0, 3.0);
    fn as_functions(a: f64, b: i64) -> (f64, i64, f64, i64) { (f64::sqrt(a), i64::abs(b), f64::powi(a, 2), i64::pow(b, 2)) } on (2.0, -3);
    fn shifts(a: i64, b: i64) -> (i64, i64, i64, i64) { let mut c = a; c <<= b; let mut d = a; d >>= b; (a << b, a >> b, c, d) } on (5, 3) (-5, 1) (1, 63) (-1, 63) (7, 0);
    fn constants(a: f64) -> (f64, i64, f64, bool) { (a + f64::EPSILON, i64::MAX, std::f64::consts::TAU, a < f64::MAX) } on (1.0);
    fn bools(a: bool) -> (Option<i64>, bool) { (if a { Some(1) } else { None }, a ^ true) } on (true) (false);
}

both_fail! {
    fn conversion_of_a_negative(a: i64) -> usize { usize::try_from(a).unwrap() } on (-1);
    fn conversion_of_a_large_one(a: i64) -> u8 { u8::try_from(a).unwrap() } on (256);
    fn clamp_of_nothing(a: f64) -> f64 { a.clamp(2.0, 1.0) } on (1.0);
    fn remainder_by_zero(a: i64) -> i64 { 7i64.rem_euclid(a) } on (0);
    fn root_of_a_negative(a: i64) -> i64 { a.isqrt() } on (-1);
}
