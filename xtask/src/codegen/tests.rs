//! Each case: tch's two Rust functions, torch-sys's C++ function, libtorch's schemas, and the line of the
//! table that comes of them.

use super::resolve::{Entry, Resolver};
use super::{cpp, rust, schema, write};

const EPILOGUE: &str = "
    out__[0] = new torch::Tensor(outputs__);
  )
}
";

struct Case<'a> {
    /// `name(&self, …)`, as tch has it.
    signature: &'a str,
    /// The arguments of the call of `atg_name` in tch.
    call: &'a str,
    /// The parameters of `atg_name`.
    params: &'a str,
    /// The call in C++.
    cpp: &'a str,
    schemas: &'a str,
}

impl Case<'_> {
    /// The operator and its arguments, or the reason why there is none.
    fn resolve(&self) -> String {
        let (name, params) = self.signature.split_once('(').unwrap();
        let plain =
            format!("impl Tensor {{ pub fn {name}({params} -> Tensor {{ self.f_{name}().unwrap() }} }}");
        let fallible = format!(
            "impl Tensor {{
                pub fn f_{name}({params} -> Result<Tensor, TchError> {{
                    let mut c_tensors = [std::ptr::null_mut(); 1];
                    unsafe_torch_err!(atg_{name}(c_tensors.as_mut_ptr(), {}));
                    Ok(Tensor {{ c_tensor: c_tensors[0] }})
                }}
            }}",
            self.call
        );
        let cpp = format!(
            "void atg_{name}(tensor *out__, {}) {{\n  PROTECT(\n    auto outputs__ = {};{EPILOGUE}",
            self.params, self.cpp
        );
        let methods = rust::parse_methods(&plain, &fallible).unwrap();
        let schemas = schema::parse_schemas(self.schemas).unwrap();
        let resolver = Resolver::new(cpp::parse_functions(&cpp).unwrap(), &schemas);
        match resolver.resolve(&methods[0]) {
            Entry::Mapped(mapped) => write::op_line(&mapped).trim().to_owned(),
            Entry::Rejected { reason, .. } => reason,
        }
    }
}

#[test]
fn the_receiver_goes_where_the_schema_has_it() {
    let case = Case {
        signature: "where_self(&self, condition: &Tensor, other: &Tensor)",
        call: "condition.c_tensor, self.c_tensor, other.c_tensor",
        params: "tensor condition, tensor self, tensor other",
        cpp: "torch::where(*condition, *self, *other)",
        schemas: "aten::where(Tensor condition) -> Tensor[]\n\
                  aten::where.ScalarOther(Tensor condition, Tensor self, Scalar other) -> Tensor\n\
                  aten::where.self(Tensor condition, Tensor self, Tensor other) -> Tensor",
    };
    assert_eq!(
        case.resolve(),
        r#"Op { name: "where_self", aten: "where", receiver: true, n_params: 2, args: &[by_place(0, Plain), SELF, by_place(1, Plain)] }, // where.self"#
    );
}

#[test]
fn a_dtype_after_the_star_is_a_keyword() {
    let case = Case {
        signature: "sum_dim_intlist(&self, dim: impl IntListOption, keepdim: bool, dtype: impl Into<Option<Kind>>)",
        call: "self.c_tensor, dim.as_ptr(), dim.len_i32(), if keepdim { 1 } else { 0 }, dtype.into().map_or(-1, |s| s.c_int())",
        params: "tensor self, int64_t *dim_data, int dim_len, int keepdim, int dtype",
        cpp: "torch::sum(*self, dim_data == nullptr ? c10::nullopt : c10::optional<torch::IntArrayRef>(torch::IntArrayRef(dim_data, dim_len)), (bool)keepdim, dtype < 0 ? c10::nullopt : c10::optional<at::ScalarType>(at::ScalarType(dtype)))",
        schemas: "aten::sum(Tensor self, *, ScalarType? dtype=None) -> Tensor\n\
                  aten::sum.dim_IntList(Tensor self, int[1]? dim, bool keepdim=False, *, ScalarType? dtype=None) -> Tensor",
    };
    assert_eq!(
        case.resolve(),
        r#"Op { name: "sum_dim_intlist", aten: "sum", receiver: true, n_params: 3, args: &[SELF, by_place(0, OptionalIntList), by_place(1, Plain), by_name("dtype", 2, DType)] }, // sum.dim_IntList"#
    );
}

#[test]
fn an_output_comes_first_in_cpp_and_last_in_torchscript() {
    let case = Case {
        signature: "add_out(&self, out: &Tensor, other: &Tensor)",
        call: "out.c_tensor, self.c_tensor, other.c_tensor",
        params: "tensor out, tensor self, tensor other",
        cpp: "torch::add_out(*out, *self, *other)",
        schemas: "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor\n\
                  aten::add.out(Tensor self, Tensor other, *, Scalar alpha=1, Tensor(a!) out) -> Tensor(a!)",
    };
    assert_eq!(
        case.resolve(),
        r#"Op { name: "add_out", aten: "add", receiver: true, n_params: 2, args: &[SELF, by_place(1, Plain), by_name("out", 0, Plain)] }, // add.out"#
    );
}

#[test]
fn a_left_out_argument_must_not_shift_the_next_one() {
    let case = Case {
        signature: "rrelu(&self, training: bool)",
        call: "self.c_tensor, if training { 1 } else { 0 }",
        params: "tensor self, int training",
        cpp: "torch::rrelu(*self, (bool)training)",
        schemas: "aten::rrelu(Tensor self, Scalar lower=0.125, Scalar upper=0.33333333333333331, bool training=False, Generator? generator=None) -> Tensor",
    };
    assert_eq!(case.resolve(), "tch passes `training` to libtorch as `lower`");
}

#[test]
fn unknown_operators_are_named() {
    let case = Case {
        signature: "relu(&self)",
        call: "self.c_tensor",
        params: "tensor self",
        cpp: "torch::relu(*self)",
        schemas: "aten::relu_(Tensor(a!) self) -> Tensor(a!)",
    };
    assert_eq!(case.resolve(), "TorchScript has no operator `relu`");
}

#[test]
fn schemas_lose_what_resolution_does_not_look_at() {
    let schema = schema::parse_schema(
        r#"aten::f.g(Tensor(a -> *) self, SymInt[2]? size=[1, 1], *, str s="a, \"b", Tensor(b!)[] out) -> (Tensor(a)[] x, int)"#,
    )
    .unwrap();
    let args: Vec<_> = schema
        .args
        .iter()
        .map(|arg| (arg.ty.as_str(), arg.name.as_str(), arg.has_default, arg.is_out()))
        .collect();
    assert_eq!(
        args,
        [
            ("Tensor", "self", false, false),
            ("int[]?", "size", true, false),
            ("str", "s", true, false),
            ("Tensor[]", "out", false, true),
        ]
    );
    assert_eq!(schema.returns, ["Tensor[]", "int"]);
    assert_eq!(schema.full_name(), "f.g");
}
