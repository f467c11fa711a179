//! Declarations and assignments.

use expect_test::expect;

use super::check;

#[test]
fn let_statement() {
    check(
        "fn f(&self, a: i64) -> i64 { let b = a + 1; b }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            b = (a + 1)
            return b
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { let b: i64 = a; b }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            b: $T2 = a
            return b
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { let b: _ = a; b }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            b = a
            return b
    "#]],
    );
    check(
        "fn f(&self, p: (i64, (i64, f64))) -> i64 { let (a, (b, _)) = p; a + b }",
        expect![[r#"
        def f(self, p: $T0) -> $T1:
            (a, (b, unused)) = p
            return (a + b)
    "#]],
    );
    check(
        "fn f(&self, p: bool) -> i64 { let a; if p { a = 1; } else { a = 2; } a }",
        expect![[r#"
        def f(self, p: $T0) -> $T1:
            if p:
                a = 1
            else:
                a = 2
            return a
    "#]],
    );
    check(
        "fn f(&self, x: &Tensor) { let _ = x.relu_(); }",
        expect![[r#"
        def f(self, x: $T0):
            unused = torch.relu_(x)
    "#]],
    );
    check(
        "fn f(&self, x: &Tensor) -> i64 { let (b, c) = x.size2().unwrap(); b * c }",
        expect![[r#"
            def f(self, x: $T0) -> $T1:
                (b, c) = $unwrap($size2(x))
                return (b * c)
        "#]],
    );
}

#[test]
fn shadowing() {
    check(
        "
fn f(&self, x: i64) -> i64 {
    let y = x + 1;
    let y = y * 2;
    let x = { let y = y - 3; y * y };
    if x > 10 { let y = 1; x - y } else { y }
}",
        expect![[r#"
            def f(self, x: $T0) -> $T1:
                y = (x + 1)
                y_1 = (y * 2)
                y_2 = (y_1 - 3)
                x_1 = (y_2 * y_2)
                if (x_1 > 10):
                    y_3 = 1
                    return (x_1 - y_3)
                else:
                    return y_1
        "#]],
    );
    // A module that is shadowed by a tensor: libtorch miscompiles a name that is both.
    check(
        "fn f(&self, x: &Tensor) -> Tensor { let y = &self.linear; let y = y.forward(x); y }",
        expect![[r#"
        def f(self, x: $T0) -> $T1:
            y = self.linear
            y_1 = y.forward(x)
            return y_1
    "#]],
    );
    check(
        "fn f(&self, x: &Tensor) -> Tensor { let x = x.relu(); let x_1 = x.tanh(); let x = x_1.exp(); x }",
        expect![[r#"
        def f(self, x: $T0) -> $T1:
            x_1 = torch.relu(x)
            x_1_1 = torch.tanh(x_1)
            x_2 = torch.exp(x_1_1)
            return x_2
    "#]],
    );
}

#[test]
fn assignment() {
    check(
        "fn f(&self, mut a: i64) -> i64 { a = a + 1; a }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            a = $copy(a)
            a = (a + 1)
            return a
    "#]],
    );
    check(
        "fn f(&self, mut v: Vec<i64>) -> Vec<i64> { v[0] = 1; v[1] += 2; v.push(3); v }",
        expect![[r#"
        def f(self, v: $T0) -> $T1:
            v = $copy(v)
            v[0] = 1
            v[1] += 2
            v.append(3)
            return v
    "#]],
    );
    check(
        "fn f(&self, mut a: i64, mut b: i64) -> i64 { (a, b) = (b, a); a - b }",
        expect![[r#"
            def f(self, a: $T0, b: $T1) -> $T2:
                a = $copy(a)
                b = $copy(b)
                (a, b) = ($copy(b), $copy(a))
                return (a - b)
        "#]],
    );
    check(
        "fn f(&self, x: &Tensor) { _ = x.relu_(); }",
        expect![[r#"
        def f(self, x: $T0):
            torch.relu_(x)
    "#]],
    );
    check(
        "
fn f(&self, mut a: i64, mut x: Tensor) -> Tensor {
    a += 1; a -= 1; a *= 2; a /= 3; a %= 2; a |= 1; a &= 3; a ^= 2; a <<= 1; a >>= 1;
    x += 1.0; x -= a; x *= 2.0; x /= 2.0;
    x
}",
        expect![[r#"
            def f(self, a: $T0, x: $T1) -> $T2:
                a = $copy(a)
                x = $copy(x)
                a += 1
                a -= 1
                a *= 2
                a = $div_assign(a, 3)
                a = $rem(a, 2)
                a |= 1
                a &= 3
                a ^= 2
                a <<= 1
                a >>= 1
                x += 1.0
                x -= a
                x *= 2.0
                x = $div_assign(x, 2.0)
                return x
        "#]],
    );
    check(
        "fn f(&self, p: (i64, i64)) -> i64 { let mut a = 1; (a, _) = p; a }",
        expect![[r#"
        def f(self, p: $T0) -> $T1:
            a = 1
            (a, unused) = p
            return a
    "#]],
    );
    // An index is computed once.
    check(
        "fn f(&self, mut v: Vec<i64>) { v[self.next()] /= 2; v[self.next()] += 2; }",
        expect![[r#"
        def f(self, v: $T0):
            v = $copy(v)
            value = self.next()
            v[value] = $div_assign(v[value], 2)
            v[self.next()] += 2
    "#]],
    );
}
