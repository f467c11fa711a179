use tch_jit::ScriptType;

#[derive(ScriptType)]
struct Config {
    lambda: f64,
}

fn main() {}
