//! Part: a module is changed, copied, frozen, saved and loaded, all at once, while others call it.

use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tch::{Device, Tensor};
use tch_jit::{Compiled, ScriptModule};

use crate::models::{Mixed, input};
use crate::threads::THREADS;
use crate::work::Work;

/// The Rust module in both of its modes.
struct Modes {
    evaluation: Mixed,
    training: Mixed,
}

impl Modes {
    fn share(&self) -> Modes {
        Modes { evaluation: self.evaluation.share(false), training: self.training.share(true) }
    }

    /// Notes where the module's result is that of neither mode: a call sees one mode of the whole tree.
    fn compare(&self, work: &Work, module: &ScriptModule) {
        let x = input();
        if let Some(found) = called(work, module, &x) {
            let [evaluation, training] = [self.evaluation.forward(&x), self.training.forward(&x)];
            if found != evaluation && found != training {
                work.wrong(format_args!("{found}\ninstead of {evaluation}\nor {training}"));
            }
        }
    }

    fn compare_evaluation(&self, work: &Work, module: &ScriptModule) {
        let x = input();
        if let Some(found) = called(work, module, &x) {
            work.same(&found, &self.evaluation.forward(&x));
        }
    }
}

fn called(work: &Work, module: &ScriptModule, x: &Tensor) -> Option<Tensor> {
    let found = work.ok(module.forward(&[x.shallow_clone().into()]))?;
    Some(Tensor::try_from(found).expect("a tensor"))
}

pub fn changes(work: &Work) {
    tch::set_num_threads(1);
    let module = Mixed::new(2);
    let compiled = tch_jit::compile(&module).expect("the module compiles");
    let modes = Modes { training: module.share(true), evaluation: module };
    let dir = tempfile::tempdir().expect("a directory for files");
    let file = dir.path().join("module.pt");
    work.ok(compiled.save(&file));
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..THREADS / 2 {
            let (modes, compiled, is_over) = (modes.share(), &compiled, &is_over);
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    modes.compare(work, compiled);
                }
            });
        }
        let changing = (0..THREADS / 2).map(|_| {
            let (modes, compiled, file) = (modes.share(), &compiled, &file);
            scope.spawn(move || {
                for unit in work.units() {
                    change(work, unit, compiled, &modes, file);
                    work.done();
                }
            })
        });
        let changing: Vec<_> = changing.collect();
        let ends: Vec<_> = changing.into_iter().map(thread::ScopedJoinHandle::join).collect();
        is_over.store(true, Ordering::Relaxed);
        ends.into_iter().for_each(|end| end.expect("a change panicked"));
    });
}

/// One of the changes. All threads use one file.
fn change(work: &Work, unit: u64, compiled: &Compiled<Mixed>, modes: &Modes, file: &Path) {
    match unit % 8 {
        0 => compiled.train(),
        1 => compiled.eval(),
        2 => _ = work.ok(compiled.to(Device::Cpu)),
        3 => {
            if let Some(copy) = work.ok(compiled.deep_copy()) {
                modes.compare(work, &copy);
                copy.eval();
                modes.compare_evaluation(work, &copy);
            }
        }
        4 => {
            let frozen = work.ok(compiled.deep_copy()).and_then(|copy| {
                copy.eval();
                work.ok(copy.freeze())
            });
            if let Some(frozen) = frozen {
                modes.compare_evaluation(work, &frozen);
            }
        }
        // libtorch freezes no module in training.
        5 => match compiled.freeze() {
            Ok(frozen) => modes.compare_evaluation(work, &frozen),
            Err(error) if error.to_string().contains("in eval mode") => {}
            Err(error) => work.failed(error),
        },
        6 => _ = work.ok(compiled.save(file)),
        _ => {
            if let Some(loaded) = work.ok(ScriptModule::load(file)) {
                modes.compare(work, &loaded);
            }
        }
    }
}
