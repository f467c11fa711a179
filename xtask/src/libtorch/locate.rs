//! Which libtorch to use: from what the user and the system say to one `Source`. Touches no files.

use std::fmt;
use std::path::PathBuf;

use anyhow::Result;

use crate::problem::problem;

/// torch-sys's own test for a system-wide libtorch.
pub const SYSTEM_LIBRARY: &str = "/usr/lib/libtorch.so";

pub struct Facts {
    /// `LIBTORCH_USE_PYTORCH` is set, to whatever value.
    pub use_pytorch: bool,
    /// `LIBTORCH` as the user's shell exports it.
    pub user: Option<PathBuf>,
    /// What the user put at `third_party/libtorch`.
    pub linked: Option<PathBuf>,
    /// `SYSTEM_LIBRARY` exists.
    pub system: bool,
}

#[derive(Debug, PartialEq)]
pub enum Source {
    PyTorch,
    User(PathBuf),
    Linked(PathBuf),
    System,
    Recipe,
}

/// torch-sys looks at `LIBTORCH_USE_PYTORCH` before `LIBTORCH`, so this does too. In either case
/// there is nothing to set up.
pub fn locate(facts: Facts) -> Source {
    match facts {
        Facts { use_pytorch: true, .. } => Source::PyTorch,
        Facts { user: Some(root), .. } => Source::User(root),
        Facts { linked: Some(root), .. } => Source::Linked(root),
        Facts { system: true, .. } => Source::System,
        _ => Source::Recipe,
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::PyTorch => write!(f, "Python's torch package (`LIBTORCH_USE_PYTORCH`)"),
            Source::User(root) => write!(f, "{} (`LIBTORCH`)", root.display()),
            Source::Linked(root) => write!(f, "{} (`third_party/libtorch`)", root.display()),
            Source::System => write!(f, "{SYSTEM_LIBRARY}"),
            Source::Recipe => write!(f, "{}, CPU (`third_party/libtorch`)", super::VERSION),
        }
    }
}

/// The recipe's wheels hold binaries for one platform.
pub fn check_platform(os: &str, arch: &str) -> Result<()> {
    if (os, arch) == ("linux", "x86_64") {
        return Ok(());
    }
    Err(problem(
        format!("cannot provide libtorch for {os} on {arch}, only for linux on x86_64"),
        format!(
            "set `LIBTORCH` to a libtorch {version}, or `pip install torch=={version}` and set \
             `LIBTORCH_USE_PYTORCH=1`",
            version = super::VERSION
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn everything() -> Facts {
        Facts { use_pytorch: true, user: Some("/user".into()), linked: Some("/linked".into()), system: true }
    }

    #[test]
    fn the_user_wins_over_the_system_and_the_system_over_the_recipe() {
        let without_pytorch = || Facts { use_pytorch: false, ..everything() };
        let without_user = || Facts { user: None, ..without_pytorch() };
        let without_linked = || Facts { linked: None, ..without_user() };
        assert_eq!(locate(everything()), Source::PyTorch);
        assert_eq!(locate(without_pytorch()), Source::User("/user".into()));
        assert_eq!(locate(without_user()), Source::Linked("/linked".into()));
        assert_eq!(locate(without_linked()), Source::System);
        assert_eq!(locate(Facts { system: false, ..without_linked() }), Source::Recipe);
    }

    #[test]
    fn other_platforms_are_told_what_to_set() {
        assert!(check_platform("linux", "x86_64").is_ok());
        let error = check_platform("macos", "aarch64").unwrap_err().to_string();
        assert!(error.starts_with("cannot provide libtorch for macos on aarch64"), "{error}");
        assert!(error.contains("help: set `LIBTORCH`"), "{error}");
    }
}
