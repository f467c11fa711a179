use tch_jit::ScriptType;

#[derive(ScriptType)]
struct Config<'a> {
    name: &'a str,
}

fn main() {}
