//! Functions and methods: which function a path names, as each has a type of its own; and calls of exported methods.

use std::any::TypeId;
use std::marker::PhantomData;

use crate::artifact::ScriptModule;
use crate::error::Result;
use crate::types::{IntoArgs, ScriptArgs, ScriptOutput};

/// Calls an exported method, by its Rust name.
pub fn call_exported<Args: ScriptArgs, Form, R: ScriptOutput>(
    module: &ScriptModule,
    name: &str,
    args: impl IntoArgs<Args, Form>,
) -> Result<R> {
    let args = args.into_args().to_exact_values()?;
    R::from_value(&module.call_values(name, &args)?)
}

/// Asks about a function that takes arguments of these types.
#[derive(Debug)]
pub struct FunctionOf<Args>(PhantomData<Args>);

impl<A> FunctionOf<(A,)> {
    /// The function's type.
    pub fn id<R, F: FnOnce(A) -> R + 'static>(_: F) -> TypeId {
        TypeId::of::<F>()
    }
}

impl<A, B> FunctionOf<(A, B)> {
    /// The function's type.
    pub fn id<R, F: FnOnce(A, B) -> R + 'static>(_: F) -> TypeId {
        TypeId::of::<F>()
    }
}
