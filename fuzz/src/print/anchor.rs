//! What keeps a value that may fail: a test of it that always holds.

use crate::ty::Ty;

/// Whether an operation can fail where no other does.
pub fn can_fail(template: &str, ty: &Ty) -> bool {
    if *ty == Ty::Tensor {
        return template.contains(['@', '~', '#', '§']);
    }
    [
        "/",
        "%",
        "#[",
        "unwrap()",
        "expect(",
        "_euclid(",
        "clamp(",
        "isqrt(",
        "div_ceil(",
        "unwrap_",
        "()[",
        "_value(",
        "unbind(",
        "chunk(",
        "split(",
    ]
    .iter()
    .any(|it| template.contains(it))
        && !template.ends_with(';')
}

/// A test of `kept` that holds, but that TorchScript cannot know to.
pub fn anchor(ty: &Ty) -> Option<&'static str> {
    Some(match ty {
        Ty::Int => "kept != 8146235917",
        Ty::Size => "kept != 8146235917",
        Ty::Float => "kept != 81.46235917",
        Ty::Narrow("f32") => "kept != 81.46235917",
        Ty::Narrow(_) => "kept as i64 != 8146235917",
        Ty::Bool => "kept || !kept",
        Ty::Enum => "kept == Mode::Low || kept != Mode::Low",
        Ty::Tuple(items) if items[0] == Ty::Int => "kept.0 != 8146235917",
        Ty::Tensor => "kept.numel() != 8146235917",
        Ty::Map | Ty::Table => "kept.len() != 8146235917",
        Ty::Text => "kept.len() != 8146235917",
        Ty::List(_) | Ty::Array(..) => "kept.len() != 8146235917",
        _ => return None,
    })
}
