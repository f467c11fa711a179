use tch_jit::ScriptType;

#[derive(ScriptType)]
enum Shape {
    Circle(f64),
    Point,
}

fn main() {}
