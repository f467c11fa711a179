//! [`ExampleInput`]: types whose values can stand for example inputs, as expressions in `#[tracing_inputs(…)]`.

use tch::Tensor;

use super::Draw;
use crate::types::ScriptType;

/// A value that says what example inputs are like: the irreps of an equivariant network, a range, a tensor.
///
/// ```
/// use tch::Tensor;
/// use tch_jit::{Draw, ExampleInput, compile_mode, methods};
///
/// /// Points on a sphere.
/// struct Sphere(i64);
///
/// impl ExampleInput for Sphere {
///     type Input = Tensor;
///
///     fn example_input(&self, draw: &Draw) -> Tensor {
///         let points = Tensor::randn([draw.batch(), self.0], (draw.kind(), draw.device()));
///         &points / points.norm_scalaropt_dim(2.0, [-1], true)
///     }
/// }
///
/// #[compile_mode(trace)]
/// #[tracing_inputs(points = Sphere(3))]
/// struct Height;
///
/// #[methods]
/// impl Height {
///     fn forward(&self, points: &Tensor) -> Tensor {
///         points.select(-1, 2)
///     }
/// }
///
/// # fn main() -> tch_jit::Result<()> {
/// assert_eq!(tch_jit::tracing_inputs(&Height, 1)?[0].0.size()[1], 3);
/// tch_jit::compile(&Height)?;
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what example inputs look like",
    label = "not an `ExampleInput`",
    note = "help: write a shape, such as `[_, 3]`, or implement `tch_jit::ExampleInput` for the type"
)]
pub trait ExampleInput {
    /// The type of the argument, owned.
    type Input: ScriptType;

    /// An example for one set of arguments. Its free dimensions are those of [`Draw::free`], so that a trace can
    /// follow them.
    fn example_input(&self, draw: &Draw) -> Self::Input;
}

#[diagnostic::do_not_recommend]
impl<E: ExampleInput + ?Sized> ExampleInput for &E {
    type Input = E::Input;
    fn example_input(&self, draw: &Draw) -> E::Input {
        (**self).example_input(draw)
    }
}

/// A tensor is an example of itself.
#[diagnostic::do_not_recommend]
impl ExampleInput for Tensor {
    type Input = Tensor;
    fn example_input(&self, _: &Draw) -> Tensor {
        self.shallow_clone()
    }
}

macro_rules! themselves {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl ExampleInput for $ty {
            type Input = $ty;
            fn example_input(&self, _: &Draw) -> $ty {
                *self
            }
        }
    )*};
}

for_each_number! { themselves }
themselves! { bool }

#[diagnostic::do_not_recommend]
impl<E: ExampleInput> ExampleInput for Option<E>
where
    Option<E::Input>: ScriptType,
{
    type Input = Option<E::Input>;
    fn example_input(&self, draw: &Draw) -> Self::Input {
        self.as_ref().map(|it| it.example_input(draw))
    }
}

#[diagnostic::do_not_recommend]
impl<E: ExampleInput> ExampleInput for Vec<E>
where
    Vec<E::Input>: ScriptType,
{
    type Input = Vec<E::Input>;
    fn example_input(&self, draw: &Draw) -> Self::Input {
        self.iter().map(|it| it.example_input(draw)).collect()
    }
}

macro_rules! tuple {
    ($($name:ident $from:ident $index:tt),+) => {
        #[diagnostic::do_not_recommend]
        impl<$($name: ExampleInput),+> ExampleInput for ($($name,)+)
        where
            ($($name::Input,)+): ScriptType,
        {
            type Input = ($($name::Input,)+);
            fn example_input(&self, draw: &Draw) -> Self::Input {
                ($(self.$index.example_input(draw),)+)
            }
        }
    };
}

for_each_tuple! { tuple }

/// What can be the size of a dimension.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the size of a dimension",
    label = "not an integer",
    note = "help: write `_` for a free dimension, else an integer"
)]
pub trait Dimension {
    /// The size as an `i64`, which is what libtorch takes.
    fn dimension(self) -> i64;
}

macro_rules! dimensions {
    ($($ty:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Dimension for $ty {
            fn dimension(self) -> i64 {
                self as i64
            }
        }
    )*};
}

for_each_integer! { dimensions }
