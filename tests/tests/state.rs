//! After compiling, whatever user code did meanwhile, the thread and the process are as before. Of random numbers:
//! `random.rs`; of settings that tch does not change: `runtime/src/ffi/state.rs`.

#![allow(missing_docs)]

use integration_tests::alone;
use tch::Tensor;
use tch_jit::{compile_mode, methods};

/// Leaves a guard behind that switches gradients off.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Careless {
    weight: Tensor,
    #[jit(skip)]
    panics: bool,
}

#[methods]
impl Careless {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        std::mem::forget(tch::no_grad_guard());
        assert!(!self.panics, "as asked for");
        x * &self.weight
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        std::mem::forget(tch::no_grad_guard());
        (0..n).map(|_| Tensor::randn([3], tch::kind::FLOAT_CPU)).collect()
    }
}

#[test]
fn gradients_are_recorded_after_compiling_as_before() {
    let _alone = alone();
    let records = || (Tensor::ones([1], tch::kind::FLOAT_CPU).set_requires_grad(true) * 2.0).requires_grad();
    let weight = || Tensor::ones([3], tch::kind::FLOAT_CPU).set_requires_grad(true);
    for panics in [false, true] {
        let module = Careless { weight: weight(), panics };
        let compiled = tch_jit::compile(&module);
        assert_eq!(compiled.is_err(), panics, "{compiled:?}");
        assert!(records());
        assert!(tch::no_grad(|| {
            let _ = tch_jit::compile(&module).is_ok();
            !records()
        }));
        assert!(records());
    }
}

/// How a body that changes settings ends.
#[derive(Clone, Copy, Debug)]
pub enum End {
    Returns,
    /// Its result is refused.
    Leaks,
    Panics,
}

/// Changes all settings that tch changes.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Changes {
    #[jit(skip)]
    end: End,
}

fn change() {
    std::mem::forget(tch::no_grad_guard());
    tch::set_num_threads(3);
    tch::Cuda::cudnn_set_benchmark(true);
    tch::jit::set_tensor_expr_fuser_enabled(false);
    tch::jit::set_profiling_mode(false);
    tch::jit::set_graph_executor_optimize(false);
}

#[methods]
impl Changes {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        change();
        match self.end {
            End::Returns => x * 2.0,
            End::Leaks => x * x.sum(tch::Kind::Float).double_value(&[]),
            End::Panics => panic!("as asked for"),
        }
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        change();
        (0..n).map(|_| Tensor::randn([3], tch::kind::FLOAT_CPU)).collect()
    }
}

/// What tch says of the settings.
fn settings() -> Vec<(&'static str, String)> {
    let gradients = (Tensor::ones([1], tch::kind::FLOAT_CPU).set_requires_grad(true) * 2.0).requires_grad();
    vec![
        ("gradients", gradients.to_string()),
        ("threads", tch::get_num_threads().to_string()),
        ("fusing", tch::jit::get_tensor_expr_fuser_enabled().to_string()),
        ("profiling", tch::jit::get_profiling_mode().to_string()),
    ]
}

#[test]
fn settings_are_after_compiling_as_before() {
    let _alone = alone();
    let before = settings();
    for end in [End::Returns, End::Leaks, End::Panics] {
        let compiled = tch_jit::compile(&Changes { end });
        assert_eq!(compiled.is_ok(), matches!(end, End::Returns), "{end:?}: {compiled:?}");
        assert_eq!(settings(), before, "{end:?}");
    }
    // Settings of the caller's own stay, too.
    tch::set_num_threads(2);
    assert!(tch_jit::compile(&Changes { end: End::Returns }).is_ok());
    assert_eq!(tch::get_num_threads(), 2);
    // The test above fails where a setting is not read.
    change();
    let changed = settings();
    assert!(before.iter().zip(&changed).filter(|(a, b)| a != b).count() >= 4, "{changed:?}");
    tch::jit::set_tensor_expr_fuser_enabled(true);
    tch::jit::set_profiling_mode(true);
    tch::jit::set_graph_executor_optimize(true);
}
