//! TorchScript names for what no macro sees: paths of types, and keys of maps. The macros name methods, parameters and
//! fields.

/// A part of a path as a name that Python's parser and libtorch's can read. libtorch's knows ASCII only: any other
/// character becomes its code point, as in `_xe9_` for `é`.
fn python_name(name: &str) -> String {
    let mut identifier = String::new();
    for c in name.strip_prefix("r#").unwrap_or(name).chars() {
        match c {
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' => identifier.push(c),
            c => identifier.push_str(&format!("_x{:x}_", u32::from(c))),
        }
    }
    if KEYWORDS.contains(&&*identifier) {
        identifier.push('_');
    }
    identifier
}

/// `my_crate::gates::gate` becomes `__torch__.my_crate.gates.gate`.
pub fn qualified_name(path: &str) -> String {
    let parts: Vec<String> = path.split("::").map(python_name).collect();
    format!("__torch__.{}", parts.join("."))
}

/// As [`qualified_name`], for a function. In a saved file its own name stands for it, so that it must be none by which
/// libtorch calls something else there.
pub fn function_name(path: &str) -> String {
    let name = qualified_name(path);
    let last = name.rsplit('.').next().unwrap_or_default();
    if CALLED_BY_NAME.contains(&last) { format!("{name}_") } else { name }
}

/// Why a key of a map cannot name a child, as help for the user; libtorch would write a file that it cannot read back.
pub fn unfit_name(name: &str) -> Option<&'static str> {
    match name {
        "" => Some("give each child a key"),
        "training" | "forward" | "forward_t" => Some("every module has that itself; choose another key"),
        _ if name.contains('.') => Some("dots separate the names of a path; choose another key"),
        _ if !name.chars().all(|c| matches!(c, ' '..='~') && c != '"' && c != '\\') => {
            Some("use a key of printable ASCII without `\"` and `\\`")
        }
        _ if KEYWORDS.contains(&name) => Some("it is a keyword of Python; choose another key"),
        _ => None,
    }
}

/// What libtorch writes without a module in front (python_print.cpp).
const CALLED_BY_NAME: &[&str] = &[
    "CONSTANTS",
    "annotate",
    "bool",
    "float",
    "fork",
    "getattr",
    "inf",
    "int",
    "isinstance",
    "nan",
    "ops",
    "print",
    "range",
    "sorted",
    "str",
    "torch",
    "unchecked_cast",
    "unchecked_unwrap_optional",
    "uninitialized",
];

const KEYWORDS: &[&str] = &[
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def",
    "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is",
    "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    // Of libtorch's parser only, which reads saved files.
    "Ellipsis", "NoneType",
];
