//! Numbers that have less than 64 bits in Rust, or no sign: as in release builds, integers wrap around, and floats are
//! rounded after each operation. What `u64` and `usize` hold and TorchScript does not, is an error.

use std::collections::HashMap;

use integration_tests::{agree, both_fail, refused};
use tch::{Kind, Tensor};

const RATE: f32 = 0.1;
const RANGE: i64 = 3;

agree! {
    fn sums(a: i32, b: i32) -> (i32, i32, i32, i32) { (a + b, a - b, a * b, -a) } on (2, 3) (i32::MAX, 1) (i32::MIN, 1) (i32::MIN, i32::MIN) (46341, 46341) (-7, i32::MAX);
    fn small(a: i8, b: u8, c: i16, d: u16) -> (i8, u8, i16, u16) { (a * a + a, b + 200, c * 3 - 1, d * d) } on (100, 100, 20000, 65535) (-128, 0, -32768, 256) (1, 55, 2, 3);
    fn without_sign(a: u32, b: u32) -> (u32, u32, u32) { (a - b, a * b, a + b) } on (1, 2) (u32::MAX, u32::MAX) (65536, 65536) (9, 4);
    fn accumulated(n: u8) -> (u8, u8, u8) { let (mut a, mut b, mut c) = (n, n, n); for _ in 0..5 { a += 100; b -= 100; c *= 3; } (a, b, c) } on (0) (77) (255);
    fn quotients(a: i32, b: i32) -> (i32, i32, i32, i32) { (a / b, a % b, a.div_euclid(b), a.rem_euclid(b)) } on (7, -2) (i32::MIN, 2) (i32::MAX, -1) (-7, 3);
    fn quotients_in_place(a: i16, b: i16) -> (i16, i16) { let (mut c, mut d) = (a, a); c /= b; d %= b; (c, d) } on (7, -2) (-32768, 7);
    fn complements(a: u8, b: i32, c: bool, d: u32) -> (u8, i32, bool, u32) { (!a, !b, !c, !d) } on (5, 5, true, 0) (255, i32::MIN, false, 77);
    fn bits(a: u8, b: i32) -> (u8, u8, u8, i32, i32) { (a << 3, a >> 3, a ^ 255, b << 30, b >> 30) } on (255, 3) (129, -1) (7, i32::MIN);
    fn bits_in_place(a: u8, n: u8) -> (u8, u8) { let (mut b, mut c) = (a, a); b <<= n; c >>= n; (b, c) } on (255, 7) (129, 1);
    fn bits_beyond_the_width(a: i64, n: i64, b: i32, c: u8) -> (i64, i64, i32, u8, u8) { let mut d = c; d <<= n; (a << n, a >> n, b << n, c >> n, d) } on (-5, 64, 3, 200) (7, -1, 1, 255) (1, 63, -1, 9) (3, 40, 5, 129);
    fn bits_of_an_element(v: Vec<u16>, n: i64) -> Vec<u16> { let mut w = v.clone(); w[0] <<= n; w[1] += 65535; w } on (vec![65535, 3], 9);
    fn powers(a: i32, b: u8, n: u32) -> (i32, u8, i32) { (a.pow(n), b.pow(n), a.abs()) } on (3, 3, 5) (7, 7, 20) (-3, 200, 31) (i32::MIN, 0, 0);
    fn totals(v: Vec<u8>, w: Vec<i32>) -> (u8, u8, i32, i32) { (v.iter().sum(), v.iter().product(), w.iter().sum::<i32>(), w.iter().map(|x| x * 3).product()) } on (vec![20, 1, 3], vec![77, 2, -5]) (Vec::<u8>::new(), Vec::<i32>::new());
    fn folded(v: Vec<i32>) -> i32 { v.iter().fold(17, |h, x| h * 31 + x) } on (vec![1, 2, 3, 4, 5, 6, 7, 8, 9]) (vec![i32::MAX, i32::MIN]);
    fn hashed(text: Vec<u8>) -> u32 { let mut h = 2166136261u32; for b in text { h ^= b as u32; h *= 16777619; } h } on (vec![97, 98, 99]) (vec![0, 255, 128, 7, 7, 7]);
    fn random(seed: u32, n: i64) -> u32 { let mut x = seed; for _ in 0..n { x ^= x << 13; x ^= x >> 17; x ^= x << 5; } x } on (2463534242, 5);
    fn without_types(v: Vec<i32>) -> i32 { let mut best = 0; let mut steps = vec![]; for x in &v { steps.push(x * 65536); best += x; } best * steps[0] } on (vec![40000, 50000]);
    fn in_closures(a: i32) -> i32 { let twice = |x| x + x; let add = |x: i32, y| x + y; twice(add(a, 1)) } on (i32::MAX) (1 << 30);
    fn in_options(a: Option<i32>, b: u8) -> (i32, u8) { (a.map_or(0, |x| x * 2), a.map(|x| x as u8 + b).unwrap_or(b - 1)) } on (Some(i32::MAX), 255) (None::<i32>, 0);
    fn in_maps(b: u8) -> u8 { let mut m = HashMap::from([("a", 250u8)]); *m.entry("a").or_insert(0) += b; *m.get_mut("a").unwrap() += 1; m["a"] + b } on (10) (255);
    fn in_tuples(a: (u8, i32)) -> (u8, i32) { let (mut x, y) = a; x += 255; (x, y * y) } on ((1, 65536)) ((0, -46341));
    fn in_patterns(a: Option<(u8, i8)>) -> i64 { match a { Some((x, y)) if x + 1 == 0 => (y - 1) as i64, Some((x, y)) => (x * 2) as i64 + (-y) as i64, None => -1 } } on (Some((255, -128))) (Some((200, -128))) (None::<(u8, i8)>);
    fn in_macros(a: u8) -> (Vec<u8>, String) { assert!(a + 1 != 1); (vec![a + 100, a * 2], format!("{} {}", a + 100, -(a as i8))) } on (200) (128);
    fn shown_by_name(a: u8, b: &str) -> String { let n = a + 1; format!("{n} {b} {n} {{a}} {c} {RANGE}", c = n - 2) } on (255, "x") (1, "{}");
    fn behind_references(a: i32) -> i32 { let b = &a; let c = &b; **c + *b * 3 } on (i32::MAX);
    fn conditional(a: i32, c: bool) -> i32 { (if c { a } else { 1 }) + i32::MAX } on (5, true) (5, false);
    fn from_blocks(a: u8) -> u8 { let b = { let c = a; c + 1 }; let d = loop { break b + 100; }; d * 2 } on (255) (100);
    fn casts(a: i64, b: u8) -> (i64, i64, u8) { ((a as i32 + 1) as i64, (b as i8 - 100) as i64, (a as u8) + b) } on (i32::MAX as i64, 200) (-1, 128);

    fn indices(v: Vec<i64>) -> (usize, i64) { let last = v.len() - 1; (last * 2, v[last]) } on (vec![1, 2, 3]);
    fn counted(n: usize) -> Vec<usize> { let mut v = vec![]; let mut i = n; while i > 0 { i -= 1; v.push(i * 2 + 1); } v } on (3) (0);
    fn natural_sizes(x: Tensor) -> (usize, usize) { let (a, b) = x.size2().unwrap(); let mut n = 0; for i in 0..a { n += i as usize; } ((a * b) as usize + x.dim(), n) } on (Tensor::zeros([3, 4], (Kind::Float, tch::Device::Cpu)));
    fn wide_without_sign(a: u64, b: u64) -> (u64, u64) { (a * b, a + b) } on (1 << 40, 1 << 10) (u64::MAX >> 1, 0) (1 << 33, 1 << 31);

    fn rounded(a: f32, b: f32) -> (f32, f32, f32, f32) { (a + b, a - b, a * b, a / b) } on (0.1, 0.2) (16777216.0, 1.0) (1e30, 1e10) (3.0e-39, 0.3) (f32::MAX, f32::MAX) (1.0, 0.0) (f32::NAN, 1.0);
    fn tenths(n: i64) -> (f32, bool) { let mut x = 0f32; for _ in 0..n { x += 0.1; } (x, x > 1.0) } on (10) (100);
    fn rounded_in_place(a: f32) -> (f32, f32, f32) { let (mut b, mut c, mut d) = (a, a, a); b *= 0.3; c -= 0.7; d /= 3.0; (b, c, d) } on (0.1) (16777217.0);
    fn compared(a: f32) -> (bool, bool, bool) { (a == 0.1, a > 0.1, 0.1 < a) } on (0.1) (0.2);
    fn literals() -> (f32, bool, f64, bool) { let x: f32 = 0.1; let y = 0.3; (x * y, x * 3.0 == y, 0.1f32 as f64, 16777217f32 == 16777216.0) } on ();
    fn literals_in_arguments(a: f32) -> f32 { a.max(0.1).min(0.7).clamp(0.2, 0.3) + a.mul_add(0.1, 0.2) } on (0.0) (0.25) (1.0);
    fn constants(a: f32) -> (f32, f32, bool) { (RATE * a, a + std::f32::consts::PI, a * f32::EPSILON > 0.0) } on (0.3) (0.7);
    fn narrowed(a: f64, b: i64) -> (f32, f64, f32, bool) { (a as f32, a as f32 as f64, b as f32, (b as f32) as i64 == b) } on (0.1, 16777217) (1e300, i64::MAX) (-1e-50, 9007199791611905) (f64::NAN, 3);
    fn widened(a: f32) -> (f64, f64) { (a as f64 * 0.1, f64::from(a) + 0.1) } on (0.1) (3.5);
    fn parsed(text: &str) -> Result<f32, std::num::ParseFloatError> { Ok(text.parse::<f32>()? * 0.1) } on ("0.1") ("16777217");
    fn parsed_untyped(text: &str) -> Result<i64, std::num::ParseIntError> { let n = text.parse()?; let mut v: Vec<i64> = vec![]; v.push(n); Ok(v[0]) } on ("17");
    fn parsed_small(text: &str) -> Option<u8> { let mut best = None; if text.len() > 0 { let n = text.parse().unwrap(); best = Some(n); } best } on ("17") ("");
    fn parsed_floats(text: &str) -> (f64, f32, bool) { let a = text.parse().unwrap(); let b = text.parse().unwrap(); let c = "true".parse().unwrap(); (a, b, c) } on ("0.1");
    fn converted(n: i32, x: f32) -> (i64, f64) { let mut v: Vec<i64> = Vec::new(); v.push(n.into()); let mut w: Vec<f64> = vec![]; w.push(x.into()); (v[0] + 1, w[0] * 0.1) } on (3, 0.5);
    fn into_arrays(v: Vec<i64>) -> (i64, i64) { let [a, b]: [i64; 2] = v.try_into().unwrap(); (a, b) } on (vec![1, 2]);
    fn sizes_as_arrays(x: Tensor) -> (i64, i64) { let size: [i64; 2] = x.size().try_into().unwrap(); let [a, _] = <[i64; 2]>::try_from(x.size()).unwrap(); (size[1] * 2, a) } on (Tensor::zeros([3, 4], (Kind::Float, tch::Device::Cpu)));
    fn chunks_as_arrays(x: Tensor) -> Tensor { let [q, k, v]: [Tensor; 3] = x.chunk(3, 0).try_into().unwrap(); q + k * v } on (Tensor::arange(6, (Kind::Float, tch::Device::Cpu)));
    fn numbers_that_fit(n: i64, v: Vec<i64>) -> (Option<u8>, i64) { let mut best = None; if n > 0 { let m = n.try_into().unwrap(); best = Some(m); } let i: usize = n.try_into().unwrap(); (best, v[i]) } on (1, vec![5, 6, 7]);
    fn totals_of_floats(v: Vec<f32>) -> (f32, f32, f32) { (v.iter().sum(), v.iter().product(), v.iter().map(|x| x * 0.1).sum::<f32>()) } on (vec![0.1, 0.2, 0.3, 1e8, -1e8]) (vec![16777216.0, 1.0, 1.0, 1.0]) (vec![0.1]);
    fn roots(a: f32) -> (f32, f32, f32, f32) { (a.sqrt(), a.recip(), a.powi(2), a.abs()) } on (0.1) (2.0) (3.0);
    fn floats_in_closures(v: Vec<f32>) -> (Vec<f32>, f32) { (v.iter().map(|x| x * 0.1 + 0.7).collect(), v.iter().fold(0.1, |a, b| a * b + 0.3)) } on (vec![0.1, 0.2, 0.3]);
    fn ordered(v: Vec<f32>) -> f32 { let mut w = v.clone(); w.sort_by(|a, b| (a * 0.1).partial_cmp(&(b * 0.1)).unwrap()); w[0] - w[1] } on (vec![0.3, 0.1, 0.2]);
    fn in_double(a: f64, n: i64) -> (f64, bool) { let b = a * 0.1; (b + 0.1, b > 0.1 && n as f64 * 0.1 < a) } on (0.1, 3) (1.0, 10);

    fn tensors_of_variables(a: f32, b: i32, c: u8, v: Vec<f32>, w: Vec<i32>, u: Vec<u8>) -> (Tensor, Tensor, Tensor, Tensor, Tensor, Tensor) { (Tensor::from(a), Tensor::from(b), Tensor::from(c as i16), Tensor::from_slice(&v), Tensor::from_slice(&w), Tensor::from_slice(&u)) } on (0.1, 3, 4, vec![0.1, 0.2], vec![1], vec![255, 0]);
    fn tensors_of_results(a: f32, n: i64) -> (Tensor, Tensor, Tensor) { let v: Vec<f32> = (0..n).map(|i| i as f32 * 0.1).collect(); let w: Vec<_> = v.iter().map(|x| *x as f64).collect(); (Tensor::from_slice(&v), Tensor::from_slice(&w), Tensor::from(a * 2.0)) } on (0.1, 4);
    fn with_tensors(x: Tensor, a: f32, n: u8) -> Tensor { let mut y = &x * (a * 0.3) as f64; y += (n + 100) as i64; y *= 0.1; y - x.size()[0] } on (Tensor::ones([3], (Kind::Double, tch::Device::Cpu)), 0.1, 200);
}

both_fail! {
    fn an_array_of_another_length(v: Vec<i64>) -> i64 { let [a, b]: [i64; 2] = v.try_into().unwrap(); a + b } on (vec![1, 2, 3]) (vec![1]);
    fn a_number_that_does_not_fit(n: i64) -> Option<u8> { let mut best = None; if n > 0 { let m = n.try_into().unwrap(); best = Some(m); } best } on (256);
    fn parsed_large(text: &str) -> Option<u8> { let mut best = None; if text.len() > 0 { let n = text.parse().unwrap(); best = Some(n); } best } on ("256");
    fn the_smallest_by_minus_one(a: i32, b: i32) -> i32 { a / b } on (i32::MIN, -1);
    fn the_smallest_of_64_bits(a: i64, b: i64) -> i64 { a / b } on (i64::MIN, -1);
    fn the_remainder_by_minus_one(a: i8, b: i8) -> i8 { a % b } on (-128, -1);
    fn the_remainder_of_64_bits(a: i64, b: i64) -> i64 { a % b } on (i64::MIN, -1);
    fn in_place(a: i16, b: i16) -> i16 { let mut c = a; c /= b; c } on (-32768, -1) (3, 0);
    fn euclid(a: i32, b: i32) -> i32 { a.div_euclid(b) } on (i32::MIN, -1) (1, 0);
    fn an_index_below_zero(v: Vec<i64>, i: i64) -> i64 { v[i as usize] } on (vec![1, 2], -1);
    fn an_index_before_the_first(v: Vec<i64>, i: usize) -> i64 { v[i - 1] } on (vec![1, 2], 0);
}

/// The standard library is built such that these do not wrap around in Rust.
#[test]
fn totals_wrap_around() {
    integration_tests::form!((v: Vec<u8>, w: Vec<i32>) -> (u8, u8, i32, i32) {
        (v.iter().sum(), v.iter().product(), w.iter().sum::<i32>(), w.iter().map(|x| x * 3).product())
    });
    let (v, w) = (vec![200u8, 100, 3], vec![i32::MAX, 2, -5]);
    let rust = (
        v.iter().fold(0, |a: u8, b| a.wrapping_add(*b)),
        v.iter().fold(1, |a: u8, b| a.wrapping_mul(*b)),
        w.iter().fold(0, |a: i32, b| a.wrapping_add(*b)),
        w.iter().fold(1, |a: i32, b| a.wrapping_mul(b.wrapping_mul(3))),
    );
    assert_eq!(tch_jit::compile(&Form).unwrap().forward((v, w)).unwrap(), rust);
}

/// Where a release build of Rust goes on with a number that TorchScript does not have, a compiled module fails.
macro_rules! fails {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on $(($($value:expr),*))+: $message:expr;)*) => {$(
        #[test]
        fn $name() {
            integration_tests::form!(($($arg: $ty),*) -> $out { $($body)* });
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
            $(
                let error = compiled.forward(($($value,)*)).expect_err("it fails").to_string();
                assert!(error.contains($message), "{error}");
            )+
        }
    )*};
}

const TOO_LARGE: &str = "no integers above 2^63 - 1";

fails! {
    fn below_zero(n: usize) -> usize { n - 1 } on (0): TOO_LARGE;
    fn below_zero_in_place(n: usize, k: usize) -> bool { let mut m = n; m -= k; m > 3 } on (0, 1): TOO_LARGE;
    fn a_negative_cast(n: i64) -> bool { (n as usize) < 5 } on (-1): TOO_LARGE;
    fn a_negative_cast_of_32_bits(n: i32) -> bool { (n as u64) < 5 } on (-1): TOO_LARGE;
    fn a_product(a: u64) -> u64 { a * 3 } on (1 << 62): TOO_LARGE;
    fn a_sum(a: u64) -> u64 { a + 1 } on (u64::MAX >> 1): TOO_LARGE;
    fn a_doubled_index(a: usize) -> usize { a + a } on (1 << 62): TOO_LARGE;
    fn a_complement(a: usize) -> usize { !a } on (0): TOO_LARGE;
    fn a_shift(a: u64, n: u64) -> u64 { a << n } on (1, 63): TOO_LARGE;
    fn a_range(v: Vec<i64>) -> i64 { let mut n = 0; for i in 0..v.len() - 1 { n += i as i64; } n } on (Vec::<i64>::new()): TOO_LARGE;
}

refused! {
    fn an_f32_as_text(a: f32) -> String { a.to_string() }: "`{}` of an `f32` is not supported";
    fn a_tensor_into_a_number(x: Tensor) -> f64 { x.try_into().unwrap() }: "write `f64::try_from(&x)?`";
    fn an_f32_in_braces(a: f32) -> String { let b = a * 0.1; format!("{b} and {{a}}") }: "write `f64::from(x)`";
    fn a_formatted_f32(a: f32) -> String { format!("{}", a * 0.1) }: "write `f64::from(x)`";
}
