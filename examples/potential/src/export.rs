//! The file that simulation engines load.

use std::path::Path;

use tch_jit::ScriptModule;

use crate::data::Molecules;
use crate::model::Potential;

/// Compiles the model, for evaluation, and saves it with what an engine has to know, under NequIP's names: `r_max`, the
/// cutoff in Å, and `type_names`, the species in their order.
///
/// # Errors
///
/// As those of [`tch_jit::compile`] and [`ScriptModule::save`].
pub fn export(model: &Potential, data: &Molecules, path: &Path) -> tch_jit::Result<ScriptModule> {
    let compiled = tch_jit::compile(model)?.into_script_module();
    compiled.eval();
    let (cutoff, names) = (model.cutoff.to_string(), data.type_names.join(" "));
    compiled
        .save_with_extra_files(path, &[("r_max", cutoff.as_bytes()), ("type_names", names.as_bytes())])?;
    Ok(compiled)
}
