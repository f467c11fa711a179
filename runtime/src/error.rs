//! [`Error`]: everything that can go wrong at run time, with its message.

use std::error::Error as _;
use std::fmt;

use crate::place::{ModulePath, Place, Site};

/// The result of this crate's functions.
pub type Result<T> = std::result::Result<T, Error>;

/// Everything that can go wrong at run time, with its message. Every message begins with the module's path in the tree,
/// and names type, method and Rust place where they are known; an error about one method has its [`Site`].
///
/// `{:?}` shows the message as well, as a `main` that returns a [`Result`] prints its error so.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A module in the tree is declared `#[compile_mode(unsupported)]`.
    #[error("{path}{ty} does not support TorchScript compilation")]
    Unsupported {
        /// Where in the tree.
        path: ModulePath,
        /// The module's type.
        ty: &'static str,
    },
    /// A module has to be scripted, and TorchScript cannot express its body.
    #[error("{}{}::{} cannot be scripted: {message}\n  --> {}\nhelp: {help}", .site.path, .site.ty, .site.method, .site.place)]
    NotScriptable {
        /// The method that holds the expression, with the expression's own place.
        site: Site,
        /// What cannot be expressed.
        message: Box<str>,
        /// The way out.
        help: Box<str>,
    },
    /// The module to compile has nothing that could be called.
    #[error(
        "`{ty}` at {place} has no method that the compiler knows\n\
         help: put `#[methods]` on the impl block that holds `forward`, and `#[export]` on other methods that are called \
         from outside"
    )]
    NoMethods {
        /// The module's type.
        ty: &'static str,
        /// Its definition.
        place: Place,
    },
    /// A module has to be traced and has no example inputs.
    #[error(
        "{}cannot infer tracing inputs for {site}\n\
         help: write `{example}` above the struct, with the shapes of its arguments, or \
         `#[tracing_inputs] fn inputs(&self, n: usize) -> Vec<(…)>` into a `#[methods]` block, or call \
         `tch_jit::trace(&module, inputs)`",
        .site.path
    )]
    NoTracingInputs {
        /// The method.
        site: Site,
        /// An attribute that would declare them.
        example: Box<str>,
    },
    /// libtorch's compiler rejected a scripted method. Its message underlines the Rust source.
    #[error("{}{} at {} does not compile to TorchScript:\n{message}", .site.path, .site.ty, .site.place)]
    Script {
        /// The module's entry.
        site: Site,
        /// libtorch's message.
        message: String,
    },
    /// The body of a traced module failed, or libtorch could not record it.
    #[error("{}{site}, cannot be traced: {message}", .site.path)]
    Trace {
        /// The method.
        site: Site,
        /// What happened.
        message: String,
    },
    /// A traced body turned the values of a tensor into data of Rust: `double_value`, `try_from`, `==`.
    #[error(
        "{}data leaves the trace of {site}: {message}\n\
         help: mark the module `#[compile_mode(script)]`, or move what depends on the values into a \
         function with `#[script]`",
        .site.path
    )]
    DataLeavesTrace {
        /// The method.
        site: Site,
        /// What read the values, and where.
        message: String,
    },
    /// A trace does not compute what the Rust module computes.
    #[error(
        "{}the trace of {site}, disagrees with the Rust module: {message}\n\
         help: a trace records one run; where the module branches on data, mark it, or the part \
         that branches, `#[compile_mode(script)]`",
        .site.path
    )]
    TraceMismatch {
        /// The method.
        site: Site,
        /// Which output differs, and by how much.
        message: String,
    },
    /// A scripted module does not compute what the Rust module computes.
    #[error("{}the compiled {site}, disagrees with the Rust module: {message}", .site.path)]
    ScriptMismatch {
        /// The method.
        site: Site,
        /// What differs, and by how much.
        message: String,
    },
    /// A trace holds for the sizes of its examples only.
    #[error(
        "{}the trace of {site}, holds for the sizes of its examples only: {message}\n\
         help: compute it with operators of tensors, mark the module, or the part that depends on sizes, \
         `#[compile_mode(script)]`, or accept that by `Compiler::generalize(false)`",
        .site.path
    )]
    NotGeneral {
        /// The method.
        site: Site,
        /// What differs between the examples and follows from none of their sizes, and where.
        message: String,
    },
    /// A key of a map of modules cannot be their name.
    #[error("{path}`{name}` cannot be the name of a child\nhelp: {help}")]
    Name {
        /// Where the map is in the tree.
        path: ModulePath,
        /// The key.
        name: String,
        /// The way out.
        help: &'static str,
    },
    /// A layer of tch cannot stand where it stands.
    #[error("{path}{ty} cannot be compiled: {message}")]
    Layer {
        /// Where in the tree.
        path: ModulePath,
        /// The layer's type.
        ty: &'static str,
        /// What is missing.
        message: String,
    },
    /// A compile function was called inside the body of a module that is being traced.
    #[error("a module cannot be compiled while another one is being traced in the same thread")]
    Nested,
    /// A compiled method failed. Where it comes from Rust, the message underlines the source.
    #[error("{0}")]
    Call(String),
    /// A value does not have the type that was expected.
    #[error("expected a value of type `{expected}`, found `{found}`")]
    Type {
        /// What was expected, as TorchScript writes it.
        expected: String,
        /// What was found.
        found: String,
    },
    /// A file cannot be read or written.
    #[error("cannot {action} `{file}`: {message}")]
    File {
        /// `load` or `save`.
        action: &'static str,
        /// The file; `<stream>` where there is none.
        file: String,
        /// What happened.
        message: String,
    },
    /// A loaded file is the compiled form of another struct.
    #[error(
        "`{file}` does not hold a compiled {ty}, but a compiled `{found}`\n\
         help: load it as that, or as a `ScriptModule`, which takes any file"
    )]
    Class {
        /// The file.
        file: String,
        /// The expected module's type.
        ty: &'static str,
        /// The type in the file.
        found: String,
    },
    /// A loaded file is no compiled form of the expected module.
    #[error("`{file}` does not hold a compiled {ty}: its `forward` is\n  {found}\nnot\n  {expected}")]
    Schema {
        /// The file.
        file: String,
        /// The expected module's type.
        ty: &'static str,
        /// The schema of the expected module.
        expected: String,
        /// The schema in the file.
        found: String,
    },
    /// libtorch refused an operation.
    #[error("{0}")]
    Torch(String),
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")?;
        let causes = std::iter::successors(self.source(), |error| (*error).source());
        causes.enumerate().try_for_each(|(i, cause)| {
            let title = if i == 0 { "\n\nCaused by:" } else { "" };
            write!(f, "{title}\n    {cause}")
        })
    }
}

impl From<tch::TchError> for Error {
    fn from(error: tch::TchError) -> Error {
        Error::Torch(error.to_string())
    }
}
