//! Trees of forms that take more than a line: labels, chains of `let`, patterns, iterators.

use expect_test::expect;

use super::accept::check;

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
                for i in range(0, n):
                    leaves = False
                    continues = False
                    for j in range(0, n):
                        if (j > 3):
                            leaves = True
                            break
                        if (j > i):
                            continues = True
                            break
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

#[test]
fn chains_of_let() {
    check(
        "fn f(&self, a: Option<i64>) -> i64 { if let Some(x) = a && x > 0 { x } else { 0 } }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                matched = a
                if ((matched is not None) and (matched > 0)):
                    x = matched
                    return x
                else:
                    return 0
        "#]],
    );
    check(
        "fn f(&self, a: Option<i64>) -> i64 { if let Some(x) = a && let Some(y) = self.g(x) { y } else { 0 } }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                matched = a
                if (matched is not None):
                    x = matched
                    matched_1 = self.g(matched)
                    if (matched_1 is not None):
                        y = matched_1
                        return y
                    else:
                        return 0
                else:
                    return 0
        "#]],
    );
    check(
        "fn f(&self, mut v: Vec<i64>) { while let Some(x) = v.pop() { self.g(x); } }",
        expect![[r#"
            def f(self, v: $T0):
                v = $copy(v)
                while True:
                    matched = $pop(v)
                    if (matched is not None):
                        x = matched
                        self.g(x)
                    else:
                        break
        "#]],
    );
}

#[test]
fn patterns() {
    check(
        "
fn f(&self, v: Vec<i64>, p: (i64, i64)) -> i64 {
    match v[..] {
        [] => 0,
        [a] if { let b = a; b > 1 } => a,
        [first, rest @ .., last] => first + rest[0] + last,
        _ => match p { (0, x) | (x, 0) => x, (.., y) => y },
    }
}",
        expect![[r#"
            def f(self, v: $T0, p: $T1) -> $T2:
                matched = v[:]
                if $eq(len(matched), 0):
                    return 0
                else:
                    if $eq(len(matched), 1):
                        b = matched[0]
                        value = (b > 1)
                        guard = value
                    else:
                        guard = False
                    if guard:
                        a = matched[0]
                        return a
                    else:
                        if (len(matched) >= 2):
                            first = matched[0]
                            rest = matched[1:-1]
                            last = matched[-1]
                            return ((first + rest[0]) + last)
                        else:
                            matched_1 = p
                            if $eq($field(matched_1, 0), 0):
                                x = $field(matched_1, 1)
                                return x
                            else:
                                if $eq($field(matched_1, 1), 0):
                                    x_1 = $field(matched_1, 0)
                                    return x_1
                                else:
                                    y = matched_1[-1]
                                    return y
        "#]],
    );
    check(
        "fn f(&self, v: Vec<i64>, p: (i64, i64)) -> i64 { let [a, b] = v; let (c, ..) = p; let [d, .., e] = v; a + b + c + d + e }",
        expect![[r#"
            def f(self, v: $T0, p: $T1) -> $T2:
                (a, b) = v
                c = $field(p, 0)
                d = v[0]
                e = v[-1]
                return ((((a + b) + c) + d) + e)
        "#]],
    );
    check(
        "fn f(&self, p: (Option<i64>, i64)) -> i64 { match p { (Some(x), 1) => x, (Some(x), _) => -x, (None, y) => y } }",
        expect![[r#"
            def f(self, p: $T0) -> $T1:
                matched = p
                if (($field(matched, 0) is not None) and $eq($field(matched, 1), 1)):
                    x = $unwrap($field(matched, 0))
                    return x
                else:
                    if ($field(matched, 0) is not None):
                        x_1 = $unwrap($field(matched, 0))
                        return -x_1
                    else:
                        y = $field(matched, 1)
                        return y
        "#]],
    );
}
