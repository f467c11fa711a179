//! Forms of `docs/grammar.md`: scripted, each gives what Rust gives. Where the page says that the
//! languages differ, the last module shows how.

// The forms under test are not all what clippy would write.
#![allow(clippy::all)]

use std::collections::{BTreeMap, HashMap};

use integration_tests::{agree, form};
use tch::{Device, Kind, Tensor, kind::FLOAT_CPU, nn};
use tch_jit::{compile_mode, methods};

const LIMIT: i64 = 3;
const LIMIT_2: i64 = 12;

/// A tensor to be borrowed where it is made.
fn t(values: &[f32]) -> Tensor {
    Tensor::from_slice(values)
}

mod statements {
    use super::*;

    agree! {
        fn shadowing(x: &Tensor) -> Tensor { let x = x + 1.0; let x = x.relu(); { let x = &x * 2.0; let _y = x; } x } on (&t(&[1., -3.]));
        fn tuple_patterns(a: i64) -> (i64, i64) { let (b, (c, _)) = (a, (a + 1, 2)); (c, b) } on (4);
        fn annotated_let(a: i64) -> Vec<i64> { let mut v: Vec<i64> = vec![]; v.push(a); v } on (4);
        fn let_without_value(a: i64) -> i64 { let b; if a > 2 { b = 1; } else { b = 2; } b } on (3) (1);
        fn assignment(a: i64, b: i64) -> i64 { let (mut x, mut y) = (a, b); (x, y) = (y, x); x = x * 10; _ = y; x + y } on (1, 2);
        fn compound_assignment(a: i64) -> i64 { let mut b = a; b += 1; b *= 2; b -= 3; b /= 2; b %= 3; b |= 8; b &= 13; b ^= 2; b <<= 2; b >>= 1; b } on (5) (-9);
        fn in_place_assignment(x: &Tensor) -> Tensor { let y = x.copy(); let mut z = y.shallow_clone(); z += 1.0; z *= x; z -= x; z /= 2.0; y } on (&t(&[1., -2.]));
        fn elements_are_assigned(v: Vec<i64>) -> Vec<i64> { let mut w = v.clone(); w[0] = 3; w[1] += 2; w[1] /= 2; w } on (vec![1, 5]);
        fn if_else(a: i64) -> i64 { let b = if a > 2 { 1 } else if a > 0 { 2 } else { 3 }; b } on (3) (1) (-1);
        fn if_some(a: Option<i64>) -> i64 { if let Some(a) = a { a } else { -1 } } on (Some(3)) (None::<i64>);
        fn if_none(a: Option<i64>) -> i64 { if let None = a { 1 } else { a.unwrap() } } on (Some(3)) (None::<i64>);
        fn matching(a: i64, b: Option<i64>) -> i64 { match (a, b) { (0, None) => 1, (x, Some(y)) if x > y => 2, (1..=3, _) => 3, (7 | 8, _) => 4, (LIMIT_2, _) => 6, _ => 5 } } on (0, None::<i64>) (3, Some(1)) (2, None::<i64>) (7, None::<i64>) (9, Some(10)) (12, None::<i64>);
        fn match_as_a_value(s: &str) -> i64 { let n = match s { "one" => 1, "two" => 2, _ => panic!("unknown") }; n * 10 } on ("one") ("two");
        fn named_patterns(a: i64) -> i64 { match a { n @ 1..=3 => n * 2, n => n } } on (2) (7);
        fn let_else(a: Option<i64>) -> i64 { let Some(a) = a else { return 0 }; a } on (Some(1)) (None::<i64>);
        fn for_ranges(n: i64) -> i64 { let mut s = 0; for i in 0..n { s += i; } for i in 1..=n { s += 2 * i; } for i in (0..n).rev() { s = s * 2 + i; } for i in (0..n).step_by(2) { s += i; } s } on (4) (0);
        fn for_lists(v: Vec<i64>) -> i64 { let mut s = 0; for (i, x) in v.iter().enumerate() { s += x * i as i64; } for (x, y) in v.iter().zip(v.iter()) { s += x * y; } for x in &v { s -= *x; } s } on (vec![1, 2, 5]);
        fn while_continue(a: i64) -> i64 { let (mut i, mut s) = (0, 0); while i < a { i += 1; if i == 2 { continue; } if i > 4 { break; } s += i; } s } on (3) (9);
        fn loop_with_a_value(a: i64) -> i64 { let mut i = 0; let b: i64 = loop { i += 1; if i > a { break i * 2; } }; b } on (4);
        fn loop_at_the_end(a: i64) -> i64 { let mut i = 0; loop { i += 1; if i > a { break i * 2; } if i > 5 { return 0; } } } on (4) (7);
        fn early_return(n: i64) -> i64 { if n > 2 { return 1; } for i in 0..n { if i == 1 { return 7; } } 2 } on (3) (1) (2);
        fn unit(x: &Tensor) -> () { let _ = x.relu(); } on (&t(&[1.]));
        fn items(x: &Tensor, a: i64) -> (Tensor, i64) { use tch::Kind::Double; const N: i64 = 3; const M: i64 = 2 * N; (x.to_kind(Double), match a { N => 7, _ => a + M }) } on (&t(&[1.]), 1) (&t(&[1.]), 3);
        fn checks(a: i64) -> i64 { assert!(a > 0, "not positive"); if a > 9 { panic!("too large") } a } on (3);
    }
}

mod expressions {
    use super::*;

    agree! {
        fn clones_of_lists_of_lists(v: Vec<Vec<i64>>) -> (Vec<Vec<i64>>, i64) { let mut w = v.clone(); w[0][0] = 7; (w, v[0][0]) } on (vec![vec![1, 2], vec![3]]);
        fn literals(a: f64) -> f64 { a + 0.5 + 1e-3 + 2f64 + (0xff + 1_000) as f64 } on (1.0);
        fn constants(a: i64) -> f64 { (a + LIMIT) as f64 * std::f64::consts::PI } on (4);
        fn integer_division(a: i64, b: i64) -> (i64, i64) { (a / b, a % b) } on (7, 2) (-7, 2) (7, -2) (-7, -2);
        fn float_division(a: f64, b: f64) -> (f64, f64) { (a / b, a % b) } on (7.5, 2.0) (-7.5, 2.0) (1.0, 0.0);
        fn tensor_division(a: &Tensor, b: &Tensor) -> Tensor { a / b / 2.0 } on (&t(&[1., 2.]), &t(&[3., 4.]));
        fn bits(a: i64, b: i64) -> i64 { (a & b) | (a ^ b) | (a << 2) | (b >> 1) | !a } on (5, 9) (-5, 3);
        fn logic(a: bool, b: bool) -> bool { a && !b || (a & b) ^ (a | b) } on (true, true) (false, true);
        fn comparisons(a: f64, b: f64) -> bool { a < b && a <= b || a > b && a >= b && a != b } on (1.0, 2.0) (2.0, 1.0);
        fn tensor_equality(a: &Tensor, b: &Tensor) -> (bool, bool) { (a == b, a != b) } on (&t(&[1.]), &t(&[1.])) (&t(&[1.]), &t(&[2.])) (&t(&[1.]), &t(&[1., 1.]));
        fn list_and_text_equality(v: Vec<i64>, s: &str) -> bool { v == vec![1, 5] && s == "a" } on (vec![1, 5], "a") (vec![1], "a");
        fn kind_and_device(x: &Tensor) -> bool { x.kind() == Kind::Float && x.device() == Device::Cpu } on (&t(&[1.]));
        fn casts(a: i64, b: f64, c: bool) -> (f64, i64, i64) { (a as f64 * 1.5, b as i64, c as i64) } on (3, -1.7, true);
        fn order_of_operands(a: i64) -> i64 { let mut x = a; let y = x + { x += 1; x }; y } on (1);
        fn lazy_logic(v: Vec<i64>) -> bool { !v.is_empty() && { let first = v[0]; first > 0 } } on (vec![1]) (Vec::<i64>::new());
        fn blocks(a: i64) -> i64 { let b = { let c = a + 1; c * 2 }; b } on (3);
        fn tuples(a: i64) -> i64 { let p = (a, a + 1); p.0 * 10 + p.1 } on (4);
        fn lists(a: i64) -> Vec<i64> { let mut v = vec![a, 2]; v.push(3); let mut w = v.clone(); w.push(v.len() as i64); w } on (4);
        fn repeated(a: i64) -> Vec<i64> { vec![a; 3] } on (4);
        fn indexing(v: Vec<i64>) -> i64 { v[0] + v[v.len() - 1] } on (vec![1, 2, 3]);
        fn slices(v: Vec<i64>) -> Vec<Vec<i64>> { vec![v[1..3].to_vec(), v[..=1].to_vec(), v[2..].to_vec(), v[..].to_vec()] } on (vec![1, 2, 3, 4]);
        fn maps(d: HashMap<String, i64>) -> i64 { d["a"] + d.len() as i64 } on (HashMap::from([("a".to_owned(), 3i64)]));
        fn text(s: String, u: &str) -> String { s + u } on ("a".to_owned(), "b");
        fn options(a: i64) -> Option<i64> { let mut o: Option<i64> = None; if a > 0 { o = Some(a); } if o.is_none() { None } else { Some(o.unwrap() + 1) } } on (1) (-1);
        fn option_methods(a: Option<i64>) -> (i64, i64, Option<i64>, bool) { (a.unwrap_or(3), a.map_or(1, |v| v * 2), a.map(|v| v * 2).filter(|v| *v > 2).or(Some(5)), a.is_some_and(|v| v > 1)) } on (Some(1)) (None::<i64>) (Some(4));
        fn lazy_option_methods(a: Option<i64>) -> (i64, i64, Option<i64>, Option<i64>) { (a.unwrap_or_else(|| 3), a.map_or_else(|| 1, |v| v * 2), a.and_then(|v| if v > 1 { Some(v) } else { None }), a.or_else(|| Some(9))) } on (Some(1)) (None::<i64>) (Some(4));
        fn missing_values_return(a: Option<i64>) -> Option<i64> { let b = a?; Some(b + 1) } on (Some(1)) (None::<i64>);
        fn results(x: &Tensor) -> Result<Tensor, tch::TchError> { if x.dim() == 7 { return Err(tch::TchError::Torch("seven".to_owned())); } let y = x.f_relu()?; Ok(y.f_neg().unwrap()) } on (&t(&[1., -1.]));
        fn arrays_are_copied(a: i64) -> i64 { let b = [a, 2]; let mut c = b; c[0] = 9; let d = c; c[1] = 8; b[0] + 10 * d[1] + c[1] } on (1);
        fn collected(v: Vec<i64>) -> Vec<i64> { let w: Vec<i64> = v.iter().filter(|x| **x > 1).map(|x| { let y = x + 1; y * y }).collect(); w.iter().map(|x| x * 2).collect() } on (vec![1, 2, 3]) (Vec::<i64>::new());
        fn consumed(v: Vec<i64>) -> i64 { v.iter().fold(0, |a, x| a * 10 + x) + v.iter().map(|x| x + 1).sum::<i64>() + v.iter().product::<i64>() + v.iter().filter(|x| **x > 1).count() as i64 } on (vec![1, 2, 3]) (Vec::<i64>::new());
        fn for_each(v: Vec<i64>) -> i64 { let mut s = 0; v.iter().for_each(|x| s += x); (0..3).filter(|i| *i > 0).for_each(|i| { let j = i * i; s += j; }); s } on (vec![1, 2, 3]);
        fn any_and_all(v: Vec<i64>) -> bool { v.iter().any(|&x| x > 1) && v.iter().all(|&x| x > 0) } on (vec![1, 2]) (vec![0, 2]) (Vec::<i64>::new());
    }
}

mod numbers {
    use super::*;

    agree! {
        fn powers(a: f64, b: f64) -> f64 { a.powi(3) + a.powf(b) } on (3.0, 0.5);
        fn integer_powers(a: i64) -> f64 { (a.pow(2) / 2) as f64 } on (3) (-3);
        fn largest(a: f64, b: f64) -> f64 { a.max(b) - a.min(b) } on (3.0, 4.0);
        fn absolute(a: f64, b: i64) -> f64 { a.abs() + b.abs() as f64 } on (-3.5, -2) (3.5, 2);
        fn functions(a: f64) -> f64 { a.sqrt() + a.exp() + a.sin() + a.cos() + a.tan() + a.asin() + a.acos() + a.atan() + a.sinh() + a.cosh() + a.tanh() + a.log10() } on (0.5);
        fn rounded_down(a: f64) -> f64 { a.floor() } on (0.5) (-2.5) (-3.0) (1e300) (f64::NAN) (f64::NEG_INFINITY);
        fn rounded_up(a: f64) -> f64 { a.ceil() } on (0.5) (2.5) (3.0) (-1e300) (f64::NAN) (f64::INFINITY);
        fn truncated(a: f64) -> f64 { a.trunc() } on (0.5) (-2.5) (3.0) (1e300) (f64::NAN);
        fn rounded_away_from_zero(a: f64) -> f64 { a.round() } on (0.5) (2.5) (-2.5) (0.49999999999999994) (-3.2) (1e300) (f64::NAN);
        fn rounded_floats_are_floats(a: f64, b: f64) -> f64 { a.floor() / b.ceil() } on (7.5, 1.5);
        fn rounded_tensors(x: &Tensor) -> Tensor { (x.abs() * 1.5).floor() + x.ceil() + x.round() + x.trunc() } on (&t(&[1.2, -2.7]));
    }
}

mod tensors {
    use super::*;

    agree! {
        fn sizes(x: &Tensor) -> Vec<i64> { let (a, b) = x.size2().unwrap(); let mut v = x.size(); v.push(a * 10 + b + x.dim() as i64); v } on (&t(&[1., 2.]).view([2, 1]));
        fn shapes(x: &Tensor) -> Tensor { let n = x.size()[0]; x.view([n, 1]).view((1, n)).view(n).view(-1).reshape([1, n]) } on (&t(&[1., 2.]));
        fn indexed(x: &Tensor) -> Tensor { use tch::{IndexOp, NewAxis}; x.i((0, 1..)) + x.i((.., NewAxis)).i((1, .., ..2)) + x.i(-1).i(..=1) } on (&t(&[1., 2., 3., 4., 5., 6.]).view([2, 3]));
        fn factories(x: &Tensor) -> Tensor { Tensor::zeros([2, 3], (x.kind(), x.device())) + Tensor::ones(3, (Kind::Float, Device::Cpu)) } on (&t(&[1.]));
        fn scalars(a: f64, b: i64) -> (Tensor, Tensor) { (Tensor::from(a), Tensor::from(b)) } on (1.5, 2);
        fn values(x: &Tensor) -> (f64, i64, f64) { (x.double_value(&[0]), x.sum(Kind::Float).int64_value(&[]), f64::try_from(x.max()).unwrap()) } on (&t(&[1.5, 2.]));
        fn reductions(x: &Tensor) -> Tensor { x.sum_dim_intlist(0, false, Kind::Double) + x.mean(None) + x.max() } on (&t(&[1.5, 2.]));
        fn fallible_methods(x: &Tensor) -> Tensor { x.f_relu().unwrap() } on (&t(&[1., -1.]));
        fn called_as_functions(x: &Tensor) -> Tensor { Tensor::relu(x) + Tensor::cat(&[x, x], 0).narrow(0, 0, 2) } on (&t(&[1., -1.]));
        fn operators(x: &Tensor, a: i64) -> Tensor { -x + 1.0 - 2.0 * x * a } on (&t(&[1., -1.]), 3);
        fn several_results(x: &Tensor) -> Tensor { let (values, _) = x.topk(1, 0, true, true); values } on (&t(&[1., -1.]));
        fn lists_of_tensors(xs: &[Tensor]) -> Tensor { let mut all = vec![]; for x in xs { all.push(x * 2.0); } for part in xs[0].chunk(2, 0) { all.push(part.repeat(2)); } Tensor::stack(&all, 0) } on (vec![t(&[1., 2.])].as_slice());
        fn sums(xs: &[Tensor]) -> Tensor { xs.iter().map(|x| x * 2.0).sum::<Tensor>() } on (vec![t(&[1., 2.]), t(&[3., 4.])].as_slice());
        fn conversions(x: &Tensor) -> Tensor { x.to_kind(Kind::Double).to_device(Device::Cpu) } on (&t(&[1.]));
        fn optional_tensors(x: &Tensor, mask: Option<&Tensor>) -> Tensor { if let Some(mask) = mask { x * mask } else { x.shallow_clone() } } on (&t(&[2.]), None::<&Tensor>) (&t(&[2.]), Some(&t(&[3.])));
    }
}

mod modules {
    use super::*;

    fn linear(path: nn::Path) -> nn::Linear {
        nn::linear(path, 2, 2, Default::default())
    }

    #[compile_mode(script)]
    #[derive(Debug)]
    struct Fields {
        layers: Vec<nn::Linear>,
        pair: [nn::Linear; 2],
        heads: BTreeMap<String, nn::Linear>,
        norm: Option<nn::LayerNorm>,
        absent: Option<nn::Linear>,
        child: Child,
        weight: Tensor,
        bias: Option<Tensor>,
        scale: f64,
        sizes: Vec<i64>,
        name: String,
        limit: Option<i64>,
        pair_of_numbers: (i64, f64),
        kind: Kind,
        #[jit(constant)]
        is_scaled: bool,
        #[jit(skip)]
        _unseen: std::marker::PhantomData<*const u8>,
    }

    #[compile_mode(script)]
    #[derive(Debug)]
    struct Child(nn::Linear, f64);

    #[methods]
    impl Child {
        fn forward(&self, x: &Tensor) -> Tensor {
            x.apply(&self.0) * self.1
        }
    }

    #[methods]
    impl Fields {
        const HALF: f64 = 0.5;

        fn forward(&self, x: &Tensor) -> Tensor {
            let mut x = self.layer_by_layer(x);
            x = x.apply(&self.pair[1]).apply(&self.heads["a"]);
            for (_name, head) in &self.heads {
                x = x.apply(head);
            }
            if let Some(norm) = &self.norm {
                x = x.apply(norm);
            }
            if let Some(absent) = &self.absent {
                x = x.apply(absent);
            }
            if let Some(bias) = &self.bias {
                x = x + bias;
            }
            if let Some(limit) = self.limit {
                x = x.clamp_max(limit);
            }
            if self.is_scaled && self.name == "a" {
                x = x * self.scale + &self.weight;
            }
            let (a, b) = self.pair_of_numbers;
            x = x * a + b + self.sizes[0] + self.layers.len() as i64;
            Self::halved(&self.child.forward(&x), Self::HALF).to_kind(self.kind) + self.child.1
        }

        fn layer_by_layer(&self, x: &Tensor) -> Tensor {
            let mut x = x.shallow_clone();
            for (i, layer) in self.layers.iter().enumerate() {
                x = x.apply(layer) * i as f64;
            }
            for (a, b) in self.layers.iter().zip(self.pair.iter()) {
                x = x.apply(a).apply(b).relu();
            }
            x
        }

        fn halved(x: &Tensor, half: f64) -> Tensor {
            x * half
        }
    }

    #[test]
    fn fields_and_children() {
        let vs = nn::VarStore::new(Device::Cpu);
        let p = vs.root();
        let module = Fields {
            layers: (0..2).map(|i| linear(&p / i)).collect(),
            pair: [linear(&p / "a"), linear(&p / "b")],
            heads: BTreeMap::from([("a".to_owned(), linear(&p / "c"))]),
            norm: Some(nn::layer_norm(&p / "norm", vec![2], Default::default())),
            absent: None,
            child: Child(linear(&p / "child"), 3.0),
            weight: p.ones("weight", &[2]),
            bias: Some(p.ones("bias", &[2])),
            scale: 2.0,
            sizes: vec![3],
            name: "a".into(),
            limit: Some(1),
            pair_of_numbers: (1, 2.0),
            kind: Kind::Double,
            is_scaled: true,
            _unseen: std::marker::PhantomData,
        };
        let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
        let x = Tensor::rand([3, 2], FLOAT_CPU);
        assert_eq!(compiled.forward(&x).unwrap(), module.forward(&x));
    }

    #[compile_mode(script)]
    #[derive(Debug)]
    struct Counter {
        count: Tensor,
        norm: Option<nn::LayerNorm>,
    }

    #[methods]
    impl Counter {
        fn forward(&self, x: &Tensor) -> Tensor {
            let _ = self.count.shallow_clone().g_add_scalar_(1);
            x.apply_opt(&self.norm) * &self.count
        }
    }

    #[test]
    fn buffers_change_in_place() {
        let module = Counter { count: Tensor::zeros([], FLOAT_CPU), norm: None };
        let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!(compiled.forward(t(&[2.])).unwrap(), t(&[2.]));
        assert_eq!(module.forward(&t(&[2.])), t(&[4.]));
        assert_eq!(compiled.forward(t(&[2.])).unwrap(), t(&[6.]));
    }

    #[compile_mode(script)]
    #[derive(Debug)]
    struct Normalized {
        norm: nn::BatchNorm,
    }

    #[methods]
    impl nn::ModuleT for Normalized {
        fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
            let y = x.apply_t(&self.norm, train);
            if train { y.relu() } else { y }
        }
    }

    #[test]
    fn forward_t_follows_the_flag() {
        let vs = nn::VarStore::new(Device::Cpu);
        let module = Normalized { norm: nn::batch_norm1d(vs.root(), 2, Default::default()) };
        let compiled = tch_jit::compile(&module).unwrap();
        let x = Tensor::randn([5, 2], FLOAT_CPU);
        compiled.eval();
        let expected = nn::ModuleT::forward_t(&module, &x, false);
        assert_eq!(compiled.forward(&x).unwrap(), expected);
        compiled.train();
        let expected = nn::ModuleT::forward_t(&module, &x, true);
        assert_eq!(compiled.forward(&x).unwrap(), expected);
    }
}

/// "Where TorchScript's result is another one" of the page.
mod differences {
    use super::*;

    macro_rules! differ {
        ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on ($($value:expr),*): $rust:expr, $script:expr;)*) => {$(
            #[test]
            fn $name() {
                form!(($($arg: $ty),*) -> $out { $($body)* });
                let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
                assert_eq!(compiled.forward(($($value,)*)).unwrap(), $script);
                let rust = std::panic::catch_unwind(|| Form.forward($($value),*)).ok();
                assert_eq!(rust, $rust);
            }
        )*};
    }

    differ! {
        fn overflow_wraps(a: i64) -> i64 { a + 1 } on (i64::MAX): None, i64::MIN;
        fn casts_to_f32_keep_the_precision(a: f64) -> bool { a as f32 as f64 == a } on (0.1): Some(false), true;
        fn f32_literals_have_64_bits(a: f64) -> bool { 0.1f32 as f64 == a } on (0.1): Some(false), true;
        fn indices_may_be_negative(v: Vec<i64>, i: i64) -> i64 { v[i as usize] } on (vec![1, 2], -1): None, 2;
    }

    #[test]
    fn a_tensor_of_an_f32_is_double() {
        form!((a: f32) -> Tensor { Tensor::from(a) });
        let compiled = tch_jit::compile(&Form).unwrap();
        assert_eq!(Form.forward(1.5).kind(), Kind::Float);
        assert_eq!(compiled.forward(1.5f32).unwrap().kind(), Kind::Double);
    }

    #[test]
    fn panics_and_assertions_are_errors() {
        form!((a: i64) -> i64 { assert!(a > 0, "not positive"); if a > 9 { panic!("too large") } 10 / (a - 1) });
        let compiled = tch_jit::compile(&Form).unwrap();
        let message = |a: i64| compiled.forward(a).unwrap_err().to_string();
        assert!(message(0).contains("not positive"), "{}", message(0));
        assert!(message(10).contains("too large"), "{}", message(10));
        assert!(message(1).contains("division by 0"), "{}", message(1));
        assert!(message(1).contains("grammar.rs"), "{}", message(1));
    }
}
