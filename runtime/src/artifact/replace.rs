//! Replaces a file by one with other contents. In: a path and bytes. Out: the old file or the new one, whatever happens
//! in between.
//!
//! The new contents become a file of their own in the same directory, which takes the old one's name once it is whole
//! and on the disk. On Linux that file has no name while it is written, so a process that is killed leaves nothing.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::TempPath;

/// Makes `bytes` the contents of the file at `path`.
///
/// A symbolic link is followed. The file keeps its mode and, where this process may give it that, its owner. Devices and
/// pipes are written to.
///
/// # Errors
///
/// Where the file may not be written, or has further names, as hard links are: these would keep the old contents. The
/// file is then as before.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let old = match OpenOptions::new().write(true).open(path) {
        Ok(mut file) => {
            let metadata = file.metadata()?;
            if is_stream(&metadata) {
                return file.write_all(bytes);
            }
            check(&metadata)?;
            Some(metadata)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let path = followed(path)?;
    let dir = match path.parent() {
        Some(dir) if dir != Path::new("") => dir,
        _ => Path::new("."),
    };
    let draft = draft(dir, |file| {
        file.write_all(bytes)?;
        if let Some(old) = &old {
            keep_owner_and_mode(file, old)?;
        }
        file.sync_all()
    })?;
    draft.persist(&path)?;
    // The new name is on the disk when its directory is. Some filesystems know no such thing.
    #[cfg(unix)]
    let _ = File::open(dir).and_then(|dir| dir.sync_all());
    Ok(())
}

/// A new file in `dir`, with what `write` writes to it. Its name is short, however long that of the target is.
fn draft(dir: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<TempPath> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tch-jit-").suffix(".part");
    #[cfg(target_os = "linux")]
    if let Some(mut file) = unnamed(dir) {
        write(&mut file)?;
        return Ok(builder.make_in(dir, |name| link(&file, name))?.into_temp_path());
    }
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut named = builder.tempfile_in(dir)?;
    write(named.as_file_mut())?;
    Ok(named.into_temp_path())
}

/// A file without a name in `dir`; none where the filesystem has no such files.
#[cfg(target_os = "linux")]
fn unnamed(dir: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    // Through this directory, the file is given its name.
    if !Path::new("/proc/self/fd").is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    open(dir, flags, Mode::from_raw_mode(0o666)).ok().map(File::from)
}

#[cfg(target_os = "linux")]
fn link(file: &File, name: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd;

    use rustix::fs::{AtFlags, CWD, linkat};
    let open = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, open, CWD, name, AtFlags::SYMLINK_FOLLOW)?)
}

/// The file that a path leads to, over symbolic links; it need not exist.
fn followed(path: &Path) -> io::Result<PathBuf> {
    /// As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(io::Error::other("too many symbolic links"))
}

#[cfg(unix)]
fn is_stream(metadata: &fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let ty = metadata.file_type();
    ty.is_char_device() || ty.is_fifo()
}

#[cfg(not(unix))]
fn is_stream(_: &fs::Metadata) -> bool {
    false
}

/// Refuses what must not be replaced.
fn check(metadata: &fs::Metadata) -> io::Result<()> {
    if !metadata.is_file() {
        return Err(io::Error::other(
            "only files, pipes and character devices are written to, and this is none of them",
        ));
    }
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(metadata) > 1 {
        return Err(io::Error::other(
            "the file has another name, a hard link, which would keep the old contents\n\
             help: remove the file first, or save under another name",
        ));
    }
    Ok(())
}

#[cfg(unix)]
fn keep_owner_and_mode(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
    let keeps_owner = fchown(file, Some(old.uid()), Some(old.gid())).is_ok();
    // Without its group, the file must not grant the old group's rights to another one.
    let mode = if keeps_owner { old.mode() } else { old.mode() & !0o070 };
    file.set_permissions(PermissionsExt::from_mode(mode & 0o7777))
}

#[cfg(not(unix))]
fn keep_owner_and_mode(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}
