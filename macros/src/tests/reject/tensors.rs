//! Methods and functions of tensors.

use expect_test::expect;

use super::bodies;

#[test]
fn unknown_methods() {
    bodies(
        ["Tensor::no_such_function_at_all(1)", "Tensor::zeross(1)"],
        expect![[r#"
            Tensor::no_such_function_at_all(1)
              1:9-31: method `no_such_function_at_all` is not known to TorchScript
                help: call methods of tensors, of the module itself and `forward` of its children
            Tensor::zeross(1)
              1:9-14: method `zeross` is not known to TorchScript
                help: did you mean `zeros`?
        "#]],
    );
}

#[test]
fn wrong_numbers_of_arguments() {
    bodies(
        ["Tensor::cat(x)", "x.softmax(1)", "x.relu(1).softmax()", "x.double_value()"],
        expect![[r#"
        Tensor::cat(x)
          1:9-11: `cat` with 1 argument is not known to TorchScript
            help: `Tensor::cat` takes 2 arguments; methods of other types cannot be called
        x.softmax(1)
          1:3-9: `softmax` with 1 argument is not known to TorchScript
            help: `Tensor::softmax` takes 2 arguments; methods of other types cannot be called
        x.relu(1).softmax()
          1:3-6: `relu` with 1 argument is not known to TorchScript
            help: `Tensor::relu` takes no arguments; methods of other types cannot be called
        x.double_value()
          1:3-14: `double_value` with no arguments is not known to TorchScript
            help: `Tensor::double_value` takes 1 argument; methods of other types cannot be called
    "#]],
    );
}

#[test]
fn methods_without_a_counterpart() {
    bodies(
        [
            "x.rrelu(true)",
            "x.f_view_dtype(Kind::Float)",
            "x.data_ptr()",
            "x.f_zero_grad()",
            "Tensor::from_blob(a, b, c, d, e)",
            "Tensor::new()",
            "Tensor::read_npy(\"a\")",
        ],
        expect![[r#"
            x.rrelu(true)
              1:3-7: `rrelu` cannot be called in scripted methods: tch passes `training` to libtorch as `lower`
                help: use another operator, or mark the module `#[compile_mode(trace)]`
            x.f_view_dtype(Kind::Float)
              1:3-14: `f_view_dtype` cannot be called in scripted methods: TorchScript takes the kind for a size; `view_copy_dtype` works
                help: use another operator, or mark the module `#[compile_mode(trace)]`
            x.data_ptr()
              1:3-10: `data_ptr` cannot be called in scripted methods: TorchScript has no pointers
                help: use the tensor itself, or mark the module `#[compile_mode(trace)]`
            x.f_zero_grad()
              1:3-13: `f_zero_grad` cannot be called in scripted methods: TorchScript cannot ask whether there is a gradient
                help: zero the gradients in Rust, outside of the compiled module; where there is one, `x.grad().zero_()` does it
            Tensor::from_blob(a, b, c, d, e)
              1:9-17: `from_blob` cannot be called in scripted methods: TorchScript has no pointers
                help: use the tensor itself, or mark the module `#[compile_mode(trace)]`
            Tensor::new()
              1:9-11: `new` cannot be called in scripted methods: TorchScript has no tensors that are not defined
                help: use an `Option<Tensor>`, or `Tensor::zeros`
            Tensor::read_npy("a")
              1:9-16: `read_npy` cannot be called in scripted methods: TorchScript reads and writes no files
                help: do it in Rust, outside of the compiled module; a tensor that is loaded can be a field
        "#]],
    );
}

#[test]
fn conversions() {
    bodies(
        ["Vec::try_from(x)?", "Vec::<String>::try_from(x)?"],
        expect![[r#"
        Vec::try_from(x)?
          1:1-13: the type of the elements must be written
            help: write `Vec::<f64>::try_from(…)`, with the type of element that you need
        Vec::<String>::try_from(x)?
          1:1-13: elements of tensors are numbers and bools
            help: convert to `f64`, `i64` or `bool`, or to vectors of them
    "#]],
    );
}
