//! Example inputs that a struct declares.

use integration_tests::alone;
use integration_tests::tensors::randn;
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{Compiler, Draw, Error, ExampleInput, compile_mode, methods, tracing_inputs};

fn sizes(tensors: &[&Tensor]) -> Vec<Vec<i64>> {
    tensors.iter().map(|it| it.size()).collect()
}

#[tracing_inputs(x = [_, self.dim], ids = Int64[5] < self.n_ids, mask = Bool[_, 3])]
#[compile_mode(trace)]
#[derive(Debug)]
struct Mixed {
    dim: i64,
    n_ids: usize,
    #[jit(parameter)]
    table: Tensor,
}

#[methods]
impl Mixed {
    fn forward(&self, x: &Tensor, ids: &Tensor, mask: &Tensor) -> Tensor {
        let chosen = self.table.index_select(0, ids).sum(self.table.kind());
        (x * chosen).narrow(1, 0, 3).where_self(mask, &Tensor::zeros([1], (self.table.kind(), Device::Cpu)))
    }
}

fn mixed(kind: Kind) -> Mixed {
    Mixed { dim: 4, n_ids: 7, table: Tensor::ones([7, 2], (kind, Device::Cpu)) }
}

#[test]
fn shapes_kinds_and_bounds_are_as_declared() {
    let _alone = alone();
    let mut batches = vec![];
    let mut ids_seen = vec![];
    for (x, ids, mask) in tracing_inputs(&mixed(Kind::Double), 40).unwrap() {
        let n = x.size()[0];
        assert_eq!(sizes(&[&x, &ids, &mask]), [vec![n, 4], vec![5], vec![n, 3]]);
        assert_eq!((x.kind(), ids.kind(), mask.kind()), (Kind::Double, Kind::Int64, Kind::Bool));
        assert!(!x.requires_grad());
        ids_seen.extend(Vec::<i64>::try_from(ids).unwrap());
        batches.push(n);
    }
    for seen in [&mut batches, &mut ids_seen] {
        seen.sort_unstable();
        seen.dedup();
    }
    assert_eq!((batches, ids_seen), (vec![1, 2, 3, 4], (0..7).collect()));
}

#[test]
fn they_are_of_the_kind_of_the_first_floating_parameter_else_of_a_buffer_else_float() {
    let _alone = alone();
    let kind = |kind| tracing_inputs(&mixed(kind), 1).unwrap()[0].0.kind();
    assert_eq!(kind(Kind::Half), Kind::Half);
    assert_eq!(kind(Kind::Int64), Kind::Float);
    let kind_of = |tensors| tracing_inputs(&Parts { tensors }, 1).unwrap()[0].0.kind();
    let (float, double) = (randn(&[1]), randn(&[1]).to_kind(Kind::Double));
    assert_eq!(kind_of(vec![float.shallow_clone(), double.set_requires_grad(true)]), Kind::Double);
    assert_eq!(kind_of(vec![float.to_kind(Kind::Int64), float.to_kind(Kind::BFloat16)]), Kind::BFloat16);
    assert_eq!(kind_of(vec![]), Kind::Float);

    let mut vs = nn::VarStore::new(Device::Cpu);
    let layer = Layered { layers: vec![Some(nn::linear(vs.root(), 3, 3, Default::default()))] };
    vs.double();
    assert_eq!(tracing_inputs(&layer, 1).unwrap()[0].0.kind(), Kind::Double);
}

#[compile_mode(trace)]
#[tracing_inputs(x = [2])]
#[derive(Debug)]
struct Parts {
    tensors: Vec<Tensor>,
}

#[methods]
impl Parts {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2.0
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3])]
#[derive(Debug)]
struct Layered {
    layers: Vec<Option<nn::Linear>>,
}

#[methods]
impl Layered {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(self.layers[0].as_ref().unwrap())
    }
}

#[test]
fn a_seed_gives_them_again() {
    let _alone = alone();
    let draw = |seed| {
        tch::manual_seed(seed);
        tracing_inputs(&mixed(Kind::Float), 3).unwrap()
    };
    let (first, again, other) = (draw(1), draw(1), draw(2));
    for ((a, b), c) in first.iter().zip(&again).zip(&other) {
        assert_eq!((&a.0, &a.1, &a.2), (&b.0, &b.1, &b.2));
        assert!(a.0.size() != c.0.size() || a.0 != c.0);
    }
}

#[test]
fn a_trace_holds_for_other_sizes_than_those_that_are_drawn() {
    let _alone = alone();
    let module = mixed(Kind::Float);
    let compiled = tch_jit::compile(&module).unwrap();
    let free: Vec<_> = compiled.report().methods[0].free.iter().map(|it| it.to_owned()).collect();
    assert_eq!(
        free.iter().map(|it| (&*it.name, &*it.seen)).collect::<Vec<_>>(),
        [("x.size(0)", "5, 8, 13, 3"), ("mask.size(0)", "5, 8, 13, 3")]
    );
    let (x, ids, mask) = (randn(&[29, 4]), Tensor::from_slice(&[6i64; 5]), randn(&[29, 3]).gt(0.0));
    assert_eq!(compiled.forward((&x, &ids, &mask)).unwrap(), module.forward(&x, &ids, &mask));
}

/// Attention over what may have any length, with each kind of input.
#[compile_mode(trace)]
#[tracing_inputs(
    queries = [_, _len, self.0],
    memory = ([_, _memory + 1, self.0], Float[_, _memory + 1, self.0]),
    scales = [[1], [_, 1, 1]],
    top = _len,
    bias = [_len, 1],
)]
#[derive(Debug)]
struct Attention(i64);

#[methods]
impl Attention {
    fn forward(
        &self,
        queries: &Tensor,
        memory: (&Tensor, &Tensor),
        scales: &[Tensor],
        top: i64,
        bias: Option<&Tensor>,
        mask: Option<&Tensor>,
    ) -> Tensor {
        let (keys, values) = memory;
        let scores = queries.matmul(&keys.transpose(1, 2)) / (self.0 as f64).sqrt();
        let scores = bias.map_or(scores.shallow_clone(), |it| &scores + it);
        let scores = mask.map_or(scores.shallow_clone(), |it| &scores * it);
        let found = scores.softmax(-1, Kind::Float).matmul(values) * &scales[0] * &scales[1];
        found.reshape([queries.size()[0] * top, self.0])
    }
}

#[test]
fn tuples_lists_numbers_and_options_can_be_declared() {
    let _alone = alone();
    let module = Attention(6);
    for (queries, memory, scales, top, bias, mask) in tracing_inputs(&module, 10).unwrap() {
        let (batch, len) = (queries.size()[0], queries.size()[1]);
        assert_eq!((queries.size(), top), (vec![batch, len, 6], len));
        assert_eq!(
            sizes(&[&memory.0, &scales[0], &scales[1]]),
            [memory.1.size(), vec![1], vec![batch, 1, 1]]
        );
        assert_eq!((bias.unwrap().size(), mask), (vec![len, 1], None));
    }
    let compiled = tch_jit::compile(&module).unwrap();
    let (queries, keys, values) = (randn(&[2, 9, 6]), randn(&[2, 21, 6]), randn(&[2, 21, 6]));
    let (scales, bias) = (vec![randn(&[1]), randn(&[2, 1, 1])], randn(&[9, 1]));
    let expected = module.forward(&queries, (&keys, &values), &scales, 9, Some(&bias), None);
    let found =
        compiled.forward((&queries, (&keys, &values), &scales, 9, Some(&bias), None::<&Tensor>)).unwrap();
    assert!(found.allclose(&expected, 1e-5, 1e-5, false));
}

/// As e3nn's irreps: dimensions with a meaning.
#[derive(Clone, Debug)]
struct Irreps(i64);

impl ExampleInput for Irreps {
    type Input = Tensor;
    fn example_input(&self, draw: &Draw) -> Tensor {
        Tensor::randn([draw.batch(), self.0], (draw.kind(), draw.device()))
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Norm {
    #[jit(skip)]
    irreps_in: Irreps,
}

#[methods]
impl Norm {
    fn forward(&self, x: &Tensor) -> Tensor {
        assert_eq!(x.size()[1], self.irreps_in.0, "x is not of the irreps");
        x.square().sum_dim_intlist(-1, true, Kind::Float).sqrt()
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Product {
    #[jit(skip)]
    irreps_in1: Irreps,
    #[jit(skip)]
    irreps_in2: Irreps,
}

#[methods]
impl Product {
    fn forward(&self, x: &Tensor, y: &Tensor, weight: Option<&Tensor>) -> Tensor {
        let product = x.unsqueeze(2) * y.unsqueeze(1);
        weight.map_or(product.shallow_clone(), |it| &product * it)
    }
}

#[test]
fn irreps_say_what_the_arguments_are() {
    let _alone = alone();
    let norm = Norm { irreps_in: Irreps(5) };
    for (x,) in tracing_inputs(&norm, 4).unwrap() {
        assert_eq!(x.size()[1], 5);
    }
    let compiled = tch_jit::testing::AutoJit::new().strict_shapes(false).assert(&norm);
    assert_eq!(compiled.report().methods[0].free[0].name, "x.size(0)");

    let product = Product { irreps_in1: Irreps(2), irreps_in2: Irreps(3) };
    for (x, y, weight) in tracing_inputs(&product, 4).unwrap() {
        assert_eq!((x.size()[1], y.size(), weight), (2, vec![x.size()[0], 3], None));
    }
    tch_jit::compile(&product).unwrap();
}

/// Has the fields' names, and other arguments than they say.
#[compile_mode(trace)]
#[derive(Debug)]
struct Convolution {
    #[jit(skip)]
    irreps_in: Irreps,
}

#[methods]
impl Convolution {
    fn forward(&self, x: &Tensor, edges: &Tensor) -> Tensor {
        x + edges + self.irreps_in.0
    }
}

/// Has one of the names, for something else.
#[compile_mode(trace)]
#[derive(Debug)]
struct Named {
    irreps_in: String,
}

#[methods]
impl Named {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.irreps_in.len() as i64
    }
}

#[test]
fn nothing_is_guessed() {
    let _alone = alone();
    let error = tch_jit::compile(&Convolution { irreps_in: Irreps(5) }).unwrap_err();
    assert!(matches!(error, Error::NoTracingInputs { .. }), "{error}");
    let expected = "help: write `#[tracing_inputs(x = [_, 3], edges = [_, 3])]` above the struct";
    assert!(error.to_string().contains(expected), "{error}");
    let error = tracing_inputs(&Named { irreps_in: "1o".into() }, 2).unwrap_err();
    assert!(error.to_string().starts_with("cannot infer tracing inputs for Named"), "{error}");
}

/// A function wins over the names of fields.
#[compile_mode(trace)]
#[derive(Debug)]
struct Own {
    #[jit(skip)]
    irreps_in: Irreps,
}

#[methods]
impl Own {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.irreps_in.0
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<Tensor> {
        vec![randn(&[17])]
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3])]
#[tracing_inputs(encode, x = [_, 3], n = _n)]
#[tracing_inputs(decode, code = [7, _])]
#[derive(Debug)]
struct Coder {
    #[jit(parameter)]
    weight: Tensor,
}

#[methods]
impl Coder {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.decode(&self.encode(x, x.size()[0]))
    }

    #[export]
    fn encode(&self, x: &Tensor, n: i64) -> Tensor {
        (x.matmul(&self.weight) * n).tr()
    }
}

#[methods]
impl Coder {
    #[export]
    fn decode(&self, code: &Tensor) -> Tensor {
        code.tr().tanh()
    }
}

#[test]
fn methods_have_examples_of_their_own() {
    let _alone = alone();
    assert_eq!(tracing_inputs(&Own { irreps_in: Irreps(2) }, 3).unwrap()[0].0.size(), [17]);
    let coder = Coder { weight: randn(&[3, 7]) };
    let compiled = tch_jit::compile(&coder).unwrap();
    let traced: Vec<_> = compiled.report().methods.iter().map(|it| it.method.clone()).collect();
    assert_eq!(traced, ["forward", "encode", "decode"]);
    let (x, n) = (randn(&[31, 3]), 2i64);
    let code = compiled.call("encode", &[x.shallow_clone().into(), n.into()]).unwrap();
    let is_close = |a: &Tensor, b: &Tensor| a.allclose(b, 1e-5, 1e-5, false);
    assert!(is_close(&Tensor::try_from(code).unwrap(), &coder.encode(&x, n)));
    assert!(is_close(&compiled.forward(&x).unwrap(), &coder.forward(&x)));
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, self.dim])]
#[derive(Debug)]
struct Generic<M> {
    inner: M,
    dim: i64,
}

#[methods]
impl<M: tch::nn::Module> Generic<M> {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.inner)
    }
}

#[test]
fn generic_modules_declare_them_too() {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Generic { inner: nn::linear(vs.root(), 3, 2, Default::default()), dim: 3 };
    let compiled = Compiler::new().n_trace_checks(3).compile(&module).unwrap();
    let x = randn(&[19, 3]);
    assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
}

/// Given to the function as tokens of a macro.
macro_rules! module {
    ($name:ident, $n:expr) => {
        #[compile_mode(trace)]
        #[tracing_inputs(x = [_, self.dim + $n])]
        #[derive(Debug)]
        struct $name {
            dim: i64,
        }

        #[methods]
        impl $name {
            fn forward(&self, x: &Tensor) -> Tensor {
                x + self.dim
            }
        }
    };
}

module!(FromMacro, 2);

#[test]
fn macros_may_declare_them() {
    let _alone = alone();
    assert_eq!(tracing_inputs(&FromMacro { dim: 3 }, 1).unwrap()[0].0.size()[1], 5);
}

/// A size that the body depends on in a way that no trace follows.
#[compile_mode(trace)]
#[tracing_inputs(x = [_, 2])]
#[derive(Debug)]
struct Branches;

#[methods]
impl Branches {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.size()[0] > 7 { x.relu() } else { x.tanh() }
    }
}

#[test]
fn a_branch_on_a_free_dimension_is_refused_with_its_line() {
    let _alone = alone();
    let error = tch_jit::compile(&Branches).unwrap_err();
    assert!(matches!(error, Error::NotGeneral { .. }), "{error}");
    let line = line!() - 9;
    assert!(error.to_string().contains(&format!("\n  --> tests/tests/examples.rs:{line}:")), "{error}");
    Compiler::new().generalize(false).check_trace(false).compile(&Branches).unwrap();
}

#[compile_mode(trace)]
#[tracing_inputs(from = [_, 2], lambda = [_, 1])]
#[derive(Debug)]
struct Keywords;

#[methods]
impl Keywords {
    fn forward(&self, from: &Tensor, lambda: &Tensor) -> Tensor {
        from * lambda
    }
}

/// Arguments may have names that are keywords of Python, where they have other ones.
#[test]
fn keywords_of_python_are_names() {
    let _alone = alone();
    let compiled = tch_jit::compile(&Keywords).unwrap();
    assert_eq!(compiled.schema("forward").matches("Tensor _from, Tensor _lambda").count(), 1);
    let inputs = tch_jit::tracing_inputs(&Keywords, 1).unwrap();
    let (from, lambda) = &inputs[0];
    assert_eq!(compiled.forward((from, lambda)).unwrap(), Keywords.forward(from, lambda));
}
