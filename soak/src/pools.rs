//! Parts: modules are compiled and called by the threads of rayon's pool, and of tokio's for blocking work.

use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use tch_jit::Compiled;

use crate::models::{Mixed, input};
use crate::threads::{THREADS, compile_one};
use crate::work::Work;

/// One of so many units compiles.
const COMPILES: u64 = 50;

/// The Rust module, which each task shares with the others: its tensors are not used by two threads at once.
type Source = Mutex<Mixed>;

fn share(source: &Source) -> Mixed {
    source.lock().expect("no holder panics").share(false)
}

/// A task waits for others in the middle of its work, so that rayon gives its thread other tasks meanwhile.
pub fn rayon(work: &Work) {
    tch::set_num_threads(1);
    let module = Mixed::new(2);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    let source = Mutex::new(module);
    let call = |module: &Mixed| {
        let x = input();
        if let Some(found) = work.ok(compiled.forward(&x)) {
            work.same(&found, &module.forward(&x));
        }
    };
    let pool = rayon::ThreadPoolBuilder::new().num_threads(THREADS).build().expect("threads can be started");
    pool.install(|| {
        (0..work.n()).into_par_iter().for_each(|unit| {
            let module = share(&source);
            if unit % COMPILES == 0 {
                let other = share(&source);
                rayon::join(|| compile_one(work, unit), move || call(&other));
            }
            call(&module);
            work.done();
        });
    });
}

/// A handle moves with its task, whose calls run in several threads.
pub fn tokio(work: &'static Work) {
    tch::set_num_threads(1);
    let module = Mixed::new(2);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    let source = Arc::new(Mutex::new(module));
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime =
        builder.worker_threads(2).max_blocking_threads(THREADS).build().expect("threads can be started");
    let serve = |compiled: Compiled<Mixed>, source: Arc<Source>| async move {
        for unit in work.units() {
            let (compiled, source) = (compiled.clone(), source.clone());
            let call = move || {
                let (module, x) = (share(&source), input());
                if unit % COMPILES == 0 {
                    compile_one(work, unit);
                }
                if let Some(found) = work.ok(compiled.forward(&x)) {
                    work.same(&found, &module.forward(&x));
                }
                work.done();
            };
            tokio::task::spawn_blocking(call).await.expect("no call panics");
        }
    };
    let tasks: Vec<_> =
        (0..2 * THREADS).map(|_| runtime.spawn(serve(compiled.clone(), source.clone()))).collect();
    runtime.block_on(async {
        for task in tasks {
            task.await.expect("no task panics");
        }
    });
}
