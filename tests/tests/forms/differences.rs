//! "Where TorchScript's result is another one" of `docs/grammar.md`.

use integration_tests::form;

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
    fn indices_may_be_negative(v: Vec<i64>, i: i64) -> Option<i64> { v.get(i as usize).copied() } on (vec![1, 2], 5): Some(None), None;
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
