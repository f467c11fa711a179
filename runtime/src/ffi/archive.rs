//! The archive of a saved module, as libtorch reads it.

use std::ffi::c_void;
use std::ptr::NonNull;

use tch::Device;

use super::value::device_name;
use super::{Failure, JitModule, check, handle, raw};

/// An archive in memory.
#[derive(Debug)]
pub struct Archive {
    archive: NonNull<raw::Archive>,
    /// What `archive` reads.
    bytes: Vec<u8>,
}

// SAFETY: libtorch's reader holds no thread's data; it is used by one thread at a time, since it is not `Sync`.
unsafe impl Send for Archive {}

impl Archive {
    /// Opens it: reads its directory and its version.
    pub fn open(bytes: Vec<u8>) -> Result<Archive, Failure> {
        // SAFETY: the bytes stay where they are until the archive is freed: the vector is moved, but never changed.
        let archive = handle(|error| unsafe { raw::tj_archive_new(raw::Str::bytes(&bytes), error) })?;
        Ok(Archive { archive, bytes })
    }

    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What was opened.
    pub fn into_bytes(mut self) -> Vec<u8> {
        // The archive is freed next, and reads nothing before.
        std::mem::take(&mut self.bytes)
    }

    /// The names of all records, in the order of the directory, with their sizes.
    pub fn records(&self) -> Result<Vec<(String, u64)>, Failure> {
        unsafe extern "C" fn each(ctx: *mut c_void, name: raw::Str<'_>, size: u64) {
            // SAFETY: `ctx` is the list below; the name is valid during the callback.
            unsafe { (*ctx.cast::<Vec<(String, u64)>>()).push((name.to_text(), size)) }
        }
        let mut records: Vec<(String, u64)> = vec![];
        let ctx = std::ptr::from_mut(&mut records).cast();
        // SAFETY: the archive is alive, and the list outlives the call.
        check(|error| unsafe { raw::tj_archive_records(self.archive.as_ptr(), ctx, each, error) })?;
        Ok(records)
    }

    /// The contents of a record.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, Failure> {
        let mut contents = Vec::new();
        let sink = raw::Sink::new(&mut contents);
        // SAFETY: the archive is alive, and the vector outlives the call.
        check(|error| unsafe { raw::tj_archive_read(self.archive.as_ptr(), name.into(), sink, error) })?;
        Ok(contents)
    }

    /// Makes the module. What libtorch trusts in the records must have been checked. Code that is trusted may call any
    /// operator.
    pub fn load(&self, device: Option<Device>, trusted: bool) -> Result<JitModule, Failure> {
        let device = device.map(device_name).transpose()?.unwrap_or_default();
        // SAFETY: the archive is alive.
        let module = handle(|error| unsafe {
            raw::tj_archive_load(self.archive.as_ptr(), device.as_str().into(), trusted, error)
        })?;
        Ok(JitModule(module))
    }
}

impl Drop for Archive {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_archive_free(self.archive.as_ptr()) }
    }
}
