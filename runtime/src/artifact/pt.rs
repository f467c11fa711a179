//! Saving and loading in libtorch's own format: the archive that `torch.jit.load` of Python and C++ reads. An extra
//! file in it holds what TorchScript does not keep.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;

use tch::Device;

use super::Report;
use super::replace::replace;
use super::script_module::{ModuleMeta, ScriptModule};
use crate::error::{Error, Result};
use crate::ffi;
use crate::place::relative;

/// The extra file in the archive that holds each module's mode and Rust type, which TorchScript does not keep.
const META_FILE: &str = "tch_jit.json";

impl ScriptModule {
    /// Writes the module for `torch.jit.load` of Python and C++, and for [`ScriptModule::load`].
    ///
    /// An existing file is replaced once the new one is whole and on the disk; until then, and after a failure, it is
    /// what it was. It keeps its mode and its owner, a symbolic link is followed, devices and pipes are written to.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be written, has further names (hard links), or could not be loaded again: libtorch reads its code before
    /// an existing file is replaced. Layers that [`optimize_for_inference`](ScriptModule::optimize_for_inference) gave
    /// a layout of their own, as it does with convolutions, have no form in a file.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_with_extra_files(path, &[])
    }

    /// As [`ScriptModule::save`], with further files in the archive: what Python calls
    /// `_extra_files`.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::save`]; also where one of the files is `tch_jit.json`, which holds modes and Rust types.
    pub fn save_with_extra_files(&self, path: impl AsRef<Path>, extra_files: &[(&str, &[u8])]) -> Result<()> {
        let path = path.as_ref();
        let failed =
            |message: String| Error::File { action: "save", file: path.display().to_string(), message };
        let bytes = self.to_bytes(extra_files).map_err(&failed)?;
        replace(path, &bytes).map_err(|error| failed(error.to_string()))
    }

    /// As [`ScriptModule::save`], to any writer.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::save`], and where the writer fails.
    pub fn save_to_writer(&self, mut writer: impl Write) -> Result<()> {
        let written =
            self.to_bytes(&[]).and_then(|bytes| writer.write_all(&bytes).map_err(|it| it.to_string()));
        written.map_err(|message| Error::File { action: "save", file: "<stream>".into(), message })
    }

    /// The archive, or why there is none.
    fn to_bytes(&self, extra_files: &[(&str, &[u8])]) -> std::result::Result<Vec<u8>, String> {
        let below: BTreeMap<&str, &ModuleMeta> = self
            .tree
            .metas
            .iter()
            .filter_map(|(path, meta)| Some((relative(path, &self.path)?, meta)))
            .collect();
        let metas = serde_json::to_vec(&below).expect("modes and names are text");
        if extra_files.iter().any(|(name, _)| *name == META_FILE) {
            return Err(format!(
                "the extra file `{META_FILE}` holds what TorchScript does not keep of a module\n\
                 help: give yours another name"
            ));
        }
        let mut files: Vec<(String, Vec<u8>)> =
            extra_files.iter().map(|(name, contents)| ((*name).to_owned(), contents.to_vec())).collect();
        files.push((META_FILE.to_owned(), metas));
        let _held = self.tree.read();
        self.module.save(&files).map_err(|failure| failure.to_string())
    }

    /// Reads a TorchScript file, whoever wrote it. Tensors go to the devices they were saved from.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be read or holds no TorchScript.
    pub fn load(path: impl AsRef<Path>) -> Result<ScriptModule> {
        Ok(Self::load_with(path, None, &[])?.0)
    }

    /// As [`ScriptModule::load`], with tensors on `device`, and with the contents of the extra
    /// files asked for; one that the archive lacks is empty.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::load`].
    pub fn load_with(
        path: impl AsRef<Path>,
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes = fs::read(path).map_err(|error| load_error(&name, error.to_string()))?;
        Self::from_bytes(&name, &bytes, device, extra_files)
    }

    /// As [`ScriptModule::load_with`], from any reader.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::load`].
    pub fn load_from_reader(
        mut reader: impl Read,
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let mut bytes = vec![];
        reader.read_to_end(&mut bytes).map_err(|error| load_error("<stream>", error.to_string()))?;
        Self::from_bytes("<stream>", &bytes, device, extra_files)
    }

    fn from_bytes(
        name: &str,
        bytes: &[u8],
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let mut files = extra_files.to_vec();
        files.push(META_FILE);
        let (module, mut contents) = ffi::JitModule::load(bytes, device, &files)
            .map_err(|failure| load_error(name, failure.to_string()))?;
        let metas = contents.pop().unwrap_or_default();
        // A file that another program wrote has no such extra file.
        let metas = serde_json::from_slice(&metas).unwrap_or_default();
        Ok((ScriptModule::new(module, metas, vec![], Report::default()), contents))
    }
}

fn load_error(file: &str, message: String) -> Error {
    Error::File { action: "load", file: file.to_owned(), message }
}
