struct Model;

fn main() {
    let _ = tch_jit::compile(&Model);
    let _ = tch_jit::script(&Model);
}
