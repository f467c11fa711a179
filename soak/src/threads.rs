//! Parts: many threads compile, call one module, and drop what other threads made.

use std::any::Any;
use std::cell::RefCell;
use std::sync::mpsc;
use std::thread;

use tch::{Kind, Tensor};
use tch_jit::{Compilable, Forward, ScriptModule};

use crate::models::{Mixed, Scripted, Traced, WIDTH, input};
use crate::work::Work;

pub const THREADS: usize = 8;

/// Each thread compiles modules of its own.
pub fn compile(work: &Work) {
    tch::set_num_threads(1);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for unit in work.units() {
                    compile_one(work, unit);
                    work.done();
                }
            });
        }
    });
}

/// A unit whose module is a mixed tree.
pub const MIXED: u64 = 2;

/// Compiles a module of the kind that `unit` says, and compares two calls of it with eager ones.
pub fn compile_one(work: &Work, unit: u64) {
    match unit % 3 {
        0 => compile_and_call(work, &Scripted::new(2)),
        1 => compile_and_call(work, &Traced::new()),
        _ => compile_and_call(work, &Mixed::new(2)),
    }
}

fn compile_and_call<M>(work: &Work, module: &M)
where
    M: Compilable + Forward<Args = (Tensor,), Output = Tensor>,
{
    let Some(compiled) = work.ok(tch_jit::compile(module)) else { return };
    for _ in 0..2 {
        let x = input();
        if let Some(found) = work.ok(compiled.forward(&x)) {
            work.same(&found, &module.eager(&(x,), true));
        }
    }
}

/// All threads call one module.
pub fn call(work: &Work) {
    tch::set_num_threads(1);
    let module = Mixed::new(2);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    thread::scope(|scope| {
        for _ in 0..THREADS {
            // Tensors of tch go to other threads, and are not used by two at once.
            let (module, compiled) = (module.share(false), &compiled);
            scope.spawn(move || {
                for _ in work.units() {
                    let x = input();
                    if let Some(found) = work.ok(compiled.forward(&x)) {
                        work.same(&found, &module.forward(&x));
                    }
                    work.done();
                }
            });
        }
    });
}

thread_local! {
    /// Dropped when its thread ends, among libtorch's own thread-locals.
    static KEPT: RefCell<Vec<Box<dyn Any>>> = RefCell::default();
}

/// What one thread makes and another drops: the last handles of a tree, a result with the graph of its gradients, and an
/// error.
struct Made {
    module: ScriptModule,
    child: ScriptModule,
    result: Tensor,
    error: tch_jit::Error,
}

/// Half of the threads make handles; each is dropped in another thread: by one that goes on, or at the end of one.
pub fn drop_elsewhere(work: &Work) {
    tch::set_num_threads(1);
    thread::scope(|scope| {
        for _ in 0..THREADS / 2 {
            let (send, receive) = mpsc::sync_channel::<Made>(4);
            scope.spawn(move || {
                let made = work.units().filter_map(|unit| make(work, unit));
                made.for_each(|made| send.send(made).expect("the other thread drops all"));
            });
            scope.spawn(move || {
                for (i, made) in receive.into_iter().enumerate() {
                    if i % 2 == 0 {
                        use_up(work, made);
                    } else {
                        thread::scope(|scope| {
                            _ = scope.spawn(|| KEPT.with_borrow_mut(|kept| kept.push(Box::new(made))))
                        });
                    }
                    work.done();
                }
            });
        }
    });
}

fn make(work: &Work, unit: u64) -> Option<Made> {
    let compiled = match unit % 3 {
        0 => work.ok(tch_jit::compile(&Scripted::new(1)))?.into_script_module(),
        1 => work.ok(tch_jit::compile(&Traced::new()))?.into_script_module(),
        _ => work.ok(tch_jit::compile(&Mixed::new(1)))?.into_script_module(),
    };
    let result = Tensor::try_from(work.ok(compiled.forward(&[input().into()]))?).expect("a tensor");
    let (_, child) = compiled.named_modules().pop().expect("the module itself at least");
    let Err(error) = compiled.forward(&[Tensor::ones([2, WIDTH + 1], tch::kind::FLOAT_CPU).into()]) else {
        work.failed("an input of the wrong width was taken");
        return None;
    };
    Some(Made { module: compiled, child, result, error })
}

/// Drops the root before its child, and both before the gradients are computed.
fn use_up(work: &Work, made: Made) {
    let Made { module, child, result, error } = made;
    if !error.to_string().contains("must match the size")
        && !error.to_string().contains("cannot be multiplied")
    {
        work.failed(error);
    }
    drop(module);
    work.same(&Tensor::from(child.named_children().len() as i64), &Tensor::from(0i64));
    drop(child);
    // Without a gradient where each gate went the way without a weight.
    if result.requires_grad() {
        result.sum(Kind::Float).backward();
    }
}
