//! Tensors: sizes, indices, factories, numbers.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::{Device, Kind, Tensor};

agree! {
    fn tensor_division(a: &Tensor, b: &Tensor) -> Tensor { a / b / 2.0 } on (&floats(&[1., 2.]), &floats(&[3., 4.]));
    fn rounded_tensors(x: &Tensor) -> Tensor { (x.abs() * 1.5).floor() + x.ceil() + x.round() + x.trunc() } on (&floats(&[1.2, -2.7]));
    fn sizes(x: &Tensor) -> Vec<i64> { let (a, b) = x.size2().unwrap(); let mut v = x.size(); v.push(a * 10 + b + x.dim() as i64); v } on (&floats(&[1., 2.]).view([2, 1]));
    fn shapes(x: &Tensor) -> Tensor { let n = x.size()[0]; x.view([n, 1]).view((1, n)).view(n).view(-1).reshape([1, n]) } on (&floats(&[1., 2.]));
    fn indexed(x: &Tensor) -> Tensor { use tch::{IndexOp, NewAxis}; x.i((0, 1..)) + x.i((.., NewAxis)).i((1, .., ..2)) + x.i(-1).i(..=1) } on (&floats(&[1., 2., 3., 4., 5., 6.]).view([2, 3]));
    fn factories(x: &Tensor) -> Tensor { Tensor::zeros([2, 3], (x.kind(), x.device())) + Tensor::ones(3, (Kind::Float, Device::Cpu)) } on (&floats(&[1.]));
    fn scalars(a: f64, b: i64) -> (Tensor, Tensor) { (Tensor::from(a), Tensor::from(b)) } on (1.5, 2);
    fn values(x: &Tensor) -> (f64, i64, f64) { (x.double_value(&[0]), x.sum(Kind::Float).int64_value(&[]), f64::try_from(x.max()).unwrap()) } on (&floats(&[1.5, 2.]));
    fn reductions(x: &Tensor) -> Tensor { x.sum_dim_intlist(0, false, Kind::Double) + x.mean(None) + x.max() } on (&floats(&[1.5, 2.]));
    fn fallible_methods(x: &Tensor) -> Tensor { x.f_relu().unwrap() } on (&floats(&[1., -1.]));
    fn called_as_functions(x: &Tensor) -> Tensor { Tensor::relu(x) + Tensor::cat(&[x, x], 0).narrow(0, 0, 2) } on (&floats(&[1., -1.]));
    fn operators(x: &Tensor, a: i64) -> Tensor { -x + 1.0 - 2.0 * x * a } on (&floats(&[1., -1.]), 3);
    fn several_results(x: &Tensor) -> Tensor { let (values, _) = x.topk(1, 0, true, true); values } on (&floats(&[1., -1.]));
    fn lists_of_tensors(xs: &[Tensor]) -> Tensor { let mut all = vec![]; for x in xs { all.push(x * 2.0); } for part in xs[0].chunk(2, 0) { all.push(part.repeat(2)); } Tensor::stack(&all, 0) } on (vec![floats(&[1., 2.])].as_slice());
    fn sums(xs: &[Tensor]) -> Tensor { xs.iter().map(|x| x * 2.0).sum::<Tensor>() } on (vec![floats(&[1., 2.]), floats(&[3., 4.])].as_slice());
    fn conversions(x: &Tensor) -> Tensor { x.to_kind(Kind::Double).to_device(Device::Cpu) } on (&floats(&[1.]));
    fn optional_tensors(x: &Tensor, mask: Option<&Tensor>) -> Tensor { if let Some(mask) = mask { x * mask } else { x.shallow_clone() } } on (&floats(&[2.]), None::<&Tensor>) (&floats(&[2.]), Some(&floats(&[3.])));
}
