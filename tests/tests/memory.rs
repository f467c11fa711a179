//! Compiling, running, saving and failing many times takes no memory that stays. In a process of
//! its own, with nothing beside it.

#![allow(missing_docs, clippy::assign_op_pattern)]

use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Compiler, ScriptModule, compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate {
    scale: Tensor,
}

#[methods]
impl Gate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x * &self.scale } else { -x }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Net {
    gates: Vec<Gate>,
    linear: nn::Linear,
    #[jit(skip)]
    fails: bool,
}

#[methods]
impl Net {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.apply(&self.linear);
        for gate in &self.gates {
            y = gate.forward(&y);
        }
        assert!(!self.fails, "as asked for");
        y
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| Tensor::randn([3, 4], tch::kind::FLOAT_CPU)).collect()
    }
}

/// KB that the process has in memory.
fn resident() -> usize {
    // A test that is skipped says nothing, so elsewhere it fails.
    let status = std::fs::read_to_string("/proc/self/status").expect("this test needs Linux's /proc");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

fn work(net: &mut Net) {
    let x = Tensor::randn([3, 4], tch::kind::FLOAT_CPU);
    net.fails = false;
    let compiled = tch_jit::compile(net).unwrap();
    for _ in 0..3 {
        compiled.forward(&x).unwrap().sum(Kind::Float).backward();
    }
    let mut bytes = vec![];
    compiled.save_to_writer(&mut bytes).unwrap();
    let (loaded, _) = ScriptModule::load_from_reader(&bytes[..], None, &[]).unwrap();
    loaded.forward(&[IValue::Tensor(x)]).unwrap();
    assert!(loaded.forward(&[]).is_err());
    let copy = Compiler::new().deep_copy(true).compile(net).unwrap();
    copy.eval();
    copy.freeze().unwrap();
    net.fails = true;
    assert!(tch_jit::compile(net).is_err());
}

#[test]
fn compiling_many_times_takes_no_memory_that_stays() {
    tch::set_num_threads(1);
    let weights = |n| Tensor::randn([n], tch::kind::FLOAT_CPU).set_requires_grad(true);
    let mut net = Net {
        gates: (0..5).map(|_| Gate { scale: weights(4) }).collect(),
        linear: nn::linear(nn::VarStore::new(Device::Cpu).root(), 4, 4, Default::default()),
        fails: false,
    };
    // Caches of libtorch and of the allocator fill up first.
    for _ in 0..30 {
        work(&mut net);
    }
    let before = resident();
    for _ in 0..300 {
        work(&mut net);
    }
    let grown = resident().saturating_sub(before);
    println!("{grown} KB in 300 rounds");
    // One module that is not freed in each round makes some 140 MB.
    assert!(grown < 16 << 10, "{grown} KB in 300 rounds");
}
