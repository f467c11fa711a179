//! Random programs over tensors that compute with sizes, as Rust code does. Their traces have to hold for other sizes.

use std::cell::RefCell;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use tch::{Device, Kind, TchError, Tensor};

/// A program of one argument with the sizes `[batch, length, 4]`.
#[derive(Clone, Debug)]
pub struct Program {
    steps: Vec<Step>,
}

/// A number that the program computes from the sizes of the tensor at hand.
#[derive(Clone, Debug)]
enum Number {
    Constant(i64),
    Size(i64),
    /// A size of the argument.
    OriginalSize(i64),
    Numel,
    Plus(Box<Number>, i64),
    Times(Box<Number>, i64),
    Half(Box<Number>),
    Product(Box<Number>, Box<Number>),
    Sum(Box<Number>, Box<Number>),
    /// The smaller of two numbers, which no formula expresses.
    AtMost(Box<Number>, i64),
}

/// One line of a program, which takes a tensor and gives the next.
#[derive(Clone, Debug)]
enum Step {
    Relu,
    Tanh,
    Softmax,
    MeanLast,
    SumKeepingDim(i64),
    AddOriginalSum,
    FlattenFirst,
    FlattenAll,
    Restore,
    Transpose,
    Unsqueeze(i64),
    Squeeze,
    ScaleByFloat {
        over: Number,
        root: bool,
        inverse: bool,
    },
    AddNumber(Number),
    AddArange,
    AddZeros,
    MulTensorOf(Number),
    CatWithItself(i64),
    CatOnes(Number),
    ChunkFirst,
    SplitAt(Number),
    Narrow(Number, Number),
    SelectLastButOne,
    SliceSteps,
    ExpandNew(Number),
    Repeat,
    RollBy(Number),
    Pad(Number),
    GramMatrix,
    MatmulLast,
    LayerNorm,
    Cumsum,
    TopTwo,
    MaxPool,
    MaskPositive,
    IndexByArange,
    Tril(Number),
    Sort,
    SumOfItsKind,
    ThroughDouble,
    AddZerosOfItsKind,
    /// Runs other operators on other sizes.
    BranchOnSize,
    LoopOverSize,
    Handled(Handled),
    Boundary(Boundary),
}

/// Handles the failure of an operator. Which operators run may depend on sizes, as with a branch.
#[derive(Clone, Debug)]
enum Handled {
    /// `unwrap_or_else`
    ViewOrDouble(Number),
    /// `if let Ok(y)`
    SquareIfPossible,
    /// `?` in a function, whose error is handled.
    Tried(Number),
    /// `ok()`, whose result is not used.
    Ignored(Number),
    /// `match`
    NarrowOrTanh(Number),
    /// Fails on any size.
    NeverView,
}

/// Has points at which a gradient is chosen, such as a bound, or goes by way of complex tensors.
#[derive(Clone, Copy, Debug)]
enum Boundary {
    Clamp,
    Hardtanh,
    Relu6,
    Abs,
    Power(f64),
    Maximum,
    Amax,
    Norm,
    Prod,
    ComplexAbs,
    ComplexSquare,
    ComplexPower,
    Fourier,
}

impl Program {
    /// The program of `seed`.
    pub fn new(seed: u64) -> Program {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.gen_range(1..=7);
        Program { steps: (0..n).map(|_| Step::random(&mut rng)).collect() }
    }

    /// A program with failures that it handles.
    pub fn with_failures(seed: u64) -> Program {
        Program::with(seed, |rng| Step::Handled(Handled::random(rng)))
    }

    /// A program with operators whose gradients are chosen at some points.
    pub fn with_boundaries(seed: u64) -> Program {
        Program::with(seed, |rng| Step::Boundary(Boundary::random(rng)))
    }

    /// One step at least is made by `special`.
    fn with(seed: u64, special: impl Fn(&mut ChaCha8Rng) -> Step) -> Program {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let n = rng.gen_range(0..=4);
        let step = |rng: &mut ChaCha8Rng| if rng.gen_bool(0.3) { special(rng) } else { Step::random(rng) };
        let mut steps: Vec<Step> = (0..n).map(|_| step(&mut rng)).collect();
        let at = rng.gen_range(0..=n);
        steps.insert(at, special(&mut rng));
        Program { steps }
    }

    /// Runs the program; none where an operator refuses these sizes.
    pub fn run(&self, x: &Tensor) -> Option<Tensor> {
        self.run_with_branches(x).map(|(y, _)| y)
    }

    /// As [`Program::run`], with the branches on sizes that it takes.
    pub fn run_with_branches(&self, x: &Tensor) -> Option<(Tensor, Vec<bool>)> {
        let branches = RefCell::default();
        let run = |it: Tensor, step: &Step| step.run(&it, x, &branches);
        let y = self.steps.iter().try_fold(x.shallow_clone(), run)?;
        Some((y, branches.into_inner()))
    }
}

impl Number {
    fn random(rng: &mut ChaCha8Rng) -> Number {
        let plain = |rng: &mut ChaCha8Rng| match rng.gen_range(0..5) {
            0 => Number::Constant(rng.gen_range(1..5)),
            1 => Number::Numel,
            2 => Number::OriginalSize(rng.gen_range(0..2)),
            _ => Number::Size(rng.gen_range(0..2)),
        };
        let inner = |rng: &mut ChaCha8Rng| Box::new(plain(rng));
        match rng.gen_range(0..14) {
            0 => Number::Plus(inner(rng), rng.gen_range(-2..=2)),
            1 => Number::Times(inner(rng), rng.gen_range(2..4)),
            2 => Number::Half(inner(rng)),
            3 => Number::Product(inner(rng), inner(rng)),
            4 => Number::Sum(inner(rng), inner(rng)),
            5 => Number::Plus(Box::new(Number::Half(inner(rng))), 1),
            6 if rng.gen_bool(0.3) => Number::AtMost(inner(rng), 7),
            _ => plain(rng),
        }
    }

    fn of(&self, x: &Tensor, original: &Tensor, branches: &RefCell<Vec<bool>>) -> i64 {
        let of = |number: &Number| number.of(x, original, branches);
        match self {
            Number::Constant(n) => *n,
            Number::Size(dim) => x.size().get(*dim as usize).copied().unwrap_or(1),
            Number::OriginalSize(dim) => original.size()[*dim as usize],
            Number::Numel => x.numel() as i64,
            Number::Plus(n, by) => of(n) + by,
            Number::Times(n, by) => of(n) * by,
            Number::Half(n) => of(n) / 2,
            Number::Product(a, b) => of(a) * of(b),
            Number::Sum(a, b) => of(a) + of(b),
            Number::AtMost(n, most) => {
                branches.borrow_mut().push(of(n) > *most);
                of(n).min(*most)
            }
        }
    }
}

impl Step {
    fn random(rng: &mut ChaCha8Rng) -> Step {
        match rng.gen_range(0..126) {
            0..3 => Step::Relu,
            3..6 => Step::Tanh,
            6..9 => Step::Softmax,
            9..12 => Step::MeanLast,
            12..15 => Step::SumKeepingDim(rng.gen_range(0..2)),
            15..18 => Step::AddOriginalSum,
            18..22 => Step::FlattenFirst,
            22..24 => Step::FlattenAll,
            24..28 => Step::Restore,
            28..32 => Step::Transpose,
            32..35 => Step::Unsqueeze(rng.gen_range(0..2)),
            35..37 => Step::Squeeze,
            37..43 => Step::ScaleByFloat {
                over: Number::random(rng),
                root: rng.gen_bool(0.5),
                inverse: rng.gen_bool(0.5),
            },
            43..47 => Step::AddNumber(Number::random(rng)),
            47..51 => Step::AddArange,
            51..54 => Step::AddZeros,
            54..57 => Step::MulTensorOf(Number::random(rng)),
            57..60 => Step::CatWithItself(rng.gen_range(0..2)),
            60..63 => Step::CatOnes(Number::random(rng)),
            63..66 => Step::ChunkFirst,
            66..69 => Step::SplitAt(Number::random(rng)),
            69..76 => Step::Narrow(Number::random(rng), Number::random(rng)),
            76..79 => Step::SelectLastButOne,
            79..81 => Step::SliceSteps,
            81..84 => Step::ExpandNew(Number::random(rng)),
            84..86 => Step::Repeat,
            86..89 => Step::RollBy(Number::random(rng)),
            89..91 => Step::Pad(Number::random(rng)),
            91..94 => Step::GramMatrix,
            94..96 => Step::MatmulLast,
            96..98 => Step::LayerNorm,
            98..101 => Step::Cumsum,
            101..103 => Step::TopTwo,
            103..106 => Step::MaxPool,
            106..109 => Step::MaskPositive,
            109..112 => Step::IndexByArange,
            112..115 => Step::Tril(Number::random(rng)),
            115..118 => Step::Sort,
            118..120 => Step::SumOfItsKind,
            120..122 => Step::ThroughDouble,
            122..124 => Step::AddZerosOfItsKind,
            124 => Step::BranchOnSize,
            _ => Step::LoopOverSize,
        }
    }

    fn run(&self, x: &Tensor, original: &Tensor, branches: &RefCell<Vec<bool>>) -> Option<Tensor> {
        let size = x.size();
        let rank = size.len() as i64;
        let float = (Kind::Float, Device::Cpu);
        let number = |n: &Number| n.of(x, original, branches);
        if rank == 0 || x.numel() == 0 || x.numel() > 20_000 {
            return None;
        }
        let first = size[0];
        match self {
            Step::Relu => x.f_relu(),
            Step::Tanh => x.f_tanh(),
            Step::Softmax => x.f_softmax(-1, Kind::Float),
            Step::MeanLast => x.f_mean_dim([-1i64].as_slice(), false, Kind::Float),
            Step::SumKeepingDim(dim) => x.f_sum_dim_intlist([*dim].as_slice(), true, Kind::Float),
            Step::AddOriginalSum => x.f_add(&original.sum(Kind::Float)),
            Step::FlattenFirst if rank > 1 => {
                let mut to = vec![first * size[1]];
                to.extend(&size[2..]);
                x.f_reshape(to)
            }
            Step::FlattenAll => x.f_reshape([x.numel() as i64]),
            Step::Restore => x.f_reshape(original.size()),
            Step::Transpose if rank > 1 => x.f_transpose(0, 1),
            Step::Unsqueeze(dim) => x.f_unsqueeze(*dim),
            Step::Squeeze if size[0] == 1 => x.f_squeeze_dim(0),
            Step::ScaleByFloat { over, root, inverse } => {
                let factor = number(over) as f64;
                let factor = if *root { factor.sqrt() } else { factor };
                if factor == 0.0 || !factor.is_finite() {
                    return None;
                }
                x.f_mul_scalar(if *inverse { 1.0 / factor } else { factor * 0.5 })
            }
            Step::AddNumber(n) => x.f_add_scalar(number(n)),
            Step::AddArange => {
                let last = size[size.len() - 1];
                Tensor::f_arange(last, float).and_then(|it| x.f_add(&it))
            }
            Step::AddZeros => Tensor::f_zeros(&size, float).and_then(|it| x.f_add(&it)),
            Step::MulTensorOf(n) => x.f_mul(&Tensor::from(number(n) as f64).to_kind(Kind::Float)),
            Step::CatWithItself(dim) => Tensor::f_cat(&[x, x], *dim),
            Step::CatOnes(n) => {
                let mut ones = size.clone();
                ones[0] = number(n);
                Tensor::f_ones(&ones, float).and_then(|it| Tensor::f_cat(&[x, &it], 0))
            }
            Step::ChunkFirst => x.f_chunk(2, 0).map(|mut it| it.swap_remove(0)),
            Step::SplitAt(n) => x.f_narrow(0, 0, number(n)),
            Step::Narrow(start, len) => x.f_narrow(0, number(start) - 1, number(len)),
            Step::SelectLastButOne => x.f_select(0, (first - 2).max(0)),
            Step::SliceSteps => x.f_slice(0, 0, first, 2),
            Step::ExpandNew(n) => {
                let mut to = vec![number(n)];
                to.extend(&size);
                x.f_unsqueeze(0).and_then(|it| it.f_expand(&to, false))
            }
            Step::Repeat => x.f_repeat(vec![2; size.len()]),
            Step::RollBy(n) => x.f_roll([number(n)], [0]),
            Step::Pad(n) => x.f_constant_pad_nd([0, number(n)]),
            Step::GramMatrix => x.f_reshape([first, -1]).and_then(|it| it.f_matmul(&it.transpose(0, 1))),
            Step::MatmulLast => {
                let last = size[size.len() - 1];
                Tensor::f_ones([last, 3], float).and_then(|it| x.f_matmul(&it))
            }
            Step::LayerNorm => {
                x.f_layer_norm([size[size.len() - 1]], None::<Tensor>, None::<Tensor>, 1e-5, false)
            }
            Step::Cumsum => x.f_cumsum(0, Kind::Float),
            Step::TopTwo => x.f_topk(2, 0, true, true).map(|it| it.0),
            Step::MaxPool if rank >= 2 => {
                let columns = size[size.len() - 1];
                x.f_reshape([1, -1, columns]).and_then(|it| it.f_max_pool1d([2], [2], [0], [1], false))
            }
            Step::MaskPositive => x.f_masked_select(&x.gt(0.0)),
            Step::IndexByArange => {
                let index = Tensor::f_arange_start(0, (first + 1) / 2, (Kind::Int64, Device::Cpu));
                index.and_then(|index| x.f_index_select(0, &index))
            }
            Step::Tril(n) if rank > 1 => x.f_tril(number(n)),
            Step::Sort => x.f_sort(-1, true).map(|it| it.0),
            Step::SumOfItsKind => x.f_sum_dim_intlist([0].as_slice(), true, x.kind()),
            Step::ThroughDouble => {
                x.f_to_kind(Kind::Double).and_then(|it| it.f_cumsum(0, Kind::Double)?.f_to_kind(x.kind()))
            }
            Step::AddZerosOfItsKind => {
                Tensor::f_zeros(&size, (x.kind(), x.device())).and_then(|it| x.f_add(&it))
            }
            Step::BranchOnSize => {
                branches.borrow_mut().push(first > 6);
                if first > 6 { x.f_sigmoid() } else { x.f_neg() }
            }
            Step::LoopOverSize if first < 40 => {
                (0..first).try_fold(x.shallow_clone(), |x, i| x.f_add_scalar(i))
            }
            Step::Handled(it) => it.run(x, original, branches),
            Step::Boundary(it) => it.run(x),
            _ => return None,
        }
        .ok()
    }
}

impl Handled {
    fn random(rng: &mut ChaCha8Rng) -> Handled {
        match rng.gen_range(0..6) {
            0 => Handled::ViewOrDouble(Number::random(rng)),
            1 => Handled::SquareIfPossible,
            2 => Handled::Tried(Number::random(rng)),
            3 => Handled::Ignored(Number::random(rng)),
            4 => Handled::NarrowOrTanh(Number::random(rng)),
            _ => Handled::NeverView,
        }
    }

    fn run(&self, x: &Tensor, original: &Tensor, branches: &RefCell<Vec<bool>>) -> Result<Tensor, TchError> {
        let number = |n: &Number| n.of(x, original, branches);
        let asked = |it: Result<Tensor, TchError>| {
            branches.borrow_mut().push(it.is_ok());
            it
        };
        match self {
            Handled::ViewOrDouble(n) => Ok(asked(x.f_view([number(n), 4])).unwrap_or_else(|_| x * 2.0)),
            Handled::SquareIfPossible => {
                if let Ok(y) = asked(x.f_matmul(x)) {
                    y.f_tanh()
                } else {
                    x.f_sin()
                }
            }
            Handled::Tried(n) => {
                let tried = || x.f_exp()?.f_narrow(0, 1, number(n))?.f_sigmoid();
                asked(tried()).or_else(|_| x.f_neg())
            }
            Handled::Ignored(n) => {
                let _ = asked(x.f_reshape([number(n), -1])).ok();
                x.f_cos()
            }
            Handled::NarrowOrTanh(n) => match asked(x.f_narrow(0, 0, number(n))) {
                Ok(y) => Ok(y + 1.0),
                Err(_) => x.f_tanh(),
            },
            Handled::NeverView => Ok(x.f_view([7919, 9]).unwrap_or_else(|_| x * 0.5)),
        }
    }
}

impl Boundary {
    fn random(rng: &mut ChaCha8Rng) -> Boundary {
        match rng.gen_range(0..15) {
            0 => Boundary::Clamp,
            1 => Boundary::Hardtanh,
            2 => Boundary::Relu6,
            3 => Boundary::Abs,
            4 => Boundary::Power(0.5),
            5 => Boundary::Power(0.0),
            6 => Boundary::Power(2.0),
            7 => Boundary::Maximum,
            8 => Boundary::Amax,
            9 => Boundary::Norm,
            10 => Boundary::Prod,
            11 => Boundary::ComplexAbs,
            12 => Boundary::ComplexSquare,
            13 => Boundary::ComplexPower,
            _ => Boundary::Fourier,
        }
    }

    fn run(self, x: &Tensor) -> Result<Tensor, TchError> {
        let complex = || Tensor::f_complex(x, &x.f_floor()?);
        match self {
            Boundary::Clamp => x.f_clamp(-0.5, 1.0),
            Boundary::Hardtanh => x.f_hardtanh(),
            Boundary::Relu6 => x.f_mul_scalar(6.0)?.f_relu6(),
            Boundary::Abs => x.f_abs(),
            Boundary::Power(exponent) => x.f_abs()?.f_pow_tensor_scalar(exponent),
            Boundary::Maximum => x.f_maximum(&x.f_round()?),
            Boundary::Amax => x.f_amax([-1], true)?.f_add(x),
            Boundary::Norm => x.f_norm()?.f_add(x),
            Boundary::Prod => x.f_prod_dim_int(-1, true, x.kind())?.f_add(x),
            Boundary::ComplexAbs => complex()?.f_abs(),
            Boundary::ComplexSquare => {
                let z = complex()?;
                (&z * z.f_conj()? * 0.5 + &z).f_imag()
            }
            Boundary::ComplexPower => complex()?.f_pow_tensor_scalar(2.0)?.f_real(),
            Boundary::Fourier => x.f_fft_rfft(None::<i64>, -1, "ortho")?.f_abs(),
        }
    }
}
