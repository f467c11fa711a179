//! Names of Rust as names of TorchScript: Python's lexer and libtorch's must read them again.

use syn::{Ident, Member};

/// The name of a method in TorchScript.
pub fn of_method(ident: &Ident) -> String {
    identifier(&ident.to_string())
}

/// The name of a variable or a parameter, which means nothing else to TorchScript.
pub fn of_variable(name: &str) -> String {
    let name = identifier(name);
    if RESERVED.contains(&name.as_str()) { format!("_{name}") } else { name }
}

/// How a field is written, without `r#`: its name in TorchScript, unless it is renamed.
pub fn of_member(member: &Member) -> String {
    match member {
        Member::Named(ident) => unraw(&ident.to_string()).to_owned(),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

fn unraw(name: &str) -> &str {
    name.strip_prefix("r#").unwrap_or(name)
}

fn identifier(name: &str) -> String {
    let mut name: String =
        unraw(name).chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if is_python_keyword(&name) || name.starts_with(|c: char| c.is_ascii_digit()) {
        name.insert(0, '_');
    }
    name
}

/// Whether Python can name nothing so.
pub fn is_python_keyword(name: &str) -> bool {
    PYTHON_KEYWORDS.contains(&name)
}

const PYTHON_KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// The names that TorchScript resolves by itself.
const RESERVED: &[&str] = &[
    "self",
    "torch",
    "abs",
    "all",
    "any",
    "annotate",
    "bin",
    "bool",
    "chr",
    "complex",
    "dict",
    "divmod",
    "enumerate",
    "float",
    "getattr",
    "hasattr",
    "hash",
    "hex",
    "id",
    "inf",
    "int",
    "isinstance",
    "len",
    "list",
    "max",
    "min",
    "nan",
    "oct",
    "ord",
    "pow",
    "print",
    "range",
    "rangelist",
    "reversed",
    "round",
    "sorted",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "zip",
    "ops",
    "CONSTANTS",
    "fork",
    "uninitialized",
];
