//! Loops over modules, which are unrolled: `break`, `continue`, lists beside the modules, and indices.

use integration_tests::tensors::floats;
use tch::{Device, Kind, Tensor, nn};
use tch_jit::{ScriptModule, compile, compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Block {
    layers: Vec<nn::Linear>,
    norms: Vec<Option<nn::LayerNorm>>,
    pairs: Vec<(nn::Linear, nn::Linear)>,
}

#[methods]
impl Block {
    fn forward(&self, x: &Tensor, how: i64, values: Vec<f64>) -> Tensor {
        let mut y = x.shallow_clone();
        match how {
            0 => {
                for layer in &self.layers {
                    if y.sum(Kind::Float).double_value(&[]) > values[0] {
                        continue;
                    }
                    y = y.apply(layer);
                    if y.sum(Kind::Float).double_value(&[]) > values[1] {
                        break;
                    }
                    y += 1.0;
                }
            }
            1 => {
                for (i, norm) in self.norms.iter().enumerate() {
                    let Some(norm) = norm else { continue };
                    y = y.apply(norm) + i as f64;
                }
            }
            2 => {
                for (layer, value) in self.layers.iter().zip(&values) {
                    y = y.apply(layer) * *value;
                }
            }
            3 => {
                for (i, (value, layer)) in values.iter().zip(self.layers.iter()).enumerate() {
                    if i == 1 {
                        continue;
                    }
                    y = y.apply(layer) * *value + i as f64;
                }
            }
            4 => {
                for i in 1..self.layers.len() {
                    if values.len() < i {
                        break;
                    }
                    y = y.apply(&self.layers[i]) + y.apply(&self.layers[i - 1]);
                }
            }
            5 => {
                for (a, b) in &self.pairs {
                    if values.len() > 2 {
                        y = y.apply(a);
                        continue;
                    }
                    y = y.apply(b);
                    for _ in 0..3 {
                        if values.len() == 1 {
                            break;
                        }
                        y += 1.0;
                    }
                }
            }
            6 => {
                'outer: for layer in &self.layers {
                    for value in &values {
                        if *value < 0.0 {
                            continue 'outer;
                        }
                        if *value > 9.0 {
                            break 'outer;
                        }
                        y = y.apply(layer) * *value;
                    }
                    y += 1.0;
                }
            }
            7 => {
                for i in 0..self.layers.len() - 1 {
                    y = y.apply(&self.layers[i]) * i as f64 + y.apply(&self.layers[i + 1]);
                }
            }
            8 => {
                for (layer, i) in self.layers.iter().zip(1..9) {
                    y = y.apply(layer) * i as f64;
                }
            }
            9 => {
                for (layer, (norm, pair)) in
                    self.layers.iter().zip(self.norms.iter().zip(self.pairs.iter().rev()))
                {
                    y = match norm {
                        Some(norm) if values.is_empty() => y.apply(norm),
                        Some(_) => break,
                        None => y.apply(layer),
                    };
                    y = y.apply(&pair.0);
                }
            }
            10 => {
                for pair in self.layers.windows(2) {
                    y = y.apply(&pair[0]) - y.apply(&pair[1]);
                }
            }
            _ => {
                for layer in self.layers.iter().rev() {
                    let z = if values.is_empty() {
                        continue;
                    } else {
                        y.apply(layer)
                    };
                    match values.len() {
                        1 => break,
                        2 if z.dim() == 2 => y = z,
                        _ => {
                            y += z;
                            continue;
                        }
                    }
                    y += 0.5;
                }
            }
        }
        y
    }
}

fn linear(path: nn::Path) -> nn::Linear {
    nn::linear(path, 2, 2, Default::default())
}

fn block(p: &nn::Path) -> Block {
    let norm = |p: nn::Path| nn::layer_norm(p, vec![2], Default::default());
    Block {
        layers: (0..3).map(|i| linear(p / "layers" / i)).collect(),
        norms: vec![None, Some(norm(p / "a")), None, Some(norm(p / "b"))],
        pairs: (0..2).map(|i| (linear(p / "l" / i), linear(p / "r" / i))).collect(),
    }
}

#[test]
fn ways_through_modules() {
    tch::manual_seed(1);
    let vs = nn::VarStore::new(Device::Cpu);
    let module = block(&vs.root());
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]);
    let lists: &[&[f64]] =
        &[&[], &[2.0], &[-1.0, 0.5], &[1.0, 2.0, 3.0], &[10.0, 1.0], &[0.1, 0.2, 0.3, 0.4, 0.5]];
    for how in 0..12 {
        for values in lists.iter().filter(|values| how > 0 || values.len() > 1) {
            for call in 0..2 {
                let scripted = compiled.forward((&x, how, values.to_vec())).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(scripted, module.forward(&x, how, values.to_vec()), "{how}, {values:?}, {call}");
            }
        }
    }
    let mut file = vec![];
    compiled.save_to_writer(&mut file).unwrap();
    ScriptModule::load_from_reader(&file[..], None, &[]).unwrap();
}

#[compile_mode(script)]
#[derive(Debug)]
struct Scaled {
    lin: nn::Linear,
    by: f64,
}

#[methods]
impl Scaled {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin) * self.by
    }

    fn twice(&self, x: &Tensor) -> Tensor {
        self.forward(&self.forward(x))
    }
}

/// Chooses modules while it runs.
#[compile_mode(script)]
#[derive(Debug)]
struct Chooser {
    experts: Vec<Scaled>,
    layers: Vec<nn::Linear>,
    heads: std::collections::BTreeMap<String, nn::Linear>,
    a: nn::Linear,
}

#[methods]
impl Chooser {
    fn forward(&self, x: &Tensor, k: i64, name: &str) -> Tensor {
        let i = k as usize;
        let mut y = self.experts[i].forward(x) + x.apply(&self.layers[i]);
        y += self.experts[i].by;
        let expert = &self.experts[(i + 1) % 2];
        for _ in 0..2 {
            y = expert.forward(&y);
        }
        y = y.apply(&self.heads[name]);
        for head in self.heads.values() {
            y = y.apply(head);
        }
        let expert = if y.dim() > 1 { &self.experts[0] } else { &self.experts[1] };
        y = expert.twice(&y) + Self::half(&y) + Chooser::third(&y);
        let layer = if k > 0 { &self.a } else { &self.layers[1] };
        y = y.apply(layer);
        let layer = match k {
            0 => &self.layers[0],
            1 => &self.layers[1],
            _ => &self.a,
        };
        if y.dim() == 2 {
            y = y.apply(layer) + y.matmul(&layer.ws);
        }
        y
    }

    fn third(x: &Tensor) -> Tensor {
        x / 3.0
    }
}

#[methods]
impl Chooser {
    fn half(x: &Tensor) -> Tensor {
        let device = Device::cuda_if_available();
        (x / 2.0).to_device(device)
    }
}

/// Chooses among modules of different types.
#[compile_mode(script)]
#[derive(Debug)]
struct Mixed {
    lin: nn::Linear,
    norm: nn::LayerNorm,
    scaled: Scaled,
}

#[methods]
impl Mixed {
    fn forward(&self, x: &Tensor, k: i64) -> Tensor {
        let out = if k == 0 { x.apply(&self.lin) } else { x.apply(&self.norm) };
        let indices = [k, 1 - k];
        let mut y = out.shallow_clone();
        for i in indices {
            y = if i == 0 { self.scaled.twice(&y) } else { y };
        }
        y
    }
}

#[test]
fn chosen_modules() {
    tch::manual_seed(1);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let module = Chooser {
        experts: (0..3).map(|i| Scaled { lin: linear(p / "experts" / i), by: i as f64 + 0.5 }).collect(),
        layers: (0..3).map(|i| linear(p / "layers" / i)).collect(),
        heads: ["left", "right"].iter().map(|name| (name.to_string(), linear(p / "heads" / *name))).collect(),
        a: linear(p / "a"),
    };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]);
    for k in 0..3 {
        for name in ["left", "right"] {
            let scripted = compiled.forward((&x, k, name)).unwrap_or_else(|e| panic!("{e}"));
            assert_eq!(scripted, module.forward(&x, k, name), "{k} {name}");
        }
    }
    let message = compiled.forward((&x, 0, "middle")).unwrap_err().to_string();
    assert!(message.contains("no such key"), "{message}");
    let message = compiled.forward((&x, 3, "left")).unwrap_err().to_string();
    assert!(message.contains("index out of bounds"), "{message}");
    let mixed = Mixed {
        lin: linear(p / "m"),
        norm: nn::layer_norm(p / "n", vec![2], Default::default()),
        scaled: Scaled { lin: linear(p / "s"), by: 2.0 },
    };
    let compiled = compile(&mixed).unwrap();
    for k in 0..2 {
        assert_eq!(compiled.forward((&x, k)).unwrap(), mixed.forward(&x, k));
    }
}

/// Leaves the method, rounds and the loop.
#[compile_mode(script)]
#[derive(Debug)]
struct Leaves {
    layers: Vec<nn::Linear>,
}

#[methods]
impl Leaves {
    fn forward(&self, x: &Tensor, limits: Vec<f64>) -> (Tensor, i64) {
        let mut y = x.shallow_clone();
        let mut n = 0;
        for (layer, limit) in self.layers.iter().zip(limits.iter()) {
            let sum = y.sum(Kind::Float).double_value(&[]);
            if sum > *limit + 5.0 {
                return (y, n);
            }
            if sum > *limit {
                n += 10;
                continue;
            }
            let z = y.apply(layer);
            for _ in 0..3 {
                if n % 4 == 3 {
                    break;
                }
                n += 1;
            }
            if z.sum(Kind::Float).double_value(&[]) < -3.0 {
                if n > 100 {
                    break;
                } else if n > 2 {
                    y = z + 1.0;
                    continue;
                }
            }
            y = z;
        }
        (y, n)
    }
}

#[test]
fn ways_out_of_a_method() {
    tch::manual_seed(3);
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Leaves { layers: (0..4).map(|i| linear(&vs.root() / i)).collect() };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    for scale in [0.1, 1.0, 3.0, -4.0] {
        for limits in
            [vec![], vec![0.0], vec![1.0, -2.0, 0.5], vec![9.0, 9.0, 9.0, 9.0, 9.0], vec![-9.0, 3.0]]
        {
            let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]) * scale;
            assert_eq!(compiled.forward((&x, limits.clone())).unwrap(), module.forward(&x, limits));
        }
    }
}

/// Indices that change while a loop runs.
#[compile_mode(script)]
#[derive(Debug)]
struct Stepped {
    layers: Vec<nn::Linear>,
}

#[methods]
impl Stepped {
    fn forward(&self, x: &Tensor, how: i64, n: usize) -> Tensor {
        let mut y = x.shallow_clone();
        let mut i = 0;
        let last = 2;
        if how == 0 {
            while i < n {
                y = y.apply(&self.layers[i]) + y.apply(&self.layers[last]);
                i += 1;
            }
        } else if how == 1 {
            for j in 0..n {
                y = y.apply(&self.layers[i]) + (i * 10 + i % 2 + i / 2) as f64;
                if j % 2 == 0 {
                    i = 2;
                } else {
                    i -= 1;
                }
            }
        } else if how == 2 {
            loop {
                let (a, b) = (i, last - i);
                y = y.apply(&self.layers[a]) - y.apply(&self.layers[b]);
                (i, _) = (a + 1, b);
                if i >= n {
                    break;
                }
            }
        } else {
            for (j, layer) in self.layers.iter().enumerate() {
                for _ in 0..n {
                    y = y.apply(layer) + y.apply(&self.layers[last - j]);
                    i = j;
                }
                y = y.apply(&self.layers[i]);
            }
        }
        y
    }
}

#[test]
fn indices_that_change_in_loops() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module =
        Stepped { layers: (0..3).map(|_| nn::linear(vs.root(), 2, 2, Default::default())).collect() };
    let compiled = compile(&module).unwrap_or_else(|error| panic!("{error}"));
    let x = floats(&[0.5, -1.0]).view([1, 2]);
    for how in 0..4 {
        for n in 1..4 {
            let found = compiled.forward((&x, how, n)).unwrap();
            assert!(found.allclose(&module.forward(&x, how, n), 1e-5, 1e-6, false), "{how}, {n}");
        }
    }
}
