//! The values that stand for others in smaller programs.

use crate::ast::Expr;
use crate::ty::Ty;

/// The simplest values of a type.
pub fn literal(ty: &Ty, step: usize) -> Option<Expr> {
    let text = match (ty, step) {
        (Ty::Int, 0) => "0i64",
        (Ty::Int, _) => "1i64",
        (Ty::Size, 0) => "0usize",
        (Ty::Size, _) => "1usize",
        (Ty::Float, 0) => "0.5f64",
        (Ty::Float, _) => "-1.5f64",
        (Ty::Narrow(name), 0) => return Some(Expr::leaf(ty.clone(), format!("1{name}"))),
        (Ty::Narrow("f32"), 1) => "0.1f32",
        (Ty::Narrow(name), 1) => return Some(Expr::leaf(ty.clone(), format!("{name}::MAX"))),
        (Ty::Bool, 0) => "true",
        (Ty::Bool, _) => "false",
        (Ty::Struct(it), 0) => {
            let fields: Vec<_> = it.fields.iter().map(|(_, ty)| literal(ty, 0)).collect::<Option<_>>()?;
            return Some(Expr::op(ty.clone(), it.template(), fields));
        }
        (Ty::Map, 0) => "BTreeMap::from([(1i64, 2i64)])",
        (Ty::Table, 0) => "HashMap::from([(\"a\".to_owned(), 1i64)])",
        (Ty::Enum, 0) => "Mode::Low",
        (Ty::Data, 0) => "Cache::Empty",
        (Ty::Tensor, 0) => "Tensor::from(0.5f32)",
        (Ty::Tensor, _) => "Tensor::from_slice(&[-0.5f32, 1.0, 2.0])",
        (Ty::Text, 0) => "\"a\".to_owned()",
        (Ty::List(of), 0) => {
            let item = literal(of, 0)?;
            return Some(Expr::op(ty.clone(), "vec![@]", vec![item]));
        }
        (Ty::Array(of, n), 0) => {
            let item = literal(of, 0)?;
            return Some(Expr::op(ty.clone(), format!("[@; {n}]"), vec![item]));
        }
        (Ty::Option(of), 0) => {
            let item = literal(of, 0)?;
            return Some(Expr::op(ty.clone(), "Some(@)", vec![item]));
        }
        (Ty::Tuple(items), 0) => {
            let items: Vec<_> = items.iter().map(|it| literal(it, 0)).collect::<Option<_>>()?;
            let template = format!("({},)", vec!["@"; items.len()].join(", "));
            return Some(Expr::op(ty.clone(), template, items));
        }
        _ => return None,
    };
    Some(Expr::leaf(ty.clone(), text))
}
