//! Literals.

use super::Gen;
use super::value::tuple_template;
use crate::ast::Expr;
use crate::ty::Ty;

const INTS: &[&str] = &[
    "i64::MAX",
    "i64::MIN",
    "(i64::MAX - 1)",
    "(i64::MIN + 1)",
    "(1i64 << 62)",
    "63i64",
    "-7i64",
    "1_000i64",
    "0xffi64",
];
const FLOATS: &[&str] = &[
    "f64::NAN",
    "f64::INFINITY",
    "f64::NEG_INFINITY",
    "0.5f64",
    "-2.5f64",
    "1e300f64",
    "1e-3f64",
    "3f64",
    "std::f64::consts::PI",
    "0.1f64",
    "4503599627370497.5f64",
];
const TEXTS: &[&str] = &["\"\"", "\"a\"", "\"ab\"", "\"é\"", "\"a\\n\"", "\"{}\"", "\"\\\"\"", "\"\\\\\""];

const TENSORS: &[&str] = &[
    "Tensor::from_slice(&[0.5f32, -1.25, 2.0])",
    "Tensor::from_slice2(&[[0.5f32, -1.0, 0.25], [1.5, 2.25, -0.75]])",
    "Tensor::from_slice(&[0.75f32])",
    "Tensor::from(1.5f32)",
    "Tensor::ones([2i64, 3], (Kind::Float, Device::Cpu))",
    "Tensor::zeros([3i64], (Kind::Float, Device::Cpu))",
    "Tensor::full([1i64], -0.5f64, (Kind::Float, Device::Cpu))",
    "Tensor::arange(3i64, (Kind::Float, Device::Cpu))",
    "Tensor::eye(3i64, (Kind::Float, Device::Cpu)).select(0, 1)",
];

impl Gen {
    pub fn literal(&mut self, ty: &Ty) -> Expr {
        match ty {
            Ty::Int if self.chance(0.12) => {
                let text = self.choose(INTS);
                Expr::leaf(Ty::Int, text)
            }
            Ty::Int => {
                let n = self.rng_int();
                Expr::leaf(Ty::Int, format!("{n}i64"))
            }
            Ty::Size => {
                let n = self.below(4);
                Expr::leaf(Ty::Size, format!("{n}usize"))
            }
            Ty::Float => {
                let text = self.choose(FLOATS);
                Expr::leaf(Ty::Float, text)
            }
            Ty::Narrow(name) => self.narrow_literal(name),
            // A literal would decide a branch while TorchScript compiles.
            Ty::Bool if !self.scope.readable(|it| *it == Ty::Int).is_empty() => {
                let vars = self.scope.readable(|it| *it == Ty::Int);
                let var = self.choose(&vars);
                let limit = self.rng_int();
                Expr::op(Ty::Bool, format!("(@ < {limit})"), vec![Expr::var(&var)])
            }
            Ty::Bool if !self.scope.readable(|it| *it == Ty::Tensor).is_empty() => {
                let vars = self.scope.readable(|it| *it == Ty::Tensor);
                let var = self.choose(&vars);
                let limit = self.below(3);
                Expr::op(Ty::Bool, format!("(#.dim() > {limit})"), vec![Expr::var(&var)])
            }
            Ty::Bool => {
                let flag = self.chance(0.5);
                Expr::leaf(Ty::Bool, if flag { "(0i64 < 1)" } else { "(1i64 < 0)" })
            }
            Ty::Text => {
                let text = self.choose(TEXTS);
                Expr::leaf(Ty::Text, format!("{text}.to_owned()"))
            }
            Ty::List(of) => {
                let n = self.below(3) + 1;
                self.elements("vec![", of, n, ty)
            }
            Ty::Array(of, n) => self.elements("[", of, *n, ty),
            Ty::Option(of) => {
                let value = self.literal(of);
                Expr::op(ty.clone(), "Some(@)", vec![value])
            }
            Ty::Tuple(items) => {
                let values: Vec<_> = items.iter().map(|it| self.literal(it)).collect();
                Expr::op(ty.clone(), tuple_template(values.len()), values)
            }
            Ty::Unit => Expr::leaf(Ty::Unit, "()"),
            Ty::Tensor => {
                let text = self.choose(TENSORS);
                Expr::leaf(Ty::Tensor, text)
            }
            Ty::Map | Ty::Table => self.map_of(ty, 1),
            Ty::Enum => {
                let text = self.choose(&["Mode::Low", "Mode::Mid", "Mode::High"]);
                Expr::leaf(Ty::Enum, text)
            }
            Ty::Data => {
                let text =
                    self.choose(&["Cache::Empty", "Cache::Full(1i64, 0.5f64)", "Cache::Full(-2i64, 3.0f64)"]);
                Expr::leaf(Ty::Data, text)
            }
            Ty::Struct(it) => {
                let values: Vec<_> = it.fields.iter().map(|(_, ty)| self.literal(ty)).collect();
                Expr::op(ty.clone(), it.template(), values)
            }
            Ty::Module(_) | Ty::Never => unreachable!("`{ty}` has no literals"),
        }
    }

    fn elements(&mut self, open: &str, of: &Ty, n: usize, ty: &Ty) -> Expr {
        let values: Vec<_> = (0..n).map(|_| self.leaf(of)).collect();
        let holes = vec!["@"; n].join(", ");
        Expr::op(ty.clone(), format!("{open}{holes}]"), values)
    }

    pub fn rng_int(&mut self) -> i64 {
        let n = self.below(12);
        n as i64 - 3
    }
}
