//! Codegen: from a method of tch to the operator that its C++ call reaches.
//!
//! In: a method, the C++ function it calls, all schemas. Out: an [`Entry`]. A method is mapped only if
//! TorchScript does with the arguments what C++ does.

use std::collections::HashMap;

use super::cpp::{Function, Target};
use super::overload::{self, Formal, Passed};
use super::rust::{Method, ParamType, Returns, Source};
use super::schema::{Schema, SchemaArg};
use super::verdicts;

#[derive(Debug)]
pub enum Entry<'a> {
    Mapped(Mapped<'a>),
    Rejected { method: &'a Method, reason: String },
}

#[derive(Debug)]
pub struct Mapped<'a> {
    pub method: &'a Method,
    pub schema: &'a Schema,
    /// What is passed to `torch.<name>(…)`, in the schema's order.
    pub args: Vec<Arg>,
}

#[derive(Debug)]
pub struct Arg {
    pub source: Source,
    pub ty: ParamType,
    pub keyword: Option<String>,
}

pub struct Resolver<'a> {
    functions: HashMap<String, Function>,
    schemas: HashMap<&'a str, Vec<&'a Schema>>,
}

impl<'a> Resolver<'a> {
    pub fn new(functions: HashMap<String, Function>, schemas: &'a [Schema]) -> Resolver<'a> {
        let mut by_name: HashMap<_, Vec<_>> = HashMap::new();
        for schema in schemas {
            by_name.entry(schema.name.as_str()).or_default().push(schema);
        }
        Resolver { functions, schemas: by_name }
    }

    pub fn resolve(&self, method: &'a Method) -> Entry<'a> {
        match self.map(method) {
            Ok(mapped) => Entry::Mapped(mapped),
            Err(reason) => Entry::Rejected { method, reason },
        }
    }

    fn map(&self, method: &'a Method) -> Result<Mapped<'a>, String> {
        if let Some(reason) = verdicts::reason(&method.name) {
            return Err(reason.to_owned());
        }
        let function = self.functions.get(&method.function).ok_or("torch-sys does not have it")?;
        let passed = passed_args(method, function)?;
        let (schema, formals) = self.overload(&function.target, &passed)?;
        check_conversions(method, schema, &formals, &passed)?;
        check_returns(method.returns, schema)?;
        check_effects(schema)?;
        let args = script_args(schema, &formals, &passed);
        Ok(Mapped { method, schema, args })
    }

    /// The overload that a C++ compiler chooses, with the parameters of its C++ function.
    fn overload(&self, target: &Target, passed: &[Passed]) -> Result<(&'a Schema, Vec<Formal<'a>>), String> {
        let name = verdicts::operator_of(target.name());
        let plain = self.candidates(name, |schema| !schema.args.iter().any(SchemaArg::is_out));
        // `torch::add_out(out, …)` is an overload of the operator `add` that takes `out`.
        let outs = name
            .strip_suffix("_out")
            .into_iter()
            .flat_map(|name| self.candidates(name, |schema| schema.args.iter().any(SchemaArg::is_out)));
        let candidates: Vec<_> = plain.chain(outs).collect();
        if candidates.is_empty() {
            return Err(format!("TorchScript has no operator `{name}`"));
        }
        overload::choose(candidates, target, passed).map_err(|ambiguous| match &ambiguous[..] {
            [] => format!("no overload of the operator `{name}` takes these arguments"),
            names => format!("it can be any of the operators {}", names.join(", ")),
        })
    }

    fn candidates(&self, name: &str, filter: impl Fn(&Schema) -> bool) -> impl Iterator<Item = &'a Schema> {
        let schemas = self.schemas.get(name).map_or(&[][..], Vec::as_slice);
        schemas.iter().copied().filter(move |schema| verdicts::in_cpp(schema) && filter(schema))
    }
}

fn passed_args(method: &Method, function: &Function) -> Result<Vec<Passed>, String> {
    if method.call.len() != function.params.len() {
        return Err(format!("`{}` takes another number of arguments", method.function));
    }
    let source_and_type = |&param: &usize| {
        let source = method.call[param].ok_or("the output is passed as an argument")?;
        let ty = match source {
            Source::Receiver => ParamType::Tensor,
            Source::Param(idx) => method.params[idx].ty,
        };
        Ok((source, ty))
    };
    function.args.iter().map(source_and_type).collect()
}

/// C++ converts silently where TorchScript doesn't. That happens only where tch leaves out an argument
/// in the middle, so that the next one takes its place.
fn check_conversions(
    method: &Method,
    schema: &Schema,
    formals: &[Formal],
    passed: &[Passed],
) -> Result<(), String> {
    for ((source, ty), formal) in passed.iter().zip(formals) {
        if overload::is_same(*ty, formal) {
            continue;
        }
        let passed = match source {
            Source::Receiver => "the tensor".to_owned(),
            Source::Param(idx) => format!("`{}`", method.params[*idx].name),
        };
        let formal = &schema.args[formal.arg_idx].name;
        return Err(format!("tch passes {passed} to libtorch as `{formal}`"));
    }
    Ok(())
}

fn check_returns(returns: Returns, schema: &Schema) -> Result<(), String> {
    let types: Vec<_> = schema.returns.iter().map(String::as_str).collect();
    let same = match returns {
        Returns::Tensor => types == ["Tensor"],
        Returns::Tuple(n) => types.len() == n && types.iter().all(|ty| *ty == "Tensor"),
        Returns::TensorList => types == ["Tensor[]"],
        Returns::Unit => types.is_empty(),
        Returns::Int => types == ["int"],
        Returns::Float => types == ["float"],
        Returns::Bool => types == ["bool"],
    };
    if same { Ok(()) } else { Err("TorchScript's operator returns something else".to_owned()) }
}

/// TorchScript removes a call whose result is not used unless it writes to a tensor that is. Writes to
/// the elements of a list don't count: `torch.unbind_copy(x, 0, out=[a, b])` vanishes.
fn check_effects(schema: &Schema) -> Result<(), String> {
    if !schema.returns.is_empty() {
        return Ok(());
    }
    let mut written = schema.args.iter().filter(|arg| arg.is_written).peekable();
    if written.peek().is_none() {
        return Err("TorchScript drops a call that returns nothing".to_owned());
    }
    if written.all(|arg| arg.ty == "Tensor[]") {
        return Err("TorchScript loses what is written to a list of tensors".to_owned());
    }
    Ok(())
}

/// Arguments by position as long as nothing before them is left out, then by keyword.
fn script_args(schema: &Schema, formals: &[Formal], passed: &[Passed]) -> Vec<Arg> {
    let mut args: Vec<_> = passed.iter().zip(formals).collect();
    args.sort_by_key(|(_, formal)| formal.arg_idx);
    let mut next_positional = 0;
    let mut keyword = |ty, formal: &Formal| {
        if formal.is_options() {
            // The pair is two keywords in itself.
            return overload::option_keyword(ty).map(str::to_owned);
        }
        let arg = &schema.args[formal.arg_idx];
        if arg.keyword_only || formal.arg_idx != next_positional {
            return Some(arg.name.clone());
        }
        next_positional += 1;
        None
    };
    args.into_iter()
        .map(|((source, ty), formal)| Arg { source: *source, ty: *ty, keyword: keyword(*ty, formal) })
        .collect()
}
