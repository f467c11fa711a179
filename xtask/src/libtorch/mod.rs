//! Provides libtorch, so that every build after it finds one: the user's own, the system's, or a
//! CPU build taken from PyTorch's wheels.
//!
//! locate → (download → extract) → link. Nothing here runs as root, and nothing is written outside
//! the cache and `third_party/libtorch`.

mod download;
mod extract;
mod layout;
mod link;
mod locate;
mod record;
mod wheels;

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

use self::locate::{Facts, Source};
use crate::cache;
use crate::pip::Pip;
use crate::problem::cannot_write;
use crate::repo::Repo;

/// The version that torch-sys 0.26 asks for.
pub const VERSION: &str = "2.13.0";

/// The CPU build's directory in the cache, and the stem of what is named after it.
const NAME: &str = "libtorch-2.13.0-cpu";

/// Wheels (540 MB) and pip's temporary copy of the largest (527 MB), later replaced by the
/// extracted files (486 MB).
const SPACE_TO_DOWNLOAD: u64 = 1_200_000_000;
const SPACE_TO_EXTRACT: u64 = 500_000_000;

pub fn provide(repo: &Repo) -> Result<()> {
    let link = repo.libtorch_link();
    let facts = Facts {
        use_pytorch: env::var_os("LIBTORCH_USE_PYTORCH").is_some(),
        user: repo.user_libtorch(),
        linked: link::foreign_target(&link, &cache::dir()?.join(NAME)),
        system: cfg!(target_os = "linux") && Path::new(locate::SYSTEM_LIBRARY).exists(),
    };
    let source = locate::locate(facts);
    match &source {
        Source::PyTorch | Source::Linked(_) => {}
        Source::User(root) => layout::check_user(root, VERSION)?,
        Source::System => link::point(&link, Path::new("/usr"))?,
        Source::Recipe => link::point(&link, &provide_recipe()?)?,
    }
    eprintln!("libtorch: {source}");
    Ok(())
}

/// The CPU libtorch in the cache, made if it is missing or not whole.
fn provide_recipe() -> Result<PathBuf> {
    let cache = cache::dir()?;
    let root = cache.join(NAME);
    let _lock = cache::lock(&cache, NAME)?;
    if layout::missing(&root).is_empty() {
        layout::finish(&root, VERSION)?;
        return Ok(root);
    }
    locate::check_platform(env::consts::OS, env::consts::ARCH)?;

    let downloads = cache.join(format!("{NAME}.wheels"));
    if !download::is_complete(&downloads) {
        fs::create_dir_all(&downloads).map_err(|error| cannot_write(&downloads, &error))?;
        cache::require_space(&cache, SPACE_TO_DOWNLOAD)?;
        download::download(&Pip::provide(&cache)?, &downloads)?;
    }

    cache::require_space(&cache, SPACE_TO_EXTRACT)?;
    let part = cache.join(format!("{NAME}.part"));
    cache::remove_dir(&part)?;
    extract::extract(&downloads, &part)?;
    layout::finish(&part, VERSION)?;
    cache::remove_dir(&root)?;
    fs::rename(&part, &root).map_err(|error| cannot_write(&root, &error))?;
    cache::remove_dir(&downloads)?;
    Ok(root)
}
