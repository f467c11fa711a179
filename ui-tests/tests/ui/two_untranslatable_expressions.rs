use tch::Tensor;
use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
struct Model;

#[methods]
impl Model {
    fn forward(&self, x: &Tensor) -> Tensor {
        let later = async |x: &Tensor| x * 2;
        drop(later);
        self.helper(x)
    }

    fn helper(&self, x: &Tensor) -> Tensor {
        println!("{:?}", x.size());
        x.relu()
    }
}

fn main() {}
