//! "Where TorchScript's result is another one" of `docs/grammar.md`.

use integration_tests::form;
use tch::{Kind, Tensor};

macro_rules! differ {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on ($($value:expr),*): $rust:expr, $script:expr;)*) => {$(
        #[test]
        fn $name() {
            form!(($($arg: $ty),*) -> $out { $($body)* });
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(compiled.forward(($($value,)*)).unwrap(), $script);
            let rust = std::panic::catch_unwind(|| Form.forward($($value),*)).ok();
            assert_eq!(rust, $rust);
        }
    )*};
}

differ! {
    fn overflow_wraps(a: i64) -> i64 { a + 1 } on (i64::MAX): None, i64::MIN;
    fn casts_to_f32_keep_the_precision(a: f64) -> bool { a as f32 as f64 == a } on (0.1): Some(false), true;
    fn f32_literals_have_64_bits(a: f64) -> bool { 0.1f32 as f64 == a } on (0.1): Some(false), true;
    fn indices_may_be_negative(v: Vec<i64>, i: i64) -> i64 { v[i as usize] } on (vec![1, 2], -1): None, 2;
}

#[test]
fn a_tensor_of_an_f32_is_double() {
    form!((a: f32) -> Tensor { Tensor::from(a) });
    let compiled = tch_jit::compile(&Form).unwrap();
    assert_eq!(Form.forward(1.5).kind(), Kind::Float);
    assert_eq!(compiled.forward(1.5f32).unwrap().kind(), Kind::Double);
}

#[test]
fn panics_and_assertions_are_errors() {
    form!((a: i64) -> i64 { assert!(a > 0, "not positive"); if a > 9 { panic!("too large") } 10 / (a - 1) });
    let compiled = tch_jit::compile(&Form).unwrap();
    let message = |a: i64| compiled.forward(a).unwrap_err().to_string();
    assert!(message(0).contains("not positive"), "{}", message(0));
    assert!(message(10).contains("too large"), "{}", message(10));
    assert!(message(1).contains("division by 0"), "{}", message(1));
    assert!(message(1).contains("differences.rs"), "{}", message(1));
}
