//! Which function a path names: each has a type of its own.

use std::any::TypeId;
use std::marker::PhantomData;

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
