//! Modules that draw random numbers. What is compared after a seed belongs to the whole process, so these tests have a
//! process of their own, and run one at a time.

#![allow(missing_docs, clippy::assign_op_pattern)]

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use integration_tests::{agree, alone};
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::testing::AutoJit;
use tch_jit::{Compiler, Error, MethodInputs, compile_mode, methods};

fn x() -> Tensor {
    Tensor::randn([8, 16], tch::kind::FLOAT_CPU)
}

fn draw() -> Tensor {
    Tensor::rand([4], tch::kind::FLOAT_CPU)
}

/// Drops in training, and keeps statistics.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Dropped {
    linear: nn::Linear,
    norm: nn::BatchNorm,
    drawn: Drawn,
}

#[methods]
impl Dropped {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply(&self.linear).apply_t(&self.norm, train).dropout(0.5, train);
        self.drawn.forward(&y)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

/// Adds noise, on one branch.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Drawn;

#[methods]
impl Drawn {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x + x.rand_like() } else { x.shallow_clone() }
    }
}

fn dropped() -> Dropped {
    let vs = nn::VarStore::new(Device::Cpu);
    Dropped {
        linear: nn::linear(vs.root(), 16, 16, Default::default()),
        norm: nn::batch_norm1d(vs.root(), 16, Default::default()),
        drawn: Drawn,
    }
}

#[test]
fn compiling_leaves_statistics_and_the_generator_as_they_were() {
    let _alone = alone();
    let module = dropped();
    let _ = module.forward_t(&x(), true);
    let statistics = || [module.norm.running_mean.copy(), module.norm.running_var.copy()];
    let before = statistics();
    assert_ne!(before[0], before[0].zeros_like());
    let expected = {
        tch::manual_seed(2);
        draw()
    };
    for times in [1, 3] {
        tch::manual_seed(2);
        Compiler::new().n_trace_checks(times).compile(&module).unwrap();
        assert_eq!(statistics(), before);
        assert_eq!(draw(), expected);
    }
    // Also where it fails.
    tch::manual_seed(2);
    assert!(tch_jit::compile(&BranchesOnChance).is_err());
    assert_eq!(draw(), expected);
}

#[test]
fn random_modules_agree_from_one_state_and_differ_from_two() {
    let _alone = alone();
    let module = dropped();
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),), (-x(),)]);
    let x = x();
    assert_ne!(compiled.forward(&x).unwrap(), compiled.forward(&x).unwrap());
    compiled.eval();
    agree(&module, &compiled, &[(x,)]);
}

/// Rows drawn from `x`, and from both arguments at the same places.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Batches;

#[methods]
impl Batches {
    pub fn forward(&self, x: &Tensor, y: &Tensor) -> Vec<Tensor> {
        let (a, b) = Tensor::random_batch2(x, y, 5);
        vec![x.random_batch(4), a, b]
    }
}

#[test]
fn random_batches() {
    let _alone = alone();
    let compiled = tch_jit::compile(&Batches).unwrap();
    agree(&Batches, &compiled, &[(x(), Tensor::arange(8, tch::kind::FLOAT_CPU))]);
}

/// The trace takes one branch; which, is chance.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct BranchesOnChance;

#[methods]
impl BranchesOnChance {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let coin = Tensor::rand([1], tch::kind::FLOAT_CPU).double_value(&[0]);
        if coin > 0.5 { x + 1.0 } else { x - 1.0 }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

/// From one state of the generator, every run takes the same branch: only others tell.
#[test]
fn a_branch_on_a_random_number_is_found() {
    let _alone = alone();
    let found = (0..20).filter(|_| {
        // Each time from another state.
        let _ = draw();
        let compiler = Compiler::new().deny_warnings(false);
        match compiler.compile(&BranchesOnChance) {
            Err(Error::TraceMismatch { message, .. }) => {
                // The other branch, which was taken on another random number.
                assert!(
                    message.contains("\n+ aten::add(") || message.contains("\n+ aten::sub("),
                    "{message}"
                );
                true
            }
            _ => false,
        }
    });
    // Each has a chance of 7 in 8, and the seed is fixed.
    let found = found.count();
    assert!(found > 10, "{found} of 20");
}

/// It branches on a size, and drops.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct DropsAndBranches;

#[methods]
impl DropsAndBranches {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = x.dropout(0.5, true);
        if x.size()[0] > 8 { y * 2.0 } else { y }
    }
}

#[test]
fn a_mismatch_names_the_random_operators() {
    let _alone = alone();
    let further = MethodInputs::new().method("forward", Tensor::ones([9], tch::kind::FLOAT_CPU));
    let error = Compiler::new().check_inputs(further).trace(&DropsAndBranches, x()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("\nrandom operators: aten::dropout(_, 0.5, True) at tests/tests/random.rs:"),
        "{text}"
    );
    assert!(text.contains("\n+ aten::mul(_, 2.) at tests/tests/random.rs:"), "{text}");
}

/// Runs `f` while another thread draws numbers from the process's generator, seeded with 5. Returns these: at least
/// `n`.
fn drawing<R>(n: usize, f: impl FnOnce() -> R) -> (R, Vec<f64>) {
    tch::manual_seed(5);
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let drawing = scope.spawn(|| {
            let mut drawn = vec![];
            while drawn.len() < n || !done.load(Ordering::Relaxed) {
                drawn.push(Tensor::rand([1], (Kind::Double, Device::Cpu)).double_value(&[0]));
            }
            drawn
        });
        let result = f();
        done.store(true, Ordering::Relaxed);
        (result, drawing.join().unwrap())
    })
}

#[test]
fn other_threads_draw_as_if_nothing_was_compiled() {
    let _alone = alone();
    let module = dropped();
    let (results, drawn) = drawing(100_000, || {
        let compile = |_| tch_jit::compile(&module).map(drop);
        (0..20).map(compile).collect::<Result<Vec<()>, Error>>()
    });
    results.unwrap();
    tch::manual_seed(5);
    let alone = Tensor::stack(
        &drawn.iter().map(|_| Tensor::rand([1], (Kind::Double, Device::Cpu))).collect::<Vec<_>>(),
        0,
    );
    assert!(drawn.len() >= 100_000 && alone.flatten(0, -1) == Tensor::from_slice(&drawn));
}

#[test]
fn other_threads_that_draw_do_not_disturb_tests() {
    let _alone = alone();
    let module = dropped();
    let (results, _) =
        drawing(0, || (0..40).map(|_| AutoJit::new().check(&module).map(drop)).collect::<Vec<_>>());
    assert_eq!(
        results.into_iter().filter_map(Result::err).map(|it| it.to_string()).collect::<Vec<_>>(),
        [""; 0]
    );
}

type Body = fn(&Tensor) -> Tensor;

/// Each draws, in its own way.
const BODIES: &[(&str, Body)] = &[
    ("dropout", |x| x.dropout(0.5, true)),
    ("alpha_dropout", |x| x.alpha_dropout(0.5, true)),
    ("feature_dropout", |x| x.feature_dropout(0.5, true)),
    ("native_dropout", |x| x.native_dropout(0.5, true).0),
    ("bernoulli", |x| x.sigmoid().bernoulli()),
    ("bernoulli_p", |x| x.bernoulli_p(0.25) + x),
    ("multinomial", |x| x.sigmoid().multinomial(3, true)),
    ("multinomial, each once", |x| x.sigmoid().multinomial(3, false)),
    ("poisson", |x| (x.abs() * 9.0).poisson()),
    ("binomial", |x| Tensor::binomial(&(x.abs() * 9.0).round(), &x.sigmoid())),
    ("standard_gamma", |x| x.exp().internal_standard_gamma()),
    ("dirichlet", |x| x.exp().internal_sample_dirichlet()),
    ("normal", |x| x.normal_functional(0.0, 2.0) + x),
    ("random", |x| x.random_to(1000) + x),
    ("rand", |x| x + Tensor::rand([16], tch::kind::FLOAT_CPU)),
    ("randn", |x| x + Tensor::randn([16], tch::kind::FLOAT_CPU)),
    ("randint", |x| x + Tensor::randint(1000, [16], tch::kind::INT64_CPU)),
    ("randperm", |x| x.index_select(1, &Tensor::randperm(16, tch::kind::INT64_CPU))),
    ("rand_like", |x| x + x.rand_like()),
    ("randn_like", |x| x + x.randn_like()),
    ("randint_like", |x| x + x.randint_like(1000)),
    ("uniform_", |x| x.zeros_like().uniform_(-1.0, 1.0) + x),
    ("normal_", |x| x.zeros_like().normal_(0.0, 1.0) + x),
    ("exponential_", |x| x.zeros_like().exponential_(2.0) + x),
    ("cauchy_", |x| x.zeros_like().cauchy_(0.0, 1.0) + x),
    ("log_normal_", |x| x.zeros_like().log_normal_(0.0, 1.0) + x),
    ("geometric_", |x| x.zeros_like().geometric_(0.25) + x),
    ("random_", |x| x.zeros_like().random_from_(0, 1000) + x),
    ("attention", |x| {
        let x = x.view([1, 1, 8, 16]);
        Tensor::scaled_dot_product_attention::<Tensor>(&x, &x, &x, None, 0.5, false, None, false)
    }),
];

#[test]
fn no_operator_draws_from_the_process() {
    let _alone = alone();
    tch::manual_seed(2);
    let expected = draw();
    let x = x();
    for (name, body) in BODIES {
        assert_ne!(body(&x), body(&x), "`{name}` draws");
        tch::manual_seed(2);
        let compiled = tch_jit::trace_fn(&x, *body).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(draw(), expected, "{name}");
        // The compiled module itself draws from the process's generator, as the Rust body does.
        tch::manual_seed(3);
        let ours = body(&x);
        tch::manual_seed(3);
        let theirs = compiled.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap();
        assert_eq!(Tensor::try_from(theirs).unwrap(), ours, "{name}");
    }
}

/// A script that draws, at its first call as at later ones, with gradients and without.
#[compile_mode(script)]
struct Dropouts;

#[methods]
impl Dropouts {
    fn forward(&self, x: &Tensor) -> Tensor {
        (x.dropout(0.5, true) + x.rand_like()).dropout(0.2, true)
    }
}

#[test]
fn each_call_draws_what_eager_code_draws() {
    let _alone = alone();
    let compiled = tch_jit::compile(&Dropouts).unwrap();
    for call in 1..=4 {
        tch::manual_seed(call);
        let expected = Dropouts.forward(&Tensor::ones([20], tch::kind::DOUBLE_CPU));
        tch::manual_seed(call);
        let x = Tensor::ones([20], tch::kind::DOUBLE_CPU).set_requires_grad(call % 2 == 0);
        let found = compiled.forward(&x).unwrap();
        assert_eq!(found.detach(), expected, "call {call}");
    }
}

#[test]
fn gradients_of_random_modules_agree() {
    let _alone = alone();
    AutoJit::new().assert(&dropped());
    tch::manual_seed(2);
    let expected = draw();
    tch::manual_seed(2);
    AutoJit::new().assert(&dropped());
    assert_ne!(draw(), expected, "the variables are drawn from the process's generator, before the test");
}

/// Seeds, which a trace cannot.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Seeds {
    seed: i64,
}

#[methods]
impl Seeds {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        tch::manual_seed(self.seed);
        x + x.rand_like()
    }
}

#[test]
fn a_body_that_seeds_is_refused() {
    let _alone = alone();
    let x = x();
    // The second is the seed that the process has already, and of which nobody has drawn.
    for seed in [8, 7] {
        tch::manual_seed(7);
        let error = tch_jit::trace(&Seeds { seed }, &x).unwrap_err().to_string();
        assert!(error.contains("it seeds the random numbers that it draws"), "{error}");
        assert!(error.contains("help: call `tch::manual_seed` before the compiled module"), "{error}");
    }
}

#[test]
fn another_thread_may_seed() {
    let _alone = alone();
    let module = dropped();
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            for seed in 0.. {
                tch::manual_seed(seed);
                let _ = draw();
                thread::sleep(Duration::from_millis(20));
                if done.load(Ordering::Relaxed) {
                    break;
                }
            }
        });
        let results: Vec<_> = (0..20).map(|_| tch_jit::compile(&module).map(drop)).collect();
        done.store(true, Ordering::Relaxed);
        for result in results {
            result.unwrap();
        }
    });
}
