//! A method's arguments as TorchScript text, for generated methods that only call another one.

use crate::ffi::Type;
use crate::model::method::RustMethod;

/// The text of a `forward(x)` that calls `forward_t(x, train)` with the module's own `training` flag, or with `False`.
pub fn forward_by_training(entry: &RustMethod<'_>, arguments: &Arguments) -> String {
    let Arguments { last_params, args, .. } = arguments;
    let comma = if args.is_empty() { "" } else { ", " };
    let train = if entry.is_eval_only { "False" } else { "self.training" };
    format!("def forward(self{last_params}):\n    return self.forward_t({args}{comma}{train})\n")
}

/// The arguments of a method in TorchScript.
pub struct Arguments {
    /// The parameters, each after a comma: `, x: Tensor, mask: Optional[Tensor]`.
    pub params: String,
    /// The parameters where no other follows them. Options at the end default to `None`, as in scripted methods.
    pub last_params: String,
    /// The arguments of a call: `x, mask`.
    pub args: String,
}

impl Arguments {
    pub fn new(method: &RustMethod<'_>) -> Arguments {
        Arguments::of(method.arg_names.iter().copied().zip(method.arg_types.iter().cloned()).collect())
    }

    /// Arguments with these names and types.
    pub fn of(arguments: Vec<(&str, Type)>) -> Arguments {
        let n_optional = arguments.iter().rev().take_while(|(_, ty)| ty.is_optional()).count();
        let params: Vec<String> = arguments.iter().map(|(name, ty)| format!(", {name}: {ty}")).collect();
        let (given, optional) = params.split_at(params.len() - n_optional);
        let optional: String = optional.iter().map(|param| format!("{param} = None")).collect();
        let names: Vec<&str> = arguments.iter().map(|(name, _)| *name).collect();
        Arguments { params: params.concat(), last_params: given.concat() + &optional, args: names.join(", ") }
    }
}
