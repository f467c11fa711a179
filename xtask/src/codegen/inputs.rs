//! Codegen, first stage: finds and reads what the table is made from.
//!
//! In: the workspace's `cargo metadata`. Out: four texts. No path to a crate is written here.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::repo::Repo;

/// Names a file of operator schemas to read instead of asking the runtime for them.
const SCHEMAS_VARIABLE: &str = "TCH_JIT_OPERATOR_SCHEMAS";

pub struct Inputs {
    /// Methods that panic, which call…
    pub tch_plain: String,
    /// … methods that return a `Result`, which call torch-sys.
    pub tch_fallible: String,
    /// All other files.
    pub tch_by_hand: Vec<String>,
    pub torch_sys_cpp: String,
    pub schemas: String,
    /// Where the table is written…
    pub output: PathBuf,
    /// … a call of each method.
    pub calls: PathBuf,
    /// … and the names of what tch writes by hand.
    pub names: PathBuf,
}

impl Inputs {
    pub fn read() -> anyhow::Result<Inputs> {
        let repo = Repo::find()?;
        let metadata = cargo(&repo, &["metadata", "--format-version", "1"])?;
        let metadata = serde_json::from_str(&metadata).context("output of `cargo metadata`")?;
        let tch_sources = package_dir(&metadata, "tch")?.join("src");
        let tch = tch_sources.join("wrappers");
        let torch_sys = package_dir(&metadata, "torch-sys")?.join("libtch");
        Ok(Inputs {
            tch_plain: read(&tch.join("tensor_generated.rs"))?,
            tch_fallible: read(&tch.join("tensor_fallible_generated.rs"))?,
            tch_by_hand: read_by_hand(&tch_sources)?,
            torch_sys_cpp: read(&torch_sys.join("torch_api_generated.cpp"))?,
            schemas: read_schemas(&repo)?,
            output: repo.path("macros/src/ops/generated.rs"),
            calls: repo.path("tests/tests/surface/walk/calls.rs"),
            names: repo.path("macros/src/ops/hand_written_names.rs"),
        })
    }
}

/// Every Rust file below `dir` that is not generated.
fn read_by_hand(dir: &Path) -> anyhow::Result<Vec<String>> {
    let mut texts = vec![];
    for entry in fs::read_dir(dir).with_context(|| format!("reading {}", dir.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            texts.extend(read_by_hand(&path)?);
        } else if path.extension().is_some_and(|it| it == "rs")
            && !path.to_string_lossy().ends_with("_generated.rs")
        {
            texts.push(read(&path)?);
        }
    }
    Ok(texts)
}

fn read_schemas(repo: &Repo) -> anyhow::Result<String> {
    if let Some(path) = env::var_os(SCHEMAS_VARIABLE) {
        return read(Path::new(&path));
    }
    let bin = ["run", "--quiet", "--package", "integration-tests", "--bin", "operator_schemas"];
    let schemas = cargo(repo, &bin)?;
    if schemas.is_empty() {
        bail!("libtorch lists no operators");
    }
    Ok(schemas)
}

fn package_dir(metadata: &Value, name: &str) -> anyhow::Result<PathBuf> {
    let packages = metadata["packages"].as_array().context("no packages in `cargo metadata`")?;
    let mut manifests = packages
        .iter()
        .filter(|package| package["name"] == name)
        .filter_map(|package| package["manifest_path"].as_str());
    let manifest = manifests.next().with_context(|| format!("no package `{name}`"))?;
    if manifests.next().is_some() {
        bail!("several versions of `{name}` in the workspace");
    }
    let dir = Path::new(manifest).parent().context("a manifest without a directory")?;
    Ok(dir.to_owned())
}

/// What Cargo prints.
fn cargo(repo: &Repo, args: &[&str]) -> anyhow::Result<String> {
    let line = args.join(" ");
    let output = repo
        .cargo()
        .args(args)
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("running `cargo {line}`"))?;
    if !output.status.success() {
        bail!("`cargo {line}` failed ({})", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))
}
