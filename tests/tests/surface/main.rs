//! The surface of `Tensor`: scripted, each method gives what Rust gives. `walk/` calls every method that tch
//! generates; the other files ask what tch writes by hand, and its operators, to the last bit.

// The forms under test are not all what clippy would write.
#![allow(clippy::all)]

/// Tests: a body, and the sets of arguments that Rust and TorchScript have to agree on.
macro_rules! agree {
    ($(fn $name:ident($($arg:ident: $ty:ty),*) -> $out:ty { $($body:tt)* } on $(($($value:expr),*))+;)*) => {$(
        #[test]
        fn $name() {
            let _alone = integration_tests::alone();
            #[tch_jit::compile_mode(script)]
            struct Form;

            #[tch_jit::methods]
            impl Form {
                fn forward(&self, $($arg: $ty),*) -> $out { $($body)* }
            }
            let compiled = tch_jit::compile(&Form).unwrap_or_else(|error| panic!("{error}"));
            let inputs = [$(($($value,)*)),+];
            integration_tests::Agree { tolerance: 0.0, gradients: false, ..Default::default() }.on(&Form, &compiled, &inputs);
            // libtorch adds up gradients in an order of its own.
            integration_tests::Agree { tolerance: 1e-6, ..Default::default() }.on(&Form, &compiled, &inputs);
        }
    )*};
}

type Tensors = Vec<tch::Tensor>;
type Fallible<T> = Result<T, tch::TchError>;

mod from_values;
mod indices;
mod networks;
mod operators;
mod shapes;
mod to_values;
mod walk;
