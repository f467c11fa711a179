"""Methods that tch writes by hand in Rust, as tch has them.

Kinds are numbers here: 4 is Int64, 6 Float, 7 Double.
"""


# tch's `Sum for Tensor`: each further tensor plus the sum so far.
def tensor_sum(xs: List[Tensor]) -> Tensor:
    if len(xs) == 0:
        return torch.tensor(0., dtype=7)
    total = xs[0]
    for x in xs[1:]:
        total = x + total
    return total


# tch's `run_backward`; TorchScript says None where tch has an undefined tensor.
def run_backward(
    tensors: List[Tensor], inputs: List[Tensor], keep_graph: bool, create_graph: bool
) -> List[Tensor]:
    gradients: List[Tensor] = []
    for gradient in torch.autograd.grad(tensors, inputs, None, keep_graph, create_graph, True):
        assert gradient is not None, "an input of `run_backward` is not used by the tensors"
        gradients.append(gradient)
    return gradients


# Kinds are numbers in the functions: 4 is Int64, 6 Float, 7 Double.
def accuracy_for_logits(x: Tensor, targets: Tensor) -> Tensor:
    return x.argmax(-1, False).eq(targets).to(6).mean(dtype=6)


def avg_pool2d_default(x: Tensor, ksize: int) -> Tensor:
    return torch.avg_pool2d(x, [ksize, ksize], [ksize, ksize], [0, 0], False, True, 1)


def cross_entropy_for_logits(x: Tensor, targets: Tensor) -> Tensor:
    return torch.nll_loss(torch.log_softmax(x, -1, 6), targets)


# Tensors of Rust's f64.
def doubles1(values: List[float]) -> Tensor:
    x = torch.zeros([len(values)], dtype=7)
    for i in range(len(values)):
        x.select(0, i).fill_(values[i])
    return x


def doubles2(rows: List[List[float]]) -> Tensor:
    n_columns = len(rows[0]) if len(rows) > 0 else 0
    x = torch.zeros([len(rows), n_columns], dtype=7)
    for i in range(len(rows)):
        assert len(rows[i]) == n_columns, "the rows have different lengths"
        for j in range(n_columns):
            x.select(0, i).select(0, j).fill_(rows[i][j])
    return x


# What `double_value` and `int64_value` read.
def element(x: Tensor, indices: List[int]) -> Tensor:
    for index in indices:
        x = torch.select(x, 0, index)
    return x


def flat_view(x: Tensor) -> Tensor:
    return x.view([x.size(0), -1])


def max_pool2d_default(x: Tensor, ksize: int) -> Tensor:
    return torch.max_pool2d(x, [ksize, ksize], [ksize, ksize], [0, 0], [1, 1], False)


def onehot(x: Tensor, labels: int) -> Tensor:
    zeros = torch.zeros(x.size() + [labels], dtype=6, device=x.device)
    return zeros.scatter_(-1, x.unsqueeze(-1).to(4), 1.0)


def random_batch(x: Tensor, batch_size: int) -> Tensor:
    index = torch.randint(x.size(0), [batch_size], dtype=4, device=x.device)
    return x.index_select(0, index)


def random_batch2(a: Tensor, b: Tensor, batch_size: int) -> Tuple[Tensor, Tensor]:
    assert a.size(0) == b.size(0), "random_batch2: shape mismatch"
    index = torch.randint(a.size(0), [batch_size], dtype=4, device=a.device)
    return (a.index_select(0, index), b.index_select(0, index))


def to_mkldnn(x: Tensor) -> Tensor:
    return torch.to_mkldnn(x, x.dtype)


def zero_pad1d(x: Tensor, left: int, right: int) -> Tensor:
    assert x.dim() == 3, "expected a 3 dimension tensor"
    return torch.constant_pad_nd(x, [left, right])


def zero_pad2d(x: Tensor, left: int, right: int, top: int, bottom: int) -> Tensor:
    assert x.dim() == 4, "expected a 4 dimension tensor"
    return torch.constant_pad_nd(x, [left, right, top, bottom])
