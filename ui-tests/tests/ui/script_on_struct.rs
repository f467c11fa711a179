use tch_jit::script;

#[script]
struct Gate;

fn main() {}
