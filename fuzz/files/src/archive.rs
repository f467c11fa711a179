//! Archives that are taken apart, changed, and put together again.

use std::io::{Cursor, Read, Write};

use anyhow::{Context, Result};
use zip::write::FileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// The files of an archive, in their order.
#[derive(Clone, Debug, Default)]
pub struct Archive {
    /// As they stand in the directory.
    pub files: Vec<File>,
}

/// A file in an archive.
#[derive(Clone, Debug)]
pub struct File {
    /// With the folder.
    pub name: String,
    /// Unpacked.
    pub contents: Vec<u8>,
    /// Whether it is deflated in the archive.
    pub is_compressed: bool,
}

impl Archive {
    /// # Errors
    ///
    /// Where the bytes are no archive.
    pub fn read(bytes: &[u8]) -> Result<Archive> {
        let mut archive = ZipArchive::new(Cursor::new(bytes))?;
        let mut files = vec![];
        for index in 0..archive.len() {
            let mut file = archive.by_index(index)?;
            let mut contents = vec![];
            file.read_to_end(&mut contents)?;
            let is_compressed = file.compression() != CompressionMethod::Stored;
            files.push(File { name: file.name().to_owned(), contents, is_compressed });
        }
        Ok(Archive { files })
    }

    /// The bytes of an archive with these files, whose check sums are right.
    ///
    /// # Errors
    ///
    /// Where the format has no place for a name.
    pub fn write(&self) -> Result<Vec<u8>> {
        let mut writer = ZipWriter::new(Cursor::new(vec![]));
        for file in &self.files {
            let method =
                if file.is_compressed { CompressionMethod::Deflated } else { CompressionMethod::Stored };
            writer.start_file(file.name.as_str(), FileOptions::default().compression_method(method))?;
            writer.write_all(&file.contents)?;
        }
        Ok(writer.finish()?.into_inner())
    }

    /// The contents of the file whose name, without the folder, is `name`.
    ///
    /// # Errors
    ///
    /// Where there is none.
    pub fn contents(&mut self, name: &str) -> Result<&mut Vec<u8>> {
        let has_name = |file: &&mut File| file.name.split_once('/').is_some_and(|it| it.1 == name);
        let file = self.files.iter_mut().find(has_name).with_context(|| format!("no file `{name}`"))?;
        Ok(&mut file.contents)
    }
}
