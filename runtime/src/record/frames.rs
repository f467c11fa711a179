//! Finds the user's line that is being run: the innermost frame of the stack that belongs to neither libtorch, nor tch,
//! nor the standard library, nor this crate. Without debug information there is none.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::{self, Debug, Display, Formatter};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use backtrace::Symbol;
use tch::Tensor;

use crate::place::Frame;

/// The functions by which tch formats a tensor.
const FORMATTERS: [fn(&Tensor, &mut Formatter<'_>) -> fmt::Result; 2] =
    [<Tensor as Display>::fmt, <Tensor as Debug>::fmt];

#[derive(Default)]
struct Cache {
    /// What is known of each return address, so that a frame is looked up only once.
    by_address: HashMap<usize, Address>,
    n_frames: usize,
    files: HashMap<PathBuf, Rc<File>>,
}

struct File {
    /// The file's name, as rustc shows it: relative to the workspace.
    name: String,
    text: String,
}

thread_local! {
    static CACHE: RefCell<Cache> = RefCell::default();
}

/// Runs `f` as the outermost call in which the user's line is searched: a place is within `f`, or there is none.
#[inline(never)]
pub fn boundary<R>(f: impl FnOnce() -> R) -> R {
    let result = f();
    // Keeps the call of `f` from being a tail call, which would leave no frame for this function.
    std::hint::black_box(());
    result
}

/// What is known of a return address.
#[derive(Clone, Default)]
struct Address {
    /// The user's functions there, innermost first: one may be inlined into another.
    frames: Rc<[Rc<Frame>]>,
    is_boundary: bool,
    /// Whether tch formats a tensor there.
    is_formatting: bool,
}

/// The user's line that is being run in this thread, after skipping the `skip` innermost of the user's functions.
pub fn caller(skip: usize) -> Option<Rc<Frame>> {
    let mut skip = skip;
    let mut found = None;
    walk(|address| {
        found = address.frames.get(skip).cloned();
        skip = skip.saturating_sub(address.frames.len());
        found.is_none()
    });
    found
}

/// Whether tch is formatting a tensor in this thread.
pub fn is_formatting() -> bool {
    let mut found = false;
    walk(|address| {
        found = address.is_formatting;
        !found
    });
    found
}

/// Calls `each` for the frames of the stack, innermost first, as long as it asks for more.
fn walk(mut each: impl FnMut(&Address) -> bool) {
    CACHE.with(|cache| {
        // Taken only where a walk calls itself.
        let Ok(mut cache) = cache.try_borrow_mut() else { return };
        backtrace::trace(|frame| {
            let ip = frame.ip().addr();
            let address = match cache.by_address.get(&ip) {
                Some(address) => address.clone(),
                None => {
                    let address = cache.look_up(frame);
                    cache.by_address.insert(ip, address.clone());
                    address
                }
            };
            each(&address) && !address.is_boundary
        });
    });
}

impl Cache {
    fn look_up(&mut self, frame: &backtrace::Frame) -> Address {
        let mut places = vec![];
        let mut is_boundary = false;
        let mut is_formatting = FORMATTERS.iter().any(|it| *it as usize == frame.symbol_address().addr());
        backtrace::resolve_frame(frame, |symbol| {
            let name = symbol.name().map_or_else(String::new, |name| name.to_string());
            is_boundary |= name.contains("frames::boundary");
            // Where the function is inlined, only its name is known.
            is_formatting |=
                name.starts_with("<tch") && name.contains("::Tensor as core") && name.contains("::fmt");
            places.extend(place(symbol));
        });
        places.retain(|(path, ..)| !is_foreign(path));
        let frames = places.into_iter().filter_map(|(path, line, column)| {
            let file = self.files.entry(path.clone()).or_insert_with(|| Rc::new(File::read(&path)));
            // What an attribute derives is not the user's code.
            if line_of(&file.text, line).trim_start().starts_with("#[derive") {
                return None;
            }
            self.n_frames += 1;
            Some(Rc::new(Frame::new(self.n_frames, &file.name, &file.text, line, column)))
        });
        Address { frames: frames.collect(), is_boundary, is_formatting }
    }
}

fn line_of(text: &str, line: u32) -> &str {
    text.lines().nth((line as usize).saturating_sub(1)).unwrap_or_default()
}

fn place(symbol: &Symbol) -> Option<(PathBuf, u32, u32)> {
    Some((symbol.filename()?.to_owned(), symbol.lineno()?, symbol.colno().unwrap_or(1)))
}

/// Whether a file belongs to a library below the user's code, and so not to the user.
fn is_foreign(path: &Path) -> bool {
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let is_library = |name: &str| {
        let version = name.strip_prefix("tch-").or_else(|| name.strip_prefix("torch-sys-"));
        version.is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()) || it == "rs")
            || name.strip_prefix("backtrace-").is_some_and(|it| it.starts_with(|c: char| c.is_ascii_digit()))
    };
    path.extension().is_none_or(|it| it != "rs")
        || path.starts_with("/rustc")
        || path.starts_with(ours)
        || path
            .components()
            .any(|it| it.as_os_str().to_str().is_some_and(|it| it == "rustlib" || is_library(it)))
}

impl File {
    fn read(path: &Path) -> File {
        let root = workspace(path);
        let name = root.and_then(|root| path.strip_prefix(root).ok()).unwrap_or(path);
        File {
            name: name.to_string_lossy().into_owned(),
            text: std::fs::read_to_string(path).unwrap_or_default(),
        }
    }
}

/// The directory in which cargo runs rustc for the package that `path` belongs to.
fn workspace(path: &Path) -> Option<&Path> {
    let manifests = || path.ancestors().skip(1).filter(|dir| dir.join("Cargo.toml").is_file());
    let is_workspace = |dir: &&Path| {
        std::fs::read_to_string(dir.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]"))
    };
    manifests().find(is_workspace).or_else(|| manifests().next())
}

#[cfg(test)]
mod tests {
    use super::is_foreign;
    use std::path::Path;

    #[test]
    fn libraries_are_not_the_users() {
        let foreign =
            ["/rustc/abc/library/core/src/ops/function.rs", "/x/tch-0.26.0/src/nn/linear.rs", "/a/b.cpp"];
        assert!(foreign.iter().all(|it| is_foreign(Path::new(it))));
        assert!(!is_foreign(Path::new("/home/me/tch-models/src/model.rs")));
    }
}
