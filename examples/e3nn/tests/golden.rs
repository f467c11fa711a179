//! The numbers of Python's e3nn 0.6.0 in double precision, from `data/golden.json`. It has them with 12 digits.

use std::sync::LazyLock;

use e3nn::nn::{Act, Activation, FullyConnectedNet, FullyConnectedOptions, Gate, NormActivation};
use e3nn::o3::{
    self, Angles, ConnectionMode, Instruction, IrrepNormalization, Linear, LinearOptions, Norm,
    ProductOptions, SphericalHarmonics, SphericalNormalization, TensorProduct,
};
use e3nn::{Irreps, irreps};
use serde_json::Value;
use tch::{Device, IValue, Kind, Tensor, nn as tch_nn};
use tch_jit::Compilable;

const TOLERANCE: f64 = 1e-10;

static GOLDEN: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("data/golden.json")).expect("the file is JSON"));

/// All numbers in a value, in order.
fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(items) => items.iter().flat_map(numbers).collect(),
        value => vec![value.as_f64().expect("a number")],
    }
}

#[track_caller]
fn assert_close(found: &Tensor, expected: &[f64], what: &str) {
    let found = Vec::<f64>::try_from(&found.flatten(0, -1)).expect("numbers in double precision");
    assert_eq!(found.len(), expected.len(), "{what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!((found - expected).abs() < TOLERANCE, "{what}, number {i}: {found}, not {expected}");
    }
}

fn double(values: &[f64], size: &[i64]) -> Tensor {
    Tensor::from_slice(values).reshape(size)
}

/// sin(0.7 k + 0.3) at position k.
fn input(size: &[i64]) -> Tensor {
    (Tensor::arange(size.iter().product::<i64>(), (Kind::Double, Device::Cpu)) * 0.7 + 0.3)
        .sin()
        .reshape(size)
}

/// cos(0.9 k + 0.1) at position k.
fn weight(size: &[i64]) -> Tensor {
    (Tensor::arange(size.iter().product::<i64>(), (Kind::Double, Device::Cpu)) * 0.9 + 0.1)
        .cos()
        .reshape(size)
}

fn size(value: &Value) -> Vec<i64> {
    numbers(value).into_iter().map(|it| it as i64).collect()
}

/// Compares a module with Python's of that name, eager and compiled. `n_optional` is how many arguments follow the
/// inputs.
#[track_caller]
fn check<M: Compilable>(
    name: &str,
    n_optional: usize,
    build: impl Fn(&tch_nn::Path) -> M,
    eager: impl Fn(&M, &[Tensor]) -> Vec<Tensor>,
) {
    let golden = &GOLDEN["modules"][name];
    let mut vs = tch_nn::VarStore::new(Device::Cpu);
    vs.set_kind(Kind::Double);
    let module = build(&vs.root());
    let params = golden["params"].as_object().expect("a module of that name");
    let variables = vs.variables();
    for (param, shape) in params {
        let variable = &variables[param];
        assert_eq!(variable.size(), size(shape), "{name}, {param}");
        tch::no_grad(|| variable.shallow_clone().copy_(&weight(&size(shape))));
    }
    assert_eq!(vs.trainable_variables().len(), params.len(), "{name} has other parameters");

    let inputs: Vec<Tensor> =
        golden["in_shapes"].as_array().expect("shapes").iter().map(|it| input(&size(it))).collect();
    let expected = golden["out"].as_array().expect("outputs");
    let compare = |found: Vec<Tensor>, how: &str| {
        assert_eq!(found.len(), expected.len(), "{name}, {how}");
        for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
            assert_eq!(found.size(), size(&golden["out_shapes"][i]), "{name}, {how}");
            assert_close(found, &numbers(expected), &format!("{name}, {how}"));
        }
    };
    compare(eager(&module, &inputs), "eager");
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{name}: {error}"));
    let args: Vec<IValue> = inputs
        .iter()
        .map(|it| IValue::Tensor(it.shallow_clone()))
        .chain((0..n_optional).map(|_| IValue::None))
        .collect();
    match compiled.into_script_module().forward(&args).unwrap_or_else(|error| panic!("{name}: {error}")) {
        IValue::Tensor(found) => compare(vec![found], "compiled"),
        IValue::TensorList(found) => compare(found, "compiled"),
        other => panic!("{name} gave {other:?}"),
    }
}

fn product(name: &str, build: impl Fn(&tch_nn::Path) -> TensorProduct) {
    check(name, 1, build, |it, x| vec![it.forward(&x[0], &x[1], None)]);
}

/// A product of one path.
fn path(
    name: &str,
    [in1, in2, out]: [&str; 3],
    mode: ConnectionMode,
    has_weight: bool,
    options: ProductOptions,
) {
    product(name, |vs| {
        let path = Instruction::new(0, 0, 0, mode, has_weight);
        TensorProduct::new(vs, &irreps(in1), &irreps(in2), &irreps(out), &[path], &options).expect("a path")
    });
}

#[test]
fn wigner_3j() {
    let all = GOLDEN["w3j"].as_object().expect("symbols");
    assert_eq!(all.len(), 34);
    for (name, entries) in all {
        let [l1, l2, l3] =
            <[i64; 3]>::try_from(name.split(',').map(|l| l.parse().unwrap()).collect::<Vec<_>>()).unwrap();
        let expected = Tensor::zeros([2 * l1 + 1, 2 * l2 + 1, 2 * l3 + 1], (Kind::Double, Device::Cpu));
        for entry in entries.as_array().expect("entries") {
            let entry = numbers(entry);
            let at = |i: usize| expected.get(entry[0] as i64).get(entry[1] as i64).get(i as i64);
            let _ = at(entry[2] as usize).fill_(entry[3]);
        }
        assert_close(
            &o3::wigner_3j(l1, l2, l3),
            &Vec::<f64>::try_from(expected.flatten(0, -1)).unwrap(),
            name,
        );
    }
}

#[test]
fn wigner_d_and_rotations() {
    let angles = numbers(&GOLDEN["D_angles"]);
    let angles = Angles::new(angles[0], angles[1], angles[2]);
    for l in 0..=3 {
        assert_close(
            &o3::wigner_d(l, &angles),
            &numbers(&GOLDEN["D"][l.to_string()]),
            &format!("D of degree {l}"),
        );
    }
    let matrix = o3::angles_to_matrix(&angles);
    assert_close(&matrix, &numbers(&GOLDEN["rot_matrix"]), "the matrix");
    let of = &GOLDEN["D_from_matrix_minusR_2x0o+1o+2e"];
    assert_close(
        &irreps("2x0o+1o+2e").d_from_matrix(&-matrix),
        &numbers(&of["values"]),
        "D of an improper rotation",
    );
}

#[test]
fn spherical_harmonics() {
    let points = numbers(&GOLDEN["sh_points"]);
    let points = double(&points, &[points.len() as i64 / 3, 3]);
    let out = Irreps::spherical_harmonics(4);
    for (name, normalization) in [
        ("integral", SphericalNormalization::Integral),
        ("component", SphericalNormalization::Component),
        ("norm", SphericalNormalization::Norm),
    ] {
        for (normalize, flag) in [(true, "True"), (false, "False")] {
            let key = format!("{name},normalize={flag}");
            let found = o3::spherical_harmonics(&out, &points, normalize, normalization).unwrap();
            assert_close(&found, &numbers(&GOLDEN["sh"][&key]), &key);
        }
    }
}

#[test]
fn norms() {
    let of = irreps("2x0e+1x1o");
    check("Norm 2x0e+1x1o", 0, |vs| Norm::new(vs, &of, false), |it, x| vec![it.forward(&x[0])]);
    check("Norm 2x0e+1x1o squared", 0, |vs| Norm::new(vs, &of, true), |it, x| vec![it.forward(&x[0])]);
}

#[test]
fn products_of_all_paths() {
    product("FCTP 2x0e+3x1o x 1x0e+1x1o+1x2e -> 2x0e+2x1o+1x1e+1x2e", |vs| {
        let [in1, in2, out] = ["2x0e+3x1o", "1x0e+1x1o+1x2e", "2x0e+2x1o+1x1e+1x2e"].map(irreps);
        TensorProduct::fully_connected(vs, &in1, &in2, &out, Default::default()).unwrap()
    });
    product("FullTP 2x1o+1x0e x 1x1o+1x2e", |vs| {
        let it =
            TensorProduct::full(vs, &irreps("2x1o+1x0e"), &irreps("1x1o+1x2e"), None, Default::default())
                .unwrap();
        assert_eq!(it.irreps_out.to_string(), "2x0e+2x1o+1x1o+2x1e+2x2o+2x2e+1x2e+2x3o");
        it
    });
    product("ElementwiseTP 2x1o+1x0e x 1x0e+2x1o", |vs| {
        let (in1, in2) = (irreps("2x1o+1x0e"), irreps("1x0e+2x1o"));
        let it = TensorProduct::elementwise(vs, &in1, &in2, None, Default::default()).unwrap();
        assert_eq!(it.irreps_out.to_string(), "1x1o+1x0e+1x1e+1x2e+1x1o");
        it
    });
}

#[test]
fn products_by_connection() {
    use ConnectionMode::{Uuu, Uuw, Uvu, UvuLessV, Uvuv, Uvv};
    let norm = ProductOptions { irrep_normalization: IrrepNormalization::Norm, ..Default::default() };
    let usual = ProductOptions::default;
    path("TP uuu weighted 3x1o x 3x1o -> 3x1e", ["3x1o", "3x1o", "3x1e"], Uuu, true, usual());
    path("TP uvu weighted 3x1o x 2x2e -> 3x1o", ["3x1o", "2x2e", "3x1o"], Uvu, true, usual());
    path("TP uvv weighted norm 3x1o x 2x1o -> 2x2e", ["3x1o", "2x1o", "2x2e"], Uvv, true, norm);
    path("TP uuw weighted 3x1o x 3x1o -> 2x0e", ["3x1o", "3x1o", "2x0e"], Uuw, true, usual());
    path("TP uvuv weighted 3x1o x 2x1o -> 6x2e", ["3x1o", "2x1o", "6x2e"], Uvuv, true, usual());
    path("TP uvu<v 3x0e x 3x0e -> 3x0e", ["3x0e", "3x0e", "3x0e"], UvuLessV, false, usual());
}

#[test]
fn linear() {
    let options = LinearOptions { biases: true, ..Default::default() };
    check(
        "Linear 4x0e+3x1o+2x0e -> 2x1o+3x0e biases",
        2,
        |vs| Linear::new(vs, &irreps("4x0e+3x1o+2x0e"), &irreps("2x1o+3x0e"), &options),
        |it, x| vec![it.forward(&x[0], None, None)],
    );
}

#[test]
fn activations() {
    let (silu, sigmoid, tanh, abs) = (Some(Act::Silu), Some(Act::Sigmoid), Some(Act::Tanh), Some(Act::Abs));
    check(
        "Gate 2x0e+1x0o[silu,tanh] 2x0e+1x0o[sigmoid,tanh] 2x1o+1x2e",
        0,
        |vs| {
            let (scalars, gated) = (irreps("2x0e+1x0o"), irreps("2x1o+1x2e"));
            let it = Gate::new(vs, &scalars, &[silu, tanh], &scalars, &[sigmoid, tanh], &gated).unwrap();
            assert_eq!(it.irreps_in.to_string(), "2x0o+4x0e+2x1o+1x2e");
            assert_eq!(it.irreps_out.to_string(), "2x0e+1x0o+2x1o+1x2o");
            it
        },
        |it, x| vec![it.forward(&x[0])],
    );
    check(
        "Activation 4x0e+3x0o [silu,abs]",
        0,
        |_| Activation::new(&irreps("4x0e+3x0o"), &[silu, abs]).unwrap(),
        |it, x| vec![it.forward(&x[0])],
    );
    for (name, bias) in
        [("NormActivation 2x0e+1x1o sigmoid", false), ("NormActivation 2x0e+1x1o sigmoid bias", true)]
    {
        let of = irreps("2x0e+1x1o");
        let build = |vs: &tch_nn::Path| NormActivation::new(vs, &of, Act::Sigmoid, true, 1e-8, bias);
        check(name, 0, build, |it, x| vec![it.forward(&x[0])]);
    }
}

#[test]
fn networks_of_scalars() {
    let options = FullyConnectedOptions { variance_in: 0.5, variance_out: 2.0, out_act: true };
    for (name, options) in [
        ("FullyConnectedNet [3,4,2] tanh", Default::default()),
        ("FullyConnectedNet [3,4,2] tanh var_in=0.5 var_out=2 out_act", options),
    ] {
        let build = |vs: &tch_nn::Path| FullyConnectedNet::new(vs, &[3, 4, 2], Some(Act::Tanh), options);
        check(name, 0, build, |it, x| vec![it.forward(&x[0])]);
    }
}

#[test]
fn extracts() {
    let outs = [irreps("0e"), irreps("0e")];
    check(
        "Extract 1e+0e+0e -> (0e,0e) [(1,),(2,)]",
        0,
        |_| o3::Extract::new(&irreps("1e+0e+0e"), &outs, &[vec![1], vec![2]]),
        |it, x| it.forward(&x[0]),
    );
    check(
        "ExtractIr 1e+2x0e+0e 0e",
        0,
        |_| o3::ExtractIr::new(&irreps("1e+2x0e+0e"), "0e".parse().unwrap()),
        |it, x| vec![it.forward(&x[0])],
    );
}

#[test]
fn spherical_harmonics_as_a_module() {
    check(
        "SphericalHarmonics 0e+1o+3o component normalize",
        0,
        |vs| {
            let (x, out) = (irreps("1o"), irreps("0e+1o+3o"));
            SphericalHarmonics::new(vs, &x, &out, true, SphericalNormalization::Component).unwrap()
        },
        |it, x| vec![it.forward(&x[0])],
    );
}

/// No module of the file is left out.
#[test]
fn all_are_compared() {
    let here = include_str!("golden.rs");
    let modules = GOLDEN["modules"].as_object().expect("modules");
    let missing: Vec<_> = modules.keys().filter(|it| !here.contains(&format!("\"{it}\""))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
