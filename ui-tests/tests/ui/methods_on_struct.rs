use tch_jit::methods;

#[methods]
pub struct Model;

fn main() {
    let _ = Model;
}
