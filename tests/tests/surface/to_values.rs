//! What Rust reads of tensors: numbers, lists, text.

use integration_tests::alone;
use integration_tests::tensors::{counting, floats, ints};
use tch::{Kind, Tensor};
use tch_jit::{compile_mode, methods};

use crate::Fallible;

agree! {
    fn elements(x: &Tensor, at: Vec<i64>) -> (f64, i64, f64, i64) { (x.double_value(&[0, 1]), x.int64_value(&[1, 2]), x.double_value(&at), x.f_int64_value(&at).unwrap()) } on (counting(&[2, 3]) * 1.25, vec![1, -1]);
    fn single_elements(x: &Tensor) -> (f64, i64, f64) { (x.sum(Kind::Double).double_value(&[]), x.max().int64_value(&[]), x.f_double_value(&[0]).unwrap()) } on (floats(&[1.5, 2.25]));
    fn numbers(x: &Tensor) -> Fallible<(f64, i64, bool, f64)> { Ok((f64::try_from(x)?, i64::try_from(x)?, bool::try_from(x)?, f64::try_from(x.shallow_clone())?)) } on (floats(&[2.75])) (floats(&[0.0])) (floats(&[-3.5])) (ints(&[7]));
    fn narrow_numbers(x: &Tensor) -> Fallible<(f64, i64, i64, i64, i64)> { Ok((f32::try_from(x)? as f64, i32::try_from(x)? as i64, i16::try_from(x)? as i64, i8::try_from(x)? as i64, u8::try_from(x)? as i64)) } on (Tensor::from(0.1f64)) (ints(&[70_000])) (ints(&[200])) (floats(&[-2.0]));
    fn vectors(x: &Tensor) -> Fallible<(Vec<f64>, Vec<i64>, Vec<bool>)> { Ok((Vec::<f64>::try_from(x)?, Vec::<i64>::try_from(x)?, Vec::<bool>::try_from(x.shallow_clone())?)) } on (floats(&[0.0, 1.5, -2.5])) (ints(&[3])) (floats(&[]));
    fn narrow_vectors(x: &Tensor) -> Fallible<Vec<f64>> { let mut v: Vec<f64> = vec![]; for a in Vec::<f32>::try_from(x)? { v.push(a as f64); } for a in Vec::<i32>::try_from(x)? { v.push(a as f64); } for a in Vec::<u8>::try_from(x)? { v.push(a as f64); } Ok(v) } on (Tensor::from_slice(&[0.1f64, 1.5]));
    fn annotated_vectors(x: &Tensor) -> Fallible<f64> { let v: Vec<f64> = Vec::try_from(x)?; Ok(v[0] + v[1]) } on (floats(&[1.5, 2.0]));
    fn nested_vectors(x: &Tensor) -> Fallible<(Vec<Vec<i64>>, f64)> { let cube = Vec::<Vec<Vec<f64>>>::try_from(x.unsqueeze(0))?; Ok((<Vec<Vec<i64>>>::try_from(x)?, cube[0][1][2])) } on (counting(&[2, 3]));
    fn iterated(x: &Tensor) -> Fallible<(f64, i64)> { let mut s = 0.0; for v in x.iter::<f64>()? { s = s * 2.0 + v; } let mut n = 0; for v in x.iter::<i64>()? { n = n * 2 + v; } Ok((s, n)) } on (floats(&[1.5, 2.5, -3.5]));
    fn numbers_of_numbers(a: i64, p: bool) -> (f64, i64) { (f64::from(a as f32) + f64::from(2.5f32), i64::from(p) + i64::from(3i32)) } on (3, true);
}

#[test]
fn conversions_of_wrong_shapes_fail() {
    let _alone = alone();
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
        let x = counting(&[2, 3]);
        assert!(Form.forward(&x, how).is_err());
        assert!(compiled.forward((&x, how)).is_err(), "{how}");
    }
}

#[test]
fn printing_is_kept() {
    let _alone = alone();
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
    compiled.forward((&counting(&[2]),)).unwrap();
}
