//! Forms of `docs/grammar.md`, subject by subject: scripted, each gives what Rust gives. Where the page says
//! that the languages differ, `differences.rs` shows how.

// The forms under test are not all what clippy would write.
#![allow(clippy::all)]

mod closures;
mod control;
mod differences;
mod expressions;
mod inferred;
mod iterators;
mod lists;
mod macros;
mod maps;
mod modules;
mod numbers;
mod options;
mod orders;
mod patterns;
mod places;
mod statements;
mod tensors;
mod text;
mod widths;
