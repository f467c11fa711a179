//! The directory of an archive, read by another library than libtorch's: what both read alike is no trick.

use std::collections::HashSet;
use std::io::Cursor;
use std::ops::Range;

use zip::{CompressionMethod, ZipArchive};

use super::pickle::Checked;

/// libtorch cuts longer names.
const MAX_NAME: usize = 500;

#[derive(Debug)]
pub struct Entry {
    /// Without the folder that all are in.
    pub name: String,
    pub size: u64,
    pub crc: u32,
    /// Where the contents are, if they are not compressed.
    pub stored: Option<Range<usize>>,
}

/// All files of the archive. What they say of themselves is checked: names, and that they take at most `max_bytes` when
/// they are unpacked.
pub fn directory(bytes: &[u8], max_bytes: u64) -> Checked<Vec<Entry>> {
    if !bytes.starts_with(b"PK\x03\x04") {
        return Err(if bytes.get(4..8) == Some(b"PTMF") {
            "it is a flatbuffer for mobile devices; save it with `torch.jit.save`".into()
        } else {
            "it is no zip archive".into()
        });
    }
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| error.to_string())?;
    let mut entries = vec![];
    let mut folder: Option<String> = None;
    let mut seen = HashSet::new();
    let mut total: u64 = 0;
    for index in 0..archive.len() {
        let file = archive.by_index_raw(index).map_err(|error| error.to_string())?;
        let path = std::str::from_utf8(file.name_raw()).map_err(|_| "a name in it is not text")?;
        check_name(path)?;
        let (first, name) = path.split_once('/').ok_or_else(|| format!("`{path}` is in no folder"))?;
        if folder.get_or_insert_with(|| first.to_owned()) != first {
            return Err(format!("`{path}` is in another folder than the rest"));
        }
        // libtorch does not tell upper case from lower case.
        if !seen.insert(path.to_lowercase()) {
            return Err(format!("it holds `{path}` twice"));
        }
        total = total.saturating_add(file.size());
        if total > max_bytes {
            return Err(format!(
                "unpacked, it takes more than {max_bytes} bytes\nhelp: if you trust it, allow more: \
                 `LoadOptions::max_bytes`"
            ));
        }
        let stored = match file.compression() {
            CompressionMethod::Stored => Some(contents(file.data_start(), file.size(), bytes.len())?),
            CompressionMethod::Deflated => None,
            other => return Err(format!("`{path}` is compressed as {other}, which libtorch does not read")),
        };
        if !name.is_empty() && !name.ends_with('/') {
            entries.push(Entry { name: name.to_owned(), size: file.size(), crc: file.crc32(), stored });
        }
    }
    Ok(entries)
}

fn check_name(path: &str) -> Checked<()> {
    let is_odd = path.len() > MAX_NAME
        || path.chars().any(|it| it.is_control() || it == '\\')
        || path.split('/').any(|part| part == "..")
        || path.starts_with('/');
    if is_odd { Err(format!("it holds a file with the name {path:?}")) } else { Ok(()) }
}

fn contents(start: u64, size: u64, len: usize) -> Checked<Range<usize>> {
    let range =
        usize::try_from(start).ok().zip(start.checked_add(size).and_then(|it| usize::try_from(it).ok()));
    match range {
        Some((start, end)) if end <= len => Ok(start..end),
        _ => Err("it ends before its contents".into()),
    }
}
