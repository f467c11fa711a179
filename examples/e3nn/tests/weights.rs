//! Weights of tensor products and linear maps: the module's own and given ones, of one and of several rows; and what has
//! no rows, or no irreps.

use e3nn::o3::{
    ConnectionMode, Instruction, InstructionError, Linear, LinearOptions, ProductOptions, TensorProduct,
    TensorSquare,
};
use e3nn::{Irreps, Normalization, irreps};
use tch::{Device, Kind, Tensor, nn};

const LIKE: (Kind, Device) = (Kind::Double, Device::Cpu);

fn double() -> nn::VarStore {
    let mut vs = nn::VarStore::new(Device::Cpu);
    vs.set_kind(Kind::Double);
    vs
}

fn randn(irreps: &Irreps, size: &[i64]) -> Tensor {
    irreps.randn(size, Normalization::Component, LIKE)
}

fn panics(run: impl FnOnce() -> Tensor) -> String {
    let error = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).expect_err("it is refused");
    match error.downcast::<String>() {
        Ok(message) => *message,
        Err(error) => error.downcast::<&str>().expect("a message").to_string(),
    }
}

fn product(shared_weights: bool, internal_weights: bool) -> TensorProduct {
    let [in1, in2, out] = ["2x0e+3x1o", "0e+1o", "2x0e+2x1o+1e"].map(irreps);
    let options = ProductOptions {
        shared_weights: Some(shared_weights),
        internal_weights: Some(internal_weights),
        ..Default::default()
    };
    TensorProduct::fully_connected(&double().root(), &in1, &in2, &out, options).unwrap()
}

#[test]
fn weights_that_are_given() {
    let product = product(true, false);
    let compiled = tch_jit::compile(&product).unwrap();
    let (x, y) = (randn(&product.irreps_in1, &[4]), randn(&product.irreps_in2, &[4]));
    let weight = Tensor::randn([product.weight_numel], LIKE);
    assert_eq!(compiled.forward((&x, &y, Some(&weight))).unwrap(), product.forward(&x, &y, Some(&weight)));

    let n = product.weight_numel;
    let short = weight.narrow(0, 1, n - 1);
    let rows = weight.repeat([4, 1]);
    for (weight, message) in [
        (None, "weight must be given: the module has no internal weights".to_owned()),
        (Some(&short), format!("Incorrect last dimension for weight: {}, expected {n}", n - 1)),
        (Some(&rows), "Invalid weight shape: weights have a batch where, and only where".to_owned()),
    ] {
        assert!(panics(|| product.forward(&x, &y, weight)).contains(&message));
        let error = compiled.forward((&x, &y, weight)).unwrap_err().to_string();
        assert!(error.contains(&message), "{error}");
    }
}

/// Each row by itself gives the same.
#[test]
fn weights_of_rows() {
    let product = product(false, false);
    let compiled = tch_jit::compile(&product).unwrap();
    let (x, y) = (randn(&product.irreps_in1, &[3, 1, 2]), randn(&product.irreps_in2, &[5, 1]));
    let weight = Tensor::randn([3, 5, 2, product.weight_numel], LIKE);
    let all = product.forward(&x, &y, Some(&weight));
    assert_eq!(all.size(), [3, 5, 2, product.irreps_out.dim()]);
    assert_eq!(compiled.forward((&x, &y, Some(&weight))).unwrap(), all);
    let row =
        |t: &Tensor, index: [i64; 3]| index.iter().fold(t.shallow_clone(), |t, &i| t.get(i)).unsqueeze(0);
    for (i, j, k) in [(0, 0, 0), (2, 4, 1), (1, 3, 0)] {
        let one = product.forward(
            &row(&x, [i, 0, k]),
            &y.get(j).get(0).unsqueeze(0),
            Some(&row(&weight, [i, j, k])),
        );
        assert!(one.allclose(&row(&all, [i, j, k]), 1e-10, 1e-10, false));
    }
}

/// `right` is the product as a matrix, eager and compiled.
#[test]
fn products_as_matrices() {
    let product = product(true, true);
    let compiled = tch_jit::compile(&product).unwrap();
    let (x, y) = (randn(&product.irreps_in1, &[4]), randn(&product.irreps_in2, &[4]));
    let matrix = product.right(&y, None);
    let applied = x.unsqueeze(1).matmul(&matrix).squeeze_dim(1);
    assert!(applied.allclose(&product.forward(&x, &y, None), 1e-10, 1e-10, false));
    let found = compiled.call("right", &[tch::IValue::Tensor(y.shallow_clone())]).unwrap();
    assert_eq!(Tensor::try_from(found).unwrap(), matrix);
}

#[test]
fn views_of_weights() {
    let product = product(true, true);
    let views = product.weight_views(&product.weight);
    assert_eq!(views.iter().map(|(_, it)| it.numel() as i64).sum::<i64>(), product.weight_numel);
    tch::no_grad(|| views.iter().for_each(|(_, it)| drop(it.shallow_clone().zero_())));
    assert_eq!(product.weight.abs().max().double_value(&[]), 0.0, "they are views");
}

#[test]
fn nothing_to_multiply() {
    let linear =
        Linear::new(&double().root(), &irreps("2x0e+1o"), &irreps("3x0e+1o"), &LinearOptions::default());
    let product = product(true, true);
    let (compiled_product, compiled_linear) =
        (tch_jit::compile(&product).unwrap(), tch_jit::compile(&linear).unwrap());
    for size in [&[0][..], &[2, 0], &[0, 3]] {
        let (x, y) = (randn(&product.irreps_in1, size), randn(&product.irreps_in2, size));
        let expected = [size, &[product.irreps_out.dim()]].concat();
        assert_eq!(product.forward(&x, &y, None).size(), expected);
        assert_eq!(compiled_product.forward((&x, &y)).unwrap().size(), expected);
        let x = randn(&linear.irreps_in, size);
        let expected = [size, &[6]].concat();
        assert_eq!(linear.forward(&x, None, None).size(), expected);
        assert_eq!(compiled_linear.forward(&x).unwrap().size(), expected);
    }
    let none = irreps("");
    let product =
        TensorProduct::fully_connected(&double().root(), &none, &irreps("1o"), &none, Default::default());
    let product = product.unwrap();
    let (x, y) = (randn(&none, &[3, 1]), randn(&irreps("1o"), &[2]));
    assert_eq!(product.forward(&x, &y, None).size(), [3, 2, 0]);
    assert_eq!(tch_jit::compile(&product).unwrap().forward((&x, &y)).unwrap().size(), [3, 2, 0]);
    // Parts without copies, and parts that nothing leads to.
    let [in1, in2, out] = ["0x0e+2x1o", "1o", "0x2e+3x0e+2x4e"].map(irreps);
    let product =
        TensorProduct::fully_connected(&double().root(), &in1, &in2, &out, Default::default()).unwrap();
    let found = product.forward(&randn(&in1, &[4]), &randn(&in2, &[4]), None);
    assert_eq!(found.narrow(1, 3, 18), Tensor::zeros([4, 18], LIKE));
    assert_eq!(product.output_mask.sum(Kind::Double).double_value(&[]), 3.0);
}

#[test]
fn paths_that_there_are_not() {
    let [a, b] = ["3x1o", "2x1o"].map(irreps);
    let new = |path: Instruction, out: &str| {
        let product =
            TensorProduct::new(&double().root(), &a, &b, &irreps(out), &[path], &Default::default());
        product.expect_err("there is no such path").to_string()
    };
    assert_eq!(
        new(Instruction::new(0, 0, 0, ConnectionMode::Uvw, true), "1x3e"),
        "path 0: `3x1o` x `2x1o` has no part `1x3e`"
    );
    assert_eq!(
        new(Instruction::new(0, 1, 0, ConnectionMode::Uvw, true), "0e"),
        "path 0: there is no part 1 of irreps_in2, which are `2x1o`"
    );
    assert_eq!(
        new(Instruction::new(0, 0, 0, ConnectionMode::Uuu, true), "3x0e"),
        "path 0: copies of `3x1o`, `2x1o` and `3x0e` cannot be connected as `uuu`: all have as many"
    );
    assert_eq!(
        new(Instruction::new(0, 0, 0, ConnectionMode::Uvw, false), "3x0e"),
        "path 0: copies of `3x1o`, `2x1o` and `3x0e` cannot be connected as `uvw` without weights"
    );
    let options =
        ProductOptions { shared_weights: Some(false), internal_weights: Some(true), ..Default::default() };
    let error = TensorSquare::fully_connected(&double().root(), &a, &irreps("0e"), options).unwrap_err();
    assert_eq!(error, InstructionError::Weights);
}
