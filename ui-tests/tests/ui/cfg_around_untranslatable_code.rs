//! What rustc removes is no mistake; what it keeps is one, at its place.

use tch::Tensor;
use tch_jit::{compile_mode, methods, script};

#[compile_mode(script)]
struct Model {
    #[cfg(any())]
    removed: std::fs::File,
    #[cfg(all())]
    kept: std::fs::File,
}

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        #[cfg(any())]
        let x = &unsafe { x.shallow_clone() };
        #[cfg(all())]
        let x = &unsafe { x.shallow_clone() };
        match x.dim() {
            #[cfg(any())]
            0 => unsafe { x.relu() },
            #[cfg(all())]
            0 => unsafe { x.relu() },
            _ => x.relu(),
        }
    }
}

#[script]
fn shape(x: &Tensor) -> i64 {
    #[cfg(any())]
    eprintln!("removed");
    #[cfg(all())]
    eprintln!("kept");
    vec![1, #[cfg(all())] 2][0]
}

fn main() {}
