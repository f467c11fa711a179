use tch::{Tensor, nn};
use tch_jit::{Compiled, compile_mode, methods};

#[compile_mode(script)]
struct Dropped;

#[methods]
impl Dropped {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.dropout(0.5, train)
    }
}

fn use_it(x: &Tensor, compiled: Compiled<Dropped>) -> Tensor {
    let y = x.apply_t(&compiled, true);
    let layers = nn::seq_t().add(compiled);
    y.apply_t(&layers, true)
}

fn main() {}
