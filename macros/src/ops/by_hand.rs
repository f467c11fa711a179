//! A table of the methods and associated functions of `Tensor` that tch writes by hand, one line for each.
//!
//! In: a name. Out: how it is lowered, or why it is not and what to write instead. `tests` compares the
//! table with `hand_written_names.rs`, which lists what tch has.

use Image::{Aten, Attribute, Function, Own};

use crate::syntax::Operator;

/// A method or associated function that tch writes by hand.
#[derive(Debug)]
pub struct ByHand {
    pub name: &'static str,
    /// Whether it is a method with `&self` or `&mut self`, not an associated function.
    pub receiver: bool,
    /// How many parameters the Rust function has beside `self`.
    pub n_params: u8,
    pub image: Image,
}

/// What a call `x.name(a)` becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Image {
    /// `torch.name(x, a)`.
    Aten(&'static str),
    /// `x.attribute`
    Attribute(&'static str),
    /// An operator of the shim: `$flat_view(x)`.
    Function(Operator),
    /// A form of its own, which depends on how the arguments are written, and which this text sketches; see
    /// `lower/tensor.rs` and `lower/call.rs`.
    Own(&'static str),
    Rejected(&'static Reason),
}

/// Why a method or a function is rejected.
#[derive(Debug, PartialEq, Eq)]
pub struct Reason {
    /// Completes the sentence that `name` cannot be called in scripted methods.
    pub why: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

const fn method(name: &'static str, n_params: u8, image: Image) -> ByHand {
    ByHand { name, receiver: true, n_params, image }
}

const fn function(name: &'static str, n_params: u8, image: Image) -> ByHand {
    ByHand { name, receiver: false, n_params, image }
}

const fn rejected_method(name: &'static str, n_params: u8, reason: &'static Reason) -> ByHand {
    ByHand { name, receiver: true, n_params, image: Image::Rejected(reason) }
}

const fn rejected_function(name: &'static str, n_params: u8, reason: &'static Reason) -> ByHand {
    ByHand { name, receiver: false, n_params, image: Image::Rejected(reason) }
}

const AMP: Reason = Reason {
    why: "gradients are unscaled by an optimizer, outside of the module",
    help: "call it in Rust, between `backward` and the optimizer's step",
};
const ASSIGNMENT: Reason = Reason {
    why: "it changes a variable through a reference, which TorchScript does not have",
    help: "write the operator: `x += y`",
};
const BYTES: Reason =
    Reason { why: "TorchScript has no bytes", help: "make the tensor in Rust and keep it in a field" };
const COPY_OUT: Reason = Reason {
    why: "TorchScript has no slices that can be written to",
    help: "write `Vec::<f64>::try_from(&x)?`, or with the type of element that you need",
};
const FILES: Reason = Reason {
    why: "TorchScript reads and writes no files",
    help: "do it in Rust, outside of the compiled module; a tensor that is loaded can be a field",
};
const INIT: Reason = Reason {
    why: "TorchScript knows nothing of initializations",
    help: "initialize where the module is made, or call `uniform_`, `normal_` and their like",
};
const INTO: Reason = Reason {
    why: "what it converts to is not written at the call",
    help: "write the conversion with its type: `f64::try_from(&x)?`, `Vec::<i64>::try_from(&x)?`, `Tensor::from(x)`",
};
const POINTER: Reason = Reason {
    why: "TorchScript has no pointers",
    help: "use the tensor itself, or mark the module `#[compile_mode(trace)]`",
};
const PYTHON: Reason = Reason {
    why: "TorchScript has no Python objects",
    help: "pass the tensor itself to the compiled module",
};
const TEXT: Reason = Reason {
    why: "TorchScript writes tensors as text in another way",
    help: "return the tensor and write it in Rust, or write it with `print()`",
};
const UNDEFINED: Reason = Reason {
    why: "TorchScript has no tensors that are not defined",
    help: "use an `Option<Tensor>`, or `Tensor::zeros`",
};
const ZERO_GRAD: Reason = Reason {
    why: "TorchScript cannot ask whether there is a gradient",
    help: "zero the gradients in Rust, outside of the compiled module; where there is one, `x.grad().zero_()` does it",
};

/// The table, sorted by name.
#[rustfmt::skip]
pub static BY_HAND: &[ByHand] = &[
    method("accuracy_for_logits", 1, Function(Operator::AccuracyForLogits)),
    method("add", 1, Own("x + a")), // The operators of `std::ops`, called as methods.
    rejected_method("add_assign", 1, &ASSIGNMENT),
    method("apply", 1, Own("a.forward(x)")),
    method("apply_opt", 1, Own("a.forward(x), or x where there is no a")),
    method("apply_opt_t", 2, Own("a.forward_t(x, b), or x where there is no a")),
    method("apply_t", 2, Own("a.forward_t(x, b)")),
    rejected_method("as_mut_ptr", 0, &POINTER),
    rejected_method("as_ptr", 0, &POINTER),
    method("as_ref", 0, Own("x")),
    method("avg_pool2d_default", 1, Function(Operator::AvgPool2dDefault)),
    method("backward", 0, Aten("backward")),
    rejected_function("clone_from_ptr", 1, &POINTER),
    method("copy", 0, Aten("clone")),
    method("copy_", 1, Aten("copy_")),
    rejected_method("copy_data", 2, &COPY_OUT),
    rejected_method("copy_data_u8", 2, &COPY_OUT),
    method("cross_entropy_for_logits", 1, Function(Operator::CrossEntropyForLogits)),
    rejected_method("data_ptr", 0, &POINTER),
    rejected_function("default", 0, &UNDEFINED),
    rejected_method("defined", 0, &UNDEFINED),
    method("device", 0, Attribute("device")),
    method("dim", 0, Aten("dim")),
    method("div", 1, Own("x / a")),
    rejected_method("div_assign", 1, &ASSIGNMENT),
    method("double_value", 1, Own("float(x[a])")),
    method("flat_view", 0, Function(Operator::FlatView)),
    function("from", 1, Own("torch.tensor(a)")),
    rejected_function("from_blob", 5, &POINTER),
    rejected_function("from_data_size", 3, &BYTES),
    rejected_function("from_ptr", 1, &POINTER),
    function("from_slice", 1, Own("torch.tensor(a)")),
    function("from_slice2", 1, Own("torch.tensor(a)")),
    method("get", 1, Own("torch.select(x, 0, a)")),
    method("grad", 0, Attribute("grad")),
    method("i", 1, Own("torch.select, narrow, index_select and unsqueeze, in turn")),
    rejected_method("init", 1, &INIT),
    method("int64_value", 1, Own("int(x[a])")),
    rejected_method("internal_amp_non_finite_check_and_unscale", 2, &AMP),
    rejected_method("into", 0, &INTO),
    method("is_contiguous", 0, Aten("is_contiguous")),
    method("is_mkldnn", 0, Attribute("is_mkldnn")),
    method("is_sparse", 0, Attribute("is_sparse")),
    method("iter", 0, Own("x.tolist()")),
    method("kind", 0, Attribute("dtype")),
    rejected_function("load", 1, &FILES),
    rejected_function("load_from_stream", 1, &FILES),
    rejected_function("load_multi", 1, &FILES),
    rejected_function("load_multi_from_stream", 1, &FILES),
    rejected_function("load_multi_from_stream_with_device", 2, &FILES),
    rejected_function("load_multi_with_device", 2, &FILES),
    rejected_function("loadz_multi", 1, &FILES),
    rejected_function("loadz_multi_with_device", 2, &FILES),
    method("max_pool2d_default", 1, Function(Operator::MaxPool2dDefault)),
    method("mul", 1, Own("x * a")),
    rejected_method("mul_assign", 1, &ASSIGNMENT),
    rejected_function("new", 0, &UNDEFINED),
    method("nll_loss", 1, Aten("nll_loss")),
    method("numel", 0, Aten("numel")),
    method("onehot", 1, Function(Operator::Onehot)),
    method("print", 0, Own("print(x)")),
    rejected_function("pyobject_unpack", 1, &PYTHON),
    rejected_method("pyobject_wrap", 0, &PYTHON),
    method("random_batch", 1, Function(Operator::RandomBatch)),
    function("random_batch2", 3, Function(Operator::RandomBatch2)),
    rejected_function("read_npy", 1, &FILES),
    rejected_function("read_npz", 1, &FILES),
    rejected_function("read_safetensors", 1, &FILES),
    method("requires_grad", 0, Attribute("requires_grad")),
    function("run_backward", 4, Own("torch.autograd.grad(…)")),
    rejected_method("save", 1, &FILES),
    rejected_function("save_multi", 2, &FILES),
    rejected_function("save_multi_to_stream", 2, &FILES),
    rejected_method("save_to_stream", 1, &FILES),
    method("shallow_clone", 0, Own("x")),
    method("size", 0, Function(Operator::Size)),
    method("size1", 0, Function(Operator::Size1)),
    method("size2", 0, Function(Operator::Size2)),
    method("size3", 0, Function(Operator::Size3)),
    method("size4", 0, Function(Operator::Size4)),
    method("size5", 0, Function(Operator::Size5)),
    method("size6", 0, Function(Operator::Size6)),
    method("stride", 0, Aten("stride")),
    method("stride1", 0, Function(Operator::Stride1)),
    method("stride2", 0, Function(Operator::Stride2)),
    method("stride3", 0, Function(Operator::Stride3)),
    method("stride4", 0, Function(Operator::Stride4)),
    method("stride5", 0, Function(Operator::Stride5)),
    method("stride6", 0, Function(Operator::Stride6)),
    method("sub", 1, Own("x - a")),
    rejected_method("sub_assign", 1, &ASSIGNMENT),
    method("to_device", 1, Own("x.to(a)")),
    method("to_kind", 1, Own("x.to(a)")),
    method("to_mkldnn", 0, Function(Operator::ToMkldnn)),
    rejected_method("to_string", 1, &TEXT),
    function("try_from", 1, Own("torch.tensor(a)")),
    rejected_method("try_into", 0, &INTO),
    method("view", 1, Own("torch.view(x, a)")),
    rejected_method("write_npy", 1, &FILES),
    rejected_function("write_npz", 2, &FILES),
    rejected_function("write_safetensors", 2, &FILES),
    method("zero_grad", 0, Image::Rejected(&ZERO_GRAD)),
    method("zero_pad1d", 2, Function(Operator::ZeroPad1d)),
    method("zero_pad2d", 4, Function(Operator::ZeroPad2d)),
];

/// Free functions of tch that a model's code may call.
pub static FUNCTIONS: &[(&str, Reason)] = &[
    ("autocast", Reason { why: MODE, help: "call the compiled module inside of `autocast`" }),
    (
        "manual_seed",
        Reason {
            why: "the random state belongs to the process",
            help: "seed in Rust, before the compiled module is called",
        },
    ),
    (
        "no_grad_guard",
        Reason {
            why: "the guard has no name, and so no end that is known",
            help: "write `let _guard = tch::no_grad_guard();`, or `tch::no_grad(|| …)`",
        },
    ),
];

const MODE: &str = "it sets a mode of the thread while other code runs";

pub fn find(name: &str) -> Option<&'static ByHand> {
    BY_HAND.binary_search_by(|it| it.name.cmp(name)).ok().map(|idx| &BY_HAND[idx])
}

/// Why the free function `name` of tch is rejected.
pub fn find_function(name: &str) -> Option<&'static Reason> {
    FUNCTIONS.iter().find(|(function, _)| *function == name).map(|(_, reason)| reason)
}
