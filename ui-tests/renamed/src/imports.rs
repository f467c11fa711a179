//! `#[methods]` takes attributes off the methods. Their imports are used all the same, and need not be there.

use tch::Tensor;

pub mod imported {
    use super::Tensor;
    use jit::{auto_jitable, compile_mode, export, methods, tracing_inputs, unused};

    #[compile_mode(script)]
    #[derive(Default)]
    pub struct Module;

    #[methods]
    impl Module {
        pub fn forward(&self, x: &Tensor) -> Tensor {
            x.relu()
        }
        #[export]
        pub fn one(&self, x: &Tensor) -> Tensor {
            x + 1
        }
        #[unused]
        pub fn other(&self) {}
        #[tracing_inputs]
        fn inputs(&self, n: usize) -> Vec<Tensor> {
            (0..n).map(|_| Tensor::from(1.0)).collect()
        }
        #[auto_jitable]
        fn small() -> Self {
            Module
        }
    }

    /// A second block in one module.
    #[methods]
    impl Module {
        #[export]
        pub fn two(&self, x: &Tensor) -> Tensor {
            x + 2
        }
    }

    /// It sees the outer imports, and those of the attributes.
    pub mod inner {
        use super::*;

        #[compile_mode(script)]
        pub struct Inner;

        #[methods]
        impl Inner {
            pub fn forward(&self, x: &Tensor) -> Tensor {
                x.relu()
            }
            #[export]
            pub fn one(&self, x: &Tensor) -> Tensor {
                x + 1
            }
        }
    }
}

pub mod not_imported {
    use super::Tensor;
    use jit::{compile_mode, methods};

    #[compile_mode(trace)]
    #[tracing_inputs(x = [_, 3])]
    pub struct Module;

    #[methods]
    impl Module {
        pub fn forward(&self, x: &Tensor) -> Tensor {
            x.relu()
        }
        #[export]
        pub fn one(&self, x: &Tensor) -> Tensor {
            x + 1
        }
    }
}

pub mod with_path {
    use super::Tensor;

    #[jit::compile_mode(script)]
    pub struct Module;

    #[jit::methods]
    impl Module {
        pub fn forward(&self, x: &Tensor) -> Tensor {
            x.relu()
        }
        #[jit::export]
        pub fn one(&self, x: &Tensor) -> Tensor {
            x + 1
        }
    }
}

/// The imports are around the function, the block is in it.
pub mod in_function {
    use super::Tensor;
    use jit::{compile_mode, export, methods};

    pub fn run(x: &Tensor) -> Tensor {
        #[compile_mode(script)]
        struct Module;

        #[methods]
        impl Module {
            fn forward(&self, x: &Tensor) -> Tensor {
                x.relu()
            }
            #[export]
            fn one(&self, x: &Tensor) -> Tensor {
                x + 1
            }
        }

        Module.one(&Module.forward(x))
    }
}

/// On the struct alone.
pub mod on_struct {
    use super::Tensor;
    use jit::{compile_mode, methods, tracing_inputs};

    #[compile_mode(trace)]
    #[tracing_inputs(x = [_, 3])]
    pub struct Module;

    #[methods]
    impl Module {
        pub fn forward(&self, x: &Tensor) -> Tensor {
            x.relu()
        }
    }
}

pub mod in_macro {
    use super::Tensor;
    use jit::{compile_mode, export, methods};

    macro_rules! module {
        ($name:ident, $method:ident, $body:expr) => {
            #[compile_mode(script)]
            pub struct $name;

            #[methods]
            impl $name {
                pub fn forward(&self, x: &Tensor) -> Tensor {
                    x.relu()
                }
                #[export]
                pub fn $method(&self, x: &Tensor) -> Tensor {
                    x + $body
                }
            }
        };
    }

    module!(One, one, 1);
    module!(Two, two, 2);
}
