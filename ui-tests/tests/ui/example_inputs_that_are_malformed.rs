use tch::Tensor;
use tch_jit::{compile_mode, methods, tracing_inputs};

#[tracing_inputs]
#[compile_mode(trace)]
struct Bare;

#[compile_mode(trace)]
#[tracing_inputs(x)]
struct Nameless;

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3] < 5)]
struct Bounded;

#[compile_mode(trace)]
#[tracing_inputs(x = )]
struct Empty;

#[tracing_inputs(x = [_, 3])]
struct NoModule;

macro_rules! forward {
    ($($ty:ty)*) => {$(
        #[methods]
        impl $ty {
            fn forward(&self, x: &Tensor) -> Tensor {
                x * 2
            }
        }
    )*};
}

forward!(Bare Nameless Bounded Empty);

fn main() {}
