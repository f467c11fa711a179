//! Rust methods and the trees that they become, printed close to Python: one test for each construct.
//!
//! `$T0` is a type and `$C0` a value that Rust fills in; `$div` and its like are resolved by the runtime.

use expect_test::{Expect, expect};

use super::decode::decode;
use super::parse_methods;
use crate::emit::encode::encode;
use crate::lower::Lowered;

/// Every function of a block, as a tree.
#[track_caller]
pub(super) fn check(functions: &str, expected: Expect) {
    let (methods, errors) = parse_methods(functions);
    let errors: Vec<_> = errors.iter().map(|error| super::render(error, 1)).collect();
    assert!(errors.is_empty(), "{functions}\n{}", errors.join("\n"));
    let trees: Vec<String> = methods.methods.iter().map(|method| print(&method.lowered)).collect();
    expected.assert_eq(&trees.join("\n"));
    methods.methods.iter().for_each(|method| check_encoded(&method.lowered));
}

/// The tree, and what stands for `$C0`, `$C1`, ….
fn print(lowered: &Lowered) -> String {
    let mut text = lowered.def.to_string();
    for (i, constant) in lowered.constants.iter().enumerate() {
        let constant = quote::quote!(#constant).to_string().replace(' ', "");
        text.push_str(&format!("# $C{i} = {constant}\n"));
    }
    text
}

/// The bytes hold the same tree, and every place in it is one in the source.
fn check_encoded(lowered: &Lowered) {
    let decoded = decode(&encode(&lowered.def));
    assert_eq!(decoded.to_string(), lowered.def.to_string());
    assert_eq!(format!("{decoded:?}"), format!("{:?}", lowered.def));
    let range = lowered.def.range;
    assert!(
        lowered.source.text.get(range.start..range.end).is_some(),
        "{range:?} of {:?}",
        lowered.source.text
    );
}

/// Expressions as a method's result. In sight are `x, y: &Tensor`, `a, b: i64`, `s, t: f64`, `p, q: bool`,
/// `list: Vec<i64>`, `xs: &[Tensor]`, `maybe: Option<Tensor>` and `pair: (i64, f64)`.
#[track_caller]
pub(super) fn values<const N: usize>(cases: [(&str, Expect); N]) {
    for (value, expected) in cases {
        let function = format!(
            "fn f(&self, x: &Tensor, y: &Tensor, a: i64, b: i64, s: f64, t: f64, p: bool, q: bool, list: Vec<i64>, \
             xs: &[Tensor], maybe: Option<Tensor>, pair: (i64, f64)) -> R {{\n{value}\n}}"
        );
        let (methods, errors) = parse_methods(&function);
        let errors: Vec<_> = errors.iter().map(|error| super::render(error, 2)).collect();
        assert!(errors.is_empty(), "{value}\n{}", errors.join("\n"));
        let lowered = &methods.methods[0].lowered;
        let text = print(lowered);
        let (_, body) = text.split_once('\n').expect("a signature");
        let body: Vec<&str> = body.lines().map(|line| line.strip_prefix("    ").unwrap_or(line)).collect();
        expected.assert_eq(&body.join("\n"));
        check_encoded(lowered);
    }
}

#[test]
fn signature() {
    check(
        "fn forward(&self, x: &Tensor, n: i64) -> Tensor { x * n }",
        expect![[r#"
        def forward(self, x: $T0, n: $T1) -> $T2:
            return (x * n)
    "#]],
    );
    check(
        "fn forward(&self) {}",
        expect![[r#"
        def forward(self):
            pass
    "#]],
    );
    check(
        "fn forward(&self, x: &Tensor, _: i64) -> (Tensor, i64) { (x.relu(), 1) }",
        expect![[r#"
        def forward(self, x: $T0, unused: $T1) -> $T2:
            return (torch.relu(x), 1)
    "#]],
    );
    // An associated function becomes a method; names that mean something else to Python are changed.
    check(
        "fn scale(lambda: f64, self_: f64, len: f64) -> f64 { lambda * self_ * len }",
        expect![[r#"
        def scale(self, _lambda: $T0, self_: $T1, _len: $T2) -> $T3:
            return ((_lambda * self_) * _len)
    "#]],
    );
    check(
        "fn r#match(&self) -> i64 { self.lambda() + Self::r#final() }",
        expect![[r#"
            def match(self) -> $T0:
                return (self._lambda() + self.final())
        "#]],
    );
    check(
        "fn forward(&self, r#type: i64, größe: i64) -> i64 { r#type + größe }",
        expect![[r#"
            def forward(self, _type: $T0, gr_xf6__xdf_e: $T1) -> $T2:
                return (_type + gr_xf6__xdf_e)
        "#]],
    );
}

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
                j = (i * 2)
                value = (j < n)
                if not value:
                    break
                i += 1
            return i
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
                    i += 1
                    if (i > 9):
                        break
                        raise $panic("the loop was left before")
                return i
        "#]],
    );
    check(
        "fn f(&self) -> i64 { let mut i = 0; loop { i += 1; if i > 9 { break i; } } }",
        expect![[r#"
        def f(self) -> $T0:
            i = 0
            while True:
                i += 1
                if (i > 9):
                    return i
            raise $panic("the end of a `loop` was reached")
    "#]],
    );
    check(
        "fn f(&self) -> i64 { let mut i = 0; let j: i64 = loop { i += 1; if i > 9 { break i * 2; } }; j }",
        expect![[r#"
            def f(self) -> $T0:
                i = 0
                j = $U1
                while True:
                    i += 1
                    if (i > 9):
                        j = (i * 2)
                        break
                        raise $panic("the loop was left before")
                return j
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
        ("0..n", expect!["for i in range(0, n):"]),
        ("..n", expect!["for i in range(0, n):"]),
        ("1..=n", expect!["for i in range(1, (n + 1)):"]),
        ("(0..n)", expect!["for i in range(0, n):"]),
        ("(0..n).rev()", expect!["for i in range((n - 1), (0 - 1), -1):"]),
        ("(1..=n).rev()", expect!["for i in range(((n + 1) - 1), (1 - 1), -1):"]),
        ("(0..n).step_by(2)", expect!["for i in range(0, n, 2):"]),
        ("(0..n).enumerate()", expect!["for (unused, i) in enumerate(range(0, n)):"]),
        ("self.start..self.end()", expect!["for i in range(self.start, self.end()):"]),
        ("0..x.size()[0]", expect!["for i in range(0, $size(x)[0]):"]),
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
fn for_loop_over_elements() {
    check(
        "fn f(&self, xs: &[Tensor]) -> i64 { let mut n = 0; for x in xs { n += x.size()[0]; } n }",
        expect![[r#"
            def f(self, xs: $T0) -> $T1:
                n = 0
                for x in $iter(xs):
                    n += $size(x)[0]
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
                for (i, (x, n)) in enumerate(zip($iter(xs), range(0, 3))):
                    self.g(i, x, n)
        "#]],
    );
    check(
        "fn f(&self, x: &Tensor) -> Tensor { let mut x = x.shallow_clone(); for layer in &self.layers { x = layer.forward(&x); } x }",
        expect![[r#"
            def f(self, x: $T0) -> $T1:
                x_1 = x
                for layer in self.layers:
                    x_1 = layer.forward(x_1)
                return x_1
        "#]],
    );
    check(
        "fn f(&self, x: &Tensor) { for layer in self.layers.iter() { let _ = x.apply(layer); } }",
        expect![[r#"
        def f(self, x: $T0):
            for layer in self.layers:
                unused = layer.forward(x)
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
fn literals() {
    values([
        ("1", expect!["return 1"]),
        ("1_000i64", expect!["return 1000"]),
        ("0xff", expect!["return 255"]),
        ("1f64", expect!["return 1.0"]),
        ("1.", expect!["return 1."]),
        ("2.5e-3", expect!["return 2.5e-3"]),
        ("1e10", expect!["return 1e10"]),
        ("1_0.5_0f32", expect!["return 10.50"]),
        ("true", expect!["return True"]),
        ("\"a \\\"b\\\" \\n ü\"", expect![[r#"return "a \"b\" \n ü""#]]),
        ("()", expect!["return None"]),
        ("(1,)", expect!["return (1,)"]),
        ("(1, (2.0, false))", expect!["return (1, (2.0, False))"]),
        ("[1, 2]", expect!["return [1, 2]"]),
        ("[0.0; 3]", expect!["return ([0.0] * 3)"]),
        ("vec![1, 2]", expect!["return [1, 2]"]),
        ("vec![vec![0; a]; 3]", expect!["return [([0] * a) for unused in range(3)]"]),
        ("[[0.0, 1.0]; 2]", expect!["return [[0.0, 1.0] for unused in range(2)]"]),
        ("vec![a; 3]", expect!["return $repeated(a, 3)"]),
        ("&[&x, &y][..]", expect!["return [x, y][:]"]),
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
            return ($C0 + $C1)
            # $C0 = Self::LIMIT
            # $C1 = crate::LIMIT"#]],
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
fn arithmetic() {
    values([
        ("a + b - a * b", expect!["return ((a + b) - (a * b))"]),
        ("a / b", expect!["return $div(a, b)"]),
        ("a % b", expect!["return $rem(a, b)"]),
        ("-a", expect!["return -a"]),
        ("!p", expect!["return $not(p)"]),
        ("!a", expect!["return $not(a)"]),
        ("!(a < b)", expect!["return not (a < b)"]),
        ("a & b | a ^ b", expect!["return ((a & b) | (a ^ b))"]),
        ("a << 2 >> b", expect!["return $shr((a << 2), b)"]),
        ("(a + b) * 2", expect!["return ((a + b) * 2)"]),
        ("x + y * 2.0", expect!["return (x + (y * 2.0))"]),
        ("*x + &**y", expect!["return (x + y)"]),
        ("s.powi(2) + s.powf(0.5)", expect!["return ((s ** 2) + (s ** 0.5))"]),
        ("a.max(b).min(3)", expect!["return $min($max(a, b), 3)"]),
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
fn casts() {
    values([
        ("a as f64", expect!["return $to_float(a)"]),
        ("s as i64 as f32", expect!["return $to_float($to_int(s))"]),
        ("list.len() as i64", expect!["return $to_int(len(_list))"]),
        ("p as usize", expect!["return $to_unsigned(p)"]),
        ("f64::try_from(x).unwrap()", expect!["return $unwrap($to_float(x))"]),
        ("i64::try_from(x)?", expect!["return $unwrap($to_int(x))"]),
        ("bool::try_from(x).unwrap()", expect!["return $unwrap(bool(x))"]),
        ("Tensor::from(a)", expect!["return $tensor(a)"]),
        ("Tensor::from(1f32)", expect!["return $tensor(1.0, 6)"]),
        ("Tensor::from(-(a as f32) + 1.0)", expect!["return $tensor((-$to_float(a) + 1.0), 6)"]),
        ("Tensor::from(1)", expect!["return $tensor(1, 3)"]),
        ("Tensor::from_slice(&list)", expect!["return $tensor(_list)"]),
        ("Tensor::from_slice(&[1, 2])", expect!["return $tensor([1, 2], 3)"]),
        ("Tensor::from_slice(&[1.0, 2f32])", expect!["return $tensor([1.0, 2.0], 6)"]),
        ("Tensor::from_slice(&vec![1.0, s])", expect!["return $tensor([1.0, s])"]),
        ("Tensor::from_slice::<u8>(&[])", expect!["return torch.zeros([0], dtype=0)"]),
        ("Tensor::from_slice2(&[[1.0, 2.0]])", expect!["return $tensor([[1.0, 2.0]], 7)"]),
        ("Tensor::try_from(vec![true; 3])?", expect!["return $unwrap($tensor(([True] * 3)))"]),
        ("f32::try_from(x)?", expect!["return $unwrap($to_float($cast(x, 6)))"]),
        ("u8::try_from(x)?", expect!["return $unwrap($try_u8($to_int($cast(x, 0))))"]),
        ("f64::from(s)", expect!["return $to_float(s)"]),
        ("Vec::<f32>::try_from(x)?", expect!["return $unwrap($to_list(x, 1, 6))"]),
        ("<Vec<Vec<i64>>>::try_from(x)?", expect!["return $unwrap($to_list(x, 2, 4))"]),
    ]);
}

#[test]
fn fields_and_calls() {
    values([
        ("self.scale", expect!["return self.scale"]),
        ("self.0", expect!["return self.0"]),
        ("pair.0 as f64 + pair.1", expect!["return ($to_float($field(pair, 0)) + $field(pair, 1))"]),
        ("self.block.norm.scale", expect!["return self.block.norm.scale"]),
        ("self.r#type", expect!["return self.type"]),
        ("self.helper(x, 1)", expect!["return self.helper(x, 1)"]),
        ("Self::helper(x, 1)", expect!["return self.helper(x, 1)"]),
        ("self.child.forward(x)", expect!["return self.child.forward(x)"]),
        ("self.child.forward_t(x, true)", expect!["return self.child.forward_t(x, True)"]),
        ("self.layers[0].forward(x)", expect!["return self.layers[0].forward(x)"]),
        ("x.apply(&self.linear)", expect!["return self.linear.forward(x)"]),
        ("x.apply_t(&self.norm, true)", expect!["return self.norm.forward_t(x, True)"]),
        (
            "x.apply(&self.a).relu().apply(&self.b)",
            expect!["return self.b.forward(torch.relu(self.a.forward(x)))"],
        ),
        (
            "x.relu().apply_opt(self.norm.as_ref())",
            expect![[r#"
            value = torch.relu(x)
            if (self.norm is not None):
                applied = self.norm.forward(value)
            else:
                applied = value
            return applied"#]],
        ),
    ]);
}

#[test]
fn calls_are_noted() {
    let (methods, _) =
        parse_methods("fn forward(&self) -> i64 { self.a() + Self::b() + self.c.d() + self.a() }");
    let calls: Vec<String> = methods.methods[0].lowered.calls.iter().map(ToString::to_string).collect();
    assert_eq!(calls, ["a", "b"]);
}

#[test]
fn reached_methods() {
    let (methods, _) = parse_methods(
        "
fn unrelated(&self) -> i64 { self.forward(1) }
fn c(&self) -> i64 { 1 }
fn forward(&self, x: i64) -> i64 { self.a(x) }
fn a(&self, x: i64) -> i64 { if x > 0 { self.a(x - 1) } else { Self::b() } }
fn b() -> i64 { 1 }",
    );
    let reached = methods.methods.iter().filter(|method| method.reached);
    let reached: Vec<String> = reached.map(|method| method.func.sig.ident.to_string()).collect();
    assert_eq!(reached, ["forward", "a", "b"]);
}

#[test]
fn operators_of_the_table() {
    values([
        ("x.relu()", expect!["return torch.relu(x)"]),
        ("x.f_relu()?", expect!["return $unwrap(torch.relu(x))"]),
        (
            "x.softmax(-1, Kind::Float)",
            expect![[r#"
            return torch.softmax(x, -1, $C0)
            # $C0 = Kind::Float"#]],
        ),
        ("x.softmax(-1, None)", expect!["return torch.softmax(x, -1, None)"]),
        // `impl IntList`: a list, or a number that stands for one.
        (
            "x.sum_dim_intlist([1i64, 2].as_slice(), false, Kind::Float)",
            expect![[r#"
            return torch.sum(x, [1, 2], False, dtype=$C0)
            # $C0 = Kind::Float"#]],
        ),
        (
            "x.sum_dim_intlist(1, false, None::<Kind>)",
            expect![[r#"
            return torch.sum(x, $int_list(1), False, dtype=$C0)
            # $C0 = None::<Kind>"#]],
        ),
        (
            "x.sum_dim_intlist(a, false, None)",
            expect!["return torch.sum(x, $int_list(a), False, dtype=None)"],
        ),
        ("x.permute([0, 2, 1])", expect!["return torch.permute(x, [0, 2, 1])"]),
        ("x.reshape(&[-1, a])", expect!["return torch.reshape(x, [-1, a])"]),
        ("x.reshape(&list)", expect!["return torch.reshape(x, $int_list(_list))"]),
        (
            "x.mean_dim(None::<i64>, false, Kind::Float)",
            expect![[r#"
            return torch.mean(x, $int_list($C0), False, dtype=$C1)
            # $C0 = None::<i64>
            # $C1 = Kind::Float"#]],
        ),
        (
            "x.upsample_bilinear2d([2, 2], false, s, None)",
            expect!["return torch.upsample_bilinear2d(x, [2, 2], False, s, None)"],
        ),
        // `(Kind, Device)`: two arguments.
        (
            "Tensor::zeros([2, 3], (Kind::Float, Device::Cpu))",
            expect![[r#"
            return torch.zeros([2, 3], dtype=$C0, device=$C1)
            # $C0 = Kind::Float
            # $C1 = Device::Cpu"#]],
        ),
        (
            "Tensor::zeros([2, 3], (x.kind(), x.device()))",
            expect!["return torch.zeros([2, 3], dtype=x.dtype, device=x.device)"],
        ),
        (
            "Tensor::ones(a, tch::kind::FLOAT_CPU)",
            expect![[r#"
            return torch.ones($int_list(a), dtype=$C0[0], device=$C0[1])
            # $C0 = tch::kind::FLOAT_CPU"#]],
        ),
        (
            "tch::Tensor::arange(a, self.options)",
            expect![[r#"
            value = self.options
            return torch.arange(a, dtype=value[0], device=value[1])"#]],
        ),
        // A method as a function.
        ("Tensor::relu(&x)", expect!["return torch.relu(x)"]),
        ("Tensor::cat(&[x, y], 0)", expect!["return torch.cat([x, y], 0)"]),
        ("Tensor::stack(xs, a)", expect!["return torch.stack(xs, a)"]),
        // The receiver is not always the first argument.
        ("x.where_self(&x.gt(0.0), y)", expect!["return torch.where(torch.gt(x, 0.0), x, y)"]),
        ("x.g_add_(y)", expect!["return torch.add_(x, y)"]),
        ("x.max_dim(1, true)", expect!["return torch.max(x, 1, True)"]),
        ("x.nll_loss::<Tensor>(y)", expect!["return torch.nll_loss(x, y)"]),
        (
            "x.g_nll_loss(y, None::<Tensor>, tch::Reduction::Mean, -100)",
            expect![[r#"
            return torch.nll_loss(x, y, $C0, $C1, -100)
            # $C0 = None::<Tensor>
            # $C1 = tch::Reduction::Mean"#]],
        ),
        ("x.linear(y, maybe)", expect!["return torch.linear(x, y, maybe)"]),
        ("x.index(&[Some(y)])", expect!["return torch.index(x, [$optional(y)])"]),
        ("x.clamp(0.0, 1.0)", expect!["return $clamp(x, 0.0, 1.0)"]),
        (
            "x.conv2d(y, None::<Tensor>, 1, 0, [1, 1], 1)",
            expect![[r#"
            return torch.conv2d(x, y, $C0, $int_list(1), $int_list(0), [1, 1], 1)
            # $C0 = None::<Tensor>"#]],
        ),
    ]);
}

#[test]
fn methods_of_tensors_written_by_hand() {
    values([
        ("x.size()", expect!["return $size(x)"]),
        ("x.size()[0]", expect!["return $size(x)[0]"]),
        ("x.size1().unwrap()", expect!["return $unwrap($size1(x))"]),
        ("x.dim()", expect!["return torch.dim(x)"]),
        ("x.numel()", expect!["return torch.numel(x)"]),
        ("x.kind()", expect!["return x.dtype"]),
        ("x.device()", expect!["return x.device"]),
        ("x.requires_grad()", expect!["return x.requires_grad"]),
        ("x.is_contiguous()", expect!["return torch.is_contiguous(x)"]),
        ("x.stride()", expect!["return torch.stride(x)"]),
        ("x.get(0)", expect!["return $get(x, 0)"]),
        ("x.view([-1, 2])", expect!["return torch.view(x, [-1, 2])"]),
        ("x.view((a, 2))", expect!["return torch.view(x, [a, 2])"]),
        ("x.view(())", expect!["return torch.view(x, [])"]),
        ("x.view(-1)", expect!["return torch.view(x, $int_list(-1))"]),
        ("x.view(a)", expect!["return torch.view(x, $int_list(a))"]),
        ("x.relu().flat_view()", expect!["return $flat_view(torch.relu(x))"]),
        ("x.copy()", expect!["return torch.clone(x)"]),
        ("x.shallow_clone()", expect!["return x"]),
        ("x.to_kind(y.kind())", expect!["return x.to(y.dtype)"]),
        ("x.to_device(y.device())", expect!["return x.to(y.device)"]),
        ("x.double_value(&[])", expect!["return float(x)"]),
        ("x.double_value(&[0, a])", expect!["return float(x[0, a])"]),
        ("x.int64_value(&[])", expect!["return int(x)"]),
        ("x.max_pool2d_default(2)", expect!["return $max_pool2d_default(x, 2)"]),
        ("x.avg_pool2d_default(a + 1)", expect!["return $avg_pool2d_default(x, (a + 1))"]),
        ("x.double_value(&list)", expect!["return float($element(x, _list))"]),
        ("x.size3()?", expect!["return $unwrap($size3(x))"]),
        ("x.stride()", expect!["return torch.stride(x)"]),
        ("x.onehot(a)", expect!["return $onehot(x, a)"]),
        ("Tensor::random_batch2(x, y, a)", expect!["return $random_batch2(x, y, a)"]),
        ("Tensor::size(x)", expect!["return $size(x)"]),
        ("x.zero_pad1d(1, a)", expect!["return $zero_pad1d(x, 1, a)"]),
        ("x.grad()", expect!["return x.grad"]),
        ("x.add(y).div(x)", expect!["return $div((x + y), x)"]),
        ("x.f_view((a, 1))?", expect!["return $unwrap(torch.view(x, [a, 1]))"]),
        ("x.iter::<i64>()?", expect!["return $unwrap($to_list(x, 1, 4))"]),
        ("x.cross_entropy_for_logits(y)", expect!["return $cross_entropy_for_logits(x, y)"]),
    ]);
}

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
                n = (matched + 1)
                value = (n * 2)
                result = value
            else:
                result = torch.relu(x)
            return result"#]],
        ),
        (
            "maybe.and_then(|m| if p { Some(m) } else { None })",
            expect![[r#"
                matched = maybe
                if (matched is not None):
                    if p:
                        value = $optional(matched)
                    else:
                        value = None
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
                    result = None
            else:
                result = None
            return result"#]],
        ),
    ]);
}

#[test]
fn indexing() {
    values([
        ("list[0]", expect!["return _list[0]"]),
        ("list[a + 1]", expect!["return _list[(a + 1)]"]),
        ("list[1..a]", expect!["return _list[1:a]"]),
        ("list[..=2]", expect!["return _list[:(2 + 1)]"]),
        ("list[1..].len()", expect!["return len(_list[1:])"]),
        (
            "self.g(x)[if p { 0 } else { 1 }]",
            expect![[r#"
            operand = self.g(x)
            if p:
                value = 0
            else:
                value = 1
            return operand[value]"#]],
        ),
        ("xs[0][1]", expect!["return xs[0][1]"]),
        ("x.i(0)", expect!["return $i(x, 0)"]),
        ("x.i((.., 1.., ..=2, -1))", expect!["return $i(x, (None, None), (1, None), (None, 3), -1)"]),
        ("x.i((NewAxis, y))", expect!["return $i(x, None, y)"]),
        ("x.i(.., )", expect!["return $i(x, (None, None))"]),
    ]);
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
            return (1 + value)"#]],
        ),
    ]);
}

#[test]
fn short_circuit_with_statements() {
    values([
        (
            "p && { let z = self.g(x); z }",
            expect![[r#"
            both = p
            if both:
                z = self.g(x)
                value = z
                both = value
            return both"#]],
        ),
        (
            "p || if q { self.g(x) } else { false }",
            expect![[r#"
            either = p
            if not either:
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

#[test]
fn chains_of_iterators() {
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
        ("(0..a).map(|i| i * i).sum::<i64>()", expect!["return $sum([(i * i) for i in range(0, a)])"]),
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
                for item in $iter(xs):
                    self.g(item)
                None
        "#]],
    );
}

#[test]
fn results() {
    values([
        ("x.f_relu()?.tanh()", expect!["return torch.tanh($unwrap(torch.relu(x)))"]),
        ("self.helper(x)?", expect!["return $unwrap(self.helper(x))"]),
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
