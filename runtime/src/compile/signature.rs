//! A method's arguments as TorchScript text, for generated methods that only call another one.

use crate::model::method::RustMethod;

/// The text of a `forward(x)` that calls `forward_t(x, train)` with the module's own `training` flag, or with `False`.
pub fn forward_by_training(entry: &RustMethod<'_>, forward_t: &str) -> String {
    let Arguments { last_params, args, .. } = Arguments::new(entry);
    let comma = if args.is_empty() { "" } else { ", " };
    let train = if entry.is_eval_only { "False" } else { "self.training" };
    format!("def forward(self{last_params}):\n    return self.{forward_t}({args}{comma}{train})\n")
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
        let (names, types) = (method.arg_names, &method.arg_types);
        let n_optional = types.iter().rev().take_while(|ty| ty.is_optional()).count();
        let params: Vec<String> =
            names.iter().zip(types).map(|(name, ty)| format!(", {name}: {ty}")).collect();
        let (given, optional) = params.split_at(params.len() - n_optional);
        let optional: String = optional.iter().map(|param| format!("{param} = None")).collect();
        Arguments { params: params.concat(), last_params: given.concat() + &optional, args: names.join(", ") }
    }
}
