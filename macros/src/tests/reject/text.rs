//! Strings: bytes, characters and parsing.

use expect_test::expect;

use super::bodies;

#[test]
fn characters_and_bytes() {
    bodies(
        [
            "String::from_utf8(list)",
            "text.chars().rev().count()",
            "text.bytes().len()",
            "text.as_bytes()",
            "text.split_once(':')",
            "text.splitn(2, ':')",
            "text.trim_matches('a')",
            "text.char_indices()",
            "for c in text.chars() { self.g(c); }",
        ],
        expect![[r#"
            String::from_utf8(list)
              1:9-17: method `from_utf8` is not known to TorchScript
                help: call methods of tensors, of the module itself and `forward` of its children
            text.chars().rev().count()
              1:6-10: `chars` is not supported in scripted methods: strings of TorchScript are bytes
                help: slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters
            text.bytes().len()
              1:6-10: `bytes` is not supported in scripted methods: strings of TorchScript are bytes
                help: slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters
            text.as_bytes()
              1:6-13: `as_bytes` is not supported in scripted methods: strings of TorchScript are bytes
                help: slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters
            text.split_once(':')
              1:6-15: `split_once` is not supported in scripted methods: it is not translated
                help: use `split` or `find`, and slices of the string
            text.splitn(2, ':')
              1:6-11: `splitn` is not supported in scripted methods: it is not translated
                help: use `split` or `find`, and slices of the string
            text.trim_matches('a')
              1:6-17: `trim_matches` is not supported in scripted methods: strings of TorchScript are bytes
                help: use `to_ascii_lowercase`, `trim`, `strip_prefix` or `strip_suffix`
            text.char_indices()
              1:6-17: `char_indices` is not supported in scripted methods: strings of TorchScript are bytes
                help: slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters
            for c in text.chars() { self.g(c); }
              1:15-19: `chars` is not supported in scripted methods: strings of TorchScript are bytes
                help: slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters
        "#]],
    );
}

#[test]
fn parsing() {
    bodies(
        [
            "text.parse::<char>()",
            "text.parse::<i64>().unwrap_or(0)",
            "text.parse::<i64>().ok()",
            "text.parse::<i64>().is_ok()",
        ],
        expect![[r#"
            text.parse::<char>()
              1:6-10: only numbers, `bool` and `String` are parsed in scripted methods
                help: write `parse::<i64>()`, `parse::<f64>()` or `parse::<bool>()`
            text.parse::<i64>().unwrap_or(0)
              1:31-31: `unwrap_or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            text.parse::<i64>().ok()
              1:21-22: `ok` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            text.parse::<i64>().is_ok()
              1:21-25: `is_ok` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
        "#]],
    );
}
