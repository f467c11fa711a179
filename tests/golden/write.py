"""Writes files of Python's PyTorch that tch-jit has to load: `python write.py`, once for each new kind of file.

Each file holds the arguments and the result of a call in its extra file `expected.json`. Files that are there already
are kept: they stand for what a version wrote.
"""

import json
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple

import torch
from torch import Tensor, nn

FOLDER = Path(__file__).parent / "pytorch"


class Attributes(nn.Module):
    """Attributes of all types that a file keeps."""

    numbers: List[int]
    names: Dict[str, float]
    nested: List[Tuple[int, Optional[Tensor]]]
    tensors: Dict[int, List[Tensor]]
    device: torch.device

    def __init__(self):
        super().__init__()
        self.numbers = [1, 300, 70_000, 1 << 40, -1]
        self.names = {"a": 0.5, "b": float("inf"), "ü": -0.0}
        self.nested = [(1, None), (2, torch.full((3,), 2.0))]
        self.tensors = {7: [torch.ones(3), torch.arange(3.0)]}
        self.device = torch.device("cpu")
        self.complex = 1.0 + 2.0j
        self.text = "a 'text' with \"quotes\" and\nlines"
        self.flags = [True, False]

    def forward(self, x: Tensor) -> Tensor:
        for tensor in self.tensors[7]:
            x = x + tensor * self.names["a"]
        for number, tensor in self.nested:
            if tensor is not None:
                x = x * tensor + number
        if self.flags[0]:
            x = x + torch.real(torch.tensor(self.complex))
        return x + len(self.text) + len(self.numbers)


class State(nn.Module):
    """A module that says itself how it is saved."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(torch.tensor([1.0, 2.0, 3.0]))
        self.steps = 2

    @torch.jit.export
    def __getstate__(self) -> Tuple[Tensor, int, bool]:
        return self.weight, self.steps, self.training

    @torch.jit.export
    def __setstate__(self, state: Tuple[Tensor, int, bool]) -> None:
        self.weight = state[0]
        self.steps = state[1]
        self.training = state[2]

    def forward(self, x: Tensor) -> Tensor:
        for _ in range(self.steps):
            x = x * self.weight
        return x


class Sparse(nn.Module):
    def __init__(self):
        super().__init__()
        matrix = torch.tensor([[0.0, 2.0, 0.0], [3.0, 0.0, 0.0], [0.0, 0.0, 5.0]])
        self.register_buffer("coo", matrix.to_sparse())
        self.register_buffer("csr", matrix.to_sparse_csr())

    def forward(self, x: Tensor) -> Tensor:
        return torch.mv(self.coo, x) + torch.mv(self.csr, x)


class Views(nn.Module):
    """Tensors that share storages."""

    def __init__(self):
        super().__init__()
        base = torch.arange(12.0).view(3, 4)
        self.register_buffer("base", base)
        self.register_buffer("transposed", base.t())
        self.register_buffer("column", base[:, 1])
        self.register_buffer("expanded", torch.tensor([2.0]).expand(3))
        self.register_buffer("empty", torch.empty(0, 3))
        self.register_buffer("conjugate", torch.tensor([1 + 2j, 3 - 1j, 1j]).conj())

    def forward(self, x: Tensor) -> Tensor:
        y = x @ self.base @ self.transposed + self.column * self.expanded
        return y + self.conjugate.imag + self.empty.sum()


class Quantized(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = torch.ao.nn.quantized.dynamic.Linear(3, 3)
        weight = torch.tensor([[0.5, 1.0, -1.0], [0.0, 0.25, 2.0], [1.0, 1.0, 1.0]])
        self.linear.set_weight_bias(torch.quantize_per_tensor(weight, 0.1, 3, torch.qint8), torch.zeros(3))
        scales, points = torch.tensor([0.1, 0.2, 0.3]), torch.zeros(3, dtype=torch.long)
        self.register_buffer("per_channel", torch.quantize_per_channel(weight, scales, points, 0, torch.qint8))
        self.register_buffer("per_tensor", torch.quantize_per_tensor(weight, 0.1, 3, torch.quint8))

    def forward(self, x: Tensor) -> Tensor:
        return self.linear(x.view(1, 3)).view(3) + self.per_channel.dequantize().sum() + self.per_tensor.dequantize()[0]


class Recurrent(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(3, 2, bidirectional=True)
        self.layers = nn.ModuleList([nn.Linear(4, 3), nn.Dropout(0.5), nn.LayerNorm(3)])

    def forward(self, x: Tensor) -> Tensor:
        h, _ = self.lstm(x.view(1, 1, 3))
        for layer in self.layers:
            h = layer(h)
        return h.view(3)


class Traced(nn.Module):
    def __init__(self):
        super().__init__()
        self.convolution = nn.Conv1d(1, 2, 2)

    def forward(self, x: Tensor) -> Tensor:
        kernel = torch.tensor([0.25, 0.75])
        return (self.convolution(x.view(1, 1, 3)) * kernel).flatten()


def numbers(tensor: Tensor) -> Dict[str, Any]:
    return {"size": list(tensor.shape), "values": tensor.detach().flatten().tolist()}


def write(name: str, module: nn.Module, trace: bool = False) -> None:
    path = FOLDER / f"{name}.pt"
    if path.exists():
        return
    module.eval()
    x = torch.tensor([0.5, -1.0, 2.0])
    compiled = torch.jit.trace(module, x) if trace else torch.jit.script(module)
    expected = {"arguments": [numbers(x)], "result": numbers(compiled(x)), "written_by": f"PyTorch {torch.__version__}"}
    compiled.save(path, _extra_files={"expected.json": json.dumps(expected)})


def main() -> None:
    torch.manual_seed(1)
    FOLDER.mkdir(exist_ok=True)
    write("attributes", Attributes())
    write("state", State())
    write("sparse", Sparse())
    write("views", Views())
    write("quantized", Quantized())
    write("recurrent", Recurrent())
    write("traced", Traced(), trace=True)


if __name__ == "__main__":
    main()
