//! Loops over elements, and chains of iterators.

use expect_test::expect;

use super::{check, values};

#[test]
fn for_loop_over_elements() {
    check(
        "fn f(&self, xs: &[Tensor]) -> i64 { let mut n = 0; for x in xs { n += x.size()[0]; } n }",
        expect![[r#"
            def f(self, xs: $T0) -> $T1:
                n = 0
                for x in $iter(xs):
                    n += $size_at(x, 0)
                return n
        "#]],
    );
    check(
        "fn f(&self, xs: Vec<Tensor>) { for (i, x) in xs.iter().enumerate() { self.g(i, x); } }",
        expect![[r#"
            def f(self, xs: $T0):
                for (i, x) in enumerate($iter(xs)):
                    self.g(i, x)
        "#]],
    );
    check(
        "fn f(&self, xs: &[Tensor], ys: &[Tensor]) { for (x, y) in xs.iter().zip(ys.iter()) { self.g(x, y); } }",
        expect![[r#"
            def f(self, xs: $T0, ys: $T1):
                for (x, y) in zip($iter(xs), $iter(ys)):
                    self.g(x, y)
        "#]],
    );
    check(
        "fn f(&self, xs: &[Tensor]) { for (i, (x, n)) in xs.iter().zip(0..3).enumerate() { self.g(i, x, n); } }",
        expect![[r#"
            def f(self, xs: $T0):
                for (i, (x, n)) in enumerate(zip($iter(xs), range(3))):
                    self.g(i, x, n)
        "#]],
    );
}

#[test]
fn chains_that_are_values() {
    values([
        ("list.iter().map(|n| n * 2).collect::<Vec<_>>()", expect!["return [(n * 2) for n in $iter(_list)]"]),
        (
            "xs.iter().map(|x| x.relu()).collect::<Vec<Tensor>>()",
            expect!["return [torch.relu(x_1) for x_1 in $iter(xs)]"],
        ),
        (
            "list.iter().filter(|n| **n > 1).map(|n| n + 1).collect::<Vec<i64>>()",
            expect![[r#"
                value = $iter(_list)
                return [(n_1 + 1) for n_1 in $keep(value, [(n > 1) for n in value])]"#]],
        ),
        ("(0..a).map(|i| i * i).sum::<i64>()", expect!["return $sum([(i * i) for i in range(a)])"]),
        (
            "list.iter().fold(0, |total, n| total + n)",
            expect![[r#"
                accumulator = 0
                for item in $iter(_list):
                    accumulator = (accumulator + item)
                return accumulator"#]],
        ),
        (
            "list.iter().any(|n| *n == 2)",
            expect![[r#"
                _any = False
                for item in $iter(_list):
                    if $eq(item, 2):
                        _any = True
                        break
                return _any"#]],
        ),
        (
            "list.iter().all(|&n| n > 2)",
            expect![[r#"
                _all = True
                for item in $iter(_list):
                    if not (item > 2):
                        _all = False
                        break
                return _all"#]],
        ),
        (
            "list.iter().filter(|n| **n > 1).count()",
            expect![[r#"
                count = 0
                for n in $iter(_list):
                    if (n > 1):
                        count += 1
                return count"#]],
        ),
        (
            "xs.iter().zip(list.iter()).map(|(x, n)| x * *n).collect::<Vec<_>>()",
            expect!["return [(x_1 * n) for (x_1, n) in zip($iter(xs), $iter(_list))]"],
        ),
    ]);
    check(
        "fn f(&self, xs: &[Tensor]) { xs.iter().for_each(|x| self.g(x)); }",
        expect![[r#"
            def f(self, xs: $T0):
                for x in $iter(xs):
                    self.g(x)
                None
        "#]],
    );
}

#[test]
fn chains_of_adapters() {
    check(
        "fn f(&self, v: Vec<i64>) -> i64 { v.iter().filter(|x| **x > 1).map(|x| x * 2).sum::<i64>() }",
        expect![[r#"
            def f(self, v: $T0) -> $T1:
                value = $iter(v)
                return $sum([(x_1 * 2) for x_1 in $keep(value, [(x > 1) for x in value])])
        "#]],
    );
    check(
        "fn f(&self, v: Vec<i64>) { for (i, x) in v.iter().filter(|x| **x > 1).enumerate().take(3) { self.g(i, x); } }",
        expect![[r#"
            def f(self, v: $T0):
                index = -1
                left = 3
                for x in $iter(v):
                    if (left <= 0):
                        break
                    if (x > 1):
                        index += 1
                        value = (index, x)
                        left += -1
                        (i, x_1) = value
                        self.g(i, x_1)
        "#]],
    );
    check(
        "fn f(&self, v: Vec<i64>) { for x in v.iter().rev().skip(1).chain(v.iter()) { self.g(x); } }",
        expect![[r#"
            def f(self, v: $T0):
                for x in $chain($skip($rev($iter(v)), 1), $iter(v)):
                    self.g(x)
        "#]],
    );
    check(
        "fn f(&self, v: Vec<f64>) -> f64 { v.iter().copied().fold(0.0, f64::max) }",
        expect![[r#"
            def f(self, v: $T0) -> $T1:
                accumulator = 0.0
                for item in $cloned($iter(v)):
                    accumulator = $max(accumulator, item)
                return accumulator
        "#]],
    );
    check(
        "fn f(&self, v: Vec<i64>) -> Option<i64> { v.iter().find(|x| **x > 1) }",
        expect![[r#"
            def f(self, v: $T0) -> $T1:
                value = $iter(v)
                found = -1
                at = -1
                for item in value:
                    at += 1
                    if (item > 1):
                        found = at
                        break
                return $get(value, found)
        "#]],
    );
    check(
        "fn f(&self, m: HashMap<String, i64>) { for (k, v) in &m { self.g(k, v); } }",
        expect![[r#"
            def f(self, m: $T0):
                for (k, v) in $iter(m):
                    self.g(k, v)
        "#]],
    );
}
