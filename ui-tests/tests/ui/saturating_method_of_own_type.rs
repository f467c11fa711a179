use tch_jit::{ScriptType, compile_mode, methods};

#[derive(Clone, Copy, ScriptType)]
enum Level {
    Low,
    High,
}

impl Level {
    fn saturating_sub(self, n: i64) -> i64 {
        n
    }
}

#[compile_mode(script)]
struct Model {}

#[methods]
impl Model {
    fn forward(&self, level: Level) -> i64 {
        level.saturating_sub(1)
    }
}

fn main() {
    let _ = tch_jit::compile(&Model {});
}
