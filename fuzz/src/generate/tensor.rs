//! Tensors, and what is read from them.
//!
//! Every tensor is of floats. The inputs' sizes are `[]`, `[1]`, `[3]` and `[2, 3]`, and most operations
//! keep to what broadcasts with all of these: a last dimension of 1 or 3, one of 1 or 2 before it.

use super::Gen;
use super::methods::Row;
use crate::ast::{Expr, ExprKind, Var};
use crate::ty::Ty;

const ARITHMETIC: &[Row] = &[
    ("(~ + ~)", "tt"),
    ("(~ - ~)", "tt"),
    ("(~ * ~)", "tt"),
    ("(~ / ~)", "tt"),
    ("(@ + ~)", "tt"),
    ("(~ - @)", "tt"),
    ("(~ + @)", "tf"),
    ("(~ * @)", "tf"),
    ("(~ / @)", "tf"),
    ("(~ - @)", "ti"),
    ("(@ * @)", "ti"),
    ("(@ * ~)", "ft"),
    ("(@ - ~)", "ft"),
    ("(@ + ~)", "it"),
    ("(2.0f64 * ~)", "t"),
    ("(~ - 1i64)", "t"),
    ("(-~)", "t"),
];

const ELEMENTWISE: &[Row] = &[
    ("§.relu()", "t"),
    ("§.tanh()", "t"),
    ("§.abs()", "t"),
    ("§.neg()", "t"),
    ("§.sigmoid()", "t"),
    ("§.floor()", "t"),
    ("§.round()", "t"),
    ("§.sign()", "t"),
    ("§.square()", "t"),
    ("§.clamp(-1.5, 2.0)", "t"),
    ("§.clamp_min(0.25)", "t"),
    ("§.clamp_max(@)", "tf"),
    ("§.pow_tensor_scalar(2.0)", "t"),
    ("§.softmax(-1, Kind::Float)", "t"),
    ("§.maximum(~)", "tt"),
    ("§.minimum(~)", "tt"),
    ("§.fmod(2.0)", "t"),
    ("§.masked_fill(&§.gt(0.5), @)", "ttf"),
    ("§.where_self(&§.gt(0.0), ~)", "ttt"),
    ("§.where_self(&§.ge_tensor(~), ~)", "tttt"),
    ("§.lt(@).to_kind(Kind::Float)", "tf"),
    ("§.eq_tensor(~).to_kind(Kind::Float)", "tt"),
    ("§.gt(0.0).logical_and(&§.lt(1.5)).to_kind(Kind::Float)", "tt"),
    ("§.to_kind(Kind::Double).to_kind(Kind::Float)", "t"),
];

/// With points at which libtorch has to choose a gradient: bounds, ties, powers of zero. Inputs often lie there.
const BOUNDARIES: &[Row] = &[
    ("§.hardtanh()", "t"),
    ("§.hardswish()", "t"),
    ("§.hardsigmoid()", "t"),
    ("§.relu6()", "t"),
    ("§.leaky_relu()", "t"),
    ("§.elu()", "t"),
    ("§.softshrink()", "t"),
    ("§.hardshrink()", "t"),
    ("§.threshold(0.5, 0.25)", "t"),
    ("§.clamp(-0.5, 0.5)", "t"),
    ("§.clamp(-1.0, @)", "tf"),
    ("§.clamp_max(0.0)", "t"),
    ("§.pow_tensor_scalar(0.5)", "t"),
    ("§.pow_tensor_scalar(0.0)", "t"),
    ("§.pow_tensor_scalar(-1.0)", "t"),
    ("§.pow_tensor_scalar(@)", "tf"),
    ("§.pow(~)", "tt"),
    ("§.abs().sqrt()", "t"),
    ("§.rsqrt()", "t"),
    ("§.reciprocal()", "t"),
    ("§.abs().log()", "t"),
    ("§.norm()", "t"),
    ("§.cumprod(-1, Kind::Float)", "t"),
    ("§.logsumexp([-1i64], true)", "t"),
    ("§.sinc()", "t"),
    ("§.xlogy(~)", "tt"),
    ("§.atan2(~)", "tt"),
    ("§.hypot(~)", "tt"),
    ("§.fmax(~)", "tt"),
    ("§.fmin(~)", "tt"),
    ("§.remainder(0.5)", "t"),
    ("§.frac()", "t"),
    ("§.acos()", "t"),
    ("§.sort(-1, false).0", "t"),
    ("§.median()", "t"),
    ("§.cummax(-1).0", "t"),
    ("§.dist(~)", "tt"),
    ("§.nan_to_num(0.0, 1.0, -1.0)", "t"),
    ("§.silu()", "t"),
    ("§.gelu(\"none\")", "t"),
    ("§.log_softmax(-1, Kind::Float)", "t"),
];

/// What returns an error for some inputs.
const FALLIBLE: &[Row] = &[
    ("§.f_add(~)?", "tt"),
    ("§.f_matmul(~)?", "tt"),
    ("§.f_reshape([3i64])?", "t"),
    ("§.f_narrow(0, 1, 1)?", "t"),
    ("§.f_add(~)?.f_relu()?", "tt"),
    ("§.f_expand_as(~)?.f_neg()?", "tt"),
    ("§.f_mul(~).map(|y| y * 2.0)?", "tt"),
    ("§.f_sub(~).and_then(|y| y.f_select(0, 1))?", "tt"),
];

/// Operations of complex tensors.
const COMPLEX: &[&str] = &[
    ".exp()",
    ".sqrt()",
    ".square()",
    ".reciprocal()",
    ".conj()",
    ".conj_physical()",
    ".resolve_conj()",
    ".tanh()",
    ".log()",
    ".sgn()",
    ".neg()",
    ".pow_tensor_scalar(2.0)",
    ".pow_tensor_scalar(0.5)",
    ".cumsum(-1, Kind::ComplexFloat)",
    ".cumprod(-1, Kind::ComplexFloat)",
    ".to_kind(Kind::ComplexDouble).to_kind(Kind::ComplexFloat)",
    ".unsqueeze(0).fft_fft(None::<i64>, -1, \"ortho\").i(0)",
];

/// What makes real tensors of them.
const REAL: &[&str] = &[
    ".abs()",
    ".real()",
    ".imag()",
    ".angle()",
    ".view_as_real().sum_dim_intlist([-1i64].as_slice(), false, Kind::Float)",
    ".sum(Kind::ComplexFloat).abs()",
    ".mean(Kind::ComplexFloat).real()",
];

const REDUCTIONS: &[Row] = &[
    ("§.sum(Kind::Float)", "t"),
    ("§.mean(Kind::Float)", "t"),
    ("§.prod(Kind::Float)", "t"),
    ("§.max()", "t"),
    ("§.min()", "t"),
    ("§.amax([-1i64], true)", "t"),
    ("§.amin([-1i64], false)", "t"),
    ("§.sum_dim_intlist([-1i64].as_slice(), true, Kind::Float)", "t"),
    ("§.mean_dim([0i64].as_slice(), false, Kind::Float)", "t"),
    ("§.max_dim(-1, true).0", "t"),
    ("§.cumsum(-1, Kind::Float)", "t"),
];

const MADE: &[Row] = &[
    ("§.zeros_like()", "t"),
    ("§.ones_like()", "t"),
    ("§.full_like(@)", "tf"),
    ("§.copy()", "t"),
    ("§.shallow_clone()", "t"),
    ("§.detach()", "t"),
    ("Tensor::full([2i64, 3], @, (Kind::Float, Device::Cpu))", "f"),
];

const SHAPES: &[Row] = &[
    ("§.unsqueeze(0)", "t"),
    ("§.unsqueeze(0).i(0)", "t"),
    ("§.unsqueeze(0).unsqueeze(0).i((0, ..))", "t"),
    ("§.unsqueeze(0).i((.., NewAxis)).squeeze_dim(1)", "t"),
    ("§.unsqueeze(0).narrow(0, 0, 1)", "t"),
    ("§.flatten(0, -1).i(0)", "t"),
    ("§.flatten(0, -1).i(..1)", "t"),
    ("§.reshape([-1i64]).narrow(0, 0, 1)", "t"),
    ("§.transpose(0, -1).transpose(-1, 0)", "t"),
    ("§.transpose(0, -1).contiguous().view_as(~)", "tt"),
    ("§.reshape(§.size().as_slice())", "vv"),
    ("§.view(§.size().as_slice())", "vv"),
    ("§.expand_as(~)", "tt"),
    ("§.broadcast_to([2i64, 3])", "t"),
    ("§.flip([-1i64])", "t"),
    ("§.unsqueeze(0).index_select(0, &Tensor::from_slice(&[0i64]))", "t"),
    ("Tensor::stack(&[~, ~], 0)", "vv"),
    ("Tensor::cat(&[§.flatten(0, -1), §.flatten(0, -1)], 0).mean(Kind::Float)", "tt"),
    ("Tensor::stack(&[§.sum(Kind::Float), @.max(), §.min()], 0)", "ttt"),
    ("Tensor::stack(&@, 0).mean(Kind::Float)", "l"),
    ("Tensor::cat(&@, 0).sum(Kind::Float)", "l"),
];

/// What fails, or leaves sizes that fail later, for some inputs.
const RISKY: &[Row] = &[
    ("§.i(0)", "t"),
    ("§.i(-1)", "t"),
    ("§.i((.., 1))", "t"),
    ("§.i((.., 0..1))", "t"),
    ("§.i(1..)", "t"),
    ("§.i((0, 1))", "t"),
    ("§.get(0)", "t"),
    ("§.select(0, 1)", "t"),
    ("§.narrow(0, 0, 1)", "t"),
    ("§.unsqueeze(-1)", "t"),
    ("§.flatten(0, -1)", "t"),
    ("§.reshape([3i64])", "t"),
    ("§.tr()", "t"),
    ("§.matmul(~)", "tt"),
    ("§.dot(~)", "tt"),
    ("§.repeat([2i64, 1])", "t"),
];

const INTS: &[Row] = &[
    ("(§.dim() as i64)", "t"),
    ("(§.numel() as i64)", "t"),
    ("(§.size().len() as i64)", "t"),
    ("§.size()[0]", "t"),
    ("§.size().iter().sum::<i64>()", "t"),
    ("§.gt(@).sum(Kind::Int64).int64_value(&[])", "tf"),
    ("i64::try_from(§.le(0.5).sum(Kind::Int64)).unwrap()", "t"),
    ("§.flatten(0, -1).argmax(0, false).int64_value(&[])", "t"),
];

const SIZES: &[Row] = &[("§.dim()", "t"), ("§.numel()", "t"), ("§.size().len()", "t")];

const FLOATS: &[Row] = &[
    ("§.sum(Kind::Float).double_value(&[])", "t"),
    ("§.mean(Kind::Float).double_value(&[])", "t"),
    ("§.max().double_value(&[])", "t"),
    ("§.flatten(0, -1).double_value(&[0])", "t"),
    ("§.double_value(&[0])", "t"),
    ("f64::try_from(§.sum(Kind::Float)).unwrap()", "t"),
];

const BOOLS: &[Row] = &[
    ("(§.sum(Kind::Float).double_value(&[]) > @)", "tf"),
    ("(§.gt(0.25).any().int64_value(&[]) != 0)", "t"),
    ("bool::try_from(§.ge(@).all()).unwrap()", "tf"),
    ("(§.max().double_value(&[]) <= 0.5)", "t"),
    ("(~ == ~)", "tt"),
    ("(~ != ~)", "tt"),
    ("(§.size() == §.size())", "tt"),
    ("(§.dim() > 1)", "t"),
    ("(§.size()[0] == 3)", "t"),
    ("(§.kind() == Kind::Float)", "t"),
];

const LISTS_OF_INTS: &[Row] = &[("§.size()", "t")];

const LISTS_OF_FLOATS: &[Row] = &[("Vec::<f64>::try_from(&§.flatten(0, -1)).unwrap()", "t")];

const LISTS: &[Row] = &[
    ("§.unsqueeze(0).unbind(0)", "t"),
    ("§.unbind(0)", "t"),
    ("§.unsqueeze(0).split(1, 0)", "t"),
    ("§.chunk(2, 0)", "t"),
];

/// What changes a tensor, and all that share its memory.
const CHANGES: &[Row] = &[
    ("# += ~;", "t"),
    ("# -= ~;", "t"),
    ("# *= ~;", "t"),
    ("# += @;", "f"),
    ("# *= @;", "f"),
    ("# -= @;", "i"),
    ("# /= @;", "f"),
    ("let _ = #.g_add_(~);", "t"),
    ("let _ = #.g_mul_(~);", "t"),
    ("let _ = #.fill_(@);", "f"),
    ("let _ = #.zero_();", ""),
    ("let _ = #.relu_();", ""),
    ("let _ = #.clamp_(-2.0, 2.0);", ""),
    ("let _ = #.neg_();", ""),
    ("let _ = #.unsqueeze(0).i(0).g_add_(~);", "t"),
    ("#.copy_(~);", "t"),
];

impl Gen {
    pub fn tensor(&mut self, depth: usize) -> Expr {
        let fallible = if self.fallible && !self.in_closure && !self.is_plain { 5 } else { 0 };
        let rows = match self.weighted(&[10, 8, 4, 3, 5, 1, 2, 4, fallible, 1]) {
            0 => ARITHMETIC,
            1 => ELEMENTWISE,
            2 => REDUCTIONS,
            3 => MADE,
            4 => SHAPES,
            5 => RISKY,
            7 => BOUNDARIES,
            8 => FALLIBLE,
            9 => return self.by_complex(depth - 1),
            _ if !self.is_plain => return self.changed(depth - 1),
            _ => return self.leaf(&Ty::Tensor),
        };
        self.row(Ty::Tensor, rows, depth - 1)
    }

    /// A tensor by way of complex ones.
    fn by_complex(&mut self, depth: usize) -> Expr {
        let mut template = self.choose(&["Tensor::complex(~, ~)", "Tensor::polar(~, ~)"]).to_owned();
        let mut kinds = "vv".to_owned();
        for _ in 0..self.below(3) {
            template += self.choose(COMPLEX);
            if self.chance(0.3) {
                let by = self.choose(&[" * Tensor::complex(~, ~))", " + ~)", " - ~ * 2.0)", " / (~ + 3.0))"]);
                kinds += &"v".repeat(by.matches('~').count());
                template = format!("({template}{by}");
            }
        }
        template += self.choose(REAL);
        let args = self.tensor_operands(&template, &kinds, depth);
        Expr::op(Ty::Tensor, template, args)
    }

    /// A value of another type that is read from a tensor; none where there is no way.
    pub fn of_tensor(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let rows = match ty {
            Ty::Int => INTS,
            Ty::Size => SIZES,
            Ty::Float => FLOATS,
            Ty::Bool => BOOLS,
            Ty::List(of) => match **of {
                Ty::Int => LISTS_OF_INTS,
                Ty::Float => LISTS_OF_FLOATS,
                Ty::Tensor => LISTS,
                _ => return None,
            },
            _ => return None,
        };
        Some(self.row(ty.clone(), rows, depth))
    }

    fn row(&mut self, ty: Ty, rows: &[Row], depth: usize) -> Expr {
        let (template, kinds) = self.choose(rows);
        let args = self.tensor_operands(template, kinds, depth);
        Expr::op(ty, template, args)
    }

    /// Operands by their letters: besides those of numbers `t` for a tensor, `l` for a list of them,
    /// and `v` for a variable, the same one for each `v`. What `template` borrows, no later operand changes.
    fn tensor_operands(&mut self, template: &str, kinds: &str, depth: usize) -> Vec<Expr> {
        let same = kinds.contains('v').then(|| self.leaf(&Ty::Tensor));
        let operand = |cx: &mut Self, kind| match kind {
            't' => cx.expr(&Ty::Tensor, depth),
            'v' => same.clone().expect("made before"),
            'f' => cx.expr(&Ty::Float, depth.min(1)),
            'i' => cx.expr(&Ty::Int, depth.min(1)),
            _ => cx.expr(&Ty::list(Ty::Tensor), depth.min(2)),
        };
        let (mut args, mut borrowed) = (vec![], vec![]);
        let holes = template.chars().filter(|it| matches!(it, '@' | '~' | '§'));
        for (kind, hole) in kinds.chars().zip(holes) {
            let arg = operand(self, kind);
            if let ExprKind::Var(var) = &arg.kind
                && hole != '@'
            {
                self.scope.lock(var);
                borrowed.push(var.clone());
            }
            args.push(arg);
        }
        borrowed.iter().for_each(|var| self.scope.unlock(var));
        args
    }

    /// A statement that changes `var`'s tensor.
    pub fn in_place(&mut self, var: &Var, depth: usize) -> Expr {
        let (template, kinds) = self.choose(CHANGES);
        let mut args = vec![Expr::var(var)];
        self.scope.set_hidden(var, true);
        args.extend(self.tensor_operands(template, kinds, depth));
        self.scope.set_hidden(var, false);
        Expr::op(Ty::Unit, template, args)
    }

    /// A block that changes a tensor of its own.
    fn changed(&mut self, depth: usize) -> Expr {
        let mark = self.scope.mark();
        let (template, kinds) = self.choose(&[
            ("§.zeros_like()", "t"),
            ("§.copy()", "t"),
            ("Tensor::zeros([2i64, 3], (Kind::Float, Device::Cpu))", ""),
        ]);
        let args = self.tensor_operands(template, kinds, depth.min(2));
        let start = Expr::op(Ty::Tensor, template, args);
        let var = self.fresh(Ty::Tensor, false);
        let bind = self.binding("mut @", &var, start);
        self.scope.declare(&var, true, self.loops.len());
        let mut stmts = vec![bind];
        for _ in 0..=self.below(2) {
            let change = self.in_place(&var, depth.min(2));
            stmts.push(super::flow::statement(change));
        }
        self.scope.leave(mark);
        let tail = Expr::op(Ty::Tensor, "$", vec![Expr::var(&var)]);
        Expr::block(Ty::Tensor, crate::ast::Block { stmts, tail: Some(Box::new(tail)) })
    }

    /// One of `types`, or where the program has tensors, sometimes a tensor.
    pub fn choose_with_tensor(&mut self, types: &[Ty]) -> Ty {
        if self.with_tensors && self.chance(0.3) { Ty::Tensor } else { self.choose(types) }
    }
}
