//! [`Cx`]: the state of lowering one body, which all constructs share, and the operations on it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;

use quote::ToTokens;
use syn::Type;
use syn::spanned::Spanned;

use super::closure::LocalClosure;
use super::data::{OwnMethods, SlotFunction};
use super::function_value::FunctionValue;
use super::infer::{Numbers, SlotConstant, SlotType, Use};
use super::labels::Loop;
use super::origin::{ChildCall, Origin};
use super::place::written;
use super::results::Outputs;
use super::scope::Scope;
use super::widths::{Narrow, narrow};
use crate::errors::Errors;
use crate::parse::methods::typed_inputs;
use crate::span::{Range, Source};
use crate::syntax::{Expr, Slot, Stmt, StmtKind, TypeSlot};

/// Where the value of an expression goes.
#[derive(Clone, Debug)]
pub enum Dest {
    /// The value is the method's result.
    Return,
    /// The value is assigned to a variable of TorchScript.
    Var(String),
    /// Nowhere: the expression is a statement.
    Discard,
}

/// The state of lowering one body.
pub struct Cx {
    pub errors: Errors,
    pub source: Source,
    /// The side tables so far.
    pub made: Made,
    pub scope: Scope,
    /// `use` and `const` of the blocks around what is being lowered.
    pub items: Vec<syn::Item>,
    /// The block that statements are added to.
    pub block: Vec<Stmt>,
    /// The loops around what is being lowered, outermost first.
    pub loops: Vec<Loop>,
    pub returns: Option<Type>,
    pub returns_unit: bool,
    /// Whether the method returns an `Option`, so that `?` returns `None`.
    pub returns_option: bool,
    /// The annotation of the `let` whose value is being lowered.
    pub expected: Option<Type>,
    /// How many closures are around what is being lowered.
    pub closures: usize,
    /// The closures that have names, and those of them that are being lowered.
    pub closures_named: Vec<Rc<LocalClosure>>,
    pub closures_called: Vec<Rc<LocalClosure>>,
    /// The parameters that may be modules, by their names in TorchScript, with their indices.
    pub modules: HashMap<String, usize>,
    /// The parameters that are no tensors, and may be modules or functions, by their names in TorchScript.
    pub untold: HashSet<String>,
    /// The types of the parameters.
    pub parameter_types: Vec<Type>,
    /// The name of the type that the method belongs to.
    pub own: Option<String>,
    /// The methods of the type whose data the method takes.
    pub own_methods: Option<OwnMethods>,
    /// Whether the body is that of a method, which has a module.
    pub sees_self: bool,
    /// What the methods of the block give.
    pub outputs: Outputs,
    /// The body's expressions.
    pub numbers: Numbers,
    /// Those whose numbers may be narrower than TorchScript's.
    pub narrow: Narrow,
    /// The names that something may be assigned through, see `place.rs`.
    pub written: HashSet<String>,
    /// What holds the elements that a loop takes apart, by the addresses of the patterns that take them.
    pub elements: HashMap<usize, Expr>,
}

/// What Rust must evaluate for a method, and what it calls.
#[derive(Clone, Debug, Default)]
pub struct Made {
    /// `$T0`, `$T1`, …: types whose TorchScript names the runtime asks their `ScriptType` for.
    pub types: Vec<SlotType>,
    /// `$C0`, `$C1`, …: expressions that Rust evaluates to constants.
    pub constants: Vec<SlotConstant>,
    /// `$F0`, `$F1`, …: functions.
    pub functions: Vec<SlotFunction>,
    /// Paths of functions that do not begin with the standard library's name, some of which are taken for its functions.
    pub std_functions: Vec<syn::Path>,
    /// Uses of values that may be of a type of the user's.
    pub uses: Vec<Use>,
    /// The same, of parts of the module, which rustc need not infer.
    pub parts: Vec<Use>,
    /// Methods and associated functions of the same type that are called.
    pub calls: BTreeSet<syn::Ident>,
    /// Methods of children that are called.
    pub child_calls: Vec<ChildCall>,
    /// Functions that are called as values.
    pub function_values: Vec<FunctionValue>,
    /// The modules that are passed to methods of the same type: the method, and for each argument the module that it
    /// may be.
    pub passed: Vec<(syn::Ident, Vec<Option<Origin>>)>,
    /// The methods that the body calls of its parameters, by the parameters' indices.
    pub parameter_calls: Vec<(usize, syn::Ident)>,
}

impl Cx {
    pub fn new(source: Source, outputs: Outputs, func: &syn::ImplItemFn) -> Self {
        let body = &func.block;
        let numbers = Numbers::of(body);
        let narrow = narrow(&func.sig, body, &numbers);
        let parameter_types = typed_inputs(func).map(|it| (*it.ty).clone()).collect();
        Cx {
            errors: Errors::default(),
            source,
            made: Made::default(),
            scope: Scope::default(),
            items: vec![],
            block: vec![],
            loops: vec![],
            returns: None,
            returns_unit: false,
            returns_option: false,
            expected: None,
            closures: 0,
            closures_named: vec![],
            closures_called: vec![],
            modules: HashMap::new(),
            untold: HashSet::new(),
            parameter_types,
            own: None,
            own_methods: None,
            sees_self: true,
            outputs,
            numbers,
            narrow,
            written: written(body),
            elements: HashMap::new(),
        }
    }

    /// Tries one way to lower something. Where `f` gives up by returning `None`, everything that it changed is undone:
    /// errors, statements, side tables, names and what was noted about these.
    pub fn attempt<T>(&mut self, f: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let n_errors = self.errors.len();
        let (n_statements, n_items) = (self.block.len(), self.items.len());
        let (made, scope, loops) = (self.made.clone(), self.scope.clone(), self.loops.clone());
        let expected = self.expected.clone();
        let result = f(self);
        if result.is_none() {
            self.errors.truncate(n_errors);
            self.block.truncate(n_statements);
            self.items.truncate(n_items);
            (self.made, self.scope, self.loops) = (made, scope, loops);
            self.expected = expected;
        }
        result
    }

    /// Runs `f`. If it lowers code a second time, its errors are dropped, as they were reported the first time.
    pub fn again<T>(&mut self, is_again: bool, f: impl FnOnce(&mut Self) -> T) -> T {
        let n_errors = self.errors.len();
        let result = f(self);
        if is_again {
            self.errors.truncate(n_errors);
        }
        result
    }

    pub fn report(&mut self, tokens: impl ToTokens, message: impl Into<String>, help: impl Into<String>) {
        self.errors.report(tokens, message, help);
    }

    /// Reports a mistake and returns poison in place of a value.
    pub fn poison(
        &mut self,
        tokens: impl ToTokens,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Expr {
        self.report(tokens, message, help);
        Expr::error()
    }

    /// The range of tokens in the method's text.
    pub fn range(&self, tokens: &impl ToTokens) -> Range {
        self.source.range(tokens)
    }

    /// Adds a type to the side table: the runtime asks Rust for its TorchScript name.
    pub fn type_slot(&mut self, ty: &Type) -> TypeSlot {
        let range = self.range(ty);
        self.add_type(SlotType::Written(ty.clone()), range)
    }

    pub fn add_type(&mut self, ty: SlotType, range: Range) -> TypeSlot {
        self.made.types.push(ty);
        TypeSlot { index: self.made.types.len() - 1, range }
    }

    /// Adds an expression to the side table of constants: Rust evaluates it when the module is compiled.
    pub fn constant(&mut self, expr: syn::Expr) -> Expr {
        let range = self.range(&expr);
        let items = &self.items;
        self.made.constants.push(SlotConstant::Written(if items.is_empty() {
            expr
        } else {
            syn::parse_quote_spanned!(expr.span()=> { #(#[allow(unused_imports, dead_code)] #items)* #expr })
        }));
        Expr::slot(Slot::Constant(self.made.constants.len() - 1), range)
    }

    /// Runs `f` with an empty block and returns what it added.
    pub fn in_block(&mut self, f: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        self.scope.enter();
        let statements = self.statements(f);
        self.scope.leave();
        statements
    }

    /// As [`Cx::in_block`], but the names that `f` declares stay in scope.
    pub fn statements(&mut self, f: impl FnOnce(&mut Self)) -> Vec<Stmt> {
        let outer = std::mem::take(&mut self.block);
        f(self);
        std::mem::replace(&mut self.block, outer)
    }

    pub fn push(&mut self, kind: StmtKind, range: Range) {
        self.block.push(Stmt::new(kind, range));
    }
}
