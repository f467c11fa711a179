//! Options and results.

use expect_test::expect;

use super::{check, values};

#[test]
fn options() {
    values([
        ("maybe.unwrap()", expect!["return $unwrap(maybe)"]),
        ("maybe.expect(\"there\")", expect!["return $unwrap(maybe)"]),
        ("maybe.as_ref().unwrap().relu()", expect!["return torch.relu($unwrap(maybe))"]),
        (
            "maybe.unwrap_or(x.relu())",
            expect![[r#"
            matched = maybe
            value = torch.relu(x)
            if (matched is not None):
                result = matched
            else:
                result = value
            return result"#]],
        ),
        (
            "maybe.map(|m| m * 2)",
            expect![[r#"
                matched = maybe
                if (matched is not None):
                    result = (matched * 2)
                else:
                    result = None
                return result"#]],
        ),
        (
            "maybe.map_or(0, |m| m.dim())",
            expect![[r#"
            matched = maybe
            if (matched is not None):
                result = torch.dim(matched)
            else:
                result = 0
            return result"#]],
        ),
        (
            "maybe.as_ref().map_or_else(|| x.relu(), |m| { let n = m + 1; n * 2 })",
            expect![[r#"
                matched = maybe
                if (matched is not None):
                    n = $exact((matched + 1), $C0)
                    value = $exact((n * 2), $C1)
                    result = value
                else:
                    result = torch.relu(x)
                return result
                # $C0 = the number type of m+1
                # $C1 = the number type of n*2"#]],
        ),
        (
            "maybe.and_then(|m| if p { Some(m) } else { None })",
            expect![[r#"
                matched = maybe
                if (matched is not None):
                    if p:
                        value = $optional(matched)
                    else:
                        value = $annotate($T13, None)
                    result = value
                else:
                    result = None
                return result"#]],
        ),
        (
            "maybe.is_some_and(|m| m.dim() > 2)",
            expect![[r#"
            matched = maybe
            if (matched is not None):
                result = (torch.dim(matched) > 2)
            else:
                result = False
            return result"#]],
        ),
        (
            "maybe.filter(|m| m.dim() > 2)",
            expect![[r#"
                matched = maybe
                if (matched is not None):
                    if (torch.dim(matched) > 2):
                        result = matched
                    else:
                        result = $annotate($T13, None)
                else:
                    result = None
                return result"#]],
        ),
    ]);
}

#[test]
fn results() {
    values([
        ("x.f_relu()?.tanh()", expect!["return torch.tanh($unwrap(torch.relu(x)))"]),
        ("self.helper(x)?", expect!["return self.helper(x)"]),
        ("x.f_relu().unwrap()", expect!["return $unwrap(torch.relu(x))"]),
    ]);
    check(
        "fn f(&self, a: Option<i64>) -> Option<i64> { let b = a?; Some(b + 1) }",
        expect![[r#"
            def f(self, a: $T0 = None) -> $T1:
                matched = a
                if (matched is None):
                    return None
                b = matched
                return $optional((b + 1))
        "#]],
    );
}
