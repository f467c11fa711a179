//! What a pickle says of tensors, and whether the records hold them.

use super::pickle::{Checked, Global, Id, Item, Scheme, Storages};

/// What a name in a pickle means to libtorch.
pub fn global(module: &str, name: &str) -> Checked<Global> {
    Ok(match (module, name) {
        ("torch", "device") => Global::Device,
        ("torch", "per_tensor_affine") => Global::Scheme(Scheme::PerTensor),
        ("torch", "per_channel_affine" | "per_channel_affine_float_qparams") => {
            Global::Scheme(Scheme::PerChannel)
        }
        ("torch", _) => {
            let bytes = name.strip_suffix("Storage").and_then(bytes_of);
            Global::Storage { bytes: bytes.ok_or_else(|| unknown(module, name))? }
        }
        ("torch._utils", "_rebuild_tensor_v2") => Global::Tensor,
        ("torch._utils", "_rebuild_qtensor") => Global::QuantizedTensor,
        ("torch._utils", "_rebuild_sparse_tensor") => Global::SparseTensor,
        ("collections", "OrderedDict") => Global::Hooks,
        ("builtins", "complex") => Global::Complex,
        ("torch.jit._pickle", "restore_type_tag") => Global::TypeTag,
        (
            "torch.jit._pickle",
            "build_intlist" | "build_tensorlist" | "build_doublelist" | "build_boollist",
        ) => Global::TypedList,
        _ if module == "__torch__" || module.starts_with("__torch__.") => Global::Class,
        _ => return Err(unknown(module, name)),
    })
}

fn unknown(module: &str, name: &str) -> String {
    format!("it names `{module}.{name}`, which is no part of TorchScript")
}

/// The size of an element, by the name of its type in libtorch.
fn bytes_of(kind: &str) -> Option<u64> {
    Some(match kind {
        "Byte" | "Char" | "Bool" | "QInt8" | "QUInt8" | "QUInt4x2" | "QUInt2x4" | "Float8_e5m2"
        | "Float8_e4m3fn" | "Float8_e5m2fnuz" | "Float8_e4m3fnuz" | "Float8_e8m0fnu" => 1,
        "Short" | "UInt16" | "Half" | "BFloat16" => 2,
        "Int" | "UInt32" | "QInt32" | "Float" | "ComplexHalf" => 4,
        "Long" | "UInt64" | "Double" | "ComplexFloat" => 8,
        "ComplexDouble" => 16,
        _ => return None,
    })
}

/// What a pickle says of a storage.
pub struct Storage {
    pub elements: u64,
    /// What it takes of a record.
    pub bytes: u64,
    pub device: String,
}

/// Reads what a pickle says of a storage; its record has to hold it.
pub fn storage(key: &[&Item], storages: &Storages<'_>) -> Checked<Storage> {
    let &[
        Item::Text(what),
        Item::Global(Global::Storage { bytes }),
        Item::Text(name),
        Item::Text(device),
        &Item::Int(elements),
    ] = key
    else {
        return Err("a storage is described otherwise than libtorch does".into());
    };
    if what != "storage" {
        return Err(format!("`{what}` stands for a storage"));
    }
    let elements = u64::try_from(elements).map_err(|_| "a storage has a negative size")?;
    let record = format!("{}{name}", storages.folder);
    let needed = elements.checked_mul(*bytes).ok_or("a storage is too large")?;
    // libtorch reads no record for a storage without elements, and tensors on `meta` have none.
    if needed > 0 {
        match storages.sizes.get(&record) {
            None => return Err(format!("its tensors need the record `{record}`, which is missing")),
            Some(&size) if size < needed => {
                return Err(format!(
                    "the record `{record}` holds {size} bytes, and {needed} are needed for {elements} elements on \
                     `{device}`"
                ));
            }
            Some(_) => {}
        }
    }
    Ok(Storage { elements, bytes: needed, device: device.clone() })
}

/// `_rebuild_tensor_v2(storage, offset, size, stride, requires_grad, hooks[, metadata])`
pub fn tensor(arguments: &[&Item], items: &[Item]) -> Checked<Item> {
    match arguments {
        [storage, offset, sizes, strides, Item::Bool, _, metadata @ ..]
            if metadata.is_empty() || matches!(metadata, [Item::Dict(_)]) =>
        {
            view(storage, offset, sizes, strides, items)
        }
        _ => Err("a tensor is described otherwise than libtorch does".into()),
    }
}

/// `_rebuild_qtensor(storage, offset, size, stride, (scheme, …), requires_grad, hooks)`
pub fn quantized(arguments: &[&Item], items: &[Item]) -> Checked<Item> {
    let [storage, offset, sizes, strides, Item::Tuple(scheme), Item::Bool, _] = arguments else {
        return Err("a quantized tensor is described otherwise than libtorch does".into());
    };
    let view = view(storage, offset, sizes, strides, items)?;
    let scheme: Vec<&Item> = scheme.iter().map(|&it| &items[it]).collect();
    let is_sound = match (&scheme[..], &view) {
        ([Item::Global(Global::Scheme(Scheme::PerTensor)), Item::Float, Item::Int(_)], _) => true,
        (
            [
                Item::Global(Global::Scheme(Scheme::PerChannel)),
                Item::Tensor { sizes: scales },
                Item::Tensor { sizes: points },
                Item::Int(axis),
            ],
            Item::Tensor { sizes },
        ) => {
            let channels = usize::try_from(*axis).ok().and_then(|axis| sizes.get(axis));
            channels.is_some_and(|&channels| scales[..] == [channels] && points[..] == [channels])
        }
        _ => false,
    };
    if is_sound { Ok(view) } else { Err("a tensor is quantized otherwise than libtorch does".into()) }
}

/// `_rebuild_sparse_tensor(layout, size, requires_grad, indices…, values, hooks)`. Whether the indices lie inside of the
/// size is checked once they are read.
pub fn sparse(arguments: &[&Item], items: &[Item]) -> Checked<Item> {
    match arguments {
        [Item::Int(_), sizes, Item::Bool, Item::Tensor { .. }, Item::Tensor { .. }, Item::None]
        | [
            Item::Int(_),
            sizes,
            Item::Bool,
            Item::Tensor { .. },
            Item::Tensor { .. },
            Item::Tensor { .. },
            Item::None,
        ] => Ok(Item::Tensor { sizes: integers(sizes, items)? }),
        _ => Err("a sparse tensor is described otherwise than libtorch does".into()),
    }
}

/// A strided view of a storage, which must lie inside of it.
fn view(storage: &Item, offset: &Item, sizes: &Item, strides: &Item, items: &[Item]) -> Checked<Item> {
    let (&Item::Storage { elements }, &Item::Int(offset)) = (storage, offset) else {
        return Err("a tensor has no storage".into());
    };
    let offset = u64::try_from(offset).map_err(|_| "a tensor begins before its storage")?;
    let (sizes, strides) = (integers(sizes, items)?, integers(strides, items)?);
    if sizes.len() != strides.len() {
        return Err(format!("a tensor has {} sizes and {} strides", sizes.len(), strides.len()));
    }
    let numel = sizes.iter().try_fold(1u64, |product, &size| product.checked_mul(size));
    if numel.is_none_or(|it| i64::try_from(it).is_err()) {
        return Err("a tensor is too large".into());
    }
    if !sizes.contains(&0) {
        let last = sizes
            .iter()
            .zip(&strides)
            .try_fold(offset, |last, (&size, &stride)| last.checked_add((size - 1).checked_mul(stride)?));
        if last.is_none_or(|last| last >= elements) {
            return Err(format!(
                "a tensor of the size {sizes:?} with the strides {strides:?} from element {offset} reaches beyond its \
                 storage of {elements} elements"
            ));
        }
    }
    Ok(Item::Tensor { sizes })
}

/// A tuple of integers that are not negative.
fn integers(tuple: &Item, items: &[Item]) -> Checked<Vec<u64>> {
    let Item::Tuple(parts) = tuple else { return Err("a tensor's sizes are no tuple".into()) };
    let each = |&id: &Id| match &items[id] {
        Item::Int(value) => {
            u64::try_from(*value).map_err(|_| "a tensor has a negative size or stride".to_owned())
        }
        _ => Err("a tensor's sizes are no integers".into()),
    };
    parts.iter().map(each).collect()
}
