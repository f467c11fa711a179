use tch_jit::ScriptType;

#[derive(ScriptType)]
#[allow(non_camel_case_types)]
enum Shape {
    lambda(f64),
    Point,
}

fn main() {}
