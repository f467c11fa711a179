//! Every operation commutes with rotations and inversions, eagerly and compiled, and refuses what is no vector of its
//! irreps.

use e3nn::nn::{
    Act, Activation, BatchNorm, BatchNormOptions, Dropout, Extract, Gate, NormActivation, Reduce,
};
use e3nn::o3::{
    IrrepNormalization, Linear, LinearOptions, Norm, SphericalHarmonics, SphericalNormalization,
    TensorProduct, TensorSquare,
};
use e3nn::testing::{Transforms, assert_equivariant, equivariance_error};
use e3nn::{Irreps, Normalization, irreps};
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Compilable, ScriptModule};

const TOLERANCE: f64 = 1e-9;

/// Runs `check` on the module and on what it compiles to, with random inputs.
#[track_caller]
fn assert_module<M: Compilable>(
    build: impl Fn(&nn::Path) -> M,
    irreps_in: &[&Irreps],
    irreps_out: &[&Irreps],
    eager: impl Fn(&M, &[Tensor]) -> Vec<Tensor>,
    n_optional: usize,
) {
    assert_module_in_mode(false, build, irreps_in, irreps_out, eager, n_optional);
}

#[track_caller]
fn assert_module_in_mode<M: Compilable>(
    train: bool,
    build: impl Fn(&nn::Path) -> M,
    irreps_in: &[&Irreps],
    irreps_out: &[&Irreps],
    eager: impl Fn(&M, &[Tensor]) -> Vec<Tensor>,
    n_optional: usize,
) {
    tch::manual_seed(0);
    let mut vs = nn::VarStore::new(Device::Cpu);
    vs.set_kind(Kind::Double);
    let module = build(&vs.root());
    let options = (Kind::Double, Device::Cpu);
    let inputs: Vec<Tensor> =
        irreps_in.iter().map(|it| it.randn(&[4], Normalization::Component, options)).collect();
    let of = |all: &[&Irreps]| all.iter().map(|it| Transforms::from(*it)).collect::<Vec<_>>();
    assert_equivariant(|x| eager(&module, x), &inputs, &of(irreps_in), &of(irreps_out), TOLERANCE);

    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}")).into_script_module();
    if train {
        compiled.train()
    } else {
        compiled.eval()
    }
    let call = |x: &[Tensor]| run(&compiled, x, n_optional).unwrap_or_else(|error| panic!("{error}"));
    assert_equivariant(call, &inputs, &of(irreps_in), &of(irreps_out), TOLERANCE);
    assert_refuses_other_dimensions(irreps_in, &inputs, |x| eager(&module, x), &compiled, n_optional);
}

/// With the arguments after the inputs left out.
fn run(module: &ScriptModule, x: &[Tensor], n_optional: usize) -> tch_jit::Result<Vec<Tensor>> {
    let tensors = x.iter().map(|it| IValue::Tensor(it.shallow_clone()));
    let rest = (0..n_optional).map(|_| IValue::None);
    Ok(match module.forward(&tensors.chain(rest).collect::<Vec<_>>())? {
        IValue::Tensor(it) => vec![it],
        IValue::TensorList(it) => it,
        other => panic!("no tensors: {other:?}"),
    })
}

/// Both name what was expected.
#[track_caller]
fn assert_refuses_other_dimensions(
    irreps_in: &[&Irreps],
    inputs: &[Tensor],
    eager: impl Fn(&[Tensor]) -> Vec<Tensor>,
    compiled: &ScriptModule,
    n_optional: usize,
) {
    for (i, irreps) in irreps_in.iter().enumerate() {
        let mut wrong: Vec<Tensor> = inputs.iter().map(Tensor::shallow_clone).collect();
        wrong[i] = wrong[i].narrow(-1, 0, irreps.dim() - 1);
        let expected = format!("{}, expected {} of `{irreps}`", irreps.dim() - 1, irreps.dim());
        let error = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| eager(&wrong))).unwrap_err();
        let error = error.downcast_ref::<String>().expect("a message");
        assert!(
            error.contains("Incorrect last dimension for ") && error.contains(&expected),
            "eager: {error}"
        );
        let error = run(compiled, &wrong, n_optional).expect_err("the dimension is wrong").to_string();
        assert!(
            error.contains("Incorrect last dimension for ") && error.contains(&expected),
            "compiled: {error}"
        );
    }
}

#[test]
fn tensor_products() {
    let (in1, in2, out) = (irreps("2x0e+3x1o+1x2e"), irreps("0o+1e+2e"), irreps("2x0e+2x1o+1e+2e+0o+3o"));
    let apply = |it: &TensorProduct, x: &[Tensor]| vec![it.forward(&x[0], &x[1], None)];
    let usual = Default::default;
    assert_module(
        |vs| TensorProduct::fully_connected(vs, &in1, &in2, &out, usual()).unwrap(),
        &[&in1, &in2],
        &[&out],
        apply,
        1,
    );
    let build = |vs: &nn::Path| TensorProduct::full(vs, &in1, &in2, None, usual()).unwrap();
    let all = build(&nn::VarStore::new(Device::Cpu).root()).irreps_out.clone();
    assert_module(build, &[&in1, &in2], &[&all], apply, 1);

    let pairs = irreps("1o+2x1e+2x0e+2o");
    let build = |vs: &nn::Path| TensorProduct::elementwise(vs, &in1, &pairs, None, usual()).unwrap();
    let out = build(&nn::VarStore::new(Device::Cpu).root()).irreps_out.clone();
    let (cut1, cut2) = (irreps("1x0e+1x0e+1x1o+2x1o+1x2e"), irreps("1x1o+1x1e+1x1e+2x0e+1x2o"));
    assert_module(build, &[&cut1, &cut2], &[&out], apply, 1);
}

#[test]
fn squares_and_norms() {
    let it = irreps("2x0e+3x1o+1x2e");
    let apply = |it: &TensorSquare, x: &[Tensor]| vec![it.forward(&x[0], None)];
    let build = |vs: &nn::Path| TensorSquare::full(vs, &it, None, IrrepNormalization::Component).unwrap();
    let out = build(&nn::VarStore::new(Device::Cpu).root()).irreps_out.clone();
    assert_module(build, &[&it], &[&out], apply, 1);
    let out = irreps("2x0e+2x1o+1e+3x2e");
    assert_module(
        |vs| TensorSquare::fully_connected(vs, &it, &out, Default::default()).unwrap(),
        &[&it],
        &[&out],
        apply,
        1,
    );
    for squared in [false, true] {
        assert_module(
            |vs| Norm::new(vs, &it, squared),
            &[&it],
            &[&irreps("6x0e")],
            |m, x| vec![m.forward(&x[0])],
            0,
        );
    }
}

/// At zero the gradient of a norm is zero.
#[test]
fn norms_have_a_gradient_at_zero() {
    let norm = Norm::new(&nn::VarStore::new(Device::Cpu).root(), &irreps("2x0e+1x1o"), false);
    let compiled = tch_jit::compile(&norm).unwrap();
    for forward in [
        &|x: &Tensor| norm.forward(x),
        &(|x: &Tensor| compiled.forward(x).unwrap()) as &dyn Fn(&Tensor) -> Tensor,
    ] {
        let x = Tensor::zeros([2, 5], (Kind::Float, Device::Cpu)).set_requires_grad(true);
        forward(&x).sum(Kind::Float).backward();
        assert_eq!(x.grad(), Tensor::zeros([2, 5], (Kind::Float, Device::Cpu)));
    }
}

#[test]
fn linear_maps() {
    let (a, b) = (irreps("4x0e+3x1o+2x0e+1x2e"), irreps("2x1o+3x0e+1x1o+0o"));
    let options = LinearOptions { biases: true, ..Default::default() };
    assert_module(
        |vs| Linear::new(vs, &a, &b, &options),
        &[&a],
        &[&b],
        |it, x| vec![it.forward(&x[0], None, None)],
        2,
    );
}

#[test]
fn spherical_harmonics_of_all_degrees() {
    // Of degree 11, polynomials of long vectors would be large.
    for (normalize, lmax) in [(true, 11), (false, 4)] {
        let out = Irreps::spherical_harmonics(lmax);
        assert_module(
            |vs| {
                SphericalHarmonics::new(vs, &irreps("1o"), &out, normalize, SphericalNormalization::Norm)
                    .unwrap()
            },
            &[&irreps("1o")],
            &[&out],
            |it, x| vec![it.forward(&x[0])],
            0,
        );
    }
}

#[test]
fn functions_and_gates() {
    let (silu, sigmoid, tanh, abs) = (Some(Act::Silu), Some(Act::Sigmoid), Some(Act::Tanh), Some(Act::Abs));
    let it = irreps("4x0e+3x0o+2x0o+1o");
    let build = |_: &nn::Path| Activation::new(&it, &[silu, abs, tanh, None]).unwrap();
    assert_module(build, &[&it], &[&irreps("4x0e+3x0e+2x0o+1o")], |m, x| vec![m.forward(&x[0])], 0);

    let (scalars, gates, gated) = (irreps("2x0e+1x0o"), irreps("2x0e+1x0o"), irreps("2x1o+1x2e"));
    let build =
        |vs: &nn::Path| Gate::new(vs, &scalars, &[silu, tanh], &gates, &[sigmoid, tanh], &gated).unwrap();
    let gate = build(&nn::VarStore::new(Device::Cpu).root());
    assert_module(build, &[&gate.irreps_in], &[&gate.irreps_out], |m, x| vec![m.forward(&x[0])], 0);
    // No gates.
    let build =
        |vs: &nn::Path| Gate::new(vs, &scalars, &[silu, tanh], &irreps(""), &[], &irreps("")).unwrap();
    assert_module(build, &[&irreps("1x0o+2x0e")], &[&scalars], |m, x| vec![m.forward(&x[0])], 0);

    let it = irreps("2x0e+3x1o+2e");
    for (normalize, bias) in [(true, false), (true, true)] {
        let build = |vs: &nn::Path| NormActivation::new(vs, &it, Act::Sigmoid, normalize, 1e-8, bias);
        assert_module(build, &[&it], &[&it], |m, x| vec![m.forward(&x[0])], 0);
    }
}

#[test]
fn parts_and_normalizations() {
    let (a, outs) = (irreps("1e+2x0e+0o"), [irreps("2x0e"), irreps("0o+1e")]);
    let build = |_: &nn::Path| Extract::new(&a, &outs, &[vec![1], vec![2, 0]]);
    assert_module(build, &[&a], &[&outs[0], &outs[1]], |m, x| m.forward(&x[0]), 0);

    let it = irreps("3x0e+2x1o+1x0o");
    for train in [false, true] {
        for (instance, reduce) in [(false, Reduce::Mean), (true, Reduce::Mean), (false, Reduce::Max)] {
            let options = BatchNormOptions { instance, reduce, ..Default::default() };
            let build = |vs: &nn::Path| BatchNorm::new(vs, &it, options);
            assert_module_in_mode(train, build, &[&it], &[&it], |m, x| vec![m.forward_t(&x[0], train)], 0);
        }
    }
    let build = |_: &nn::Path| Dropout::new(&it, 0.5);
    assert_module(build, &[&it], &[&it], |m, x| vec![m.forward_t(&x[0], false)], 0);
}

/// A whole irrep is dropped, or none of it.
#[test]
fn dropout_keeps_irreps_together() {
    tch::manual_seed(0);
    let it = irreps("20x1o");
    let dropout = Dropout::new(&it, 0.5);
    let compiled = tch_jit::compile(&dropout).unwrap().into_script_module();
    compiled.train();
    let x = Tensor::ones([8, 3, 60], (Kind::Float, Device::Cpu));
    let y = run(&compiled, &[x], 0).unwrap().remove(0);
    let y = y.reshape([8, 3, 20, 3]);
    let first = y.narrow(1, 0, 1).narrow(3, 0, 1);
    assert_eq!(y, first.expand([8, 3, 20, 3], false), "the same for all components and places");
    let kept = first.sum(Kind::Float).double_value(&[]) / 2.0;
    assert!((40.0..120.0).contains(&kept), "{kept} of 160 are kept");
}

/// Differences of points are vectors, and their centre is a point.
#[test]
fn points_are_translated() {
    let of_points = [Transforms::CartesianPoints];
    let points = || [Tensor::randn([4, 3], (Kind::Double, Device::Cpu))];
    let rows = [0i64];
    let centre = |x: &[Tensor]| vec![x[0].mean_dim(rows.as_slice(), true, Kind::Double)];
    assert_equivariant(centre, &points(), &of_points, &of_points, TOLERANCE);
    let differences = |x: &[Tensor]| vec![&x[0] - x[0].roll([1i64], rows)];
    assert_equivariant(differences, &points(), &of_points, &[Transforms::from(&irreps("1o"))], TOLERANCE);
    let error = equivariance_error(differences, &points(), &of_points, &of_points);
    assert!(error[0] > 1.0, "vectors are not translated");
}

#[test]
fn what_is_not_equivariant_is_seen() {
    let it = irreps("1o");
    let x = it.randn(&[3], Normalization::Component, (Kind::Double, Device::Cpu));
    let of = [Transforms::from(&it)];
    let product = |x: &[Tensor]| vec![x[0].select(-1, 0).unsqueeze(-1) * &x[0]];
    assert!(equivariance_error(product, &[x.shallow_clone()], &of, &of)[0] > 0.1);
    let points = |x: &[Tensor]| vec![x[0].sum_dim_intlist([-1i64].as_slice(), true, x[0].kind())];
    let error = std::panic::catch_unwind(|| {
        assert_equivariant(points, &[x.shallow_clone()], &of, &[Transforms::Invariant], TOLERANCE);
    });
    let message = error.unwrap_err().downcast_ref::<String>().expect("a message").clone();
    assert!(
        message.starts_with("largest componentwise equivariance error was too large for output 0: "),
        "{message}"
    );
}
