//! Names of Rust as names of TorchScript: Python's parser and libtorch's must read them again.

/// A Rust name as one that Python's parser reads, and libtorch's, which knows ASCII alone.
pub fn python_name(name: &str) -> String {
    let name = name.strip_prefix("r#").unwrap_or(name);
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '_' { c } else { '_' }).collect();
    if PYTHON_KEYWORDS.contains(&&*name) { format!("{name}_") } else { name }
}

/// `my_crate::gates::gate` becomes `__torch__.my_crate.gates.gate`.
pub fn qualified_name(path: &str) -> String {
    let parts: Vec<String> = path.split("::").map(python_name).collect();
    format!("__torch__.{}", parts.join("."))
}

/// Why a key of a map cannot name a child: libtorch would write a file that it cannot read.
pub fn unfit_name(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("give each child a key"),
        "training" | "forward" => Some("every module has that itself; choose another key"),
        _ if name.contains('.') => Some("dots separate the names of a path; choose another key"),
        _ if !name.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\') => {
            Some("use a key of printable ASCII without `\"` and `\\`")
        }
        _ if PYTHON_KEYWORDS.contains(&name) => Some("it is a keyword of Python; choose another key"),
        _ => None,
    }
}

const PYTHON_KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
];
