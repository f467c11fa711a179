//! Statements that change a variable by way of a reference, take what it holds, or call a closure that has a name.

use super::Gen;
use super::flow::statement;
use crate::ast::{Expr, Stmt, Var};
use crate::ty::Ty;

/// Templates for a list of integers. `#` is the variable, `@` an integer.
const OF_INTS: &[&str] = &[
    "for by_reference in #.iter_mut() { *by_reference ^= @; }",
    "for by_reference in &mut # { *by_reference &= @; }",
    "for (at, by_reference) in #.iter_mut().enumerate() { *by_reference |= @ & at as i64; }",
    "for by_reference in #.iter_mut().rev().take(2) { *by_reference = @; }",
    "#.iter_mut().for_each(|by_reference| *by_reference ^= @);",
    "if let Some(by_reference) = #.last_mut() { *by_reference = @; }",
    "if let Some(by_reference) = #.get_mut(1) { *by_reference ^= @; } else { #.push(2); }",
    "{ let by_reference = &mut #; by_reference.push(@); }",
    "{ let taken = std::mem::take(&mut #); #.extend(taken); #.push(@); }",
    "#.sort_by(|left, right| right.cmp(left).reverse());",
    "#.sort_by_key(|item| *item & @);",
    "{ let end = #.len().min(1); #.drain(..end); }",
    "{ let at = #.len() / 2; let mut tail = #.split_off(at); tail.extend(std::mem::take(&mut #)); # = tail; }",
    "{ let length = #.len().min(3); #.resize_with(length + 1, || 5); }",
];

/// Templates for an option of integers.
const OF_OPTIONS: &[&str] = &[
    "if let Some(by_reference) = &mut # { *by_reference ^= @; }",
    "if let Some(by_reference) = #.as_mut() { *by_reference = @; }",
    "match #.as_mut() { Some(by_reference) if *by_reference > 0 => *by_reference = @, _ => {} }",
    "if #.take().is_some() { # = Some(@); }",
    "if #.replace(@) == Some(3) { # = None; }",
    "*#.get_or_insert(@) ^= 1;",
    "{ let old = std::mem::take(&mut #); # = old.zip(Some(@)).map(|(left, right)| left ^ right); }",
];

/// Templates for an integer.
const OF_NUMBERS: &[&str] = &[
    "{ let by_reference = &mut #; *by_reference ^= @; *by_reference &= 1023; }",
    "{ let old = std::mem::replace(&mut #, @); # ^= old; }",
    "{ let old = std::mem::take(&mut #); # = old & @; }",
    "{ let mut step = |by: i64| { # ^= by; # & 7 }; let left = step(@); step(left); }",
    "{ let apply = |value: i64| { if value > 3 { return value ^ 1; } value & 7 }; # ^= apply(@); }",
    "{ fn apply(value: i64) -> i64 { if value < 0 { return 0; } value & 63 } # = apply(#) ^ apply(@); }",
];

impl Gen {
    /// A change by reference of a variable in sight; another change where there is none that fits.
    pub fn referred(&mut self, depth: usize) -> Vec<Stmt> {
        let fits = |ty: &Ty| match ty {
            Ty::Int => true,
            Ty::List(of) | Ty::Option(of) => **of == Ty::Int,
            Ty::Tuple(items) => !items.is_empty(),
            Ty::Struct(it) => !it.fields.is_empty(),
            _ => false,
        };
        let vars = self.scope.writable(fits);
        if vars.is_empty() || self.in_closure || self.is_plain {
            return self.assignment(depth.max(1));
        }
        let var = self.choose(&vars);
        let expr = match &var.ty {
            Ty::Int => self.by_template(OF_NUMBERS, &var, depth),
            Ty::List(_) => self.by_template(OF_INTS, &var, depth),
            Ty::Option(_) => self.by_template(OF_OPTIONS, &var, depth),
            Ty::Tuple(items) => {
                let i = self.below(items.len());
                self.field_change(&var, &i.to_string(), &items[i], depth)
            }
            Ty::Struct(it) => {
                let (name, ty) = it.fields[self.below(it.fields.len())].clone();
                self.field_change(&var, &name, &ty, depth)
            }
            _ => unreachable!("just asked for"),
        };
        vec![statement(expr)]
    }

    fn by_template(&mut self, templates: &[&'static str], var: &Var, depth: usize) -> Expr {
        let template = self.choose(templates);
        self.scope.set_hidden(var, true);
        let args = template.matches(['#', '@']).map(|hole| match hole {
            "#" => Expr::var(var),
            _ => self.expr(&Ty::Int, depth.min(1)),
        });
        let args = args.collect();
        self.scope.set_hidden(var, false);
        Expr::op(Ty::Unit, template, args)
    }

    /// `var.field = value`.
    fn field_change(&mut self, var: &Var, field: &str, ty: &Ty, depth: usize) -> Expr {
        let value = self.expr(ty, depth.min(2));
        let change = if *ty == Ty::Int && self.chance(0.5) { "^=" } else { "=" };
        Expr::op(Ty::Unit, format!("#.{field} {change} @;"), vec![Expr::var(var), value])
    }
}
