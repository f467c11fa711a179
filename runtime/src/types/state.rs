//! States of tch's recurrent layers, as PyTorch passes them: a pair of tensors, and a tensor.

use tch::Tensor;
use tch::nn::{GRUState, LSTMState};

use super::{Arg, IntoValue, ScriptOutput, ScriptType};
use crate::error::Result;
use crate::ffi::{Type, Value};

macro_rules! states {
    ($($state:ident($tensors:ty) by $share:expr;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl ScriptType for $state {
            type Erased = Self;
            fn script_type() -> Type {
                <$tensors>::script_type()
            }
            fn to_value(&self) -> Value {
                self.0.to_value()
            }
        }

        #[diagnostic::do_not_recommend]
        impl ScriptOutput for $state {
            fn from_value(value: &Value) -> Result<Self> {
                <$tensors>::from_value(value).map($state)
            }
        }

        #[diagnostic::do_not_recommend]
        impl<'a> Arg<'a> for $state {
            type Owned = $state;
            fn from_owned(owned: &'a $state) -> Self {
                $share(owned)
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoValue<$state> for $state {
            fn into_owned(self) -> $state {
                self
            }
        }

        #[diagnostic::do_not_recommend]
        impl IntoValue<$state> for &$state {
            fn into_owned(self) -> $state {
                $share(self)
            }
        }
    )*};
}

states! {
    LSTMState((Tensor, Tensor)) by |state: &LSTMState| LSTMState((state.h(), state.c()));
    GRUState(Tensor) by |state: &GRUState| GRUState(state.value());
}
