//! Losses, pools and gradients.

use integration_tests::tensors::{counting, floats, ints};
use tch::{Kind, Tensor};

use crate::Tensors;

agree! {
    fn losses(x: &Tensor, targets: &Tensor) -> Tensors { let p = x.log_softmax(-1, Kind::Float); vec![x.cross_entropy_for_logits(targets), p.nll_loss(targets), p.g_nll_loss(targets, None::<Tensor>, tch::Reduction::Sum, -100), x.accuracy_for_logits(targets)] } on (counting(&[3, 4]).sin(), ints(&[0, 3, 2]));
    fn pools(x: &Tensor, n: i64) -> Tensors { vec![x.max_pool2d_default(2), x.avg_pool2d_default(n)] } on (counting(&[1, 2, 4, 6]).cos(), 2) (counting(&[1, 1, 5, 7]).cos(), 3);
    fn onehot(x: &Tensor, labels: i64) -> Tensors { vec![x.onehot(4), x.unsqueeze(0).onehot(labels)] } on (ints(&[2, 0, 3]), 5);
    fn gradients(x: &Tensor) -> Tensors { let w = x.detach().copy().set_requires_grad(true); let y = (&w * &w).sum(Kind::Float); y.backward(); vec![w.grad(), w.f_grad().unwrap() + 1.0] } on (floats(&[1.5, -2.0]));
}
