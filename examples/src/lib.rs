//! Examples of `tch-jit`, one idea each: see `src/bin`.
