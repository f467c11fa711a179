//! What a function without `#[script]` is taken for. Such a function has no type of its name, so that the alias by which
//! generated code imports it names no type but the one that a glob brings in.

/// The type of the alias where the function has no companion, which is no
/// [`ScriptFunction`](crate::model::definition::ScriptFunction).
#[allow(non_camel_case_types)]
#[derive(Debug)]
pub enum function_without_the_attribute_script {}
