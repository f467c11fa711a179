//! [`ScriptModule`]: a compiled or loaded module, without its Rust type.

use std::any::Any;
use std::fmt::{self, Display, Formatter};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use tch::{Device, IValue, Kind, Tensor};

use super::meta::{FixedOptions, Metas, ModuleMeta, WrittenBy};
use super::{Report, Warning};
use crate::error::{Error, Result};
use crate::ffi::{self, Executor, Type, Value};
use crate::model::member::Member;
use crate::model::mode::CompileMode;
use crate::model::node::{Artifact, MemberValue};
use crate::model::training;
use crate::place::relative;
use crate::types::{CallArgs, scalar_type, to_ivalue};

/// A TorchScript module: hierarchical, with named parameters and buffers.
///
/// Its parameters and buffers are those of the Rust module that it was compiled from, unless
/// [`Compiler::deep_copy`](crate::Compiler::deep_copy) detached them: an optimizer that moves one
/// moves both.
///
/// Handles are `Send` and `Sync`. All handles of one tree share a lock: calls, printing and saving hold it for reading,
/// and may run in many threads at once; what changes modules (`train`, `eval`, `to`, `to_kind`) or makes further ones
/// of their classes (`freeze`, `optimize_for_inference`, `deep_copy`) holds it for writing, waits until the calls at
/// work have returned, and affects all handles. Tensors that the tree shares with the Rust module are not covered by
/// the lock: nobody may train them while another thread calls.
///
/// A method runs as it is written, with the operators and the gradients of eager code, from the first call on. See
/// [`Compiler::optimized_execution`](crate::Compiler::optimized_execution) for libtorch's own way.
///
/// ```
/// # fn main() -> tch_jit::Result<()> {
/// use tch::Tensor;
/// let unit = tch_jit::compile_source("def double(x): return 2 * x")?;
/// let y = unit.call("double", &[tch::IValue::Tensor(Tensor::from(1.5))])?;
/// assert_eq!(y, tch::IValue::Tensor(Tensor::from(3.0)));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ScriptModule {
    pub(super) module: ffi::JitModule,
    pub(super) tree: Arc<Tree>,
    /// The path from the tree's root to this module.
    pub(super) path: String,
}

/// What all handles of one tree share.
#[derive(Debug)]
pub(super) struct Tree {
    pub(super) metas: Metas,
    written_by: Option<WrittenBy>,
    warnings: Vec<Warning>,
    report: Report,
    /// Guards the modules and their compilation unit: see [`ScriptModule`] for what reads and what writes.
    lock: RwLock<()>,
    /// Whether calls go through libtorch's profiling executor.
    optimized_execution: AtomicBool,
    /// Whether it, or a part of it, was compiled for evaluation only.
    is_eval_only: bool,
    /// The trees of modules in this one that were compiled or loaded before, whose locks are taken with this one's: in
    /// the order of their addresses, so that no two threads wait for each other.
    within: Vec<Arc<Tree>>,
}

/// The locks of a tree and of the trees in it.
pub(super) struct Held<G> {
    _guards: Vec<G>,
}

impl Tree {
    fn new(
        metas: Metas,
        written_by: Option<WrittenBy>,
        warnings: Vec<Warning>,
        report: Report,
        within: Vec<Arc<Tree>>,
    ) -> Tree {
        Tree {
            within,
            is_eval_only: metas.values().any(|meta| meta.eval_only),
            metas,
            written_by,
            warnings,
            report,
            lock: RwLock::new(()),
            optimized_execution: AtomicBool::new(false),
        }
    }

    /// Takes the lock for reading modules.
    pub(super) fn read(&self) -> Held<RwLockReadGuard<'_, ()>> {
        let locks = std::iter::once(&self.lock).chain(self.within.iter().map(|it| &it.lock));
        Held { _guards: locks.map(|lock| lock.read().unwrap_or_else(PoisonError::into_inner)).collect() }
    }

    fn executor(&self) -> Executor {
        if self.optimized_execution.load(Ordering::Relaxed) { Executor::Profiling } else { Executor::Plan }
    }

    /// Takes the lock for changing modules, or for adding to their unit.
    fn write(&self) -> Held<RwLockWriteGuard<'_, ()>> {
        let locks = std::iter::once(&self.lock).chain(self.within.iter().map(|it| &it.lock));
        Held { _guards: locks.map(|lock| lock.write().unwrap_or_else(PoisonError::into_inner)).collect() }
    }
}

impl ScriptModule {
    pub(crate) fn new(
        module: ffi::JitModule,
        metas: Metas,
        warnings: Vec<Warning>,
        report: Report,
        within: &[ScriptModule],
    ) -> Self {
        let mut trees: Vec<Arc<Tree>> = vec![];
        for module in within {
            trees.extend(std::iter::once(&module.tree).chain(&module.tree.within).cloned());
        }
        trees.sort_by_key(Arc::as_ptr);
        trees.dedup_by_key(|tree| Arc::as_ptr(tree));
        Self::of_tree(module, Tree::new(metas, None, warnings, report, trees))
    }

    /// What is known of this module and of those below it, by their paths from it.
    pub(crate) fn metas(&self) -> Metas {
        let below = |(path, meta): (&String, &ModuleMeta)| {
            Some((relative(path, &self.path)?.to_owned(), meta.clone()))
        };
        self.tree.metas.iter().filter_map(below).collect()
    }

    /// What a file holds.
    pub(super) fn loaded(module: ffi::JitModule, metas: Metas, written_by: Option<WrittenBy>) -> Self {
        Self::of_tree(module, Tree::new(metas, written_by, vec![], Report::default(), vec![]))
    }

    fn of_tree(module: ffi::JitModule, tree: Tree) -> Self {
        ScriptModule { module, tree: Arc::new(tree), path: String::new() }
    }

    fn with(&self, module: ffi::JitModule) -> Self {
        ScriptModule { module, tree: self.tree.clone(), path: self.path.clone() }
    }

    /// Runs `forward`. `args` is a tensor, or a tuple of the arguments, or a slice of [`IValue`]s: `forward(&x)`,
    /// `forward((&x, 3))`, `forward(&[IValue::Int(3)])`.
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with libtorch's message, which underlines the Rust source where it knows
    /// it; [`Error::Type`] where a value is an object.
    pub fn forward<Form>(&self, args: impl CallArgs<Form>) -> Result<IValue> {
        self.call("forward", args)
    }

    /// Runs the method `name`: its name in Rust, or that in TorchScript, which differs where Python has no such name, or
    /// where a field has it.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::forward`]; also where there is no such method.
    pub fn call<Form>(&self, name: &str, args: impl CallArgs<Form>) -> Result<IValue> {
        to_ivalue(&self.call_values(name, &args.values()?)?)
    }

    /// The name in TorchScript of a method with this name in Rust, or in TorchScript.
    pub(super) fn method_name<'n>(&'n self, name: &'n str) -> &'n str {
        self.tree.metas.get(&self.path).and_then(|meta| meta.methods.get(name)).map_or(name, String::as_str)
    }

    pub(crate) fn call_values(&self, name: &str, args: &[Value]) -> Result<Value> {
        let name = self.method_name(name);
        if !self.module.has_method(name) {
            return Err(Error::Call(format!(
                "`{}` has no method `{name}`; it has: {}",
                self.original_name(),
                self.module.methods().join(", ")
            )));
        }
        let fitted = self.fitted(name, args)?;
        let args = fitted.as_deref().unwrap_or(args);
        // As a child of what is being traced, it is called there, too.
        if ffi::is_traced(&self.module) {
            return ffi::record_call(&self.module, name, args, None)
                .map_err(|failure| Error::Call(failure.to_string()));
        }
        refuse_in_trace()?;
        let _held = self.tree.read();
        if self.tree.is_eval_only && self.module.is_training() {
            return Err(Error::Call(
                "the module is in training mode, and was compiled for evaluation only\n\
                 help: call `eval`, or compile it without `Compiler::eval_only`"
                    .into(),
            ));
        }
        self.call_held(name, args)
    }

    /// The options among the arguments of a method that its trace has as plain values, or not at all.
    pub(super) fn fixed_options(&self, method: &str) -> Option<&FixedOptions> {
        self.tree.metas.get(&self.path)?.options.get(self.method_name(method))
    }

    /// The arguments as the method takes them in TorchScript, where that differs.
    fn fitted(&self, name: &str, args: &[Value]) -> Result<Option<Vec<Value>>> {
        let Some(options) = self.fixed_options(name) else { return Ok(None) };
        options.fit(args).map(Some).map_err(Error::Call)
    }

    /// As `call_values`, for a caller that holds the tree's lock.
    fn call_held(&self, name: &str, args: &[Value]) -> Result<Value> {
        self.module.call(name, args, self.tree.executor()).map_err(|failure| {
            // libtorch says that there is text in place of a device, and not which.
            let device = args.iter().find_map(Value::impossible_device);
            let help = device.map_or_else(String::new, |it| format!("\nhelp: there is no device `{it}`"));
            Error::Call(format!("{failure}{help}"))
        })
    }

    /// Runs a method with the tree in training or in evaluation mode; afterwards each module is in its former mode.
    pub(crate) fn call_in_mode(&self, name: &str, args: &[Value], train: bool) -> Result<Value> {
        let _held = self.tree.write();
        let name = self.method_name(name);
        let fitted = self.fitted(name, args)?;
        let args = fitted.as_deref().unwrap_or(args);
        training::with_compiled(&self.module, train, || self.call_held(name, args))
    }

    /// The schema of a method, such as `forward(__torch__.Gate self, Tensor x) -> Tensor`; empty
    /// where there is none.
    pub fn schema(&self, method: &str) -> String {
        self.module.schema(self.method_name(method))
    }

    /// The types of a method's arguments and of its result; none where there is no such method.
    pub(super) fn signature(&self, method: &str) -> Option<(Vec<Type>, Type)> {
        self.module.signature(self.method_name(method))
    }

    /// Names of the compiled methods.
    pub fn methods(&self) -> Vec<String> {
        self.module.methods()
    }

    /// The TorchScript source of `forward`; empty where there is none.
    pub fn code(&self) -> String {
        self.code_of("forward").unwrap_or_default()
    }

    /// The TorchScript source of a method.
    ///
    /// # Errors
    ///
    /// Where there is no such method.
    pub fn code_of(&self, method: &str) -> Result<String> {
        Ok(self.module.code(self.method_name(method))?)
    }

    /// The graph of `forward`, with Rust places; empty where there is none.
    pub fn graph(&self) -> String {
        self.module.graph("forward", false).unwrap_or_default()
    }

    /// The graph of `forward` with the calls of other methods replaced by their graphs.
    pub fn inlined_graph(&self) -> String {
        self.module.graph("forward", true).unwrap_or_default()
    }

    /// Parameters of the tree, with dots in their names.
    pub fn named_parameters(&self) -> Vec<(String, Tensor)> {
        self.module.parameters(true)
    }

    /// Buffers of the tree, with dots in their names.
    pub fn named_buffers(&self) -> Vec<(String, Tensor)> {
        self.module.buffers(true)
    }

    /// The direct submodules.
    pub fn named_children(&self) -> Vec<(String, ScriptModule)> {
        let of = |(name, module): (String, ffi::JitModule)| {
            let path = if self.path.is_empty() { name.clone() } else { format!("{}.{name}", self.path) };
            (name, ScriptModule { module, tree: self.tree.clone(), path })
        };
        self.module.children().into_iter().map(of).collect()
    }

    /// This module, under the empty name, and all below it, parents first.
    pub fn named_modules(&self) -> Vec<(String, ScriptModule)> {
        let mut modules = vec![(String::new(), self.clone())];
        for (name, child) in self.named_children() {
            for (below, module) in child.named_modules() {
                let name = if below.is_empty() { name.clone() } else { format!("{name}.{below}") };
                modules.push((name, module));
            }
        }
        modules
    }

    /// The submodule at `path`, such as `encoder.layers.0`.
    pub fn submodule(&self, path: &str) -> Option<ScriptModule> {
        path.split('.').try_fold(self.clone(), |module, name| {
            module.named_children().into_iter().find(|(child, _)| child == name).map(|(_, child)| child)
        })
    }

    /// What the compiler found doubtful: sizes and kinds that the Rust code takes and a trace cannot follow, and, with
    /// [`Compiler::deny_warnings`](crate::Compiler::deny_warnings) off, data that leaves a trace. Saved files hold no
    /// warnings.
    pub fn warnings(&self) -> &[Warning] {
        &self.tree.warnings
    }

    /// What is known of the traced methods of the whole tree: which sizes are free, which constants follow from them,
    /// and what was recorded. Saved files hold no report.
    pub fn report(&self) -> &Report {
        &self.tree.report
    }

    /// The mode that the module was compiled in. A list or a map of modules, and a module of a
    /// file that this library did not write, says `Inherit`.
    pub fn mode(&self) -> CompileMode {
        self.tree.metas.get(&self.path).map_or(CompileMode::Inherit, |meta| meta.mode)
    }

    /// The Rust type that the module was compiled from; empty where that is not known.
    pub fn rust_type(&self) -> &str {
        self.tree.metas.get(&self.path).map_or("", |meta| &meta.ty)
    }

    /// Which versions of this library and of libtorch wrote the file that the module was loaded from; `None` where it
    /// was compiled in this process, or where the file does not say.
    pub fn written_by(&self) -> Option<&WrittenBy> {
        self.tree.written_by.as_ref()
    }

    /// The class's name: the Rust struct's, or PyTorch's for a layer of tch.
    pub fn original_name(&self) -> String {
        self.module.class_name()
    }

    /// Whether both modules are instances of one TorchScript class.
    pub fn same_class(&self, other: &ScriptModule) -> bool {
        self.module.same_class(&other.module)
    }

    /// Puts the tree into training mode: a compiled `forward` then calls `forward_t` with `train` set.
    pub fn train(&self) {
        let _held = self.tree.write();
        self.module.train(true);
    }

    /// Puts the tree into evaluation mode.
    pub fn eval(&self) {
        let _held = self.tree.write();
        self.module.train(false);
    }

    /// Whether the module is in training mode, as it is after compiling.
    pub fn is_training(&self) -> bool {
        let _held = self.tree.read();
        self.module.is_training()
    }

    /// Whether calls go through libtorch's profiling executor, as
    /// [`Compiler::optimized_execution`](crate::Compiler::optimized_execution) describes it; off by default, also in
    /// what was loaded.
    pub fn set_optimized_execution(&self, on: bool) {
        self.tree.optimized_execution.store(on, Ordering::Relaxed);
    }

    /// Moves parameters and buffers to `device`, in place: the Rust module's tensors move with them.
    ///
    /// # Errors
    ///
    /// Where libtorch cannot move them, for example because there is no such device.
    pub fn to(&self, device: Device) -> Result<()> {
        let _held = self.tree.write();
        Ok(self.module.to(device, None)?)
    }

    /// As [`ScriptModule::to`], and converts floating-point tensors to `kind`.
    ///
    /// # Errors
    ///
    /// Where libtorch cannot move or convert them.
    pub fn to_kind(&self, device: Device, kind: Kind) -> Result<()> {
        let kind = i32::try_from(scalar_type(kind)).expect("numbers of dtypes are small");
        let _held = self.tree.write();
        Ok(self.module.to(device, Some(kind))?)
    }

    /// A copy with parameters and attributes folded into the graphs, as `torch.jit.freeze`. Exported methods are kept.
    ///
    /// # Errors
    ///
    /// Where the module is in training mode.
    pub fn freeze(&self) -> Result<ScriptModule> {
        let _held = self.tree.write();
        Ok(self.with(self.module.freeze()?))
    }

    /// A frozen copy with layers fused, as `torch.jit.optimize_for_inference`. With convolutions of two or three
    /// dimensions, it cannot be saved: save the module itself, and optimize what is loaded.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::freeze`].
    pub fn optimize_for_inference(&self) -> Result<ScriptModule> {
        let _held = self.tree.write();
        Ok(self.with(self.module.optimize_for_inference()?))
    }

    /// A copy with parameters of its own, which are leaves and require grad as the originals do.
    ///
    /// # Errors
    ///
    /// Where libtorch cannot copy an attribute.
    pub fn deep_copy(&self) -> Result<ScriptModule> {
        let _held = self.tree.write();
        Ok(self.with(self.module.deep_copy()?))
    }
}

/// An error while a trace is recorded: libtorch would record the operators of this one run, and lose the branches that
/// it does not take.
pub(super) fn refuse_in_trace() -> Result<()> {
    if !ffi::is_tracing() {
        return Ok(());
    }
    Err(Error::Call(
        "a compiled module cannot be called in a body that is being traced: its branches would get lost\n\
         help: make it, or the Rust module, a field of the traced one"
            .into(),
    ))
}

#[diagnostic::do_not_recommend]
impl Member for ScriptModule {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        MemberValue::Artifact(self)
    }
}

impl Artifact for ScriptModule {
    fn jit(&self) -> &ffi::JitModule {
        &self.module
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The tree as PyTorch prints it, with each module's mode.
impl Display for ScriptModule {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        fn print(f: &mut Formatter<'_>, module: &ScriptModule, depth: usize) -> fmt::Result {
            let children = module.named_children();
            write!(f, "{}(", module.original_name())?;
            match module.mode() {
                CompileMode::Inherit => {}
                mode => write!(f, "mode={mode}")?,
            }
            if children.is_empty() {
                return f.write_str(")");
            }
            let pad = "  ".repeat(depth + 1);
            for (name, child) in children {
                write!(f, "\n{pad}({name}): ")?;
                print(f, &child, depth + 1)?;
            }
            write!(f, "\n{})", "  ".repeat(depth))
        }
        print(f, self, 0)
    }
}
