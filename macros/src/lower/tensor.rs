//! Methods of `Tensor` that tch writes by hand; the generated ones are in the table.

use syn::ExprMethodCall;

use super::Cx;
use crate::span::Range;
use crate::syntax::{Expr, ExprKind};

impl Cx<'_> {
    /// `None` where `name` is not written by hand.
    pub fn lower_tensor_method(&mut self, call: &ExprMethodCall, name: &str, range: Range) -> Option<Expr> {
        let name = name.strip_prefix("f_").unwrap_or(name);
        if (name, call.args.len()) == ("i", 1) {
            return Some(self.lower_index_op(call, range));
        }
        if !is_hand_written(name, call.args.len()) {
            return None;
        }
        let mut values = self.lower_all(std::iter::once(&*call.receiver).chain(&call.args));
        let mut x = values.remove(0);
        if name == "flat_view" {
            x = self.once(x);
        }
        let int = |value| Expr::int(value, range);
        Some(match name {
            "size" => Expr::torch("size", vec![x], range),
            "size1" => Expr::torch("size", vec![x], range).subscript(int(0), range),
            // `let (b, c) = x.size2()?` unpacks a list, which checks the length as tch does.
            "size2" | "size3" | "size4" | "size5" | "size6" => Expr::torch("size", vec![x], range),
            "stride" => Expr::torch("stride", vec![x], range),
            "dim" => Expr::torch("dim", vec![x], range),
            "numel" => Expr::torch("numel", vec![x], range),
            "kind" => x.select("dtype", range),
            "device" => x.select("device", range),
            "requires_grad" => x.select("requires_grad", range),
            "is_contiguous" => Expr::torch("is_contiguous", vec![x], range),
            "get" => Expr::torch("select", vec![x, int(0), values.remove(0)], range),
            "view" => {
                let shape = shape(values.remove(0), range);
                Expr::torch("view", vec![x, shape], range)
            }
            "flat_view" => {
                let batch = Expr::torch("size", vec![x.clone(), int(0)], range);
                let shape = Expr::new(ExprKind::List(vec![batch, int(-1)]), range);
                Expr::torch("view", vec![x, shape], range)
            }
            "copy" => Expr::torch("clone", vec![x], range),
            "copy_" => Expr::torch("copy_", vec![x, values.remove(0)], range),
            "to_kind" => x.select("to", range).apply(values, range),
            "to_device" => x.select("to", range).apply(values, range),
            // `x.double_value(&[i, j])` becomes `float(x[i, j])`; without indices, `float(x)`.
            "double_value" | "int64_value" => {
                let ty = if name == "double_value" { "float" } else { "int" };
                let ExprKind::List(indices) = values.remove(0).kind else {
                    // A list as an index means something else to TorchScript.
                    return Some(self.poison(
                        &call.args[0],
                        format!("the indices of `{name}` are written out in scripted methods"),
                        format!("write `{name}(&[i, j])`"),
                    ));
                };
                let element = if indices.is_empty() {
                    x
                } else {
                    Expr::new(ExprKind::Subscript(Box::new(x), indices), range)
                };
                Expr::var(ty, range).apply(vec![element], range)
            }
            "avg_pool2d_default" | "max_pool2d_default" => {
                let size = self.once(values.remove(0));
                let square = Expr::new(ExprKind::List(vec![size.clone(), size]), range);
                let op = name.strip_suffix("_default").unwrap_or(name);
                let zero = Expr::new(ExprKind::List(vec![int(0), int(0)]), range);
                let mut args = vec![x, square.clone(), square, zero];
                if op == "avg_pool2d" {
                    args.extend([
                        Expr::new(ExprKind::False, range),
                        Expr::new(ExprKind::True, range),
                        int(1),
                    ]);
                }
                Expr::torch(op, args, range)
            }
            // Mean reduction and PyTorch's default `ignore_index`.
            "nll_loss" => Expr::torch("nll_loss", vec![x, values.remove(0)], range),
            "cross_entropy_for_logits" => {
                let log_probs = Expr::torch("log_softmax", vec![x, int(-1), int(FLOAT)], range);
                Expr::torch("nll_loss", vec![log_probs, values.remove(0)], range)
            }
            other => unreachable!("`{other}` is listed but not lowered"),
        })
    }
}

impl Cx<'_> {
    /// `x.i((0, 1.., ..3, .., NewAxis, &index))` becomes `x[0, 1:, :3, :, None, index]`.
    fn lower_index_op(&mut self, call: &ExprMethodCall, range: Range) -> Expr {
        let x = self.lower_expr(&call.receiver);
        let indices: Vec<&syn::Expr> = match &call.args[0] {
            syn::Expr::Tuple(tuple) => tuple.elems.iter().collect(),
            one => vec![one],
        };
        let indices = indices.into_iter().map(|index| self.lower_one_index(index)).collect();
        Expr::new(ExprKind::Subscript(Box::new(x), indices), range)
    }

    fn lower_one_index(&mut self, index: &syn::Expr) -> Expr {
        match index {
            syn::Expr::Range(slice) => self.lower_slice(slice),
            syn::Expr::Path(path) if path.path.segments.last().is_some_and(|it| it.ident == "NewAxis") => {
                Expr::none(self.range(path))
            }
            other => self.lower_expr(other),
        }
    }
}

/// `Kind::Float`, as TorchScript numbers it.
const FLOAT: i64 = 6;

fn is_hand_written(name: &str, arity: usize) -> bool {
    matches!(
        (name, arity),
        (
            "size"
                | "size1"
                | "size2"
                | "size3"
                | "size4"
                | "size5"
                | "size6"
                | "stride"
                | "dim"
                | "numel"
                | "kind"
                | "device"
                | "requires_grad"
                | "is_contiguous"
                | "flat_view"
                | "copy",
            0
        ) | (
            "get"
                | "view"
                | "copy_"
                | "to_kind"
                | "to_device"
                | "double_value"
                | "int64_value"
                | "avg_pool2d_default"
                | "max_pool2d_default"
                | "nll_loss"
                | "cross_entropy_for_logits",
            1
        )
    )
}

/// The shape given to `view`: a list, a tuple, `()` or an integer.
fn shape(value: Expr, range: Range) -> Expr {
    match value.kind {
        ExprKind::Tuple(items) => Expr::new(ExprKind::List(items), range),
        ExprKind::None => Expr::new(ExprKind::List(vec![]), range),
        ExprKind::List(_) => value,
        _ => Expr::rust_op("int_list", vec![value], range),
    }
}
