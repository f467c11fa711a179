//! The modules of this package that say how to build one, each as a test of its own.

tch_jit::auto_jit_tests!(integration_tests);
