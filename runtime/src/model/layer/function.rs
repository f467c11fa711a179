//! Functions and closures as fields, such as activations.

use tch::Tensor;

use super::{Inside, Layer, TchLayer};
use crate::identity::{Object, RustType};
use crate::model::closure::{Closure, Plain, TracedFn};
use crate::model::fitness::CompilableIn;
use crate::model::member::Member;
use crate::model::node::{DynModule, MemberValue, NodeRef};
use crate::place::Place;
use crate::types::ScriptArgs;

/// The function `f`, called at `place`, as a layer.
pub fn function<'m, Args: ScriptArgs + 'm, F: TracedFn<Args, Plain> + 'm>(place: Place, f: F) -> Layer<'m> {
    Layer {
        object: Object { address: None, ty: RustType::named::<F>("a function") },
        class: "tch.nn.Func",
        inside: Inside::Function(Box::new(Closure::new(place, vec![], f))),
    }
}

/// A field has no place of its own; its path in the tree names it.
const FIELD: Place = Place { file: "a function in a field", line: 0, column: 0 };

macro_rules! functions {
    ($($ty:ty, $function:ident => $address:expr;)*) => {$(
        impl TchLayer for $ty {
            fn layer(&self) -> Layer<'_> {
                let layer = function::<(Tensor,), _>(FIELD, move |x: &Tensor| self(x));
                let $function = self;
                let address: Option<usize> = $address;
                Layer { object: Object { address, ..layer.object }, ..layer }
            }
        }

        #[diagnostic::do_not_recommend]
        impl DynModule for $ty {
            fn node(&self) -> NodeRef<'_> {
                NodeRef::Layer(self.layer())
            }
        }

        #[diagnostic::do_not_recommend]
        impl<C> CompilableIn<C> for $ty {}
    )*};
}

// A function that several fields hold is one child.
functions! {
    fn(&Tensor) -> Tensor, it => Some(*it as usize);
    dyn Fn(&Tensor) -> Tensor, it => Object::of(it).address;
    dyn Fn(&Tensor) -> Tensor + Send, it => Object::of(it).address;
    dyn Fn(&Tensor) -> Tensor + Send + Sync, it => Object::of(it).address;
}

#[diagnostic::do_not_recommend]
impl Member for fn(&Tensor) -> Tensor {
    type Tree = ();

    fn member(&self) -> MemberValue<'_> {
        MemberValue::Module(self.node())
    }
}
