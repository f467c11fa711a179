//! Numbers: casts, literals and methods.

use expect_test::expect;

use super::bodies;

#[test]
fn casts() {
    bodies(
        [
            "x.relu() as Tensor",
            "a as char",
            "a as i128",
            "a as u128",
            "a as *const i64",
            "x as &dyn Module",
            "a as Kind",
        ],
        expect![[r#"
            x.relu() as Tensor
              1:13-18: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`
            a as char
              1:6-9: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`
            a as i128
              1:6-9: integers of TorchScript have 64 bits
                help: cast to `i64`
            a as u128
              1:6-9: integers of TorchScript have 64 bits
                help: cast to `i64`
            a as *const i64
              1:6-15: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`
            x as &dyn Module
              1:6-16: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`
            a as Kind
              1:6-9: casts go to integers and floats in scripted methods
                help: cast to `i64` or `f64`; a tensor is converted by `to_kind`
        "#]],
    );
}

#[test]
fn literals() {
    bodies(
        ["99999999999999999999", "1u128 + 340282366920938463463374607431768211455"],
        expect![[r#"
        99999999999999999999
          1:1-20: integers of TorchScript have 64 bits and a sign
            help: use a value below 2^63
        1u128 + 340282366920938463463374607431768211455
          1:9-47: integers of TorchScript have 64 bits and a sign
            help: use a value below 2^63
    "#]],
    );
}

#[test]
fn methods() {
    bodies(
        [
            "matches!(1, _ if a.checked_add(b).is_some())",
            "a.overflowing_mul(b)",
            "a.overflowing_add(2)",
            "a.count_ones()",
            "a.leading_zeros()",
            "a.cmp(&b)",
            "s.partial_cmp(&s)",
            "s.total_cmp(&s)",
            "s.to_bits()",
        ],
        expect![[r#"
            matches!(1, _ if a.checked_add(b).is_some())
              1:20-30: `checked_add` depends on the width of the integer, which is not known here
                help: write `let number = ….checked_add(…);` before, and use `number`
            a.overflowing_mul(b)
              1:3-17: `overflowing_mul` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: use the plain operator; integers of 64 bits wrap around in TorchScript
            a.overflowing_add(2)
              1:3-17: `overflowing_add` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: use the plain operator; integers of 64 bits wrap around in TorchScript
            a.count_ones()
              1:3-12: `count_ones` is not supported in scripted methods: TorchScript has no such operation on bits
                help: write a loop with `&` and `>>`
            a.leading_zeros()
              1:3-15: `leading_zeros` is not supported in scripted methods: TorchScript has no such operation on bits
                help: write a loop with `&` and `>>`
            a.cmp(&b)
              1:3-5: `cmp` is not supported in scripted methods: TorchScript has no `Ordering`
                help: compare with `<`, `>` and `==`
            s.partial_cmp(&s)
              1:3-13: `partial_cmp` is not supported in scripted methods: TorchScript has no `Ordering`
                help: compare with `<`, `>` and `==`
            s.total_cmp(&s)
              1:3-11: `total_cmp` is not supported in scripted methods: TorchScript has no `Ordering`
                help: compare with `<`, `>` and `==`
            s.to_bits()
              1:3-9: `to_bits` is not supported in scripted methods: TorchScript has no such operation on bits
                help: write a loop with `&` and `>>`
        "#]],
    );
}

#[test]
fn functions() {
    bodies(
        ["i64::from_str_radix(\"1\", 2)", "f64::total_cmp(&s, &s)"],
        expect![[r#"
            i64::from_str_radix("1", 2)
              1:6-19: `from_str_radix` is not supported in scripted methods: strings of TorchScript are bytes
                help: compare with the texts that are meant
            f64::total_cmp(&s, &s)
              1:6-14: `total_cmp` is not supported in scripted methods: TorchScript has no `Ordering`
                help: compare with `<`, `>` and `==`
        "#]],
    );
}

/// Where rustc cannot be asked how wide a number is.
#[test]
fn narrow_numbers_that_are_not_known() {
    bodies(
        [
            "{ fn twice(n: u8) -> u8 { n + n } twice(3) as i64 }",
            "{ fn scaled(x: f64) -> f64 { (x as f32 * 2.0) as f64 } scaled(0.1) }",
            "{ fn third(v: &[i64]) -> i64 { v[2i32 as usize] } third(&list) }",
        ],
        expect![[r#"
            { fn twice(n: u8) -> u8 { n + n } twice(3) as i64 }
              1:15-16: numbers of less than 64 bits in a function inside of a method cannot be scripted
                help: use `i64` or `f64`, or put the function beside the method, with `#[script]`
            { fn scaled(x: f64) -> f64 { (x as f32 * 2.0) as f64 } scaled(0.1) }
              1:36-38: numbers of less than 64 bits in a function inside of a method cannot be scripted
                help: use `i64` or `f64`, or put the function beside the method, with `#[script]`
            { fn third(v: &[i64]) -> i64 { v[2i32 as usize] } third(&list) }
              1:34-37: numbers of less than 64 bits in a function inside of a method cannot be scripted
                help: use `i64` or `f64`, or put the function beside the method, with `#[script]`
        "#]],
    );
}
