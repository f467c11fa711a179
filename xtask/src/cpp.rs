//! `cargo xtask cpp`: checks of the shim that no compiler makes. Python parses the prelude, clang-format looks at the
//! layout, and clang-tidy, which sees what the build compiles, for mistakes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::problem::problem;
use crate::repo::{self, Repo};
use crate::{libtorch, python, venv};

pub fn run(repo: &Repo) -> Result<()> {
    prelude(&repo.path("tests/interop/check_prelude.py"), &repo.path("runtime/shim"))?;
    let tools = venv::provide_clang_tools()?;
    let files = files(&repo.path("runtime/shim"))?;
    format(&tools, &files)?;
    libtorch::provide(repo)?;
    tidy(&tools, &files, &compile_commands(repo)?)
}

fn prelude(check: &Path, shim: &Path) -> Result<()> {
    repo::run(Command::new(python::find()?).arg(check).arg(shim))
}

fn format(tools: &Path, files: &[PathBuf]) -> Result<()> {
    let mut format = Command::new(tools.join("clang-format"));
    // Not echoed: the command names every file.
    let formatted = format.args(["--dry-run", "-Werror"]).args(files).status();
    if formatted.map_err(|error| repo::cannot_run(&format, &error))?.success() {
        return Ok(());
    }
    let help =
        format!("run `{} -i runtime/shim/*.h runtime/shim/*.cc`", tools.join("clang-format").display());
    Err(problem("the shim is not formatted", help))
}

/// One clang-tidy for each processor: most of the time is libtorch's headers, which each file reads anew.
fn tidy(tools: &Path, files: &[PathBuf], commands: &Path) -> Result<()> {
    let sources = files.iter().filter(|file| file.extension().is_some_and(|extension| extension == "cc"));
    let left = Mutex::new(sources.collect::<Vec<_>>());
    let reports = Mutex::new(Vec::new());
    let work = || -> Result<()> {
        loop {
            let Some(file) = left.lock().expect("no thread panics").pop() else { return Ok(()) };
            let mut tidy = Command::new(tools.join("clang-tidy"));
            // The compiler's warnings are the build's business, which asks for them.
            tidy.arg("-p").arg(commands).args(["--quiet", "--extra-arg=-w"]).arg(file);
            let output = tidy.output().map_err(|error| repo::cannot_run(&tidy, &error))?;
            if !output.status.success() {
                let text = [output.stdout, output.stderr].concat();
                reports.lock().expect("no thread panics").push(String::from_utf8_lossy(&text).into_owned());
            }
        }
    };
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("no thread panics"))
    })?;
    let reports = reports.into_inner().expect("no thread panics");
    if reports.is_empty() {
        return Ok(());
    }
    let help = "change the code, or say beside it why the check is wrong: `// NOLINT(name): …`";
    Err(problem(format!("{}\nclang-tidy found mistakes in {} files", reports.concat(), reports.len()), help))
}

/// The directory with the `compile_commands.json` that runtime/build.rs wrote.
fn compile_commands(repo: &Repo) -> Result<PathBuf> {
    let mut build = repo.cargo();
    // All of the workspace, as the tests have built it: alone, the crate would be built with other features.
    build.args(["build", "--workspace", "--message-format", "json"]);
    let output = build.stderr(Stdio::inherit()).output().map_err(|error| repo::cannot_run(&build, &error))?;
    let messages = String::from_utf8_lossy(&output.stdout);
    let messages = messages.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let dirs = messages.filter_map(|message| Some(PathBuf::from(message["out_dir"].as_str()?)));
    let mut dirs = dirs.filter(|dir| dir.join("compile_commands.json").exists());
    dirs.next_back().context("the shim was not built")
}

/// The headers and sources that people write, sorted.
fn files(shim: &Path) -> Result<Vec<PathBuf>> {
    let paths = fs::read_dir(shim)?.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
    let is_cpp =
        |path: &PathBuf| path.extension().is_some_and(|extension| extension == "h" || extension == "cc");
    let mut files: Vec<_> = paths.into_iter().filter(is_cpp).collect();
    files.sort();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repository() -> &'static Path {
        Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
    }

    /// What the check says of a prelude with this text, whose function `used` C++ calls.
    fn check(text: &str) -> String {
        let shim = tempfile::tempdir().unwrap();
        fs::create_dir(shim.path().join("prelude")).unwrap();
        fs::write(shim.path().join("prelude/a.py"), text).unwrap();
        fs::write(shim.path().join("a.cc"), "e.call(prelude::used)").unwrap();
        let mut check = Command::new(python::find().unwrap());
        let check = check.arg(repository().join("tests/interop/check_prelude.py")).arg(shim.path());
        let output = check.output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert_eq!(output.status.success(), text.starts_with("ok: "), "{text}");
        text.trim().replace(&format!("{}/", shim.path().display()), "")
    }

    #[test]
    fn mistakes_in_the_prelude_are_found() {
        for (body, expected) in [
            ("def used(x: int) -> int:\n    return x\n", "ok: 1 functions"),
            ("def used(x) -> int:\n    return x\n", "prelude/a.py:2: parameter `x` of `used` has no type"),
            ("def used(x: int):\n    return x\n", "prelude/a.py:2: the result of `used` has no type"),
            (
                "def used(x: int) -> int:\n    return x +\n",
                "prelude/a.py:3: this is not Python: invalid syntax",
            ),
            (
                "def used() -> int:\n    return 1\ndef used() -> int:\n    return 2\n",
                "prelude/a.py:4: `used` stands at a.py:2 already",
            ),
            (
                "def used() -> int:\n    return 1\ndef other() -> int:\n    return 2\n",
                "prelude/a.py:4: no operator uses `other`",
            ),
            (
                "import math\ndef used() -> int:\n    return 1\n",
                "prelude/a.py:2: only functions and comments may stand here",
            ),
            ("", "prelude: there is no function"),
        ] {
            assert_eq!(check(&format!("\"\"\"A subject.\"\"\"\n{body}")), expected, "{body}");
        }
    }

    #[test]
    fn every_function_of_the_prelude_is_used() {
        prelude(&repository().join("tests/interop/check_prelude.py"), &repository().join("runtime/shim"))
            .unwrap();
    }
}
