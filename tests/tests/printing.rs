//! A traced body that prints tensors is an error that says where, and leaves tch able to print: tch holds a lock of the
//! process while it formats.

#![allow(missing_docs, clippy::dbg_macro)]

use std::cell::Cell;

use integration_tests::alone;
use tch::Tensor;
use tch_jit::{Compiler, Error, compile_mode, methods};

/// Holds tensors, and prints them as it derives.
#[derive(Debug)]
pub struct Pair {
    pub a: Tensor,
    pub b: Tensor,
}

/// Traced modules that do something with `$y`, and a function with the name, the text, and the error of each.
macro_rules! printing {
    ($($name:ident: |$y:ident| $print:expr;)*) => {
        $(
            #[compile_mode(trace)]
            #[derive(Debug)]
            pub struct $name;

            #[methods]
            impl $name {
                pub fn forward(&self, x: &Tensor) -> Tensor {
                    let $y = x * 2.0;
                    let _ = $print;
                    $y + 1.0
                }

                #[tracing_inputs]
                fn inputs(&self, n: usize) -> Vec<Tensor> {
                    (0..n).map(|_| example()).collect()
                }
            }
        )*

        fn errors() -> Vec<(&'static str, Error)> {
            vec![$((
                concat!(stringify!($name), ": |"),
                tch_jit::compile(&$name).expect_err(stringify!($name)),
            )),*]
        }

        /// Where data may leave, the warnings of each.
        fn warnings() -> Vec<(&'static str, Vec<String>)> {
            vec![$((concat!(stringify!($name), ": |"), {
                let compiled = Compiler::new().deny_warnings(false).compile(&$name);
                let compiled = compiled.unwrap_or_else(|error| panic!("{}: {error}", stringify!($name)));
                let x = example() + 1.0;
                assert_eq!(compiled.forward(&x).unwrap(), $name.forward(&x), stringify!($name));
                compiled.warnings().iter().map(ToString::to_string).collect()
            })),*]
        }
    };
}

printing! {
    Shows: |y| println!("{y}");
    ShowsManyRows: |y| format!("{}", Tensor::cat(&[&y; 9], 0).repeat([99, 9]));
    ShowsNumber: |y| format!("{}", y.get(0));
    ShowsInteger: |y| format!("{}", y.to_kind(tch::Kind::Int64));
    ShowsTruth: |y| format!("{}", y.ge(0.0));
    ShowsReference: |y| format!("{:>20}", &&y);
    Debugs: |y| format!("{y:?}");
    DebugsNumber: |y| format!("{:?}", y.get(0));
    DebugsInBox: |y| format!("{:#?}", vec![Box::new(y.shallow_clone())]);
    Dumps: |y| dbg!(&y);
    Derives: |y| format!("{:?}", Pair { a: y.shallow_clone(), b: &y + 1.0 });
    AssertsEqual: |y| assert_eq!(y, &y * 1.0);
    PrintsByLibtorch: |y| y.print();
}

fn example() -> Tensor {
    Tensor::from_slice(&[0.5f32, -1.25, 3.0])
}

/// The place of the module's entry in this file.
fn place(start: &str) -> String {
    let lines = include_str!("printing.rs").lines();
    let line =
        lines.into_iter().position(|it| it.trim_start().starts_with(start)).expect("it is in this file");
    format!("  --> tests/tests/printing.rs:{}:", line + 1)
}

/// tch's own text of a tensor, here and in another thread.
fn assert_prints() {
    let shown = || format!("{}|{:?}", example(), example());
    let expected = " 0.5000, -1.2500,  3.0000]\nTensor[[3], Float]|[0.5, -1.25, 3.0]";
    assert_eq!(shown().trim_start_matches('['), expected);
    let there = std::thread::spawn(shown).join().expect("printing works in another thread");
    assert_eq!(there.trim_start_matches('['), expected);
}

#[test]
fn printing_in_a_traced_body_is_an_error_at_its_place() {
    let _alone = alone();
    for (start, error) in errors() {
        let Error::DataLeavesTrace { message, .. } = &error else { panic!("{start} {error}") };
        assert!(message.contains(&place(start)), "{start} {error}");
        assert!(!message.contains("masked_select"), "{start} {error}");
        assert_prints();
    }
}

#[test]
fn printing_is_a_warning_where_data_may_leave() {
    let _alone = alone();
    for (start, warnings) in warnings() {
        // These only read memory, which is not noticed then.
        let is_noticed = !["PrintsByLibtorch: |", "AssertsEqual: |"].contains(&start);
        let found = warnings.iter().filter(|it| it.contains(&place(start))).count();
        assert_eq!(found > 0, is_noticed, "{start} {warnings:?}");
        assert_prints();
    }
}

/// Printing first and reading then is an error at the first of them.
#[test]
fn what_is_read_after_printing_is_noticed() {
    let _alone = alone();
    let is_locked = Cell::new(false);
    let reads = |x: &Tensor| {
        let y = x * 2.0;
        let _ = format!("{y}");
        let z = y + 1.0;
        is_locked.set(Vec::<f32>::try_from(&z).is_err());
        z
    };
    let error = tch_jit::trace_fn(&example(), reads).unwrap_err();
    assert!(matches!(error, Error::DataLeavesTrace { .. }), "{error}");
    assert!(error.to_string().contains("format!(\"{y}\")"), "{error}");
    assert!(is_locked.get(), "in the traced run, the last one");
    assert_prints();
}
