//! Items: types, functions, modules, and how they are made.

use super::Printer;
use super::copy::param_type;
use crate::ast::{ByHand, Child, Field, Local, Method, Owner, Program};
use crate::ty::Ty;

impl Printer {
    /// All items of the program's file.
    pub(super) fn items(&mut self, program: &Program) {
        program.types.iter().for_each(|it| self.type_item(it));
        program.functions.iter().for_each(|it| self.method(it));
        if let Some(child) = &program.child {
            self.exported = self.exported_of(child);
            self.module_item("Q", &child.fields, &child.constants, &child.methods);
            self.exported.clear();
        }
        let name = match program.locals.first().and_then(|it| it.methods.last()) {
            Some(forward) => {
                let ty = if forward.returns == Ty::Tensor { "&Tensor" } else { "i64" };
                self.line("trait Step {");
                self.line(&format!("fn forward(&self, x: {ty}) -> {};", forward.returns));
                self.line("}");
                "P<A: Step, B: Step>"
            }
            None => "P",
        };
        self.module_item(name, &program.fields, &program.constants, &program.methods);
    }

    /// The helpers that `forward` beside them does not call. Only `#[export]` says that they are not for eager use alone.
    fn exported_of(&self, child: &Child) -> Vec<String> {
        let [helpers @ .., forward] = &*child.methods else { return vec![] };
        let mut of_forward = Printer { is_anchored: self.is_anchored, ..Printer::default() };
        of_forward.method(forward);
        // What is removed calls nothing.
        let is_whole = !of_forward.out.contains("#[cfg(any())]");
        let is_called = |it: &Method| is_whole && of_forward.out.contains(&format!("self.{}(", it.name));
        let exported = helpers.iter().filter(|it| it.owner == Owner::Value && !is_called(it));
        exported.map(|it| it.name.clone()).collect()
    }

    /// The program's module as a value.
    pub(super) fn literal(&mut self, program: &Program) {
        let child = program.child.as_ref().map_or("Q".to_owned(), |it| module_literal("Q", &it.fields));
        let mut locals = program.locals.iter();
        self.text("P { ");
        for field in &program.fields {
            let Field { name, ty, value } = field;
            match ty {
                Ty::Module("A" | "B") => {
                    self.text(&format!("{name}: "));
                    self.local(locals.next().expect("as many as fields"));
                    self.text(", ");
                }
                Ty::Module(_) => self.text(&format!("{name}: {}, ", value.replace('Q', &child))),
                _ => self.text(&format!("{name}: {value}, ")),
            }
        }
        self.text("}");
    }

    /// A block with its items.
    fn local(&mut self, local: &Local) {
        self.text("{");
        self.depth += 1;
        self.type_item(&local.ty);
        self.method(&local.function);
        self.module_item("Local", &local.fields, &local.constants, &local.methods);
        let forward = local.methods.last().expect("`forward` is last");
        let by_ref = forward.params[0].var.by_ref;
        let (ty, arg) = match &forward.returns {
            Ty::Tensor => ("&Tensor", if by_ref { "x" } else { "x.shallow_clone()" }),
            _ => ("i64", "x"),
        };
        self.line("impl Step for Local {");
        self.line(&format!("fn forward(&self, x: {ty}) -> {} {{", forward.returns));
        self.line(&format!("Local::forward(self, {arg})"));
        self.line("}");
        self.line("}");
        self.line(&module_literal("Local", &local.fields));
        self.line("}");
    }

    /// A struct or an enum with `#[derive(ScriptType)]`.
    pub(super) fn type_item(&mut self, ty: &Ty) {
        match ty {
            Ty::Struct(it) => {
                let clone = if ty.has_tensor() { "" } else { "Clone, " };
                self.line(&format!("#[derive({clone}Debug, ScriptType)]"));
                self.line(&format!("struct {} {{", it.name));
                it.fields.iter().for_each(|(name, ty)| self.field(name, ty));
                self.line("}");
            }
            Ty::Data => {
                self.line("#[derive(Clone, Debug, ScriptType)]");
                self.line("enum Cache { Empty, Full(i64, f64), Named { past: Vec<i64>, len: usize } }");
            }
            _ => self.modes(),
        }
        self.line("");
    }

    fn modes(&mut self) {
        let (derived, by_hand) = match self.by_hand {
            None => ("PartialEq, Eq, PartialOrd, Ord, ", ""),
            Some(ByHand::Equality) => (
                "Eq, PartialOrd, Ord, ",
                "impl PartialEq for Mode { fn eq(&self, _: &Mode) -> bool { true } }",
            ),
            Some(ByHand::Order) => (
                "PartialEq, Eq, ",
                "impl Ord for Mode { fn cmp(&self, it: &Mode) -> std::cmp::Ordering { (*it as i64).cmp(&(*self as i64)) } }
                 impl PartialOrd for Mode { fn partial_cmp(&self, it: &Mode) -> Option<std::cmp::Ordering> { Some(self.cmp(it)) } }",
            ),
        };
        self.line(&format!("#[derive(Clone, Copy, Debug, Default, {derived}ScriptType)]"));
        self.line("enum Mode { #[default] Low, Mid, High }");
        self.line(by_hand);
    }

    pub(super) fn module_item(
        &mut self,
        name: &str,
        fields: &[Field],
        constants: &[Field],
        methods: &[Method],
    ) {
        // `P<A: Step>` declares parameters, `P<A>` names them.
        let params = name.find('<').map_or("", |at| &name[at..]);
        let plain = name.replace(": Step", "");
        self.line("#[compile_mode(script)]");
        self.line(&format!("struct {plain} {{"));
        fields.iter().for_each(|it| self.field(&it.name, &it.ty));
        self.line("}");
        self.line("");
        self.line("#[methods]");
        self.line(&format!("impl{params} {plain} {{"));
        for constant in constants {
            self.line(&format!("const {}: {} = {};", constant.name, constant.ty, constant.value));
        }
        for method in methods {
            self.method(method);
        }
        self.line("}");
    }

    /// A field of a struct, and its twin, whose type is none.
    fn field(&mut self, name: &str, ty: &Ty) {
        if self.is_configured(name) {
            self.line("#[cfg(any())]");
            self.line(&format!("{name}: Removed<'static>,"));
            self.line("#[cfg(all())]");
        }
        self.line(&format!("{name}: {ty},"));
    }

    fn is_configured(&self, name: &str) -> bool {
        self.configured.iter().any(|it| it == name)
    }

    /// A method of data, in the impl block of its type, or of a trait that adds it to another crate's type.
    fn data_method(&mut self, method: &Method) {
        let ty = &method.params[0].var.ty;
        let of = match ty {
            Ty::Int | Ty::Float | Ty::Tensor => {
                let name = format!("Extends_{}", method.name);
                self.line(&format!("trait {name} {{"));
                let signature = self.signature(method, false);
                self.line(&format!("{signature};"));
                self.line("}");
                format!("{name} for {ty}")
            }
            ty => ty.to_string(),
        };
        self.line("#[methods]");
        self.line(&format!("impl {of} {{"));
        self.method_item(method);
        self.line("}");
    }

    /// The method up to its body; the names of a trait's parameters are no patterns.
    fn signature(&self, method: &Method, is_pattern: bool) -> String {
        let receiver = (method.owner == Owner::Value).then(|| "&self".to_owned());
        let params = method.params.iter().map(|param| {
            let mutable = if param.mutable && is_pattern { "mut " } else { "" };
            match &*param.var.name {
                "self" if param.var.by_ref => "&self".to_owned(),
                "self" => format!("{mutable}self"),
                name => format!("{mutable}{name}: {}", param_type(&param.var)),
            }
        });
        let removed = (is_pattern && self.is_configured(&method.name))
            .then(|| "#[cfg(any())] removed: Removed<'static>".to_owned());
        let mut params: Vec<String> = receiver.into_iter().chain(params).collect();
        // Behind `self`, where there is one.
        let at = usize::from(params.first().is_some_and(|it| it.ends_with("self")));
        removed.into_iter().for_each(|it| params.insert(at, it));
        let returns = match (&method.returns, method.fallible) {
            (Ty::Unit, false) => String::new(),
            (ty, false) => format!(" -> {ty}"),
            (ty, true) => format!(" -> Result<{ty}, tch::TchError>"),
        };
        format!("fn {}({}){returns}", method.name, params.join(", "))
    }

    pub(super) fn method(&mut self, method: &Method) {
        match method.owner {
            Owner::Data => self.data_method(method),
            _ => self.method_item(method),
        }
    }

    fn method_item(&mut self, method: &Method) {
        let is_configured = self.is_configured(&method.name);
        if is_configured {
            self.line("#[cfg(any())]");
            self.line(&format!("fn {}(&self, removed: Removed<'static>) {{", method.name));
            self.line("unsafe { async { removed.await }; |removed| removed }");
            self.line("}");
        }
        if method.owner == Owner::Nothing {
            self.line("#[script]");
        }
        if self.exported.contains(&method.name) {
            self.line("#[export]");
        }
        if is_configured {
            self.line("#[cfg(all())]");
        }
        let signature = self.signature(method, true);
        self.line(&format!("{signature} {{"));
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
        Ty::Data => String::new(),
        _ => "fuzz_harness::enumeration!(Mode { Low, Mid, High });".to_owned(),
    }
}

/// A module without modules of its own, as a value.
fn module_literal(name: &str, fields: &[Field]) -> String {
    let values = fields.iter().map(|it| format!("{}: {}", it.name, it.value));
    format!("{name} {{ {} }}", values.collect::<Vec<_>>().join(", "))
}
