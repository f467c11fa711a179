"""Which programs read our files, beside the files that Python writes of the same models.

Usage: consumers.py DIR PAGE [--bless]

DIR holds what `save_for_consumers` wrote. Each model is written here as its author would write it in Python, gets our
weights, and is scripted or traced; both files go through each program, and the numbers are compared with those of eager
Rust. The table stands in PAGE, docs/deploying.md, between two comments; `--bless` renews it. The blocks of Python in PAGE
are run. The exit status is not 0 where a program takes Python's file and not ours, where the table is another one, and
where a block fails.
"""

import argparse
import concurrent.futures
import contextlib
import io
import logging
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
os.environ["TQDM_DISABLE"] = "1"

import e3nn  # noqa: E402
import e3nn.nn  # noqa: E402
import e3nn.util.jit  # noqa: E402
import numpy  # noqa: E402
import torch  # noqa: E402
from e3nn import o3  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn import functional  # noqa: E402

torch.set_num_threads(1)

BEGIN, END = "<!-- consumers: begin -->", "<!-- consumers: end -->"


# The models. A name ends in `_script` or `_trace` where there are both.


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(8, 16), nn.Linear(16, 4)

    def forward(self, x):
        return torch.tanh(self.last(torch.relu(self.first(x))))


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.norm = nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.BatchNorm2d(4)
        self.head = nn.Linear(4, 5)
        self.dropout = nn.Dropout(0.5)

    def forward(self, x):
        x = functional.max_pool2d(torch.relu(self.norm(self.conv(x))), 2)
        x = functional.adaptive_avg_pool2d(x, [1, 1]).flatten(1)
        return self.head(self.dropout(x))


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads: int = 4
        self.qkv, self.out = nn.Linear(16, 48), nn.Linear(16, 16)

    def forward(self, x):
        batch, length, width = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = qkv[0], qkv[1], qkv[2]
        scores = torch.matmul(q, k.transpose(-2, -1)) / (width // self.heads) ** 0.5
        mixed = torch.matmul(scores.softmax(-1), v).transpose(1, 2)
        return self.out(mixed.reshape(batch, length, width))


class Pooled(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear, self.norm = nn.Linear(8, 8), nn.LayerNorm([8])

    def forward(self, x):
        return self.norm(functional.gelu(self.linear(x)) + x).mean(1)


class UNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.down = nn.Conv2d(3, 4, 3, stride=2, padding=1)
        self.up, self.last = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(7, 3, 3, padding=1)

    def forward(self, x):
        inner = functional.silu(self.down(x))
        inner = functional.interpolate(inner, size=(x.shape[2], x.shape[3]), mode="nearest")
        inner = functional.silu(self.up(inner))
        return self.last(torch.cat([inner, x], 1))


class Lstm(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(4, 6, batch_first=True), nn.Linear(6, 2)

    def forward(self, x):
        return self.head(self.lstm(x)[0])


class Gru(nn.Module):
    def __init__(self):
        super().__init__()
        self.gru, self.head = nn.GRU(4, 6, batch_first=True), nn.Linear(6, 2)

    def forward(self, x):
        return self.head(self.gru(x)[0])


class Words(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.head = nn.Embedding(20, 8), nn.Linear(8, 3)

    def forward(self, ids):
        return self.head(self.embedding(ids).sum(1) / ids.shape[1])


class Masked(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x, mask):
        return self.linear(x) * mask


class Unmasked(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x):
        return torch.relu(self.linear(x))


class Recurrence(nn.Module):
    def __init__(self):
        super().__init__()
        self.input, self.hidden = nn.Linear(4, 8), nn.Linear(8, 8)

    def forward(self, x):
        h = self.input(x.select(1, 0))
        for i in range(1, x.shape[1]):
            h = torch.tanh(self.input(x.select(1, i)) + self.hidden(h))
        return h


class Branch(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 8)

    def forward(self, x):
        y = self.linear(x)
        if float(y.sum()) > 0.0:
            return torch.relu(y)
        else:
            return y * 2.0


class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(8, 8) for _ in range(3))

    def forward(self, x):
        for i, layer in enumerate(self.layers):
            if i % 2 == 0:
                x = torch.relu(layer(x))
            else:
                x = torch.sigmoid(layer(x))
        return x


class Named(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 4)

    def forward(self, x):
        y = self.linear(x)
        out = {"logits": y}
        out["scores"] = y.softmax(-1)
        return out


class Sizes(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 4)

    def forward(self, x):
        n = x.shape[1]
        half = n // 2
        low, high = x.narrow(1, 0, half), x.narrow(1, half, n - half)
        return self.linear(torch.cat([high, -low], 1))


class Several(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 4)

    def forward(self, x):
        y = self.linear(x)
        weight = torch.sigmoid(y * 2.0)
        return y * weight, weight


class Sums(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(8, 4)

    def forward(self, x):
        y = self.linear(x)
        scale = y.square().mean() + y.abs().sum()
        return y / (scale + 1.0) + y.softmax(-1)


class Equivariant(nn.Module):
    def __init__(self):
        super().__init__()
        self.harmonics = o3.SphericalHarmonics("0e+1o", True, "component")
        self.gate = e3nn.nn.Gate("8x0e", [functional.silu], "4x0e", [torch.sigmoid], "4x1o")
        self.product = o3.FullyConnectedTensorProduct("8x0e+4x1o", "0e+1o", self.gate.irreps_in)
        self.linear = o3.Linear(self.gate.irreps_out, "8x0e+4x1o")

    def forward(self, x, vectors):
        return self.linear(self.gate(self.product(x, self.harmonics(vectors))))


SCRIPTED = [
    Mlp, ConvNet, Attention, Pooled, UNet, Words, Recurrence, Branch, Stack, Named, Sizes, Several, Sums,
    Equivariant,
]
TRACED = [Mlp, ConvNet, Attention, Pooled, UNet, Lstm, Gru, Masked, Unmasked]
FILES = {"ConvNet": "conv", "UNet": "unet"}


def models():
    """The names of the files, with the models and whether they are scripted."""
    for model in dict.fromkeys(SCRIPTED + TRACED):
        name = FILES.get(model.__name__, model.__name__.lower())
        has_both = model in SCRIPTED and model in TRACED
        for mode, of_mode in (("script", SCRIPTED), ("trace", TRACED)):
            if model in of_mode:
                yield (f"{name}_{mode}" if has_both else name), model, mode


# The programs. Each takes a file and its inputs, and gives outputs, or none where it only converts.


def flat(value):
    """The tensors of a result, those of a map in the order of their names."""
    if isinstance(value, dict):
        return [value[key] for key in sorted(value)]
    return list(value) if isinstance(value, (tuple, list)) else [value]


def load(path):
    return torch.jit.load(str(path)).eval()


def onnx(path, inputs):
    import onnxruntime

    module, buffer = load(path), io.BytesIO()
    torch.onnx.export(module, tuple(inputs), buffer, dynamo=False)
    session = onnxruntime.InferenceSession(buffer.getvalue(), providers=["CPUExecutionProvider"])
    names = [it.name for it in session.get_inputs()]
    return [torch.from_numpy(it) for it in session.run(None, dict(zip(names, (it.numpy() for it in inputs))))]


def exported(path, inputs):
    from torch._export.converter import TS2EPConverter

    return flat(TS2EPConverter(load(path), tuple(inputs)).convert().module()(*inputs))


def openvino(path, inputs):
    import openvino

    model = openvino.convert_model(load(path), example_input=tuple(inputs))
    # Processors that have bfloat16 would compute in it.
    single = {"INFERENCE_PRECISION_HINT": "f32"}
    result = openvino.compile_model(model, "CPU", single)([it.numpy() for it in inputs])
    return [torch.from_numpy(result[i].copy()) for i in range(len(result))]


def coreml(path, inputs):
    import coremltools

    def type_of(i, tensor):
        dtype = numpy.int32 if tensor.dtype == torch.int64 else numpy.float32
        return coremltools.TensorType(name=f"input_{i}", shape=tensor.shape, dtype=dtype)

    coremltools.convert(load(path), inputs=[type_of(i, it) for i, it in enumerate(inputs)], convert_to="mlprogram")


def pnnx(path, inputs):
    import pnnx

    with tempfile.TemporaryDirectory() as directory:
        copy = pathlib.Path(directory, "model.pt")
        copy.write_bytes(pathlib.Path(path).read_bytes())
        types = {torch.int64: "i64", torch.float32: "f32"}
        shapes = ",".join("[" + ",".join(map(str, it.shape)) + "]" + types[it.dtype] for it in inputs)
        command = [pnnx.EXEC_PATH, str(copy), f"inputshape={shapes}"]
        done = subprocess.run(command, cwd=directory, capture_output=True, text=True, timeout=120)
        source = pathlib.Path(directory, "model_pnnx.py")
        if done.returncode != 0 or not source.exists():
            raise RuntimeError(f"pnnx: {done.returncode} {done.stderr[-500:]}")
        scope = {}
        before = os.getcwd()
        os.chdir(directory)
        try:
            exec(source.read_text(), scope)
            model = scope["Model"]().eval()
            return flat(model(*inputs))
        finally:
            os.chdir(before)


PROGRAMS = {
    "ONNX Runtime": onnx,
    "torch.export": exported,
    "OpenVINO": openvino,
    "Core ML": coreml,
    "pnnx": pnnx,
}


def is_close(found, expected):
    return found.shape == expected.shape and torch.allclose(found.to(expected.dtype), expected, 1e-4, 1e-4)


def attempt(task):
    """What a program does with a file: nothing where it works, else what is wrong."""
    program, path, inputs, expected = task
    output = io.StringIO()
    try:
        with torch.no_grad(), contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            found = PROGRAMS[program](path, [it.clone() for it in inputs])
    except BaseException as error:  # Also what libraries do to end the process.
        lines = str(error).strip().splitlines() or [""]
        return f"{type(error).__name__}: {lines[-1][:300]}"
    if found is None:
        return ""
    if len(found) != len(expected):
        return f"{len(found)} results"
    return "" if all(map(is_close, found, expected)) else "other numbers"


def arrays(path):
    with numpy.load(path) as file:
        return [torch.from_numpy(file[key]) for key in sorted(file.files)]


def python_file(model, mode, ours, inputs, expected, path):
    module = model().eval()
    state = dict(torch.jit.load(str(ours)).state_dict())
    module.load_state_dict(state, strict=False)
    missing = {name for name, _ in module.named_parameters()} - set(state)
    assert not missing, missing
    script = e3nn.util.jit.script if model is Equivariant else torch.jit.script
    with torch.no_grad():
        compiled = script(module) if mode == "script" else torch.jit.trace(module, tuple(inputs))
    compiled.save(str(path))
    with torch.no_grad():
        assert all(map(is_close, flat(compiled(*inputs)), expected)), f"{model.__name__} is another model"


def mark(ours, theirs):
    """A cell of the table: who passes."""
    return {(True, True): "✓", (True, False): "ours", (False, True): "Python's"}.get((not ours, not theirs), "–")


def check_blocks(page, model):
    """Runs each block of Python of the page, beside a `model.pt`; returns how many fail."""
    n_failed = 0
    blocks = re.findall(r"^```python\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(model, pathlib.Path(directory, "model.pt"))
        for block in blocks:
            done = subprocess.run([sys.executable, "-c", block], cwd=directory, capture_output=True, text=True)
            if done.returncode != 0:
                n_failed += 1
                print(f"FAILED  a block of {page.name}:\n{block}\n{done.stderr[-2000:]}")
    print(f"{len(blocks) - n_failed} of {len(blocks)} blocks of {page.name} run")
    return n_failed + (not blocks)


def check_table(page, table, bless):
    """Whether the page shows the table; `bless` writes it there."""
    text = page.read_text()
    before, rest = text.split(BEGIN)
    shown, after = rest.split(END)
    if shown.strip() == table:
        return True
    if bless:
        page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}")
    else:
        print(f"FAILED  {page.name} shows another table; `cargo xtask interop --bless` renews it")
    return bless


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("directory", type=pathlib.Path)
    arguments.add_argument("page", type=pathlib.Path)
    arguments.add_argument("--bless", action="store_true")
    arguments = arguments.parse_args()
    directory = arguments.directory
    tasks, names = [], []
    for name, model, mode in models():
        ours, theirs = directory / f"{name}.pt", directory / f"{name}.python.pt"
        inputs, expected = arrays(directory / f"{name}.input.npz"), arrays(directory / f"{name}.output.npz")
        python_file(model, mode, ours, inputs, expected, theirs)
        names.append((name, mode))
        for program in PROGRAMS:
            tasks += [(program, it, inputs, expected) for it in (ours, theirs)]
    with concurrent.futures.ProcessPoolExecutor(2) as pool:
        results = list(pool.map(attempt, tasks))
    n_worse = 0
    table = ["| model | mode | " + " | ".join(PROGRAMS) + " |", "|---" * (len(PROGRAMS) + 2) + "|"]
    pairs = iter(zip(results[::2], results[1::2]))
    for name, mode in names:
        cells = []
        for program in PROGRAMS:
            ours, theirs = next(pairs)
            if ours:
                status = "refused" if theirs else "FAILED "
                print(f"{status} {name}, {program}\n    ours:     {ours}\n    Python's: {theirs or 'as Rust'}")
            n_worse += bool(ours) and not theirs
            cells.append(mark(ours, theirs))
        title = name.removesuffix(f"_{mode}").replace("_", " ")
        table.append(f"| {title} | {mode} | " + " | ".join(cells) + " |")
    table = "\n".join(table)
    print(table)
    is_shown = check_table(arguments.page, table, arguments.bless)
    n_failed = check_blocks(arguments.page, directory / "mlp_trace.pt")
    print(f"{n_worse} programs take Python's file and not ours")
    sys.exit(n_worse > 0 or n_failed > 0 or not is_shown)


if __name__ == "__main__":
    main()
