//! Macros for tests of single forms of Rust: a body is run by Rust, and compiled.

use tch::IValue;

use crate::data::{Data, Leaf, leaves};

/// A result, whose `tensors` are compared: their debug form shows no values.
#[derive(Debug)]
pub struct Output<'a, T>(pub &'a T);

impl<T: Data> Output<'_, T> {
    /// The tensors in it.
    pub fn tensors(&self) -> Vec<Leaf> {
        let mut leaves = leaves("output", self.0.ivalue());
        leaves.retain(|(_, leaf)| matches!(leaf, IValue::Tensor(_)));
        leaves
    }
}

/// What `tensors` is for results of other types, which hold none.
pub trait WithoutTensors {
    /// Nothing.
    fn tensors(&self) -> Vec<Leaf> {
        vec![]
    }
}

impl<T> WithoutTensors for Output<'_, T> {}

/// Defines a module `Form` with this `forward`.
#[macro_export]
macro_rules! form {
    (($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* }) => {
        #[tch_jit::compile_mode(script)]
        struct Form;

        #[tch_jit::methods]
        impl Form {
            #[allow(warnings, clippy::all)]
            fn forward(&self, $($arg: $ty),*) -> $out { $($body)* }
        }
    };
}

/// Defines tests, each with a body and the sets of arguments on which Rust and TorchScript have to agree. Each set is
/// run by all of the [calls](crate::calls::each_call).
#[macro_export]
macro_rules! agree {
    ($($(#[doc = $doc:literal])* fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on $(($($value:expr),*))+;)*) => {$(
        $(#[doc = $doc])*
        #[test]
        fn $name() {
            #[allow(unused_imports)]
            use $crate::form::{Output, WithoutTensors};

            $crate::form!(($($arg: $ty),*) -> $out { $($body)* });
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
            $(
                let rust = Form.forward($($value),*);
                $crate::calls::each_call(&compiled, |call| {
                    let scripted = compiled.forward(($($value,)*)).unwrap_or_else(|e| panic!("{call}: {e}"));
                    assert_eq!(format!("{scripted:?}"), format!("{rust:?}"), "{call}: {}", compiled.code());
                    let (rust, scripted) = (Output(&rust).tensors(), Output(&scripted).tensors());
                    if let Some(difference) = $crate::data::difference(&rust, &scripted, 0.0) {
                        panic!("{call}:\n{difference}\n{}", compiled.code());
                    }
                });
            )+
        }
    )*};
}

/// Defines tests, each with a body and the sets of arguments on which Rust panics and TorchScript fails.
#[macro_export]
macro_rules! both_fail {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on $(($($value:expr),*))+;)*) => {$(
        #[test]
        fn $name() {
            $crate::form!(($($arg: $ty),*) -> $out { $($body)* });
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|e| panic!("{e}"));
            $(
                let rust = std::panic::catch_unwind(|| Form.forward($($value),*));
                assert!(rust.is_err(), "Rust does not fail");
                let scripted = compiled.forward(($($value,)*));
                assert!(scripted.is_err(), "{scripted:?}\n{}", compiled.code());
            )+
        }
    )*};
}

/// Defines tests, each with a body that libtorch refuses to compile, and a part of the message.
#[macro_export]
macro_rules! refused {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* }: $message:literal;)*) => {$(
        #[test]
        fn $name() {
            $crate::form!(($($arg: $ty),*) -> $out { $($body)* });
            let error = tch_jit::compile(&Form).err().expect("it is refused").to_string();
            assert!(error.contains($message), "{error}");
        }
    )*};
}
