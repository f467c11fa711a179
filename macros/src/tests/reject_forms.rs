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
            "self.pair.0 = 1;",
            "*self.count = 1;",
            "**a += 1;",
            "(self.a, b) = (1, 2);",
            "for row in list.iter_mut() { *row = 1; }",
            "let closure = move |n: i64| n + 1; closure(1)",
        ],
        expect![[r#"
            enum Inner { A } 1
              1:1-16: items inside a scripted method cannot be scripted
                help: move the item out of the method
            static N: i64 = 1; 1
              1:1-18: items inside a scripted method cannot be scripted
                help: move the item out of the method
            type T = i64; 1
              1:1-13: items inside a scripted method cannot be scripted
                help: move the item out of the method
            trait T {} 1
              1:1-10: items inside a scripted method cannot be scripted
                help: move the item out of the method
            impl M {} 1
              1:1-9: items inside a scripted method cannot be scripted
                help: move the item out of the method
            macro_rules! m { () => {} } 1
              1:1-27: items inside a scripted method cannot be scripted
                help: move the item out of the method
            let (a, b): (i64, i64); a
              1:5-10: a `let` without a value declares a plain name
                help: write one `let` for each name
            let [a]; a
              1:5-7: a `let` without a value declares a plain name
                help: write one `let` for each name
            let z = 'a: { if p { break 'a 1; } 2 }; z
              1:5-5: the type of a value that comes out of a `loop` or a labelled block must be written
                help: write `let z: T = …` with its type
            let (m, n) = loop { break (1, 2); }; m
              1:14-17: a `loop` in the place of a value is not supported in scripted methods
                help: write `let value: T = loop { … };` with its type, and use `value`
            let z = 1 + loop { break 1; }; z
              1:13-16: a `loop` in the place of a value is not supported in scripted methods
                help: write `let value: T = loop { … };` with its type, and use `value`
            self.pair.0 = 1;
              1:1-11: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place
            *self.count = 1;
              1:1-11: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            **a += 1;
              1:1-3: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            (self.a, b) = (1, 2);
              1:2-7: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place
            for row in list.iter_mut() { *row = 1; }
              1:30-33: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            let closure = move |n: i64| n + 1; closure(1)
              1:15-33: closures are not supported in scripted methods
                help: use a `for` loop; closures are translated in `map`, `filter`, `fold` and their like only
        "#]],
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
        ],
        expect![[r#"
            match maybe { Some(Some(m)) => m, _ => x }
              1:20-23: an option in an option has no TorchScript counterpart
                help: use one option, or an option of a tuple
            match maybe { Some(None) => x, _ => y }
              1:20-23: an option in an option has no TorchScript counterpart
                help: use one option, or an option of a tuple
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
            match a { const { 1 + 1 } => 1, _ => 2 }
              1:11-25: this pattern is not supported in scripted methods
                help: use literals, ranges, `Some(…)`, `None`, tuples, slices, names and `_`
            match a { 'c' => 1, _ => 2 }
              1:11-13: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            match a { b'c' => 1, _ => 2 }
              1:11-14: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            match text { b"x" => 1, _ => 2 }
              1:14-17: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            match a { mac!() => 1, _ => 2 }
              1:11-16: this pattern is not supported in scripted methods
                help: use literals, ranges, `Some(…)`, `None`, tuples, slices, names and `_`
            let ((0, n) | (n, 0)) = pair else { return 1; }; n
              1:10-10: names in alternatives are supported only in `match` and `if let` in scripted methods
                help: write a `match` with these alternatives
            while let (0, n) | (n, 0) = pair { self.g(n); }
              1:15-15: names in alternatives are supported only in `match` and `if let` in scripted methods
                help: write a `match` with these alternatives
            if let (0, n) | (n, 0) = pair && p { n } else { 1 }
              1:12-12: names in alternatives are supported only in `match` and `if let` in scripted methods
                help: write a `match` with these alternatives
            match a { n if let Some(m) = self.g(n) => m, _ => x }
              1:16-38: `let` is not supported in this condition of a scripted method
                help: use a nested `if let`
            match a { 99999999999999999999 => 1, _ => 2 }
              1:11-30: integers of TorchScript have 64 bits and a sign
                help: use a value below 2^63
        "#]],
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
            "1 + 'a: { 1 }",
            "if a > 0 && (let Some(m) = maybe) { 1 } else { 2 }",
            "if let Some(m) = maybe || p { 1 } else { 2 }",
            "&raw mut a",
            "const { 2 }",
            "unsafe { a }",
            "match a { _ => unsafe { a } }",
            "[a; const { 2 }]",
        ],
        expect![[r#"
            let f = || 1;
              1:9-12: closures are not supported in scripted methods
                help: use a `for` loop; closures are translated in `map`, `filter`, `fold` and their like only
            let f = async || 1;
              1:9-18: closures are not supported in scripted methods
                help: use a `for` loop; closures are translated in `map`, `filter`, `fold` and their like only
            async move { a }
              1:1-16: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`
            self.next(x.await)
              1:11-17: `async` code is not supported in scripted methods
                help: mark the module `#[compile_mode(unsupported)]`
            ..a
              1:1-3: ranges outside of `for` and of an index are not supported in scripted methods
                help: use the range where it is needed
            a..=b
              1:1-5: ranges outside of `for` and of an index are not supported in scripted methods
                help: use the range where it is needed
            let r = ..=b; 1
              1:9-12: ranges outside of `for` and of an index are not supported in scripted methods
                help: use the range where it is needed
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
            'c'
              1:1-3: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            b'c' as i64
              1:1-4: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            c"text"
              1:1-7: this kind of literal has no TorchScript counterpart
                help: use a number, a string or a bool
            1u128 + 340282366920938463463374607431768211455
              1:9-47: integers of TorchScript have 64 bits and a sign
                help: use a value below 2^63
            a = b = 1;
              1:5-9: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            self.g(a += 1)
              1:8-13: an assignment has no value
                help: write it as a statement of its own
            if (a = b) == () { 1 } else { 2 }
              1:5-9: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            a + for i in 0..2 {}
              1:5-20: loops in the place of a value are not supported in scripted methods
                help: put the loop before the statement
            self.g(while p {})
              1:8-17: loops in the place of a value are not supported in scripted methods
                help: put the loop before the statement
            (loop { break 1; }) + 1
              1:2-5: a `loop` in the place of a value is not supported in scripted methods
                help: write `let value: T = loop { … };` with its type, and use `value`
            1 + 'a: { 1 }
              1:5-6: a labelled block in the place of a value is not supported in scripted methods
                help: write `let value: T = 'label: { … };` with its type, and use `value`
            if a > 0 && (let Some(m) = maybe) { 1 } else { 2 }
              1:14-32: `let` conditions are not supported in scripted methods
                help: use a nested `if let`
            if let Some(m) = maybe || p { 1 } else { 2 }
              1:4-22: `let` is not supported in this condition of a scripted method
                help: use a nested `if let`
            &raw mut a
              1:1-10: expressions of this kind are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            const { 2 }
              1:1-11: `const` blocks are not supported in scripted methods
                help: move the value into a constant of the module
            unsafe { a }
              1:1-12: `unsafe` blocks are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            match a { _ => unsafe { a } }
              1:16-27: `unsafe` blocks are not supported in scripted methods
                help: mark the module `#[compile_mode(trace)]`
            [a; const { 2 }]
              1:5-15: `const` blocks are not supported in scripted methods
                help: move the value into a constant of the module
        "#]],
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
            "Default::default()",
            "Tensor::read_npy(\"a\")",
            "x(1)",
            "(|n| n)(1)",
            "self.table[0](1)",
            "helper::<i64>(1)",
        ],
        expect![[r#"
            Model::double(x)
              1:1-13: function `Model::double` cannot be called in scripted methods
                help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
            std::mem::take(&mut list)
              1:1-14: function `std::mem::take` cannot be called in scripted methods: TorchScript has no places to take from
                help: copy the value, and assign a new one
            std::mem::size_of::<i64>()
              1:1-24: function `std::mem::size_of::<i64>` cannot be called in scripted methods
                help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
            std::iter::repeat(1)
              1:1-17: function `std::iter::repeat` cannot be called in scripted methods: iterators are lists in TorchScript
                help: write a `for` loop over a range
            std::iter::zip(list, list)
              1:1-14: function `std::iter::zip` cannot be called in scripted methods: iterators are lists in TorchScript
                help: write a `for` loop over a range
            std::env::var("A")
              1:1-13: function `std::env::var` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            std::fs::read("a")
              1:1-13: function `std::fs::read` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            std::thread::spawn(f)
              1:1-18: function `std::thread::spawn` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            std::time::Instant::now()
              1:1-23: function `std::time::Instant::now` cannot be called in scripted methods: TorchScript knows nothing of the operating system
                help: do it outside of the module, and pass what it gives as an argument
            tch::no_grad(|| x.relu())
              1:1-12: `no_grad` cannot be called in scripted methods: it sets a mode of the thread while other code runs
                help: use `x.detach()`, or call the compiled module inside of `no_grad`
            tch::manual_seed(1)
              1:1-16: `manual_seed` cannot be called in scripted methods: the random state belongs to the process
                help: seed in Rust, before the compiled module is called
            nn::linear(vs, 1, 2, c)
              1:1-10: function `nn::linear` cannot be called in scripted methods
                help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
            Vec::from_iter(0..3).into_boxed_slice()
              1:22-37: `into_boxed_slice` is not supported in scripted methods: it says something about memory or types, which TorchScript hides
                help: leave it out
            HashMap::new()
              1:1-12: the type of an empty map must be written
                help: write `let map: HashMap<K, V> = …` with its types
            let m = BTreeMap::new(); m
              1:9-21: the type of an empty map must be written
                help: write `let map: HashMap<K, V> = …` with its types
            let m: HashMap<_, _> = HashMap::new(); m
              1:24-35: the type of an empty map must be written
                help: write `let map: HashMap<K, V> = …` with its types
            HashSet::new()
              1:1-12: function `HashSet::new` cannot be called in scripted methods: TorchScript has no sets
                help: use a `HashMap` to `bool`
            VecDeque::new()
              1:1-13: function `VecDeque::new` cannot be called in scripted methods: TorchScript has lists and maps only
                help: use a `Vec`
            Rc::new(a)
              1:1-7: function `Rc::new` cannot be called in scripted methods: TorchScript has neither cells nor pointers
                help: use the value itself; state that changes belongs into a buffer
            Cell::new(a)
              1:1-9: function `Cell::new` cannot be called in scripted methods: TorchScript has neither cells nor pointers
                help: use the value itself; state that changes belongs into a buffer
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
            String::from_utf8(list)
              1:9-17: method `from_utf8` is not known to TorchScript
                help: call methods of tensors, of the module itself and `forward` of its children
            Default::default()
              1:1-16: function `Default::default` cannot be called in scripted methods
                help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
            Tensor::read_npy("a")
              1:9-16: `read_npy` cannot be called in scripted methods: TorchScript reads and writes no files
                help: do it in Rust, outside of the compiled module; a tensor that is loaded can be a field
            x(1)
              1:1-1: `x` is a local value and cannot be called in scripted methods
                help: write a method of the module in place of the closure, and call it as `self.method(…)`
            (|n| n)(1)
              1:1-7: only functions and methods with a name can be called in scripted methods
                help: call a method of the module
            self.table[0](1)
              1:1-13: only functions and methods with a name can be called in scripted methods
                help: call a method of the module
            helper::<i64>(1)
              1:1-13: function `helper::<i64>` cannot be called in scripted methods
                help: make it a method of the module in a `#[methods]` block, or a free function with `#[script]`
        "#]],
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
            "x.apply_fn(|x| x.relu())",
            "x.data_ptr()",
        ],
        expect![[r#"
            x.relux()
              1:3-7: method `relux` is not known to TorchScript
                help: did you mean `relu`?
            x.softmax(1)
              1:3-9: `softmax` with 1 argument is not known to TorchScript
                help: `Tensor::softmax` takes 2 arguments; methods of other types cannot be called
            list.drain(..).sum::<i64>()
              1:6-10: `drain` is not supported in scripted methods: it moves parts of a list out of it
                help: take the parts by `list[a..b].to_vec()`, and `truncate` the list
            list.split_off(1)
              1:6-14: `split_off` is not supported in scripted methods: it moves parts of a list out of it
                help: take the parts by `list[a..b].to_vec()`, and `truncate` the list
            list.sort_by(|a, b| b.cmp(a));
              1:6-12: `sort_by` is not supported in scripted methods: TorchScript sorts by the values themselves
                help: sort a list of integers or strings with `sort()`, or a tensor with `x.sort(dim, descending)`
            list.sort_by_key(|a| -a);
              1:6-16: `sort_by_key` is not supported in scripted methods: TorchScript sorts by the values themselves
                help: sort a list of integers or strings with `sort()`, or a tensor with `x.sort(dim, descending)`
            list.binary_search(&1)
              1:6-18: `binary_search` is not supported in scripted methods: its result has no counterpart
                help: use `iter().position(|x| *x >= value)`
            list.split_first()
              1:6-16: `split_first` is not supported in scripted methods: it gives an option of a pair of references
                help: match on `[first, rest @ ..]`
            list.copy_from_slice(&list);
              1:6-20: `copy_from_slice` is not supported in scripted methods: TorchScript has no references to places
                help: assign the elements in a `for` loop, or assign a new list
            list.rotate_left(1);
              1:6-16: `rotate_left` is not supported in scripted methods: it depends on a width or moves a list in place
                help: build the new list with `extend_from_slice`
            list.is_sorted()
              1:6-14: `is_sorted` is not supported in scripted methods: it is not translated
                help: write a `for` loop
            list.first_mut()
              1:6-14: `first_mut` is not supported in scripted methods: TorchScript has no references to places
                help: assign by index, as in `list[i] = value`, or by `map.insert(k, value)`
            list.retain(|n| { let m = *n; m > 1 });
              1:6-11: the closure of `retain` is too complex for a scripted method
                help: write a `for` loop that pushes what is kept to a new list
            *list.last_mut().unwrap() = 1;
              1:7-14: `last_mut` is not supported in scripted methods: TorchScript has no references to places
                help: assign by index, as in `list[i] = value`, or by `map.insert(k, value)`
            list.capacity()
              1:6-13: `capacity` is not supported in scripted methods: it says something about memory or types, which TorchScript hides
                help: leave it out
            *map.entry(a).or_insert(0) += 1;
              1:6-10: `entry` is not supported in scripted methods: TorchScript has no references to places
                help: write `let n = map.get(&k).copied().unwrap_or(0); map.insert(k, n + 1);`
            map.entry(a).or_default();
              1:5-9: `entry` is not supported in scripted methods: TorchScript has no references to places
                help: write `let n = map.get(&k).copied().unwrap_or(0); map.insert(k, n + 1);`
            *map.get_mut(&a).unwrap() = 1;
              1:6-12: `get_mut` is not supported in scripted methods: TorchScript has no references to places
                help: assign by index, as in `list[i] = value`, or by `map.insert(k, value)`
            map.values_mut().for_each(|v| self.g(v));
              1:5-14: `values_mut` is not supported in scripted methods: TorchScript has no references to places
                help: assign by index, as in `list[i] = value`, or by `map.insert(k, value)`
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
            text.parse()
              1:6-10: the type of a parsed value must be written
                help: write `parse::<i64>()`, `parse::<f64>()` or `parse::<bool>()`
            text.parse::<char>()
              1:6-10: the type of a parsed value must be written
                help: write `parse::<i64>()`, `parse::<f64>()` or `parse::<bool>()`
            text.parse::<i64>().unwrap_or(0)
              1:21-29: `unwrap_or` of `parse` is not supported in scripted methods, where an error is an exception
                help: write `parse::<T>()?`, and check the text before
            text.parse::<i64>().ok()
              1:21-22: `ok` of `parse` is not supported in scripted methods, where an error is an exception
                help: write `parse::<T>()?`, and check the text before
            text.parse::<i64>().is_ok()
              1:21-25: `is_ok` of `parse` is not supported in scripted methods, where an error is an exception
                help: write `parse::<T>()?`, and check the text before
            self.g().is_err()
              1:10-15: `is_err` is not supported in scripted methods, where an error is an exception
                help: check before what can fail, and use `?`
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
            maybe.get_or_insert(x)
              1:7-19: `get_or_insert` is not supported in scripted methods: TorchScript has no references to places
                help: assign the variable, as in `if x.is_none() { x = Some(…); }`
            maybe.xor(maybe)
              1:7-9: `xor` is not supported in scripted methods: it is not translated
                help: write a `match`
            x.apply_fn(|x| x.relu())
              1:3-10: method `apply_fn` is not known to TorchScript
                help: did you mean `apply_t`?
            x.data_ptr()
              1:3-10: `data_ptr` cannot be called in scripted methods: TorchScript has no pointers
                help: use the tensor itself, or mark the module `#[compile_mode(trace)]`
        "#]],
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
        expect![[r#"
            eprintln!("{a}");
              1:1-8: macro `eprintln!` is not supported in scripted methods: TorchScript prints to the standard output only
                help: use `println!`
            eprint!("{a}");
              1:1-6: macro `eprint!` is not supported in scripted methods: TorchScript prints to the standard output only
                help: use `println!`
            dbg!(a);
              1:1-3: macro `dbg!` is not supported in scripted methods: TorchScript cannot show values of all types
                help: use `println!("{}", …)`
            let b = dbg!(a); b
              1:9-11: macro `dbg!` is not supported in scripted methods: TorchScript cannot show values of all types
                help: use `println!("{}", …)`
            write!(text, "{a}")?;
              1:1-5: macro `write!` is not supported in scripted methods: TorchScript has nothing to write to but strings
                help: append to a `String`, with `+=` and `format!`
            writeln!(text)?;
              1:1-7: macro `writeln!` is not supported in scripted methods: TorchScript has nothing to write to but strings
                help: append to a `String`, with `+=` and `format!`
            log::info!("{a}");
              1:1-9: macro `info!` is not supported in scripted methods: TorchScript does not log
                help: use `println!`, or remove it
            tracing::debug!("x");
              1:1-14: macro `debug!` is not supported in scripted methods: TorchScript does not log
                help: use `println!`, or remove it
            format!("{:?}", list)
              1:9-14: `{:?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            format!("{a:>5}")
              1:9-16: `{a:>5}` is not supported in scripted methods
                help: write `{}`, and the padding as text
            format!("{s:.2}")
              1:9-16: `{s:.2}` is not supported in scripted methods
                help: round the value, as in `(x * 100.0).round() / 100.0`, and write `{}`
            format!("{a:x}")
              1:9-15: `{a:x}` is not supported in scripted methods
                help: write `{}`, which shows the number in decimal
            format!("{:e}", s)
              1:9-14: `{:e}` is not supported in scripted methods
                help: write `{}`, which shows the number in decimal
            format!("{:1$}", a, b)
              1:9-15: `{:1$}` is not supported in scripted methods
                help: write `{}`, and the padding as text
            println!("{:#?}", list);
              1:10-16: `{:#?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            panic!("{:?}", list)
              1:8-13: `{:?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            assert!(p, "{:?}", list);
              1:12-17: `{:?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            assert_eq!(a, b, "{:5}", a);
              1:18-23: `{:5}` is not supported in scripted methods
                help: write `{}`, and the padding as text
            format!(concat!("a", "b"), a)
              1:9-25: a format must be written as a string literal
                help: write `"{}"` before the value
            matches!(a)
              1:1-11: `matches!` takes a value and a pattern
                help: write `matches!(value, pattern)`
            matches!(a, )
              1:1-13: `matches!` takes a value and a pattern
                help: write `matches!(value, pattern)`
            vec![1; 2; 3]
              1:1-13: `vec!` takes elements, or an element and a length
                help: write `vec![a, b]` or `vec![a; n]`
            vec![1, ; 3]
              1:1-12: `vec!` takes elements, or an element and a length
                help: write `vec![a, b]` or `vec![a; n]`
            thread_local!(static A: i64 = 1);
              1:1-12: macro `thread_local!` is not supported in scripted methods: it is nothing that TorchScript has
                help: move it out of the method
            include_bytes!("a")
              1:1-13: macro `include_bytes!` is not supported in scripted methods: it is nothing that TorchScript has
                help: move it out of the method
            tokio::select! {}
              1:1-13: macro `select!` is not supported in scripted methods
                help: write out what the macro does, or mark the module `#[compile_mode(trace)]`
            my_macro!(a)
              1:1-8: macro `my_macro!` is not supported in scripted methods
                help: write out what the macro does, or mark the module `#[compile_mode(trace)]`
            assert!(a b);
              1:11-11: expected `,`
                help: write the arguments as expressions, separated by commas
            bail!(a b)
              1:9-9: expected `,`
                help: write the arguments as expressions, separated by commas
        "#]],
    );
}
