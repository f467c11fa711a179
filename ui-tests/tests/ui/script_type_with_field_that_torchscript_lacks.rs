use tch_jit::ScriptType;

#[derive(ScriptType)]
struct Config {
    eps: f64,
    file: std::path::PathBuf,
}

fn main() {}
