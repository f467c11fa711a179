//! Codegen: the C++ behind torch-sys, read as text.
//!
//! In: `torch_api_generated.cpp`, functions `atg_*` of one call each. Out: which function of libtorch
//! each calls, and from which of its own parameters each argument is computed.

use std::collections::HashMap;

use anyhow::{Context, bail};

use super::schema::split_top_level;

#[derive(Debug)]
pub struct Function {
    /// The C parameters, in order, without types.
    pub params: Vec<String>,
    pub target: Target,
    /// For each argument of the call the C parameter it is computed from.
    pub args: Vec<usize>,
}

/// What is called; a method's object comes first in [`Function::args`].
#[derive(Debug, PartialEq, Eq)]
pub enum Target {
    /// `torch::name(…)`
    Function(String),
    /// `self->name(…)`
    Method(String),
}

impl Target {
    pub fn name(&self) -> &str {
        match self {
            Target::Function(name) | Target::Method(name) => name,
        }
    }
}

pub fn parse_functions(text: &str) -> anyhow::Result<HashMap<String, Function>> {
    let mut functions = HashMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some((name, params)) = parse_head(line) else {
            continue;
        };
        let body = lines.by_ref().take_while(|line| *line != "}");
        let call = body
            .filter_map(|line| parse_call(line, &params))
            .next()
            .with_context(|| format!("`{name}` calls nothing"))?;
        let (target, args) = call.with_context(|| name.clone())?;
        functions.insert(name, Function { params, target, args });
    }
    Ok(functions)
}

/// `void atg_name(tensor *out__, tensor self) {`
fn parse_head(line: &str) -> Option<(String, Vec<String>)> {
    let head = line.strip_suffix(") {")?;
    let start = head.find("atg_")?;
    let (name, params) = head[start..].split_once('(')?;
    let params = params
        .split(',')
        .filter_map(|param| param.rsplit([' ', '*']).next())
        .filter(|param| !param.is_empty())
        .map(str::to_owned)
        .collect();
    Some((name.to_owned(), params))
}

/// `auto outputs__ = torch::name(…);`, `return self->name(…);` or the bare call.
fn parse_call(line: &str, params: &[String]) -> Option<anyhow::Result<(Target, Vec<usize>)>> {
    let line = line.trim();
    let line =
        line.strip_prefix("auto outputs__ = ").or_else(|| line.strip_prefix("return ")).unwrap_or(line);
    let (callee, args) = line.strip_suffix(");")?.split_once('(')?;
    let (target, object) = if let Some(name) = callee.strip_prefix("torch::") {
        (Target::Function(name.to_owned()), None)
    } else {
        let (object, name) = callee.split_once("->")?;
        (Target::Method(name.to_owned()), Some(object))
    };
    let args = object
        .into_iter()
        .chain(split_top_level(args))
        .map(|arg| param_of(arg, params))
        .collect::<anyhow::Result<_>>();
    Some(args.map(|args| (target, args)))
}

fn param_of(arg: &str, params: &[String]) -> anyhow::Result<usize> {
    let mut words = arg.split(|ch: char| !ch.is_alphanumeric() && ch != '_');
    match words.find_map(|word| params.iter().position(|param| param == word)) {
        Some(param) => Ok(param),
        None => bail!("`{arg}` is computed from no parameter"),
    }
}
