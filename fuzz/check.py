"""Loads files of random programs in PyTorch, runs them, and compares with what Rust gave.

Usage: check.py DIR N, with `SEED.pt` and `SEED.json` in DIR. The exit status is not 0 if anything differs.
"""

import json
import math
import pathlib
import sys

import torch

KINDS = {"Float": torch.float32, "Double": torch.float64, "Int64": torch.int64, "Bool": torch.bool}


def tensor_of(value):
    flat = torch.tensor([float(it) for it in value["values"]], dtype=torch.float64)
    return flat.reshape(value["size"]).to(KINDS[value["kind"]])


def argument(type, value):
    """The value as TorchScript's type wants it."""
    kind = type.kind()
    if kind == "TensorType":
        return tensor_of(value)
    if kind == "FloatType":
        return float(value)
    if kind == "OptionalType":
        return None if value is None else argument(type.getElementType(), value)
    if kind == "ListType":
        return [argument(type.getElementType(), it) for it in value]
    if kind == "TupleType":
        return tuple(argument(of, it) for of, it in zip(type.elements(), value))
    if kind == "DictType":
        return {argument(type.getKeyType(), k): argument(type.getValueType(), v) for k, v in value}
    return value


def agrees(found, expected):
    if isinstance(found, torch.Tensor):
        wanted = tensor_of(expected)
        same = found.shape == wanted.shape and found.dtype == wanted.dtype
        return same and torch.allclose(found.double(), wanted.double(), 1e-5, 1e-6, equal_nan=True)
    if isinstance(found, dict):
        found = sorted(found.items())
    if isinstance(found, (list, tuple)):
        return len(found) == len(expected) and all(map(agrees, found, expected))
    if isinstance(found, float):
        wanted = float(expected)
        return found == wanted or math.isnan(found) and math.isnan(wanted)
    return type(found) is type(expected) and found == expected


def first_difference(file):
    """What Python does otherwise than Rust; None where it does the same."""
    module = torch.jit.load(str(file))
    types = [it.type for it in module.forward.schema.arguments][1:]
    buffers = [(it, it.clone()) for it in module.buffers()]
    for run in json.loads(file.with_suffix(".json").read_text()):
        found = module.forward(*map(argument, types, run["args"]))
        if not agrees(found, run["output"]):
            return f"{run['args']} gives {found} instead of {run['output']}"
        for buffer, before in buffers:
            buffer.copy_(before)
    return None


def main():
    dir, n = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    torch.set_num_threads(1)
    n_wrong = 0
    files = sorted(dir.glob("*.pt"))[:n]
    for file in files:
        try:
            difference = first_difference(file)
        except Exception as error:
            difference = f"{type(error).__name__}: {error}"
        if difference:
            n_wrong += 1
            print(f"--- Python, seed {file.stem}: {difference}")
    print(f"Python: {len(files)} programs, of which {n_wrong} differ")
    sys.exit(n_wrong > 0 or not files)


main()
