//! Options and results.

use expect_test::expect;

use super::bodies;

#[test]
fn methods_of_options() {
    bodies(
        ["maybe.get_or_insert(x)", "maybe.xor(maybe)"],
        expect![[r#"
        maybe.get_or_insert(x)
          1:7-19: `get_or_insert` is not supported in scripted methods: TorchScript has no references to places
            help: assign the variable, as in `if x.is_none() { x = Some(…); }`
        maybe.xor(maybe)
          1:7-9: `xor` is not supported in scripted methods: it is not translated
            help: write a `match`
    "#]],
    );
}

#[test]
fn methods_of_results() {
    bodies(
        [
            "self.g().is_err()",
            "x.f_matmul(x).unwrap_or_else(|_| x.zeros_like())",
            "x.f_matmul(x).unwrap_or(x.shallow_clone())",
            "x.f_relu().or_else(|_| x.f_tanh())?",
            "self.other().unwrap_or_else(|error| 1)",
            "x.f_relu().map(|y| y * 2).map_or(1, |y| y.dim())",
            "Self::fails(1).ok().unwrap()",
            "let r = x.f_relu(); r.unwrap_or_else(f)",
            "let r: anyhow::Result<_> = self.g(); r.or(self.g())",
            "text.parse::<i64>().unwrap_or(0)",
            "i64::try_from(a).map_or_else(|_| 0, |v| v)",
            "maybe.ok_or(\"none\").unwrap_or(x)",
            "(if p { x.f_relu() } else { x.f_tanh() }).unwrap_or(x)",
            "match self.fails(a) { Ok(v) => v, Err(_) => 0 }",
            "if let Result::Ok(v) = self.fails(a) { v } else { 0 }",
            "let std::result::Result::Err(e) = self.fails(a) else { return 1 }; 0",
            "if self.fails(a) == Ok(1) { 1 } else { 0 }",
            "let _ = x.f_relu_();",
            "drop(x.f_relu_());",
            "for y in x.f_relu() {}",
            "x.f_relu().iter().map(|y| y + 1).sum()",
            "list.iter().flat_map(|i| x.f_size()).count()",
            "list.iter().flat_map(|i| u8::try_from(*i)).collect::<Vec<u8>>()",
            "x.f_relu().inspect_err(|error| println!(\"{error}\"))?",
        ],
        expect![[r#"
            self.g().is_err()
              1:10-15: `is_err` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            x.f_matmul(x).unwrap_or_else(|_| x.zeros_like())
              1:30-47: `unwrap_or_else` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            x.f_matmul(x).unwrap_or(x.shallow_clone())
              1:25-41: `unwrap_or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            x.f_relu().or_else(|_| x.f_tanh())?
              1:20-33: `or_else` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            self.other().unwrap_or_else(|error| 1)
              1:29-37: `unwrap_or_else` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            x.f_relu().map(|y| y * 2).map_or(1, |y| y.dim())
              1:34-34: `map_or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            Self::fails(1).ok().unwrap()
              1:16-17: `ok` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            let r = x.f_relu(); r.unwrap_or_else(f)
              1:38-38: `unwrap_or_else` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            let r: anyhow::Result<_> = self.g(); r.or(self.g())
              1:43-50: `or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            text.parse::<i64>().unwrap_or(0)
              1:31-31: `unwrap_or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            i64::try_from(a).map_or_else(|_| 0, |v| v)
              1:30-34: `map_or_else` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            maybe.ok_or("none").unwrap_or(x)
              1:31-31: `unwrap_or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            (if p { x.f_relu() } else { x.f_tanh() }).unwrap_or(x)
              1:53-53: `unwrap_or` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
            match self.fails(a) { Ok(v) => v, Err(_) => 0 }
              1:23-24: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
              1:35-37: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            if let Result::Ok(v) = self.fails(a) { v } else { 0 }
              1:8-17: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            let std::result::Result::Err(e) = self.fails(a) else { return 1 }; 0
              1:5-28: a result cannot be looked into in scripted methods, where an error is an exception
                help: write `?` or `unwrap()` in place of the pattern, or check before what can fail
            if self.fails(a) == Ok(1) { 1 } else { 0 }
              1:18-19: a comparison of results sees an error, which is an exception in scripted methods
                help: compare the values, as in `a? == b?`
            let _ = x.f_relu_();
              1:9-19: an error is ignored here, and is an exception in scripted methods
                help: use `?` or `unwrap()`
            drop(x.f_relu_());
              1:6-16: an error is ignored here, and is an exception in scripted methods
                help: use `?` or `unwrap()`
            for y in x.f_relu() {}
              1:10-19: an iteration over a `Result` skips an error, which is an exception in scripted methods
                help: use `?` or `unwrap()`
            x.f_relu().iter().map(|y| y + 1).sum()
              1:1-10: an iteration over a `Result` skips an error, which is an exception in scripted methods
                help: use `?` or `unwrap()`
            list.iter().flat_map(|i| x.f_size()).count()
              1:13-20: iterator method `flat_map` is not supported here in scripted methods
                help: collect what comes before it into a list of its own, with `let`
            list.iter().flat_map(|i| u8::try_from(*i)).collect::<Vec<u8>>()
              1:26-41: an iteration over a `Result` skips an error, which is an exception in scripted methods
                help: use `?` or `unwrap()`
            x.f_relu().inspect_err(|error| println!("{error}"))?
              1:24-50: `inspect_err` handles an error, which is an exception in scripted methods
                help: check before what can fail, and use `?`; or mark the module `#[compile_mode(trace)]`
        "#]],
    );
}

/// What a method of the block gives is seen in its signature.
#[test]
fn results_of_the_blocks_methods() {
    let of = |body: &str| {
        format!(
            "fn f(&self, a: i64, maybe: Option<i64>) -> i64 {{ {body} }} fn fails(&self, a: i64) -> anyhow::Result<i64> {{ Ok(a) }} \
             fn present(&self, a: i64) -> Option<i64> {{ Some(a) }}"
        )
    };
    let bodies = [
        "self.fails(a).unwrap_or_default()",
        "let _ = self.fails(a); 1",
        "_ = self.fails(a); 1",
        "self.fails(a); 1",
        "let r = self.fails(a); r.map_or(1, |v| v)",
        "if self.fails(a) == self.fails(1) { 1 } else { 0 }",
        "Self::fails(self, 1).or(Ok(2)).unwrap()",
        "maybe.map(|m| self.present(m)?)",
    ];
    for body in bodies {
        let errors = crate::tests::parse_methods(&of(body)).1;
        assert_eq!(errors.len(), 1, "{body}");
        assert!(["error", "`?`"].iter().any(|it| errors[0].message.contains(it)), "{}", errors[0].message);
    }
    assert!(
        crate::tests::parse_methods(&of(
            "self.present(a).or(maybe).unwrap_or_default() + maybe.map_or(0, |m| m)"
        ))
        .1
        .is_empty()
    );
}

/// These give an error, and are not evaluated.
#[test]
fn effects_of_what_is_not_computed() {
    bodies(
        [
            "x.f_relu().map_err(|error| { println!(\"{error}\"); error })?",
            "maybe.ok_or_else(|| { self.count.g_add_(1); \"none\" })?",
            "maybe.context({ a += 1; \"none\" })?",
            "maybe.expect(&self.counter.fill_(1).to_string())",
            "return Err(self.error(&mut v))",
        ],
        expect![[r#"
            x.f_relu().map_err(|error| { println!("{error}"); error })?
              1:30-36: `map_err` gives an error, which is not computed in scripted methods
                help: let it give a text or a value, and do nothing else
            maybe.ok_or_else(|| { self.count.g_add_(1); "none" })?
              1:34-39: `ok_or_else` gives an error, which is not computed in scripted methods
                help: let it give a text or a value, and do nothing else
            maybe.context({ a += 1; "none" })?
              1:17-22: `context` gives an error, which is not computed in scripted methods
                help: let it give a text or a value, and do nothing else
            maybe.expect(&self.counter.fill_(1).to_string())
              1:28-32: `expect` gives an error, which is not computed in scripted methods
                help: let it give a text or a value, and do nothing else
            return Err(self.error(&mut v))
              1:23-28: `Err` gives an error, which is not computed in scripted methods
                help: let it give a text or a value, and do nothing else
        "#]],
    );
}

#[test]
fn returns_inside_of_closures() {
    bodies(
        ["maybe.and_then(|m| { let n = maybe?; Some(n) })", "v.iter().filter_map(|i| v.get(*i)?).sum()"],
        expect![[r#"
            maybe.and_then(|m| { let n = maybe?; Some(n) })
              1:35-35: `?` of an option inside of a closure is not supported in scripted methods
                help: write `and_then`, `map` or a `match`
            v.iter().filter_map(|i| v.get(*i)?).sum()
              1:34-34: `?` of an option inside of a closure is not supported in scripted methods
                help: write `and_then`, `map` or a `match`
        "#]],
    );
}
