//! After compiling, whatever user code did meanwhile, the thread is as before. Of random numbers: `random.rs`.

#![allow(missing_docs)]

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
