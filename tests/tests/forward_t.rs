//! Modules with the entry `forward_t`: as tch's `ModuleT`, and with structs among the arguments, as a decoder's cache.

#![allow(missing_docs)]
// What people write.
#![allow(clippy::assign_op_pattern, clippy::len_zero, clippy::manual_flatten)]

use integration_tests::modules::reload_typed;
use integration_tests::tensors::linear;
use tch::nn::{self, ModuleT};
use tch::{Device, Kind, Tensor};
use tch_jit::{Forward, ScriptType, compile_mode, methods};

fn x() -> Tensor {
    Tensor::arange(8, (Kind::Float, Device::Cpu)).reshape([2, 4]) - 3.0
}

/// Differs in training.
#[compile_mode(inherit)]
#[derive(Debug)]
struct Scaled {
    linear: nn::Linear,
}

#[methods]
impl Scaled {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let y = x.apply(&self.linear);
        if train { y * 2.0 } else { y }
    }
}

#[test]
fn the_flag_reaches_the_entry() {
    let module = Scaled { linear: linear() };
    for compiled in [tch_jit::script(&module).unwrap(), tch_jit::trace(&module, x()).unwrap()] {
        for it in [&compiled, &reload_typed(&compiled)] {
            let as_module_t = it.to_module_t();
            let layers =
                nn::seq_t().add(it.to_module_t()).add_fn_t(|x, train| if train { x + 1.0 } else { x - 1.0 });
            for train in [true, false] {
                let expected = module.forward_t(&x(), train);
                // `ModuleT` is in scope.
                assert_eq!(it.forward_t(x(), train).unwrap(), expected);
                assert_eq!(it.forward_t((x(),), train).unwrap(), expected);
                assert_eq!(x().apply_t(&as_module_t, train), expected);
                assert_eq!(as_module_t.forward_t(&x(), train), expected);
                assert_eq!(x().apply_opt_t(&Some(as_module_t.clone()), train), expected);
                assert_eq!(x().apply_t(&layers, train), &expected + if train { 1.0 } else { -1.0 });
                if train {
                    it.train()
                } else {
                    it.eval()
                }
                assert_eq!(it.forward(x()).unwrap(), expected);
                assert_eq!(as_module_t.clone().into_compiled().is_training(), train);
            }
        }
    }
}

/// The keys and values of the steps so far.
#[derive(Debug, PartialEq, ScriptType)]
struct Cache {
    keys: Tensor,
    values: Tensor,
}

/// A layer of a decoder, as in rust-bert.
#[compile_mode(inherit)]
#[derive(Debug)]
struct Attention {
    key: nn::Linear,
    value: nn::Linear,
}

#[methods]
impl Attention {
    fn forward_t(&self, x: &Tensor, layer_past: Option<Cache>, train: bool) -> (Tensor, Option<Cache>) {
        let (key, value) = (x.apply(&self.key), x.apply(&self.value));
        let (keys, values) = match layer_past {
            Some(past) => (Tensor::cat(&[past.keys, key], 0), Tensor::cat(&[past.values, value], 0)),
            None => (key, value),
        };
        let scores = x.matmul(&keys.tr()).softmax(-1, Kind::Float);
        let y = scores.matmul(&values);
        let y = if train { y * 2.0 } else { y };
        (y, Some(Cache { keys, values }))
    }
}

fn attention() -> Attention {
    let vs = nn::VarStore::new(Device::Cpu);
    let layer = || nn::linear(vs.root(), 4, 4, Default::default());
    Attention { key: layer(), value: layer() }
}

fn cache(rows: i64) -> Cache {
    let of = |factor: f64| Tensor::linspace(-1.0, factor, rows * 4, tch::kind::FLOAT_CPU).reshape([rows, 4]);
    Cache { keys: of(1.0), values: of(2.0) }
}

fn args_of<M: Forward>(_: &M, args: impl Fn() -> M::Args) -> impl Fn() -> M::Args {
    args
}

/// Asserts that the compiled module gives what the Rust module gives, in both modes, also after a reload.
macro_rules! agree_in_both_modes {
    ($module:expr, $compiled:expr, $($args:expr),+) => {{
        let (module, compiled) = (&$module, &$compiled);
        for it in [compiled, &reload_typed(compiled)] {
            for (train, _call) in [(true, 1), (false, 1), (true, 2), (false, 2)] {
                $(
                    let args = args_of(module, || $args);
                    let expected = module.eager(&args(), train);
                    assert_eq!(it.forward_t(args(), train).unwrap(), expected);
                    if train { it.train() } else { it.eval() }
                    assert_eq!(it.forward(args()).unwrap(), expected);
                )+
            }
        }
    }};
}

#[test]
fn an_optional_struct_is_an_argument_and_a_result() {
    let module = attention();
    let scripted = tch_jit::script(&module).unwrap();
    agree_in_both_modes!(module, scripted, (x(), None), (x(), Some(cache(1))), (x(), Some(cache(3))));
    let examples = vec![(x(), None), (x(), Some(cache(1))), (x(), Some(cache(3)))];
    let traced = tch_jit::trace(&module, examples).unwrap();
    agree_in_both_modes!(module, traced, (x(), None), (x(), Some(cache(1))), (x(), Some(cache(5))));
    // Step by step, each with what the step before returned.
    for compiled in [scripted, traced] {
        let (mut ours, mut theirs): (Option<Cache>, Option<Cache>) = (None, None);
        for step in 0..4 {
            let x = x() + f64::from(step);
            let (expected, next) = module.forward_t(&x, ours, false);
            let (found, their_next) = compiled.forward_t((&x, theirs), false).unwrap();
            assert_eq!(found, expected);
            assert_eq!(their_next, next);
            (ours, theirs) = (next, their_next);
        }
        assert_eq!(ours.unwrap().keys.size(), [8, 4]);
    }
}

/// Structs by value and by reference, in a tuple, and a struct with an option.
#[compile_mode(inherit)]
#[derive(Debug)]
struct Taking {
    linear: nn::Linear,
}

#[derive(Debug, PartialEq, ScriptType)]
struct Masked {
    cache: Cache,
    mask: Option<Tensor>,
}

#[methods]
impl Taking {
    fn forward_t(
        &self,
        by_value: Cache,
        by_reference: &Cache,
        pair: (Cache, Tensor),
        train: bool,
    ) -> (Cache, Tensor) {
        let y = (by_value.keys + &by_reference.values).apply(&self.linear);
        let z = pair.0.keys * pair.1 + if train { y } else { -y };
        (Cache { keys: z, values: by_value.values }, pair.0.values)
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct TakingMasked;

#[methods]
impl TakingMasked {
    fn forward_t(&self, it: Masked, layers: Vec<Option<Masked>>, train: bool) -> (Masked, i64) {
        let mut y = match &it.mask {
            Some(mask) => &it.cache.keys * mask,
            None => it.cache.keys.shallow_clone(),
        };
        let mut n = 0;
        for layer in &layers {
            if let Some(layer) = layer {
                y = y + &layer.cache.values;
                n += 1;
            }
        }
        if train {
            n += 10;
        }
        (Masked { cache: Cache { keys: y, values: it.cache.values }, mask: it.mask }, n)
    }
}

#[test]
fn structs_in_every_place() {
    let module = Taking { linear: linear() };
    let args = |rows| (cache(rows), cache(rows), (cache(rows), cache(rows).keys * 0.5));
    let scripted = tch_jit::script(&module).unwrap();
    agree_in_both_modes!(module, scripted, args(1), args(3));
    let traced = tch_jit::trace(&module, vec![args(2), args(3)]).unwrap();
    agree_in_both_modes!(module, traced, args(1), args(4));

    let masked = |is_masked: bool| Masked { cache: cache(2), mask: is_masked.then(|| cache(2).values) };
    let layers = |is_masked| vec![Some(masked(is_masked)), None, Some(masked(!is_masked))];
    let scripted = tch_jit::script(&TakingMasked).unwrap();
    agree_in_both_modes!(TakingMasked, scripted, (masked(true), layers(true)), (masked(false), vec![]));
}

/// A traced layer that a scripted decoder calls with its part of the caches.
#[compile_mode(trace)]
#[derive(Debug)]
struct TracedAttention {
    inner: Attention,
}

#[methods]
impl TracedAttention {
    fn forward_t(&self, x: &Tensor, layer_past: Option<Cache>, train: bool) -> (Tensor, Option<Cache>) {
        self.inner.forward_t(x, layer_past, train)
    }

    #[tracing_inputs]
    fn inputs(&self, _: usize) -> Vec<(Tensor, Option<Cache>)> {
        vec![(x(), None), (x(), Some(cache(1))), (x(), Some(cache(3)))]
    }
}

#[compile_mode(script)]
#[derive(Debug)]
struct Decoder {
    first: Attention,
    layers: Vec<TracedAttention>,
}

#[methods]
impl Decoder {
    fn forward_t(
        &self,
        x: &Tensor,
        past: Option<Vec<Option<Cache>>>,
        train: bool,
    ) -> (Tensor, Vec<Option<Cache>>) {
        let past = past.unwrap_or_default();
        let (mut y, first) =
            self.first.forward_t(x, if past.len() > 0 { past[0].clone() } else { None }, train);
        let mut next: Vec<Option<Cache>> = vec![first];
        for (i, layer) in self.layers.iter().enumerate() {
            let layer_past = if past.len() > 0 { past[i + 1].clone() } else { None };
            let (z, cache) = layer.forward_t(&y, layer_past, train);
            y = z;
            next.push(cache);
        }
        (y, next)
    }
}

impl Clone for Cache {
    fn clone(&self) -> Cache {
        Cache { keys: self.keys.shallow_clone(), values: self.values.shallow_clone() }
    }
}

#[test]
fn a_decoder_keeps_its_caches() {
    let layers = (0..2).map(|_| TracedAttention { inner: attention() }).collect();
    let module = Decoder { first: attention(), layers };
    let compiled = tch_jit::compile(&module).unwrap();
    agree_in_both_modes!(
        module,
        compiled,
        (x(), None),
        (x(), Some(vec![Some(cache(2)), None, Some(cache(4))]))
    );
    let mut past: Option<Vec<Option<Cache>>> = None;
    for step in 0..3 {
        let x = x() * f64::from(step + 1);
        let (expected, next) = module.forward_t(&x, past.clone(), false);
        let (found, their_next) = compiled.forward_t((&x, past), false).unwrap();
        assert_eq!(found, expected);
        assert_eq!(their_next, next);
        past = Some(next);
    }
}

/// A child whose call a trace records: it takes structs, also nested ones, in lists and with missing parts.
#[compile_mode(script)]
#[derive(Debug)]
struct Called;

#[methods]
impl Called {
    fn forward(&self, it: Masked, list: Vec<Cache>, pair: (Option<Cache>, Tensor)) -> Tensor {
        let mut y = it.cache.keys - it.cache.values;
        if let Some(mask) = it.mask {
            y = y * mask;
        }
        for cache in &list {
            y = y + &cache.keys;
        }
        match pair.0 {
            Some(cache) => y + cache.values,
            None => y - pair.1,
        }
    }
}

/// Returns no cache where it is told so, which decides whether its trace is a method of its own.
#[compile_mode(inherit)]
#[derive(Debug)]
struct Keeping {
    linear: nn::Linear,
    keeps: bool,
}

#[methods]
impl Keeping {
    fn forward_t(&self, x: &Tensor, past: Option<Cache>, train: bool) -> (Tensor, Option<Cache>) {
        let y = x.apply(&self.linear) * if train { 2.0 } else { 1.0 };
        let y = match past {
            Some(past) => y + past.keys,
            None => y,
        };
        let cache = if self.keeps {
            Some(Cache { keys: y.shallow_clone(), values: x.shallow_clone() })
        } else {
            None
        };
        (y, cache)
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Calling {
    called: Called,
    keeping: Keeping,
    forgetting: Keeping,
}

#[methods]
impl Calling {
    fn forward_t(&self, it: Masked, train: bool) -> (Tensor, Option<Cache>) {
        let keys = it.cache.keys.shallow_clone();
        let (x, kept) = self.keeping.forward_t(&keys, None, train);
        let (y, _) = self.forgetting.forward_t(&x, kept.clone(), train);
        let bare = Masked { cache: it.cache.clone(), mask: None };
        let first = self.called.forward(bare, vec![], (None, y.shallow_clone()));
        let second = self.called.forward(
            it.clone(),
            vec![it.cache.clone(), Cache { keys: x, values: y }],
            (Some(it.cache), keys),
        );
        (first - second * 2.0, kept)
    }
}

impl Clone for Masked {
    fn clone(&self) -> Masked {
        Masked { cache: self.cache.clone(), mask: self.mask.as_ref().map(Tensor::shallow_clone) }
    }
}

#[test]
fn traces_record_calls_with_structs() {
    let keeping = |keeps| Keeping { linear: linear(), keeps };
    let module = Calling { called: Called, keeping: keeping(true), forgetting: keeping(false) };
    let args = |rows| (Masked { cache: cache(rows), mask: Some(cache(rows).values) },);
    let compiled = tch_jit::trace(&module, vec![args(2), args(3)]).unwrap();
    agree_in_both_modes!(module, compiled, args(2), args(5));
    let methods = |name: &str| {
        let children = compiled.named_children();
        let child = &children.iter().find(|(it, _)| it == name).unwrap().1;
        child.methods().iter().any(|it| it.starts_with("forward"))
    };
    assert!(methods("called") && methods("keeping") && !methods("forgetting"));
}
