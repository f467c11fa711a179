//! Part: compile, run and drop, again and again, in one thread. In: what one cycle does. Out: how the process grows.

use std::thread;

use tch::{IValue, Kind, Tensor};
use tch_jit::{Compilable, Compiled, Forward, ScriptModule};

use crate::memory::Samples;
use crate::models::{Dropped, Mixed, Panicking, Panics, Scripted, Traced, input};
use crate::threads::{MIXED, compile_one};
use crate::work::Work;

/// At how many points memory is measured.
const CHECKPOINTS: u64 = 40;

pub fn script(work: &Work) {
    compiled(work, &Scripted::new(3));
}

pub fn trace(work: &Work) {
    compiled(work, &Traced::new());
}

pub fn mixed(work: &Work) {
    compiled(work, &Mixed::new(3));
}

/// Compiles the module in each cycle, and runs it forwards and backwards.
fn compiled<M>(work: &Work, module: &M)
where
    M: Compilable + Forward<Args = (Tensor,), Output = Tensor>,
{
    cycles(work, |x| {
        let compiled = work.ok(tch_jit::compile(module));
        trained(work, compiled, x, &module.eager(&(x.shallow_clone(),), false));
    });
}

/// Each cycle in a new thread: what threads keep goes with them.
pub fn new_threads(work: &Work) {
    cycles(work, |_| {
        thread::scope(|scope| _ = scope.spawn(|| compile_one(work, MIXED)));
    });
}

/// Compiles once: what grows is due to saving and loading.
pub fn save_and_load(work: &Work) {
    let module = Mixed::new(3);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    let dir = tempfile::tempdir().expect("a directory for files");
    let file = dir.path().join("module.pt");
    cycles(work, |x| {
        work.ok(compiled.save(&file));
        if let Some(loaded) = work.ok(ScriptModule::load(&file)) {
            untyped(work, &loaded, x, &module.forward(x));
        }
    });
}

/// As `save_and_load`, by libtorch alone: what libtorch itself keeps of each file that it reads.
pub fn load_by_tch(work: &Work) {
    let module = Mixed::new(3);
    let mut bytes = vec![];
    let saved = tch_jit::compile(&module).and_then(|compiled| compiled.save_to_writer(&mut bytes));
    saved.expect("the module compiles and is written");
    cycles(work, |x| {
        if let Some(loaded) = work.ok(tch::CModule::load_data(&mut &bytes[..])) {
            work.ok(loaded.forward_ts(&[x]));
        }
    });
}

pub fn deep_copy(work: &Work) {
    let module = Mixed::new(3);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    cycles(work, |x| {
        if let Some(copy) = work.ok(compiled.deep_copy()) {
            untyped(work, &copy, x, &module.forward(x));
        }
    });
}

/// Freezes a module of its own in each cycle: libtorch adds the frozen classes to the module's compilation unit, where
/// they stay until the whole tree is dropped.
pub fn freeze(work: &Work) {
    let module = Mixed::new(3);
    let mut bytes = vec![];
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    compiled.eval();
    compiled.save_to_writer(&mut bytes).expect("the module is written");
    cycles(work, |x| {
        let loaded = work.ok(ScriptModule::load_from_reader(&bytes[..], None, &[]));
        if let Some(frozen) = loaded.and_then(|(loaded, _)| work.ok(loaded.freeze())) {
            untyped(work, &frozen, x, &module.forward(x));
        }
    });
}

pub fn dropout(work: &Work) {
    let module = Dropped::new();
    cycles(work, |x| {
        let Some(compiled) = work.ok(tch_jit::compile(&module)) else { return };
        tch::manual_seed(1);
        let expected = module.forward_t(x, true);
        tch::manual_seed(1);
        trained(work, Some(compiled), x, &expected);
    });
}

pub fn failing(work: &Work) {
    let module = Panicking::new(Panics::InForward);
    cycles(work, |_| match tch_jit::compile(&module) {
        Ok(_) => work.failed("a module that panics was compiled"),
        Err(error) if !error.to_string().contains("as asked for") => work.failed(error),
        Err(_) => {}
    });
}

/// Runs `cycle` for each unit, on an input of its own; after a quarter of the units, memory is measured.
fn cycles(work: &Work, cycle: impl Fn(&Tensor)) {
    tch::set_num_threads(1);
    let mut samples = Samples::default();
    let warm_up = work.n() / 4;
    let stride = ((work.n() - warm_up) / CHECKPOINTS).max(1);
    for unit in work.units() {
        cycle(&input());
        work.done();
        if unit >= warm_up && (unit - warm_up).is_multiple_of(stride) {
            samples.take(unit);
        }
    }
    work.grew(&samples);
}

/// Runs the compiled module forwards and backwards.
fn trained<M>(work: &Work, compiled: Option<Compiled<M>>, x: &Tensor, expected: &Tensor)
where
    M: Compilable + Forward<Args = (Tensor,), Output = Tensor>,
{
    let Some(found) = compiled.and_then(|compiled| work.ok(compiled.forward(x))) else { return };
    work.same(&found, expected);
    // Without a gradient where each gate went the way without a weight.
    if found.requires_grad() {
        found.sum(Kind::Float).backward();
    }
}

fn untyped(work: &Work, module: &ScriptModule, x: &Tensor, expected: &Tensor) {
    match work.ok(module.forward(&[IValue::Tensor(x.shallow_clone())])) {
        Some(IValue::Tensor(found)) => work.same(&found, expected),
        Some(other) => work.wrong(format_args!("{other:?} instead of a tensor")),
        None => {}
    }
}
