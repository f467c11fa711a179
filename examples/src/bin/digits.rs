//! Handwritten digits: trains a network in Rust, compiles it, and runs it from its file.
//!
//! Each part is compiled in the mode that suits it. The body has a fixed sequence of operations
//! and is traced. The head loops until it is sure, so how long it runs depends on the images: it
//! is scripted, and the loop is a loop in the saved file too.
//!
//! Run it with `cargo xtask demo`.

use std::collections::BTreeMap;
use std::io::Read;

use anyhow::{Result, ensure};
use flate2::read::GzDecoder;
use tch::nn::{self, OptimizerConfig};
use tch::{CModule, Device, IValue, Kind, Tensor};
use tch_jit::{Compiled, compile_mode, methods};

/// 1,797 images, described in `examples/data/README.md`.
const DATA: &[u8] = include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/data/digits.csv.gz"));
const N_TEST: i64 = 360;
const N_EPOCHS: usize = 12;
const BATCH_SIZE: i64 = 32;
const N_FEATURES: i64 = 64;

// --- The network --------------------------------------------------------------------------------

/// The whole network: what the body sees, the head weighs.
#[compile_mode(script)]
#[derive(Debug)]
struct Digits {
    body: Body,
    head: Head,
}

#[methods]
impl Digits {
    /// images: (batch, 1, 8, 8). Returns the evidence for each digit, (batch, 10), and the number
    /// of steps that it took.
    fn forward(&self, images: &Tensor) -> (Tensor, i64) {
        self.head.forward(&self.body.forward(images))
    }
}

/// Turns images into features. It does the same whatever it sees, so it is traced.
#[compile_mode(trace)]
#[derive(Debug)]
struct Body {
    conv1: nn::Conv2D,
    conv2: nn::Conv2D,
    linear: nn::Linear,
}

#[methods]
impl Body {
    fn forward(&self, images: &Tensor) -> Tensor {
        let maps = images.apply(&self.conv1).relu().apply(&self.conv2).relu();
        maps.max_pool2d_default(2).flatten(1, -1).apply(&self.linear).relu()
    }

    /// The trace is recorded with the first and checked on all. They differ in their batch size,
    /// so that one which the trace took for a constant would show.
    #[tracing_inputs]
    fn examples(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|i| Tensor::rand([2 + i as i64, 1, 8, 8], tch::kind::FLOAT_CPU)).collect()
    }
}

/// Gathers evidence until it is sure of every image of the batch. When that is, depends on the
/// images, so it is scripted.
#[compile_mode(script)]
#[derive(Debug)]
struct Head {
    refine: nn::Linear,
    weigh: nn::Linear,
    threshold: f64,
    max_steps: i64,
}

#[methods]
impl Head {
    fn forward(&self, features: &Tensor) -> (Tensor, i64) {
        let mut state = features.shallow_clone();
        let mut evidence = state.apply(&self.weigh);
        let mut n_steps = 1;
        while n_steps < self.max_steps && self.least_confidence(&evidence) < self.threshold {
            state = (features + state.apply(&self.refine)).relu();
            evidence += state.apply(&self.weigh);
            n_steps += 1;
        }
        (evidence, n_steps)
    }

    /// The probability of the likeliest digit, for the image where it is smallest.
    fn least_confidence(&self, evidence: &Tensor) -> f64 {
        evidence.softmax(-1, Kind::Float).amax(-1, false).min().double_value(&[])
    }
}

impl Digits {
    fn new(vs: nn::Path) -> Digits {
        let padded = nn::ConvConfig { padding: 1, ..Default::default() };
        let (body, head) = (&vs / "body", &vs / "head");
        Digits {
            body: Body {
                conv1: nn::conv2d(&body / "conv1", 1, 16, 3, padded),
                conv2: nn::conv2d(&body / "conv2", 16, 32, 3, padded),
                linear: nn::linear(&body / "linear", 32 * 4 * 4, N_FEATURES, Default::default()),
            },
            head: Head {
                refine: nn::linear(&head / "refine", N_FEATURES, N_FEATURES, Default::default()),
                weigh: nn::linear(&head / "weigh", N_FEATURES, 10, Default::default()),
                threshold: 0.9,
                max_steps: 8,
            },
        }
    }
}

// --- The program --------------------------------------------------------------------------------

fn main() -> Result<()> {
    tch::manual_seed(0);
    // More are no faster for a network this small, and sums would depend on how many there are.
    tch::set_num_threads(1);
    let (train, test) = read_data()?;
    println!("{} images to train on, {} to test on", train.len(), test.len());

    let vs = nn::VarStore::new(Device::Cpu);
    let model = Digits::new(vs.root());
    train_in_rust(&model, &vs, &train)?;

    let compiled = tch_jit::Compiler::new().n_trace_checks(2).compile(&model)?;
    show(&compiled)?;

    let dir = tempfile::tempdir()?;
    let file = dir.path().join("digits.pt");
    compiled.save(&file)?;
    let loaded = Compiled::<Digits>::load(&file)?;
    let c_module = CModule::load(&file)?;
    compare(&model, &compiled, &loaded, &c_module, &test)?;
    show_steps(&loaded, &test)?;

    train_through_compiled(&model, &compiled, &vs, &train)
}

/// Images and the digits that they show.
struct Split {
    images: Tensor,
    labels: Tensor,
}

impl Split {
    fn len(&self) -> i64 {
        self.labels.numel() as i64
    }

    fn select(&self, indices: &Tensor) -> Split {
        Split { images: self.images.index_select(0, indices), labels: self.labels.index_select(0, indices) }
    }
}

/// The images in a random order, those to test on apart.
fn read_data() -> Result<(Split, Split)> {
    let mut csv = String::new();
    GzDecoder::new(DATA).read_to_string(&mut csv)?;
    let numbers = csv
        .split([',', '\n'])
        .filter(|field| !field.is_empty())
        .map(str::parse)
        .collect::<Result<Vec<f32>, _>>()?;
    // One image a line: 64 pixels from 0 to 16, then the digit.
    let rows = Tensor::from_slice(&numbers).view([-1, 65]);
    let all = Split {
        images: (rows.narrow(1, 0, 64) / 16.0).view([-1, 1, 8, 8]),
        labels: rows.select(1, 64).to_kind(Kind::Int64),
    };
    let order = Tensor::randperm(all.len(), tch::kind::INT64_CPU);
    let n_train = all.len() - N_TEST;
    Ok((all.select(&order.narrow(0, 0, n_train)), all.select(&order.narrow(0, n_train, N_TEST))))
}

/// Plain tch: compiling needs no change of it.
fn train_in_rust(model: &Digits, vs: &nn::VarStore, train: &Split) -> Result<()> {
    let mut optimizer = nn::Adam::default().build(vs, 2e-3)?;
    for epoch in 1..=N_EPOCHS {
        let order = Tensor::randperm(train.len(), tch::kind::INT64_CPU);
        let mut losses = vec![];
        for indices in order.split(BATCH_SIZE, 0) {
            let batch = train.select(&indices);
            let (evidence, _) = model.forward(&batch.images);
            let loss = evidence.cross_entropy_for_logits(&batch.labels);
            optimizer.backward_step(&loss);
            losses.push(loss.double_value(&[]));
        }
        if epoch % 4 == 0 {
            println!("epoch {epoch:2}: loss {:.3}", losses.iter().sum::<f64>() / losses.len() as f64);
        }
    }
    Ok(())
}

fn show(compiled: &Compiled<Digits>) -> Result<()> {
    println!("\nThe compiled tree, with the mode of each module:\n\n{compiled}");
    let head = compiled.submodule("head").expect("`head` is a field");
    println!("\nThe head in TorchScript:\n\n{}", head.code());
    Ok(())
}

/// Runs the test images in four ways. Fails if one of them gives another answer than Rust does.
fn compare(
    model: &Digits,
    compiled: &Compiled<Digits>,
    loaded: &Compiled<Digits>,
    c_module: &CModule,
    test: &Split,
) -> Result<()> {
    println!("The {} test images as one batch, in four ways:\n", test.len());
    let outputs = tch::no_grad(|| -> Result<_> {
        Ok([
            ("Rust", model.forward(&test.images)),
            ("compiled", compiled.forward(&test.images)?),
            ("loaded by tch-jit", loaded.forward(&test.images)?),
            ("loaded by tch", forward_of_c_module(c_module, &test.images)?),
        ])
    })?;
    let (_, (evidence, expected_steps)) = &outputs[0];
    let expected = evidence.argmax(-1, false);
    for (name, (evidence, n_steps)) in &outputs {
        let digits = evidence.argmax(-1, false);
        let is_right = digits.eq_tensor(&test.labels);
        let accuracy = 100.0 * is_right.mean(Kind::Double).double_value(&[]);
        println!("  {name:<18} {accuracy:.1} % right, after {n_steps} steps");
        ensure!(digits == expected, "{name}: other digits than Rust's");
        ensure!(n_steps == expected_steps, "{name}: other steps than Rust's");
    }
    println!("\nAll predictions are identical.");
    Ok(())
}

/// tch loads the file as any TorchScript: without types.
fn forward_of_c_module(module: &CModule, images: &Tensor) -> Result<(Tensor, i64)> {
    let output = module.forward_is(&[IValue::Tensor(images.shallow_clone())])?;
    Ok(output.try_into()?)
}

/// The images one by one, by the steps that the loaded module takes for them.
fn show_steps(loaded: &Compiled<Digits>, test: &Split) -> Result<()> {
    let mut n_images_by_steps = BTreeMap::new();
    for i in 0..test.len() {
        let image = test.images.narrow(0, i, 1);
        let (_, n_steps) = tch::no_grad(|| loaded.forward(&image))?;
        *n_images_by_steps.entry(n_steps).or_insert(0) += 1;
    }
    println!("\nA batch takes as many steps as its hardest image. One by one, in the loaded module:\n");
    for (n_steps, n_images) in n_images_by_steps {
        println!("  {n_images:3} images take {n_steps} steps");
    }
    Ok(())
}

/// One more step of training, with the compiled module in place of the Rust one. They share their
/// parameters, so the Rust module is trained.
fn train_through_compiled(
    model: &Digits,
    compiled: &Compiled<Digits>,
    vs: &nn::VarStore,
    train: &Split,
) -> Result<()> {
    let loss_of_rust = || {
        let (evidence, _) = tch::no_grad(|| model.forward(&train.images));
        evidence.cross_entropy_for_logits(&train.labels).double_value(&[])
    };
    let weight = || model.head.weigh.ws.detach().copy();
    let (loss_before, weight_before) = (loss_of_rust(), weight());

    let mut optimizer = nn::Sgd::default().build(vs, 1e-2)?;
    let (evidence, _) = compiled.forward(&train.images)?;
    optimizer.backward_step(&evidence.cross_entropy_for_logits(&train.labels));

    let loss = loss_of_rust();
    let moved = (weight() - weight_before).abs().max().double_value(&[]);
    println!("\nOne more step of training, through the compiled module:\n");
    println!("  `head.weigh.ws` of the Rust module moved by up to {moved:.1e}");
    println!("  the loss of the Rust module fell from {loss_before:.5} to {loss:.5}");
    ensure!(moved > 0.0 && loss < loss_before, "the Rust module did not learn");
    Ok(())
}
