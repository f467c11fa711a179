//! Turns Rust names into TorchScript names, which Python's parser and libtorch's must be able to read.
//!
//! This file holds the only rule. The macro makes a name once, and everything else passes it on:
//!
//! - `r#` is left out;
//! - a character beyond `A` to `Z`, `a` to `z`, `0` to `9` and `_` becomes its code point, as in `_xe9_` for `é`;
//! - a keyword of Python or of libtorch's parser, and what begins with a digit, gets a `_` in front, as in `_lambda`;
//! - a variable with a name that TorchScript resolves by itself gets one, too, as in `_print`.
//!
//! Two names may still become one, as `lambda` and `_lambda` do; `check` rejects these. A field keeps its name, or
//! is renamed by its user, since the saved file shows it. A method with the name of a field, which the macros do not
//! see, gets a number at its end where the class is made (`runtime/src/compile/class.rs`).

use syn::ext::IdentExt;
use syn::{Ident, Member};

/// A number that stands for the name of a method of data in types (FNV-1a,
/// <https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>).
pub fn number_of(name: &syn::Ident) -> u64 {
    let step = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    of_rust(name).bytes().fold(0xcbf2_9ce4_8422_2325, step)
}

/// The name as people write it, for messages and for looking a method up by its Rust name.
pub fn of_rust(ident: &Ident) -> String {
    ident.unraw().to_string()
}

/// The name of a method in TorchScript.
pub fn of_method(ident: &Ident) -> String {
    identifier(&ident.to_string())
}

/// The name of a variable or of a parameter in TorchScript.
pub fn of_variable(name: &str) -> String {
    let name = identifier(name);
    if RESERVED.contains(&name.as_str()) { format!("_{name}") } else { name }
}

/// The name of a field in TorchScript, where it is not renamed.
pub fn of_member(member: &Member) -> String {
    match member {
        Member::Named(ident) => of_rust(ident),
        Member::Unnamed(index) => index.index.to_string(),
    }
}

/// Whether the name can be used in TorchScript as it is.
pub fn is_identifier(name: &str) -> bool {
    !name.is_empty() && identifier(name) == name
}

fn identifier(name: &str) -> String {
    let mut identifier = String::new();
    for c in name.strip_prefix("r#").unwrap_or(name).chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' => identifier.push(c),
            c => identifier.push_str(&format!("_x{:x}_", u32::from(c))),
        }
    }
    let is_keyword = is_python_keyword(&identifier) || PARSER_KEYWORDS.contains(&&*identifier);
    if is_keyword || identifier.starts_with(|c: char| c.is_ascii_digit()) {
        identifier.insert(0, '_');
    }
    identifier
}

/// Whether the name is a keyword of Python.
pub fn is_python_keyword(name: &str) -> bool {
    PYTHON_KEYWORDS.contains(&name)
}

const PYTHON_KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];

/// What libtorch's parser, which reads saved files, takes for keywords beside Python's.
const PARSER_KEYWORDS: &[&str] = &["Ellipsis", "NoneType"];

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
