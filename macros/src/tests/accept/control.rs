//! Branches, loops and labels.

use expect_test::expect;

use super::check;
use crate::tests::parse_methods;

#[test]
fn if_statement() {
    check(
        "fn f(&self, a: i64) -> i64 { let mut b = 0; if a > 1 { b = 2; } b }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            b = 0
            if (a > 1):
                b = 2
            return b
    "#]],
    );
    check(
        "
fn f(&self, a: i64) -> i64 {
    let mut b = 0;
    if a > 1 { b = 2; } else if a > 0 { b = 3; } else { b += a; }
    b
}",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                b = 0
                if (a > 1):
                    b = 2
                else:
                    if (a > 0):
                        b = 3
                    else:
                        b += a
                return b
        "#]],
    );
    check(
        "fn f(&self, p: bool) { if p {} }",
        expect![[r#"
        def f(self, p: $T0):
            if p:
                pass
    "#]],
    );
}

#[test]
fn if_expression() {
    check(
        "fn f(&self, a: i64) -> i64 { if a > 0 { a } else { -a } }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                return a
            else:
                return -a
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { let b = if a > 0 { a } else if a < -5 { 5 } else { -a }; b }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                b = a
            else:
                if (a < -5):
                    b = 5
                else:
                    b = -a
            return b
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { 1 + if a > 0 { let b = a * a; b } else { 0 } }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                b = (a * a)
                value = b
            else:
                value = 0
            return (1 + value)
    "#]],
    );
    check(
        "fn f(&self, p: bool, q: bool) -> i64 { if p { if q { 1 } else { 2 } } else { 3 } }",
        expect![[r#"
        def f(self, p: $T0, q: $T1) -> $T2:
            if p:
                if q:
                    return 1
                else:
                    return 2
            else:
                return 3
    "#]],
    );
}

#[test]
fn return_statement() {
    check(
        "fn f(&self, a: i64) -> i64 { if a > 0 { return a; } a + 1 }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                return a
            return (a + 1)
    "#]],
    );
    check(
        "fn f(&self, a: i64) { if a > 0 { return; } self.g(a); }",
        expect![[r#"
        def f(self, a: $T0):
            if (a > 0):
                return None
            self.g(a)
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { return if a > 0 { a } else { 0 }; }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                return a
            else:
                return 0
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { let b = if a > 0 { return 1 } else { a }; b }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                return 1
            else:
                b = a
            return b
    "#]],
    );
    check(
        "fn f(&self, a: i64) { return self.g(a); }",
        expect![[r#"
        def f(self, a: $T0):
            self.g(a)
            return None
    "#]],
    );
}

#[test]
fn while_loop() {
    check(
        "fn f(&self, n: i64) -> i64 { let mut i = 0; while i < n { i += 1; } i }",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                i = 0
                while (i < n):
                    i += 1
                return i
        "#]],
    );
    // A condition that takes statements is evaluated in the loop.
    check(
        "fn f(&self, n: i64) -> i64 { let mut i = 0; while { let j = i * 2; j < n } { i += 1; } i }",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                i = 0
                while True:
                    j = $exact((i * 2), $C0)
                    value = (j < n)
                    if not value:
                        break
                    i = $add_assign(i, 1, $C1)
                return i
            # $C0 = the number type of i*2
            # $C1 = the number type of 1
        "#]],
    );
    check(
        "fn f(&self, n: i64) -> i64 { let mut i = 0; while if i > 3 { i < n } else { true } { i += 1; } i }",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                i = 0
                while True:
                    if (i > 3):
                        value = (i < n)
                    else:
                        value = True
                    if not value:
                        break
                    i += 1
                return i
        "#]],
    );
    check(
        "fn f(&self, n: i64) -> i64 { let mut i = 0; while i < n { i += 1; if i == 3 { continue; } if i == 5 { break; } } i }",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                i = 0
                while (i < n):
                    i += 1
                    if $eq(i, 3):
                        continue
                        raise $panic("the loop was left before")
                    if $eq(i, 5):
                        break
                        raise $panic("the loop was left before")
                return i
        "#]],
    );
}

#[test]
fn loop_loop() {
    check(
        "fn f(&self) -> i64 { let mut i = 0; loop { i += 1; if i > 9 { break; } } i }",
        expect![[r#"
            def f(self) -> $T0:
                i = 0
                while True:
                    i = $add_assign(i, 1, $C0)
                    if (i > 9):
                        break
                        raise $panic("the loop was left before")
                return i
            # $C0 = the number type of 1
        "#]],
    );
    check(
        "fn f(&self) -> i64 { let mut i = 0; loop { i += 1; if i > 9 { break i; } } }",
        expect![[r#"
            def f(self) -> $T0:
                i = 0
                while True:
                    i = $add_assign(i, 1, $C0)
                    if (i > 9):
                        return i
                raise $panic("the end of a `loop` was reached")
            # $C0 = the number type of 1
        "#]],
    );
    check(
        "fn f(&self) -> i64 { let mut i = 0; let j: i64 = loop { i += 1; if i > 9 { break i * 2; } }; j }",
        expect![[r#"
            def f(self) -> $T0:
                i = 0
                j = $U1
                while True:
                    i = $add_assign(i, 1, $C0)
                    if (i > 9):
                        j = $exact((i * 2), $C1)
                        break
                        raise $panic("the loop was left before")
                return j
            # $C0 = the number type of 1
            # $C1 = the number type of i*2
        "#]],
    );
    check(
        "fn f(&self, x: &Tensor) -> Tensor { loop { return x.relu(); } }",
        expect![[r#"
        def f(self, x: $T0) -> $T1:
            while True:
                return torch.relu(x)
            raise $panic("the end of a `loop` was reached")
    "#]],
    );
}

#[test]
fn for_loop_over_a_range() {
    let cases = [
        ("0..n", expect!["for i in range(n):"]),
        ("..n", expect!["for i in range(0, n):"]),
        ("1..=n", expect!["for i in range(1, (n + 1)):"]),
        ("(0..n)", expect!["for i in range(n):"]),
        ("(0..n).rev()", expect!["for i in range((n - 1), (0 - 1), -1):"]),
        ("(1..=n).rev()", expect!["for i in range(((n + 1) - 1), (1 - 1), -1):"]),
        ("(0..n).step_by(2)", expect!["for i in range(0, n, 2):"]),
        ("(0..n).enumerate()", expect!["for (unused, i) in enumerate(range(n)):"]),
        ("self.start..self.end()", expect!["for i in range(self.start, self.end()):"]),
        ("0..x.size()[0]", expect!["for i in range($size_at(x, 0)):"]),
    ];
    for (iter, expected) in cases {
        let pat = if iter.contains("enumerate") { "(_, i)" } else { "i" };
        let (methods, errors) = parse_methods(&format!(
            "fn f(&self, n: i64, x: &Tensor) {{ for {pat} in {iter} {{ self.g(i); }} }}"
        ));
        assert!(errors.is_empty(), "{iter}: {}", errors[0].message);
        let text = methods.methods[0].lowered.def.to_string();
        expected.assert_eq(text.lines().find(|line| line.contains("for ")).expect("a loop").trim());
    }
}

#[test]
fn labels() {
    check(
        "
fn f(&self, n: i64) -> i64 {
    let mut s = 0;
    'outer: for i in 0..n {
        for j in 0..n {
            if j > 3 { break 'outer; }
            if j > i { continue 'outer; }
            s += j;
        }
        s += 1;
    }
    s
}",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                s = 0
                for i in range(n):
                    leaves = False
                    continues = False
                    for j in range(n):
                        if (j > 3):
                            leaves = True
                            break
                            raise $panic("the loop was left before")
                        if (j > i):
                            continues = True
                            break
                            raise $panic("the loop was left before")
                        s += j
                    if leaves:
                        break
                    if continues:
                        continue
                    s += 1
                return s
        "#]],
    );
    check(
        "fn f(&self, n: i64) -> i64 { let v: i64 = 'a: { if n > 2 { break 'a 7; } n }; v }",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                v = $U2
                while True:
                    if (n > 2):
                        v = 7
                        break
                        raise $panic("the loop was left before")
                    v = n
                    break
                return v
        "#]],
    );
    check(
        "fn f(&self, n: i64) -> i64 { 'a: { if n > 2 { break 'a 7; } n } }",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                while True:
                    if (n > 2):
                        return 7
                    return n
                    break
                raise $panic("the end of a block was reached")
        "#]],
    );
}
