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

#[test]
fn chains_of_iterators() {
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

#[test]
fn formats() {
    check(
        "fn f(&self, a: i64, s: f64) -> String { format!(\"{a} of {{{}}}, {0}\", s + 1.0) }",
        expect![[r#"
            def f(self, a: $T0, s: $T1) -> $T2:
                value = (s + 1.0)
                return (((($display(a) + " of {") + $display(value)) + "}, ") + $display(value))
        "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { assert_eq!(a, 1, \"not {a}\"); assert!(a > 0); println!(\"{}\", a); a }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                assert $eq(a, 1), ("assertion `left == right` failed: " + ("not " + $display(a)))
                assert (a > 0)
                print($display(a))
                return a
        "#]],
    );
    check(
        "fn f(&self, a: Option<i64>) -> bool { matches!(a, Some(x) if x > 1) }",
        expect![[r#"
            def f(self, a: $T0 = None) -> $T1:
                matched = a
                if ((matched is not None) and (matched > 1)):
                    matches = True
                else:
                    matches = False
                return matches
        "#]],
    );
}

#[test]
fn collections_of_written_types() {
    check(
        "
fn f(&self, p: bool) -> Vec<i64> {
    let mut m: HashMap<String, i64> = HashMap::new();
    m.insert(\"a\".to_string(), 1);
    let v: Vec<i64> = if p { vec![] } else { Vec::new() };
    let w = Vec::<f64>::new();
    let n = \"3\".parse::<u8>().unwrap();
    v
}",
        expect![[r#"
            def f(self, p: $T0) -> $T1:
                m: $T3 = $copy($E2)
                $insert(m, $display("a"), 1)
                if p:
                    value = $E4
                else:
                    value = $E5
                v: $T6 = value
                w = $E7
                n = $unwrap($try_u8($parse_int("3")))
                return v
        "#]],
    );
}
