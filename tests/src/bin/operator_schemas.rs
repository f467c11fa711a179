//! Prints the operators of libtorch's registry, one schema a line; `cargo xtask codegen` reads them.

fn main() {
    print!("{}", tch_jit::private::operator_schemas());
}
