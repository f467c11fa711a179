//! Leaks: values that the body takes out of its trace. The trace would go on with those of the recorded run, whatever
//! its inputs are.

use std::cell::RefCell;
use std::rc::Rc;

use super::frames;
use super::recording::site;
use crate::artifact::Warning;
use crate::error::Error;
use crate::place::{Frame, Site};

/// The values that left one trace.
#[derive(Default)]
pub struct Leaks(RefCell<Vec<Leak>>);

struct Leak {
    operator: Option<String>,
    frame: Option<Rc<Frame>>,
    site: Option<Site>,
}

impl Leaks {
    /// Notes a leak: the operator `op` is about to return values of a tensor or, where `op` is empty, a tensor's memory
    /// is read.
    pub fn note(&self, op: &str) {
        let operator = (!op.is_empty()).then(|| op.trim_start_matches("aten::").to_owned());
        let leak = Leak { operator, frame: frames::caller(0), site: site() };
        // tch reads a tensor many times while it formats it.
        let mut leaks = self.0.borrow_mut();
        if leaks.last().is_none_or(|last| last.message() != leak.message()) {
            leaks.push(leak);
        }
    }

    /// The first leak as an error.
    pub fn into_error(self) -> Option<Error> {
        let leak = self.0.into_inner().into_iter().next()?;
        let message = leak.message();
        Some(Error::DataLeavesTrace { site: leak.site?, message })
    }

    /// The leaks as warnings, each place once.
    pub fn into_warnings(self) -> Vec<Warning> {
        let mut warnings: Vec<Warning> = vec![];
        for leak in self.0.into_inner() {
            let Some(site) = &leak.site else { continue };
            let text = format!("{}data leaves the trace of {}: {}", site.path, site.ty, leak.message());
            let warning = Warning::new(text);
            if !warnings.contains(&warning) {
                warnings.push(warning);
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
