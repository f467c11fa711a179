//! Types and functions of one name, in two blocks: rustc's `type_name` is the same for both, and they are different.

#![allow(missing_docs)]

use std::any::type_name_of_val;
use std::collections::BTreeSet;

use integration_tests::agree;
use integration_tests::modules::{reload, reload_typed};
use integration_tests::tensors::floats;
use tch::{IValue, Tensor};
use tch_jit::{DynModule, ScriptType, compile_mode, export, methods, script};

fn x() -> Tensor {
    floats(&[1., -2., 3.])
}

/// A module that calls two others.
#[compile_mode(inherit)]
#[derive(Debug)]
struct Both<A, B> {
    a: A,
    b: B,
}

trait Apply {
    fn forward(&self, x: &Tensor) -> Tensor;
}

#[methods]
impl<A: Apply, B: Apply> Both<A, B> {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.a.forward(x) + self.b.forward(x)
    }
}

impl<A: Apply, B: Apply> Apply for Both<A, B> {
    fn forward(&self, x: &Tensor) -> Tensor {
        Both::forward(self, x)
    }
}

/// A struct `Pair` in a block of its own, in some mode, that multiplies by its field and by a constant.
macro_rules! pair {
    ($mode:ident, $times:literal) => {{
        #[compile_mode($mode)]
        #[derive(Debug)]
        struct Pair {
            scale: f64,
        }

        #[methods]
        impl Pair {
            #[export]
            fn twice(&self, x: &Tensor) -> Tensor {
                x * self.scale * 2.0 * $times
            }

            fn forward(&self, x: &Tensor) -> Tensor {
                x * self.scale * $times
            }

            #[tracing_inputs]
            fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
                vec![(x(),)]
            }
        }

        impl Apply for Pair {
            fn forward(&self, x: &Tensor) -> Tensor {
                Pair::forward(self, x)
            }
        }

        Pair { scale: 2.0 }
    }};
}

macro_rules! modules {
    ($test:ident: $first:ident $second:ident in $root:ident) => {
        #[test]
        fn $test() {
            let both = Both { a: pair!($first, 3.0), b: pair!($second, 20.0) };
            assert_eq!(type_name_of_val(&both.a), type_name_of_val(&both.b));
            let compiled = modules!(@$root both).unwrap();
            agree(&both, &compiled, &[(x(),)]);
            assert_eq!(compiled.forward(&x()).unwrap(), x() * 46.0);
            // A pair first seen second is the other one.
            let swapped = Both { a: both.b, b: both.a };
            let compiled = modules!(@$root swapped).unwrap();
            agree(&swapped, &compiled, &[(x(),)]);
        }
    };
    (@script $module:ident) => { tch_jit::script(&$module) };
    (@trace $module:ident) => { tch_jit::trace(&$module, &x()) };
}

modules!(scripted_in_scripted: script script in script);
modules!(traced_in_scripted: trace trace in script);
modules!(mixed_in_scripted: script trace in script);
modules!(scripted_in_traced: script script in trace);
modules!(traced_in_traced: trace trace in trace);
modules!(mixed_in_traced: trace script in trace);
modules!(inheriting_in_scripted: inherit inherit in script);
modules!(inheriting_in_traced: inherit inherit in trace);
modules!(inheriting_beside_scripted: inherit script in trace);

#[test]
fn exported_methods_belong_to_their_own_type() {
    let both = Both { a: pair!(script, 3.0), b: pair!(script, 20.0) };
    let compiled = tch_jit::script(&both).unwrap();
    for module in [&*compiled, &reload(&compiled)] {
        for (name, factor) in [("a", 12.0), ("b", 80.0)] {
            let child = module.named_children().into_iter().find(|(it, _)| it == name).unwrap().1;
            let found = child.call("twice", &[IValue::Tensor(x())]).unwrap();
            assert_eq!(Tensor::try_from(found).unwrap(), x() * factor);
        }
    }
}

/// Without size, an object is known by its type alone.
#[test]
fn modules_without_size() {
    macro_rules! sizeless {
        ($mode:ident, $times:literal) => {{
            #[compile_mode($mode)]
            #[derive(Debug)]
            struct Nothing;

            #[methods]
            impl Nothing {
                fn forward(&self, x: &Tensor) -> Tensor {
                    x * $times
                }
            }

            impl Apply for Nothing {
                fn forward(&self, x: &Tensor) -> Tensor {
                    Nothing::forward(self, x)
                }
            }

            Nothing
        }};
    }
    let scripted = Both { a: sizeless!(script, 3.0), b: sizeless!(script, 20.0) };
    agree(&scripted, &tch_jit::script(&scripted).unwrap(), &[(x(),)]);
    agree(&scripted, &tch_jit::trace(&scripted, x()).unwrap(), &[(x(),)]);
    let inheriting = Both { a: sizeless!(inherit, 3.0), b: sizeless!(inherit, 20.0) };
    agree(&inheriting, &tch_jit::script(&inheriting).unwrap(), &[(x(),)]);
    agree(&inheriting, &tch_jit::trace(&inheriting, x()).unwrap(), &[(x(),)]);
}

trait Layer: DynModule {
    fn apply(&self, x: &Tensor) -> Tensor;
}

impl<M: DynModule + Apply> Layer for M {
    fn apply(&self, x: &Tensor) -> Tensor {
        self.forward(x)
    }
}

#[compile_mode(trace)]
struct Dynamic {
    layers: Vec<Box<dyn Layer>>,
}

#[methods]
impl Dynamic {
    fn forward(&self, x: &Tensor) -> Tensor {
        self.layers.iter().fold(x.shallow_clone(), |x, layer| layer.apply(&x) + 1.0)
    }
}

#[test]
fn modules_behind_dyn() {
    let layers: Vec<Box<dyn Layer>> = vec![
        Box::new(pair!(trace, 3.0)),
        Box::new(pair!(script, 20.0)),
        Box::new(pair!(inherit, 5.0)),
        Box::new(pair!(inherit, 7.0)),
        Box::new(pair!(trace, 0.5)),
    ];
    let module = Dynamic { layers };
    let compiled = tch_jit::trace(&module, x()).unwrap();
    agree(&module, &compiled, &[(x(),)]);
}

#[test]
fn wrappers_of_equal_printed_names() {
    #[compile_mode(inherit)]
    #[derive(Debug)]
    struct Wrapper<M> {
        inner: M,
    }

    #[methods]
    impl<M: Apply> Wrapper<M> {
        fn forward(&self, x: &Tensor) -> Tensor {
            self.inner.forward(x) + 1.0
        }
    }

    impl<M: Apply> Apply for Wrapper<M> {
        fn forward(&self, x: &Tensor) -> Tensor {
            Wrapper::forward(self, x)
        }
    }

    let both = Both { a: Wrapper { inner: pair!(inherit, 3.0) }, b: Wrapper { inner: pair!(inherit, 20.0) } };
    assert_eq!(type_name_of_val(&both.a), type_name_of_val(&both.b));
    agree(&both, &tch_jit::script(&both).unwrap(), &[(x(),)]);
    agree(&both, &tch_jit::trace(&both, x()).unwrap(), &[(x(),)]);
}

/// A function `shared` in a block of its own, and a module that calls it.
macro_rules! caller {
    ($mode:ident, $times:literal) => {{
        #[script]
        fn shared(x: &Tensor) -> Tensor {
            x * $times
        }

        #[compile_mode($mode)]
        #[derive(Debug)]
        struct Caller;

        #[methods]
        impl Caller {
            fn forward(&self, x: &Tensor) -> Tensor {
                shared(x)
            }

            #[tracing_inputs]
            fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
                vec![(x(),)]
            }
        }

        impl Apply for Caller {
            fn forward(&self, x: &Tensor) -> Tensor {
                Caller::forward(self, x)
            }
        }

        Caller
    }};
}

#[test]
fn functions_of_one_name() {
    let scripted = Both { a: caller!(script, 3.0), b: caller!(script, 20.0) };
    agree(&scripted, &tch_jit::script(&scripted).unwrap(), &[(x(),)]);
    let traced = Both { a: caller!(trace, 3.0), b: caller!(trace, 20.0) };
    agree(&traced, &tch_jit::script(&traced).unwrap(), &[(x(),)]);
    let inheriting = Both { a: caller!(inherit, 3.0), b: caller!(inherit, 20.0) };
    agree(&inheriting, &tch_jit::trace(&inheriting, x()).unwrap(), &[(x(),)]);
}

/// A data type `Data` in a block of its own, which a module takes, returns and holds. The fields are in some order.
macro_rules! data {
    ($mode:ident, $times:literal, $($field:ident),+) => {{
        #[derive(Debug, ScriptType)]
        struct Data {
            $($field: Tensor,)+
        }

        #[compile_mode($mode)]
        #[derive(Debug)]
        struct Holder {
            held: Data,
        }

        #[methods]
        impl Holder {
            fn made(&self, x: &Tensor) -> Data {
                Data { first: x * $times, second: x + &self.held.second }
            }

            fn forward(&self, x: &Tensor) -> Tensor {
                let data = self.made(x);
                data.first - data.second * &self.held.first
            }

            #[tracing_inputs]
            fn inputs(&self, _: usize) -> Vec<(Tensor,)> {
                vec![(x(),)]
            }
        }

        impl Apply for Holder {
            fn forward(&self, x: &Tensor) -> Tensor {
                Holder::forward(self, x)
            }
        }

        Holder { held: Data { first: floats(&[2., 3., 5.]) * $times, second: floats(&[7., 11., 13.]) } }
    }};
}

#[test]
fn data_types_of_one_name() {
    macro_rules! check {
        ($mode:ident) => {
            let both = Both {
                a: Both { a: data!($mode, 3.0, first, second), b: data!($mode, 20.0, second, first) },
                b: data!($mode, 7.0, first, second),
            };
            agree(&both, &tch_jit::script(&both).unwrap(), &[(x(),)]);
            agree(&both, &tch_jit::trace(&both, x()).unwrap(), &[(x(),)]);
        };
    }
    check!(script);
    check!(inherit);
}

/// A module that takes and returns a struct `Data`, checked after a reload.
macro_rules! signature {
    ($mode:ident, $times:literal, $($field:ident: $ty:ty = $value:expr),+) => {{
        #[derive(Debug, PartialEq, ScriptType)]
        struct Data {
            $($field: $ty,)+
        }

        #[compile_mode($mode)]
        #[derive(Debug)]
        struct Taking;

        #[methods]
        impl Taking {
            fn forward(&self, data: Data, x: &Tensor) -> (Data, Tensor) {
                let y = x * $times + &data.a - &data.b * 2.0;
                (data, y)
            }
        }

        let data = || Data { $($field: $value,)+ };
        let module = Taking;
        let compiled = signature!(@$mode module, data).unwrap();
        let expected = module.forward(data(), &x());
        assert_eq!(compiled.forward((data(), &x())).unwrap(), expected);
        assert_eq!(reload_typed(&compiled).forward((data(), &x())).unwrap(), expected);
        compiled.code()
    }};
    (@script $module:ident, $data:ident) => { tch_jit::script(&$module) };
    (@trace $module:ident, $data:ident) => { tch_jit::trace(&$module, ($data(), x())) };
}

#[test]
fn data_types_of_one_name_in_signatures() {
    let first = signature!(script, 3.0, a: Tensor = x(), b: Tensor = x() * 5.0);
    let swapped = signature!(script, 4.0, b: Tensor = x(), a: Tensor = x() * 5.0);
    let other = signature!(script, 5.0, b: Tensor = x(), n: i64 = 3, a: Tensor = x() * 5.0);
    let traced =
        signature!(trace, 6.0, b: Tensor = x(), c: Option<Tensor> = Some(x()), a: Tensor = x() * 5.0);
    assert!([swapped, other, traced].iter().all(|it| *it != first));
}

/// A generic data type over two types of one name.
#[test]
fn generic_data_types() {
    #[derive(Debug, ScriptType)]
    struct Wrapped<T> {
        inner: T,
        scale: f64,
    }

    macro_rules! wrapped {
        ($times:literal, $($field:ident),+) => {{
            #[derive(Debug, ScriptType)]
            struct Inner {
                $($field: Tensor,)+
            }

            #[compile_mode(script)]
            #[derive(Debug)]
            struct Module {
                wrapped: Wrapped<Inner>,
            }

            #[methods]
            impl Module {
                fn forward(&self, x: &Tensor) -> Tensor {
                    (&self.wrapped.inner.a - &self.wrapped.inner.b * x) * self.wrapped.scale * $times
                }
            }

            impl Apply for Module {
                fn forward(&self, x: &Tensor) -> Tensor {
                    Module::forward(self, x)
                }
            }

            Module { wrapped: Wrapped { inner: Inner { a: x() * 2.0, b: x() * 3.0 }, scale: 0.5 } }
        }};
    }

    let both = Both { a: wrapped!(3.0, a, b), b: wrapped!(20.0, b, a) };
    agree(&both, &tch_jit::script(&both).unwrap(), &[(x(),)]);
}

#[test]
fn class_names_follow_the_order_of_compilation() {
    let code = || {
        let both = Both { a: pair!(script, 3.0), b: pair!(script, 20.0) };
        let compiled = tch_jit::script(&both).unwrap();
        let children = compiled.named_children();
        children
            .into_iter()
            .map(|(name, child)| (name, child.original_name(), child.code()))
            .collect::<Vec<_>>()
    };
    assert_eq!(code(), code());
}

#[test]
fn the_registry_knows_each_by_its_own_methods() {
    macro_rules! registered {
        ($method:ident) => {{
            #[compile_mode(script)]
            #[derive(Debug)]
            struct Registered;

            #[methods]
            impl Registered {
                #[export]
                fn $method(&self, x: &Tensor) -> Tensor {
                    x * 2.0
                }

                fn forward(&self, x: &Tensor) -> Tensor {
                    x * 3.0
                }
            }
        }};
    }
    registered!(first);
    registered!(second);
    let modules = tch_jit::registry::modules();
    let registered = modules.iter().filter(|it| it.info.name == "Registered");
    let names = registered.map(|it| it.methods().iter().map(|it| it.name).collect::<BTreeSet<_>>());
    let expected = [["first", "forward"], ["second", "forward"]].map(BTreeSet::from);
    assert_eq!(names.collect::<BTreeSet<_>>(), BTreeSet::from(expected));
}
