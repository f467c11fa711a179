//! Places: in Rust sources, and in a tree of modules.

use std::fmt::{self, Display, Formatter};

/// A place in a Rust source file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as rustc names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
}

impl Display for Place {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// The way from the root of a compiled tree to a module: field names, joined by dots. The root's
/// is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModulePath(String);

impl ModulePath {
    /// The path of the child `name`.
    pub fn child(&self, name: &str) -> ModulePath {
        if self.0.is_empty() { ModulePath(name.to_owned()) } else { ModulePath(format!("{}.{name}", self.0)) }
    }

    /// The path of what lies at `below`, seen from here.
    pub(crate) fn join(&self, below: &str) -> String {
        let joint = if self.0.is_empty() || below.is_empty() { "" } else { "." };
        format!("{}{joint}{below}", self.0)
    }

    /// The path as text, empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// `path` as seen from `root`; none where it lies elsewhere.
pub(crate) fn relative<'p>(path: &'p str, root: &str) -> Option<&'p str> {
    if root.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// As the beginning of a message: `` `encoder.gate`: ``, and nothing for the root.
impl Display for ModulePath {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "`{}`: ", self.0) }
    }
}
