//! What tch writes by hand on `Tensor`, and its operators: scripted, each gives what Rust gives, to the
//! last bit.

// The forms under test are not all what clippy would write.
#![allow(clippy::all, unused_imports)]

use std::ops::{Add, Div, Mul, Sub};

use integration_tests::Agree;
use tch::{Device, IndexOp, Kind, NewAxis, Tensor, kind::FLOAT_CPU};
use tch_jit::{compile_mode, methods};

type Tensors = Vec<Tensor>;
type Fallible<T> = Result<T, tch::TchError>;

/// Tests: a body, and the sets of arguments that Rust and TorchScript have to agree on.
macro_rules! agree {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on $(($($value:expr),*))+;)*) => {$(
        #[test]
        fn $name() {
            #[compile_mode(script)]
            struct Form;

            #[methods]
            impl Form {
                fn forward(&self, $($arg: $ty),*) -> $out { $($body)* }
            }
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|error| panic!("{error}"));
            let inputs = [$(($($value,)*)),+];
            Agree { tolerance: 0.0, gradients: false }.on(&Form, &compiled, &inputs);
            // libtorch adds up gradients in an order of its own.
            Agree { tolerance: 1e-6, gradients: true }.on(&Form, &compiled, &inputs);
        }
    )*};
}

/// 0, 1, 2, … of this size.
fn t(size: &[i64]) -> Tensor {
    Tensor::arange(size.iter().product::<i64>(), FLOAT_CPU).view(size)
}

fn ints(values: &[i64]) -> Tensor {
    Tensor::from_slice(values)
}

fn floats(values: &[f32]) -> Tensor {
    Tensor::from_slice(values)
}

mod sizes {
    use super::*;

    agree! {
        fn as_tuples(x: &Tensor) -> Fallible<(i64, (i64, i64))> { let n = x.i((0, .., 0)).size1()?; let (a, b) = x.i(0).size2()?; Ok((n, (a, b + x.size3()?.0))) } on (t(&[2, 3, 4]));
        fn of_many_dimensions(x: &Tensor) -> Vec<i64> { let (a, b, c, d, e, f) = x.size6().unwrap(); let (g, h, i, j, k) = x.i(0).size5().unwrap(); let (l, m, n, o) = x.i((0, 0)).size4().unwrap(); vec![a, b, c, d, e, f, g, h, i, j, k, l, m, n, o] } on (t(&[1, 2, 3, 1, 2, 3]));
        fn strides(x: &Tensor) -> Fallible<(i64, (i64, i64), Vec<i64>)> { let y = x.transpose(0, 1); Ok((y.i(0).stride1()?, y.stride2()?, y.stride())) } on (t(&[2, 3]));
        fn strides_of_many_dimensions(x: &Tensor) -> Vec<i64> { let (a, _, _, _, _, b) = x.stride6().unwrap(); let (c, _, _, _, d) = x.i(0).stride5().unwrap(); let (e, _, _, f) = x.i((0, 0)).stride4().unwrap(); let (g, _, h) = x.i((0, 0, 0)).stride3().unwrap(); vec![a, b, c, d, e, f, g, h] } on (t(&[1, 2, 3, 1, 2, 3]));
        fn numbers(x: &Tensor) -> (i64, i64, Vec<i64>) { (x.dim() as i64, x.numel() as i64, x.size()) } on (t(&[2, 3])) (t(&[]));
        fn properties(x: &Tensor) -> Vec<bool> { vec![x.kind() == Kind::Float, x.device() == Device::Cpu, x.is_contiguous(), x.transpose(0, 1).is_contiguous(), x.is_sparse(), x.is_mkldnn(), x.detach().requires_grad(), x.detach().copy().set_requires_grad(true).requires_grad(), x.f_kind().unwrap() == Kind::Float] } on (t(&[2, 3]));
        fn called_as_functions(x: &Tensor) -> (Vec<i64>, Tensor) { (Tensor::size(x), Tensor::view(&Tensor::shallow_clone(x), -1)) } on (t(&[2, 3]));
    }
}

mod shapes {
    use super::*;

    agree! {
        fn views(x: &Tensor, n: i64) -> Tensors { vec![x.view([2, 3]), x.view((n, 3, 1)), x.view(-1), x.view(x.size2().unwrap()), x.f_view((n, -1)).unwrap(), x.flat_view(), x.view_([6]), x.i((0, 0)).view(())] } on (t(&[3, 2]), 2);
        fn views_by_variables(x: &Tensor, size: Vec<i64>) -> Tensors { let pair = (3, 2); vec![x.view(size.as_slice()), x.view(pair)] } on (t(&[6]), vec![2, 3]);
        fn elements(x: &Tensor) -> Tensors { vec![x.get(0), x.get(-1).get(1), x.f_get(1).unwrap()] } on (t(&[3, 2]));
        fn copies(x: &Tensor) -> Tensors { let mut y = x.copy(); let z = y.shallow_clone(); y.copy_(&(x * 2.0)); y.f_copy_(&(&z + 1.0)).unwrap(); vec![y, z, x.transpose(0, 1).copy()] } on (t(&[3, 2]));
        fn conversions(x: &Tensor) -> Tensors { vec![x.to_kind(Kind::Int64), x.f_to_kind(Kind::Half).unwrap(), x.totype(Kind::Double), x.to_device(Device::Cpu), x.f_to_device(x.device()).unwrap(), x.to(Device::Cpu)] } on (floats(&[1.5, -2.5]));
        fn padding(x: &Tensor) -> Tensors { vec![x.zero_pad2d(1, 0, 2, 1), x.i(0).zero_pad1d(1, 2), x.f_zero_pad2d(0, 0, 0, 1).unwrap()] } on (t(&[1, 2, 2, 3]));
        fn blocked_layouts(x: &Tensor) -> Tensor { x.to_mkldnn().to_dense(None, false) } on (t(&[2, 3]));
    }
}

mod indices {
    use super::*;

    agree! {
        fn integers(x: &Tensor, n: i64) -> Tensors { vec![x.i(1), x.i(-1), x.i(n), x.i((0, n)), x.i((0, 1, -1)), x.i((n,)), x.f_i(0).unwrap()] } on (t(&[2, 3, 4]), 1);
        fn ranges(x: &Tensor, n: i64) -> Tensors { vec![x.i(1..), x.i(..n), x.i(..), x.i(0..2), x.i(..=1), x.i(0..=n), x.i(n..), x.i(2..2), x.i(n..0)] } on (t(&[3, 2]), 1) (t(&[3, 2]), 2);
        fn ranges_do_not_count_from_the_end(x: &Tensor) -> Tensors { vec![x.i(..-1), x.i(1..-1), x.i(-2..-1)] } on (t(&[3, 2]));
        fn tuples(x: &Tensor, n: i64) -> Tensors { vec![x.i((.., 1)), x.i((1.., .., n)), x.i((.., .., ..2)), x.i((0, .., 1..=n))] } on (t(&[2, 3, 4]), 2);
        fn new_axes(x: &Tensor) -> Tensors { vec![x.i(NewAxis), x.i((NewAxis, 0)), x.i((.., NewAxis, 1)), x.i((.., .., NewAxis)), x.i((0, NewAxis, .., NewAxis))] } on (t(&[2, 3]));
        fn tensors(x: &Tensor, index: &Tensor) -> Tensors { vec![x.i(index), x.i(&(index + 0)), x.i((.., index)), x.i((1, index)), x.i((index, 1..)), x.i((NewAxis, index))] } on (t(&[3, 3]), ints(&[2, 0]));
        fn each_tensor_selects_by_itself(x: &Tensor, index: &Tensor) -> Tensors { vec![x.i((index, index)), x.i((index, .., index)), x.i((index, 1, index))] } on (t(&[3, 3, 3]), ints(&[2, 0]));
        fn lists(x: &Tensor, v: Vec<i64>) -> Tensors { vec![x.i(v.as_slice()), x.i(vec![1, 0]), x.i((.., v.clone())), x.i((&[2i64, 1][..], v))] } on (t(&[3, 3]), vec![2, 0, 2]);
        fn seven_dimensions(x: &Tensor, index: &Tensor) -> Tensors { vec![x.i((0, .., 1.., NewAxis, index, .., -1)), x.i((.., .., 0, 0, .., ..1, 1)), x.i((0, 0, 0, 0, 0, 0, 0))] } on (t(&[1, 2, 3, 2, 1, 2, 2]), ints(&[1, 0]));
        fn elements_are_written(x: &Tensor) -> Tensor { let y = x.copy(); let _ = y.i((0, 1..)).fill_(7.0); let mut row = y.i(1); row += 1.0; y.i((.., 0)).copy_(&x.i((.., 1))); y } on (t(&[2, 3]));
    }

    /// These are errors of tch, not something else.
    #[test]
    fn ranges_beyond_the_end_fail() {
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
            let args = (&t(&[3, 3]), start, end);
            let eager = Form.forward(args.0, args.1, args.2);
            let scripted = compiled.forward(args);
            assert_eq!(scripted.is_ok(), eager.is_ok(), "{start}..{end}: {eager:?}");
        }
    }
}

mod values {
    use super::*;

    agree! {
        fn elements(x: &Tensor, at: Vec<i64>) -> (f64, i64, f64, i64) { (x.double_value(&[0, 1]), x.int64_value(&[1, 2]), x.double_value(&at), x.f_int64_value(&at).unwrap()) } on (t(&[2, 3]) * 1.25, vec![1, -1]);
        fn single_elements(x: &Tensor) -> (f64, i64, f64) { (x.sum(Kind::Double).double_value(&[]), x.max().int64_value(&[]), x.f_double_value(&[0]).unwrap()) } on (floats(&[1.5, 2.25]));
        fn numbers(x: &Tensor) -> Fallible<(f64, i64, bool, f64)> { Ok((f64::try_from(x)?, i64::try_from(x)?, bool::try_from(x)?, f64::try_from(x.shallow_clone())?)) } on (floats(&[2.75])) (floats(&[0.0])) (floats(&[-3.5])) (ints(&[7]));
        fn narrow_numbers(x: &Tensor) -> Fallible<(f64, i64, i64, i64, i64)> { Ok((f32::try_from(x)? as f64, i32::try_from(x)? as i64, i16::try_from(x)? as i64, i8::try_from(x)? as i64, u8::try_from(x)? as i64)) } on (Tensor::from(0.1f64)) (ints(&[70_000])) (ints(&[200])) (floats(&[-2.0]));
        fn vectors(x: &Tensor) -> Fallible<(Vec<f64>, Vec<i64>, Vec<bool>)> { Ok((Vec::<f64>::try_from(x)?, Vec::<i64>::try_from(x)?, Vec::<bool>::try_from(x.shallow_clone())?)) } on (floats(&[0.0, 1.5, -2.5])) (ints(&[3])) (floats(&[]));
        fn narrow_vectors(x: &Tensor) -> Fallible<Vec<f64>> { let mut v: Vec<f64> = vec![]; for a in Vec::<f32>::try_from(x)? { v.push(a as f64); } for a in Vec::<i32>::try_from(x)? { v.push(a as f64); } for a in Vec::<u8>::try_from(x)? { v.push(a as f64); } Ok(v) } on (Tensor::from_slice(&[0.1f64, 1.5]));
        fn annotated_vectors(x: &Tensor) -> Fallible<f64> { let v: Vec<f64> = Vec::try_from(x)?; Ok(v[0] + v[1]) } on (floats(&[1.5, 2.0]));
        fn nested_vectors(x: &Tensor) -> Fallible<(Vec<Vec<i64>>, f64)> { let cube = Vec::<Vec<Vec<f64>>>::try_from(x.unsqueeze(0))?; Ok((<Vec<Vec<i64>>>::try_from(x)?, cube[0][1][2])) } on (t(&[2, 3]));
        fn iterated(x: &Tensor) -> Fallible<(f64, i64)> { let mut s = 0.0; for v in x.iter::<f64>()? { s = s * 2.0 + v; } let mut n = 0; for v in x.iter::<i64>()? { n = n * 2 + v; } Ok((s, n)) } on (floats(&[1.5, 2.5, -3.5]));
        fn numbers_of_numbers(a: i64, p: bool) -> (f64, i64) { (f64::from(a as f32) + f64::from(2.5f32), i64::from(p) + i64::from(3i32)) } on (3, true);
    }

    #[test]
    fn conversions_of_wrong_shapes_fail() {
        #[compile_mode(script)]
        struct Form;

        #[methods]
        impl Form {
            fn forward(&self, x: &Tensor, how: i64) -> Fallible<f64> {
                Ok(match how {
                    0 => Vec::<f64>::try_from(x)?[0],
                    1 => f64::try_from(x)?,
                    2 => x.size1()? as f64,
                    3 => x.size3()?.0 as f64,
                    _ => x.f_zero_pad1d(1, 1)?.double_value(&[0, 0, 0]),
                })
            }
        }
        let compiled = tch_jit::compile(&Form).unwrap();
        for how in 0..5 {
            let x = t(&[2, 3]);
            assert!(Form.forward(&x, how).is_err());
            assert!(compiled.forward((&x, how)).is_err(), "{how}");
        }
    }
}

mod made_from_values {
    use super::*;

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
}

mod networks {
    use super::*;

    agree! {
        fn losses(x: &Tensor, targets: &Tensor) -> Tensors { let p = x.log_softmax(-1, Kind::Float); vec![x.cross_entropy_for_logits(targets), p.nll_loss(targets), p.g_nll_loss(targets, None::<Tensor>, tch::Reduction::Sum, -100), x.accuracy_for_logits(targets)] } on (t(&[3, 4]).sin(), ints(&[0, 3, 2]));
        fn pools(x: &Tensor, n: i64) -> Tensors { vec![x.max_pool2d_default(2), x.avg_pool2d_default(n)] } on (t(&[1, 2, 4, 6]).cos(), 2) (t(&[1, 1, 5, 7]).cos(), 3);
        fn onehot(x: &Tensor, labels: i64) -> Tensors { vec![x.onehot(4), x.unsqueeze(0).onehot(labels)] } on (ints(&[2, 0, 3]), 5);
        fn gradients(x: &Tensor) -> Tensors { let w = x.detach().copy().set_requires_grad(true); let y = (&w * &w).sum(Kind::Float); y.backward(); vec![w.grad(), w.f_grad().unwrap() + 1.0] } on (floats(&[1.5, -2.0]));
    }
}

mod operators {
    use super::*;

    agree! {
        fn tensors(x: &Tensor, y: &Tensor) -> Tensors { vec![x + y, x - y, x * y, x / y, -x, x.neg(), -(x + y) * x, &(x + y) / (x - y)] } on (floats(&[1.5, -2.0]), floats(&[3.0, 7.0])) (ints(&[3, 5]), floats(&[0.1, 7.0])) (t(&[2, 3]), Tensor::from(0.3f64));
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
}

#[test]
fn printing_is_kept() {
    #[compile_mode(script)]
    struct Form;

    #[methods]
    impl Form {
        fn forward(&self, x: &Tensor) {
            x.print();
        }
    }
    let compiled = tch_jit::compile(&Form).unwrap();
    assert!(compiled.code().contains("print(x)"), "{}", compiled.code());
    compiled.forward((&t(&[2]),)).unwrap();
}
