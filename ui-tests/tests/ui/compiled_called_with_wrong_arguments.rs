use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Pair;

#[methods]
impl Pair {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        x * n
    }
}

#[compile_mode(script)]
struct Single;

#[methods]
impl Single {
    fn forward(&self, x: &Tensor) -> Tensor {
        x * 2
    }
}

fn main() -> tch_jit::Result<()> {
    let x = Tensor::from(1.0);
    let pair = tch_jit::compile(&Pair)?;
    pair.forward(&x)?;
    pair.forward((&x, 2.0))?;
    pair.forward((&x, 2, 3))?;
    let single = tch_jit::compile(&Single)?;
    single.forward(2)?;
    single.forward((&x, &x))?;
    let n: i64 = single.forward(&x)?;
    Ok(())
}
