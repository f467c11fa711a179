//! Indices: numbers, ranges, tensors and new axes.

use integration_tests::alone;
use integration_tests::tensors::{counting, ints};
use tch::{IndexOp, NewAxis, Tensor};
use tch_jit::{compile_mode, methods};

use crate::{Fallible, Tensors};

agree! {
    fn integers(x: &Tensor, n: i64) -> Tensors { vec![x.i(1), x.i(-1), x.i(n), x.i((0, n)), x.i((0, 1, -1)), x.i((n,)), x.f_i(0).unwrap()] } on (counting(&[2, 3, 4]), 1);
    fn ranges(x: &Tensor, n: i64) -> Tensors { vec![x.i(1..), x.i(..n), x.i(..), x.i(0..2), x.i(..=1), x.i(0..=n), x.i(n..), x.i(2..2), x.i(n..0)] } on (counting(&[3, 2]), 1) (counting(&[3, 2]), 2);
    fn ranges_do_not_count_from_the_end(x: &Tensor) -> Tensors { vec![x.i(..-1), x.i(1..-1), x.i(-2..-1)] } on (counting(&[3, 2]));
    fn tuples(x: &Tensor, n: i64) -> Tensors { vec![x.i((.., 1)), x.i((1.., .., n)), x.i((.., .., ..2)), x.i((0, .., 1..=n))] } on (counting(&[2, 3, 4]), 2);
    fn new_axes(x: &Tensor) -> Tensors { vec![x.i(NewAxis), x.i((NewAxis, 0)), x.i((.., NewAxis, 1)), x.i((.., .., NewAxis)), x.i((0, NewAxis, .., NewAxis))] } on (counting(&[2, 3]));
    fn tensors(x: &Tensor, index: &Tensor) -> Tensors { vec![x.i(index), x.i(&(index + 0)), x.i((.., index)), x.i((1, index)), x.i((index, 1..)), x.i((NewAxis, index))] } on (counting(&[3, 3]), ints(&[2, 0]));
    fn each_tensor_selects_by_itself(x: &Tensor, index: &Tensor) -> Tensors { vec![x.i((index, index)), x.i((index, .., index)), x.i((index, 1, index))] } on (counting(&[3, 3, 3]), ints(&[2, 0]));
    fn lists(x: &Tensor, v: Vec<i64>) -> Tensors { vec![x.i(v.as_slice()), x.i(vec![1, 0]), x.i((.., v.clone())), x.i((&[2i64, 1][..], v))] } on (counting(&[3, 3]), vec![2, 0, 2]);
    fn seven_dimensions(x: &Tensor, index: &Tensor) -> Tensors { vec![x.i((0, .., 1.., NewAxis, index, .., -1)), x.i((.., .., 0, 0, .., ..1, 1)), x.i((0, 0, 0, 0, 0, 0, 0))] } on (counting(&[1, 2, 3, 2, 1, 2, 2]), ints(&[1, 0]));
    fn elements_are_written(x: &Tensor) -> Tensor { let y = x.copy(); let _ = y.i((0, 1..)).fill_(7.0); let mut row = y.i(1); row += 1.0; y.i((.., 0)).copy_(&x.i((.., 1))); y } on (counting(&[2, 3]));
}

/// These are errors of tch, not something else.
#[test]
fn ranges_beyond_the_end_fail() {
    let _alone = alone();
    #[compile_mode(script)]
    struct Form;

    #[methods]
    impl Form {
        fn forward(&self, x: &Tensor, start: i64, end: i64) -> Fallible<Tensor> {
            x.f_i((start..end, 1..))
        }
    }
    let compiled = tch_jit::compile(&Form).unwrap();
    for (start, end) in [(0, 4), (-2, 1), (4, 5), (2, 3)] {
        let args = (&counting(&[3, 3]), start, end);
        let eager = Form.forward(args.0, args.1, args.2);
        let scripted = compiled.forward(args);
        assert_eq!(scripted.is_ok(), eager.is_ok(), "{start}..{end}: {eager:?}");
    }
}
