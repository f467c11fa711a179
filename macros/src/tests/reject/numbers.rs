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
            "a.checked_add(b)",
            "a.saturating_sub(b)",
            "a.overflowing_mul(b)",
            "a.wrapping_pow(2)",
            "a.count_ones()",
            "a.leading_zeros()",
            "a.cmp(&b)",
            "s.partial_cmp(&s)",
            "s.total_cmp(&s)",
            "s.to_bits()",
        ],
        expect![[r#"
            a.checked_add(b)
              1:3-13: `checked_add` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: compare before, as in `if a >= b { Some(a - b) } else { None }`
            a.saturating_sub(b)
              1:3-16: `saturating_sub` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: clamp the result, as in `(a - b).max(0)`
            a.overflowing_mul(b)
              1:3-17: `overflowing_mul` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: use the plain operator; integers of 64 bits wrap around in TorchScript
            a.wrapping_pow(2)
              1:3-14: `wrapping_pow` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
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
        [
            "i64::from_str_radix(\"1\", 2)",
            "i64::saturating_sub(a, b)",
            "usize::checked_sub(a, b)",
            "f64::total_cmp(&s, &s)",
        ],
        expect![[r#"
            i64::from_str_radix("1", 2)
              1:6-19: `from_str_radix` is not supported in scripted methods: strings of TorchScript are bytes
                help: compare with the texts that are meant
            i64::saturating_sub(a, b)
              1:6-19: `saturating_sub` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: clamp the result, as in `(a - b).max(0)`
            usize::checked_sub(a, b)
              1:8-18: `checked_sub` is not supported in scripted methods: it depends on the width of the integer, which TorchScript does not know
                help: compare before, as in `if a >= b { Some(a - b) } else { None }`
            f64::total_cmp(&s, &s)
              1:6-14: `total_cmp` is not supported in scripted methods: TorchScript has no `Ordering`
                help: compare with `<`, `>` and `==`
        "#]],
    );
}
