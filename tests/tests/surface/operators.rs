//! Operators between tensors and numbers.

use std::ops::{Add, Div, Mul, Sub};

use integration_tests::tensors::{counting, floats, ints};
use tch::{Kind, Tensor};

use crate::Tensors;

agree! {
    fn tensors(x: &Tensor, y: &Tensor) -> Tensors { vec![x + y, x - y, x * y, x / y, -x, x.neg(), -(x + y) * x, &(x + y) / (x - y)] } on (floats(&[1.5, -2.0]), floats(&[3.0, 7.0])) (ints(&[3, 5]), floats(&[0.1, 7.0])) (counting(&[2, 3]), Tensor::from(0.3f64));
    fn scalars_at_the_right(x: &Tensor, a: f64, n: i64) -> Tensors { vec![x + 1.0, x - 2, x * a, x / n, x + n, x - a, x / 3.0] } on (floats(&[1.5, -2.0]), 0.3, 7) (ints(&[3, 5]), 0.3, 7) (Tensor::from(0.3f32), 0.7, 3);
    fn scalars_at_the_left(x: &Tensor, a: f64, n: i64) -> Tensors { vec![1.0 + x, 2 - x, a * x, n / x, n + x, a - x, 3.0 / x, 1.0 - x * 2.0 / (a + x)] } on (floats(&[1.5, -2.0]), 0.3, 7) (ints(&[3, 5]), 0.3, 7) (Tensor::from(0.3f32), 0.7, 3);
    fn wholly_by_precedence(x: &Tensor, y: &Tensor) -> Tensor { 2.0 * x + y / 2.0 - x * y } on (floats(&[1.5, -2.0]), floats(&[3.0, 7.0]));
    fn in_place(x: &Tensor, y: &Tensor, a: f64) -> Tensors { let mut z = x.copy(); let alias = z.shallow_clone(); z += y; z -= 0.5; z *= a; z /= y; z -= y * 2.0; z *= y; z += 1; z /= 3; vec![z, alias] } on (floats(&[1.5, -2.0]), floats(&[3.0, 7.0]), 0.3);
    fn called_as_methods(x: &Tensor, y: &Tensor) -> Tensors { vec![x.add(y), x.sub(y), x.mul(y), x.div(y), x.g_add(y), x.g_sub_scalar(1.0), x.f_mul(y).unwrap()] } on (floats(&[1.5, -2.0]), floats(&[3.0, 7.0]));
    fn comparisons(x: &Tensor, y: &Tensor) -> Tensors { vec![x.lt(1.0), x.gt(0), x.le(1.5), x.ge(-2), x.eq(1.5), x.ne(1.5), x.lt_tensor(y), x.gt_tensor(y), x.le_tensor(y), x.ge_tensor(y), x.eq_tensor(y), x.ne_tensor(y)] } on (floats(&[1.5, -2.0]), floats(&[1.5, 7.0]));
    fn equality(x: &Tensor, y: &Tensor) -> Vec<bool> { vec![x == y, x != y, x == x, x + 1.0 == y + 1.0] } on (floats(&[1.5]), floats(&[1.5])) (floats(&[1.5]), floats(&[1.5, 1.5])) (floats(&[]), floats(&[])) (ints(&[1]), floats(&[1.0]));
    fn logic(x: &Tensor, y: &Tensor) -> Tensors { let (p, q) = (x.gt(0.0), y.gt(0.0)); vec![p.logical_and(&q), p.logical_or(&q), p.logical_xor(&q), p.logical_not(), p.bitwise_and_tensor(&q), p.bitwise_not()] } on (floats(&[1.5, -2.0]), floats(&[-1.5, -7.0]));
    fn numbers_of_tensors(x: &Tensor) -> Tensor { let mean = x.mean(Kind::Float).double_value(&[]); (x - mean) / 2.0f64.sqrt() } on (floats(&[1.5, -2.0]));
}
