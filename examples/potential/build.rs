//! Lets the program find libtorch when it is run by hand, and the tests compile C++ against it.

use std::env;

fn main() {
    // Set by the build script of `tch-jit`.
    let dir = |name: &str| env::var(format!("DEP_TCH_JIT_LIBTORCH_{name}"));
    if let (Ok(lib), Ok(include)) = (dir("LIB"), dir("INCLUDE")) {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
        println!("cargo:rustc-env=LIBTORCH_LIB_DIR={lib}");
        println!("cargo:rustc-env=LIBTORCH_INCLUDE_DIR={include}");
    }
}
