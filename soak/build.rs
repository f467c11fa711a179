//! Lets the binary find libtorch when it is run by hand, as under heaptrack. `cargo run` needs no help.

fn main() {
    // Set by the build script of `tch-jit`.
    if let Ok(lib) = std::env::var("DEP_TCH_JIT_LIBTORCH_LIB") {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{lib}");
    }
}
