//! Differential fuzzing.
#![allow(missing_docs)]

pub mod ast;
pub mod campaign;
pub mod generate;
pub mod print;
pub mod run;
pub mod shrink;
pub mod toolchain;
pub mod ty;
pub mod valid;

#[cfg(test)]
mod tests {
    #[test]
    fn programs_parse() {
        for seed in 0..300 {
            let program = crate::generate::generate(seed);
            let source = crate::print::source(&program);
            if seed < 3 { println!("{source}"); }
            syn::parse_file(&source).unwrap_or_else(|error| panic!("{error}:\n{source}"));
        }
    }
}
