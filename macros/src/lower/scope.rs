//! The names in scope while a body is lowered. Every binding gets a TorchScript name of its own.
//!
//! Rust shadows freely. libtorch miscompiles a name that first held a module and then a tensor
//! (the module stays, silently), and a name has one type in TorchScript. So no two bindings of a
//! method share a name.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use syn::Ident;

use super::Origin;
use super::closure::LocalClosure;
use crate::names;
use crate::syntax::ExprKind;

/// The names in scope, innermost scope last, and what is known about the variables of TorchScript.
#[derive(Clone, Default)]
pub struct Scope {
    scopes: Names,
    used: HashSet<String>,
    /// Variables whose values were mistakes, which were reported.
    poisoned: HashSet<String>,
    /// Names in TorchScript of bindings that Rust declares `mut`.
    mutable: HashSet<String>,
    /// Variables of which is known whether they are `Result`s in Rust.
    results: HashMap<String, bool>,
    /// The slots of the types of variables that are options and can change.
    options: HashMap<String, usize>,
    /// The modules that variables hold, and the variants that these modules are.
    origins: HashMap<String, Origin>,
    /// The modules of which variables hold one.
    choices: HashMap<String, Vec<Origin>>,
    variants: HashMap<String, syn::Path>,
}

/// The names of nested blocks, innermost last.
pub type Names = Vec<NamesOfBlock>;

/// The names of one block.
pub type NamesOfBlock = HashMap<String, Bound>;

/// What a name of Rust stands for.
#[derive(Clone)]
pub enum Bound {
    /// A variable, or a part of one that nothing assigns.
    Value(ExprKind),
    /// The place that a reference refers to.
    Reference(ExprKind),
    /// A closure, or a function inside of the body.
    Closure(Rc<LocalClosure>),
}

impl Scope {
    pub fn enter(&mut self) {
        self.scopes.push(HashMap::new());
    }

    pub fn leave(&mut self) {
        self.scopes.pop();
    }

    /// Binds `ident` in the innermost scope and returns its name in TorchScript.
    pub fn declare(&mut self, ident: &Ident) -> String {
        let rust = ident.to_string();
        let name = self.temp(&rust);
        self.bind(rust, name.clone());
        name
    }

    /// Binds a Rust name to a TorchScript variable that exists already.
    pub fn bind(&mut self, rust: String, name: String) {
        self.bind_to(rust, ExprKind::Var(name));
    }

    /// Lets a Rust name stand for an expression: a part of a variable that nothing assigns.
    pub fn bind_to(&mut self, rust: String, value: ExprKind) {
        self.insert(rust, Bound::Value(value));
    }

    /// Lets the name of a reference stand for the place that it refers to.
    pub fn bind_reference(&mut self, ident: &Ident, place: ExprKind) {
        self.insert(ident.to_string(), Bound::Reference(place));
    }

    /// Lets a name stand for a closure.
    pub fn bind_closure(&mut self, ident: &Ident, closure: Rc<LocalClosure>) {
        self.insert(ident.to_string(), Bound::Closure(closure));
    }

    /// All names in scope.
    pub fn names(&self) -> &Names {
        &self.scopes
    }

    /// The functions in scope alone.
    pub fn functions(&self) -> Names {
        let is_function = |bound: &Bound| matches!(bound, Bound::Closure(it) if it.is_function());
        let of_block = |names: &NamesOfBlock| {
            names
                .iter()
                .filter(|(_, it)| is_function(it))
                .map(|(name, it)| (name.clone(), it.clone()))
                .collect()
        };
        self.scopes.iter().map(of_block).collect()
    }

    /// Puts other names in scope; returns those that were.
    pub fn replace_names(&mut self, names: Names) -> Names {
        std::mem::replace(&mut self.scopes, names)
    }

    fn insert(&mut self, rust: String, bound: Bound) {
        if self.scopes.is_empty() {
            self.enter();
        }
        self.scopes.last_mut().expect("a scope was entered").insert(rust, bound);
    }

    /// The TorchScript of a local variable; `None` where `ident` is none.
    pub fn lookup(&self, ident: &Ident) -> Option<&ExprKind> {
        match self.bound(ident)? {
            Bound::Value(value) | Bound::Reference(value) => Some(value),
            Bound::Closure(_) => None,
        }
    }

    /// The place that a reference with this name refers to.
    pub fn referent(&self, ident: &Ident) -> Option<&ExprKind> {
        match self.bound(ident)? {
            Bound::Reference(place) => Some(place),
            Bound::Value(_) | Bound::Closure(_) => None,
        }
    }

    /// The closure with this name.
    pub fn closure(&self, ident: &Ident) -> Option<&Rc<LocalClosure>> {
        match self.bound(ident)? {
            Bound::Closure(closure) => Some(closure),
            Bound::Value(_) | Bound::Reference(_) => None,
        }
    }

    fn bound(&self, ident: &Ident) -> Option<&Bound> {
        let rust = ident.to_string();
        self.scopes.iter().rev().find_map(|scope| scope.get(&rust))
    }

    /// Notes that the value of a variable was a mistake, which was reported.
    pub fn poison(&mut self, name: &str) {
        self.poisoned.insert(name.to_owned());
    }

    /// Whether uses of a variable must not be reported, as its value was.
    pub fn is_poisoned(&self, name: &str) -> bool {
        self.poisoned.contains(name)
    }

    /// Notes that the variable `name` of TorchScript was declared `mut`.
    pub fn set_mutable(&mut self, name: &str) {
        self.mutable.insert(name.to_owned());
    }

    /// Whether the variable `name` of TorchScript was declared `mut`.
    pub fn is_mutable(&self, name: &str) -> bool {
        self.mutable.contains(name)
    }

    /// Notes whether the variable `name` of TorchScript is a `Result` in Rust.
    pub fn set_result(&mut self, name: &str, is_result: bool) {
        self.results.insert(name.to_owned(), is_result);
    }

    /// Whether the variable `name` of TorchScript is a `Result` in Rust; `None` where that is not known.
    pub fn result(&self, name: &str) -> Option<bool> {
        self.results.get(name).copied()
    }

    /// Notes which module the variable `name` of TorchScript holds.
    pub fn set_origin(&mut self, name: &str, origin: Origin) {
        self.origins.insert(name.to_owned(), origin);
    }

    /// The module that the variable `name` of TorchScript may hold.
    pub fn origin(&self, name: &str) -> Option<&Origin> {
        self.origins.get(name)
    }

    /// Notes the modules of which the variable `name` of TorchScript holds one.
    pub fn set_choices(&mut self, name: &str, choices: Vec<Origin>) {
        self.choices.insert(name.to_owned(), choices);
    }

    /// The modules of which the variable `name` of TorchScript may hold one.
    pub fn choices(&self, name: &str) -> &[Origin] {
        self.choices.get(name).map_or(&[], Vec::as_slice)
    }

    /// Notes that the variable `name` of TorchScript is of the type with the slot `ty`, an option.
    pub fn set_option(&mut self, name: &str, ty: usize) {
        self.options.insert(name.to_owned(), ty);
    }

    /// The slot of the type of a variable that is an option and can change.
    pub fn option(&self, name: &str) -> Option<usize> {
        self.options.get(name).copied()
    }

    /// Notes which variant of its enum the module in `name` is.
    pub fn set_variant(&mut self, name: &str, variant: syn::Path) {
        self.variants.insert(name.to_owned(), variant);
    }

    pub fn variant(&self, name: &str) -> Option<&syn::Path> {
        self.variants.get(name)
    }

    /// A new name that resembles `base`.
    pub fn temp(&mut self, base: &str) -> String {
        let base = names::of_variable(base);
        let mut name = base.clone();
        let mut n = 0;
        while !self.used.insert(name.clone()) {
            n += 1;
            name = format!("{base}_{n}");
        }
        name
    }
}
