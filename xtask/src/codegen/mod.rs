//! `cargo xtask codegen`: writes the table that maps tch's generated methods to TorchScript's operators.
//!
//! In: tch's Rust, torch-sys's C++ and libtorch's operator registry. Out: `macros/src/ops/generated.rs`, and
//! what its tests need: the names of what tch writes by hand, and a call of each method in the table.
//! Nothing is guessed: a method that does not resolve to exactly one operator is rejected with a reason.

mod by_hand;
mod cpp;
mod inputs;
mod overload;
mod resolve;
mod rust;
mod schema;
#[cfg(test)]
mod tests;
mod verdicts;
mod walk;
mod write;

use anyhow::Context;

use self::inputs::Inputs;
use self::resolve::Resolver;

/// Regenerates the operator table from the crates and the libtorch that the workspace builds with.
pub fn run() -> anyhow::Result<()> {
    let inputs = Inputs::read()?;
    let methods =
        rust::parse_methods(&inputs.tch_plain, &inputs.tch_fallible).context("tch's generated methods")?;
    let functions = cpp::parse_functions(&inputs.torch_sys_cpp).context("torch-sys's generated functions")?;
    let schemas = schema::parse_schemas(&inputs.schemas).context("libtorch's operator schemas")?;

    let resolver = Resolver::new(functions, &schemas);
    let entries: Vec<_> = methods
        .iter()
        .filter(|method| !verdicts::is_by_hand(method))
        .map(|method| resolver.resolve(method))
        .collect();
    verdicts::check_all_used(&methods)?;

    std::fs::write(&inputs.output, write::table(&entries))
        .with_context(|| format!("writing {}", inputs.output.display()))?;
    std::fs::write(&inputs.calls, walk::calls(&entries))
        .with_context(|| format!("writing {}", inputs.calls.display()))?;
    let names = by_hand::names(inputs.tch_by_hand.iter().map(String::as_str)).context("tch's sources")?;
    std::fs::write(&inputs.names, by_hand::table(&names))
        .with_context(|| format!("writing {}", inputs.names.display()))?;
    print!("{}", write::summary(&entries));
    Ok(())
}
