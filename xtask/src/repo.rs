//! The checkout: its paths, and running commands in it.
//!
//! Commands are echoed before they run, so that a reader can repeat one by hand.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, anyhow};

use crate::problem::problem;

pub struct Repo {
    root: PathBuf,
}

impl Repo {
    /// The checkout that `cargo xtask` was called in.
    pub fn find() -> Result<Repo> {
        // The variable of the running process, not of the build: a checkout may have moved since.
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir.parent().context("xtask's directory has no parent")?;
        Ok(Repo { root: root.to_owned() })
    }

    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where `.cargo/config.toml` makes `LIBTORCH` point when the shell has none.
    pub fn libtorch_link(&self) -> PathBuf {
        self.path("third_party/libtorch")
    }

    /// What the user's shell says about libtorch's place.
    ///
    /// Cargo runs xtask with the `[env]` of `.cargo/config.toml`, so the link's own path is not
    /// the user's word.
    pub fn user_libtorch(&self) -> Option<PathBuf> {
        let libtorch = PathBuf::from(env::var_os("LIBTORCH")?);
        (!same_place(&libtorch, &self.libtorch_link())).then_some(libtorch)
    }

    /// Cargo as the user calls it from the repository's root.
    ///
    /// Without a `LIBTORCH` of the user's, Cargo has to take it from `[env]` again: torch-sys
    /// compiles its C++ anew whenever the spelling of this variable changes.
    pub fn cargo(&self) -> Command {
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.current_dir(&self.root);
        if self.user_libtorch().is_none() {
            cargo.env_remove("LIBTORCH");
        }
        cargo
    }
}

/// Echoes and runs `command`; fails if it does.
pub fn run(command: &mut Command) -> Result<()> {
    let line = render(command);
    eprintln!("$ {line}");
    let status = command.status().map_err(|error| cannot_run(command, &error))?;
    if !status.success() {
        return Err(anyhow!("`{line}` failed ({status})"));
    }
    Ok(())
}

pub fn cannot_run(command: &Command, error: &std::io::Error) -> anyhow::Error {
    let program = command.get_program().display();
    problem(format!("cannot run `{program}`: {error}"), "check that it is installed and on `PATH`")
}

/// The command as one would type it: variables, program without its directory, arguments.
fn render(command: &Command) -> String {
    let vars = command.get_envs().filter_map(|(name, value)| {
        let value = value?;
        Some(format!("{}={}", name.display(), quote(&value.to_string_lossy())))
    });
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy();
    let args = command.get_args().map(|arg| quote(&arg.to_string_lossy()));
    vars.chain([program.into_owned()]).chain(args).collect::<Vec<_>>().join(" ")
}

fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_=./:,+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) { word.into() } else { format!("'{word}'") }
}

/// Whether two paths name one directory entry. The entry itself may be a link and is not followed.
fn same_place(a: &Path, b: &Path) -> bool {
    let entry = |path: &Path| {
        let parent = path.parent()?.canonicalize().ok()?;
        Some(parent.join(path.file_name()?))
    };
    a == b || entry(a).is_some_and(|a| entry(b) == Some(a))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_shown_as_typed() {
        let mut command = Command::new("/opt/bin/cargo");
        command.args(["test", "--", "two words"]).env("UPDATE_EXPECT", "1").env_remove("LIBTORCH");
        assert_eq!(render(&command), "UPDATE_EXPECT=1 cargo test -- 'two words'");
    }

    #[test]
    fn a_failing_command_is_named() {
        let mut command = Command::new("rustc");
        command.arg("--no-such-option");
        command.stderr(std::process::Stdio::null());
        let error = run(&mut command).unwrap_err().to_string();
        assert!(error.starts_with("`rustc --no-such-option` failed (exit status: "), "{error}");
    }

    #[test]
    fn an_entry_is_the_same_through_another_spelling_of_its_parent() {
        let dir = tempfile::tempdir().unwrap();
        let entry = dir.path().join("libtorch");
        assert!(same_place(&entry, &dir.path().join(".").join("libtorch")));
        assert!(!same_place(&entry, &dir.path().join("other")));
        assert!(!same_place(Path::new("/no/such/libtorch"), &entry));
    }
}
