//! The struct of a module: its mode and its fields.

use expect_test::expect;

use super::structs;

#[test]
fn compile_modes() {
    structs(
        [
            "#[compile_mode(scripted)] struct M;",
            "#[compile_mode(Script)] struct M;",
            "#[compile_mode(script, trace)] struct M;",
            "#[compile_mode(mode = \"script\")] struct M;",
            "#[compile_mode(\"script\")] struct M;",
            "#[compile_mode(script)] #[compile_mode(trace)] #[tch_jit::compile_mode] struct M;",
        ],
        expect![[r##"
            #[compile_mode(scripted)] struct M;
              1:16-23: unknown compile mode `scripted`
                help: write one of `script`, `trace`, `unsupported` and `inherit`
            #[compile_mode(Script)] struct M;
              1:16-21: unknown compile mode `Script`
                help: write one of `script`, `trace`, `unsupported` and `inherit`
            #[compile_mode(script, trace)] struct M;
              1:16-28: `#[compile_mode]` takes one mode
                help: write one of `script`, `trace`, `unsupported` and `inherit`
            #[compile_mode(mode = "script")] struct M;
              1:16-30: `#[compile_mode]` takes one mode
                help: write one of `script`, `trace`, `unsupported` and `inherit`
            #[compile_mode("script")] struct M;
              1:16-23: `#[compile_mode]` takes one mode
                help: write one of `script`, `trace`, `unsupported` and `inherit`
            #[compile_mode(script)] #[compile_mode(trace)] #[tch_jit::compile_mode] struct M;
              1:25-46: a module has one compile mode
                help: keep one of the `#[compile_mode]` attributes
              1:48-71: a module has one compile mode
                help: keep one of the `#[compile_mode]` attributes
        "##]],
    );
}

#[test]
fn field_options() {
    structs(
        [
            "struct M { #[jit] a: i64 }",
            "struct M { #[jit()] a: i64 }",
            "struct M { #[jit = \"skip\"] a: i64 }",
            "struct M { #[jit(ignore)] a: i64 }",
            "struct M { #[jit(a::b)] a: i64 }",
            "struct M { #[jit(ignore = 1, skip)] a: i64 }",
            "struct M { #[jit(skip = false)] a: i64 }",
            "struct M { #[jit(skip(really))] a: i64 }",
            "struct M { #[jit(skip buffer)] a: i64 }",
            "struct M { #[jit(1)] a: i64 }",
            "struct M { #[jit(skip, buffer)] a: i64 }",
            "struct M { #[jit(skip)] #[jit(constant)] a: i64 }",
            "struct M { #[jit(rename)] a: i64 }",
            "struct M { #[jit(rename = b)] a: i64 }",
            "struct M { #[jit(rename(\"b\"))] a: i64 }",
            "struct M { #[jit(nonsense)] a: i64, #[jit(more)] b: i64 }",
        ],
        expect![[r#"
            struct M { #[jit] a: i64 }
              1:14-16: `#[jit]` needs an option in parentheses
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit()] a: i64 }
              1:14-18: `#[jit()]` has no option
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit = "skip"] a: i64 }
              1:14-25: `#[jit]` needs an option in parentheses
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit(ignore)] a: i64 }
              1:18-23: unknown field option `ignore`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit(a::b)] a: i64 }
              1:18-21: unknown field option `a::b`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit(ignore = 1, skip)] a: i64 }
              1:18-23: unknown field option `ignore`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit(skip = false)] a: i64 }
              1:18-21: `skip` takes no value
                help: write `#[jit(skip)]`, or leave it out
            struct M { #[jit(skip(really))] a: i64 }
              1:18-21: `skip` takes no value
                help: write `#[jit(skip)]`, or leave it out
            struct M { #[jit(skip buffer)] a: i64 }
              1:18-21: `skip` takes no value
                help: write `#[jit(skip)]`, or leave it out
            struct M { #[jit(1)] a: i64 }
              1:18-18: unexpected literal in nested attribute, expected ident
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
            struct M { #[jit(skip, buffer)] a: i64 }
              1:24-29: a field has one role
                help: keep one of `skip`, `parameter`, `buffer` and `constant`
            struct M { #[jit(skip)] #[jit(constant)] a: i64 }
              1:31-38: a field has one role
                help: keep one of `skip`, `parameter`, `buffer` and `constant`
            struct M { #[jit(rename)] a: i64 }
              1:18-23: `rename` needs a name in quotes
                help: write `#[jit(rename = "name")]`
            struct M { #[jit(rename = b)] a: i64 }
              1:18-23: `rename` needs a name in quotes
                help: write `#[jit(rename = "name")]`
            struct M { #[jit(rename("b"))] a: i64 }
              1:18-23: `rename` needs a name in quotes
                help: write `#[jit(rename = "name")]`
            struct M { #[jit(nonsense)] a: i64, #[jit(more)] b: i64 }
              1:18-25: unknown field option `nonsense`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
              1:43-46: unknown field option `more`
                help: write `#[jit(…)]` with one of `skip`, `parameter`, `buffer` and `constant`, or with `rename = "name"`
        "#]],
    );
}

#[test]
fn field_names() {
    structs(
        [
            "struct M { lambda: i64 }",
            "struct M { r#in: i64 }",
            "struct M { größe: i64 }",
            "struct M { training: bool }",
            "struct M { #[jit(rename = \"training\")] a: i64 }",
            "struct M { forward: Linear }",
            "struct M { #[jit(rename = \"forward_t\")] a: i64 }",
            "struct M { _c: Linear }",
            "struct M { NoneType: i64 }",
            "struct M { #[jit(rename = \"\")] a: i64 }",
            "struct M { #[jit(rename = \"1a\")] a: i64 }",
            "struct M { #[jit(rename = \"a.b\")] a: i64 }",
            "struct M { #[jit(rename = \"del\")] a: i64 }",
            "struct M { a: i64, #[jit(rename = \"a\")] b: i64 }",
            "struct M { #[jit(rename = \"b\")] a: i64, b: i64 }",
            "struct M(i64, #[jit(rename = \"0\")] i64);",
        ],
        expect![[r#"
            struct M { lambda: i64 }
              1:12-17: a field cannot be named `lambda`, which is a keyword of Python
                help: add `#[jit(rename = "lambda_")]`
            struct M { r#in: i64 }
              1:12-15: a field cannot be named `in`, which is a keyword of Python
                help: add `#[jit(rename = "in_")]`
            struct M { größe: i64 }
              1:12-16: a field cannot be named `größe` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`
            struct M { training: bool }
              1:12-19: a field named `training` says whether the module is in training, as every module of TorchScript does
                help: write `training: Cell<bool>` for that, or add `#[jit(rename = "…")]`
            struct M { #[jit(rename = "training")] a: i64 }
              1:27-36: a field named `training` says whether the module is in training, as every module of TorchScript does
                help: write `training: Cell<bool>` for that, or add `#[jit(rename = "…")]`
            struct M { forward: Linear }
              1:12-18: a field cannot be named `forward`, which every module of TorchScript is called by
                help: add `#[jit(rename = "…")]` with another name
            struct M { #[jit(rename = "forward_t")] a: i64 }
              1:27-37: a field cannot be named `forward_t`, which every module of TorchScript is called by
                help: add `#[jit(rename = "…")]` with another name
            struct M { _c: Linear }
              1:12-13: a field cannot be named `_c`, where Python keeps the state of a module
                help: add `#[jit(rename = "…")]` with another name
            struct M { NoneType: i64 }
              1:12-19: a field cannot be named `NoneType` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`
            struct M { #[jit(rename = "")] a: i64 }
              1:27-28: a field has a name in TorchScript
                help: write `#[jit(rename = "…")]` with a name
            struct M { #[jit(rename = "1a")] a: i64 }
              1:27-30: a field cannot be named `1a` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`
            struct M { #[jit(rename = "a.b")] a: i64 }
              1:27-31: a field cannot be named `a.b` in TorchScript
                help: write `#[jit(rename = "…")]` with a name of letters from `a` to `z`, digits and `_`
            struct M { #[jit(rename = "del")] a: i64 }
              1:27-31: a field cannot be named `del`, which is a keyword of Python
                help: add `#[jit(rename = "del_")]`
            struct M { a: i64, #[jit(rename = "a")] b: i64 }
              1:35-37: two fields are named `a` in TorchScript
                help: write another name in `#[jit(rename = "…")]`
            struct M { #[jit(rename = "b")] a: i64, b: i64 }
              1:41-41: two fields are named `b` in TorchScript
                help: write another name in `#[jit(rename = "…")]`
            struct M(i64, #[jit(rename = "0")] i64);
              1:30-32: two fields are named `0` in TorchScript
                help: write another name in `#[jit(rename = "…")]`
        "#]],
    );
}
