//! The decision gate inside of a traced cell: branches survive a trace.

use tch::{Device, Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
pub struct DecisionGate;

#[methods]
impl DecisionGate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x.shallow_clone() } else { -x }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Cell {
    gate: DecisionGate,
    linear: nn::Linear,
}

#[methods]
impl Cell {
    pub fn forward(&self, x: &Tensor, h: &Tensor) -> (Tensor, Tensor) {
        let h = (self.gate.forward(&x.apply(&self.linear)) + h).tanh();
        (h.shallow_clone(), h)
    }

    #[tracing_inputs]
    fn example(&self, n: usize) -> Vec<(Tensor, Tensor)> {
        (0..n).map(|_| (Tensor::randn([3, 4], tch::kind::FLOAT_CPU), Tensor::randn([3, 4], tch::kind::FLOAT_CPU))).collect()
    }
}

#[test]
fn gate() {
    let compiled = tch_jit::compile(&DecisionGate).unwrap();
    println!("{compiled}\n{}\n{}", compiled.code(), compiled.graph());
    for sign in [1.0, -1.0] {
        let x = Tensor::rand([3], tch::kind::FLOAT_CPU) * sign;
        assert_eq!(compiled.forward(&x).unwrap(), DecisionGate.forward(&x));
    }
}

#[test]
fn cell() {
    let vs = nn::VarStore::new(Device::Cpu);
    let cell = Cell { gate: DecisionGate, linear: nn::linear(vs.root(), 4, 4, Default::default()) };
    let compiled = tch_jit::compile(&cell).unwrap_or_else(|e| panic!("{e}"));
    println!("{compiled}\n{}\n{}", compiled.code(), compiled.graph());
    println!("{:?}", compiled.named_parameters().iter().map(|p| &p.0).collect::<Vec<_>>());
    for sign in [1.0, -1.0] {
        let x = Tensor::rand([3, 4], tch::kind::FLOAT_CPU) * sign * 10.;
        let h = Tensor::rand([3, 4], tch::kind::FLOAT_CPU);
        let (a, b) = compiled.forward((&x, &h)).unwrap();
        let (c, d) = cell.forward(&x, &h);
        assert_eq!(a, c);
        assert_eq!(b, d);
    }
    compiled.save("/tmp/cell.pt").unwrap();
}
