//! Part: user code panics at random, in many threads. Each panic is an error or is caught, and what is compiled and
//! called next in the same thread is right.

use std::panic::{self, AssertUnwindSafe, catch_unwind};
use std::thread;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Kind, Tensor, nn};
use tch_jit::{Compiled, Compiler};

use crate::models::{Mixed, Panicking, Panics, WIDTH, input};
use crate::threads::{THREADS, compile_one};
use crate::work::Work;

/// What panics with intent says this, and is not printed.
const ASKED_FOR: &str = "as asked for";

pub fn panics(work: &Work) {
    tch::set_num_threads(1);
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let text = info.to_string();
        if !text.contains(ASKED_FOR) && !text.contains(OF_LIBTORCH) {
            print(info);
        }
    }));
    let module = Mixed::new(1);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    thread::scope(|scope| {
        for _ in 0..THREADS {
            let (module, compiled) = (module.share(false), &compiled);
            scope.spawn(move || {
                for unit in work.units() {
                    // The seed is the unit, so that each unit does the same in every run.
                    let mut random = ChaCha8Rng::seed_from_u64(unit);
                    match random.gen_range(0..3) {
                        0 => while_compiling(work, &mut random),
                        1 => in_a_closure(work, random.r#gen()),
                        _ => beside_a_call(work, compiled, random.r#gen()),
                    }
                    let x = input();
                    if let Some(found) = work.ok(compiled.forward(&x)) {
                        work.same(&found, &module.forward(&x));
                    }
                    compile_one(work, unit);
                    work.done();
                }
            });
        }
    });
}

fn while_compiling(work: &Work, random: &mut ChaCha8Rng) {
    let kinds = [Panics::Never, Panics::AtOnce, Panics::InForward, Panics::InOperator, Panics::InInputs];
    let panics = kinds[random.gen_range(0..kinds.len())];
    let expected = if panics == Panics::InOperator { OF_LIBTORCH } else { ASKED_FOR };
    match tch_jit::compile(&Panicking::new(panics)) {
        Ok(_) if panics == Panics::Never => {}
        Ok(_) => work.failed(format_args!("a module that panics ({panics:?}) was compiled")),
        Err(error) if panics != Panics::Never && error.to_string().contains(expected) => {}
        Err(error) => work.failed(error),
    }
}

/// What libtorch says of tensors that do not fit.
const OF_LIBTORCH: &str = "cannot be multiplied";

/// A closure that panics when it is traced, and one that is a part of a traced model and panics in eager use.
fn in_a_closure(work: &Work, panics: bool) {
    let traced = Compiler::new().trace_fn(input(), |x: &Tensor| {
        assert!(!panics, "in a closure, {ASKED_FOR}");
        x.tanh()
    });
    match traced {
        Ok(module) => {
            let x = input();
            if let Some(found) = work.ok(module.forward(&[x.shallow_clone().into()])) {
                work.same(&Tensor::try_from(found).expect("a tensor"), &x.tanh());
            }
        }
        Err(error) if panics && error.to_string().contains(ASKED_FOR) => {}
        Err(error) => work.failed(error),
    }
}

/// The caller panics while it holds results, or since a call failed: as tch's `Module`, the compiled module panics then.
fn beside_a_call(work: &Work, compiled: &Compiled<Mixed>, by_itself: bool) {
    let caught = catch_unwind(AssertUnwindSafe(|| {
        let result = compiled.forward(input());
        if by_itself {
            let _ = nn::Module::forward(
                compiled,
                &Tensor::zeros([1, WIDTH + 1], (Kind::Float, tch::Device::Cpu)),
            );
        }
        panic!("with {} result, {ASKED_FOR}", result.iter().count());
    }));
    let Err(payload) = caught;
    let text = payload.downcast_ref::<String>().map_or("", String::as_str);
    let expected = if by_itself { OF_LIBTORCH } else { ASKED_FOR };
    if !text.contains(expected) {
        work.failed(format_args!("a panic with `{text}`"));
    }
}
