//! What saving does to the file that was there: modes, links, devices and names, as the filesystem shows them.

#![cfg(unix)]
#![allow(missing_docs)]

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use tch::{IValue, Tensor};
use tch_jit::{Compiled, Error, ScriptModule, compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
pub struct Scaled {
    factor: f64,
}

#[methods]
impl Scaled {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x * self.factor
    }
}

fn scaled(factor: f64) -> Compiled<Scaled> {
    tch_jit::compile(&Scaled { factor }).unwrap()
}

/// What the file's module makes of 1.
fn factor(path: &Path) -> f64 {
    let one = IValue::Tensor(Tensor::from(1.0));
    match ScriptModule::load(path).unwrap().forward(&[one]).unwrap() {
        IValue::Tensor(result) => result.double_value(&[]),
        other => panic!("{other:?}"),
    }
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_replaced_file_keeps_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    for mode in [0o600, 0o640, 0o644, 0o664, 0o700] {
        let path = dir.path().join(format!("{mode:o}.pt"));
        scaled(2.0).save(&path).unwrap();
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        let owner = fs::metadata(&path).unwrap();
        scaled(3.0).save(&path).unwrap();
        let metadata = fs::metadata(&path).unwrap();
        assert_eq!(metadata.mode() & 0o7777, mode);
        assert_eq!((metadata.uid(), metadata.gid()), (owner.uid(), owner.gid()));
        assert_eq!(factor(&path), 3.0);
    }
    assert_eq!(names(dir.path()).len(), 5);
}

/// The mode of a new file is what the process's umask leaves, as of any file that Rust creates.
#[test]
fn a_new_file_has_the_mode_of_any_new_file() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("any"), "").unwrap();
    scaled(2.0).save(dir.path().join("new.pt")).unwrap();
    let mode = |name: &str| fs::metadata(dir.path().join(name)).unwrap().mode();
    assert_eq!(mode("new.pt"), mode("any"));
}

#[test]
fn symbolic_links_are_followed() {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("weights")).unwrap();
    let target = dir.path().join("weights/v1.pt");
    scaled(2.0).save(&target).unwrap();
    let (link, second) = (dir.path().join("latest.pt"), dir.path().join("second.pt"));
    symlink("weights/v1.pt", &link).unwrap();
    symlink("latest.pt", &second).unwrap();
    scaled(3.0).save(&second).unwrap();
    assert!([&link, &second].iter().all(|it| it.is_symlink()));
    assert!(!target.is_symlink());
    assert_eq!(factor(&target), 3.0);

    // One that leads nowhere yet.
    let new = dir.path().join("new.pt");
    symlink("weights/v2.pt", &new).unwrap();
    scaled(4.0).save(&new).unwrap();
    assert!(new.is_symlink());
    assert_eq!(factor(&dir.path().join("weights/v2.pt")), 4.0);

    let circle = dir.path().join("circle.pt");
    symlink("circle.pt", &circle).unwrap();
    assert!(matches!(scaled(4.0).save(&circle), Err(Error::File { action: "save", .. })));
    assert_eq!(names(dir.path()), ["circle.pt", "latest.pt", "new.pt", "second.pt", "weights"]);
    assert_eq!(names(&dir.path().join("weights")), ["v1.pt", "v2.pt"]);
}

#[test]
fn a_file_with_two_names_is_refused_and_stays() {
    let dir = tempfile::tempdir().unwrap();
    let (path, other) = (dir.path().join("a.pt"), dir.path().join("b.pt"));
    scaled(2.0).save(&path).unwrap();
    fs::hard_link(&path, &other).unwrap();
    let message = scaled(3.0).save(&path).unwrap_err().to_string();
    assert!(message.contains("a hard link") && message.contains("help:"), "{message}");
    assert_eq!((factor(&path), factor(&other)), (2.0, 2.0));
    fs::remove_file(&other).unwrap();
    scaled(3.0).save(&path).unwrap();
    assert_eq!(factor(&path), 3.0);
}

#[test]
fn devices_and_pipes_are_written_to() {
    scaled(2.0).save("/dev/null").unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());

    let dir = tempfile::tempdir().unwrap();
    let pipe = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().unwrap();
    assert!(made.success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || fs::read(pipe).unwrap()
    });
    scaled(3.0).save(&pipe).unwrap();
    let bytes = reader.join().unwrap();
    let (module, _) = ScriptModule::load_from_reader(&bytes[..], None, &[]).unwrap();
    assert!(module.forward(&[IValue::Tensor(Tensor::from(1.0))]).is_ok());
    assert_eq!(names(dir.path()), ["pipe"]);
}

#[test]
fn a_directory_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(scaled(2.0).save(dir.path()), Err(Error::File { action: "save", .. })));
    assert!(names(dir.path()).is_empty());
}

/// Filesystems take 255 bytes.
#[test]
fn names_may_be_as_long_as_the_filesystem_takes() {
    let dir = tempfile::tempdir().unwrap();
    for length in [244, 250, 255] {
        let path = dir.path().join(format!("{}.pt", "n".repeat(length - 3)));
        scaled(2.0).save(&path).unwrap();
        scaled(3.0).save(&path).unwrap();
        assert_eq!(factor(&path), 3.0);
    }
    assert!(scaled(2.0).save(dir.path().join("n".repeat(256))).is_err());
    assert_eq!(names(dir.path()).len(), 3);
}

/// A path without a directory has no parent to make the new file in.
#[test]
fn a_bare_name_lies_in_the_current_directory() {
    let name = format!("bare-{}.pt", std::process::id());
    scaled(2.0).save(&name).unwrap();
    let value = factor(Path::new(&name));
    fs::remove_file(&name).unwrap();
    assert_eq!(value, 2.0);
}
