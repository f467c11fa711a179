//! What a libtorch directory holds: telling a whole one from a broken one, and the small files
//! that complete the ones taken from wheels.

use std::env;
use std::fs;
use std::path::Path;

use anyhow::Result;

use crate::problem::{cannot_write, problem};

/// One file of each part that the recipe extracts. Extraction ends in a rename, so a part is
/// missing only where someone removed it.
const NEEDED: &[&str] = &[
    "lib/libtorch_cpu.so",
    "lib/libc10.so",
    "lib/libgomp.so.1",
    "lib/libcudart.so.13",
    "lib/libcupti.so.13",
    "include/ATen/ATen.h",
    "include/ATen/ops/add.h",
    "include/c10/core/Device.h",
    "include/torch/csrc/api/include/torch/torch.h",
    "include/torch/csrc/jit/api/module.h",
];

/// The wheel's own `libtorch.so` needs libtorch_cuda.so and exports weak symbols of libstdc++, for
/// which `--as-needed` keeps it: programs then fail at start. This script forwards to the library
/// with the code in it.
const LIBTORCH_SCRIPT: &str = "INPUT ( libtorch_cpu.so )\n";

pub fn missing(root: &Path) -> Vec<&'static str> {
    NEEDED.iter().copied().filter(|file| !root.join(file).is_file()).collect()
}

/// Writes what no wheel has. Changes nothing in a directory that is complete.
pub fn finish(root: &Path, version: &str) -> Result<()> {
    write(&root.join("lib/libtorch.so"), LIBTORCH_SCRIPT)?;
    // torch-sys compares this with the version it was made for.
    write(&root.join("build-version"), &format!("{version}\n"))?;
    // torch-sys links with `-lgomp`; the wheel has libgomp only under its soname.
    let gomp = root.join("lib/libgomp.so");
    if !gomp.exists() {
        let _ = fs::remove_file(&gomp);
        symlink(Path::new("libgomp.so.1"), &gomp)?;
    }
    Ok(())
}

fn write(path: &Path, content: &str) -> Result<()> {
    if fs::read(path).is_ok_and(|present| present.trim_ascii() == content.trim().as_bytes()) {
        return Ok(());
    }
    fs::write(path, content).map_err(|error| cannot_write(path, &error))
}

#[cfg(unix)]
pub fn symlink(target: &Path, link: &Path) -> Result<()> {
    std::os::unix::fs::symlink(target, link).map_err(|error| cannot_write(link, &error))
}

#[cfg(not(unix))]
pub fn symlink(_target: &Path, link: &Path) -> Result<()> {
    let error = std::io::Error::from(std::io::ErrorKind::Unsupported);
    Err(cannot_write(link, &error))
}

/// Whether `root` looks like a libtorch of any platform and origin.
pub fn is_libtorch(root: &Path) -> bool {
    let libraries = ["libtorch_cpu.so", "libtorch_cpu.dylib", "libtorch_cpu.a", "torch_cpu.lib"];
    libraries.iter().any(|name| root.join("lib").join(name).is_file())
}

/// Says now what torch-sys's build script would say in more words after a while.
pub fn check_user(root: &Path, version: &str) -> Result<()> {
    let is_set = |name| env::var_os(name).is_some();
    if !is_set("LIBTORCH_LIB") {
        check_place(root)?;
    }
    if !is_set("LIBTORCH_BYPASS_VERSION_CHECK") {
        check_version(root, version)?;
    }
    Ok(())
}

fn check_place(root: &Path) -> Result<()> {
    if is_libtorch(root) {
        return Ok(());
    }
    Err(problem(
        format!("`LIBTORCH` is `{}`, where there is no libtorch", root.display()),
        "let it name the directory above `lib` and `include`, or unset it to use a downloaded one",
    ))
}

/// A directory without `build-version` is taken on trust, and so is a suffix like `+cu130`.
fn check_version(root: &Path, needed: &str) -> Result<()> {
    let text = fs::read_to_string(root.join("build-version")).unwrap_or_default();
    let present = text.trim().split('+').next().unwrap_or_default();
    if present.is_empty() || present == needed {
        return Ok(());
    }
    Err(problem(
        format!("`LIBTORCH` holds libtorch {present}, and {needed} is needed"),
        "unset it to use a downloaded one, or set `LIBTORCH_BYPASS_VERSION_CHECK=1`",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_files(files: &[&str]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for file in files {
            let path = root.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        root
    }

    #[test]
    fn a_missing_part_is_noticed() {
        assert!(missing(with_files(NEEDED).path()).is_empty());
        assert_eq!(missing(with_files(&NEEDED[1..]).path()), ["lib/libtorch_cpu.so"]);
    }

    #[cfg(unix)]
    #[test]
    fn finishing_repairs_and_then_changes_nothing() {
        let root = with_files(NEEDED);
        let read = |file| fs::read_to_string(root.path().join(file)).unwrap();
        let modified = || fs::metadata(root.path().join("build-version")).unwrap().modified();
        finish(root.path(), "1.2.3").unwrap();
        assert_eq!(read("lib/libtorch.so"), LIBTORCH_SCRIPT);
        assert_eq!(read("build-version"), "1.2.3\n");
        assert!(root.path().join("lib/libgomp.so").is_symlink());
        let before = modified().unwrap();
        finish(root.path(), "1.2.3").unwrap();
        assert_eq!(modified().unwrap(), before);
    }

    #[test]
    fn a_users_directory_has_to_hold_a_libtorch() {
        let root = with_files(&["lib/libtorch_cpu.so"]);
        assert!(check_place(root.path()).is_ok());
        let error = check_place(&root.path().join("lib")).unwrap_err().to_string();
        assert!(error.contains("where there is no libtorch\n   help: let it name"), "{error}");
    }

    #[test]
    fn a_users_version_has_to_fit_if_it_is_known() {
        let root = with_files(&[]);
        assert!(check_version(root.path(), "1.2.3").is_ok());
        fs::write(root.path().join("build-version"), "1.2.3+cpu\n").unwrap();
        assert!(check_version(root.path(), "1.2.3").is_ok());
        let error = check_version(root.path(), "1.2.4").unwrap_err().to_string();
        assert!(error.contains("holds libtorch 1.2.3, and 1.2.4 is needed"), "{error}");
    }
}
