//! Operators, literals, blocks, and the order in which operands are evaluated.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::{Device, Kind, Tensor};

const LIMIT: i64 = 3;

agree! {
    fn literals(a: f64) -> f64 { a + 0.5 + 1e-3 + 2f64 + (0xff + 1_000) as f64 } on (1.0);
    fn constants(a: i64) -> f64 { (a + LIMIT) as f64 * std::f64::consts::PI } on (4);
    fn bits(a: i64, b: i64) -> i64 { (a & b) | (a ^ b) | (a << 2) | (b >> 1) | !a } on (5, 9) (-5, 3);
    fn logic(a: bool, b: bool) -> bool { a && !b || (a & b) ^ (a | b) } on (true, true) (false, true);
    fn comparisons(a: f64, b: f64) -> bool { a < b && a <= b || a > b && a >= b && a != b } on (1.0, 2.0) (2.0, 1.0);
    fn tensor_equality(a: &Tensor, b: &Tensor) -> (bool, bool) { (a == b, a != b) } on (&floats(&[1.]), &floats(&[1.])) (&floats(&[1.]), &floats(&[2.])) (&floats(&[1.]), &floats(&[1., 1.]));
    fn kind_and_device(x: &Tensor) -> bool { x.kind() == Kind::Float && x.device() == Device::Cpu } on (&floats(&[1.]));
    fn order_of_operands(a: i64) -> i64 { let mut x = a; let y = x + { x += 1; x }; y } on (1);
    fn lazy_logic(v: Vec<i64>) -> bool { !v.is_empty() && { let first = v[0]; first > 0 } } on (vec![1]) (Vec::<i64>::new());
    fn blocks(a: i64) -> i64 { let b = { let c = a + 1; c * 2 }; b } on (3);
    fn tuples(a: i64) -> i64 { let p = (a, a + 1); p.0 * 10 + p.1 } on (4);
}
