//! Saving in libtorch's own format: the archive that `torch.jit.load` of Python and C++ reads. An extra file in it holds
//! what TorchScript does not keep.

use std::io::Write;
use std::path::Path;

use super::inspect::inspect;
use super::meta::{self, META_FILE};
use super::replace::replace;
use super::script_module::ScriptModule;
use crate::error::{Error, Result};
use crate::place::relative;

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

    /// Writes what inference needs, in evaluation mode, whatever the mode of this module is: a copy, frozen with all
    /// exported methods, so that it cannot be trained any more.
    ///
    /// # Errors
    ///
    /// As [`ScriptModule::save`] and [`ScriptModule::freeze`].
    pub fn save_for_inference(&self, path: impl AsRef<Path>) -> Result<()> {
        let copy = self.deep_copy()?;
        copy.eval();
        copy.freeze()?.save(path)
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
        let below = self.tree.metas.iter();
        let below =
            below.filter_map(|(path, meta)| Some((relative(path, &self.path)?.to_owned(), meta.clone())));
        if extra_files.iter().any(|(name, _)| *name == META_FILE) {
            return Err(format!(
                "the extra file `{META_FILE}` holds what TorchScript does not keep of a module\n\
                 help: give yours another name"
            ));
        }
        let mut files: Vec<(String, Vec<u8>)> =
            extra_files.iter().map(|(name, contents)| ((*name).to_owned(), contents.to_vec())).collect();
        files.push((META_FILE.to_owned(), meta::write(below.collect())));
        let _held = self.tree.read();
        let bytes = self.module.save(&files).map_err(|failure| failure.to_string())?;
        // What is saved can be loaded.
        Ok(inspect(bytes, u64::MAX)?.archive.into_bytes())
    }
}
