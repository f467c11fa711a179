//! What is checked of an archive before libtorch reads it. A file may be damaged, or made to harm: libtorch's reader
//! trusts the sizes, the indices and the nesting that a file states.
//!
//! The checks follow libtorch's reader, opcode by opcode, and refuse what it does not know. Records are those that
//! libtorch itself finds in the archive. What needs the archive's types is checked while it loads: `shim/archive.cc`.

mod code;
mod pickle;
mod tensors;
mod zip;

use std::collections::{BTreeSet, HashMap};

pub use self::code::Nesting;
use self::pickle::{Checked, Pickle, Storages};
use crate::ffi;

/// An archive that libtorch may read.
#[derive(Debug)]
pub struct Inspected {
    pub archive: ffi::Archive,
    /// The names of all records.
    pub records: HashMap<String, u64>,
    /// The names of the devices that its tensors were on.
    pub devices: BTreeSet<String>,
    /// The stack that reading it needs.
    pub stack: usize,
}

/// Opens an archive that takes at most `max_bytes` when it is unpacked. The error says what is wrong.
pub fn inspect(bytes: Vec<u8>, max_bytes: u64) -> Checked<Inspected> {
    let entries = zip::directory(&bytes, max_bytes)?;
    let archive = ffi::Archive::open(bytes).map_err(|failure| failure.to_string())?;
    let records: HashMap<String, u64> = archive
        .records()
        .map_err(|failure| failure.to_string())?
        .into_iter()
        .filter(|(name, _)| !name.is_empty() && !name.ends_with('/'))
        .collect();
    check_directory(&entries, &records)?;
    check_kind(&records)?;
    check_sums(&archive, &entries)?;
    check_byte_order(&archive, &records)?;
    let mut devices = BTreeSet::new();
    for name in ["constants", "data"] {
        let storages = Storages { sizes: &records, folder: &format!("{name}/"), max_bytes };
        let pickle = read_pickle(&archive, &format!("{name}.pkl"), storages)?;
        pickle.check_shape().map_err(|what| format!("`{name}.pkl`: {what}"))?;
        devices.extend(pickle.devices);
    }
    let mut nesting = Nesting::default();
    for name in records.keys().filter(|name| name.starts_with("code/")) {
        if name.ends_with(".debug_pkl") {
            // These hold no tensors.
            let storages = Storages { sizes: &HashMap::new(), folder: "", max_bytes: 0 };
            read_pickle(&archive, name, storages)?;
        } else if name.ends_with(".py") {
            let of_file = Nesting::of(&read(&archive, name)?).map_err(|what| format!("`{name}`: {what}"))?;
            nesting = nesting.and(of_file);
        }
    }
    Ok(Inspected { archive, records, devices, stack: nesting.stack()? })
}

fn read(archive: &ffi::Archive, name: &str) -> Checked<Vec<u8>> {
    archive.read(name).map_err(|failure| format!("`{name}`: {failure}"))
}

fn read_pickle(archive: &ffi::Archive, name: &str, storages: Storages<'_>) -> Checked<Pickle> {
    Pickle::read(&read(archive, name)?, storages).map_err(|what| format!("`{name}`, {what}"))
}

/// libtorch and we must see the same records.
fn check_directory(entries: &[zip::Entry], records: &HashMap<String, u64>) -> Checked<()> {
    let is_same = entries.len() == records.len()
        && entries.iter().all(|entry| records.get(&entry.name) == Some(&entry.size));
    if is_same { Ok(()) } else { Err("its directory can be read in two ways".into()) }
}

fn check_kind(records: &HashMap<String, u64>) -> Checked<()> {
    if records.contains_key("model.json") {
        return Err("its format is older than PyTorch 1.4\nhelp: load it in Python, and save it again".into());
    }
    for name in ["constants.pkl", "data.pkl"] {
        if !records.contains_key(name) {
            return Err(format!(
                "it has no `{name}`, so it holds no TorchScript\nhelp: what `torch.save` writes is data alone; use \
                 `torch.jit.save`"
            ));
        }
    }
    Ok(())
}

/// libtorch says in which order the bytes of numbers are, and does not look at it.
fn check_byte_order(archive: &ffi::Archive, records: &HashMap<String, u64>) -> Checked<()> {
    const NAME: &str = "byteorder";
    let ours = if cfg!(target_endian = "little") { "little" } else { "big" };
    // PyTorch writes it since version 2.1.
    if !records.contains_key(NAME) || read(archive, NAME)? == ours.as_bytes() {
        return Ok(());
    }
    Err(format!("its numbers were written in another order of bytes than `{ours}`, which this machine has"))
}

/// libtorch does not look at the check sums that it writes.
fn check_sums(archive: &ffi::Archive, entries: &[zip::Entry]) -> Checked<()> {
    for entry in entries {
        let sum = match &entry.stored {
            Some(range) => crc32fast::hash(&archive.bytes()[range.clone()]),
            None => crc32fast::hash(&read(archive, &entry.name)?),
        };
        if sum != entry.crc {
            return Err(format!("the contents of `{}` are not those that were written", entry.name));
        }
    }
    Ok(())
}
