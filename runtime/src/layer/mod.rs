//! Layers of tch. tch keeps their configuration private, so their TorchScript cannot be written
//! from their fields; it is found out by tracing each once on a small input made from its weights.

mod basic;
mod conv;
mod norm;
mod opaque;
mod recurrent;

use tch::Tensor;

use crate::ffi::TensorKind;
use crate::fitness::CompilableIn;
use crate::member::{Member, MemberValue};
use crate::module::{DynModule, NodeRef};

/// A layer of tch, as the compiler sees it.
pub struct Layer<'m> {
    /// The Rust type.
    pub ty: &'static str,
    /// PyTorch's class, below `torch.nn.modules`: `linear.Linear`.
    pub class: String,
    /// The object's address.
    pub address: usize,
    /// Parameters and buffers under PyTorch's names.
    pub tensors: Vec<(String, TensorKind, Option<Tensor>)>,
    /// What it does.
    pub behaviour: Behaviour<'m>,
}

/// How a layer's TorchScript is found.
pub enum Behaviour<'m> {
    /// By tracing methods; `source` is TorchScript that calls them.
    Traced {
        /// Each is traced on the first of its examples that it accepts.
        methods: Vec<TracedMethod<'m>>,
        /// Further methods, as TorchScript text; empty if `forward` itself is traced.
        source: String,
    },
    /// Only inside of a traced parent: what it takes is unknown.
    Opaque,
    /// Not at all.
    Impossible(String),
}

/// A method of a layer that can be run.
pub struct TracedMethod<'m> {
    /// Its name.
    pub name: &'static str,
    /// Its arguments' names.
    pub args: &'static [&'static str],
    /// Inputs, tried in order.
    pub examples: Vec<Vec<Tensor>>,
    /// Runs it; several results become a tuple.
    pub run: Box<dyn Fn(&[Tensor]) -> Vec<Tensor> + 'm>,
}

/// `forward(x)` for layers that know `train`: it passes the module's flag on.
const BY_TRAINING: &str = "
def forward_t(self, input: Tensor, train: bool) -> Tensor:
    if train:
        return self.forward_train(input)
    else:
        return self.forward_eval(input)

def forward(self, input: Tensor) -> Tensor:
    return self.forward_t(input, self.training)
";

impl<'m> Behaviour<'m> {
    /// A layer with one `forward`.
    fn forward(examples: Vec<Tensor>, run: impl Fn(&Tensor) -> Tensor + 'm) -> Self {
        let method = TracedMethod {
            name: "forward",
            args: &["input"],
            examples: examples.into_iter().map(|example| vec![example]).collect(),
            run: Box::new(move |inputs| vec![run(&inputs[0])]),
        };
        Behaviour::Traced { methods: vec![method], source: String::new() }
    }

    /// A layer that behaves differently in training.
    fn forward_t(example: &Tensor, run: impl Fn(&Tensor, bool) -> Tensor + Copy + 'm) -> Self {
        let method = |name, train| TracedMethod {
            name,
            args: &["input"],
            examples: vec![vec![example.shallow_clone()]],
            run: Box::new(move |inputs: &[Tensor]| vec![run(&inputs[0], train)]),
        };
        Behaviour::Traced {
            methods: vec![method("forward_train", true), method("forward_eval", false)],
            source: BY_TRAINING.into(),
        }
    }
}

/// A layer's type, as a field.
trait TchLayer {
    fn layer(&self) -> Layer<'_>;
}

macro_rules! layers {
    ($($ty:ty)*) => {$(
        impl DynModule for $ty {
            fn node(&self) -> NodeRef<'_> {
                NodeRef::Layer(self.layer())
            }
        }

        impl Member for $ty {
            type Tree = $ty;
            fn member(&self) -> MemberValue<'_> {
                MemberValue::Module(self.node())
            }
        }

        impl<C> CompilableIn<C> for $ty {}
    )*};
}

layers! {
    tch::nn::Linear
    tch::nn::Conv1D
    tch::nn::Conv2D
    tch::nn::Conv3D
    tch::nn::ConvTranspose1D
    tch::nn::ConvTranspose2D
    tch::nn::ConvTranspose3D
    tch::nn::BatchNorm
    tch::nn::LayerNorm
    tch::nn::GroupNorm
    tch::nn::Embedding
    tch::nn::LSTM
    tch::nn::GRU
    tch::nn::Id
    tch::nn::Sequential
    tch::nn::SequentialT
    tch::nn::Func<'static>
    tch::nn::FuncT<'static>
}

/// Any layer behind a box: opaque, as its type is gone.
macro_rules! boxed_layers {
    ($($ty:ty)*) => {$(
        impl DynModule for $ty {
            fn node(&self) -> NodeRef<'_> {
                NodeRef::Layer(opaque::of(self))
            }
        }

        impl<C> CompilableIn<C> for $ty {}
    )*};
}

boxed_layers! {
    dyn tch::nn::Module
    dyn tch::nn::ModuleT
}

fn parameter(name: &str, tensor: &Tensor) -> (String, TensorKind, Option<Tensor>) {
    optional_parameter(name, Some(tensor))
}

fn optional_parameter(name: &str, tensor: Option<&Tensor>) -> (String, TensorKind, Option<Tensor>) {
    (name.into(), TensorKind::Parameter, tensor.map(Tensor::shallow_clone))
}

fn buffer(name: &str, tensor: &Tensor) -> (String, TensorKind, Option<Tensor>) {
    (name.into(), TensorKind::Buffer, Some(tensor.shallow_clone()))
}

fn address<T: ?Sized>(layer: &T) -> usize {
    std::ptr::from_ref(layer).addr()
}

/// Zeros of the weight's kind and device.
fn zeros_like(weight: &Tensor, shape: &[i64]) -> Tensor {
    Tensor::zeros(shape, (weight.kind(), weight.device()))
}
