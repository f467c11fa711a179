//! Differential fuzzing of scripted modules: random programs in the Rust that scripts
//! (`docs/grammar.md`), run by Rust, compiled, and loaded from their files, on the same inputs. Half of the inputs
//! have gradients, which are compared as well.
//!
//! A seed makes a [`Program`](ast::Program), which is well typed for rustc. [`toolchain`] compiles a
//! batch of them as one crate, [`run`] runs it in a process of its own, the crate `fuzz-harness`
//! compares. What differs, is rejected or ends the process is a [`Finding`](campaign::Finding);
//! [`shrink`] makes its program smaller for as long as it stays one.
//!
//! Failures are compared as failures: an index out of bounds, a division by zero, an `unwrap` of
//! `None`, a panic or an `Err` has to fail on both sides, whatever the message.
//!
//! # Where Rust and TorchScript are known to differ
//!
//! | difference | what is done |
//! |---|---|
//! | integers wrap around as in release builds, where `usize` is too large for TorchScript they fail | such inputs are left out |
//! | the bounds of `a..=b` and `(a..b).rev()` may overflow, too | ranges end before `i64::MAX` and begin after `i64::MIN` |
//! | a negative index counts from the end | indices are of type `usize`, never cast from what may be negative |
//! | a slice that reaches beyond the list is cut | bounds of slices are cut by `min` |
//! | what is not used is not computed, and does not fail | what fails in Rust only is run again with each value that may fail used by an `assert!` |
//! | a branch on a literal is decided while compiling, and a value that is `None` there has no type | truth values are comparisons of a variable |
//! | a match whose first arms all leave the loop or the method has no value | the first arms may not match |
//! | 0.0 and -0.0 are one constant | there is no -0.0 among the literals |
//! | behind `take` and `take_while`, closures run for all items | no closure comes before these |
//! | `x.i((0, ..))` of one dimension fails in tch only | the input has a second dimension |
//! | what handles a failure, such as `unwrap_or_else` of a `Result`, is rejected | only `?`; traces handle more |
//! | a `HashMap` has no order | nothing asks for it |
//! | libtorch's profiling executor has other gradients at some points | only its results are compared |
//! | types that are not written are looked up only where `forward` needs them | what only another module calls has `#[export]` |
//! | a field's name cannot be a keyword of Python, nor `training` | methods, parameters and variables have such names |
//! | `x == y` is true where both are one NaN | such a finding is none |
//! | of 0.0 and -0.0, `max` and `min` may give either, in Rust too | such a finding is none |
//! | `flat_map` before what ends early is rejected | such a finding is none |
//! | what is compared by hand is rejected | in programs that do so, such a finding is none |
//! | the sign of NaN is unspecified in Rust | such a finding is none |
//! | a closure that fails on an item after the one that `find` takes fails in TorchScript | such a finding is none |
//! | `powi` and others may differ in the last digit | small powers of small numbers |

#[allow(missing_docs)]
pub mod ast;
pub mod campaign;
pub mod generate;
pub mod print;
pub mod run;
pub mod shrink;
pub mod toolchain;
#[allow(missing_docs)]
pub mod ty;
pub mod valid;

#[cfg(test)]
mod tests {
    use crate::generate::generate;
    use crate::{print, shrink, valid};

    #[test]
    fn programs_parse() {
        for seed in 0..300 {
            let source = print::source(&generate(seed));
            syn::parse_file(&source).unwrap_or_else(|error| panic!("{error}:\n{source}"));
        }
    }

    #[test]
    fn a_seed_is_a_program() {
        for seed in 0..50 {
            assert_eq!(print::source(&generate(seed)), print::source(&generate(seed)));
        }
        assert_ne!(print::source(&generate(1)), print::source(&generate(2)));
    }

    #[test]
    fn uses_see_their_bindings() {
        for seed in 0..300 {
            let program = generate(seed);
            assert!(valid::is_valid(&program), "{}", print::source(&program));
        }
    }

    #[test]
    fn candidates_are_smaller_and_parse() {
        for seed in 0..20 {
            let program = generate(seed);
            for candidate in shrink::candidates(&program).iter().take(50) {
                assert!(candidate.size() <= program.size());
                let source = print::source(candidate);
                syn::parse_file(&source).unwrap_or_else(|error| panic!("{error}:\n{source}"));
            }
        }
    }
}
