//! Programs without a part of their own: a function, a field, a parameter.

use crate::ast::{ExprKind, Program};
use crate::print;
use crate::ty::Ty;

/// Without a type, a name, a function, the child, a field, a parameter, or a part of the result.
pub fn whole(program: &Program, found: &mut Vec<Program>) {
    for i in 0..program.types.len() {
        let mut changed = program.clone();
        changed.types.remove(i);
        found.push(changed);
    }
    if !program.names.is_empty() {
        found.push(Program { names: vec![], ..program.clone() });
    }
    for i in 0..program.configured.len() {
        let mut changed = program.clone();
        changed.configured.remove(i);
        found.push(changed);
    }
    for i in 0..program.names.len() {
        let mut changed = program.clone();
        changed.names.remove(i);
        found.push(changed);
    }
    for i in 0..program.functions.len() {
        let mut changed = program.clone();
        changed.functions.remove(i);
        found.push(changed);
    }
    if let Some(child) = &program.child {
        let without = |change: &dyn Fn(&mut Program)| {
            let mut changed = program.clone();
            change(&mut changed);
            changed
        };
        found.push(without(&|it| it.child = None));
        let n_methods = child.methods.len() - 1;
        let methods = (0..n_methods).map(|i| {
            without(&|it| {
                it.child.as_mut().map(|it| it.methods.remove(i));
            })
        });
        found.extend(methods);
        let fields = (0..child.fields.len()).map(|i| {
            without(&|it| {
                it.child.as_mut().map(|it| it.fields.remove(i));
            })
        });
        found.extend(fields);
    }
    if !program.locals.is_empty() {
        let mut changed = program.clone();
        changed.locals.clear();
        changed.fields.retain(|it| !matches!(it.ty, Ty::Module("A" | "B")));
        found.push(changed);
    }
    for i in 0..program.locals.len() {
        for j in 0..program.locals[i].methods.len() - 1 {
            let mut changed = program.clone();
            changed.locals[i].methods.remove(j);
            found.push(changed);
        }
        for j in 0..program.locals[i].fields.len() {
            let mut changed = program.clone();
            changed.locals[i].fields.remove(j);
            found.push(changed);
        }
    }
    for i in 0..program.methods.len() - 1 {
        let mut changed = program.clone();
        changed.methods.remove(i);
        found.push(changed);
    }
    for i in 0..program.fields.len() {
        let mut changed = program.clone();
        changed.fields.remove(i);
        found.push(changed);
    }
    for i in 0..program.constants.len() {
        let mut changed = program.clone();
        changed.constants.remove(i);
        found.push(changed);
    }
    let forward = program.methods.last().expect("forward is last");
    for i in 0..forward.params.len() {
        let mut changed = program.clone();
        changed.methods.last_mut().expect("forward").params.remove(i);
        found.push(changed);
    }
    if print::source(program).contains("return ") || forward.fallible {
        return;
    }
    if let Ty::Tuple(items) = &forward.returns
        && let Some(tail) = &forward.body.tail
        && let ExprKind::Op { args, .. } = &tail.kind
        && args.len() == items.len()
    {
        for (item, arg) in items.iter().zip(args).filter(|(item, arg)| **item == arg.ty) {
            let mut changed = program.clone();
            let forward = changed.methods.last_mut().expect("forward");
            forward.returns = item.clone();
            forward.body.tail = Some(Box::new(arg.clone()));
            found.push(changed);
        }
    }
}
