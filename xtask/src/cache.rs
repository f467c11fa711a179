//! The per-user directory that outlives `cargo clean` and is shared by checkouts, with the
//! locks and the disk-space check of what is set up in it.

use std::env;
use std::ffi::OsString;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::problem::{SPACE_HELP, cannot_write, problem};

const MB: u64 = 1_000_000;

/// `$TCH_JIT_CACHE`, else `$XDG_CACHE_HOME/tch-jit`, else `~/.cache/tch-jit`; created if missing.
pub fn dir() -> Result<PathBuf> {
    let dir = locate(|name| env::var_os(name))
        .ok_or_else(|| problem("there is no home directory to cache downloads in", "set `TCH_JIT_CACHE`"))?;
    // Links into the cache must not depend on the directory that xtask was called from.
    let dir = std::path::absolute(dir)?;
    fs::create_dir_all(&dir).map_err(|error| cannot_write(&dir, &error))?;
    Ok(dir)
}

fn locate(var: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let var = |name: &str| var(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let xdg = || var("XDG_CACHE_HOME").filter(|dir| dir.is_absolute());
    let home = || var("HOME").or_else(|| var("USERPROFILE")).map(|home| home.join(".cache"));
    var("TCH_JIT_CACHE").or_else(|| Some(xdg().or_else(home)?.join("tch-jit")))
}

/// Waits until no other process sets up `name`. The lock lasts as long as the returned file,
/// and the operating system takes it back from a process that was killed.
pub fn lock(cache: &Path, name: &str) -> Result<File> {
    let path = cache.join(format!("{name}.lock"));
    let file = File::create(&path).map_err(|error| cannot_write(&path, &error))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            eprintln!("waiting for another process that is setting up {name}");
            file.lock().with_context(|| format!("cannot lock `{}`", path.display()))?;
        }
        Err(TryLockError::Error(error)) => {
            return Err(error).with_context(|| format!("cannot lock `{}`", path.display()));
        }
    }
    Ok(file)
}

/// Fails if the disk that holds `dir` has less than `needed` bytes left.
pub fn require_space(dir: &Path, needed: u64) -> Result<()> {
    let available = fs4::available_space(dir)
        .with_context(|| format!("cannot read the free space at `{}`", dir.display()))?;
    check_space(dir, needed, available)
}

fn check_space(dir: &Path, needed: u64, available: u64) -> Result<()> {
    if available >= needed {
        return Ok(());
    }
    let message = format!(
        "not enough disk space at `{}`: {} MB needed, {} MB free",
        dir.display(),
        needed.div_ceil(MB),
        available / MB,
    );
    Err(problem(message, SPACE_HELP))
}

/// Removes a directory tree that may not exist.
pub fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove `{}`", dir.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locate_with(vars: &[(&str, &str)]) -> Option<PathBuf> {
        locate(|name| vars.iter().find(|var| var.0 == name).map(|var| var.1.into()))
    }

    #[test]
    fn the_most_specific_variable_wins() {
        let all = [("TCH_JIT_CACHE", "/own"), ("XDG_CACHE_HOME", "/xdg"), ("HOME", "/home/me")];
        assert_eq!(locate_with(&all), Some("/own".into()));
        assert_eq!(locate_with(&all[1..]), Some("/xdg/tch-jit".into()));
        assert_eq!(locate_with(&all[2..]), Some("/home/me/.cache/tch-jit".into()));
        assert_eq!(locate_with(&[]), None);
    }

    #[test]
    fn empty_variables_and_a_relative_xdg_directory_are_ignored() {
        let vars = [("TCH_JIT_CACHE", ""), ("XDG_CACHE_HOME", "cache"), ("HOME", "/home/me")];
        assert_eq!(locate_with(&vars), Some("/home/me/.cache/tch-jit".into()));
    }

    #[test]
    fn a_lack_of_space_is_told_in_megabytes() {
        assert!(check_space(Path::new("/cache"), 100 * MB, 100 * MB).is_ok());
        let error = check_space(Path::new("/cache"), 1200 * MB, 1199 * MB + 5).unwrap_err();
        assert_eq!(
            error.to_string(),
            "not enough disk space at `/cache`: 1200 MB needed, 1199 MB free\n   \
             help: free some space, or choose another disk with `TCH_JIT_CACHE`"
        );
    }

    #[test]
    fn a_lock_excludes_others_until_it_is_dropped() {
        let dir = tempfile::tempdir().unwrap();
        let held = lock(dir.path(), "thing").unwrap();
        let other = File::open(dir.path().join("thing.lock")).unwrap();
        assert!(matches!(other.try_lock(), Err(TryLockError::WouldBlock)));
        drop(held);
        assert!(other.try_lock().is_ok());
    }
}
