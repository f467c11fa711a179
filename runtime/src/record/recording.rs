//! The trace that is being recorded in this thread, and the calls that it records.
//!
//! `#[methods]` puts a check of [`is_tracing`] at the head of each entry. While a module is traced, a compiled child's
//! entry records a call of its TorchScript method instead of running its Rust body, so that the child's control flow
//! survives. A child that inherits its mode has no method yet: its entry is traced where it is called, and becomes one.
//! The compiler, which knows the compiled modules, implements [`Callees`].

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::frames;
use crate::error::{Error, Result};
use crate::ffi::{Type, Value};
use crate::identity::{Object, RustType};
use crate::model::definition::{MethodDefs, ScriptFunction};
use crate::model::module::Forward;
use crate::place::Site;
use crate::types::{ScriptArgs, ScriptOutput, ScriptType};

thread_local! {
    /// Whether a trace is recorded in this thread. Each call of an annotated module reads this: const-initialised, it
    /// costs one comparison.
    static TRACING: Cell<bool> = const { Cell::new(false) };
    static CURRENT: RefCell<Option<Recording>> = const { RefCell::new(None) };
}

/// The trace of one thread.
pub struct Recording {
    /// The module and the method that are being traced.
    site: Site,
    /// Whether the trace is that of the module in training.
    train: bool,
    callees: Rc<dyn Callees>,
    /// The object whose entry is about to be traced, so that the entry runs instead of being looked up among the
    /// callees.
    entered: Option<Object>,
    /// The first call that failed, with its error and its place. The body may handle that, and go on.
    failed_call: Option<String>,
}

/// What a trace can record calls of. Each method records a call, runs it and returns its result.
pub trait Callees {
    /// Calls a method of a compiled module; none where the object is not compiled, or lacks the method. `args` makes
    /// the arguments, only if there is a call.
    fn method(
        &self,
        object: Object,
        method: &str,
        args: &mut dyn FnMut() -> Vec<Value>,
    ) -> Option<Result<Value>>;

    /// Calls the entry of a compiled module, or of one that is traced where it is called, by running `body`. None where
    /// the entry has to be a part of the caller's graph.
    fn entry(
        &self,
        object: Object,
        call: &EntryCall,
        args: &mut dyn FnMut() -> Vec<Value>,
        body: &mut dyn FnMut(&[Value], bool) -> Result<Value>,
    ) -> Option<Result<Value>>;

    /// Calls a function with `#[script]`. `define` adds its definition, and returns its companion.
    fn function(&self, define: fn(&mut MethodDefs) -> RustType, args: &[Value]) -> Result<Value>;
}

/// The signature of an entry that is called.
pub struct EntryCall {
    /// Its name in TorchScript.
    pub method: &'static str,
    /// Whether the last argument says that the module is in training.
    pub has_train: bool,
    /// The names of the other arguments.
    pub arg_names: &'static [&'static str],
    /// Their types.
    pub arg_types: fn() -> Vec<Type>,
    /// The type of the result.
    pub output_type: fn() -> Type,
}

/// The payload of a panic that carries an error through a user's `forward`, which returns no `Result`.
pub struct Abort(pub Error);

/// Whether a trace is recorded in this thread.
#[inline]
pub fn is_tracing() -> bool {
    TRACING.get()
}

/// Whether the trace of this thread is that of the module in training; true where there is no trace.
pub fn in_training() -> bool {
    CURRENT.with_borrow(|current| current.as_ref().is_none_or(|it| it.train))
}

/// The module whose entry is being traced in this thread.
pub fn site() -> Option<Site> {
    // A tensor's memory may be read at any time, also while the recording changes.
    CURRENT.with(|current| Some(current.try_borrow().ok()?.as_ref()?.site.clone()))
}

impl Recording {
    /// A recording of the entry of `site`, in training or in evaluation, whose calls of `callees` are recorded.
    pub fn new(site: Site, train: bool, callees: Rc<dyn Callees>) -> Recording {
        Recording { site, train, callees, entered: None, failed_call: None }
    }

    /// Runs `f` while calls are recorded, and returns what it returns, with the first call that failed in it. Afterwards
    /// the thread's recording is what it was before, also after a panic.
    pub fn run<R>(self, f: impl FnOnce() -> R) -> (R, Option<String>) {
        struct Restore(Option<Recording>);
        impl Drop for Restore {
            fn drop(&mut self) {
                TRACING.set(self.0.is_some());
                CURRENT.replace(self.0.take());
            }
        }
        let _restore = Restore(CURRENT.replace(Some(self)));
        TRACING.set(true);
        let result = frames::boundary(f);
        (result, CURRENT.with_borrow_mut(|current| current.as_mut()?.failed_call.take()))
    }
}

/// Runs `f`, the entry of `site`, within the recording of this thread.
pub fn at_site<R>(site: Site, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Site>);
    impl Restore {
        fn swap(&mut self) {
            CURRENT.with_borrow_mut(|current| {
                if let (Some(current), Some(site)) = (current, &mut self.0) {
                    std::mem::swap(&mut current.site, site);
                }
            });
        }
    }
    impl Drop for Restore {
        fn drop(&mut self) {
            self.swap();
        }
    }
    let mut restore = Restore(Some(site));
    restore.swap();
    frames::boundary(f)
}

fn callees() -> Option<Rc<dyn Callees>> {
    CURRENT.with_borrow(|current| current.as_ref().map(|it| it.callees.clone()))
}

fn set_entered(object: Option<Object>) -> Option<Object> {
    CURRENT.with_borrow_mut(|current| std::mem::replace(&mut current.as_mut()?.entered, object))
}

/// Records a call of `module`'s method, named as in TorchScript, if it is a compiled child of the traced module. The
/// arguments are made only then.
///
/// # Panics
///
/// Unwinds with [`Abort`] where libtorch refuses the call; the trace turns it into its error.
pub fn record_call<M, R: ScriptOutput>(
    module: &M,
    method: &str,
    args: impl FnOnce() -> Vec<Value>,
) -> Option<R> {
    let result = callees()?.method(Object::of(module), method, &mut once(args));
    result.map(output_or_abort)
}

/// As [`record_call`], of a method that may be the entry.
///
/// # Panics
///
/// As [`record_call`], and with the entry's own panics.
pub fn record_entry<M: Forward, R: ScriptOutput>(
    module: &M,
    method: &'static str,
    args: impl FnOnce() -> Vec<Value>,
) -> Option<R> {
    let object = Object::of(module);
    let entered = set_entered(None);
    if entered == Some(object) {
        return None;
    }
    set_entered(entered);
    let has_train = method == "forward_t";
    if M::HAS_TRAIN != has_train {
        return record_call(module, method, args);
    }
    let call = EntryCall {
        method,
        has_train,
        arg_names: M::ARG_NAMES,
        arg_types: M::Args::script_types,
        output_type: M::Output::script_type,
    };
    let mut body = |args: &[Value], train: bool| {
        let args = M::Args::from_values(args)?;
        set_entered(Some(object));
        Ok(module.eager(&args, train).to_value())
    };
    let result = callees()?.entry(object, &call, &mut once(args), &mut body);
    result.map(output_or_abort)
}

/// Records a call of the function `F`.
///
/// # Panics
///
/// As [`record_call`].
pub fn record_function<F: ScriptFunction, R: ScriptOutput>(args: impl FnOnce() -> Vec<Value>) -> Option<R> {
    Some(output_or_abort(callees()?.function(F::define, &args())))
}

/// `args` as an `FnMut`, which [`Callees`] can take by reference; it must be called only once.
fn once(args: impl FnOnce() -> Vec<Value>) -> impl FnMut() -> Vec<Value> {
    let mut args = Some(args);
    move || args.take().expect("the arguments of a call are made once")()
}

fn output_or_abort<R: ScriptOutput>(result: Result<Value>) -> R {
    match result.and_then(|value| R::from_value(&value)) {
        Ok(output) => output,
        Err(error) => {
            CURRENT.with_borrow_mut(|current| {
                let Some(current) = current else { return };
                let place = || frames::caller(1).map_or_else(String::new, |frame| format!("\n{frame}"));
                current.failed_call.get_or_insert_with(|| format!("{error}{}", place()));
            });
            std::panic::resume_unwind(Box::new(Abort(error)))
        }
    }
}
