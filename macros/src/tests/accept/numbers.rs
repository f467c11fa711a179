//! Arithmetic and casts.

use expect_test::expect;

use super::values;

#[test]
fn arithmetic() {
    values([
        ("a + b - a * b", expect!["return ((a + b) - (a * b))"]),
        ("a / b", expect!["return $div(a, b)"]),
        ("a % b", expect!["return $rem(a, b)"]),
        ("-a", expect!["return -a"]),
        ("!p", expect!["return $not(p)"]),
        ("!a", expect!["return $not(a)"]),
        ("!(a < b)", expect!["return not (a < b)"]),
        ("a & b | a ^ b", expect!["return ((a & b) | (a ^ b))"]),
        ("a << 2 >> b", expect!["return $shr((a << 2), b)"]),
        ("(a + b) * 2", expect!["return ((a + b) * 2)"]),
        ("x + y * 2.0", expect!["return (x + (y * 2.0))"]),
        ("*x + &**y", expect!["return (x + y)"]),
        ("s.powi(2) + s.powf(0.5)", expect!["return ((s ** 2) + (s ** 0.5))"]),
        ("a.max(b).min(3)", expect!["return $min($max(a, b), 3)"]),
    ]);
}

#[test]
fn casts() {
    values([
        ("a as f64", expect!["return $to_float(a)"]),
        ("s as i64 as f32", expect!["return $to_f32($to_int(s))"]),
        ("list.len() as i64", expect!["return $to_int(len(_list))"]),
        ("p as usize", expect!["return $to_unsigned(p)"]),
        ("f64::from(s)", expect!["return $to_float(s)"]),
    ]);
}
