//! Structs and the enum of a program.

use super::Gen;
use crate::ast::{Expr, Field, Pat, Var};
use crate::ty::{Struct, Ty};

impl Gen {
    /// The program's types.
    pub fn make_types(&mut self) {
        for i in 0..self.weighted(&[5, 3, 2]) {
            let mut fields = vec![];
            for j in 0..=self.below(3) {
                let ty = super::program::for_signature(self.ty(0));
                fields.push((format!("part{j}"), ty));
            }
            self.types.push(Ty::Struct(Box::new(Struct { name: format!("S{i}"), fields })));
        }
        if self.chance(0.3) {
            self.types.push(Ty::Enum);
        }
        if self.chance(0.3) {
            self.types.push(Ty::Data);
        }
    }

    /// Fields of the module that hold structs.
    pub fn struct_fields(&mut self) {
        for ty in self.types.clone() {
            if let Ty::Struct(it) = &ty
                && self.chance(0.3)
            {
                let name = format!("own_{}", it.name.to_lowercase());
                self.fields.push(Field { name, value: sample(&ty), ty });
            }
        }
    }

    pub fn structure(&mut self, it: &Struct, depth: usize) -> Expr {
        let values = it.fields.iter().map(|(_, ty)| self.expr(ty, depth - 1)).collect();
        Expr::op(Ty::Struct(Box::new(it.clone())), it.template(), values)
    }

    /// A value of the enum with fields.
    pub fn data(&mut self, depth: usize) -> Expr {
        let (template, types) = match self.below(4) {
            0 => ("Cache::Empty", vec![]),
            1 | 2 => ("Cache::Full(@, @)", vec![Ty::Int, Ty::Float]),
            _ => ("(Cache::Named { len: @, past: @ })", vec![Ty::Size, Ty::list(Ty::Int)]),
        };
        let values = types.iter().map(|ty| self.expr(ty, depth.saturating_sub(1))).collect();
        Expr::op(Ty::Data, template, values)
    }

    /// A question that a trait of the enum `Mode` answers.
    pub fn question_of_modes(&mut self, depth: usize) -> Expr {
        let template = self.choose(&[
            "(@ == @)",
            "(@ < @)",
            "(@ >= @)",
            "[@, @].contains(&@)",
            "(vec![@, @].iter().max() == Some(&@))",
            "(vec![@, @].into_iter().min() == Some(@))",
            "vec![@, @].iter().any(|it| *it == @)",
            "(Some(@).unwrap_or_default() == @)",
            "({ let mut modes = vec![@, @]; modes.sort(); modes[0] == @ })",
            "({ let mut modes = vec![@, @]; modes.dedup(); modes.len() == 2 || modes[0] != @ })",
            "(vec![@, @].into_iter().max_by_key(|it| *it) == Some(@))",
        ]);
        let n = template.matches('@').count();
        // What one of them changes, another one reads.
        let modes =
            (0..n).map(|i| if i == 0 { self.expr(&Ty::Enum, depth) } else { self.literal(&Ty::Enum) });
        let modes = modes.collect();
        Expr::op(Ty::Bool, template, modes)
    }

    /// `value.field`.
    pub fn part_of_struct(&mut self, ty: &Ty) -> Option<Expr> {
        let has = |it: &Ty| matches!(it, Ty::Struct(it) if it.fields.iter().any(|it| it.1 == *ty));
        let vars = self.scope.readable(has);
        if vars.is_empty() || !ty.is_clone() {
            return None;
        }
        let copy = ty.copy_suffix()?;
        let var = self.choose(&vars);
        let Ty::Struct(it) = &var.ty else { unreachable!("filtered") };
        let fields: Vec<_> = it.fields.iter().filter(|it| it.1 == *ty).collect();
        let name = &self.choose(&fields).0;
        Some(Expr::op(ty.clone(), format!("#.{name}{copy}"), vec![Expr::var(&var)]))
    }

    /// `S { part0: mut a, .. }`, with the variables and which of them are mutable.
    pub fn struct_pattern(&mut self, it: &Struct) -> (Pat, Vec<(Var, bool)>) {
        let mut parts = vec![];
        let mut vars = vec![];
        let mut is_whole = true;
        for (name, ty) in &it.fields {
            if self.chance(0.25) {
                is_whole = false;
                continue;
            }
            let mutable = self.chance(0.4);
            parts.push(format!("{name}: {}@", if mutable { "mut " } else { "" }));
            vars.push((self.distinct(ty.clone()), mutable));
        }
        if !is_whole {
            parts.push("..".to_owned());
        }
        let template = format!("{} {{ {} }}", it.name, parts.join(", "));
        (Pat::new(template, vars.iter().map(|it| it.0.clone()).collect()), vars)
    }
}

/// Some value of a type, as Rust writes it.
fn sample(ty: &Ty) -> String {
    let all = |types: Vec<&Ty>| types.into_iter().map(sample).collect::<Vec<_>>().join(", ");
    match ty {
        Ty::Int => "4".to_owned(),
        Ty::Size => "2".to_owned(),
        Ty::Float => "-0.75".to_owned(),
        Ty::Narrow("f32") => "0.3".to_owned(),
        Ty::Narrow(_) => "99".to_owned(),
        Ty::Bool => "true".to_owned(),
        Ty::Text => "\"ab\".into()".to_owned(),
        Ty::Tensor => "Tensor::from_slice(&[1.5f32, -0.5, 0.25])".to_owned(),
        Ty::Map => "BTreeMap::from([(2, -1), (1, 5)])".to_owned(),
        Ty::Table => "HashMap::from([(\"b\".to_owned(), -1), (\"a\".to_owned(), 5)])".to_owned(),
        Ty::Enum => "Mode::High".to_owned(),
        Ty::Data => "Cache::Full(4, 0.5)".to_owned(),
        Ty::List(of) | Ty::Array(of, _) => format!("vec![{}]", sample(of)),
        Ty::Option(of) => format!("Some({})", sample(of)),
        Ty::Tuple(items) => format!("({},)", all(items.iter().collect())),
        Ty::Struct(it) => {
            let fields: Vec<_> =
                it.fields.iter().map(|(name, ty)| format!("{name}: {}", sample(ty))).collect();
            format!("{} {{ {} }}", it.name, fields.join(", "))
        }
        Ty::Unit | Ty::Module(_) | Ty::Never => unreachable!("`{ty}` is no field's type"),
    }
}
