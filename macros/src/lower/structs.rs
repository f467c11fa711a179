//! Lowers structs with `#[derive(ScriptType)]`, and tch's states, which are plain tensors in TorchScript.

use syn::{ExprStruct, PatStruct, PatTupleStruct, Path};

use super::Cx;
use super::match_expr::Refutable;
use crate::names;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator, Slot};
use crate::types;

impl Cx {
    /// `Out { energy, forces: f }` becomes `$T0(energy=energy, forces=f)`.
    pub fn lower_struct(&mut self, expr: &ExprStruct) -> Expr {
        let range = self.range(expr);
        if expr.path.is_ident("Self") {
            return self.poison(
                &expr.path,
                "a scripted method cannot make a module",
                "make it where the model is built, and let the method return tensors",
            );
        }
        let values = self.lower_all(expr.fields.iter().map(|field| &field.expr));
        let names = expr.fields.iter().map(|field| names::of_member(&field.member));
        if enum_of(&expr.path).is_some() && expr.rest.is_none() {
            let kwargs = names.zip(values).collect();
            return self.lower_enum_value(&expr.path, vec![], kwargs, range).unwrap_or_else(Expr::error);
        }
        if let Some(rest) = &expr.rest {
            let mut values = values;
            let base = self.lower_after(&mut values, |cx| cx.lower_base(rest, &expr.path));
            let parts = names
                .zip(values)
                .flat_map(|(name, value)| [Expr::new(ExprKind::Str(name), value.range), value]);
            let operands = std::iter::once(base).chain(parts).collect();
            return Expr::rust_op(Operator::With, operands, range);
        }
        let kwargs = names.zip(values).collect();
        let callee = Box::new(self.struct_type(&expr.path));
        Expr::new(ExprKind::Apply { callee, args: vec![], kwargs }, range)
    }

    /// The struct that the other fields are taken from. A default is one that Rust evaluates.
    fn lower_base(&mut self, base: &syn::Expr, path: &Path) -> Expr {
        match types::ungrouped_expr(base) {
            syn::Expr::Call(call) if call.args.is_empty() && is_default(&call.func) => {
                self.constant(syn::parse_quote!(<#path as ::core::default::Default>::default()))
            }
            base => self.lower_expr(base),
        }
    }

    /// The struct's type, in the side table.
    fn struct_type(&mut self, path: &Path) -> Expr {
        let slot = self.type_slot(&syn::parse_quote!(#path));
        Expr::slot(Slot::Type(slot.index), self.range(path))
    }

    /// `Pair(a, b)` becomes the tuple `(a, b)`; one of tch's states becomes the value that it holds.
    pub fn lower_tuple_struct(&mut self, path: &Path, args: Vec<Expr>, range: Range) -> Expr {
        match args.len() {
            1 if is_state(path) => args.into_iter().next().expect("one argument"),
            _ => {
                // The slot is not used: it makes rustc check that the struct is a type of TorchScript.
                self.type_slot(&syn::parse_quote!(#path));
                Expr::new(ExprKind::Tuple(args), range)
            }
        }
    }

    /// The test and the bindings of a pattern such as `Out { energy, .. }`.
    pub fn lower_struct_pattern(&mut self, pat: &PatStruct, value: &Expr) -> Refutable {
        let range = self.range(pat);
        let (mut all, value) = self.lower_variant(&pat.path, value, range);
        for field in &pat.fields {
            let element = value.clone().select(names::of_member(&field.member), range);
            all.add(self.lower_refutable(&field.pat, &element), range);
        }
        all
    }

    /// The test and the bindings of a pattern such as `Pair(a, b)` or `Layer::Conv(conv)`.
    pub fn lower_tuple_struct_pattern(&mut self, pat: &PatTupleStruct, value: &Expr) -> Refutable {
        let range = self.range(pat);
        if is_state(&pat.path) && pat.elems.len() == 1 {
            return self.lower_refutable(&pat.elems[0], value);
        }
        let (mut all, value) = self.lower_variant(&pat.path, value, range);
        for (i, elem) in pat.elems.iter().enumerate() {
            if matches!(elem, syn::Pat::Rest(_)) {
                break;
            }
            let element = Expr::field(value.clone(), i, range);
            all.add(self.lower_refutable(elem, &element), range);
        }
        all
    }

    /// The test of a path such as `Layer::Conv`: whether a value is that variant. For a struct, it always holds. And the
    /// value that has the variant's fields.
    fn lower_variant(&mut self, path: &Path, value: &Expr, range: Range) -> (Refutable, Expr) {
        self.note_variant(value, path);
        let name = path.segments.last().expect("a path has a segment").ident.to_string();
        let name = Expr::new(ExprKind::Str(name), range);
        let test = Expr::rust_op(Operator::Matches, vec![value.clone(), name.clone()], range);
        let fields = match enum_of(path) {
            Some(_) => Expr::rust_op(Operator::AsVariant, vec![value.clone(), name], range),
            None => value.clone(),
        };
        (Refutable::of(test), fields)
    }

    /// `Cache::Full(a, b)`, with fields that have names or not, becomes `$V0("Full", a, b)`.
    pub fn lower_enum_value(
        &mut self,
        path: &Path,
        args: Vec<Expr>,
        kwargs: Vec<(String, Expr)>,
        range: Range,
    ) -> Option<Expr> {
        let ty = enum_of(path)?;
        let slot = self.type_slot(&syn::parse_quote!(#ty));
        let callee = Box::new(Expr::slot(Slot::Enum(slot.index), self.range(path)));
        let name = path.segments.last()?.ident.to_string();
        let args = std::iter::once(Expr::new(ExprKind::Str(name), range)).chain(args).collect();
        Some(Expr::new(ExprKind::Apply { callee, args, kwargs }, range))
    }
}

/// The enum in the path of a variant: `Cache` in `Cache::Full`.
pub fn enum_of(path: &Path) -> Option<Path> {
    let mut ty = path.clone();
    ty.segments.pop()?;
    ty.segments.pop_punct();
    let last = ty.segments.last()?;
    (last.ident != "Self" && last.ident.to_string().starts_with(char::is_uppercase)).then_some(ty)
}

fn is_default(func: &syn::Expr) -> bool {
    matches!(func, syn::Expr::Path(path) if types::path_is_named(&path.path, &["default"]))
}

/// Whether the path is `nn::LSTMState` or `nn::GRUState`, newtypes that do not exist in TorchScript.
pub fn is_state(path: &Path) -> bool {
    types::path_is_named(path, &["LSTMState", "GRUState"])
}
