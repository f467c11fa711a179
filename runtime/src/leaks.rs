//! Values that leave a trace: it would go on with those of the recorded run, whatever its inputs are.

use std::cell::RefCell;
use std::fmt::{self, Display, Formatter};
use std::rc::Rc;

use crate::error::Error;
use crate::frames::{self, Frame};
use crate::place::{ModulePath, Place};
use crate::recording::site;

/// A method of a module, which is being traced.
#[derive(Clone, Debug)]
pub struct Site {
    pub path: ModulePath,
    pub ty: &'static str,
    pub method: &'static str,
    pub place: Place,
}

/// What makes a compiled module doubtful, and no error: see
/// [`Compiler::deny_warnings`](crate::Compiler::deny_warnings).
#[derive(Clone, Debug)]
pub struct Warning(String);

impl Display for Warning {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The values that left one trace.
#[derive(Default)]
pub struct Leaks(RefCell<Vec<Leak>>);

struct Leak {
    operator: Option<String>,
    frame: Option<Rc<Frame>>,
    site: Option<Site>,
}

impl Leaks {
    /// The operator `op` is about to return values, or, where it is empty, memory is read.
    pub fn note(&self, op: &str) {
        let operator = (!op.is_empty()).then(|| op.trim_start_matches("aten::").to_owned());
        self.0.borrow_mut().push(Leak { operator, frame: frames::caller(0), site: site() });
    }

    /// The first as an error.
    pub fn into_error(self) -> Option<Error> {
        let leak = self.0.into_inner().into_iter().next()?;
        let message = leak.message();
        let Site { path, ty, method, place } = leak.site?;
        Some(Error::DataLeavesTrace { path, ty, method, place, message })
    }

    /// Each place once.
    pub fn into_warnings(self) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = vec![];
        for leak in self.0.into_inner() {
            let Some(site) = &leak.site else { continue };
            let text = format!("{}data leaves the trace of {}: {}", site.path, site.ty, leak.message());
            if !warnings.iter().any(|known| known.0 == text) {
                warnings.push(Warning(text));
            }
        }
        warnings
    }
}

impl Leak {
    fn message(&self) -> String {
        let what = match &self.operator {
            Some(operator) => format!("`{operator}` returns values of a tensor"),
            None => "the values of a tensor are read".to_owned(),
        };
        let place = self.frame.as_ref().map_or_else(String::new, |frame| format!("\n{frame}"));
        format!("{what}, which a trace cannot follow{place}")
    }
}
