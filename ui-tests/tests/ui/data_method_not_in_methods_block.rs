use tch_jit::{ScriptType, compile_mode, methods};

#[derive(Clone, ScriptType)]
struct Config {
    width: i64,
}

impl Config {
    fn new(width: i64) -> Self {
        Config { width }
    }

    fn area(&self) -> i64 {
        self.width * self.width
    }
}

#[compile_mode(script)]
struct Model {
    config: Config,
}

#[methods]
impl Model {
    fn forward(&self, n: i64) -> i64 {
        let made = Config::new(n);
        made.area() + self.config.area()
    }
}

fn main() {
    let _ = tch_jit::compile(&Model { config: Config::new(1) });
}
