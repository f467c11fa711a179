"""Random modules of Python's e3nn, and what Rust makes of them.

Usage: reference.py make DIR [SEED]    writes modules, weights, inputs and outputs for `against_python`
       reference.py check DIR          loads what that compiled, and compares results and speed

The last line counts; the exit status is not 0 if anything failed.
"""

import json
import pathlib
import random
import statistics
import sys
import time
import warnings

import torch
from safetensors.torch import load_file, save_file

warnings.filterwarnings("ignore")

from e3nn import nn, o3  # noqa: E402
from e3nn.util.jit import compile as e3nn_compile  # noqa: E402
from e3nn.util.test import random_irreps  # noqa: E402

torch.set_default_dtype(torch.float64)

TOLERANCE = 1e-10
N_OF_EACH = 6
ACTS = {
    "Identity": lambda x: x,
    "Abs": torch.abs,
    "Gelu": torch.nn.functional.gelu,
    "Relu": torch.relu,
    "Sigmoid": torch.sigmoid,
    "Silu": torch.nn.functional.silu,
    "Sin": torch.sin,
    "Softplus": torch.nn.functional.softplus,
    "Tanh": torch.tanh,
}
# How many copies the output has, as a function of the copies of the inputs.
COPIES = {
    "uvw": lambda u, v: random.randint(0, 3),
    "uvu": lambda u, v: u,
    "uvv": lambda u, v: v,
    "uuw": lambda u, v: random.randint(0, 3),
    "uuu": lambda u, v: u,
    "uvuv": lambda u, v: u * v,
    "uvu<v": lambda u, v: u * (u - 1) // 2,
    "u<vw": lambda u, v: random.randint(0, 3),
}


def irreps(**options):
    return random_irreps(clean=True, **{"lmax": 3, "mul_max": 3, "allow_empty": False, **options})


def text(value):
    return str(o3.Irreps(value))


def acts(parts):
    """A function for each part, or none, that its parity allows."""
    allowed = {1: ["Silu", "Tanh", "Gelu", "Softplus", "Relu", "Sigmoid", "Sin", "Abs", "Identity"],
               -1: ["Tanh", "Abs", "Sin", "Identity"]}
    return [random.choice(allowed[it.ir.p]) if it.ir.l == 0 else None for it in parts]


def functions(names):
    return [ACTS[name] if name else None for name in names]


# Each draws the arguments of a module, as JSON.


def tensor_product():
    parts1, parts2, parts_out, instructions = [], [], [], []
    modes = random.choices(list(COPIES), k=random.randint(1, 4))
    for i, mode in enumerate(modes):
        ir1, ir2 = (o3.Irrep(random.randint(0, 2), random.choice([1, -1])) for _ in range(2))
        u = random.randint(1, 3)
        v = u if mode in ("uuw", "uuu", "uvu<v", "u<vw") else random.randint(1, 3)
        has_weight = mode in ("uvw", "uuw", "u<vw") or random.random() < 0.5
        ir_out = random.choice(list(ir1 * ir2))
        parts1.append((u, ir1))
        parts2.append((v, ir2))
        parts_out.append((COPIES[mode](u, v), ir_out))
        instructions.append([i, i, i, mode, has_weight, random.choice([1.0, 0.5])])
    # A second path to the first output.
    instructions.append([*instructions[0][:5], 2.0])
    shared = random.random() < 0.5
    return {
        "irreps_in1": text(parts1), "irreps_in2": text(parts2), "irreps_out": text(parts_out),
        "instructions": instructions, "shared_weights": shared,
        "in1_var": [random.choice([1.0, 2.0]) for _ in parts1], "out_var": [random.choice([1.0, 3.0]) for _ in parts1],
        "irrep_normalization": random.choice(["component", "norm", "none"]),
        "path_normalization": random.choice(["element", "path", "none"]),
    }


def two_inputs(**more):
    return {"irreps_in1": text(irreps(len_min=1)), "irreps_in2": text(irreps(len_min=1)), **more}


def elementwise():
    """Two inputs of as many irreps, cut in different ways."""
    n = random.randint(1, 6)

    def cut():
        left, parts = n, []
        while left:
            mul = random.randint(1, left)
            parts.append((mul, (random.randint(0, 2), random.choice([1, -1]))))
            left -= mul
        return text(parts)

    return {"irreps_in1": cut(), "irreps_in2": cut()}


def square():
    it = irreps(lmax=2, len_min=1, mul_min=1)
    out = text(irreps(lmax=2, len_min=1)) if random.random() < 0.5 else None
    return {"irreps_in": text(it), "irreps_out": out}


def linear():
    shared = random.random() < 0.7
    features = random.choice([None, [2, 3]])
    irreps_in = irreps(lmax=1, len_min=1, mul_min=1)
    irreps_out = irreps(lmax=1, len_min=1, mul_min=1) + o3.Irreps([irreps_in[0]])
    # Python's cannot be built where only a bias leads to a part.
    irreps_out = o3.Irreps([it for it in irreps_out if it.ir in irreps_in or not it.ir.is_scalar()])
    return {
        "irreps_in": text(irreps_in), "irreps_out": text(irreps_out), "features": features,
        # Python's Linear cannot be built with biases that are not shared.
        "biases": shared and random.random() < 0.5, "shared_weights": shared,
        "path_normalization": random.choice(["element", "path"]),
    }


def harmonics():
    degrees = [random.randint(0, 11) for _ in range(random.randint(1, 4))]
    odd = random.random() < 0.5
    parts = [(random.randint(1, 2), (l, (-1) ** l if odd else 1)) for l in degrees]
    return {
        "irreps_in": "1o" if odd else "1e", "irreps_out": text(parts), "normalize": random.random() < 0.5,
        "normalization": random.choice(["integral", "component", "norm"]),
    }


def extract():
    it = irreps(len_min=1, mul_min=1)
    parts = [[random.randrange(len(it)) for _ in range(random.randint(0, 3))] for _ in range(random.randint(1, 3))]
    return {"irreps_in": text(it), "irreps_outs": [text([it[i] for i in of]) for of in parts], "instructions": parts}


def activation():
    it = irreps(lmax=1, len_min=1, mul_min=1)
    return {"irreps_in": text(it), "acts": acts(it)}


def gate():
    scalars = irreps(lmax=0, len_min=0, mul_min=1, allow_empty=True)
    gated = irreps(lmax=2, len_min=1, mul_min=1)
    gates = o3.Irreps([(it.mul, (0, random.choice([1, -1]))) for it in gated])
    return {
        "irreps_scalars": text(scalars), "act_scalars": acts(scalars), "irreps_gates": text(gates),
        "act_gates": acts(gates), "irreps_gated": text(gated),
    }


def norm_activation():
    it = irreps(len_min=1, mul_min=1)
    return {"irreps_in": text(it), "act": random.choice(["Sigmoid", "Tanh", "Silu"]), "bias": random.random() < 0.5}


def network():
    hs = [random.randint(1, 5) for _ in range(random.randint(2, 4))]
    return {
        "hs": hs, "act": random.choice(list(ACTS)), "variance_in": random.choice([1.0, 0.5]),
        "variance_out": random.choice([1.0, 2.0]), "out_act": random.random() < 0.5,
    }


def batch_norm():
    return {
        "irreps_in": text(irreps(len_min=1, mul_min=1)), "instance": random.random() < 0.3,
        "affine": random.random() < 0.7, "include_bias": random.random() < 0.7,
        "reduce": random.choice(["mean", "max"]), "normalization": random.choice(["component", "norm"]),
        "training": random.random() < 0.6,
    }


DRAW = {
    "TensorProduct": tensor_product,
    "FullyConnectedTensorProduct": lambda: two_inputs(irreps_out=text(irreps(len_min=1))),
    "ElementwiseTensorProduct": elementwise,
    "FullTensorProduct": lambda: two_inputs(),
    "TensorSquare": square,
    "Linear": linear,
    "Norm": lambda: {"irreps_in": text(irreps(len_min=1)), "squared": random.random() < 0.5},
    "SphericalHarmonics": harmonics,
    "Extract": extract,
    "Activation": activation,
    "Gate": gate,
    "NormActivation": norm_activation,
    "FullyConnectedNet": network,
    "BatchNorm": batch_norm,
    "Dropout": lambda: {"irreps_in": text(irreps(len_min=1)), "p": 0.5},
}


def build(module, args):
    """The module of Python's e3nn."""
    a = dict(args)
    match module:
        case "TensorProduct":
            instructions = [tuple(it) for it in a.pop("instructions")]
            return o3.TensorProduct(a.pop("irreps_in1"), a.pop("irreps_in2"), a.pop("irreps_out"), instructions, **a)
        case "FullyConnectedTensorProduct" | "ElementwiseTensorProduct" | "FullTensorProduct" | "Norm" | "TensorSquare":
            return getattr(o3, module)(**a)
        case "Linear":
            f_in, f_out = a.pop("features") or (None, None)
            return o3.Linear(f_in=f_in, f_out=f_out, **a)
        case "SphericalHarmonics":
            return o3.SphericalHarmonics(a["irreps_out"], a["normalize"], a["normalization"], irreps_in=a["irreps_in"])
        case "Extract":
            return nn.Extract(a["irreps_in"], a["irreps_outs"], [tuple(it) for it in a["instructions"]])
        case "Activation":
            return nn.Activation(a["irreps_in"], functions(a["acts"]))
        case "Gate":
            return nn.Gate(a["irreps_scalars"], functions(a["act_scalars"]), a["irreps_gates"],
                           functions(a["act_gates"]), a["irreps_gated"])
        case "NormActivation":
            return nn.NormActivation(o3.Irreps(a["irreps_in"]), ACTS[a["act"]], bias=a["bias"])
        case "FullyConnectedNet":
            return nn.FullyConnectedNet(a.pop("hs"), ACTS[a.pop("act")], **a)
        case "BatchNorm":
            training = a.pop("training")
            return nn.BatchNorm(a.pop("irreps_in"), **a).train(training)
        case "Dropout":
            return nn.Dropout(a["irreps_in"], a["p"]).eval()


def inputs_of(name, args, module):
    """Random inputs with two dimensions of a batch; weights follow where the module has none."""
    batch = (3, 2)
    if name == "FullyConnectedNet":
        return [torch.randn(*batch, args["hs"][0])]
    if name in ("SphericalHarmonics",):
        # Of degree 11, a long vector would make numbers that are large to compare.
        return [torch.nn.functional.normalize(torch.randn(*batch, 3), dim=-1) * torch.rand(*batch, 1)]
    if hasattr(module, "irreps_in1"):
        # The second is broadcast.
        result = [module.irreps_in1.randn(*batch, -1), module.irreps_in2.randn(1, 2, -1)]
        if name == "TensorSquare":
            return result[:1]
        if args.get("shared_weights") is False and module.weight_numel:
            result.append(torch.randn(*batch, module.weight_numel))
        return result
    if name == "Linear":
        features = args["features"]
        x = module.irreps_in.randn(*batch, *(features[:1] if features else []), -1)
        if args["shared_weights"]:
            return [x]
        return [x, torch.randn(*batch, *(features or []), module.weight_numel)]
    return [o3.Irreps(getattr(module, "irreps_in", None) or args["irreps_in"]).randn(*batch, -1)]


def outputs_of(module, inputs):
    """The outputs, and the gradients of their sum with fixed factors by the inputs."""
    inputs = [it.clone().requires_grad_() for it in inputs]
    result = module(*inputs)
    outputs = list(result) if isinstance(result, (tuple, list)) else [result]
    total = sum((it * torch.arange(it.numel()).reshape(it.shape).cos()).sum() for it in outputs)
    grads = [it if it is not None else torch.zeros_like(like) for it, like in zip(
        torch.autograd.grad(total, inputs, allow_unused=True) if total.requires_grad else [None] * len(inputs), inputs)]
    return [it.detach() for it in outputs], grads


def make(directory, seed):
    random.seed(seed)
    torch.manual_seed(seed)
    cases = []
    for name, draw in DRAW.items():
        for i in range(N_OF_EACH):
            args = draw()
            module = build(name, args)
            case = f"{name}.{i}"
            with torch.no_grad():
                for it in module.parameters():
                    it.copy_(torch.randn_like(it))
            save_file({k: v.clone() for k, v in module.state_dict().items()}, directory / f"{case}.state.safetensors")
            inputs = inputs_of(name, args, module)
            outputs, grads = outputs_of(module, inputs)
            tensors = {"input": inputs, "output": outputs, "grad": grads}
            tensors["after"] = list(module.buffers()) if name == "BatchNorm" else []
            save_file({f"{kind}.{k}": it.contiguous().clone() for kind, all in tensors.items() for k, it in enumerate(all)},
                      directory / f"{case}.io.safetensors")
            cases.append({"name": case, "module": name, "args": args})
    irreps_cases = [{"irreps": (it := text(random_irreps(clean=True, len_max=6))), "sorted": str(o3.Irreps(it).sort().irreps),
                  "regrouped": str(o3.Irreps(it).regroup()), "simplified": str(o3.Irreps(it).simplify()),
                  "dim": o3.Irreps(it).dim} for _ in range(100)]
    symbols = {f"{l1},{l2},{l3}": o3.wigner_3j(l1, l2, l3).contiguous() for l1 in range(12) for l2 in range(12)
               for l3 in [random.randint(abs(l1 - l2), min(l1 + l2, 11))]}
    angles = torch.randn(3)
    matrices = {f"D{l}": o3.wigner_D(l, *angles).contiguous() for l in range(12)}
    save_file({**symbols, **matrices, "angles": angles}, directory / "symbols.safetensors")
    (directory / "cases.json").write_text(json.dumps({"modules": cases, "irreps": irreps_cases}))
    print(f"{len(cases)} modules of e3nn at seed {seed}")


def check(directory):
    cases = json.loads((directory / "cases.json").read_text())
    failed = n_irreps = 0
    for case in cases["modules"]:
        name, training = case["name"], case["args"].get("training", False)
        io = load_file(directory / f"{name}.io.safetensors")
        ours = torch.jit.load(str(directory / f"{name}.pt")).train(training)
        outputs, _ = outputs_of(ours, [io[f"input.{i}"] for i in range(sum(it.startswith("input.") for it in io))])
        error = max(((it - io[f"output.{i}"]).abs().max().item() for i, it in enumerate(outputs) if it.numel()), default=0.0)
        if error > TOLERANCE:
            failed += 1
            print(f"FAILED  {name}: {error:.1e} from Python's, with {case['args']}")
        theirs = build(case["module"], case["args"])
        for irreps in ("irreps_in", "irreps_in1", "irreps_in2", "irreps_out"):
            if hasattr(ours, irreps) and isinstance(getattr(theirs, irreps, None), o3.Irreps):
                found, expected = o3.Irreps(*getattr(ours, irreps)), getattr(theirs, irreps)
                n_irreps += 1
                if found != expected:
                    failed += 1
                    print(f"FAILED  {name}: {irreps} is {found}, in Python {expected}")
    print(f"{len(cases['modules'])} compiled modules in Python, with {n_irreps} irreps as attributes: {failed} failures")
    speed(json.loads((directory / "speed.json").read_text()), directory)
    sys.exit(1 if failed else 0)


def median_time(run, n=30):
    for _ in range(5):
        run()
    times = []
    for _ in range(n):
        start = time.perf_counter()
        run()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def speed(cases, directory):
    """All in this process, in turn; single precision."""
    torch.set_default_dtype(torch.float32)
    print(f"\n{'forward, 256 rows, ms':34} {'ours':>8} {'e3nn compiled':>14} {'e3nn eager':>11} {'compile: Rust':>14} {'e3nn':>8}")
    for case in cases:
        name, module, args = case["name"], case["module"], case["args"]
        start = time.perf_counter()
        eager = build(module, args)
        built = time.perf_counter() - start
        ours = torch.jit.load(str(directory / f"speed.{name}.pt")).eval()
        in1 = getattr(eager, "irreps_in1", None)
        inputs = [in1.randn(256, -1), eager.irreps_in2.randn(256, -1)] if in1 else [eager.irreps_in.randn(256, -1)]
        with torch.no_grad():
            of_ours = median_time(lambda: ours(*inputs))
            of_eager = median_time(lambda: eager(*inputs))
            start = time.perf_counter()
            theirs = e3nn_compile(build(module, args)) if module != "BatchNorm" else None
            compiled = time.perf_counter() - start
            of_theirs = median_time(lambda: theirs(*inputs)) if theirs is not None else float("nan")
        print(f"{name:34} {1e3 * of_ours:8.2f} {1e3 * of_theirs:14.2f} {1e3 * of_eager:11.2f} "
              f"{1e3 * case['seconds']:11.0f} ms {1e3 * compiled:5.0f} ms")


if __name__ == "__main__":
    command, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    if command == "make":
        make(directory, int(sys.argv[3]) if len(sys.argv) > 3 else 0)
    else:
        check(directory)
