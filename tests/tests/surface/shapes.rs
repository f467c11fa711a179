//! Sizes, strides and views, and copies in another kind or layout.

use integration_tests::tensors::{counting, floats};
use tch::{Device, IndexOp, Kind, Tensor};

use crate::{Fallible, Tensors};

agree! {
    fn as_tuples(x: &Tensor) -> Fallible<(i64, (i64, i64))> { let n = x.i((0, .., 0)).size1()?; let (a, b) = x.i(0).size2()?; Ok((n, (a, b + x.size3()?.0))) } on (counting(&[2, 3, 4]));
    fn of_many_dimensions(x: &Tensor) -> Vec<i64> { let (a, b, c, d, e, f) = x.size6().unwrap(); let (g, h, i, j, k) = x.i(0).size5().unwrap(); let (l, m, n, o) = x.i((0, 0)).size4().unwrap(); vec![a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] } on (counting(&[1, 2, 3, 1, 2, 3]));
    fn strides(x: &Tensor) -> Fallible<(i64, (i64, i64), Vec<i64>)> { let y = x.transpose(0, 1); Ok((y.i(0).stride1()?, y.stride2()?, y.stride())) } on (counting(&[2, 3]));
    fn strides_of_many_dimensions(x: &Tensor) -> Vec<i64> { let (a, _, _, _, _, b) = x.stride6().unwrap(); let (c, _, _, _, d) = x.i(0).stride5().unwrap(); let (e, _, _, f) = x.i((0, 0)).stride4().unwrap(); let (g, _, h) = x.i((0, 0, 0)).stride3().unwrap(); vec![a, b, c, d, e, f, g, h] } on (counting(&[1, 2, 3, 1, 2, 3]));
    fn numbers(x: &Tensor) -> (i64, i64, Vec<i64>) { (x.dim() as i64, x.numel() as i64, x.size()) } on (counting(&[2, 3])) (counting(&[]));
    fn properties(x: &Tensor) -> Vec<bool> { vec![x.kind() == Kind::Float, x.device() == Device::Cpu, x.is_contiguous(), x.transpose(0, 1).is_contiguous(), x.is_sparse(), x.is_mkldnn(), x.detach().requires_grad(), x.detach().copy().set_requires_grad(true).requires_grad(), x.f_kind().unwrap() == Kind::Float] } on (counting(&[2, 3]));
    fn called_as_functions(x: &Tensor) -> (Vec<i64>, Tensor) { (Tensor::size(x), Tensor::view(&Tensor::shallow_clone(x), -1)) } on (counting(&[2, 3]));
}

agree! {
    fn views(x: &Tensor, n: i64) -> Tensors { vec![x.view([2, 3]), x.view((n, 3, 1)), x.view(-1), x.view(x.size2().unwrap()), x.f_view((n, -1)).unwrap(), x.flat_view(), x.view_([6]), x.i((0, 0)).view(())] } on (counting(&[3, 2]), 2);
    fn views_by_variables(x: &Tensor, size: Vec<i64>) -> Tensors { let pair = (3, 2); vec![x.view(size.as_slice()), x.view(pair)] } on (counting(&[6]), vec![2, 3]);
    fn elements(x: &Tensor) -> Tensors { vec![x.get(0), x.get(-1).get(1), x.f_get(1).unwrap()] } on (counting(&[3, 2]));
    fn copies(x: &Tensor) -> Tensors { let mut y = x.copy(); let z = y.shallow_clone(); y.copy_(&(x * 2.0)); y.f_copy_(&(&z + 1.0)).unwrap(); vec![y, z, x.transpose(0, 1).copy()] } on (counting(&[3, 2]));
    fn conversions(x: &Tensor) -> Tensors { vec![x.to_kind(Kind::Int64), x.f_to_kind(Kind::Half).unwrap(), x.totype(Kind::Double), x.to_device(Device::Cpu), x.f_to_device(x.device()).unwrap(), x.to(Device::Cpu)] } on (floats(&[1.5, -2.5]));
    fn padding(x: &Tensor) -> Tensors { vec![x.zero_pad2d(1, 0, 2, 1), x.i(0).zero_pad1d(1, 2), x.f_zero_pad2d(0, 0, 0, 1).unwrap()] } on (counting(&[1, 2, 2, 3]));
    fn blocked_layouts(x: &Tensor) -> Tensor { x.to_mkldnn().to_dense(None, false) } on (counting(&[2, 3]));
}
