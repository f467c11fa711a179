//! Enums whose variants have fields, as arguments, results and values.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::{Device, IValue, Tensor, nn};
use tch_jit::{ScriptModule, ScriptType, compile, compile_mode, methods};

/// A cache of one of several models.
#[derive(Debug, ScriptType)]
enum Cache {
    T5(Tensor, Option<Tensor>),
    Gpt2 { past: Tensor, len: i64, scales: Vec<f64> },
    Empty,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Decoder {
    lin: nn::Linear,
}

#[methods]
impl Decoder {
    fn forward(&self, x: &Tensor, cache: Cache) -> (Tensor, Cache) {
        match cache {
            Cache::T5(past, extra) => {
                let y = x.apply(&self.lin) + &past;
                let extra = extra.map(|e| e + 1.0);
                (y.shallow_clone(), Cache::T5(y, extra))
            }
            Cache::Gpt2 { past, len, scales } if len < 3 => {
                let y = x * scales[0] + past;
                (y.shallow_clone(), Cache::Gpt2 { len: len + 1, past: y, scales })
            }
            Cache::Gpt2 { len, .. } => (x * len, Cache::Empty),
            Cache::Empty => (x.relu(), self.fresh(x)),
        }
    }

    fn fresh(&self, x: &Tensor) -> Cache {
        if x.dim() > 1 {
            Cache::T5(x.shallow_clone(), None)
        } else {
            Cache::Gpt2 { past: x.relu(), len: 0, scales: vec![0.5, 2.0] }
        }
    }

    #[export]
    fn generate(&self, x: &Tensor, n: i64, cache: Option<Cache>) -> (Tensor, bool) {
        let mut cache = cache.unwrap_or(Cache::Empty);
        let mut y = x.shallow_clone();
        for _ in 0..n {
            (y, cache) = self.forward(&y, cache);
            if let Cache::Gpt2 { len, .. } = &mut cache {
                *len += 1;
            }
        }
        (y, matches!(cache, Cache::Empty))
    }
}

fn share(cache: &Cache) -> Cache {
    match cache {
        Cache::T5(a, b) => Cache::T5(a.shallow_clone(), b.as_ref().map(Tensor::shallow_clone)),
        Cache::Gpt2 { past, len, scales } => {
            Cache::Gpt2 { past: past.shallow_clone(), len: *len, scales: scales.clone() }
        }
        Cache::Empty => Cache::Empty,
    }
}

/// Compares what can be compared: debug forms of tensors have no values.
fn values(cache: &Cache) -> (String, Vec<Tensor>) {
    match cache {
        Cache::T5(a, b) => {
            ("T5".into(), [Some(a), b.as_ref()].into_iter().flatten().map(Tensor::shallow_clone).collect())
        }
        Cache::Gpt2 { past, len, scales } => (format!("Gpt2 {len} {scales:?}"), vec![past.shallow_clone()]),
        Cache::Empty => ("Empty".into(), vec![]),
    }
}

#[test]
fn caches() {
    tch::manual_seed(5);
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Decoder { lin: nn::linear(vs.root(), 2, 2, Default::default()) };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let mut file = vec![];
    compiled.save_to_writer(&mut file).unwrap();
    let loaded = ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0;
    let x = floats(&[1., -2.]);
    let caches = [
        Cache::T5(floats(&[1., 2.]), None),
        Cache::T5(floats(&[1., 2.]), Some(floats(&[3.]))),
        Cache::Gpt2 { past: floats(&[1., 2.]), len: 1, scales: vec![0.5] },
        Cache::Gpt2 { past: floats(&[1., 2.]), len: 7, scales: vec![0.5] },
        Cache::Empty,
    ];
    for x in [x.shallow_clone(), x.reshape([1, 2])] {
        for cache in &caches {
            for _ in 0..2 {
                let (rust, rust_cache) = module.forward(&x, share(cache));
                let (y, next) = compiled.forward((&x, share(cache))).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(y, rust);
                assert_eq!(values(&next), values(&rust_cache));
            }
        }
        for n in 0..4 {
            for cache in [None, Some(&caches[1]), Some(&caches[2])] {
                let (rust, is_empty) = module.generate(&x, n, cache.map(share));
                let found = loaded.call("generate", (&x, n, cache.map(share))).unwrap();
                assert_eq!(found, IValue::Tuple(vec![IValue::Tensor(rust), IValue::Bool(is_empty)]));
            }
        }
    }
}

#[derive(Clone, Debug, PartialEq, ScriptType)]
enum Shape {
    Circle(f64),
    Square { side: f64 },
    Named(String, Option<i64>),
    Point,
}

agree! {
    fn area(shape: Shape) -> f64 { match shape { Shape::Circle(r) => 3.0 * r * r, Shape::Square { side: s } => s * s, Shape::Named(..) | Shape::Point => 0.0 } } on (Shape::Circle(2.0)) (Shape::Square { side: 3.0 }) (Shape::Named("a".to_owned(), None)) (Shape::Point);
    fn results_and_lists(n: i64) -> (Shape, Vec<Shape>) { let first = if n > 2 { Shape::Circle(n as f64) } else { Shape::Point }; let mut all = vec![first.clone(), Shape::Square { side: 1.0 }]; for i in 0..n { all.push(if i % 2 == 0 { Shape::Named(format!("{i}"), Some(i)) } else { Shape::Point }); } (first, all) } on (0) (3);
    fn options_of_enums(shape: Option<Shape>) -> (f64, bool) { let is_point = matches!(&shape, Some(Shape::Point)); let r = if let Some(Shape::Circle(r)) = &shape { *r } else { -1.0 }; (r, is_point) } on (Some(Shape::Circle(2.0))) (Some(Shape::Point)) (None::<Shape>);
    fn let_else_of_enums(shape: Shape) -> f64 { let Shape::Square { side } = shape else { return -1.0 }; side + 1.0 } on (Shape::Square { side: 3.0 }) (Shape::Point);
    fn guards_of_enums(shape: Shape) -> i64 { match &shape { Shape::Named(name, Some(n)) if name.len() > 1 => *n, Shape::Named(name, None) => name.len() as i64, Shape::Named(_, Some(n)) if *n < 0 => -1, Shape::Circle(r) if *r > 1.0 => 10, _ => 0 } } on (Shape::Named("ab".to_owned(), Some(4))) (Shape::Named("a".to_owned(), None)) (Shape::Named("a".to_owned(), Some(-3))) (Shape::Circle(0.5)) (Shape::Circle(1.5)) (Shape::Point);
    fn changed_enums(shape: Shape) -> Shape { let mut shape = shape; match &mut shape { Shape::Circle(r) => *r *= 2.0, Shape::Square { side } => { *side += 1.0; } Shape::Named(name, n) => { name.push_str("!"); *n = Some(n.unwrap_or(0) + 1); } Shape::Point => {} } shape } on (Shape::Circle(2.0)) (Shape::Square { side: 3.0 }) (Shape::Named("a".to_owned(), None)) (Shape::Point);
}

#[compile_mode(script)]
#[derive(Debug)]
struct WithField {
    shape: Shape,
}

#[methods]
impl WithField {
    fn forward(&self, x: &Tensor) -> Tensor {
        match &self.shape {
            Shape::Circle(r) => x * *r,
            Shape::Square { side } => x + *side,
            _ => x.shallow_clone(),
        }
    }
}

#[test]
fn enums_in_fields() {
    let x = floats(&[1., -2.]);
    for shape in
        [Shape::Circle(2.0), Shape::Square { side: 3.0 }, Shape::Named("a".into(), Some(1)), Shape::Point]
    {
        let module = WithField { shape };
        let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
    }
}

/// A struct that looks in TorchScript as an enum does.
#[derive(Debug, ScriptType)]
struct Record {
    variant: String,
    extra: Option<(Tensor, i64)>,
}

#[compile_mode(script)]
#[derive(Debug)]
struct TakesRecord;

#[methods]
impl TakesRecord {
    fn forward(&self, record: &Record) -> i64 {
        let a = match record {
            Record { variant, .. } if variant == "x" => 1,
            _ => 2,
        };
        let b = if let Record { extra: Some((_, n)), .. } = record { *n } else { -1 };
        a * 100 + b * 10 + record.variant.len() as i64
    }
}

#[test]
fn structs_that_look_as_enums_do() {
    let compiled = compile(&TakesRecord).unwrap_or_else(|e| panic!("{e}"));
    for record in [
        Record { variant: "x".into(), extra: Some((Tensor::from(1.0), 7)) },
        Record { variant: "yy".into(), extra: None },
    ] {
        assert_eq!(compiled.forward((&record,)).unwrap(), TakesRecord.forward(&record));
    }
}
