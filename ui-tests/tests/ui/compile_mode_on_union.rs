use tch_jit::compile_mode;

#[compile_mode(script)]
union Layer {
    a: u8,
    b: i8,
}

fn main() {}
