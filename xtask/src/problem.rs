//! Errors that say what to do: a message and one `help:` line.

use std::fmt::Display;
use std::io;
use std::path::Path;

use anyhow::{Error, anyhow};

/// What to do about a full disk.
pub const SPACE_HELP: &str = "free some space, or choose another disk with `TCH_JIT_CACHE`";

/// Renders as
///
/// ```text
/// error: cannot find `third_party`
///    help: run `cargo xtask libtorch`
/// ```
pub fn problem(message: impl Display, help: impl Display) -> Error {
    anyhow!("{message}\n   help: {help}")
}

/// A failed write. A full disk gets its own advice, because it is the likely cause here.
pub fn cannot_write(path: &Path, error: &io::Error) -> Error {
    let message = format!("cannot write `{}`: {error}", path.display());
    match error.kind() {
        io::ErrorKind::StorageFull => problem(message, SPACE_HELP),
        io::ErrorKind::PermissionDenied => {
            problem(message, "make the directory writable, or choose another one with `TCH_JIT_CACHE`")
        }
        _ => anyhow!(message),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_gets_advice() {
        let error = cannot_write(Path::new("x"), &io::ErrorKind::StorageFull.into());
        assert_eq!(
            error.to_string(),
            "cannot write `x`: no storage space\n   \
             help: free some space, or choose another disk with `TCH_JIT_CACHE`"
        );
    }

    #[test]
    fn other_failures_are_reported_as_they_are() {
        let error = cannot_write(Path::new("x"), &io::Error::other("broken"));
        assert_eq!(error.to_string(), "cannot write `x`: broken");
    }
}
