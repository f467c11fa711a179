//! `docs/torchscript.md`.

use integration_tests::alone;
use tch::nn::RNN;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Future, ScriptModule, compile_mode, fork, methods, script_if_tracing};

use super::Page;

fn float(size: &[i64]) -> Tensor {
    Tensor::rand(size, (Kind::Float, Device::Cpu))
}

#[compile_mode(script)]
#[derive(Debug)]
struct DecisionGate;

#[methods]
impl DecisionGate {
    fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4], h = [_, 4])]
#[derive(Debug)]
struct Cell {
    gate: DecisionGate,
    linear: nn::Linear,
}

#[methods]
impl Cell {
    fn forward(&self, x: &Tensor, h: &Tensor) -> (Tensor, Tensor) {
        let h = (self.gate.forward(&x.apply(&self.linear)) + h).tanh();
        (h.shallow_clone(), h)
    }
}

impl Cell {
    fn new(vs: &nn::Path) -> Self {
        Cell { gate: DecisionGate, linear: nn::linear(vs / "linear", 4, 4, Default::default()) }
    }
}

#[test]
fn a_cell_with_a_gate() -> tch_jit::Result<()> {
    let _alone = alone();
    let page = Page::read("torchscript.md");
    page.assert_code_is_in(include_str!("torchscript.rs"));
    let vs = nn::VarStore::new(Device::Cpu);

    let cell = Cell::new(&vs.root());
    let compiled = tch_jit::compile(&cell)?;
    page.assert_shows(&compiled.code());
    page.assert_shows(&compiled.submodule("gate").expect("a field").code());

    for sign in [1.0, -1.0] {
        let (x, h) = (Tensor::ones([3, 4], (Kind::Float, Device::Cpu)) * sign, float(&[3, 4]));
        assert_eq!(compiled.forward((&x, &h))?, cell.forward(&x, &h));
    }
    Ok(())
}

#[compile_mode(script)]
#[derive(Debug)]
struct RnnLoop {
    cell: Cell,
}

#[methods]
impl RnnLoop {
    fn forward(&self, xs: &Tensor) -> (Tensor, Tensor) {
        let (mut h, mut y) = (xs.select(0, 0).zeros_like(), xs.select(0, 0).zeros_like());
        for i in 0..xs.size()[0] {
            (y, h) = self.cell.forward(&xs.get(i), &h);
        }
        (y, h)
    }
}

#[compile_mode(trace)]
#[tracing_inputs(xs = [_steps, _, 4])]
#[derive(Debug)]
struct WrapRnn {
    rnn: RnnLoop,
}

#[methods]
impl WrapRnn {
    fn forward(&self, xs: &Tensor) -> Tensor {
        let (y, _) = self.rnn.forward(xs);
        y.relu()
    }
}

#[test]
fn a_loop_around_a_trace_and_a_trace_around_a_loop() -> tch_jit::Result<()> {
    let _alone = alone();
    let page = Page::read("torchscript.md");
    let vs = nn::VarStore::new(Device::Cpu);
    let file = tempfile::NamedTempFile::new().expect("a temporary file");
    let path = file.path();

    let wrapped = WrapRnn { rnn: RnnLoop { cell: Cell::new(&vs.root()) } };
    let compiled = tch_jit::compile(&wrapped)?;
    compiled.save(path)?;
    let loaded = ScriptModule::load(path)?;

    page.assert_shows(&compiled.to_string());
    page.assert_shows(&compiled.submodule("rnn").expect("a field").code());
    for steps in [1, 10, 31] {
        let xs = float(&[steps, 3, 4]);
        let found = Tensor::try_from(loaded.forward(&[IValue::Tensor(xs.shallow_clone())])?).unwrap();
        assert_eq!(found, wrapped.forward(&xs));
    }
    Ok(())
}

/// Halves the tensor until its norm is no more than the limit.
#[script_if_tracing]
fn shrink(x: &Tensor, limit: f64) -> Tensor {
    let mut shrunk = x.copy();
    while shrunk.norm().double_value(&[]) > limit {
        shrunk *= 0.5;
    }
    shrunk
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3])]
#[derive(Debug)]
struct Shrinking;

#[methods]
impl Shrinking {
    fn forward(&self, x: &Tensor) -> Tensor {
        shrink(&(x * 3.0), 1.0)
    }
}

#[test]
fn a_function_with_a_loop_in_a_trace() -> tch_jit::Result<()> {
    let _alone = alone();
    let compiled = tch_jit::compile(&Shrinking)?;
    Page::read("torchscript.md").assert_shows(&compiled.code());
    for scale in [1e-3, 1.0, 1e3] {
        let x = float(&[5, 3]) * scale;
        assert_eq!(compiled.forward(&x)?, Shrinking.forward(&x));
    }
    Ok(())
}

/// Boxes (x0, y0, x1, y1) with scores, from an image (channels, height, width).
#[compile_mode(script)]
#[derive(Debug)]
struct Detector {
    backbone: nn::Conv2D,
    scores: nn::Conv2D,
    offsets: nn::Conv2D,
    stride: i64,
    threshold: f64,
    class_names: Vec<String>,
}

#[methods]
impl Detector {
    fn forward(&self, image: &Tensor) -> (Tensor, Tensor, Tensor) {
        let features = image.unsqueeze(0).apply(&self.backbone).relu();
        let scores = features.apply(&self.scores).squeeze_dim(0).flatten(1, 2).tr().sigmoid();
        let offsets = features.apply(&self.offsets).squeeze_dim(0).flatten(1, 2).tr();
        let size = features.size();
        self.select(&scores, &(self.anchors(size[2], size[3]) + offsets))
    }

    /// A box for each place of the features.
    #[export]
    fn anchors(&self, height: i64, width: i64) -> Tensor {
        let grid = Tensor::meshgrid_indexing(&[self.centers(height), self.centers(width)], "ij");
        let (y, x) = (grid[0].flatten(0, 1), grid[1].flatten(0, 1));
        let half = self.stride as f64 / 2.0;
        Tensor::stack(&[&x - half, &y - half, &x + half, &y + half], 1)
    }

    fn centers(&self, n: i64) -> Tensor {
        (Tensor::arange(n, (Kind::Float, self.scores.ws.device())) + 0.5) * self.stride as f64
    }

    /// The boxes, scores and classes of what is surer than the threshold.
    #[export]
    fn select(&self, scores: &Tensor, boxes: &Tensor) -> (Tensor, Tensor, Tensor) {
        let (best, class) = scores.max_dim(1, false);
        let keep = best.gt(self.threshold).nonzero().squeeze_dim(1);
        (boxes.index_select(0, &keep), best.index_select(0, &keep), class.index_select(0, &keep))
    }

    #[export]
    fn name_of(&self, class: i64) -> String {
        self.class_names[class as usize].clone()
    }
}

#[test]
fn a_detector_with_exported_methods() -> tch_jit::Result<()> {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let conv = |name: &str, inputs, outputs, size, stride| {
        let config = nn::ConvConfig { stride, ..Default::default() };
        nn::conv2d(vs.root() / name, inputs, outputs, size, config)
    };
    let detector = Detector {
        backbone: conv("backbone", 3, 8, 8, 8),
        scores: conv("scores", 8, 2, 1, 1),
        offsets: conv("offsets", 8, 4, 1, 1),
        stride: 8,
        threshold: 0.2,
        class_names: vec!["cat".to_owned(), "dog".to_owned()],
    };

    let compiled = tch_jit::compile(&detector)?;
    let name = compiled.call("name_of", &[IValue::Int(1)])?;
    let anchors = compiled.call("anchors", &[IValue::Int(2), IValue::Int(3)])?;
    // Where the impl block is in scope, the calls are typed.
    let typed: String = compiled.name_of(1)?;

    assert_eq!((name, &*typed), (IValue::String("dog".to_owned()), "dog"));
    assert_eq!(Tensor::try_from(anchors).unwrap(), detector.anchors(2, 3));
    for size in [[32, 48], [64, 24]] {
        let image = float(&[3, size[0], size[1]]);
        let (boxes, scores, classes) = compiled.forward(&image)?;
        assert!(boxes.size()[0] > 0, "something is found");
        assert_eq!((boxes, scores, classes), detector.forward(&image));
    }
    Ok(())
}

#[compile_mode(script)]
#[derive(Debug)]
struct BidirectionalLstm {
    forwards: nn::LSTM,
    backwards: nn::LSTM,
}

#[methods]
impl BidirectionalLstm {
    /// From (batch, time, inputs) to (batch, time, 2 hidden).
    fn forward(&self, x: &Tensor) -> Tensor {
        let backwards = fork(|| self.backwards.seq(&x.flip([1i64])));
        let (forwards, _) = self.forwards.seq(x);
        let (backwards, _) = backwards.wait();
        Tensor::cat(&[forwards, backwards.flip([1i64])], 2)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Ensemble {
    models: Vec<BidirectionalLstm>,
}

#[methods]
impl Ensemble {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut futures: Vec<Future<Tensor>> = vec![];
        for model in &self.models {
            futures.push(fork(|| model.forward(x)));
        }
        let mut results = vec![];
        for future in futures {
            results.push(future.wait());
        }
        Tensor::stack(&results, 0).sum_dim_intlist([0i64].as_slice(), false, Kind::Float)
    }
}

#[test]
fn an_ensemble_in_parallel() -> tch_jit::Result<()> {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let lstm = |name: String| nn::lstm(&(vs.root() / name), 5, 6, Default::default());
    let model =
        |i: i64| BidirectionalLstm { forwards: lstm(format!("f{i}")), backwards: lstm(format!("b{i}")) };
    let ensemble = Ensemble { models: (0..4).map(model).collect() };
    let compiled = tch_jit::compile(&ensemble)?;
    for steps in [1, 9] {
        let x = float(&[2, steps, 5]);
        assert!(compiled.forward(&x)?.allclose(&ensemble.forward(&x), 1e-5, 1e-6, false));
    }
    Ok(())
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_steps, 4])]
#[derive(Debug)]
struct Unrolled {
    linear: nn::Linear,
}

#[methods]
impl Unrolled {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut state = Tensor::zeros([4], (Kind::Float, Device::Cpu));
        for row in x.unbind(0) {
            state = (row + state).apply(&self.linear);
        }
        state
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Looping {
    linear: nn::Linear,
}

#[methods]
impl Looping {
    fn forward(&self, x: &Tensor) -> Tensor {
        let mut state = Tensor::zeros([4], (Kind::Float, Device::Cpu));
        for row in x.unbind(0) {
            state = (row + state).apply(&self.linear);
        }
        state
    }
}

#[test]
fn a_list_of_changing_length() -> tch_jit::Result<()> {
    let _alone = alone();
    let vs = nn::VarStore::new(Device::Cpu);
    let linear = || nn::linear(vs.root() / "linear", 4, 4, Default::default());

    let error = tch_jit::compile(&Unrolled { linear: linear() }).expect_err("a trace has a number of steps");
    let looping = Looping { linear: linear() };
    let scripted = tch_jit::compile(&looping)?;

    Page::read("torchscript.md").assert_shows(&error.to_string());
    for steps in [1, 7] {
        let x = float(&[steps, 4]);
        assert_eq!(scripted.forward(&x)?, looping.forward(&x));
    }
    Ok(())
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 4])]
#[derive(Debug)]
struct Regularized {
    linear: nn::Linear,
}

#[methods]
impl Regularized {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.apply(&self.linear).dropout(0.5, train)
    }
}

#[test]
fn dropout_in_both_modes() -> tch_jit::Result<()> {
    let _alone = alone();
    let page = Page::read("torchscript.md");
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Regularized { linear: nn::linear(vs.root(), 4, 4, Default::default()) };
    let compiled = tch_jit::compile(&module)?;
    let x = float(&[64, 4]);

    compiled.eval();
    assert_eq!(compiled.forward(&x)?, module.forward_t(&x, false));
    compiled.train();
    assert!(compiled.forward(&x)?.eq(0.0).any().int64_value(&[]) == 1, "some are dropped");
    page.assert_shows(&compiled.code_of("forward_t")?);
    Ok(())
}

#[compile_mode(script)]
#[derive(Debug)]
struct Adapter {
    backbone: ScriptModule,
    head: nn::Linear,
}

#[methods]
impl Adapter {
    fn forward(&self, xs: &Tensor, skip: bool) -> tch_jit::Result<Tensor> {
        let xs = if skip { xs.shallow_clone() } else { Tensor::try_from(self.backbone.forward(xs)?)? };
        Ok(xs.apply(&self.head))
    }
}

#[test]
fn a_file_as_a_child() -> tch_jit::Result<()> {
    let _alone = alone();
    let page = Page::read("torchscript.md");
    let vs = nn::VarStore::new(Device::Cpu);
    let file = tempfile::NamedTempFile::new().expect("a file for the module");
    let path = file.path();
    tch_jit::compile(&Looping { linear: nn::linear(vs.root() / "looping", 4, 4, Default::default()) })?
        .save(path)?;
    let head = nn::linear(vs.root() / "head", 4, 4, Default::default());

    let adapter = Adapter { backbone: ScriptModule::load(path)?, head };
    let compiled = tch_jit::compile(&adapter)?;

    page.assert_shows(&compiled.code());
    let xs = float(&[5, 4]);
    for skip in [false, true] {
        assert_eq!(compiled.forward((&xs, skip))??, adapter.forward(&xs, skip)?);
    }
    Ok(())
}
