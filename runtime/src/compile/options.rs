//! The compiler's options, which every stage reads.

use tch::Device;

use crate::model::inputs::MethodInputs;

/// The options that [`Compiler`](crate::Compiler)'s methods set and document.
#[derive(Clone, Debug)]
pub struct Options {
    pub n_trace_checks: usize,
    pub check_trace: bool,
    pub check_tolerance: f64,
    pub check_inputs: MethodInputs,
    pub strict: bool,
    pub deep_copy: bool,
    pub device: Option<Device>,
    pub deny_warnings: bool,
    pub record_locations: bool,
    pub generalize: bool,
    pub optimized_execution: bool,
    pub eval_only: bool,
}

impl Default for Options {
    fn default() -> Self {
        Options {
            n_trace_checks: 1,
            check_trace: true,
            check_tolerance: 1e-5,
            check_inputs: MethodInputs::new(),
            strict: true,
            deep_copy: false,
            device: None,
            deny_warnings: true,
            record_locations: cfg!(debug_assertions),
            generalize: true,
            optimized_execution: false,
            eval_only: false,
        }
    }
}
