//! Tuples of twelve, wherever a tuple may stand: arguments, results, members, traces, closures, example inputs.

use tch::{Device, Kind, Tensor, nn};
use tch_jit::{compile_mode, methods};

type Twelve<T> = (T, T, T, T, T, T, T, T, T, T, T, T);

fn numbers() -> Twelve<i64> {
    (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
}

fn tensors() -> Twelve<Tensor> {
    let of = |value: i64| Tensor::full([2], value as f64, (Kind::Float, Device::Cpu));
    (of(1), of(2), of(3), of(4), of(5), of(6), of(7), of(8), of(9), of(10), of(11), of(12))
}

#[compile_mode(script)]
#[derive(Debug)]
struct Scripted {
    numbers: Twelve<i64>,
    names: (String, f64, bool, Device, Option<i64>),
}

#[methods]
impl Scripted {
    fn forward(&self, x: &Twelve<Tensor>) -> Twelve<Tensor> {
        let n = self.numbers.0 + self.numbers.11;
        let (a, b, c, d, e, f, g, h, i, j, k, l) = x;
        (l * n, k * n, j * n, i * n, h * n, g * n, f * n, e * n, d * n, c * n, b * n, a * n)
    }
}

#[compile_mode(trace)]
#[tracing_inputs(x = ([_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2], [_, 2]))]
#[derive(Debug)]
struct Traced {
    layers: Twelve<nn::Linear>,
    weights: Twelve<Tensor>,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Twelve<Tensor>) -> Twelve<Tensor> {
        let of = |x: &Tensor, layer: &nn::Linear, weight: &Tensor| x.apply(layer) + weight;
        let (a, b) = (&self.layers, &self.weights);
        (
            of(&x.11, &a.0, &b.0),
            of(&x.10, &a.1, &b.1),
            of(&x.9, &a.2, &b.2),
            of(&x.8, &a.3, &b.3),
            of(&x.7, &a.4, &b.4),
            of(&x.6, &a.5, &b.5),
            of(&x.5, &a.6, &b.6),
            of(&x.4, &a.7, &b.7),
            of(&x.3, &a.8, &b.8),
            of(&x.2, &a.9, &b.9),
            of(&x.1, &a.10, &b.10),
            of(&x.0, &a.11, &b.11),
        )
    }
}

#[test]
fn a_scripted_module_takes_holds_and_returns_them() {
    let module = Scripted { numbers: numbers(), names: ("n".into(), 0.5, true, Device::Cpu, None) };
    let compiled = tch_jit::compile(&module).unwrap();
    let found = compiled.forward(tensors()).unwrap();
    let expected = module.forward(&tensors());
    assert_eq!((found.0, found.5, found.11), (expected.0, expected.5, expected.11));
}

#[test]
fn a_traced_module_takes_holds_and_returns_them() {
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = |i: i64| nn::linear(vs.root() / i, 2, 2, Default::default());
    let layers = (
        layer(0),
        layer(1),
        layer(2),
        layer(3),
        layer(4),
        layer(5),
        layer(6),
        layer(7),
        layer(8),
        layer(9),
        layer(10),
        layer(11),
    );
    let module = Traced { layers, weights: tensors() };
    let compiled = tch_jit::compile(&module).unwrap();
    assert_eq!(compiled.named_children().len(), 2);
    assert_eq!(compiled.named_buffers().len(), 12);
    let of = |value: f64| Tensor::full([5, 2], value, (Kind::Float, Device::Cpu));
    let x = (
        of(1.0),
        of(2.0),
        of(3.0),
        of(4.0),
        of(5.0),
        of(6.0),
        of(7.0),
        of(8.0),
        of(9.0),
        of(10.0),
        of(11.0),
        of(12.0),
    );
    let (found, expected) = (compiled.forward(&x).unwrap(), module.forward(&x));
    assert_eq!((found.0, found.5, found.11), (expected.0, expected.5, expected.11));
}

#[test]
fn a_closure_takes_twelve_arguments() {
    let inputs = tensors();
    let module = tch_jit::trace_fn(
        inputs,
        |a: &Tensor,
         b: &Tensor,
         c: &Tensor,
         d: &Tensor,
         e: &Tensor,
         f: &Tensor,
         g: &Tensor,
         h: &Tensor,
         i: &Tensor,
         j: &Tensor,
         k: &Tensor,
         l: &Tensor| a + b + c + d + e + f + g + h + i + j + k * l,
    )
    .unwrap();
    let x: Vec<tch::IValue> = (0..12).map(|i| tch::IValue::Tensor(Tensor::from(i))).collect();
    let found = Tensor::try_from(module.forward(&x).unwrap()).unwrap();
    assert_eq!(found.int64_value(&[]), (0..10).sum::<i64>() + 10 * 11);
}
