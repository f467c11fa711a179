//! Codegen: C++ overload resolution, on the few types that tch passes.
//!
//! In: the arguments of a C++ call and the schemas that its function may stand for. Out: the one schema
//! that a compiler chooses. A candidate must beat every other one; there are no ties.

use super::cpp::Target;
use super::rust::{ParamType, Source};
use super::schema::{Schema, SchemaArg};

/// An argument of the C++ call.
pub type Passed = (Source, ParamType);

/// A parameter of the C++ function that libtorch derives from a schema.
#[derive(Debug)]
pub struct Formal<'a> {
    pub ty: &'a str,
    has_default: bool,
    /// The schema's argument; for tensor options the first of the four.
    pub arg_idx: usize,
}

/// The type of the one C++ parameter that stands for `dtype`, `layout`, `device`, `pin_memory`.
const OPTIONS: &str = "TensorOptions";
const OPTIONS_TYPES: [&str; 4] = ["ScalarType?", "Layout?", "Device?", "bool?"];

/// Ranks of C++ conversion sequences; a smaller one is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Exact,
    Standard,
    User,
}

impl Formal<'_> {
    pub fn is_options(&self) -> bool {
        self.ty == OPTIONS
    }
}

/// The overload that a C++ compiler chooses, with the parameters of its C++ function; otherwise the names
/// of those it can't choose from.
pub fn choose<'a>(
    candidates: Vec<&'a Schema>,
    target: &Target,
    passed: &[Passed],
) -> Result<(&'a Schema, Vec<Formal<'a>>), Vec<String>> {
    let mut viable = Vec::new();
    for schema in candidates {
        let formals = formals(schema, target);
        if let Some(ranks) = ranks(&formals, passed) {
            viable.push((schema, formals, ranks));
        }
    }
    // libtorch gives a C++ function no default that would make a call with fewer arguments
    // ambiguous (`cpp_no_default_args`), so what needs no default wins.
    let is_full = |formals: &Vec<Formal>| formals.len() == passed.len();
    if viable.iter().any(|(_, formals, _)| is_full(formals)) {
        viable.retain(|(_, formals, _)| is_full(formals));
    }
    let best = (0..viable.len()).find(|&best| {
        (0..viable.len()).all(|other| other == best || beats(&viable[best].2, &viable[other].2))
    });
    match best {
        Some(best) => {
            let (schema, formals, _) = viable.swap_remove(best);
            Ok((schema, formals))
        }
        None => Err(viable.iter().map(|(schema, ..)| schema.full_name()).collect()),
    }
}

/// The C++ parameters: outputs first, tensor options as one, a method's `self` at the front.
fn formals<'a>(schema: &'a Schema, target: &Target) -> Vec<Formal<'a>> {
    let mut formals = Vec::new();
    let formal = |arg_idx: usize, ty| Formal { ty, has_default: schema.args[arg_idx].has_default, arg_idx };
    let outs = schema.args.iter().enumerate().filter(|(_, arg)| arg.is_out());
    formals.extend(outs.map(|(idx, arg)| formal(idx, arg.ty.as_str())));
    let mut idx = 0;
    while let Some(arg) = schema.args.get(idx) {
        if is_options(&schema.args[idx..]) {
            formals.push(formal(idx, OPTIONS));
            idx += OPTIONS_TYPES.len();
            continue;
        }
        if !arg.is_out() {
            formals.push(formal(idx, arg.ty.as_str()));
        }
        idx += 1;
    }
    if let Target::Method(_) = target
        && let Some(at) = formals.iter().position(|it| schema.args[it.arg_idx].name == "self")
    {
        let object = formals.remove(at);
        formals.insert(0, object);
    }
    formals
}

fn is_options(args: &[SchemaArg]) -> bool {
    args.len() >= OPTIONS_TYPES.len() && args.iter().zip(OPTIONS_TYPES).all(|(arg, ty)| arg.ty == ty)
}

/// How well each passed argument converts; `None` if the function does not take them.
fn ranks(formals: &[Formal], passed: &[Passed]) -> Option<Vec<Rank>> {
    if passed.len() > formals.len() || !formals[passed.len()..].iter().all(|it| it.has_default) {
        return None;
    }
    passed.iter().zip(formals).map(|((_, ty), formal)| rank(*ty, formal.ty)).collect()
}

/// Of two candidates the better one: nowhere worse, and better somewhere.
fn beats(ranks: &[Rank], other: &[Rank]) -> bool {
    let mut pairs = ranks.iter().zip(other);
    pairs.clone().all(|(ours, theirs)| ours <= theirs) && pairs.any(|(ours, theirs)| ours < theirs)
}

fn rank(passed: ParamType, formal: &str) -> Option<Rank> {
    use ParamType as P;
    use Rank::{Exact, Standard, User};
    Some(match (passed, formal) {
        (P::Tensor, "Tensor")
        | (P::OptionalTensor, "Tensor?")
        | (P::TensorList, "Tensor[]")
        | (P::OptionalTensorList, "Tensor?[]")
        | (P::Scalar, "Scalar")
        | (P::Int | P::Reduction, "int")
        | (P::OptionalInt, "int?")
        | (P::Float, "float")
        | (P::OptionalFloat, "float?")
        | (P::Bool, "bool")
        | (P::Str, "str")
        | (P::IntList, "int[]")
        | (P::OptionalIntList, "int[]?")
        | (P::FloatList, "float[]")
        | (P::Kind, "ScalarType")
        | (P::OptionalKind, "ScalarType?")
        | (P::Device, "Device")
        | (P::Options, OPTIONS)
        | (P::Layout, "Layout")
        | (P::OptionalLayout, "Layout?") => Exact,
        (P::Int | P::Reduction, "float" | "bool")
        | (P::Float, "int" | "bool")
        | (P::Bool, "int" | "float") => Standard,
        (P::Tensor, "Tensor?" | "Tensor[]")
        | (P::Scalar, "Scalar?")
        | (P::Int | P::Reduction, "int?" | "float?" | "Scalar" | "Scalar?" | "int[]")
        | (P::Float, "float?" | "Scalar" | "Scalar?" | "float[]")
        | (P::Bool, "bool?" | "Scalar" | "Scalar?")
        | (P::Str, "str?")
        | (P::IntList, "int[]?")
        | (P::FloatList, "float[]?")
        | (P::Kind, "ScalarType?" | OPTIONS)
        | (P::Device, "Device?" | OPTIONS)
        | (P::Layout, "Layout?" | OPTIONS) => User,
        _ => return None,
    })
}

/// Whether C++ passes the value on as it is, or wrapped as an option, or as the options' only value.
pub fn is_same(passed: ParamType, formal: &Formal) -> bool {
    let types = [formal.ty, formal.ty.trim_end_matches('?')];
    types.iter().any(|ty| rank(passed, ty) == Some(Rank::Exact))
        || formal.is_options() && option_keyword(passed).is_some()
}

/// Tensor options made from one value only.
pub fn option_keyword(ty: ParamType) -> Option<&'static str> {
    match ty {
        ParamType::Kind => Some("dtype"),
        ParamType::Device => Some("device"),
        ParamType::Layout => Some("layout"),
        _ => None,
    }
}
