//! More mistakes, as one table for each kind of code: the code, then the place, what is said and the way out.

use expect_test::{Expect, expect};

use super::{assert_style, parse_methods, render};

/// Bodies, as in `reject.rs`: with `x, y: &Tensor`, `a, b: i64`, `s: f64`, `p: bool`, `list: Vec<i64>`,
/// `text: String`, `map: HashMap<i64, i64>` and `maybe: Option<Tensor>`.
#[track_caller]
fn table<const N: usize>(bodies: [&str; N], expected: Expect) {
    let mut lines = String::new();
    for body in bodies {
        let function = format!(
            "fn f(&self, x: &Tensor, y: &Tensor, a: i64, b: i64, s: f64, p: bool, list: Vec<i64>, text: String, \
             map: HashMap<i64, i64>, maybe: Option<Tensor>) -> R {{\n{body}\n}}"
        );
        let (_, errors) = parse_methods(&function);
        assert!(!errors.is_empty(), "nothing is wrong with\n{body}");
        errors.iter().for_each(assert_style);
        lines.push_str(&format!("{body}\n"));
        for error in &errors {
            lines.push_str(&format!("  {}\n", render(error, 2)));
        }
    }
    expected.assert_eq(&lines);
}

#[test]
fn statements() {
    table(
        [
            "enum Inner { A } 1",
            "static N: i64 = 1; 1",
            "type T = i64; 1",
            "trait T {} 1",
            "impl M {} 1",
            "macro_rules! m { () => {} } 1",
            "let (a, b): (i64, i64); a",
            "let [a]; a",
            "let z = 'a: { if p { break 'a 1; } 2 }; z",
            "let (m, n) = loop { break (1, 2); }; m",
            "let z = 1 + loop { break 1; }; z",
            "self.x[0] = 1;",
            "self.list.0 = 1;",
            "x.size()[0] = 1;",
            "*self.count = 1;",
            "**a += 1;",
            "if p { 1 } else { 2 } = 3;",
            "(self.a, b) = (1, 2);",
            "for row in list.iter_mut() { *row = 1; }",
            "let closure = move |n: i64| n + 1; closure(1)",
        ],
        expect![],
    );
}

#[test]
fn patterns() {
    table(
        [
            "match maybe { Some(Some(m)) => m, _ => x }",
            "match maybe { Some(None) => x, _ => y }",
            "match self.g() { Ok(v) => v, Err(_) => x }",
            "if let Err(e) = self.g() { 1 } else { 2 }",
            "if let Ok(v) = self.g() { v } else { x }",
            "let Ok(v) = self.g() else { return x; }; v",
            "while let Ok(v) = self.g() { self.h(v); }",
            "match a { const { 1 + 1 } => 1, _ => 2 }",
            "match a { 'c' => 1, _ => 2 }",
            "match a { b'c' => 1, _ => 2 }",
            "match text { b\"x\" => 1, _ => 2 }",
            "match a { mac!() => 1, _ => 2 }",
            "let ((0, n) | (n, 0)) = pair else { return 1; }; n",
            "while let (0, n) | (n, 0) = pair { self.g(n); }",
            "if let (0, n) | (n, 0) = pair && p { n } else { 1 }",
            "match a { n if let Some(m) = self.g(n) => m, _ => x }",
            "match a { 99999999999999999999 => 1, _ => 2 }",
            "let |n| = a; n",
        ],
        expect![],
    );
}

#[test]
fn expressions() {
    table(
        [
            "let f = || 1;",
            "let f = async || 1;",
            "async move { a }",
            "self.next(x.await)",
            "..a",
            "a..=b",
            "..",
            "let r = ..=b; 1",
            "a as i128",
            "a as u128",
            "a as *const i64",
            "x as &dyn Module",
            "a as Kind",
            "'c'",
            "b'c' as i64",
            "c\"text\"",
            "1u128 + 340282366920938463463374607431768211455",
            "a = b = 1;",
            "self.g(a += 1)",
            "if (a = b) == () { 1 } else { 2 }",
            "a + for i in 0..2 {}",
            "self.g(while p {})",
            "(loop { break 1; }) + 1",
            "'a: { 1 } + 1",
            "if a > 0 && (let Some(m) = maybe) { 1 } else { 2 }",
            "if let Some(m) = maybe || p { 1 } else { 2 }",
            "&raw mut a",
            "yield a",
            "const { 2 }",
            "unsafe { a }",
            "match a { _ => unsafe { a } }",
            "[a; const { 2 }]",
        ],
        expect![],
    );
}

#[test]
fn functions() {
    table(
        [
            "Model::double(x)",
            "std::mem::take(&mut list)",
            "std::mem::size_of::<i64>()",
            "std::iter::repeat(1)",
            "std::iter::zip(list, list)",
            "std::env::var(\"A\")",
            "std::fs::read(\"a\")",
            "std::thread::spawn(f)",
            "std::time::Instant::now()",
            "tch::no_grad(|| x.relu())",
            "tch::manual_seed(1)",
            "nn::linear(vs, 1, 2, c)",
            "Vec::from_iter(0..3).into_boxed_slice()",
            "HashMap::new()",
            "let m = BTreeMap::new(); m",
            "let m: HashMap<_, _> = HashMap::new(); m",
            "HashSet::new()",
            "VecDeque::new()",
            "Rc::new(a)",
            "Cell::new(a)",
            "i64::from_str_radix(\"1\", 2)",
            "i64::saturating_sub(a, b)",
            "usize::checked_sub(a, b)",
            "f64::total_cmp(&s, &s)",
            "String::from_utf8(list)",
            "char::from_u32(1)",
            "Default::default()",
            "i64::default()",
            "Tensor::from_slice2(&list)",
            "Tensor::read_npy(\"a\")",
            "x(1)",
            "(|n| n)(1)",
            "self.table[0](1)",
            "helper::<i64>(1)",
        ],
        expect![],
    );
}

#[test]
fn methods() {
    table(
        [
            "x.relux()",
            "x.softmax(1)",
            "list.drain(..).sum::<i64>()",
            "list.split_off(1)",
            "list.sort_by(|a, b| b.cmp(a));",
            "list.sort_by_key(|a| -a);",
            "list.binary_search(&1)",
            "list.split_first()",
            "list.copy_from_slice(&list);",
            "list.rotate_left(1);",
            "list.is_sorted()",
            "list.first_mut()",
            "list.retain(|n| { let m = *n; m > 1 });",
            "*list.last_mut().unwrap() = 1;",
            "list.capacity()",
            "*map.entry(a).or_insert(0) += 1;",
            "map.entry(a).or_default();",
            "*map.get_mut(&a).unwrap() = 1;",
            "map.values_mut().for_each(|v| self.g(v));",
            "text.chars().rev().count()",
            "text.bytes().len()",
            "text.as_bytes()",
            "text.split_once(':')",
            "text.splitn(2, ':')",
            "text.trim_matches('a')",
            "text.char_indices()",
            "text.parse()",
            "text.parse::<char>()",
            "text.parse::<i64>().unwrap_or(0)",
            "text.parse::<i64>().ok()",
            "text.parse::<i64>().is_ok()",
            "self.g().is_err()",
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
            "maybe.get_or_insert(x)",
            "maybe.xor(maybe)",
            "self.state.lock()",
            "self.state.borrow_mut()",
            "x.apply_fn(|x| x.relu())",
            "x.data_ptr()",
        ],
        expect![],
    );
}

#[test]
fn iterators() {
    table(
        [
            "list.iter().unzip()",
            "list.iter().partition(|n| **n > 1)",
            "list.iter().reduce(|a, b| a + b)",
            "list.iter().try_fold(0, |a, b| Some(a + b))",
            "list.iter().peekable()",
            "list.iter().cycle()",
            "list.iter().max_by_key(|n| **n)",
            "list.iter().min_by(|a, b| a.cmp(b))",
            "list.iter().rposition(|n| *n == 1)",
            "list.iter().sum_of()",
            "list.iter().collect::<HashSet<_>>()",
            "list.iter().collect::<Option<Vec<i64>>>()",
            "let l = list.iter().filter(|n| { let m = **n; m > 1 }).collect::<Vec<_>>(); l",
            "list.iter().map(self.f)",
            "list.iter().map(|n| return n)",
            "list.iter().fold(0, 1)",
            "list.iter().for_each(1)",
            "list.iter().any(|n| { return true; })",
            "for c in text.chars() { self.g(c); }",
            "for i in (0..).map(|i| i * 2) { self.g(i); }",
            "for i in (1..).step_by(2) { self.g(i); }",
            "for i in list.iter().enumerate().filter(|(i, n)| p).map(|n| n).rev().chain(list.iter()) {}",
            "for w in list.iter().map(|n| n * 2).flat_map(|n| { let m = n; 0..m }) { self.g(w); }",
        ],
        expect![[r#"
            list.iter().unzip()
              1:13-17: iterator method `unzip` is not supported in scripted methods
                help: fill two lists in a `for` loop
            list.iter().partition(|n| **n > 1)
              1:13-21: iterator method `partition` is not supported in scripted methods
                help: fill two lists in a `for` loop
            list.iter().reduce(|a, b| a + b)
              1:13-18: iterator method `reduce` is not supported in scripted methods
                help: write `fold` with an initial value, or a `for` loop
            list.iter().try_fold(0, |a, b| Some(a + b))
              1:13-20: iterator method `try_fold` is not supported in scripted methods
                help: write `fold` with an initial value, or a `for` loop
            list.iter().peekable()
              1:13-20: iterator method `peekable` is not supported in scripted methods
                help: write a `for` loop over a range, and index the list
            list.iter().cycle()
              1:13-17: iterator method `cycle` is not supported in scripted methods
                help: write a `for` loop over a range, and index the list
            list.iter().max_by_key(|n| **n)
              1:13-22: iterator method `max_by_key` is not supported in scripted methods
                help: write `fold`, as in `fold(f64::NEG_INFINITY, f64::max)`, or a `for` loop
            list.iter().min_by(|a, b| a.cmp(b))
              1:13-18: iterator method `min_by` is not supported in scripted methods
                help: write `fold`, as in `fold(f64::NEG_INFINITY, f64::max)`, or a `for` loop
            list.iter().rposition(|n| *n == 1)
              1:13-21: iterator method `rposition` is not supported in scripted methods
                help: reverse the iterator with `rev()`
            list.iter().sum_of()
              1:13-18: iterator method `sum_of` is not supported in scripted methods
                help: write a `for` loop
            list.iter().collect::<HashSet<_>>()
              1:13-19: an iterator cannot be collected into `HashSet` in scripted methods
                help: collect it into a `Vec`, a `String`, a `HashMap` or a `BTreeMap`
            list.iter().collect::<Option<Vec<i64>>>()
              1:13-19: an iterator cannot be collected into `Option` in scripted methods
                help: collect it into a `Vec`, a `String`, a `HashMap` or a `BTreeMap`
            let l = list.iter().filter(|n| { let m = **n; m > 1 }).collect::<Vec<_>>(); l
              1:56-62: the type of the collected elements must be written
                help: write `let list: Vec<T> = ….collect();` with its type, and use `list`
            list.iter().map(self.f)
              1:13-15: iterator method `map` is not supported in scripted methods
                help: write a `for` loop
            list.iter().map(|n| return n)
              1:13-15: iterator method `map` is not supported in scripted methods
                help: write a `for` loop
            list.iter().fold(0, 1)
              1:21-21: only a closure can be passed here in scripted methods
                help: write `|value| …`
            list.iter().for_each(1)
              1:22-22: only a closure can be passed here in scripted methods
                help: write `|value| …`
            list.iter().any(|n| { return true; })
              1:23-33: `return` inside of a closure is not supported in scripted methods
                help: let the closure end with its value
            for c in text.chars() { self.g(c); }
              1:15-19: `chars` is not supported in scripted methods: strings of TorchScript are bytes
                help: slice the string, as in `&s[i..i + 1]`; `s.chars().count()` counts characters
            for i in (0..).map(|i| i * 2) { self.g(i); }
              1:11-13: a loop over a range without an end is not supported in scripted methods
                help: write `loop`, with a counter of your own
            for i in (1..).step_by(2) { self.g(i); }
              1:11-13: a loop over a range without an end is not supported in scripted methods
                help: write `loop`, with a counter of your own
            for i in list.iter().enumerate().filter(|(i, n)| p).map(|n| n).rev().chain(list.iter()) {}
              1:70-74: iterator method `chain` is not supported here in scripted methods
                help: collect what comes before it into a list of its own, with `let`
            for w in list.iter().map(|n| n * 2).flat_map(|n| { let m = n; 0..m }) { self.g(w); }
              1:37-44: iterator method `flat_map` is not supported here in scripted methods
                help: collect what comes before it into a list of its own, with `let`
        "#]],
    );
}

#[test]
fn macros() {
    table(
        [
            "eprintln!(\"{a}\");",
            "eprint!(\"{a}\");",
            "dbg!(a);",
            "let b = dbg!(a); b",
            "write!(text, \"{a}\")?;",
            "writeln!(text)?;",
            "log::info!(\"{a}\");",
            "tracing::debug!(\"x\");",
            "format!(\"{:?}\", list)",
            "format!(\"{a:>5}\")",
            "format!(\"{s:.2}\")",
            "format!(\"{a:x}\")",
            "format!(\"{:e}\", s)",
            "format!(\"{:1$}\", a, b)",
            "println!(\"{:#?}\", list);",
            "panic!(\"{:?}\", list)",
            "assert!(p, \"{:?}\", list);",
            "assert_eq!(a, b, \"{:5}\", a);",
            "format!(text)",
            "format!(concat!(\"a\", \"b\"), a)",
            "matches!(a)",
            "matches!(a, )",
            "vec![1; 2; 3]",
            "vec![1, ; 3]",
            "thread_local!(static A: i64 = 1);",
            "include_bytes!(\"a\")",
            "tokio::select! {}",
            "my_macro!(a)",
            "assert!(a b);",
            "bail!(a b)",
        ],
        expect![],
    );
}
