//! Forms of `docs/grammar.md`, subject by subject: scripted, each gives what Rust gives.

// The forms under test are not all what clippy would write.
#![allow(clippy::all)]

mod control;
mod patterns;
