//! Lowers functions of the standard library: constructors of collections, `f64::max(a, b)`, `i64::from(x)`,
//! `std::mem::swap`.

use syn::{ExprCall, ExprMethodCall, ExprPath, Type};

use super::place::gives_reference;
use super::{Cx, numbers, rejected};
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator, Slot, StmtKind};
use crate::types;

/// Types whose methods are called as functions, with the value first.
const WITH_METHODS: &[&str] = &[
    "f32", "f64", "i8", "i16", "i32", "i64", "isize", "u8", "u16", "u32", "u64", "usize", "str", "String",
    "Vec", "Option", "HashMap", "BTreeMap",
];

impl Cx {
    /// Lowers a call of a function of the standard library; `None` where the path is none that is known here.
    pub fn lower_std_function(&mut self, func: &ExprPath, call: &ExprCall, range: Range) -> Option<Expr> {
        let segments: Vec<String> = func.path.segments.iter().map(|it| it.ident.to_string()).collect();
        let names: Vec<&str> = segments.iter().map(String::as_str).collect();
        let (name, ty) = match names[..] {
            [.., ty, name] => (name, ty),
            _ => return None,
        };
        let args: Vec<&syn::Expr> = call.args.iter().collect();
        self.note_std_function(func);
        let op = |cx: &mut Self, op: Operator| {
            let values = cx.lower_all(&call.args);
            Some(Expr::rust_op(op, values, range))
        };
        match (ty, name, args.len()) {
            ("Vec", "new", 0) | ("Vec", "with_capacity", 1) => Some(self.lower_new_list(func, &args, range)),
            ("HashMap" | "BTreeMap", "new", 0) | ("HashMap", "with_capacity", 1) => {
                Some(self.lower_new_map(func, &args, range))
            }
            ("HashMap" | "BTreeMap", "from" | "from_iter", 1) => op(self, Operator::DictOf),
            ("Vec", "from", 1) => op(self, Operator::Clone),
            ("Vec", "from_iter", 1) => {
                let last = &func.path.segments.last().expect("a path has a segment").ident;
                Some(self.lower_collected(args[0], None, last))
            }
            ("String", "new", 0) | ("String", "with_capacity", 1) => {
                self.discard(&args);
                Some(Expr::new(ExprKind::Str(String::new()), range))
            }
            ("String" | "str", "from", 1) | ("Box", "new", 1) | ("Cow", "from" | "Borrowed" | "Owned", 1) => {
                Some(self.lower_expr(args[0]))
            }
            ("f32", "from" | "try_from", 1) => op(self, Operator::ToF32),
            ("f64", "from" | "try_from", 1) => op(self, Operator::ToFloat),
            ("i8" | "i16" | "i32" | "i64" | "isize" | "u8" | "u16" | "u32" | "u64" | "usize", "from", 1) => {
                op(self, Operator::ToInt)
            }
            ("i64" | "isize", "try_from", 1) => op(self, Operator::ToInt),
            (ty, "try_from", 1) if numbers::checked(ty).is_some() => op(self, numbers::checked(ty)?),
            ("iter", "repeat_n", 2) => op(self, Operator::Repeated),
            ("cmp", "max", 2) => op(self, Operator::Max),
            ("cmp", "min", 2) => op(self, Operator::Min),
            ("mem", "swap", 2) => Some(self.lower_swap(args[0], args[1], range).unwrap_or_else(Expr::error)),
            ("mem", "replace", 2) => {
                Some(self.lower_replace(args[0], args[1], range).unwrap_or_else(Expr::error))
            }
            ("mem", "drop", 1) => {
                self.check_not_ignored(args[0]);
                self.discard(&args);
                Some(Expr::none(range))
            }
            (ty, name, 1..) if WITH_METHODS.contains(&ty) && name.starts_with(char::is_lowercase) => {
                Some(self.lower_as_method(func, call, |cx, call| {
                    let bounded = cx.lower_bounded(call, name, Some(ty), range);
                    bounded.unwrap_or_else(|| cx.lower_method_call(call))
                }))
            }
            ("Module", "forward", 2) | ("ModuleT", "forward_t", 3) => {
                Some(self.lower_as_method(func, call, |cx, call| cx.lower_method_call(call)))
            }
            _ => {
                let (why, help) = rejected::function(&names)?;
                let name = quote::quote!(#func).to_string().replace(' ', "");
                let message = format!("function `{name}` cannot be called in scripted methods: {why}");
                Some(self.poison(func, message, help))
            }
        }
    }

    /// Lowers a function as the method that it is, with its first argument as the receiver.
    fn lower_as_method(
        &mut self,
        func: &ExprPath,
        call: &ExprCall,
        lower: impl FnOnce(&mut Self, &ExprMethodCall) -> Expr,
    ) -> Expr {
        let originals: Vec<&syn::Expr> = call.args.iter().collect();
        let last = func.path.segments.last().expect("a path has a segment");
        let call = ExprMethodCall {
            attrs: vec![],
            receiver: Box::new(originals[0].clone()),
            dot_token: Default::default(),
            method: last.ident.clone(),
            turbofish: None,
            paren_token: call.paren_token,
            args: call.args.iter().skip(1).cloned().collect(),
        };
        let copies: Vec<&syn::Expr> = std::iter::once(&*call.receiver).chain(&call.args).collect();
        self.with_copies(&originals, &copies, |cx| lower(cx, &call))
    }

    /// Notes a path such as `cmp::max`, which may name a function of the user's.
    pub fn note_std_function(&mut self, func: &ExprPath) {
        let segments: Vec<String> = func.path.segments.iter().map(|it| it.ident.to_string()).collect();
        let [first, ..] = &segments[..] else { return };
        if !matches!(&**first, "std" | "core" | "alloc") {
            self.made.std_functions.push(func.path.clone());
        }
    }

    /// Evaluates arguments whose values are not needed, such as a capacity.
    pub fn discard(&mut self, args: &[&syn::Expr]) {
        for arg in args {
            let value = self.lower_expr(arg);
            if !value.is_constant() && !matches!(value.kind, ExprKind::Var(_)) {
                let range = value.range;
                self.push(StmtKind::Expr(value), range);
            }
        }
    }

    /// `Vec::new()` becomes `[]`; a declared type says what it holds.
    fn lower_new_list(&mut self, func: &ExprPath, args: &[&syn::Expr], range: Range) -> Expr {
        self.discard(args);
        match type_of_path(func) {
            Some(ty) => self.empty_of(&ty, range),
            None => Expr::new(ExprKind::List(vec![]), range),
        }
    }

    /// `HashMap::new()` becomes an empty map of the type that is written.
    fn lower_new_map(&mut self, func: &ExprPath, args: &[&syn::Expr], range: Range) -> Expr {
        self.discard(args);
        let is_map = |ty: &Type| types::is_named(ty, &["HashMap", "BTreeMap"]);
        let expected = self.expected.clone().filter(is_map);
        match type_of_path(func).or(expected) {
            Some(ty) => self.empty_of(&ty, range),
            None => self.poison(
                func,
                "the type of an empty map must be written",
                "write `let map: HashMap<K, V> = …` with its types",
            ),
        }
    }

    /// An empty list or map of a type.
    pub fn empty_of(&mut self, ty: &Type, range: Range) -> Expr {
        let slot = self.type_slot(ty);
        Expr::slot(Slot::Default(slot.index), range)
    }

    /// `swap(&mut a, &mut b)` becomes `(a, b) = (b, a)`.
    fn lower_swap(&mut self, a: &syn::Expr, b: &syn::Expr, range: Range) -> Option<Expr> {
        let (a, b) = (self.changed(a)?, self.changed(b)?);
        let pair = |a: &Expr, b: &Expr| Expr::new(ExprKind::Tuple(vec![a.clone(), b.clone()]), range);
        self.assign_all(pair(&a, &b), pair(&b, &a), range);
        Some(Expr::none(range))
    }

    /// `replace(&mut a, b)` becomes `old = a`, `a = b`.
    fn lower_replace(&mut self, a: &syn::Expr, b: &syn::Expr, range: Range) -> Option<Expr> {
        let place = self.changed(a)?;
        let value = self.lower_stored(b);
        let value = self.once(value);
        Some(self.replaced(place, value, range))
    }

    /// What the reference that a function takes refers to: a place of its own, or the name of a reference.
    pub fn changed(&mut self, reference: &syn::Expr) -> Option<Expr> {
        let place = match reference {
            syn::Expr::Path(path) => {
                let place = path.path.get_ident().and_then(|ident| self.scope.referent(ident));
                place.map(|place| Expr::new(place.clone(), self.range(reference)))
            }
            reference if gives_reference(reference) => self.place(reference),
            _ => None,
        };
        if place.is_none() {
            self.report(
                reference,
                "it is not known in scripted methods what this reference refers to",
                "pass `&mut` of a variable that is declared `mut`, or of a field or an element of one",
            );
        }
        place
    }

    /// Assigns a place, and returns what it held before.
    pub fn replaced(&mut self, place: Expr, value: Expr, range: Range) -> Expr {
        let old = self.spill(place.clone(), "old");
        self.assign(place, value, range);
        old
    }
}

/// The type `Vec<i64>` in `Vec::<i64>::new`, if it is written out.
fn type_of_path(func: &ExprPath) -> Option<Type> {
    let mut path = func.path.clone();
    path.segments.pop()?;
    path.segments.pop_punct();
    let last = path.segments.last_mut()?;
    let syn::PathArguments::AngleBracketed(args) = &mut last.arguments else { return None };
    args.colon2_token = None;
    let ty = Type::Path(syn::TypePath { attrs: vec![], qself: None, path });
    types::complete(&ty).is_some().then_some(ty)
}
