//! Literals, constants, logic, and the order in which operands are evaluated.

use expect_test::expect;

use super::values;

#[test]
fn literals() {
    values([
        ("1", expect!["return 1"]),
        ("1_000i64", expect!["return 1000"]),
        ("0xff", expect!["return 255"]),
        ("1f64", expect!["return 1.0"]),
        ("1.", expect!["return 1."]),
        (
            "2.5e-3",
            expect![[r#"
            return $exact(2.5e-3, $C0)
            # $C0 = the number type of 2.5e-3"#]],
        ),
        ("1e10", expect!["return 1e10"]),
        ("1_0.5_0f32", expect!["return 10.5"]),
        ("true", expect!["return True"]),
        ("\"a \\\"b\\\" \\n ü\"", expect![[r#"return "a \"b\" \n ü""#]]),
        ("()", expect!["return None"]),
        ("(1,)", expect!["return (1,)"]),
        ("(1, (2.0, false))", expect!["return (1, (2.0, False))"]),
        ("None", expect!["return None"]),
        ("Some(x)", expect!["return $optional(x)"]),
        ("Ok(x)", expect!["return x"]),
    ]);
}

#[test]
fn constants() {
    values([
        (
            "LIMIT",
            expect![[r#"
            return $C0
            # $C0 = LIMIT"#]],
        ),
        (
            "Self::LIMIT + crate::LIMIT",
            expect![[r#"
                return $exact(($C0 + $C1), $C2)
                # $C0 = Self::LIMIT
                # $C1 = crate::LIMIT
                # $C2 = the number type of Self::LIMIT+crate::LIMIT"#]],
        ),
        (
            "std::f64::consts::PI * s",
            expect![[r#"
            return ($C0 * s)
            # $C0 = std::f64::consts::PI"#]],
        ),
        (
            "x.to_kind(Kind::Float)",
            expect![[r#"
            return x.to($C0)
            # $C0 = Kind::Float"#]],
        ),
        (
            "f64::INFINITY",
            expect![[r#"
            return $C0
            # $C0 = f64::INFINITY"#]],
        ),
    ]);
}

#[test]
fn comparison_and_logic() {
    values([
        ("a < b", expect!["return (a < b)"]),
        ("a <= b", expect!["return (a <= b)"]),
        ("a > b", expect!["return (a > b)"]),
        ("a >= b", expect!["return (a >= b)"]),
        ("a == b", expect!["return $eq(a, b)"]),
        ("a != b", expect!["return $ne(a, b)"]),
        ("x == y", expect!["return $eq(x, y)"]),
        ("p && q || !p", expect!["return ((p and q) or $not(p))"]),
        ("maybe.is_some() && maybe.is_none()", expect!["return ((maybe is not None) and (maybe is None))"]),
        ("list.is_empty() || list.len() > 3", expect!["return ($eq(len(_list), 0) or (len(_list) > 3))"]),
    ]);
}

#[test]
fn operands_keep_their_order() {
    // The right operand takes statements; the left one must not be overtaken.
    values([
        (
            "x.relu_() + { let z = y.tanh_(); z }",
            expect![[r#"
            operand = torch.relu_(x)
            z = torch.tanh_(y)
            value = z
            return (operand + value)"#]],
        ),
        (
            "self.g(x.relu_(), if p { 1 } else { 2 }, a)",
            expect![[r#"
            operand = torch.relu_(x)
            if p:
                value = 1
            else:
                value = 2
            return self.g(operand, value, a)"#]],
        ),
        (
            "(x.relu_(), vec![if p { 1 } else { 2 }])",
            expect![[r#"
            operand = torch.relu_(x)
            if p:
                value = 1
            else:
                value = 2
            return (operand, [value])"#]],
        ),
        (
            "x.where_self(&{ let m = y.gt(0.0); m }, y)",
            expect![[r#"
            operand = x
            m = torch.gt(y, 0.0)
            value = m
            return torch.where(value, operand, y)"#]],
        ),
        // What is constant may stay where it is.
        (
            "1 + if p { 1 } else { 2 }",
            expect![[r#"
                if p:
                    value = 1
                else:
                    value = 2
                return $exact((1 + value), $C0)
                # $C0 = the number type of 1+ifp{1}else{2}"#]],
        ),
    ]);
}

#[test]
fn short_circuit_with_statements() {
    values([
        (
            "p && { let z = self.g(x); z }",
            expect![[r#"
                if p:
                    z = self.g(x)
                    value = z
                    both = value
                else:
                    both = False
                return both"#]],
        ),
        (
            "p || if q { self.g(x) } else { false }",
            expect![[r#"
                if p:
                    either = True
                else:
                    if q:
                        value = self.g(x)
                    else:
                        value = False
                    either = value
                return either"#]],
        ),
        (
            "({ let z = p; z }) && q",
            expect![[r#"
            z = p
            value = z
            return (value and q)"#]],
        ),
    ]);
}
