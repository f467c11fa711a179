//! Signatures: arguments, results, and names that Python reserves.

use expect_test::expect;

use super::check;

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
