//! What a file holds of modules beyond TorchScript, in an extra file of the archive.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};

use serde::{Deserialize, Serialize};

use crate::ffi;
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
    /// Whether it was compiled for evaluation only.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub eval_only: bool,
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
    fn an_unknown_format_is_refused() {
        for contents in [&b"{\"modules\": 7}"[..], b"[]", b"\xff"] {
            assert!(read(contents).unwrap_err().contains("tch_jit.json"));
        }
    }
}
