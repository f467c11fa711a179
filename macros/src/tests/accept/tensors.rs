//! Methods, functions, indices and conversions of tensors.

use expect_test::expect;

use super::values;

#[test]
fn operators_of_the_table() {
    values([
        ("x.relu()", expect!["return torch.relu(x)"]),
        ("x.f_relu()?", expect!["return $unwrap(torch.relu(x))"]),
        (
            "x.softmax(-1, Kind::Float)",
            expect![[r#"
            return torch.softmax(x, -1, $C0)
            # $C0 = Kind::Float"#]],
        ),
        ("x.softmax(-1, None)", expect!["return torch.softmax(x, -1, None)"]),
        // `impl IntList`: a list, or a number that stands for one.
        (
            "x.sum_dim_intlist([1i64, 2].as_slice(), false, Kind::Float)",
            expect![[r#"
            return torch.sum(x, [1, 2], False, dtype=$C0)
            # $C0 = Kind::Float"#]],
        ),
        (
            "x.sum_dim_intlist(1, false, None::<Kind>)",
            expect![[r#"
            return torch.sum(x, $int_list(1), False, dtype=$C0)
            # $C0 = None::<Kind>"#]],
        ),
        (
            "x.sum_dim_intlist(a, false, None)",
            expect!["return torch.sum(x, $int_list(a), False, dtype=None)"],
        ),
        ("x.permute([0, 2, 1])", expect!["return torch.permute(x, [0, 2, 1])"]),
        ("x.reshape(&[-1, a])", expect!["return torch.reshape(x, [-1, a])"]),
        ("x.reshape(&list)", expect!["return torch.reshape(x, $int_list(_list))"]),
        (
            "x.mean_dim(None::<i64>, false, Kind::Float)",
            expect![[r#"
            return torch.mean(x, $int_list($C0), False, dtype=$C1)
            # $C0 = None::<i64>
            # $C1 = Kind::Float"#]],
        ),
        (
            "x.upsample_bilinear2d([2, 2], false, s, None)",
            expect!["return torch.upsample_bilinear2d(x, [2, 2], False, s, None)"],
        ),
        // `(Kind, Device)`: two arguments.
        (
            "Tensor::zeros([2, 3], (Kind::Float, Device::Cpu))",
            expect![[r#"
            return torch.zeros([2, 3], dtype=$C0, device=$C1)
            # $C0 = Kind::Float
            # $C1 = Device::Cpu"#]],
        ),
        (
            "Tensor::zeros([2, 3], (x.kind(), x.device()))",
            expect!["return torch.zeros([2, 3], dtype=x.dtype, device=x.device)"],
        ),
        (
            "Tensor::ones(a, tch::kind::FLOAT_CPU)",
            expect![[r#"
            return torch.ones($int_list(a), dtype=$C0[0], device=$C0[1])
            # $C0 = tch::kind::FLOAT_CPU"#]],
        ),
        (
            "tch::Tensor::arange(a, self.options)",
            expect![[r#"
            value = self.options
            return torch.arange(a, dtype=value[0], device=value[1])"#]],
        ),
        // A method as a function.
        ("Tensor::relu(&x)", expect!["return torch.relu(x)"]),
        ("Tensor::cat(&[x, y], 0)", expect!["return torch.cat([x, y], 0)"]),
        ("Tensor::stack(xs, a)", expect!["return torch.stack(xs, a)"]),
        // The receiver is not always the first argument.
        ("x.where_self(&x.gt(0.0), y)", expect!["return torch.where(torch.gt(x, 0.0), x, y)"]),
        ("x.g_add_(y)", expect!["return torch.add_(x, y)"]),
        ("x.max_dim(1, true)", expect!["return torch.max(x, 1, True)"]),
        ("x.nll_loss::<Tensor>(y)", expect!["return torch.nll_loss(x, y)"]),
        (
            "x.g_nll_loss(y, None::<Tensor>, tch::Reduction::Mean, -100)",
            expect![[r#"
            return torch.nll_loss(x, y, $C0, $C1, -100)
            # $C0 = None::<Tensor>
            # $C1 = tch::Reduction::Mean"#]],
        ),
        ("x.linear(y, maybe)", expect!["return torch.linear(x, y, maybe)"]),
        ("x.index(&[Some(y)])", expect!["return torch.index(x, [$optional(y)])"]),
        ("x.clamp(0.0, 1.0)", expect!["return $clamp(x, 0.0, 1.0)"]),
        (
            "x.conv2d(y, None::<Tensor>, 1, 0, [1, 1], 1)",
            expect![[r#"
            return torch.conv2d(x, y, $C0, $int_list(1), $int_list(0), [1, 1], 1)
            # $C0 = None::<Tensor>"#]],
        ),
    ]);
}

#[test]
fn methods_written_by_hand() {
    values([
        ("x.size()", expect!["return $size(x)"]),
        ("x.size()[0]", expect!["return $size_at(x, 0)"]),
        ("x.size1().unwrap()", expect!["return $unwrap($size1(x))"]),
        ("x.dim()", expect!["return torch.dim(x)"]),
        ("x.numel()", expect!["return torch.numel(x)"]),
        ("x.kind()", expect!["return x.dtype"]),
        ("x.device()", expect!["return x.device"]),
        ("x.requires_grad()", expect!["return x.requires_grad"]),
        ("x.is_contiguous()", expect!["return torch.is_contiguous(x)"]),
        ("x.stride()", expect!["return torch.stride(x)"]),
        ("x.get(0)", expect!["return $get(x, 0)"]),
        ("x.view([-1, 2])", expect!["return torch.view(x, [-1, 2])"]),
        ("x.view((a, 2))", expect!["return torch.view(x, [a, 2])"]),
        ("x.view(())", expect!["return torch.view(x, [])"]),
        ("x.view(-1)", expect!["return torch.view(x, $int_list(-1))"]),
        ("x.view(a)", expect!["return torch.view(x, $int_list(a))"]),
        ("x.relu().flat_view()", expect!["return $flat_view(torch.relu(x))"]),
        ("x.copy()", expect!["return torch.clone(x)"]),
        ("x.shallow_clone()", expect!["return x"]),
        ("x.to_kind(y.kind())", expect!["return x.to(y.dtype)"]),
        ("x.to_device(y.device())", expect!["return x.to(y.device)"]),
        ("x.double_value(&[])", expect!["return float(x)"]),
        ("x.double_value(&[0, a])", expect!["return float(x[0, a])"]),
        ("x.int64_value(&[])", expect!["return int(x)"]),
        ("x.max_pool2d_default(2)", expect!["return $max_pool2d_default(x, 2)"]),
        ("x.avg_pool2d_default(a + 1)", expect!["return $avg_pool2d_default(x, (a + 1))"]),
        ("x.double_value(&list)", expect!["return float($element(x, _list))"]),
        ("x.size3()?", expect!["return $unwrap($size3(x))"]),
        ("x.stride()", expect!["return torch.stride(x)"]),
        ("x.onehot(a)", expect!["return $onehot(x, a)"]),
        ("Tensor::random_batch2(x, y, a)", expect!["return $random_batch2(x, y, a)"]),
        ("Tensor::size(x)", expect!["return $size(x)"]),
        ("x.zero_pad1d(1, a)", expect!["return $zero_pad1d(x, 1, a)"]),
        ("x.grad()", expect!["return x.grad"]),
        ("x.add(y).div(x)", expect!["return $div((x + y), x)"]),
        ("x.f_view((a, 1))?", expect!["return $unwrap(torch.view(x, [a, 1]))"]),
        ("x.iter::<i64>()?", expect!["return $unwrap($to_list(x, 1, 4))"]),
        ("x.cross_entropy_for_logits(y)", expect!["return $cross_entropy_for_logits(x, y)"]),
    ]);
}

#[test]
fn indexing() {
    values([
        ("x.i(0)", expect!["return $i(x, 0)"]),
        ("x.i((.., 1.., ..=2, -1))", expect!["return $i(x, (None, None), (1, None), (None, 3), -1)"]),
        ("x.i((NewAxis, y))", expect!["return $i(x, None, y)"]),
        ("x.i(.., )", expect!["return $i(x, (None, None))"]),
    ]);
}

#[test]
fn conversions() {
    values([
        ("f64::try_from(x).unwrap()", expect!["return $unwrap($to_float(x))"]),
        ("i64::try_from(x)?", expect!["return $unwrap($to_int(x))"]),
        ("bool::try_from(x).unwrap()", expect!["return $unwrap(bool(x))"]),
        ("Tensor::from(a)", expect!["return $tensor(a)"]),
        ("Tensor::from(1f32)", expect!["return $tensor(1.0, 6)"]),
        ("Tensor::from(-(a as f32) + 1.0)", expect!["return $tensor((-$to_f32(a) + 1.0), 6)"]),
        ("Tensor::from(1)", expect!["return $tensor(1, 3)"]),
        ("Tensor::from_slice(&list)", expect!["return $tensor(_list)"]),
        ("Tensor::from_slice(&[1, 2])", expect!["return $tensor([1, 2], 3)"]),
        ("Tensor::from_slice(&[1.0, 2f32])", expect!["return $tensor([1.0, 2.0], 6)"]),
        (
            "Tensor::from_slice(&vec![1.0, s])",
            expect![[r#"
            return $tensor([1.0, s], $C0)
            # $C0 = the number type of &vec![1.0,s]"#]],
        ),
        ("Tensor::from_slice::<u8>(&[])", expect!["return torch.zeros([0], dtype=0)"]),
        ("Tensor::from_slice2(&[[1.0, 2.0]])", expect!["return $tensor([[1.0, 2.0]], 7)"]),
        (
            "Tensor::try_from(vec![true; 3])?",
            expect![[r#"
            return $unwrap($tensor(([True] * 3), $C0))
            # $C0 = the number type of vec![true;3]"#]],
        ),
        ("f32::try_from(x)?", expect!["return $unwrap($to_float($cast(x, 6)))"]),
        ("u8::try_from(x)?", expect!["return $unwrap($try_u8($to_int($cast(x, 0))))"]),
        ("Vec::<f32>::try_from(x)?", expect!["return $unwrap($to_list(x, 1, 6))"]),
        ("<Vec<Vec<i64>>>::try_from(x)?", expect!["return $unwrap($to_list(x, 2, 4))"]),
    ]);
}
