//! Patterns of `match`, `if let`, `let … else` and `while let`.

use expect_test::expect;

use super::check;

#[test]
fn if_let() {
    check(
        "fn f(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor { if let Some(mask) = mask { x * mask } else { x.relu() } }",
        expect![[r#"
            def f(self, x: $T0, mask: $T1 = None) -> $T2:
                matched = mask
                if (matched is not None):
                    mask_1 = matched
                    return (x * mask_1)
                else:
                    return torch.relu(x)
        "#]],
    );
    check(
        "fn f(&self, n: Option<i64>) -> bool { if let None = n { true } else { false } }",
        expect![[r#"
            def f(self, n: $T0 = None) -> $T1:
                matched = n
                if (matched is None):
                    return True
                else:
                    return False
        "#]],
    );
    check(
        "fn f(&self, n: Option<(i64, i64)>) -> i64 { if let Some((a, _)) = n { a } else { 0 } }",
        expect![[r#"
            def f(self, n: $T0 = None) -> $T1:
                matched = n
                if (matched is not None):
                    a = $field(matched, 0)
                    return a
                else:
                    return 0
        "#]],
    );
    check(
        "fn f(&self, x: &Tensor) -> Tensor { if let Some(norm) = &self.norm { norm.forward(x) } else { x.relu() } }",
        expect![[r#"
        def f(self, x: $T0) -> $T1:
            matched = self.norm
            if (matched is not None):
                norm = matched
                return norm.forward(x)
            else:
                return torch.relu(x)
    "#]],
    );
}

#[test]
fn chains_of_let() {
    check(
        "fn f(&self, a: Option<i64>) -> i64 { if let Some(x) = a && x > 0 { x } else { 0 } }",
        expect![[r#"
            def f(self, a: $T0 = None) -> $T1:
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
            def f(self, a: $T0 = None) -> $T1:
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
fn let_else() {
    check(
        "fn f(&self, x: &Tensor, mask: Option<&Tensor>) -> Tensor { let Some(mask) = mask else { return x.relu() }; x * mask }",
        expect![[r#"
            def f(self, x: $T0, mask: $T1 = None) -> $T2:
                matched = mask
                if (matched is None):
                    return torch.relu(x)
                mask_1 = matched
                return (x * mask_1)
        "#]],
    );
}

#[test]
fn match_expression() {
    check(
        "
fn f(&self, n: i64) -> i64 {
    match n {
        0 => 10,
        1 | 2 => 20,
        3..=9 => 30,
        LIMIT => 40,
        k if k % 2 == 0 => k / 2,
        k => k,
    }
}",
        expect![[r#"
            def f(self, n: $T0) -> $T1:
                matched = n
                if $eq(matched, 0):
                    return 10
                else:
                    if ($eq(matched, 1) or $eq(matched, 2)):
                        return 20
                    else:
                        if ((matched >= 3) and (matched <= 9)):
                            return 30
                        else:
                            if $matches(matched, $C0):
                                return 40
                            else:
                                if $eq($rem(matched, 2), 0):
                                    return $div(matched, 2)
                                else:
                                    return matched
            # $C0 = LIMIT
        "#]],
    );
    check(
        "fn f(&self, n: Option<i64>) -> i64 { match n { Some(0) => 1, Some(n) => n, None => 2 } }",
        expect![[r#"
            def f(self, n: $T0 = None) -> $T1:
                matched = n
                if ((matched is not None) and $eq(matched, 0)):
                    return 1
                else:
                    if (matched is not None):
                        return matched
                    else:
                        return 2
        "#]],
    );
    check(
        "fn f(&self, a: i64, p: bool) -> i64 { match (a, p) { (0, true) => 1, (a, _) => a } }",
        expect![[r#"
        def f(self, a: $T0, p: $T1) -> $T2:
            matched = a
            matched_1 = p
            if ($eq(matched, 0) and $eq(matched_1, True)):
                return 1
            else:
                return matched
    "#]],
    );
    check(
        "fn f(&self, name: &str) { match name { \"a\" => self.one(), _ => {} } }",
        expect![[r#"
        def f(self, name: $T0):
            matched = name
            if $eq(matched, "a"):
                self.one()
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { match a { n @ 1..=2 => n, Self::LIMIT => 1, _ => 0 } }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                matched = a
                if ((matched >= 1) and (matched <= 2)):
                    return matched
                else:
                    if $matches(matched, $C0):
                        return 1
                    else:
                        return 0
            # $C0 = Self::LIMIT
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
