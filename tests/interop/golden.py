"""Loads in PyTorch the files that tch-jit wrote, and calls them with the arguments that they hold.

Usage: golden.py FOLDER. The last line counts; the exit status is not 0 if anything failed.
"""

import json
import pathlib
import sys

import torch


def tensor(numbers):
    return torch.tensor(numbers["values"]).view(numbers["size"])


def check(path):
    files = {"expected.json": "", "tch_jit.json": ""}
    module = torch.jit.load(str(path), _extra_files=files)
    expected = json.loads(files["expected.json"])
    arguments = [tensor(it) for it in expected["arguments"]]
    wanted = tensor(expected["result"])
    for _ in range(3):
        torch.testing.assert_close(module(*arguments), wanted, rtol=1e-5, atol=1e-6)
    by = json.loads(files["tch_jit.json"])["written_by"]
    print(f"ok      {path.name} of tch-jit {by['tch_jit']} with libtorch {by['libtorch']}")


failed = 0
paths = sorted(pathlib.Path(sys.argv[1]).glob("*.pt"))
for path in paths:
    try:
        check(path)
    except Exception as error:  # Each file is looked at.
        failed += 1
        print(f"FAILED  {path.name}: {error}")
print(f"PyTorch {torch.__version__}: {len(paths) - failed} of {len(paths)} files")
sys.exit(bool(failed) or not paths)
