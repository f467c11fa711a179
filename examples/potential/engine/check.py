"""Runs a compiled potential in Python, without Rust.

Usage: check.py MODEL.pt EXPECTED.safetensors
"""

import sys

import torch
from safetensors.torch import load_file

extra_files = {"r_max": "", "type_names": ""}
model = torch.jit.load(sys.argv[1], _extra_files=extra_files).eval()
cutoff, type_names = float(extra_files["r_max"]), extra_files["type_names"].decode().split()
expected = load_file(sys.argv[2])

largest = {"total_energy": 0.0, "forces": 0.0}
for i, pos in enumerate(expected["pos"]):
    near = torch.cdist(pos, pos) < cutoff
    near.fill_diagonal_(False)
    output = model({"pos": pos, "atom_types": expected["atom_types"], "edge_index": near.nonzero().T.contiguous()})
    for name in largest:
        difference = (output[name] - expected[name][i]).abs().max().item()
        largest[name] = max(largest[name], difference)

print(f"{len(expected['pos'])} frames in Python, with species {' '.join(type_names)} and a cutoff of {cutoff} Å: "
      f"energies within {largest['total_energy']:.1e} eV of Rust's, forces within {largest['forces']:.1e} eV/Å")
sys.exit(0 if largest["total_energy"] < 1e-4 and largest["forces"] < 1e-4 else 1)
