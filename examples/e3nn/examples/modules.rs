//! Prints all modules of the crate, with mode and methods, as the registry knows them.

// Its modules are registered where the crate is linked.
use e3nn as _;

fn main() {
    println!("{}", tch_jit::registry::modules());
}
