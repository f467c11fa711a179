//! Tables that say which TorchScript operator a method of `tch::Tensor` becomes.
//!
//! In: a method's name. Out: the call `torch.<aten>(…)` that does the same, or why there is none. One table
//! covers every method that tch generates, and one those that it writes by hand (`size`, `kind`, `copy_`).
//!
//! `x.sum_dim_intlist(1, false, Kind::Float)` becomes `torch.sum(x, [1], False, dtype=6)`.

mod by_hand;
mod generated;
#[cfg(test)]
mod hand_written_names;
#[cfg(test)]
mod page;

pub use self::by_hand::{ByHand, Image, find_function};
use self::generated::{OPS, REJECTED};

/// A method or associated function that has an operator.
#[derive(Debug)]
pub struct Op {
    pub name: &'static str,
    /// The operator without `aten::`; TorchScript finds the overload by the arguments.
    pub aten: &'static str,
    /// Whether it is a method with `&self` or `&mut self`, not an associated function.
    pub receiver: bool,
    /// How many parameters the Rust function has beside `self`.
    pub n_params: u8,
    /// What is passed to the operator, in this order. Each parameter is passed once; arguments with a
    /// keyword follow all others.
    pub args: &'static [Arg],
}

/// A method or associated function that TorchScript can't call.
#[derive(Debug)]
pub struct Rejected {
    pub name: &'static str,
    /// Completes the sentence that `name` is not supported.
    pub reason: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Arg {
    pub source: Source,
    pub adapter: Adapter,
    pub keyword: Option<&'static str>,
}

/// Where an argument's value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Receiver,
    /// A parameter of the Rust function, not counting `self`.
    Param(u8),
}

/// How a Rust value has to be changed before TorchScript takes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adapter {
    /// Nothing: a tensor, a number, a `bool`, a string, a `Device`, or an option of one of these.
    Plain,
    /// `impl IntList`: a bare integer stands for a list of one.
    IntList,
    /// `impl IntListOption`: as [`Adapter::IntList`], or `None`.
    OptionalIntList,
    /// `impl DoubleList`: a bare float stands for a list of one.
    FloatList,
    /// `&[T]` of tensors or of references to tensors.
    TensorList,
    /// `&[Option<T>]`: `List[Optional[Tensor]]`. TorchScript takes a list of tensors as well, but not for
    /// operators with an output, and it takes no list of nothing but `None` without an annotation.
    OptionalTensorList,
    /// `Kind` or `impl Into<Option<Kind>>`: the kind's number.
    DType,
    /// `(Kind, Device)`: two keywords, `dtype=` and `device=`.
    Options,
    /// `Layout` or `Option<Layout>`: the layout's number.
    Layout,
    /// `Reduction`: the reduction's number.
    Reduction,
}

/// A method or associated function of `Tensor` that the table has.
#[derive(Debug, Clone, Copy)]
pub enum Found {
    Op(&'static Op),
    Rejected(&'static Rejected),
    ByHand(&'static ByHand),
}

/// Looks up a method of `Tensor`, `name` or `f_name`.
pub fn find(name: &str) -> Option<Found> {
    if let Some(found) = find_plain(name) {
        return Some(found);
    }
    let name = name.strip_prefix("f_").filter(|name| !name.starts_with("g_"))?;
    // The fallible twin of `g_add` is `f_add`; an `add` that panics is written by hand or isn't there.
    find_generated(&format!("g_{name}")).or_else(|| find_plain(name))
}

fn find_plain(name: &str) -> Option<Found> {
    by_hand::find(name).map(Found::ByHand).or_else(|| find_generated(name))
}

fn find_generated(name: &str) -> Option<Found> {
    if let Ok(idx) = OPS.binary_search_by(|op| op.name.cmp(name)) {
        return Some(Found::Op(&OPS[idx]));
    }
    let idx = REJECTED.binary_search_by(|rejected| rejected.name.cmp(name)).ok()?;
    Some(Found::Rejected(&REJECTED[idx]))
}

/// Methods with a name like `name`, the nearest first; for "did you mean".
pub fn similar(name: &str) -> Vec<&'static str> {
    const N_SUGGESTIONS: usize = 3;
    let name = name.strip_prefix("f_").unwrap_or(name);
    // Short names are suggested only if equal: any three letters are similar to any other.
    let max_distance = if name.len() < 4 { 0 } else { (name.len() / 3).max(1) };
    let by_hand = by_hand::BY_HAND.iter().filter(|it| !matches!(it.image, Image::Rejected(_)));
    let mut near: Vec<_> = OPS
        .iter()
        .map(|op| op.name)
        .chain(by_hand.map(|it| it.name))
        .filter(|known| known.starts_with("internal_") == name.starts_with("internal_"))
        .map(|known| (strsim::damerau_levenshtein(name, known), known))
        .filter(|(distance, _)| *distance <= max_distance)
        .collect();
    near.sort_unstable();
    near.into_iter().map(|(_, name)| name).take(N_SUGGESTIONS).collect()
}

/// The receiver, as it is.
const SELF: Arg = Arg { source: Source::Receiver, adapter: Adapter::Plain, keyword: None };

const fn by_place(param: u8, adapter: Adapter) -> Arg {
    Arg { source: Source::Param(param), adapter, keyword: None }
}

const fn by_name(keyword: &'static str, param: u8, adapter: Adapter) -> Arg {
    Arg { source: Source::Param(param), adapter, keyword: Some(keyword) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn op(name: &str) -> &'static Op {
        match find(name) {
            Some(Found::Op(op)) => op,
            other => panic!("`{name}` is {other:?}"),
        }
    }

    /// `torch.sum(self, 0: OptionalIntList, 1, dtype=2: DType)`
    fn call(name: &str) -> String {
        let op = op(name);
        let args: Vec<_> = op.args.iter().map(arg).collect();
        format!("torch.{}({})", op.aten, args.join(", "))
    }

    fn arg(arg: &Arg) -> String {
        let keyword = arg.keyword.map(|keyword| format!("{keyword}=")).unwrap_or_default();
        let source = match arg.source {
            Source::Receiver => "self".to_owned(),
            Source::Param(idx) => idx.to_string(),
        };
        let adapter = match arg.adapter {
            Adapter::Plain => String::new(),
            other => format!(": {other:?}"),
        };
        format!("{keyword}{source}{adapter}")
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(OPS.is_sorted_by(|a, b| a.name < b.name));
        assert!(REJECTED.is_sorted_by(|a, b| a.name < b.name));
        assert!(by_hand::BY_HAND.is_sorted_by(|a, b| a.name < b.name));
        for rejected in REJECTED {
            assert!(OPS.binary_search_by(|op| op.name.cmp(rejected.name)).is_err());
        }
    }

    #[test]
    fn all_that_is_written_by_hand_has_an_entry() {
        let names = hand_written_names::NAMES;
        for name in names {
            assert!(find(name).is_some(), "tch has `{name}`, and `by_hand.rs` has not");
        }
        // `into` and `try_into` come with `from` and `try_from`; a gradient is generated.
        let others = ["into", "try_into", "grad"];
        for it in by_hand::BY_HAND {
            assert!(names.contains(&it.name) || others.contains(&it.name), "tch does not have `{}`", it.name);
            assert!(find_generated(it.name).is_none(), "`{}` has two entries", it.name);
        }
    }

    #[test]
    fn reasons_say_what_to_write() {
        for it in by_hand::BY_HAND {
            if let Image::Rejected(reason) = it.image {
                assert!(!reason.why.is_empty() && !reason.help.is_empty(), "{}", it.name);
            }
        }
    }

    #[test]
    fn no_name_is_hidden_behind_a_fallible_one() {
        for name in OPS.iter().map(|op| op.name).chain(REJECTED.iter().map(|it| it.name)) {
            assert!(!name.starts_with("f_"), "{name}");
        }
    }

    #[test]
    fn each_parameter_is_passed_once() {
        for op in OPS {
            let mut sources: Vec<_> = op.args.iter().map(|arg| arg.source).collect();
            let mut expected: Vec<_> = (0..op.n_params).map(Source::Param).collect();
            if op.receiver {
                expected.push(Source::Receiver);
            }
            let key = |source: &Source| match source {
                Source::Param(idx) => usize::from(*idx),
                Source::Receiver => usize::MAX,
            };
            sources.sort_by_key(key);
            assert_eq!(sources, expected, "{}", op.name);
        }
    }

    #[test]
    fn arguments_with_a_keyword_come_last() {
        for op in OPS {
            let has_keyword = |arg: &Arg| arg.keyword.is_some() || arg.adapter == Adapter::Options;
            let n_positional = op.args.iter().take_while(|arg| !has_keyword(arg)).count();
            assert!(op.args[n_positional..].iter().all(has_keyword), "{}", op.name);
        }
    }

    #[test]
    fn calls() {
        let expected = [
            ("add_out", "torch.add(self, 1, out=0)"),
            ("arange_start_step", "torch.arange(0, 1, 2, 3: Options)"),
            ("chunk", "torch.chunk(self, 0, 1)"),
            ("conv2d", "torch.conv2d(self, 0, 1, 2: IntList, 3: IntList, 4: IntList, 5)"),
            ("g_add_", "torch.add_(self, 0)"),
            ("g_nll_loss", "torch.nll_loss(self, 0, 1, 2: Reduction, 3)"),
            ("index", "torch.index(self, 0: OptionalTensorList)"),
            ("internal_softmax", "torch._softmax(self, 0, 1)"),
            ("is_nonzero", "torch.is_nonzero(self)"),
            ("lstm", "torch.lstm(self, 0: TensorList, 1: TensorList, 2, 3, 4, 5, 6, 7)"),
            ("max_dim", "torch.max(self, 0, 1)"),
            ("softmax", "torch.softmax(self, 0, 1: DType)"),
            ("sum", "torch.sum(self, dtype=0: DType)"),
            ("sum_dim_intlist", "torch.sum(self, 0: OptionalIntList, 1, dtype=2: DType)"),
            ("to", "torch.to(self, device=0)"),
            (
                "to_sparse",
                "torch.to_sparse(self, layout=0: Layout, blocksize=1: OptionalIntList, dense_dim=2)",
            ),
            ("where_self", "torch.where(0, self, 1)"),
            ("zeros", "torch.zeros(0: IntList, 1: Options)"),
        ];
        for (name, expected) in expected {
            assert_eq!(call(name), expected, "{name}");
        }
    }

    #[test]
    fn fallible_twins() {
        let found = |name| match find(name) {
            Some(Found::Op(op)) => Some(op.name),
            _ => None,
        };
        let expected = [
            ("relu", Some("relu")),
            ("f_relu", Some("relu")),
            ("f_f_relu", None),
            ("g_add_", Some("g_add_")),
            ("f_add_", Some("g_add_")),
            // tch has neither of these.
            ("add_", None),
            ("f_g_add_", None),
        ];
        for (name, expected) in expected {
            assert_eq!(found(name), expected, "{name}");
        }
    }

    #[test]
    fn rejected() {
        for name in ["view_dtype", "f_view_dtype"] {
            assert!(matches!(find(name), Some(Found::Rejected(_))), "{name}");
        }
    }

    #[test]
    fn near_names() {
        assert_eq!(similar("rellu")[0], "relu");
        assert_eq!(similar("f_sofmax")[0], "softmax");
        assert!(similar("no_such_method_at_all").is_empty());
    }
}
