//! The trace that is being recorded in this thread, and the calls that it records.
//!
//! `#[methods]` puts a check of [`is_tracing`] at the head of each entry. While a module is traced,
//! a compiled child's entry records a call of its TorchScript method instead of running its
//! Rust body, so that the child's control flow survives. A child that inherits its mode has none yet:
//! its entry is traced where it is called, and becomes a method of its own.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::compile::{Functions, Inherited};
use crate::error::Error;
use crate::ffi::{self, Value};
use crate::frames;
use crate::leaks::Site;
use crate::module::Forward;
use crate::private::ScriptFunction;
use crate::types::{ScriptArgs, ScriptOutput, ScriptType};

thread_local! {
    // Read at each call of an annotated module: const-initialised, it costs one comparison.
    static TRACING: Cell<bool> = const { Cell::new(false) };
    /// Whether the trace is that of the module in training.
    static TRAIN: Cell<bool> = const { Cell::new(true) };
    static CALLEES: RefCell<Vec<Callee>> = const { RefCell::new(Vec::new()) };
    static FUNCTIONS: RefCell<Option<Rc<Functions>>> = const { RefCell::new(None) };
    /// The module whose entry is at work.
    static SITE: RefCell<Option<Site>> = const { RefCell::new(None) };
    /// The object whose entry is about to be traced: it runs instead of being looked up.
    static ENTERED: Cell<Option<Identity>> = const { Cell::new(None) };
}

/// A Rust object: its address, if it has a size, and its type.
type Identity = (Option<usize>, &'static str);

/// A compiled module below the one that is being traced.
#[derive(Clone, Debug)]
pub struct Callee {
    /// The Rust object; none where it has no size, and so no identity.
    pub address: Option<usize>,
    /// Its type.
    pub ty: &'static str,
    /// Its compiled form.
    pub module: ffi::Module,
    /// Where its entry goes when it is traced as a part of its parent.
    pub inherited: Option<Rc<Inherited>>,
}

/// A failure on the way through a user's `forward`, which returns no `Result`.
pub struct Abort(pub Error);

/// Whether a trace is recorded in this thread.
#[inline]
pub fn is_tracing() -> bool {
    TRACING.get()
}

/// Whether the trace of this thread is that of the module in training.
pub fn mode() -> bool {
    TRAIN.get()
}

/// Runs `f`, the entry of `site`, in training or in evaluation, while calls of `callees` and of `#[script]`
/// functions, which are defined among `functions`, are recorded. The state is as before afterwards, also after
/// a panic.
pub fn while_tracing<R>(
    site: Site,
    callees: Vec<Callee>,
    functions: Rc<Functions>,
    train: bool,
    f: impl FnOnce() -> R,
) -> R {
    struct Restore(bool, bool, Vec<Callee>, Option<Rc<Functions>>);
    impl Drop for Restore {
        fn drop(&mut self) {
            TRACING.set(self.0);
            TRAIN.set(self.1);
            CALLEES.replace(std::mem::take(&mut self.2));
            FUNCTIONS.replace(self.3.take());
            ENTERED.set(None);
        }
    }
    let (callees, functions) = (CALLEES.replace(callees), FUNCTIONS.replace(Some(functions)));
    let _restore = Restore(TRACING.replace(true), TRAIN.replace(train), callees, functions);
    at_site(site, f)
}

/// Runs `f`, the entry of `site`, within another trace.
pub fn at_site<R>(site: Site, f: impl FnOnce() -> R) -> R {
    struct Restore(Option<Site>);
    impl Drop for Restore {
        fn drop(&mut self) {
            SITE.replace(self.0.take());
        }
    }
    let _restore = Restore(SITE.replace(Some(site)));
    frames::boundary(f)
}

/// The module whose entry is being traced in this thread.
pub fn site() -> Option<Site> {
    SITE.with(|site| site.try_borrow().ok()?.clone())
}

/// Records a call of `module`'s method, if it is a compiled child of the traced module. The
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
    let callee = find(module)?;
    if !callee.module.has_method(method) {
        return None;
    }
    let result = ffi::record_call(&callee.module, method, &args(), None).map_err(Error::from);
    Some(output_or_abort(result))
}

/// As [`record_call`], of a method that may be the entry.
///
/// # Panics
///
/// As there, and with what the entry panics with.
pub fn record_entry<M: Forward, R: ScriptOutput>(
    module: &M,
    method: &str,
    args: impl FnOnce() -> Vec<Value>,
) -> Option<R> {
    if ENTERED.get() == Some(identity(module)) {
        ENTERED.set(None);
        return None;
    }
    let inherited = find(module).and_then(|callee| callee.inherited);
    let is_entry = M::HAS_TRAIN == (method == "forward_t");
    let Some(inherited) = inherited.filter(|_| is_entry) else {
        return record_call(module, method, args);
    };
    let mut args = args();
    let train = M::HAS_TRAIN.then(|| args.pop().and_then(|it| it.as_bool()).unwrap_or_default());
    let traced = inherited.record(
        &args,
        M::ARG_NAMES,
        M::Args::type_names(),
        &M::Output::type_name(),
        train,
        |args| {
            let args = M::Args::from_values(&args)?;
            ENTERED.set(Some(identity(module)));
            Ok(module.eager(&args, train.unwrap_or(true)).to_value())
        },
    );
    traced.map(|result| output_or_abort(result))
}

/// Records a call of the function `F`.
///
/// # Panics
///
/// As [`record_call`].
pub fn record_function<F: ScriptFunction, R: ScriptOutput>(args: impl FnOnce() -> Vec<Value>) -> Option<R> {
    let functions = FUNCTIONS.with_borrow(Clone::clone)?;
    Some(output_or_abort(functions.record_call::<F>(&args())))
}

fn output_or_abort<R: ScriptOutput>(result: crate::Result<Value>) -> R {
    match result.and_then(|value| R::from_value(&value)) {
        Ok(output) => output,
        Err(error) => std::panic::resume_unwind(Box::new(Abort(error))),
    }
}

fn identity<M>(module: &M) -> Identity {
    let address = (size_of::<M>() > 0).then(|| std::ptr::from_ref(module).addr());
    (address, std::any::type_name::<M>())
}

fn find<M>(module: &M) -> Option<Callee> {
    let (address, ty) = identity(module);
    CALLEES.with_borrow(|callees| callees.iter().find(|it| it.address == address && it.ty == ty).cloned())
}
