//! Assertions, panics and formats.

use expect_test::expect;

use super::check;

#[test]
fn macros_of_the_standard_library() {
    check(
        "fn f(&self, a: i64) -> i64 { assert!(a > 0); assert!(a < 9, \"too much\"); a }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            assert (a > 0)
            assert (a < 9), "too much"
            return a
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { if a > 0 { panic!(\"not {{that}}\"); } a }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                raise $panic("not {that}")
            return a
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { if a > 0 { a } else { panic!(\"negative\") } }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                return a
            else:
                raise $panic("negative")
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { match a { 0 => 1, _ => unreachable!() } }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            matched = a
            if $eq(matched, 0):
                return 1
            else:
                raise $panic("the code reached a panic")
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> Result<i64> { if a > 0 { bail!(\"positive\") } ensure!(a < -1, \"minus one\"); Ok(a) }",
        expect![[r#"
        def f(self, a: $T0) -> $T1:
            if (a > 0):
                raise $panic("positive")
            assert (a < -1), "minus one"
            return a
    "#]],
    );
    check(
        "fn f(&self, a: i64) -> Result<i64, String> { if a > 0 { return Err(\"positive\".into()); } Ok(a) }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                if (a > 0):
                    raise $panic("positive")
                return a
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
fn what_a_build_decides() {
    check(
        "fn f(&self, a: i64) -> i64 { debug_assert!(a > 0, \"{a}\"); debug_assert_ne!(a, 2); a }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                if $C0:
                    assert (a > 0), $display(a)
                if $C1:
                    assert $ne(a, 2), "assertion `left != right` failed"
                return a
            # $C0 = ::core::cfg!(debug_assertions)
            # $C1 = ::core::cfg!(debug_assertions)
        "#]],
    );
    check(
        "fn f(&self, a: i64) -> i64 { if cfg!(feature = \"fast\") { a } else { a + 1 } }",
        expect![[r#"
            def f(self, a: $T0) -> $T1:
                if $C0:
                    return a
                else:
                    return (a + 1)
            # $C0 = cfg!(feature="fast")
        "#]],
    );
}
