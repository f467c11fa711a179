//! Layers of tch, as the compiler sees them. tch keeps their configuration private, so their TorchScript cannot be
//! written from their fields: each layer is traced once on an input made from its weights. That input is an empty
//! batch, which libtorch checks and records as any other without computing anything.

mod basic;
mod conv;
mod function;
mod list;
mod norm;
mod opaque;
mod recurrent;

use tch::Tensor;

use crate::ffi::TensorKind;
use crate::identity::Object;
use crate::model::node::Node;

pub use function::function;

/// A layer of tch, as the compiler sees it.
pub struct Layer<'m> {
    /// The Rust object.
    pub object: Object,
    /// PyTorch's class, such as `torch.nn.modules.linear.Linear`.
    pub class: &'static str,
    /// What the layer holds and does.
    pub inside: Inside<'m>,
}

impl Layer<'_> {
    /// Whether nothing of it can be seen, so that it can only be a part of a traced module.
    pub fn is_opaque(&self) -> bool {
        matches!(self.inside, Inside::Opaque | Inside::Function(_))
    }

    /// Whether it is a function, which is compiled by itself where the module around it is scripted.
    pub fn is_function(&self) -> bool {
        matches!(self.inside, Inside::Function(_))
    }

    /// Whether it can be a part of a scripted module.
    pub fn can_be_scripted(&self) -> bool {
        !matches!(self.inside, Inside::Opaque)
    }
}

/// How much of a layer can be seen from outside.
pub enum Inside<'m> {
    /// All of it. Looking may run the layer, so it is put off until the layer is compiled; the
    /// error says what cannot be found out.
    Known(Look<'m>),
    /// Nothing, not even the arguments that it takes.
    Opaque,
    /// Nothing but the arguments: a function or a closure. Where it is called in a scripted module, it is traced by
    /// itself; in a traced one, it is a part of that.
    Function(Box<dyn Node + 'm>),
}

/// Looks into a layer.
pub type Look<'m> = Box<dyn Fn() -> Result<Contents<'m>, String> + 'm>;

/// A layer's members and methods.
pub struct Contents<'m> {
    /// Parameters and buffers under PyTorch's names.
    pub tensors: Vec<LayerTensor>,
    /// The methods to trace.
    pub methods: Vec<TracedMethod<'m>>,
    /// TorchScript that calls the traced methods; empty if `forward` itself is traced.
    pub source: String,
    /// The layer has no hidden configuration: equal tensors mean one shared class.
    pub uniform: bool,
}

/// A parameter or a buffer by its name; none where the layer is configured to lack it.
pub type LayerTensor = (String, TensorKind, Option<Tensor>);

/// A method of a layer that can be run.
pub struct TracedMethod<'m> {
    /// Its name.
    pub name: &'static str,
    /// Its arguments' names.
    pub args: &'static [&'static str],
    /// Arguments that the method accepts.
    pub example: Vec<Tensor>,
    /// Runs it; several results become a tuple.
    pub run: Run<'m>,
}

/// Runs a method of a layer.
pub type Run<'m> = Box<dyn Fn(&[Tensor]) -> Vec<Tensor> + 'm>;

/// TorchScript for layers that behave differently in training: `forward(x)` passes the module's own flag on.
const BY_TRAINING: &str = "
def forward_t(self, input: Tensor, train: bool) -> Tensor:
    if train:
        return self.forward_train(input)
    else:
        return self.forward_eval(input)

def forward(self, input: Tensor) -> Tensor:
    return self.forward_t(input, self.training)
";

impl<'m> Inside<'m> {
    fn known(look: impl Fn() -> Result<Contents<'m>, String> + 'm) -> Self {
        Inside::Known(Box::new(look))
    }
}

impl<'m> Contents<'m> {
    /// A layer with one `forward`.
    fn forward(tensors: Vec<LayerTensor>, example: Tensor, run: impl Fn(&Tensor) -> Tensor + 'm) -> Self {
        let method = TracedMethod {
            name: "forward",
            args: &["input"],
            example: vec![example],
            run: Box::new(move |inputs| vec![run(&inputs[0])]),
        };
        Contents { tensors, methods: vec![method], source: String::new(), uniform: false }
    }

    /// A layer that behaves differently in training.
    fn forward_t(
        tensors: Vec<LayerTensor>,
        example: &Tensor,
        run: impl Fn(&Tensor, bool) -> Tensor + Copy + 'm,
    ) -> Self {
        let method = |name, train| TracedMethod {
            name,
            args: &["input"],
            example: vec![example.shallow_clone()],
            run: Box::new(move |inputs: &[Tensor]| vec![run(&inputs[0], train)]),
        };
        Contents {
            tensors,
            methods: vec![method("forward_train", true), method("forward_eval", false)],
            source: BY_TRAINING.into(),
            uniform: false,
        }
    }
}

/// A type of layer that tch has.
trait TchLayer {
    fn layer(&self) -> Layer<'_>;
}

fn parameter(name: &str, tensor: &Tensor) -> LayerTensor {
    optional_parameter(name, Some(tensor))
}

fn optional_parameter(name: &str, tensor: Option<&Tensor>) -> LayerTensor {
    (name.into(), TensorKind::Parameter, tensor.map(Tensor::shallow_clone))
}

fn buffer(name: &str, tensor: &Tensor) -> LayerTensor {
    (name.into(), TensorKind::Buffer, Some(tensor.shallow_clone()))
}

/// Zeros of the weight's kind and device.
fn zeros_like(weight: &Tensor, shape: &[i64]) -> Tensor {
    Tensor::zeros(shape, (weight.kind(), weight.device()))
}
