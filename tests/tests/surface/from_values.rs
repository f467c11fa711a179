//! Tensors of numbers and lists.

use tch::Tensor;

use crate::Tensors;

const COUNT: i64 = 3;

agree! {
    fn numbers(a: f64, b: i64, p: bool) -> Tensors { vec![Tensor::from(a), Tensor::from(b), Tensor::from(p), Tensor::from(a * 2.0 + 1.0), Tensor::from(b as f64), Tensor::from(COUNT)] } on (0.1, 2, true);
    fn narrow_numbers(a: f64, b: i64) -> Tensors { vec![Tensor::from(a as f32), Tensor::from(b as i32), Tensor::from(b as u8), Tensor::from(0.1f32), Tensor::from(-(a as f32) + 1.0)] } on (0.1, 200);
    fn literals() -> Tensors { vec![Tensor::from(1), Tensor::from(-1.5), Tensor::from(2i64), Tensor::from(true), Tensor::from(1f32), Tensor::from(1u8)] } on ();
    fn slices_of_literals() -> Tensors { vec![Tensor::from_slice(&[1.0f32, 2.0]), Tensor::from_slice(&[1, 2, 3]), Tensor::from_slice(&[1i64, -2]), Tensor::from_slice(&[0.5, 1.0]), Tensor::from_slice(&[true, false]), Tensor::from_slice(&[1u8; 3]), Tensor::from_slice::<f32>(&[1.0, 2.0]), Tensor::from_slice::<f64>(&[])] } on ();
    fn vectors(v: Vec<f64>, w: Vec<i64>, p: Vec<bool>) -> Tensors { vec![Tensor::from_slice(&v), Tensor::from_slice(&w), Tensor::from_slice(&p), Tensor::from_slice(v.as_slice()), Tensor::from_slice(&w[1..]), Tensor::from(v.as_slice()), Tensor::try_from(&w).unwrap(), Tensor::f_from_slice(&v).unwrap()] } on (vec![0.1, 2.5], vec![1, 2], vec![true, false]);
    fn slices_of_numbers(a: f64, b: i64) -> Tensors { vec![Tensor::from_slice(&[a, 1.0]), Tensor::from_slice(&[b, 1]), Tensor::from_slice(&[a as f32, 0.1]), Tensor::from_slice(&vec![b as i32; 2]), Tensor::from_slice(&vec![a, -a])] } on (0.1, 2);
    fn two_dimensions(a: f64) -> Tensors { vec![Tensor::from_slice2(&[[1f32, 2.0], [3.0, 4.0]]), Tensor::from_slice2(&[[1, 2, 3]]), Tensor::from_slice2(&[vec![a, 1.0], vec![2.0, a]]), Tensor::from_slice2(&[[0.1, 0.2]])] } on (0.1);
    fn empty(v: Vec<f64>, w: Vec<i64>) -> Tensors { vec![Tensor::from_slice(&v[1..]), Tensor::from_slice(&w[1..])] } on (vec![0.5], vec![1]);
}
