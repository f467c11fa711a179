//! Forms of `docs/grammar.md`, subject by subject: scripted, each gives what Rust gives.

// The forms under test are not all what clippy would write.
#![allow(clippy::all)]

mod control;
mod iterators;
mod lists;
mod macros;
mod maps;
mod modules;
mod numbers;
mod patterns;
mod text;
