//! Fields and methods of the module, and its children.

use expect_test::expect;

use super::{check, parse_methods, values};

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
fn loops_over_children() {
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
fn calls_are_noted() {
    let (methods, _) =
        parse_methods("fn forward(&self) -> i64 { self.a() + Self::b() + self.c.d() + self.a() }");
    let calls: Vec<String> = methods.methods[0].lowered.made.calls.iter().map(ToString::to_string).collect();
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
