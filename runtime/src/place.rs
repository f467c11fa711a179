//! Places: in Rust sources, in a tree of modules, and both at once.

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

    /// Whether this is the path of the root.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
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

/// The path as the beginning of a message: `` `encoder.gate`: ``, and nothing for the root.
impl Display for ModulePath {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, "`{}`: ", self.0) }
    }
}

/// A method of a module in a tree: what an error is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Where the module is in the tree.
    pub path: ModulePath,
    /// The module's type, without generics.
    pub ty: &'static str,
    /// The method, by its Rust name.
    pub method: &'static str,
    /// Where the method stands in the Rust source.
    pub place: Place,
}

/// The site as the subject of a message, without the path: ``Cell, whose `forward` is at src/model.rs:12:8``.
impl Display for Site {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}, whose `{}` is at {}", self.ty, self.method, self.place)
    }
}

/// A line of the user's source that is being run, with the lines around it.
#[derive(Debug)]
pub struct Frame {
    /// A number that tells the places of one thread apart.
    pub id: usize,
    /// The file, as rustc names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// The line and its neighbours; empty where the file is not here.
    pub text: String,
    /// The number of the first line of `text`, from 1.
    pub first_line: u32,
    /// The offset in `text` of the expression's first character.
    pub begin: usize,
    /// The offset in `text` of the end of that line.
    pub end: usize,
}

impl Frame {
    /// The place `line:column` of a file with that text, which is empty where the file is not here.
    pub fn new(id: usize, file: &str, text: &str, line: u32, column: u32) -> Frame {
        let first_line = line.saturating_sub(1).max(1);
        let lines: Vec<&str> = text.lines().skip(first_line as usize - 1).take(3).collect();
        let before: usize = lines.iter().take((line - first_line) as usize).map(|it| it.len() + 1).sum();
        let own = lines.get((line - first_line) as usize).copied().unwrap_or_default();
        let column = column.max(1);
        let start = own.char_indices().nth(column as usize - 1).map_or(0, |(at, _)| at);
        let (begin, end) = (before + start, before + own.trim_end().len());
        let mut text = lines.join("\n");
        text.push('\n');
        Frame { id, file: file.to_owned(), line, column, text, first_line, begin, end: end.max(begin) }
    }
}

/// The frame as rustc shows a place: the file, the line, and a mark below.
impl Display for Frame {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "  --> {}:{}:{}", self.file, self.line, self.column)?;
        let own = self.text.lines().nth((self.line - self.first_line) as usize).unwrap_or_default();
        if own.trim().is_empty() {
            return Ok(());
        }
        let number = self.line.to_string();
        let margin = " ".repeat(number.len());
        let mark = "^".repeat(self.text[self.begin..self.end].chars().count().max(1));
        let indent = " ".repeat(self.column as usize - 1);
        write!(f, "\n{margin} |\n{number} | {own}\n{margin} | {indent}{mark}")
    }
}

#[cfg(test)]
mod tests {
    use super::Frame;

    #[test]
    fn a_frame_underlines_its_line() {
        let shown = Frame::new(0, "src/model.rs", "fn a() {\n    b(é).c();\n}\n", 2, 5).to_string();
        assert_eq!(shown, "  --> src/model.rs:2:5\n  |\n2 |     b(é).c();\n  |     ^^^^^^^^^");
    }

    #[test]
    fn a_file_that_is_not_here_is_named() {
        assert_eq!(Frame::new(0, "src/model.rs", "", 2, 5).to_string(), "  --> src/model.rs:2:5");
    }
}
