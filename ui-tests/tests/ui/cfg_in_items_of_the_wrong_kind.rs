use tch::Tensor;
use tch_jit::{compile_mode, methods, script};

#[compile_mode(scripted)]
struct Model {
    #[cfg(all())]
    a: i64,
}

#[methods]
trait Forward {
    #[cfg(all())]
    fn forward(&self, x: &Tensor) -> Tensor;
}

impl Model {
    #[script]
    fn method(&self) -> i64 {
        #[cfg(all())]
        let a = 1;
        a
    }
}

#[script(now)]
fn function() -> i64 {
    #[cfg(not(all()))]
    return 1;
    #[cfg(all())]
    return 2;
}

fn main() {}
