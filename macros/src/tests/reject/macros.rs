//! Macros, and the formats they take.

use expect_test::expect;

use super::bodies;

#[test]
fn unknown_macros() {
    bodies(
        [
            "tch::no_grad_macro!(x)",
            "eprintln!(\"{a}\");",
            "eprint!(\"{a}\");",
            "dbg!(a);",
            "let b = dbg!(a); b",
            "write!(text, \"{a}\")?;",
            "writeln!(text)?;",
            "log::info!(\"{a}\");",
            "tracing::debug!(\"x\");",
            "thread_local!(static A: i64 = 1);",
            "include_bytes!(\"a\")",
            "tokio::select! {}",
            "my_macro!(a)",
        ],
        expect![[r#"
            tch::no_grad_macro!(x)
              1:1-18: macro `no_grad_macro!` is not supported in scripted methods
                help: write out what the macro does, or mark the module `#[compile_mode(trace)]`
            eprintln!("{a}");
              1:1-8: macro `eprintln!` is not supported in scripted methods: TorchScript prints to the standard output only
                help: use `println!`
            eprint!("{a}");
              1:1-6: macro `eprint!` is not supported in scripted methods: TorchScript prints to the standard output only
                help: use `println!`
            dbg!(a);
              1:1-3: macro `dbg!` is not supported in scripted methods: TorchScript cannot show values of all types
                help: use `println!("{}", …)`
            let b = dbg!(a); b
              1:9-11: macro `dbg!` is not supported in scripted methods: TorchScript cannot show values of all types
                help: use `println!("{}", …)`
            write!(text, "{a}")?;
              1:1-5: macro `write!` is not supported in scripted methods: TorchScript has nothing to write to but strings
                help: append to a `String`, with `+=` and `format!`
            writeln!(text)?;
              1:1-7: macro `writeln!` is not supported in scripted methods: TorchScript has nothing to write to but strings
                help: append to a `String`, with `+=` and `format!`
            log::info!("{a}");
              1:1-9: macro `info!` is not supported in scripted methods: TorchScript does not log
                help: use `println!`, or remove it
            tracing::debug!("x");
              1:1-14: macro `debug!` is not supported in scripted methods: TorchScript does not log
                help: use `println!`, or remove it
            thread_local!(static A: i64 = 1);
              1:1-12: macro `thread_local!` is not supported in scripted methods: it is nothing that TorchScript has
                help: move it out of the method
            include_bytes!("a")
              1:1-13: macro `include_bytes!` is not supported in scripted methods: it is nothing that TorchScript has
                help: move it out of the method
            tokio::select! {}
              1:1-13: macro `select!` is not supported in scripted methods
                help: write out what the macro does, or mark the module `#[compile_mode(trace)]`
            my_macro!(a)
              1:1-8: macro `my_macro!` is not supported in scripted methods
                help: write out what the macro does, or mark the module `#[compile_mode(trace)]`
        "#]],
    );
}

#[test]
fn formats() {
    bodies(
        [
            "format!(\"{:?}\", list)",
            "format!(\"{a:>5}\")",
            "format!(\"{s:.2}\")",
            "format!(\"{a:x}\")",
            "format!(\"{:e}\", s)",
            "format!(\"{:1$}\", a, b)",
            "println!(\"{:#?}\", list);",
            "panic!(\"{:?}\", list)",
            "assert!(p, \"{:?}\", list);",
            "assert_eq!(a, b, \"{:5}\", a);",
            "format!(concat!(\"a\", \"b\"), a)",
        ],
        expect![[r#"
            format!("{:?}", list)
              1:9-14: `{:?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            format!("{a:>5}")
              1:9-16: `{a:>5}` is not supported in scripted methods
                help: write `{}`, and the padding as text
            format!("{s:.2}")
              1:9-16: `{s:.2}` is not supported in scripted methods
                help: round the value, as in `(x * 100.0).round() / 100.0`, and write `{}`
            format!("{a:x}")
              1:9-15: `{a:x}` is not supported in scripted methods
                help: write `{}`, which shows the number in decimal
            format!("{:e}", s)
              1:9-14: `{:e}` is not supported in scripted methods
                help: write `{}`, which shows the number in decimal
            format!("{:1$}", a, b)
              1:9-15: `{:1$}` is not supported in scripted methods
                help: write `{}`, and the padding as text
            println!("{:#?}", list);
              1:10-16: `{:#?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            panic!("{:?}", list)
              1:8-13: `{:?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            assert!(p, "{:?}", list);
              1:12-17: `{:?}` is not supported in scripted methods
                help: write `{}`, of each part that is a number, a string or a bool
            assert_eq!(a, b, "{:5}", a);
              1:18-23: `{:5}` is not supported in scripted methods
                help: write `{}`, and the padding as text
            format!(concat!("a", "b"), a)
              1:9-25: a format must be written as a string literal
                help: write `"{}"` before the value
        "#]],
    );
}

#[test]
fn malformed_arguments() {
    bodies(
        [
            "assert!(p p);",
            "vec![1; 2; 3]",
            "matches!(a)",
            "matches!(a, )",
            "vec![1, ; 3]",
            "assert!(a b);",
            "bail!(a b)",
        ],
        expect![[r#"
            assert!(p p);
              1:11-11: expected `,`
                help: write the arguments as expressions, separated by commas
            vec![1; 2; 3]
              1:1-13: `vec!` takes elements, or an element and a length
                help: write `vec![a, b]` or `vec![a; n]`
            matches!(a)
              1:1-11: `matches!` takes a value and a pattern
                help: write `matches!(value, pattern)`
            matches!(a, )
              1:1-13: `matches!` takes a value and a pattern
                help: write `matches!(value, pattern)`
            vec![1, ; 3]
              1:1-12: `vec!` takes elements, or an element and a length
                help: write `vec![a, b]` or `vec![a; n]`
            assert!(a b);
              1:11-11: expected `,`
                help: write the arguments as expressions, separated by commas
            bail!(a b)
              1:9-9: expected `,`
                help: write the arguments as expressions, separated by commas
        "#]],
    );
}

/// `cfg` outside of macros never comes here.
#[test]
fn cfg_among_arguments() {
    bodies(
        [
            "vec![a, #[cfg(x)] 1][0]",
            "assert!(#[cfg(x)] a, b);",
            "println!(\"{}\", { #[cfg_attr(x, y)] let b = 1; b });",
            "matches!(a, 1 if { #[cfg(x)] return; true })",
        ],
        expect![[r#"
            vec![a, #[cfg(x)] 1][0]
              1:9-17: `cfg` inside of a macro's arguments is not supported in scripted methods
                help: write the macro twice, in two statements under opposite `#[cfg(…)]`
            assert!(#[cfg(x)] a, b);
              1:9-17: `cfg` inside of a macro's arguments is not supported in scripted methods
                help: write the macro twice, in two statements under opposite `#[cfg(…)]`
            println!("{}", { #[cfg_attr(x, y)] let b = 1; b });
              1:18-34: `cfg` inside of a macro's arguments is not supported in scripted methods
                help: write the macro twice, in two statements under opposite `#[cfg(…)]`
            matches!(a, 1 if { #[cfg(x)] return; true })
              1:20-28: `cfg` inside of a macro's arguments is not supported in scripted methods
                help: write the macro twice, in two statements under opposite `#[cfg(…)]`
        "#]],
    );
}
