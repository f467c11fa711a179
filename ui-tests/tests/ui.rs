//! What rustc shows to someone who made a mistake. One mistake per file, which is named after it.
//!
//! Bless with `cargo xtask bless`, and read the difference as a user would. There are no `pass`
//! cases: a single one would make trybuild link everything.

#[test]
fn ui() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
