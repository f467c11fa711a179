//! Compile modes: as a value, and as the types that rustc checks trees with.

/// How a module is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CompileMode {
    /// The Rust source of the module's methods is compiled, control flow included.
    Script,
    /// One run of the module is recorded.
    Trace,
    /// The module cannot be compiled.
    Unsupported,
    /// The module takes its parent's mode.
    Inherit,
}

impl std::fmt::Display for CompileMode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            CompileMode::Script => "script",
            CompileMode::Trace => "trace",
            CompileMode::Unsupported => "unsupported",
            CompileMode::Inherit => "inherit",
        })
    }
}

/// A type that stands for a mode.
pub trait Mode {
    /// The mode as a value.
    const MODE: CompileMode;
}

macro_rules! modes {
    ($($name:ident: $doc:literal)*) => {$(
        #[doc = $doc]
        #[derive(Clone, Copy, Debug)]
        pub enum $name {}

        impl Mode for $name {
            const MODE: CompileMode = CompileMode::$name;
        }
    )*};
}

modes! {
    Script: "[`CompileMode::Script`]"
    Trace: "[`CompileMode::Trace`]"
    Unsupported: "[`CompileMode::Unsupported`]"
    Inherit: "[`CompileMode::Inherit`]; as a context, one that is not known yet"
}
