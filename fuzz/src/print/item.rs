//! Items: types, functions, modules, and how they are made.

use super::Printer;
use super::copy::param_type;
use crate::ast::{Field, Method, Owner, Program};
use crate::ty::Ty;

impl Printer {
    /// A struct or an enum with `#[derive(ScriptType)]`.
    pub(super) fn type_item(&mut self, ty: &Ty) {
        match ty {
            Ty::Struct(it) => {
                let clone = if ty.has_tensor() { "" } else { "Clone, " };
                self.line(&format!("#[derive({clone}Debug, ScriptType)]"));
                self.line(&format!("struct {} {{", it.name));
                for (name, ty) in &it.fields {
                    self.line(&format!("{name}: {ty},"));
                }
                self.line("}");
            }
            _ => {
                self.line("#[derive(Clone, Copy, Debug, PartialEq, ScriptType)]");
                self.line("enum Mode { Low, Mid, High }");
            }
        }
        self.line("");
    }

    pub(super) fn module_item(
        &mut self,
        name: &str,
        fields: &[Field],
        constants: &[Field],
        methods: &[Method],
    ) {
        self.line("#[compile_mode(script)]");
        self.line(&format!("struct {name} {{"));
        for field in fields {
            self.line(&format!("{}: {},", field.name, field.ty));
        }
        self.line("}");
        self.line("");
        self.line("#[methods]");
        self.line(&format!("impl {name} {{"));
        for constant in constants {
            self.line(&format!("const {}: {} = {};", constant.name, constant.ty, constant.value));
        }
        for method in methods {
            self.method(method);
        }
        self.line("}");
    }

    pub(super) fn method(&mut self, method: &Method) {
        let receiver = (method.owner == Owner::Value).then(|| "&self".to_owned());
        let params = method.params.iter().map(|param| {
            let mutable = if param.mutable { "mut " } else { "" };
            format!("{mutable}{}: {}", param.var.name, param_type(&param.var))
        });
        let params: Vec<String> = receiver.into_iter().chain(params).collect();
        let returns = match (&method.returns, method.fallible) {
            (Ty::Unit, false) => String::new(),
            (ty, false) => format!(" -> {ty}"),
            (ty, true) => format!(" -> Result<{ty}, tch::TchError>"),
        };
        if method.owner == Owner::Nothing {
            self.line("#[script]");
        }
        self.line(&format!("fn {}({}){returns} {{", method.name, params.join(", ")));
        match &method.body.tail {
            Some(tail) if method.fallible => {
                self.stmt_lines(&method.body.stmts);
                let indent = "    ".repeat(self.depth);
                self.text(&format!("{indent}Ok("));
                self.value(tail);
                self.text(")\n");
            }
            _ => self.block_lines(&method.body),
        }
        self.line("}");
    }
}

/// The implementation of the harness's `Data` for a type of the program.
pub fn data(ty: &Ty) -> String {
    match ty {
        Ty::Struct(it) => {
            let fields: Vec<&str> = it.fields.iter().map(|(name, _)| &**name).collect();
            format!("fuzz_harness::structure!({} {{ {} }});", it.name, fields.join(", "))
        }
        _ => "fuzz_harness::enumeration!(Mode { Low, Mid, High });".to_owned(),
    }
}

/// The program's module as a value.
pub fn literal(program: &Program) -> String {
    let child = program.child.as_ref().map_or(String::new(), |it| module_literal("Q", &it.fields, ""));
    module_literal("P", &program.fields, &child)
}

fn module_literal(name: &str, fields: &[Field], child: &str) -> String {
    let values = fields.iter().map(|it| match it.ty {
        Ty::Module(_) => format!("{}: {}", it.name, it.value.replace('Q', child)),
        _ => format!("{}: {}", it.name, it.value),
    });
    format!("{name} {{ {} }}", values.collect::<Vec<_>>().join(", "))
}
