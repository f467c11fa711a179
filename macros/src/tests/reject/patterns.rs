//! Patterns of `match`, `if let`, `let … else` and `while let`.

use expect_test::expect;

use super::bodies;

#[test]
fn options_in_options() {
    bodies(
        ["match maybe { Some(Some(m)) => m, _ => x }", "match maybe { Some(None) => x, _ => y }"],
        expect![[r#"
            match maybe { Some(Some(m)) => m, _ => x }
              1:20-23: an option in an option has no TorchScript counterpart
                help: use one option, or an option of a tuple
            match maybe { Some(None) => x, _ => y }
              1:20-23: an option in an option has no TorchScript counterpart
                help: use one option, or an option of a tuple
        "#]],
    );
}

#[test]
fn results() {
    bodies(
        [
            "match self.shape { Err(side) => side, _ => 2 }",
            "match self.g() { Ok(v) => v, Err(_) => x }",
            "if let Err(e) = self.g() { 1 } else { 2 }",
            "if let Ok(v) = self.g() { v } else { x }",
            "let Ok(v) = self.g() else { return x; }; v",
            "while let Ok(v) = self.g() { self.h(v); }",
        ],
        expect![[r#"
            match self.shape { Err(side) => side, _ => 2 }
              1:20-22: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            match self.g() { Ok(v) => v, Err(_) => x }
              1:18-19: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
              1:30-32: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            if let Err(e) = self.g() { 1 } else { 2 }
              1:8-10: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            if let Ok(v) = self.g() { v } else { x }
              1:8-9: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            let Ok(v) = self.g() else { return x; }; v
              1:5-6: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            while let Ok(v) = self.g() { self.h(v); }
              1:11-12: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
        "#]],
    );
}

#[test]
fn literals() {
    bodies(
        [
            "match a { 'c' => 1, _ => 2 }",
            "match a { b'c' => 1, _ => 2 }",
            "match text { b\"x\" => 1, _ => 2 }",
            "match a { 99999999999999999999 => 1, _ => 2 }",
        ],
        expect![[r#"
            match a { 'c' => 1, _ => 2 }
              1:11-13: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            match a { b'c' => 1, _ => 2 }
              1:11-14: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            match text { b"x" => 1, _ => 2 }
              1:14-17: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            match a { 99999999999999999999 => 1, _ => 2 }
              1:11-30: integers of TorchScript have 64 bits and a sign
                help: use a value below 2^63
        "#]],
    );
}

#[test]
fn names_in_alternatives() {
    bodies(
        [
            "let ((0, n) | (n, 0)) = pair else { return 1; }; n",
            "while let (0, n) | (n, 0) = pair { self.g(n); }",
            "if let (0, n) | (n, 0) = pair && p { n } else { 1 }",
        ],
        expect![[r#"
            let ((0, n) | (n, 0)) = pair else { return 1; }; n
              1:10-10: names in alternatives are supported only in `match` and `if let` in scripted methods
                help: write a `match` with these alternatives
            while let (0, n) | (n, 0) = pair { self.g(n); }
              1:15-15: names in alternatives are supported only in `match` and `if let` in scripted methods
                help: write a `match` with these alternatives
            if let (0, n) | (n, 0) = pair && p { n } else { 1 }
              1:12-12: names in alternatives are supported only in `match` and `if let` in scripted methods
                help: write a `match` with these alternatives
        "#]],
    );
}

#[test]
fn patterns_of_other_kinds() {
    bodies(
        [
            "match a { const { 1 + 1 } => 1, _ => 2 }",
            "match a { mac!() => 1, _ => 2 }",
            "match a { n if let Some(m) = self.g(n) => m, _ => x }",
        ],
        expect![[r#"
            match a { const { 1 + 1 } => 1, _ => 2 }
              1:11-25: this pattern is not supported in scripted methods
                help: use literals, ranges, `Some(…)`, `None`, tuples, slices, names and `_`
            match a { mac!() => 1, _ => 2 }
              1:11-16: this pattern is not supported in scripted methods
                help: use literals, ranges, `Some(…)`, `None`, tuples, slices, names and `_`
            match a { n if let Some(m) = self.g(n) => m, _ => x }
              1:16-38: `let` is not supported in this condition of a scripted method
                help: use a nested `if let`
        "#]],
    );
}
