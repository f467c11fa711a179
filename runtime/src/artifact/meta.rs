//! What a file holds of modules beyond TorchScript, in an extra file of the archive.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::ffi::{self, Kind, Type, Value};
use crate::model::mode::CompileMode;

/// The name of the extra file.
pub const META_FILE: &str = "tch_jit.json";

/// The modules of a tree, by their paths.
pub type Metas = BTreeMap<String, ModuleMeta>;

/// Facts about a module that TorchScript does not keep.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ModuleMeta {
    pub mode: CompileMode,
    #[serde(rename = "type")]
    pub ty: String,
    /// The methods with another name in Rust: from Rust's names to TorchScript's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub methods: BTreeMap<String, String>,
    /// The options among the arguments of traced methods, by their names in TorchScript, that are plain there or left
    /// out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, FixedOptions>,
    /// Whether it was compiled for evaluation only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub eval_only: bool,
}

/// Options among the arguments of a traced method that all its examples give, or none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FixedOptions {
    /// How many arguments the method has in Rust, without `train`.
    pub n_args: usize,
    pub options: Vec<FixedOption>,
}

/// One of these.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FixedOption {
    /// Its place among the arguments in Rust.
    pub index: usize,
    pub name: String,
    /// Whether it is given: a plain value in TorchScript. Else it is no argument there.
    pub is_given: bool,
}

impl FixedOptions {
    /// The arguments in TorchScript, where these are those of Rust.
    ///
    /// # Errors
    ///
    /// Where an option is given that no example had, or the other way round.
    pub fn fit(&self, args: &[Value]) -> Result<Vec<Value>, String> {
        if args.len() < self.n_args {
            return Ok(args.to_vec());
        }
        // A damaged file may name any argument.
        let is_given = |it: &FixedOption| args.get(it.index).is_some_and(|arg| arg.kind() != Kind::None);
        if let Some(wrong) = self.options.iter().find(|it| is_given(it) != it.is_given) {
            let test = if wrong.is_given { "is not None" } else { "is None" };
            return Err(format!(
                "the module was traced where `{} {test}` only: add an example input",
                wrong.name
            ));
        }
        let is_left_out = |i: usize| self.options.iter().any(|it| it.index == i && !it.is_given);
        let kept = args.iter().enumerate().filter(|(i, _)| !is_left_out(*i));
        Ok(kept.map(|(_, value)| value.clone()).collect())
    }

    /// The names of the arguments in TorchScript, where these are those of Rust.
    pub fn fit_names<'n>(&self, names: &[&'n str]) -> Vec<&'n str> {
        let is_left_out = |name: &str| self.options.iter().any(|it| it.name == name && !it.is_given);
        names.iter().copied().filter(|name| !is_left_out(name)).collect()
    }

    /// The types of the arguments in TorchScript, where these are those of Rust.
    pub fn fit_types(&self, types: &[Type]) -> Vec<Type> {
        let fit = |(i, ty): (usize, &Type)| match self.options.iter().find(|it| it.index == i) {
            None => Some(ty.clone()),
            Some(option) if option.is_given => ty.elements().pop(),
            Some(_) => None,
        };
        types.iter().enumerate().filter_map(fit).collect()
    }
}

/// Which versions wrote a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct WrittenBy {
    /// The version of this crate.
    pub tch_jit: String,
    /// The version of libtorch.
    pub libtorch: String,
}

impl WrittenBy {
    /// The versions that are at work.
    pub fn this() -> WrittenBy {
        WrittenBy { tch_jit: env!("CARGO_PKG_VERSION").into(), libtorch: ffi::libtorch_version() }
    }
}

impl Display for WrittenBy {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "tch-jit {} with libtorch {}", self.tch_jit, self.libtorch)
    }
}

/// The contents of the extra file.
#[derive(Serialize, Deserialize)]
struct File {
    written_by: WrittenBy,
    modules: Metas,
}

/// The contents of the extra file, for modules that are saved now.
pub fn write(modules: Metas) -> Vec<u8> {
    let file = File { written_by: WrittenBy::this(), modules };
    serde_json::to_vec(&file).expect("modes, names and versions are text")
}

/// Reads the extra file; empty where another program wrote the archive.
///
/// # Errors
///
/// Where it is not what any version up to this one wrote.
pub fn read(contents: &[u8]) -> Result<(Metas, Option<WrittenBy>), String> {
    if contents.is_empty() {
        return Ok(Default::default());
    }
    // Before versions were written, there were modules alone.
    if let Ok(modules) = serde_json::from_slice(contents) {
        return Ok((modules, None));
    }
    match serde_json::from_slice(contents) {
        Ok(File { written_by, modules }) => Ok((modules, Some(written_by))),
        Err(error) => Err(format!(
            "its extra file `{META_FILE}` is not one of tch-jit {}: {error}\nhelp: load it with the tch-jit that wrote it",
            env!("CARGO_PKG_VERSION")
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_format_is_read() {
        let (modules, written_by) = read(br#"{"": {"mode": "script", "type": "a::Net"}}"#).unwrap();
        assert_eq!((modules[""].ty.as_str(), written_by), ("a::Net", None));
    }

    #[test]
    fn an_option_that_is_no_argument_is_an_error() {
        let option = FixedOption { index: 9, name: "mask".into(), is_given: true };
        let options = FixedOptions { n_args: 1, options: vec![option] };
        assert!(options.fit(&[Value::int(1)]).unwrap_err().contains("`mask is not None`"));
    }

    #[test]
    fn an_unknown_format_is_refused() {
        for contents in [&b"{\"modules\": 7}"[..], b"[]", b"\xff"] {
            assert!(read(contents).unwrap_err().contains("tch_jit.json"));
        }
    }
}
