//! Names that mean something to Python, to TorchScript or to its modules.
//!
//! Generated names are unique words. Which of them are written otherwise is drawn last, and done by the printer: so no
//! template has to know of `r#`.

use rand::seq::SliceRandom;

use super::Gen;
use crate::ast::{Method, Owner, Program};
use crate::ty::Ty;

/// For parameters. None of them is a variable's or a function's.
const PARAMS: &[&str] = &[
    "r#in", "r#for", "r#while", "r#if", "r#else", "r#return", "r#async", "r#yield", "from", "import",
    "global", "nonlocal", "del", "and", "or", "except", "finally", "raise", "elif", "class", "with", "str",
    "tuple", "dict", "bool", "hash", "id", "forward", "self_", "cls", "training", "None_", "_lambda",
    "Optional", "List", "inf", "nan", "prim", "_0", "x_2", "__init__", "é",
];

/// For functions.
const FUNCTIONS: &[&str] = &[
    "print",
    "isinstance",
    "hasattr",
    "getattr",
    "r#try",
    "r#await",
    "zip",
    "enumerate",
    "sorted",
    "abs",
    "math",
    "annotate",
    "aten",
    "_is",
    "ops",
    "uninitialized",
    "rangelist",
    "hex",
    "super_",
    "round",
];

/// For methods, each another name in TorchScript. The first ones are fields, too.
const METHODS: &[&str] = &[
    "scale",
    "train",
    "eval",
    "to",
    "parameters",
    "code",
    "modules",
    "size",
    "copy",
    "float",
    "int",
    "print",
    "range",
    "torch",
    "len",
    "self_",
    "r#match",
    "r#type",
    "r#for",
    "training",
    "_c",
    "lambda",
    "def",
    "pass",
    "not",
    "None_",
    "True_",
    "forward1",
    "forward_",
    "save",
    "call",
    "__len__",
    "__call__",
    "__getitem__",
    "children",
    "state_dict",
    "apply",
    "scale_1",
    "train_1",
    "max",
    "sum",
    "Tensor",
    "è",
];

/// For fields of modules: what a saved file shows keeps its name, so keywords are refused.
const N_FIELDS: usize = 18;

/// For fields of structs.
const PARTS: &[&str] = &[
    "float", "int", "print", "range", "torch", "len", "count", "index", "r#type", "self_", "size", "part",
    "scale", "forward", "str", "x_1",
];

impl Gen {
    /// Draws how the program's names are written.
    pub fn name_all(&mut self, program: &mut Program) {
        if !self.chance(0.4) {
            return;
        }
        let child = program.child.iter();
        let fields = program.fields.iter().chain(child.clone().flat_map(|it| &it.fields));
        let fields: Vec<&str> = fields.map(|it| &*it.name).collect();
        let methods = program.methods.iter().chain(child.flat_map(|it| &it.methods));
        let methods: Vec<&Method> = methods.collect();
        let helpers: Vec<&str> = methods.iter().map(|it| &*it.name).filter(|it| *it != "forward").collect();
        // A method of data has a name of its own, as it may be one of another type's.
        let functions = program.functions.iter().filter(|it| it.owner == Owner::Nothing);
        let functions: Vec<&str> = functions.map(|it| &*it.name).collect();
        let structs = program.types.iter().filter_map(|it| match it {
            Ty::Struct(it) => Some(it),
            _ => None,
        });
        let parts: Vec<&str> = structs.flat_map(|it| &it.fields).map(|it| &*it.0).collect();
        let mut names = vec![];
        self.name(&fields, &METHODS[..N_FIELDS], &mut names);
        // A method often has a field's name.
        self.name(&helpers, METHODS, &mut names);
        self.name(&functions, FUNCTIONS, &mut names);
        self.name(&parts, PARTS, &mut names);
        for function in program.functions.iter().chain(methods) {
            let params = function.params.iter().map(|it| &*it.var.name);
            let params: Vec<&str> = params.filter(|it| *it != "self").collect();
            self.name(&params, PARAMS, &mut names);
        }
        program.names = names;
    }

    /// Draws names for some of `words`, each another one.
    fn name(&mut self, words: &[&str], pool: &[&str], names: &mut Vec<(String, String)>) {
        let mut pool = pool.to_vec();
        pool.shuffle(&mut self.rng);
        let mut seen = vec![];
        for word in words {
            if !seen.contains(word)
                && self.chance(0.6)
                && let Some(name) = pool.pop()
            {
                names.push(((*word).to_owned(), name.to_owned()));
            }
            seen.push(*word);
        }
    }
}
