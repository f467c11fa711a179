//! Lets the examples find libtorch when they are run by hand. `cargo run` needs no help.

fn main() {
    // Set by the build script of `tch-jit`.
    if let Ok(lib) = std::env::var("DEP_TCH_JIT_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
    }
}
