use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let double = |x: &Tensor| x * 2;
        self.helper(x, &double)
    }

    fn helper(&self, x: &Tensor, f: &dyn Fn(&Tensor) -> Tensor) -> Tensor {
        println!("{:?}", x.size());
        f(x)
    }
}

fn main() {}
