//! A compiled module, without its Rust type.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use tch::{Device, IValue, Kind, Tensor};

use crate::error::{Error, Result};
use crate::ffi::{self, Value};
use crate::leaks::Warning;
use crate::mode::CompileMode;
use crate::place::relative;
use crate::report::Report;
use crate::training;
use crate::types::{from_ivalue, scalar_type, to_ivalue};

/// The extra file that keeps what TorchScript does not: each module's mode and Rust type.
const META_FILE: &str = "tch_jit.json";

/// A TorchScript module: hierarchical, with named parameters and buffers.
///
/// Its parameters and buffers are those of the Rust module that it was compiled from, unless
/// [`Compiler::deep_copy`](crate::Compiler::deep_copy) detached them: an optimizer that moves one
/// moves both.
///
/// Methods can be called from many threads. What changes a module (`train`, `eval`, `to`) affects
/// all handles of it.
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
    module: ffi::Module,
    tree: Arc<Tree>,
    /// The path from the tree's root to this module.
    path: String,
}

#[derive(Debug)]
struct Tree {
    metas: BTreeMap<String, ModuleMeta>,
    warnings: Vec<Warning>,
    report: Report,
    /// What writes to the compilation unit must not run twice at a time.
    unit: Mutex<()>,
}

/// What TorchScript does not keep of a module.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModuleMeta {
    pub mode: CompileMode,
    #[serde(rename = "type")]
    pub ty: String,
}

impl ScriptModule {
    pub(crate) fn new(
        module: ffi::Module,
        metas: BTreeMap<String, ModuleMeta>,
        warnings: Vec<Warning>,
        report: Report,
    ) -> Self {
        let tree = Tree { metas, warnings, report, unit: Mutex::new(()) };
        ScriptModule { module, tree: Arc::new(tree), path: String::new() }
    }

    fn with(&self, module: ffi::Module) -> Self {
        ScriptModule { module, tree: self.tree.clone(), path: self.path.clone() }
    }

    /// Runs `forward`.
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with libtorch's message, which underlines the Rust source where it knows
    /// it; [`Error::Type`] where a value is an object.
    pub fn forward(&self, args: &[IValue]) -> Result<IValue> {
        self.call("forward", args)
    }

    /// Runs the method `name`.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::forward`]; also where there is no such method.
    pub fn call(&self, name: &str, args: &[IValue]) -> Result<IValue> {
        let args = args.iter().map(from_ivalue).collect::<Result<Vec<_>>>()?;
        to_ivalue(&self.call_values(name, &args)?)
    }

    pub(crate) fn call_values(&self, name: &str, args: &[Value]) -> Result<Value> {
        if !self.module.has_method(name) {
            return Err(Error::Call(format!(
                "`{}` has no method `{name}`; it has: {}",
                self.original_name(),
                self.module.methods().join(", ")
            )));
        }
        refuse_in_trace()?;
        self.module.call(name, args).map_err(|failure| Error::Call(failure.to_string()))
    }

    /// The schema of a method, such as `forward(__torch__.Gate self, Tensor x) -> Tensor`; empty
    /// where there is none.
    pub fn schema(&self, method: &str) -> String {
        self.module.schema(method)
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
        Ok(self.module.code(method)?)
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
        let of = |(name, module): (String, ffi::Module)| {
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

    /// What made the compiler doubt, with [`Compiler::deny_warnings`](crate::Compiler::deny_warnings)
    /// off. A file keeps none.
    pub fn warnings(&self) -> &[Warning] {
        &self.tree.warnings
    }

    /// What is known of the traced methods of the whole tree: which sizes are free, which constants follow from
    /// them, and what was recorded. A file keeps none.
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

    /// The class's name: the Rust struct's, or PyTorch's for a layer of tch.
    pub fn original_name(&self) -> String {
        self.module.class_name()
    }

    /// Whether both are instances of one TorchScript class.
    pub fn same_class(&self, other: &ScriptModule) -> bool {
        self.module.same_class(&other.module)
    }

    /// Puts the tree into training mode: `forward_t` is called with `train`.
    pub fn train(&self) {
        self.module.train(true);
    }

    /// Puts the tree into evaluation mode.
    pub fn eval(&self) {
        self.module.train(false);
    }

    /// Runs `f` with the tree in a mode; afterwards each module is in the one that it was in.
    pub(crate) fn in_mode<R>(&self, train: bool, f: impl FnOnce() -> R) -> R {
        training::with_compiled(&self.module, train, f)
    }

    /// Whether the module is in training mode, as it is after compiling.
    pub fn is_training(&self) -> bool {
        self.module.is_training()
    }

    /// Moves parameters and buffers, in place: the Rust module's tensors move with them.
    ///
    /// # Errors
    ///
    /// Where libtorch cannot, as for a device that is not there.
    pub fn to(&self, device: Device) -> Result<()> {
        Ok(self.module.to(device, None)?)
    }

    /// As [`ScriptModule::to`], and converts floating-point tensors to `kind`.
    ///
    /// # Errors
    ///
    /// Where libtorch cannot.
    pub fn to_kind(&self, device: Device, kind: Kind) -> Result<()> {
        let kind = i32::try_from(scalar_type(kind)).expect("numbers of dtypes are small");
        Ok(self.module.to(device, Some(kind))?)
    }

    /// A copy with parameters and attributes folded into the graph, as `torch.jit.freeze`.
    ///
    /// # Errors
    ///
    /// Where the module is in training mode.
    pub fn freeze(&self) -> Result<ScriptModule> {
        let _lock = self.lock();
        Ok(self.with(self.module.freeze()?))
    }

    /// A frozen copy with layers fused, as `torch.jit.optimize_for_inference`. libtorch cannot
    /// load it again once saved.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::freeze`].
    pub fn optimize_for_inference(&self) -> Result<ScriptModule> {
        let _lock = self.lock();
        Ok(self.with(self.module.optimize_for_inference()?))
    }

    /// A copy with parameters of its own, which are leaves and require grad as the originals do.
    ///
    /// # Errors
    ///
    /// Where libtorch cannot copy an attribute.
    pub fn deep_copy(&self) -> Result<ScriptModule> {
        let _lock = self.lock();
        Ok(self.with(self.module.deep_copy()?))
    }

    fn lock(&self) -> impl Drop + '_ {
        self.tree.unit.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes the module for `torch.jit.load` of Python and C++, and for [`ScriptModule::load`].
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be written. An existing file is replaced only by a
    /// whole one.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_with_extra_files(path, &[])
    }

    /// As [`ScriptModule::save`], with further files in the archive: what Python calls
    /// `_extra_files`.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::save`].
    pub fn save_with_extra_files(&self, path: impl AsRef<Path>, extra_files: &[(&str, &[u8])]) -> Result<()> {
        let path = path.as_ref();
        let failed =
            |message: String| Error::File { action: "save", file: path.display().to_string(), message };
        let bytes = self.to_bytes(extra_files).map_err(|error| failed(error.to_string()))?;
        // Written beside the target and renamed, so that a full disk loses nothing. Nobody else
        // writes under that name, though many may save to one path.
        static SAVES: AtomicUsize = AtomicUsize::new(0);
        let mut partial = path.as_os_str().to_owned();
        partial.push(format!(".{}-{}.part", std::process::id(), SAVES.fetch_add(1, Ordering::Relaxed)));
        let partial = Path::new(&partial);
        fs::write(partial, bytes).and_then(|()| fs::rename(partial, path)).map_err(|error| {
            let _ = fs::remove_file(partial);
            failed(error.to_string())
        })
    }

    /// As [`ScriptModule::save`], to any writer.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the writer fails.
    pub fn save_to_writer(&self, mut writer: impl Write) -> Result<()> {
        writer.write_all(&self.to_bytes(&[])?).map_err(|error| Error::File {
            action: "save",
            file: "<stream>".into(),
            message: error.to_string(),
        })
    }

    fn to_bytes(&self, extra_files: &[(&str, &[u8])]) -> Result<Vec<u8>> {
        let below: BTreeMap<&str, &ModuleMeta> = self
            .tree
            .metas
            .iter()
            .filter_map(|(path, meta)| Some((relative(path, &self.path)?, meta)))
            .collect();
        let metas = serde_json::to_vec(&below).expect("modes and names are text");
        let mut files: Vec<(String, Vec<u8>)> =
            extra_files.iter().map(|(name, contents)| ((*name).to_owned(), contents.to_vec())).collect();
        files.push((META_FILE.to_owned(), metas));
        Ok(self.module.save(&files)?)
    }

    /// Reads a TorchScript file, whoever wrote it. Tensors go to the devices they were saved from.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be read or holds no TorchScript.
    pub fn load(path: impl AsRef<Path>) -> Result<ScriptModule> {
        Ok(Self::load_with(path, None, &[])?.0)
    }

    /// As [`ScriptModule::load`], with tensors on `device`, and with the contents of the extra
    /// files asked for; one that the archive lacks is empty.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::load`].
    pub fn load_with(
        path: impl AsRef<Path>,
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| load_error(&name, error.to_string()))?;
        Self::from_bytes(&name, &bytes, device, extra_files)
    }

    /// As [`ScriptModule::load_with`], from any reader.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::load`].
    pub fn load_from_reader(
        mut reader: impl Read,
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let mut bytes = vec![];
        reader.read_to_end(&mut bytes).map_err(|error| load_error("<stream>", error.to_string()))?;
        Self::from_bytes("<stream>", &bytes, device, extra_files)
    }

    fn from_bytes(
        name: &str,
        bytes: &[u8],
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let mut files = extra_files.to_vec();
        files.push(META_FILE);
        let (module, mut contents) = ffi::Module::load(bytes, device, &files)
            .map_err(|failure| load_error(name, failure.to_string()))?;
        let metas = contents.pop().unwrap_or_default();
        // A file of another program has none.
        let metas = serde_json::from_slice(&metas).unwrap_or_default();
        Ok((ScriptModule::new(module, metas, vec![], Report::default()), contents))
    }
}

/// libtorch would record the operations of this one run, and lose the branches not taken.
pub(crate) fn refuse_in_trace() -> Result<()> {
    if !ffi::is_tracing() {
        return Ok(());
    }
    Err(Error::Call(
        "a compiled module cannot be called in a body that is being traced: its branches would get lost\n\
         help: make the Rust module a field of the traced one, and call that"
            .into(),
    ))
}

fn load_error(file: &str, message: String) -> Error {
    Error::File { action: "load", file: file.to_owned(), message }
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
