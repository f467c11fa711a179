//! `third_party/libtorch`: a link to the libtorch in use. What a user put there is left alone.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::layout::{self, symlink};
use crate::problem::{cannot_write, problem};

/// The libtorch that `link` leads to, unless it was put there by this program.
pub fn foreign_target(link: &Path, in_cache: &Path) -> Option<PathBuf> {
    if !layout::is_libtorch(link) {
        return None;
    }
    match fs::read_link(link) {
        Ok(target) if target == in_cache || target == Path::new("/usr") => None,
        Ok(target) => Some(target),
        Err(_not_a_link) => Some(link.to_owned()),
    }
}

/// Makes `link` lead to `target`, in place of a link to somewhere else.
pub fn point(link: &Path, target: &Path) -> Result<()> {
    match fs::read_link(link) {
        Ok(present) if present == target => return Ok(()),
        Ok(_) => fs::remove_file(link).map_err(|error| cannot_write(link, &error))?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(_not_a_link) => {
            return Err(problem(
                format!("`{}` is in the way and holds no libtorch", link.display()),
                "remove it",
            ));
        }
    }
    if let Some(dir) = link.parent() {
        fs::create_dir_all(dir).map_err(|error| cannot_write(dir, &error))?;
    }
    match symlink(target, link) {
        // Another xtask was faster, with the same target.
        Err(_) if fs::read_link(link).is_ok_and(|present| present == target) => Ok(()),
        result => result,
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    struct Checkout {
        dir: tempfile::TempDir,
    }

    impl Checkout {
        fn new() -> Checkout {
            Checkout { dir: tempfile::tempdir().unwrap() }
        }

        fn link(&self) -> PathBuf {
            self.dir.path().join("third_party/libtorch")
        }

        fn libtorch(&self, name: &str) -> PathBuf {
            let root = self.dir.path().join(name);
            fs::create_dir_all(root.join("lib")).unwrap();
            fs::write(root.join("lib/libtorch_cpu.so"), "").unwrap();
            root
        }
    }

    #[test]
    fn a_link_is_made_and_moved() {
        let checkout = Checkout::new();
        for name in ["one", "two", "two"] {
            let target = checkout.libtorch(name);
            point(&checkout.link(), &target).unwrap();
            assert_eq!(fs::read_link(checkout.link()).unwrap(), target);
        }
    }

    #[test]
    fn a_directory_is_never_removed() {
        let checkout = Checkout::new();
        fs::create_dir_all(checkout.link().join("precious")).unwrap();
        let error = point(&checkout.link(), Path::new("/usr")).unwrap_err().to_string();
        assert!(error.contains("is in the way"), "{error}");
        assert!(checkout.link().join("precious").exists());
    }

    #[test]
    fn only_a_whole_libtorch_of_the_users_is_foreign() {
        let checkout = Checkout::new();
        let (cached, own) = (checkout.libtorch("cached"), checkout.libtorch("own"));
        let link = checkout.link();
        assert_eq!(foreign_target(&link, &cached), None);
        point(&link, &cached).unwrap();
        assert_eq!(foreign_target(&link, &cached), None);
        point(&link, &own).unwrap();
        assert_eq!(foreign_target(&link, &cached), Some(own.clone()));
        fs::remove_dir_all(own).unwrap();
        assert_eq!(foreign_target(&link, &cached), None);
        fs::remove_file(&link).unwrap();
        let real = checkout.libtorch("third_party/libtorch");
        assert_eq!(foreign_target(&link, &cached), Some(real));
    }
}
