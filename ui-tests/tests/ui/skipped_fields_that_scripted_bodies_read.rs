//! `#[jit(skip)]` hides a field from the compiler; each is told where it is read first.

use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

#[derive(Debug)]
struct Config {
    heads: i64,
    scale: f64,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Attention {
    #[jit(skip)]
    config: Config,
    #[jit(skip)]
    name: String,
    query: nn::Linear,
}

#[methods]
impl Attention {
    fn forward(&self, x: &Tensor) -> Tensor {
        assert!(x.size()[0] % self.config.heads == 0, "{}", self.name);
        self.scaled(&x.apply(&self.query))
    }

    fn scaled(&self, x: &Tensor) -> Tensor {
        x * self.config.scale
    }

    /// Called by eager code alone.
    fn describe(&self) -> String {
        format!("{}: {} heads", self.name, self.config.heads)
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    #[jit(skip)]
    config: Config,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * self.config.scale
    }
}

fn main() {}
