//! Loading in libtorch's own format, within limits that the caller sets.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use tch::Device;

use super::Compiled;
use super::inspect::{Inspected, inspect};
use super::meta::{self, META_FILE};
use super::script_module::ScriptModule;
use crate::error::{Error, Result};
use crate::ffi::JitModule;
use crate::model::module::{Forward, Module};

/// How a TorchScript file is loaded, as by [`ScriptModule::load`] or [`Compiled::load`].
///
/// A file is a program: see [`load`](LoadOptions::load) for what is checked, and what is not.
///
/// ```no_run
/// # fn main() -> tch_jit::Result<()> {
/// use std::time::Duration;
/// let (module, files) = tch_jit::LoadOptions::new()
///     .device(tch::Device::Cpu)
///     .extra_files(["labels.txt"])
///     .max_bytes(1 << 30)
///     .time_limit(Duration::from_secs(10))
///     .load("model.pt")?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct LoadOptions {
    device: Option<Device>,
    extra_files: Vec<String>,
    max_bytes: Option<u64>,
    time_limit: Option<Duration>,
    trusted: bool,
}

impl LoadOptions {
    /// Tensors go to the devices they were saved from; no extra files are read; the archive may take 16 times the size
    /// of its file when it is unpacked, and always 64 MiB; there is no limit on time.
    pub fn new() -> LoadOptions {
        LoadOptions::default()
    }

    /// Puts all tensors on this device; with `None`, on those that they were saved from.
    pub fn device(mut self, device: impl Into<Option<Device>>) -> LoadOptions {
        self.device = device.into();
        self
    }

    /// Reads these extra files as well, what Python calls `_extra_files`.
    pub fn extra_files<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> LoadOptions {
        self.extra_files = names.into_iter().map(Into::into).collect();
        self
    }

    /// The most bytes that the file may have, and that its contents may take when they are unpacked: those of all its
    /// records together, and those of all its tensors.
    pub fn max_bytes(mut self, max_bytes: u64) -> LoadOptions {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// The longest time for which to wait for the module. What is at work then cannot be stopped: it goes on in a thread
    /// of its own, and its result is dropped.
    pub fn time_limit(mut self, time_limit: Duration) -> LoadOptions {
        self.time_limit = Some(time_limit);
        self
    }

    /// Whether the file's code may call operators that reach beyond the tensors of this process: `torch.save` writes a
    /// file, `torch.from_file` can share its memory with one, and some talk to other processes. Off by default: such code is refused.
    pub fn trusted(mut self, trusted: bool) -> LoadOptions {
        self.trusted = trusted;
        self
    }

    /// Reads a TorchScript file, whoever wrote it, and the contents of the extra files asked for, in their order; one
    /// that the archive lacks is empty.
    ///
    /// Before libtorch reads the archive, its records, pickles, tensors and the nesting of its code are checked; what is
    /// damaged is an error. The code is compiled, and `__setstate__` methods in it run: a stranger's file can take time
    /// and memory.
    ///
    /// # Errors
    ///
    /// [`Error::File`] where the file cannot be read, is no regular file, is damaged, holds no TorchScript, or does not
    /// keep to the limits.
    pub fn load(&self, path: impl AsRef<Path>) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let path = path.as_ref();
        let name = path.display().to_string();
        let bytes =
            open(path).and_then(|file| self.read(file)).map_err(|error| failed(&name, error.to_string()))?;
        self.load_bytes(&name, bytes)
    }

    /// As [`LoadOptions::load`], from any reader, which is read to its end.
    ///
    /// # Errors
    ///
    /// As [`LoadOptions::load`].
    pub fn load_from_reader(&self, reader: impl Read) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let name = "<stream>";
        let bytes = self.read(reader).map_err(|error| failed(name, error.to_string()))?;
        self.load_bytes(name, bytes)
    }

    /// As [`LoadOptions::load`], as the compiled form of `M`, whose classes and entries must be those of the file.
    ///
    /// # Errors
    ///
    /// As [`Compiled::load`].
    pub fn load_compiled<M: Module + Forward>(&self, path: impl AsRef<Path>) -> Result<Compiled<M>> {
        let path = path.as_ref();
        Compiled::of_file(path, self.load(path)?.0)
    }

    fn read(&self, reader: impl Read) -> io::Result<Vec<u8>> {
        let mut bytes = vec![];
        let Some(max_bytes) = self.max_bytes else {
            let mut reader = reader;
            reader.read_to_end(&mut bytes)?;
            return Ok(bytes);
        };
        reader.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > max_bytes {
            return Err(io::Error::other(format!("it has more than {max_bytes} bytes")));
        }
        Ok(bytes)
    }

    fn load_bytes(&self, name: &str, bytes: Vec<u8>) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        let max_bytes =
            self.max_bytes.unwrap_or_else(|| (bytes.len() as u64).saturating_mul(16).max(64 << 20));
        let failed = |message: String| failed(name, message);
        let inspected = inspect(bytes, max_bytes).map_err(|message| failed(with_help(message)))?;
        let mut files = self
            .extra_files
            .iter()
            .map(String::as_str)
            .chain([META_FILE])
            .map(|file| extra_file(&inspected, file))
            .collect::<std::result::Result<Vec<_>, String>>()
            .map_err(failed)?;
        let (metas, written_by) = meta::read(&files.pop().unwrap_or_default()).map_err(failed)?;
        let module = self.compile(inspected).map_err(failed)?;
        Ok((ScriptModule::loaded(module, metas, written_by), files))
    }

    /// Has libtorch read the archive in a thread whose stack is large enough for its code.
    fn compile(&self, inspected: Inspected) -> std::result::Result<JitModule, String> {
        let (device, trusted) = (self.device, self.trusted);
        let devices: Vec<String> = inspected.devices.iter().filter(|it| *it != "cpu").cloned().collect();
        let (sender, receiver) = mpsc::sync_channel(1);
        let compile = move || {
            // Nobody receives after the time is up.
            let _ =
                sender.send(inspected.archive.load(device, trusted).map_err(|failure| failure.to_string()));
        };
        let thread = thread::Builder::new().name("tch-jit load".into()).stack_size(inspected.stack);
        let thread = thread.spawn(compile).map_err(|error| error.to_string())?;
        let received = match self.time_limit {
            None => receiver.recv().map_err(|_| RecvTimeoutError::Disconnected),
            Some(limit) => receiver.recv_timeout(limit),
        };
        match received {
            Ok(result) => {
                // The thread's memory is free when this returns.
                let _ = thread.join();
                result.map_err(|message| match device {
                    None if !devices.is_empty() => format!(
                        "{message}\nhelp: tensors in it were on {}; say where they go: `LoadOptions::device`",
                        devices.join(", ")
                    ),
                    _ => message,
                })
            }
            Err(RecvTimeoutError::Timeout) => {
                let limit = self.time_limit.unwrap_or_default();
                Err(format!(
                    "it takes longer than {limit:?}\nhelp: if you trust it, allow more: `LoadOptions::time_limit`"
                ))
            }
            Err(RecvTimeoutError::Disconnected) => Err("the thread that loads it has ended".into()),
        }
    }
}

impl ScriptModule {
    /// Reads a TorchScript file, whoever wrote it, with the default [`LoadOptions`].
    ///
    /// # Errors
    ///
    /// As [`LoadOptions::load`].
    pub fn load(path: impl AsRef<Path>) -> Result<ScriptModule> {
        Ok(LoadOptions::new().load(path)?.0)
    }

    /// As [`ScriptModule::load`], with tensors on `device`, and with the contents of the extra files asked for; one that
    /// the archive lacks is empty.
    ///
    /// # Errors
    ///
    /// As [`LoadOptions::load`].
    pub fn load_with(
        path: impl AsRef<Path>,
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        LoadOptions::new().device(device).extra_files(extra_files.iter().copied()).load(path)
    }

    /// As [`ScriptModule::load_with`], from any reader.
    ///
    /// # Errors
    ///
    /// As [`LoadOptions::load`].
    pub fn load_from_reader(
        reader: impl Read,
        device: Option<Device>,
        extra_files: &[&str],
    ) -> Result<(ScriptModule, Vec<Vec<u8>>)> {
        LoadOptions::new().device(device).extra_files(extra_files.iter().copied()).load_from_reader(reader)
    }
}

/// Opens a regular file: reading others may wait, or never end.
fn open(path: &Path) -> io::Result<File> {
    // Asked before it is opened, since opening a pipe waits for someone who writes; and after, since it may be another.
    let regular = |metadata: std::fs::Metadata| {
        if metadata.is_file() {
            return Ok(());
        }
        let what = if metadata.is_dir() { "a directory" } else { "a device, a pipe or a socket" };
        Err(io::Error::other(format!("it is {what}\nhelp: read a stream with `load_from_reader`")))
    };
    regular(path.metadata()?)?;
    let file = File::open(path)?;
    regular(file.metadata()?)?;
    Ok(file)
}

fn extra_file(inspected: &Inspected, name: &str) -> std::result::Result<Vec<u8>, String> {
    let record = format!("extra/{name}");
    if !inspected.records.contains_key(&record) {
        return Ok(vec![]);
    }
    inspected.archive.read(&record).map_err(|failure| failure.to_string())
}

/// Says what to do about a file that is not as it should be, where nothing better is known.
fn with_help(message: String) -> String {
    if message.contains("help: ") {
        return message;
    }
    message
        + "\nhelp: it has changed since it was saved, or is no TorchScript: get it again, or save it again"
}

fn failed(file: &str, message: String) -> Error {
    Error::File { action: "load", file: file.to_owned(), message }
}
