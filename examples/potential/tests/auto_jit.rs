//! Every module of the crate, by the function that builds a small one.

tch_jit::auto_jit_tests!(potential);
