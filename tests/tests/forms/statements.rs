//! Declarations, assignments and items.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::Tensor;

agree! {
    fn shadowing(x: &Tensor) -> Tensor { let x = x + 1.0; let x = x.relu(); { let x = &x * 2.0; let _y = x; } x } on (&floats(&[1., -3.]));
    fn annotated_let(a: i64) -> Vec<i64> { let mut v: Vec<i64> = vec![]; v.push(a); v } on (4);
    fn let_without_value(a: i64) -> i64 { let b; if a > 2 { b = 1; } else { b = 2; } b } on (3) (1);
    fn assignment(a: i64, b: i64) -> i64 { let (mut x, mut y) = (a, b); (x, y) = (y, x); x = x * 10; _ = y; x + y } on (1, 2);
    fn compound_assignment(a: i64) -> i64 { let mut b = a; b += 1; b *= 2; b -= 3; b /= 2; b %= 3; b |= 8; b &= 13; b ^= 2; b <<= 2; b >>= 1; b } on (5) (-9);
    fn in_place_assignment(x: &Tensor) -> Tensor { let y = x.copy(); let mut z = y.shallow_clone(); z += 1.0; z *= x; z -= x; z /= 2.0; y } on (&floats(&[1., -2.]));
    fn elements_are_assigned(v: Vec<i64>) -> Vec<i64> { let mut w = v.clone(); w[0] = 3; w[1] += 2; w[1] /= 2; w } on (vec![1, 5]);
    fn unit(x: &Tensor) -> () { let _ = x.relu(); } on (&floats(&[1.]));
    fn items(x: &Tensor, a: i64) -> (Tensor, i64) { use tch::Kind::Double; const N: i64 = 3; const M: i64 = 2 * N; (x.to_kind(Double), match a { N => 7, _ => a + M }) } on (&floats(&[1.]), 1) (&floats(&[1.]), 3);
}
