//! `format!`, assertions with messages, `matches!`.

use integration_tests::{agree, both_fail, form};

agree! {
    fn checks(a: i64) -> i64 { assert!(a > 0, "not positive"); if a > 9 { panic!("too large") } a } on (3);

    fn formatted(a: i64, s: &str, b: bool) -> (String, String, String, String) { (format!("{a} {s} {b}"), format!("{} and {}", a + 1, s.len()), format!("{1}-{0}-{1}", a, s), format!("{{{x}}} {}", a, x = s)) } on (4, "q", true) (-1, "", false);
    fn plain(a: i64) -> (String, String) { (format!("plain {{}}"), format!("") + &a.to_string()) } on (1);
    fn constants(a: i64) -> String { const N: i64 = 7; format!("{N} {a}") } on (1);
    fn displayed_floats(x: f64) -> String { format!("{x}") } on (1.0) (0.1) (-2.5) (1e21) (1e-7) (123456.789) (f64::NAN) (f64::INFINITY) (-0.0) (1.0 / 3.0) (1.7e308) (1e300) (1.2345e-300) (1.5e-307) (0.30000000000000004) (1e15) (1e16) (123456789012345680.0) (9007199254740993.0) (100.0) (0.001) (std::f64::consts::PI);
    fn displayed_values(a: i64, b: f64, c: bool) -> (String, String, String) { (a.to_string(), b.to_string(), c.to_string()) } on (3, 2.5, true);
    fn matched(a: i64, o: Option<i64>) -> (bool, bool, bool, bool) { (matches!(a, 1 | 2), matches!(o, Some(x) if x > 1), matches!(o, None), !matches!(a, 0..=5)) } on (1, Some(3)) (7, Some(1)) (0, None::<i64>);
    fn conditions(a: i64) -> i64 { if matches!(a, 1..=3) && a != 2 { 1 } else { 0 } } on (1) (2) (5);
    fn passing_assertions(a: i64) -> i64 { assert!(a > 0, "{a} is not {}", "positive"); assert_eq!(a % 2, 1); assert_ne!(a, 2, "a is {a}"); debug_assert!(a < 10); debug_assert_eq!(a, a); a } on (3);
    fn printed(a: i64) -> i64 { println!("a is {a}"); println!(); print!("{}\n", a + 1); a } on (3);
    fn arguments_are_evaluated_once(v: Vec<i64>) -> (String, usize) { let mut w = v.clone(); let s = format!("{0} {0} {1}", w.pop().unwrap(), w.len()); (s, w.len()) } on (vec![1, 2, 3]);
    fn messages_with_statements(v: Vec<i64>) -> i64 { assert!(!v.is_empty(), "{}", if v.len() > 1 { "many" } else { "none" }); v[0] } on (vec![1]);
}

both_fail! {
    fn panics(a: i64) -> i64 { match a { 1 => panic!("one: {a}"), 2 => unreachable!(), 3 => todo!(), 4 => unimplemented!("four"), 5 => unreachable!("five {}", a), _ => panic!() } } on (1) (2) (3) (4) (5) (6);
    fn assertions(a: i64) -> i64 { assert_eq!(a, 1, "not {}", 1); assert_ne!(a, 1); a } on (1) (2);
}

fn message(error: tch_jit::Error) -> String {
    error.to_string()
}

#[test]
fn messages_are_formatted() {
    form!((a: i64) -> anyhow::Result<i64> {
        anyhow::ensure!(a != 1, "one: {a}");
        if a == 2 { anyhow::bail!("two: {}", a * 10); }
        if a == 3 { return Err(anyhow::anyhow!("three: {a}")); }
        assert_eq!(a, 9, "nine: {a}");
        Err(anyhow::Error::msg(format!("last: {a}")))
    });
    let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
    for (a, expected) in [
        (1, "one: 1"),
        (2, "two: 20"),
        (3, "three: 3"),
        (4, "assertion `left == right` failed: nine: 4"),
        (9, "last: 9"),
    ] {
        let error = message(compiled.forward(a).unwrap_err());
        assert!(error.contains(expected), "{error}");
    }
}
