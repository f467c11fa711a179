"""Loads in PyTorch what `save_for_interop` wrote, and compares it with eager Rust and with torch.nn.

Usage: check.py DIR. The last line counts; the exit status is not 0 if anything failed.
"""

import json
import pathlib
import sys
import warnings

import numpy
import torch
from torch import nn

warnings.simplefilter("ignore", DeprecationWarning)
warnings.simplefilter("ignore", torch.jit.TracerWarning)

DIR = pathlib.Path(sys.argv[1])
passed = failed = 0


def check(name, condition, detail=""):
    """Counts and prints one comparison."""
    global passed, failed
    if condition:
        passed += 1
        print(f"ok      {name}")
    else:
        failed += 1
        print(f"FAILED  {name}: {detail}")


def load(name):
    return torch.jit.load(str(DIR / f"{name}.pt"))


def pairs(name):
    """Inputs with the outputs of eager Rust."""
    for path in sorted(DIR.glob(f"{name}.input.*.npy")):
        output = str(path).replace(".input.", ".output.")
        yield torch.from_numpy(numpy.load(path)), torch.from_numpy(numpy.load(output))


class Net(nn.Module):
    """The same network, of torch.nn's own layers: names and shapes have to be equal."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 4, 3, stride=2, padding=2, groups=2, bias=False)
        self.norm = nn.BatchNorm2d(4, eps=1e-3, momentum=0.3)
        self.layers = nn.ModuleList(nn.Linear(64, 64) for _ in range(2))
        self.last = nn.LayerNorm([64], eps=1e-2)

    def forward(self, x):
        x = torch.relu(self.norm(self.conv(x))).flatten(1)
        for layer in self.layers:
            x = torch.relu(layer(x))
        return self.last(x)


def check_outputs():
    for name in json.loads((DIR / "index.json").read_text()):
        module = load(name)
        for i, (input, expected) in enumerate(pairs(name)):
            for call in range(3):
                found = module(input)
                close = found.shape == expected.shape and torch.allclose(found, expected, 1e-5, 1e-6)
                check(f"{name}, input {i}, call {call}: as eager Rust", close, f"{found} instead of {expected}")
        for parameter, tensor in module.named_parameters():
            print(f"        {name}.{parameter} {list(tensor.shape)} requires_grad={tensor.requires_grad}")


def check_names():
    module = load("names")
    input, _ = next(pairs("names"))
    check("names: a field keeps its name", sorted(module.state_dict()) == ["lin.bias", "lin.weight"], module.state_dict().keys())
    check("names: the method has another", torch.equal(module.lin_1(input), module.lin(input) * 2))
    check("names: modes are set as ever", not module.train(False).training and module.train().training)


def check_branches():
    cell = load("cell")
    check("cell: the scripted child keeps its branch", "prim::If" in str(cell.gate.graph), cell.gate.graph)
    check("cell: classes", cell.linear.original_name == "Linear", cell.linear.original_name)


def check_state_dicts():
    ours, theirs = load("net"), Net()
    names = {name: tuple(tensor.shape) for name, tensor in ours.state_dict().items()}
    expected = {name: tuple(tensor.shape) for name, tensor in theirs.state_dict().items()}
    check("net: state dict as torch.nn's", names == expected, f"{names} instead of {expected}")

    theirs.load_state_dict(ours.state_dict(), strict=True)
    theirs.eval()
    for i, (input, expected) in enumerate(pairs("net")):
        check(f"net, input {i}: torch.nn with our state dict", torch.allclose(theirs(input), expected, 1e-5, 1e-6))

    torch.manual_seed(1)
    other = Net()
    ours.load_state_dict(other.state_dict(), strict=True)
    input = next(pairs("net"))[0].repeat(4, 1, 1, 1) + torch.randn(4, 2, 6, 6)
    for mode in (False, True):
        ours.train(mode)
        other.train(mode)
        check(f"net: train({mode}) as torch.nn with its state dict", torch.allclose(ours(input), other(input), 1e-4, 1e-5))
    check("net: training moved the statistics as torch.nn's",
          torch.allclose(ours.norm.running_mean, other.norm.running_mean, 1e-5, 1e-6))

    ours(input).square().sum().backward()
    grads = all(parameter.grad is not None for parameter in ours.parameters())
    check("net: gradients reach all parameters", grads)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(4, 4)

    def forward(self, x):
        return torch.relu(self.linear(x)).view(2, 4)


class TracedNet(nn.Module):
    """What `traced` is in Rust, for Python's own tracer."""

    def __init__(self):
        super().__init__()
        self.block = Block()
        self.last = nn.Linear(4, 4)

    def forward(self, x):
        return self.last(self.block(self.block(x)) * torch.tensor([0.5, 1.0, 2.0, 0.0]))


def check_trace():
    ours, example = load("traced"), next(pairs("traced"))[0]
    python = TracedNet()
    python.load_state_dict(ours.state_dict(), strict=True)
    theirs = torch.jit.trace(python, example)
    names = lambda module: [name for name, _ in module.named_modules()]
    check("traced: submodules as Python's trace has them", names(ours) == names(theirs), f"{names(ours)} instead of {names(theirs)}")
    names = lambda module: [name for name, _ in module.named_parameters()]
    check("traced: parameters as Python's trace has them", names(ours) == names(theirs), f"{names(ours)} instead of {names(theirs)}")
    check("traced: as Python's trace", torch.allclose(ours(example), theirs(example), 1e-6, 1e-7))
    # Python's own file does not allow that.
    check("traced: a child by itself", torch.allclose(ours.block(example), python.block(example), 1e-6, 1e-7))


class LanguageModel(nn.Module):
    """What `language_model` is in Rust: variables of a VarStore under the same names."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.lstm = nn.LSTM(8, 16, num_layers=2, batch_first=True)
        self.head = nn.Linear(16, 20)

    def forward(self, x):
        return self.head(self.lstm(self.embed(x))[0])


class BasicBlock(nn.Module):
    """As torchvision's."""

    def __init__(self, n, m, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(n, m, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(m)
        self.conv2 = nn.Conv2d(m, m, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(m)
        if stride != 1 or n != m:
            self.downsample = nn.Sequential(nn.Conv2d(n, m, 1, stride, bias=False), nn.BatchNorm2d(m))
        else:
            self.downsample = nn.Identity()

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        return torch.relu(self.bn2(self.conv2(y)) + self.downsample(x))


class ResNet18(nn.Module):
    """Under torchvision's names, which are also those of `tch::vision::resnet`."""

    def __init__(self, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, 2, 3, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        widths = [64, 64, 128, 256, 512]
        for i in range(1, 5):
            first = BasicBlock(widths[i - 1], widths[i], 1 if i == 1 else 2)
            setattr(self, f"layer{i}", nn.Sequential(first, BasicBlock(widths[i], widths[i], 1)))
        self.fc = nn.Linear(512, classes)

    def forward(self, x):
        x = torch.max_pool2d(torch.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


def check_var_store():
    models = {
        "language_model": LanguageModel(),
        "encoder_layer": nn.TransformerEncoderLayer(32, 4, 64, activation="gelu", batch_first=True, norm_first=True),
        "resnet": ResNet18(10),
    }
    for name, theirs in models.items():
        ours = load(name)
        # tch does not count the batches.
        counts = {key for key in theirs.state_dict() if key.endswith("num_batches_tracked")}
        missing, unexpected = theirs.load_state_dict(ours.state_dict(), strict=False)
        check(f"{name}: state dict as torch.nn's", set(missing) <= counts and not unexpected, f"{missing}, {unexpected}")
        theirs.eval()
        for i, (input, expected) in enumerate(pairs(name)):
            check(f"{name}, input {i}: torch.nn with our state dict",
                  torch.allclose(theirs(input), expected, 1e-4, 1e-5))
        state = {key: tensor for key, tensor in theirs.state_dict().items() if key not in counts}
        ours.load_state_dict(state, strict=True)


def check_error(name, input, lines_of_rust):
    """The interpreter's traceback is in Rust, outermost first."""
    try:
        load(name)(input)
    except Exception as error:  # libtorch raises several types
        text = str(error)
        # The serialized code comes first, then the original: the Rust source.
        lines = text[text.index("original code"):].splitlines()
        marked = [lines[i - 1] for i, line in enumerate(lines) if "<--- HERE" in line]
        check(f"{name}: the error names the Rust file", "save_for_interop.rs" in text, text)
        check(f"{name}: the error underlines the Rust lines",
              len(marked) == len(lines_of_rust) and all(map(str.__contains__, marked, lines_of_rust)), text)
        print("\n".join("        " + line for line in lines))
    else:
        check(f"{name}: an error", False)


def check_force_field():
    """As a simulation engine runs it: tensors by name in, a named tuple out."""
    module = load("force_field")
    tensor = lambda name: torch.from_numpy(numpy.load(DIR / f"force_field.{name}.npy"))
    atoms = {name: tensor(name) for name in ("positions", "species")}
    for call in range(3):
        found = module(atoms)
        for name in ("energy", "forces"):
            check(f"force field, call {call}: {name} as eager Rust",
                  torch.allclose(getattr(found, name), tensor(name), 1e-9, 1e-10), found)
    check("force field: the result has fields", found._fields == ("energy", "forces", "n_pairs"), found)

    # Forces against central differences of the energy, by Python.
    step, numeric = 1e-5, torch.zeros_like(atoms["positions"])
    for index in numpy.ndindex(*numeric.shape):
        energies = []
        for sign in (1, -1):
            moved = atoms["positions"].clone()
            moved[index] += sign * step
            energies.append(module({**atoms, "positions": moved}).energy)
        numeric[index] = -(energies[0] - energies[1]) / (2 * step)
    check("force field: forces are the energy's gradient", torch.allclose(numeric, found.forces, 1e-5, 1e-6),
          f"{found.forces} instead of {numeric}")


check_outputs()
check_names()
check_branches()
check_force_field()
check_state_dicts()
check_trace()
check_var_store()
check_error("failing", torch.zeros(3), ["x.view([7, -1])"])
check_error("traced", torch.zeros(3, 4), ["self.block.forward(x)", "x.apply(&self.linear).relu().view([2, 4])"])
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
