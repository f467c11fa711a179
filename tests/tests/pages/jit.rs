//! `docs/jit.md`.

use e3nn::{Irreps, irreps, o3::Norm};
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

use integration_tests::alone;

use super::{Page, panic_of};

/// The norms, or half of them where all are small.
#[compile_mode(script)]
#[derive(Debug)]
struct MyModule {
    irreps_in: Irreps,
    norm: Norm,
}

impl MyModule {
    fn new(vs: &nn::Path, irreps_in: &Irreps) -> Self {
        MyModule { irreps_in: irreps_in.clone(), norm: Norm::new(&(vs / "norm"), irreps_in, false) }
    }
}

#[methods]
impl MyModule {
    fn forward(&self, x: &Tensor) -> Tensor {
        let norm = self.norm.forward(x);
        if norm.gt(7.0).any().int64_value(&[]) == 1 { norm } else { norm * 0.5 }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct AnotherModule {
    irreps_in: Irreps,
    module: MyModule,
}

#[methods]
impl AnotherModule {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.module.forward(x) + 3.0
    }
}

#[test]
fn scripting_and_mixing() -> tch_jit::Result<()> {
    let _alone = alone();
    let page = Page::read("jit.md");
    page.assert_code_is_in(include_str!("jit.rs"));

    let vs = nn::VarStore::new(Device::Cpu);
    let module = MyModule::new(&vs.root(), &irreps("2x0e + 1x1o"));
    let scripted = tch_jit::compile(&module)?;

    page.assert_shows(&scripted.to_string());
    page.assert_shows(&scripted.code());
    for x in [[1f32, 2.0, 3.0, 4.0, 0.0], [1.0, 2.0, 9.0, 0.0, 0.0]] {
        let x = Tensor::from_slice(&x);
        assert_eq!(scripted.forward(&x)?, module.forward(&x));
    }

    let module = AnotherModule { irreps_in: module.irreps_in.clone(), module };
    let traced = tch_jit::compile(&module)?;

    page.assert_shows(&traced.code());
    let child = traced.submodule("module").expect("a field");
    assert_eq!(child.code(), scripted.code());

    let wrong = Tensor::zeros([2, 4], (Kind::Float, Device::Cpu));
    let error = traced.forward(&wrong).expect_err("five components").to_string();
    page.assert_shows(&error);
    assert_eq!(
        panic_of(|| drop(module.forward(&wrong))),
        "Incorrect last dimension for x: 4, expected 5 of `2x0e+1x1o`"
    );
    Ok(())
}

/// What `trace` is told at a call does not stay.
#[test]
fn modes_at_a_call() -> tch_jit::Result<()> {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let module = MyModule::new(&vs.root(), &irreps("2x0e + 1x1o"));
    let x = Tensor::from_slice(&[1f32, 2.0, 3.0, 4.0, 0.0]);

    let error = tch_jit::trace(&module, &x).expect_err("the trace would keep one branch");
    let scripted = tch_jit::compile(&module)?;

    Page::read("jit.md").assert_shows(&error.to_string());
    assert_eq!(scripted.mode(), tch_jit::CompileMode::Script);
    Ok(())
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, self.irreps_in.dim()], edges = Int64[2, _edges] < _)]
#[derive(Debug)]
struct Neighbours {
    irreps_in: Irreps,
}

#[methods]
impl Neighbours {
    /// The sum over the neighbours of each node, for edges from `edges[0]` to `edges[1]`.
    fn forward(&self, x: &Tensor, edges: &Tensor) -> Tensor {
        let sent = x.index_select(0, &edges.select(0, 0));
        x.zeros_like().index_add(0, &edges.select(0, 1), &sent)
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Ring {
    irreps_in: Irreps,
}

#[methods]
impl Ring {
    fn forward(&self, x: &Tensor, edges: &Tensor) -> Tensor {
        let sent = x.index_select(0, &edges.select(0, 0));
        x.zeros_like().index_add(0, &edges.select(0, 1), &sent)
    }

    #[tracing_inputs]
    fn rings(&self, n: usize) -> Vec<(Tensor, Tensor)> {
        let ring = |n_nodes: i64| {
            let nodes = Tensor::arange(n_nodes, (Kind::Int64, Device::Cpu));
            let x = self.irreps_in.randn(&[n_nodes], Default::default(), (Kind::Float, Device::Cpu));
            (x, Tensor::stack(&[nodes.shallow_clone(), nodes.roll([1i64], [0i64])], 0))
        };
        (0..n as i64).map(|i| ring(3 + i)).collect()
    }
}

#[test]
fn tracing_inputs() -> tch_jit::Result<()> {
    let _alone = alone();
    let page = Page::read("jit.md");
    let module = Neighbours { irreps_in: irreps("2x0e + 1x1o") };
    let traced = tch_jit::compile(&module)?;
    page.assert_shows(&traced.report().to_string());

    let x = Tensor::rand([17, 5], (Kind::Float, Device::Cpu));
    let edges = Tensor::randint(17, [2, 40], (Kind::Int64, Device::Cpu));
    assert_eq!(traced.forward((&x, &edges))?, module.forward(&x, &edges));

    let ring = Ring { irreps_in: irreps("1o") };
    assert_eq!(tch_jit::tracing_inputs(&ring, 2)?.len(), 2);
    tch_jit::testing::assert_auto_jitable(&ring);
    Ok(())
}

#[test]
fn testing() {
    let _alone = alone();
    use tch_jit::testing::{AutoJit, assert_auto_jitable};

    let vs = nn::VarStore::new(Device::Cpu);
    let module = MyModule::new(&vs.root(), &irreps("2x0e + 1x1o"));
    assert_auto_jitable(&module);
    let module = AnotherModule { irreps_in: module.irreps_in.clone(), module };
    AutoJit::new().n_trace_checks(3).tolerance(1e-6).strict_shapes(true).assert(&module);
}

#[test]
fn equivariance() -> tch_jit::Result<()> {
    let _alone = alone();
    use e3nn::testing::{Transforms, assert_equivariant};

    let vs = nn::VarStore::new(Device::Cpu);
    let irreps_in = irreps("2x0e + 1x1o");
    let module = MyModule::new(&vs.root(), &irreps_in);
    let compiled = tch_jit::compile(&module)?;
    let x = irreps_in.randn(&[4], Default::default(), (Kind::Float, Device::Cpu));
    let (of_x, of_norms) = (Transforms::from(&irreps_in), Transforms::from(&module.norm.irreps_out));
    assert_equivariant(|x| vec![compiled.forward(&x[0]).unwrap()], &[x], &[of_x], &[of_norms], 1e-3);
    Ok(())
}

/// rustc's tests have the page's last code, and what it shows of it.
#[test]
fn unsupported() {
    let _alone = alone();
    let page = Page::read("jit.md");
    let test = "../ui-tests/tests/ui/unsupported_child_in_scripted_parent";
    let read = |extension| {
        std::fs::read_to_string(format!("{test}.{extension}")).expect("the test of rustc's output")
    };
    let code = read("rs");
    for block in page.blocks("rust,compile_fail") {
        assert!(code.contains(block.trim()), "not in {test}.rs:\n{block}");
    }
    let shown = read("stderr").replace("tests/ui/unsupported_child_in_scripted_parent.rs", "src/main.rs");
    page.assert_shows(&shown);
}
