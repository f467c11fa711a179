//! Codegen: the methods that tch generates, read with `syn`.
//!
//! In: `tensor_generated.rs` for the names, and `tensor_fallible_generated.rs`, whose bodies call torch-sys.
//! Out: one [`Method`] for each name. The link to C++ is that call's arguments, in order.

use std::collections::HashMap;

use anyhow::{Context, bail};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Expr, ExprCall, FnArg, ImplItem, ImplItemFn, Item, Pat, ReturnType, Stmt};

/// `pub fn f_name(&self, params…) -> Result<Returns, TchError> { … atg_function(args…) … }`
#[derive(Debug)]
pub struct Method {
    /// `name`, or `g_name` where `name` is written by hand; the fallible one is `f_name` in both cases.
    pub name: String,
    pub receiver: bool,
    pub params: Vec<Param>,
    pub returns: Returns,
    /// The function of torch-sys that the body calls.
    pub function: String,
    /// For each argument of that call what it is computed from; `None` is the space for outputs.
    pub call: Vec<Option<Source>>,
}

#[derive(Debug)]
pub struct Param {
    pub name: String,
    pub ty: ParamType,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    Receiver,
    Param(usize),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParamType {
    Tensor,
    OptionalTensor,
    TensorList,
    OptionalTensorList,
    Scalar,
    Int,
    OptionalInt,
    Float,
    OptionalFloat,
    Bool,
    Str,
    IntList,
    OptionalIntList,
    FloatList,
    Kind,
    OptionalKind,
    Device,
    Options,
    Layout,
    OptionalLayout,
    Reduction,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returns {
    Tensor,
    Tuple(usize),
    TensorList,
    Unit,
    Int,
    Float,
    Bool,
}

pub fn parse_methods(plain: &str, fallible: &str) -> anyhow::Result<Vec<Method>> {
    let mut plain_names = HashMap::new();
    for func in functions(plain)? {
        let plain = func.sig.ident.to_string();
        let fallible = called_fallible(&func).with_context(|| plain.clone())?;
        if plain != fallible && plain != format!("g_{fallible}") {
            bail!("`{plain}` is `f_{fallible}`");
        }
        plain_names.insert(fallible, plain);
    }
    let mut methods = Vec::new();
    for func in functions(fallible)? {
        let fallible = func.sig.ident.to_string();
        let name = fallible.strip_prefix("f_").and_then(|name| plain_names.remove(name));
        let name = name.with_context(|| format!("`{fallible}` has no plain twin"))?;
        methods.push(parse_method(name, &func).context(fallible)?);
    }
    if let Some(name) = plain_names.values().next() {
        bail!("`{name}` has no fallible twin");
    }
    methods.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(methods)
}

/// The functions of all impl blocks of a file.
fn functions(text: &str) -> anyhow::Result<Vec<ImplItemFn>> {
    let items = syn::parse_file(text)?.items.into_iter();
    let blocks = items.filter_map(|item| match item {
        Item::Impl(block) => Some(block.items),
        _ => None,
    });
    let functions = blocks.flatten().filter_map(|item| match item {
        ImplItem::Fn(func) => Some(func),
        _ => None,
    });
    Ok(functions.collect())
}

/// `name` of the body `self.f_name(…).unwrap()` or `Tensor::f_name(…).unwrap()`.
fn called_fallible(func: &ImplItemFn) -> anyhow::Result<String> {
    let [Stmt::Expr(Expr::MethodCall(unwrap), None)] = &func.block.stmts[..] else {
        bail!("the body is more than one call");
    };
    let called = match &*unwrap.receiver {
        Expr::MethodCall(call) => call.method.to_string(),
        Expr::Call(call) => match &*call.func {
            Expr::Path(path) => path.path.segments.last().context("an empty path")?.ident.to_string(),
            _ => bail!("the body calls no named function"),
        },
        _ => bail!("the body calls nothing"),
    };
    Ok(called.strip_prefix("f_").context("the body calls no `f_` function")?.to_owned())
}

fn parse_method(name: String, func: &ImplItemFn) -> anyhow::Result<Method> {
    let mut receiver = false;
    let mut params = Vec::new();
    for input in &func.sig.inputs {
        match input {
            FnArg::Receiver(_) => receiver = true,
            FnArg::Typed(typed) => {
                let Pat::Ident(pat) = &*typed.pat else { bail!("a parameter that is a pattern") };
                let ty = parse_param_type(&spelled(&typed.ty))?;
                params.push(Param { name: pat.ident.to_string(), ty });
            }
        }
    }
    let (function, call) = find_call(func, &params)?;
    let returns = parse_returns(&func.sig.output)?;
    Ok(Method { name, receiver, params, returns, function, call })
}

fn parse_param_type(ty: &str) -> anyhow::Result<ParamType> {
    Ok(match ty {
        "&Tensor" => ParamType::Tensor,
        "Option<T>" => ParamType::OptionalTensor,
        "&[T]" => ParamType::TensorList,
        "&[Option<T>]" => ParamType::OptionalTensorList,
        "S" => ParamType::Scalar,
        "i64" => ParamType::Int,
        "implInto<Option<i64>>" => ParamType::OptionalInt,
        "f64" => ParamType::Float,
        "implInto<Option<f64>>" => ParamType::OptionalFloat,
        "bool" => ParamType::Bool,
        "&str" => ParamType::Str,
        "implIntList" => ParamType::IntList,
        "implIntListOption" => ParamType::OptionalIntList,
        "implDoubleList" => ParamType::FloatList,
        "Kind" => ParamType::Kind,
        "implInto<Option<Kind>>" => ParamType::OptionalKind,
        "Device" => ParamType::Device,
        "(Kind,Device)" => ParamType::Options,
        "Layout" => ParamType::Layout,
        "Option<Layout>" => ParamType::OptionalLayout,
        "crate::Reduction" => ParamType::Reduction,
        other => bail!("a parameter of type `{other}`"),
    })
}

fn parse_returns(output: &ReturnType) -> anyhow::Result<Returns> {
    let ReturnType::Type(_, ty) = output else { bail!("no return type") };
    let ty = spelled(ty);
    let inner = ty.strip_prefix("Result<").and_then(|ty| ty.strip_suffix(",TchError>"));
    Ok(match inner.with_context(|| format!("returns `{ty}`"))? {
        "Tensor" => Returns::Tensor,
        "Vec<Tensor>" => Returns::TensorList,
        "()" => Returns::Unit,
        "i64" => Returns::Int,
        "f64" => Returns::Float,
        "bool" => Returns::Bool,
        tuple if tuple.starts_with("(Tensor,") => Returns::Tuple(tuple.split(',').count()),
        other => bail!("returns `{other}`"),
    })
}

/// A type's tokens without spaces.
fn spelled(ty: &syn::Type) -> String {
    ty.to_token_stream().to_string().replace(' ', "")
}

/// Finds `atg_function(…)` in the body and what each of its arguments is computed from.
fn find_call(func: &ImplItemFn, params: &[Param]) -> anyhow::Result<(String, Vec<Option<Source>>)> {
    let mut finder = CallFinder { call: None };
    finder.visit_block(&func.block);
    let (function, args) = finder.call.context("the body calls no `atg_` function")?;
    let call = args.iter().map(|arg| source_of(arg, params)).collect::<anyhow::Result<_>>()?;
    Ok((function, call))
}

struct CallFinder {
    call: Option<(String, Vec<Expr>)>,
}

impl<'ast> Visit<'ast> for CallFinder {
    fn visit_expr_call(&mut self, call: &'ast ExprCall) {
        if let Some(ident) = path_ident(&call.func).filter(|ident| ident.starts_with("atg_")) {
            self.call = Some((ident, call.args.iter().cloned().collect()));
        }
        visit::visit_expr_call(self, call);
    }

    fn visit_macro(&mut self, mac: &'ast syn::Macro) {
        // `unsafe_torch_err!(atg_…(…))`
        if let Ok(expr) = mac.parse_body::<Expr>() {
            let mut inside = CallFinder { call: None };
            inside.visit_expr(&expr);
            self.call = inside.call.or(self.call.take());
        }
    }
}

fn path_ident(expr: &Expr) -> Option<String> {
    let Expr::Path(path) = expr else { return None };
    Some(path.path.get_ident()?.to_string())
}

fn source_of(arg: &Expr, params: &[Param]) -> anyhow::Result<Option<Source>> {
    let mut idents = Idents(Vec::new());
    idents.visit_expr(arg);
    let mut found = None;
    for ident in &idents.0 {
        let source = if ident == "self" {
            Source::Receiver
        } else if let Some(idx) = params.iter().position(|param| param.name == *ident) {
            Source::Param(idx)
        } else {
            continue;
        };
        if found.is_some_and(|found| found != source) {
            bail!("`{}` is computed from two parameters", arg.to_token_stream());
        }
        found = Some(source);
    }
    if found.is_none() && !idents.0.iter().any(|ident| ident == "c_tensors") {
        bail!("`{}` is computed from no parameter", arg.to_token_stream());
    }
    Ok(found)
}

struct Idents(Vec<String>);

impl<'ast> Visit<'ast> for Idents {
    fn visit_expr_path(&mut self, path: &'ast syn::ExprPath) {
        if let Some(ident) = path.path.get_ident() {
            self.0.push(ident.to_string());
        }
    }
}
