//! Loads damaged files: archives that are changed at random, each in a process that may end.

pub mod archive;
pub mod attempt;
pub mod mutate;
pub mod opcodes;
