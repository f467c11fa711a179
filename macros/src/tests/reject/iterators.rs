//! Chains of iterators.

use expect_test::expect;

use super::bodies;

#[test]
fn unknown_methods() {
    bodies(
        [
            "list.iter().scan(0, |state, n| Some(n)).sum::<i64>()",
            "list.iter().max_by(|a, b| self.compare(a, b))",
            "list.iter().max_by(compare)",
            "list.iter().partition(|n| **n > 1)",
            "list.iter().reduce(|a, b| a + b)",
            "list.iter().try_fold(0, |a, b| Some(a + b))",
            "list.iter().peekable()",
            "list.iter().cycle()",
            "list.iter().min_by(|a, b| a.total_cmp(b))",
            "list.iter().rposition(|n| *n == 1)",
            "list.iter().sum_of()",
        ],
        expect![[r#"
            list.iter().scan(0, |state, n| Some(n)).sum::<i64>()
              1:13-16: iterator method `scan` is not supported in scripted methods
                help: write `fold` with an initial value, or a `for` loop
            list.iter().max_by(|a, b| self.compare(a, b))
              1:20-44: this closure of `max_by` is not supported in scripted methods
                help: write a closure that ends with `x.cmp(&y)` or `x.partial_cmp(&y).unwrap()`, maybe with `.reverse()`
            list.iter().max_by(compare)
              1:20-26: this closure of `max_by` is not supported in scripted methods
                help: write a closure that ends with `x.cmp(&y)` or `x.partial_cmp(&y).unwrap()`, maybe with `.reverse()`
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
            list.iter().min_by(|a, b| a.total_cmp(b))
              1:20-40: this closure of `min_by` is not supported in scripted methods
                help: write a closure that ends with `x.cmp(&y)` or `x.partial_cmp(&y).unwrap()`, maybe with `.reverse()`
            list.iter().rposition(|n| *n == 1)
              1:13-21: iterator method `rposition` is not supported in scripted methods
                help: reverse the iterator with `rev()`
            list.iter().sum_of()
              1:13-18: iterator method `sum_of` is not supported in scripted methods
                help: write a `for` loop
        "#]],
    );
}

#[test]
fn collections() {
    bodies(
        [
            "list.iter().collect::<HashSet<_>>()",
            "list.iter().collect::<Option<Vec<i64>>>()",
            "matches!(1, _ if list.iter().filter(|n| { let m = **n; m > 1 }).collect::<Vec<_>>().len() == 1)",
        ],
        expect![[r#"
            list.iter().collect::<HashSet<_>>()
              1:13-19: an iterator cannot be collected into `HashSet` in scripted methods
                help: collect it into a `Vec`, a `String`, a `HashMap` or a `BTreeMap`
            list.iter().collect::<Option<Vec<i64>>>()
              1:13-19: an iterator cannot be collected into `Option` in scripted methods
                help: collect it into a `Vec`, a `String`, a `HashMap` or a `BTreeMap`
            matches!(1, _ if list.iter().filter(|n| { let m = **n; m > 1 }).collect::<Vec<_>>().len() == 1)
              1:65-71: the type of the collected elements must be written
                help: write `let list: Vec<T> = ….collect();` with its type, and use `list`
        "#]],
    );
}

#[test]
fn what_is_no_closure() {
    bodies(
        ["list.iter().map(self.f)", "list.iter().fold(0, 1)", "list.iter().for_each(1)"],
        expect![[r#"
        list.iter().map(self.f)
          1:13-15: iterator method `map` is not supported in scripted methods
            help: write a `for` loop
        list.iter().fold(0, 1)
          1:21-21: only a closure can be passed here in scripted methods
            help: write `|value| …`
        list.iter().for_each(1)
          1:22-22: only a closure can be passed here in scripted methods
            help: write `|value| …`
    "#]],
    );
}

#[test]
fn returns_inside_of_closures() {
    bodies(
        ["list.iter().map(|n| return n)"],
        expect![[r#"
            list.iter().map(|n| return n)
              1:13-15: iterator method `map` is not supported in scripted methods
                help: write a `for` loop
        "#]],
    );
}

#[test]
fn ranges_without_an_end() {
    bodies(
        ["for i in (0..).map(|i| i * 2) { self.g(i); }", "for i in (1..).step_by(2) { self.g(i); }"],
        expect![[r#"
            for i in (0..).map(|i| i * 2) { self.g(i); }
              1:11-13: a loop over a range without an end is not supported in scripted methods
                help: write `loop`, with a counter of your own
            for i in (1..).step_by(2) { self.g(i); }
              1:11-13: a loop over a range without an end is not supported in scripted methods
                help: write `loop`, with a counter of your own
        "#]],
    );
}

#[test]
fn methods_in_a_loop() {
    bodies(
        [
            "for i in list.iter().enumerate().filter(|(i, n)| p).map(|n| n).rev().chain(list.iter()) {}",
            "for w in list.iter().map(|n| n * 2).flat_map(|n| { let m = n; 0..m }) { self.g(w); }",
        ],
        expect![[r#"
            for i in list.iter().enumerate().filter(|(i, n)| p).map(|n| n).rev().chain(list.iter()) {}
              1:70-74: iterator method `chain` is not supported here in scripted methods
                help: collect what comes before it into a list of its own, with `let`
            for w in list.iter().map(|n| n * 2).flat_map(|n| { let m = n; 0..m }) { self.g(w); }
              1:37-44: iterator method `flat_map` is not supported here in scripted methods
                help: collect what comes before it into a list of its own, with `let`
        "#]],
    );
}
