//! Arguments and results of modules, as `IValue`s and as flat lists of leaves.

use tch::{IValue, Kind, Tensor};

/// A value that a module takes or returns.
pub trait Data {
    /// The value as tch passes it to a `CModule`.
    fn ivalue(&self) -> IValue;

    /// A copy that shares no memory; its floating-point tensors are leaves that require grad where
    /// `grad` is set.
    fn fresh(&self, grad: bool) -> Self;

    /// A copy that shares the tensors.
    fn share(&self) -> Self;
}

/// The arguments of a module: a tuple.
pub trait Arguments: Data {
    /// One value for each argument.
    fn ivalues(&self) -> Vec<IValue> {
        match self.ivalue() {
            IValue::Tuple(values) => values,
            other => vec![other],
        }
    }
}

impl Data for Tensor {
    fn ivalue(&self) -> IValue {
        IValue::Tensor(self.shallow_clone())
    }

    fn fresh(&self, grad: bool) -> Self {
        let copy = tch::no_grad(|| self.copy());
        copy.set_requires_grad(grad && self.is_floating_point())
    }

    fn share(&self) -> Self {
        self.shallow_clone()
    }
}

macro_rules! scalars {
    ($($ty:ty, $variant:ident;)*) => {$(
        impl Data for $ty {
            fn ivalue(&self) -> IValue {
                IValue::$variant(self.clone().into())
            }

            fn fresh(&self, _: bool) -> Self {
                self.clone()
            }

            fn share(&self) -> Self {
                self.clone()
            }
        }
    )*};
}

scalars! {
    i64, Int;
    f64, Double;
    bool, Bool;
    String, String;
}

impl Data for () {
    fn ivalue(&self) -> IValue {
        IValue::None
    }

    fn fresh(&self, _: bool) -> Self {}

    fn share(&self) -> Self {}
}

impl<T: Data> Data for Option<T> {
    fn ivalue(&self) -> IValue {
        self.as_ref().map_or(IValue::None, T::ivalue)
    }

    fn fresh(&self, grad: bool) -> Self {
        self.as_ref().map(|value| value.fresh(grad))
    }

    fn share(&self) -> Self {
        self.as_ref().map(T::share)
    }
}

/// The result of a method that may fail, and does not fail in tests.
impl<T: Data> Data for Result<T, tch::TchError> {
    fn ivalue(&self) -> IValue {
        self.as_ref().expect("the method does not fail").ivalue()
    }

    fn fresh(&self, grad: bool) -> Self {
        Ok(self.as_ref().expect("the method does not fail").fresh(grad))
    }

    fn share(&self) -> Self {
        Ok(self.as_ref().expect("the method does not fail").share())
    }
}

impl<T: Data> Data for Vec<T> {
    fn ivalue(&self) -> IValue {
        let values: Vec<IValue> = self.iter().map(T::ivalue).collect();
        typed_list(values)
    }

    fn fresh(&self, grad: bool) -> Self {
        self.iter().map(|value| value.fresh(grad)).collect()
    }

    fn share(&self) -> Self {
        self.iter().map(T::share).collect()
    }
}

/// The list in the variant of `IValue` that tch has for its element type.
fn typed_list(values: Vec<IValue>) -> IValue {
    macro_rules! of {
        ($($from:ident, $to:ident;)*) => {
            match values.first() {
                $(Some(IValue::$from(_)) => IValue::$to(
                    values.into_iter().map(|it| match it {
                        IValue::$from(it) => it,
                        other => panic!("a list of several types, one of them {other:?}"),
                    }).collect(),
                ),)*
                _ => IValue::GenericList(values),
            }
        };
    }
    of! {
        Tensor, TensorList;
        Int, IntList;
        Double, DoubleList;
        Bool, BoolList;
        String, StringList;
    }
}

impl Arguments for () {
    fn ivalues(&self) -> Vec<IValue> {
        vec![]
    }
}

macro_rules! tuples {
    ($($($name:ident $index:tt),+;)*) => {$(
        impl<$($name: Data),+> Data for ($($name,)+) {
            fn ivalue(&self) -> IValue {
                IValue::Tuple(vec![$(self.$index.ivalue()),+])
            }

            fn fresh(&self, grad: bool) -> Self {
                ($(self.$index.fresh(grad),)+)
            }

            fn share(&self) -> Self {
                ($(self.$index.share(),)+)
            }
        }

        impl<$($name: Data),+> Arguments for ($($name,)+) {}
    )*};
}

tuples! {
    A 0;
    A 0, B 1;
    A 0, B 1, C 2;
    A 0, B 1, C 2, D 3;
    A 0, B 1, C 2, D 3, E 4;
    A 0, B 1, C 2, D 3, E 4, F 5;
    A 0, B 1, C 2, D 3, E 4, F 5, G 6;
}

/// A tensor or a scalar, with the way to it: `output.0[2]`.
pub type Leaf = (String, IValue);

/// The leaves of a value, in order.
pub fn leaves(name: &str, value: IValue) -> Vec<Leaf> {
    let each = |values: Vec<IValue>, open: &str, close: &str| {
        let named = values.into_iter().enumerate();
        named.flat_map(|(i, value)| leaves(&format!("{name}{open}{i}{close}"), value)).collect()
    };
    match value {
        IValue::Tuple(values) => each(values, ".", ""),
        IValue::GenericList(values) => each(values, "[", "]"),
        IValue::TensorList(tensors) => each(tensors.into_iter().map(IValue::Tensor).collect(), "[", "]"),
        IValue::GenericDict(entries) => {
            let named = entries.into_iter();
            named.flat_map(|(key, value)| leaves(&format!("{name}[{key:?}]"), value)).collect()
        }
        // An empty list has no leaves: for an empty `Vec`, Rust's side does not know which variant it is.
        IValue::IntList(list) if list.is_empty() => vec![],
        IValue::DoubleList(list) if list.is_empty() => vec![],
        IValue::BoolList(list) if list.is_empty() => vec![],
        leaf => vec![(name.to_owned(), leaf)],
    }
}

/// The tensors among the leaves that gradients can flow to.
pub fn tensors(leaves: &[Leaf]) -> Vec<(String, Tensor)> {
    let tensor = |(name, value): &Leaf| match value {
        IValue::Tensor(tensor) if is_float(tensor) => Some((name.clone(), tensor.shallow_clone())),
        _ => None,
    };
    leaves.iter().filter_map(tensor).collect()
}

fn is_float(tensor: &Tensor) -> bool {
    tensor.defined() && tensor.is_floating_point()
}

/// Says how two lists of leaves differ; none where they agree within `tolerance`.
pub fn difference(expected: &[Leaf], found: &[Leaf], tolerance: f64) -> Option<String> {
    let names = |leaves: &[Leaf]| leaves.iter().map(|it| it.0.clone()).collect::<Vec<_>>();
    if names(expected) != names(found) {
        return Some(format!("  expected {:?}\n  found    {:?}", names(expected), names(found)));
    }
    let differences: Vec<String> = expected
        .iter()
        .zip(found)
        .filter_map(|((name, expected), (_, found))| leaf_difference(name, expected, found, tolerance))
        .collect();
    (!differences.is_empty()).then(|| differences.join("\n"))
}

fn leaf_difference(name: &str, expected: &IValue, found: &IValue, tolerance: f64) -> Option<String> {
    match (expected, found) {
        (IValue::Tensor(expected), IValue::Tensor(found)) => {
            tensor_difference(name, expected, found, tolerance)
        }
        (IValue::Double(a), IValue::Double(b)) if (a - b).abs() <= tolerance * (1.0 + a.abs()) => None,
        _ if expected == found => None,
        _ => Some(format!("  {name}: expected {expected:?}, found {found:?}")),
    }
}

fn tensor_difference(name: &str, expected: &Tensor, found: &Tensor, tolerance: f64) -> Option<String> {
    if !expected.defined() || !found.defined() {
        let same = expected.defined() == found.defined();
        return (!same).then(|| {
            let word = |it: &Tensor| if it.defined() { "a tensor" } else { "nothing" };
            format!("  {name}: expected {}, found {}", word(expected), word(found))
        });
    }
    let what = |tensor: &Tensor| format!("{:?} {:?} on {:?}", tensor.kind(), tensor.size(), tensor.device());
    if what(expected) != what(found) {
        return Some(format!("  {name}: expected {}, found {}", what(expected), what(found)));
    }
    if expected.numel() == 0 {
        return None;
    }
    let flat = |tensor: &Tensor| tch::no_grad(|| tensor.detach().to_kind(Kind::Double).flatten(0, -1));
    let (expected, found) = (flat(expected), flat(found));
    let bound = (expected.abs() + 1.0) * tolerance;
    let both_nan = expected.isnan().logical_and(&found.isnan());
    // Infinities of the same sign agree, and NaN agrees with NaN.
    let agrees = (&found - &expected)
        .abs()
        .le_tensor(&bound)
        .logical_or(&found.eq_tensor(&expected))
        .logical_or(&both_nan);
    let wrong = agrees.logical_not().nonzero().flatten(0, -1);
    let first = wrong.size1().ok().filter(|&n| n > 0).map(|_| wrong.int64_value(&[0]))?;
    Some(format!(
        "  {name}: {} of {} elements differ; the first at flat index {first}: expected {}, found {}",
        wrong.numel(),
        expected.numel(),
        expected.double_value(&[first]),
        found.double_value(&[first]),
    ))
}
