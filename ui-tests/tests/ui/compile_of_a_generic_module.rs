//! A generic function that compiles what it is given, and modules of tch.

use tch::nn;

fn ship<M: nn::Module>(module: &M) {
    tch_jit::compile(module).unwrap().save("model.pt").unwrap();
}

fn main() {
    let layers = nn::seq();
    ship(&layers);
    tch_jit::compile(&layers).unwrap();
}
