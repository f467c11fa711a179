//! A compiled module that knows the Rust type it comes from.

use std::fmt::{self, Display, Formatter};
use std::marker::PhantomData;
use std::ops::Deref;
use std::path::Path;

use tch::{Device, Tensor};

use crate::error::{Error, Result};
use crate::module::{Forward, Module};
use crate::script_module::ScriptModule;
use crate::types::{IntoArgs, ScriptArgs, ScriptOutput, ScriptType};

/// The compiled form of `M`: `forward` has `M`'s own argument and result types. It derefs to
/// [`ScriptModule`].
pub struct Compiled<M> {
    module: ScriptModule,
    ty: PhantomData<fn() -> M>,
}

impl<M> Compiled<M> {
    pub(crate) fn new(module: ScriptModule) -> Self {
        Compiled { module, ty: PhantomData }
    }

    /// The module without its Rust type.
    pub fn into_script_module(self) -> ScriptModule {
        self.module
    }
}

impl<M: Module + Forward> Compiled<M> {
    /// Runs the compiled `forward`. `args` is the tuple of `M::forward`'s arguments, owned or
    /// borrowed: `forward((&x, &h))`. One argument may be passed bare: `forward(&x)`.
    ///
    /// # Errors
    ///
    /// [`Error::Call`] with libtorch's message, which underlines the Rust source of scripted
    /// methods.
    pub fn forward<Form>(&self, args: impl IntoArgs<M::Args, Form>) -> Result<M::Output> {
        let args = args.into_args().to_values();
        M::Output::from_value(&self.module.call_values("forward", &args)?)
    }

    /// Reads a file that holds a compiled `M`.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be read, [`Error::Schema`] where its `forward` takes
    /// or returns other types than `M`'s.
    pub fn load(path: impl AsRef<Path>) -> Result<Compiled<M>> {
        Self::load_on(path, None)
    }

    /// As [`Compiled::load`], with tensors on `device`.
    ///
    /// # Errors
    ///
    /// As [`Compiled::load`].
    pub fn load_on(path: impl AsRef<Path>, device: impl Into<Option<Device>>) -> Result<Compiled<M>> {
        let file = path.as_ref().display().to_string();
        let (module, _) = ScriptModule::load_with(path, device.into(), &[])?;
        let found = types_of_schema(&module.schema("forward"));
        let expected = types_of::<M>();
        if found != expected {
            return Err(Error::Schema { file, ty: M::INFO.name, expected, found });
        }
        Ok(Compiled::new(module))
    }
}

/// `(Tensor, int) -> Tensor`.
fn types_of<M: Forward>() -> String {
    let args: Vec<String> = M::Args::type_names().iter().map(|ty| schema_type(ty)).collect();
    let output = schema_type(&<M::Output as ScriptType>::type_name());
    format!("({}) -> {output}", args.join(", "))
}

/// How schemas write a type: `Optional[Tensor]` is `Tensor?`, `List[int]` is `int[]`,
/// `Tuple[Tensor, int]` is `(Tensor, int)`.
fn schema_type(ty: &str) -> String {
    let arguments = |inner: &str| split_top(inner).into_iter().map(schema_type).collect::<Vec<_>>();
    if let Some(inner) = ty.strip_prefix("Optional[").and_then(|it| it.strip_suffix(']')) {
        return format!("{}?", schema_type(inner));
    }
    if let Some(inner) = ty.strip_prefix("List[").and_then(|it| it.strip_suffix(']')) {
        return format!("{}[]", schema_type(inner));
    }
    if let Some(inner) = ty.strip_prefix("Tuple[").and_then(|it| it.strip_suffix(']')) {
        return format!("({})", arguments(inner).join(", "));
    }
    if let Some(inner) = ty.strip_prefix("Dict[").and_then(|it| it.strip_suffix(']')) {
        return format!("Dict({})", arguments(inner).join(", "));
    }
    match ty {
        "None" => "NoneType".into(),
        other => other.into(),
    }
}

/// Of `forward(__torch__.Cell self, Tensor x, int n) -> (Tensor, Tensor)`, the types.
fn types_of_schema(schema: &str) -> String {
    let Some((args, output)) = schema.split_once(") -> ") else { return schema.to_owned() };
    let args = args.split_once('(').map_or("", |(_, args)| args);
    let types: Vec<&str> = split_top(args)
        .into_iter()
        .skip(1)
        .map(|arg| arg.rsplit_once(' ').map_or(arg, |(ty, _)| ty))
        .collect();
    let output = split_top(output);
    let output = match output[..] {
        // A schema puts parentheses around one result that is no tuple.
        [one] => one
            .strip_prefix('(')
            .and_then(|it| it.strip_suffix(')'))
            .filter(|it| split_top(it).len() == 1)
            .unwrap_or(one),
        _ => schema,
    };
    format!("({}) -> {output}", types.join(", "))
}

/// Splits at the commas that lie in no bracket.
fn split_top(text: &str) -> Vec<&str> {
    let mut parts = vec![];
    let (mut depth, mut start) = (0, 0);
    for (i, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..i].trim());
                start = i + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

impl<M> Deref for Compiled<M> {
    type Target = ScriptModule;

    fn deref(&self) -> &ScriptModule {
        &self.module
    }
}

impl<M> Clone for Compiled<M> {
    fn clone(&self) -> Self {
        Compiled::new(self.module.clone())
    }
}

impl<M> fmt::Debug for Compiled<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Compiled").field(&self.module).finish()
    }
}

impl<M> Display for Compiled<M> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.module.fmt(f)
    }
}

/// Where a model of tch is wanted.
///
/// # Panics
///
/// Where [`Compiled::forward`] fails: tch's trait knows no errors.
impl<M: Module + Forward<Args = (Tensor,), Output = Tensor>> tch::nn::Module for Compiled<M> {
    fn forward(&self, xs: &Tensor) -> Tensor {
        Compiled::forward(self, xs).unwrap_or_else(|error| panic!("{error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{schema_type, types_of_schema};

    #[test]
    fn schemas_and_types_are_compared_in_one_spelling() {
        let cases = [
            ("forward(__torch__.A self, Tensor x) -> Tensor", "(Tensor) -> Tensor"),
            ("forward(__torch__.A self, Tensor x) -> (Tensor)", "(Tensor) -> Tensor"),
            (
                "forward(__torch__.A self, Tensor? m, int[] s) -> ((Tensor, int))",
                "(Tensor?, int[]) -> (Tensor, int)",
            ),
            (
                "forward(__torch__.A self, Dict(str, Tensor) d) -> Dict(str, Tensor)",
                "(Dict(str, Tensor)) -> Dict(str, Tensor)",
            ),
        ];
        for (schema, types) in cases {
            assert_eq!(types_of_schema(schema), types);
        }
        assert_eq!(schema_type("Tuple[Optional[Tensor], List[int]]"), "(Tensor?, int[])");
        assert_eq!(schema_type("Dict[str, List[Tensor]]"), "Dict(str, Tensor[])");
    }
}
