//! Lowers conversions between tensors and Rust's numbers, slices and vectors.

use syn::{BinOp, ExprCall, Lit, Type, UnOp};

use super::super::{Cx, numbers};
use crate::span::Range;
use crate::syntax::{Expr, ExprKind, Operator};
use crate::types::{self, last_name};

/// The numbers of kinds in TorchScript.
const FLOAT: i64 = 6;
const INT: i64 = 3;
const DOUBLE: i64 = 7;

impl Cx {
    /// Lowers `T::try_from(x)`, where `T` is a number, a `bool` or a vector that tensors convert to; `None` for other
    /// types.
    pub fn lower_conversion(&mut self, call: &ExprCall, range: Range) -> Option<Expr> {
        let syn::Expr::Path(func) = &*call.func else { return None };
        let name = func.path.segments.last()?.ident.to_string();
        if !matches!(name.as_str(), "try_from" | "from") || call.args.len() != 1 {
            return None;
        }
        let ty = self.converted_to(func)?;
        if let (Type::Array(array), "try_from") = (types::ungrouped(&ty), &*name) {
            return Some(self.lower_sized(&call.args[0], array, range));
        }
        if vec_element(&ty).is_some() && name == "try_from" {
            let element = innermost(&ty);
            if matches!(element, Type::Infer(_)) {
                return Some(self.poison(
                    &call.func,
                    "the type of the elements must be written",
                    "write `Vec::<f64>::try_from(…)`, with the type of element that you need",
                ));
            }
            let x = self.lower_expr(&call.args[0]);
            return Some(self.lower_to_list(x, &ty, range));
        }
        let ident = last_name(&ty)?;
        if name == "from" {
            return None;
        }
        let kind = kind_of(&ident)?;
        let x = self.lower_expr(&call.args[0]);
        Some(match ident.as_str() {
            "bool" => Expr::var("bool", range).apply(vec![x], range),
            "f64" => Expr::rust_op(Operator::ToFloat, vec![x], range),
            "i64" => Expr::rust_op(Operator::ToInt, vec![x], range),
            // A tensor is rounded or wrapped first, as in tch; a Rust number is checked.
            _ => {
                let rounded = Expr::rust_op(Operator::Cast, vec![x, Expr::int(kind, range)], range);
                if ident == "f32" {
                    return Some(Expr::rust_op(Operator::ToFloat, vec![rounded], range));
                }
                let number = Expr::rust_op(Operator::ToInt, vec![rounded], range);
                Expr::rust_op(numbers::checked(&ident)?, vec![number], range)
            }
        })
    }

    /// The type in a conversion: `f64` in `f64::try_from`, `Vec<f64>` in `Vec::<f64>::try_from` and
    /// `<Vec<f64>>::try_from`.
    fn converted_to(&self, func: &syn::ExprPath) -> Option<Type> {
        if let Some(qself) = &func.qself {
            return Some((*qself.ty).clone());
        }
        let n = func.path.segments.len();
        let segment = func.path.segments.iter().nth(n.checked_sub(2)?)?;
        if segment.ident == "Vec" && segment.arguments.is_empty() {
            // `let v: Vec<f64> = Vec::try_from(x)?`
            let expected = self.expected.as_ref().filter(|ty| vec_element(ty).is_some());
            return Some(expected.cloned().unwrap_or_else(|| syn::parse_quote!(Vec<_>)));
        }
        let mut path = syn::Path::from(segment.ident.clone());
        path.segments[0].arguments = segment.arguments.clone();
        Some(syn::parse_quote!(#path))
    }

    /// `$to_list(x, n_dims, kind)`: a list, or a list of lists, of the elements that `ty` holds.
    pub fn lower_to_list(&mut self, x: Expr, ty: &Type, range: Range) -> Expr {
        let kind = last_name(innermost(ty)).and_then(|element| kind_of(&element));
        let Some(kind) = kind else {
            return self.poison(
                ty,
                "elements of tensors are numbers and bools",
                "convert to `f64`, `i64` or `bool`, or to vectors of them",
            );
        };
        let n_dims = depth(ty).max(1);
        Expr::rust_op(Operator::ToList, vec![x, Expr::int(n_dims, range), Expr::int(kind, range)], range)
    }

    /// `Tensor::from(x)`, `Tensor::from_slice(&[…])` and their like become `$tensor(x, kind)`, with the kind of the
    /// Rust type, if the source text shows it. Without a kind, `$tensor` chooses by TorchScript's static type: Double,
    /// Int64 or Bool.
    pub fn lower_tensor_of(&mut self, value: &syn::Expr, range: Range) -> Expr {
        let kind = seen(value).kind();
        let number = if kind.is_none() { self.number_type(value) } else { None };
        let value = self.lower_expr(value);
        match number {
            Some(number) => Expr::rust_op(Operator::Tensor, vec![value, number], range),
            None => self.tensor_of(value, kind, range),
        }
    }

    /// As [`Self::lower_tensor_of`], with the kind that `Tensor::from_slice::<f32>` names.
    pub fn lower_tensor_of_kind(&mut self, value: &syn::Expr, element: &Type, range: Range) -> Expr {
        let kind = last_name(element).and_then(|element| kind_of(&element));
        let kind = kind.or_else(|| seen(value).kind());
        let value = self.lower_expr(value);
        self.tensor_of(value, kind, range)
    }

    fn tensor_of(&mut self, value: Expr, kind: Option<i64>, range: Range) -> Expr {
        let Some(kind) = kind else { return Expr::rust_op(Operator::Tensor, vec![value], range) };
        let kind = Expr::int(kind, range);
        match &value.kind {
            // An empty literal needs `torch.zeros`: the elements of `[]` have no type in TorchScript.
            ExprKind::List(items) if items.is_empty() => {
                let callee = Box::new(Expr::var("torch", range).select("zeros", range));
                let args = vec![Expr::new(ExprKind::List(vec![Expr::int(0, range)]), range)];
                let kwargs = vec![("dtype".to_owned(), kind)];
                Expr::new(ExprKind::Apply { callee, args, kwargs }, range)
            }
            _ => Expr::rust_op(Operator::Tensor, vec![value, kind], range),
        }
    }
}

/// What the source text says about the type of a number, or of the numbers in a list.
#[derive(Clone, Copy)]
enum Seen {
    /// A suffix or a cast names the kind.
    Kind(i64),
    /// Literals without a suffix only: `i32` and `f64`, unless something else decides.
    Literals(i64),
    Nothing,
}

impl Seen {
    fn kind(self) -> Option<i64> {
        match self {
            Seen::Kind(kind) | Seen::Literals(kind) => Some(kind),
            Seen::Nothing => None,
        }
    }

    /// What two values of the same type tell together.
    fn and(self, other: Seen) -> Seen {
        match (self, other) {
            (Seen::Kind(kind), _) | (_, Seen::Kind(kind)) => Seen::Kind(kind),
            (Seen::Nothing, _) | (_, Seen::Nothing) => Seen::Nothing,
            (literals, _) => literals,
        }
    }
}

fn seen(expr: &syn::Expr) -> Seen {
    match expr {
        syn::Expr::Paren(expr) => seen(&expr.expr),
        syn::Expr::Group(expr) => seen(&expr.expr),
        syn::Expr::Reference(expr) => seen(&expr.expr),
        syn::Expr::Lit(expr) => match &expr.lit {
            Lit::Int(lit) => kind_of(lit.suffix()).map_or(Seen::Literals(INT), Seen::Kind),
            Lit::Float(lit) => kind_of(lit.suffix()).map_or(Seen::Literals(DOUBLE), Seen::Kind),
            _ => Seen::Nothing,
        },
        syn::Expr::Unary(expr) if matches!(expr.op, UnOp::Neg(_)) => seen(&expr.expr),
        syn::Expr::Cast(expr) => {
            last_name(&expr.ty).and_then(|ty| kind_of(&ty)).map_or(Seen::Nothing, Seen::Kind)
        }
        syn::Expr::Binary(expr) => match expr.op {
            BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_) | BinOp::Rem(_) => {
                seen(&expr.left).and(seen(&expr.right))
            }
            _ => Seen::Nothing,
        },
        syn::Expr::Array(array) => array.elems.iter().map(seen).reduce(Seen::and).unwrap_or(Seen::Nothing),
        syn::Expr::Repeat(repeat) => seen(&repeat.expr),
        syn::Expr::Macro(mac) if mac.mac.path.is_ident("vec") => {
            let tokens = &mac.mac.tokens;
            syn::parse2(quote::quote!([#tokens])).map_or(Seen::Nothing, |array| seen(&array))
        }
        _ => Seen::Nothing,
    }
}

/// The kind of tensors with elements of this type.
fn kind_of(ty: &str) -> Option<i64> {
    Some(match ty {
        "u8" => 0,
        "i8" => 1,
        "i16" => 2,
        "i32" => INT,
        "i64" => 4,
        "f32" => FLOAT,
        "f64" => DOUBLE,
        "bool" => 11,
        _ => return None,
    })
}

/// The type `T` in `Vec<T>`.
fn vec_element(ty: &Type) -> Option<&Type> {
    types::argument_of(ty, "Vec")
}

/// The type `T` in `Vec<Vec<T>>`, whatever the depth.
fn innermost(ty: &Type) -> &Type {
    vec_element(ty).map_or(ty, innermost)
}

/// How many `Vec`s are around the elements.
fn depth(ty: &Type) -> i64 {
    vec_element(ty).map_or(0, |element| 1 + depth(element))
}
