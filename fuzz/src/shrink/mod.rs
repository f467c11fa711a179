//! Smaller programs of the same types: candidates for one that still disagrees.

mod literal;
mod whole;

use crate::ast::{Block, Expr, ExprKind, Program, Stmt, StmtKind};
use crate::print;
use crate::ty::Ty;
use crate::valid::is_valid;
use literal::literal;
use whole::whole;

/// Programs that are smaller than `program`: at first small ones and others mixed.
pub fn candidates(program: &Program) -> Vec<Program> {
    let mut found = vec![];
    whole(program, &mut found);
    let mut i = 0;
    // Each step of each node; `at` counts down to the node that is changed.
    loop {
        let mut any = false;
        for step in 0.. {
            let mut changed = program.clone();
            match change(&mut changed, i, step) {
                Change::NoSuchNode => break,
                Change::NoSuchStep => {
                    any = true;
                    break;
                }
                Change::Done => {
                    any = true;
                    found.push(changed);
                }
                Change::Nothing => any = true,
            }
        }
        if !any {
            break;
        }
        i += 1;
    }
    let size = program.size();
    let mut seen = std::collections::HashSet::new();
    let mut sized: Vec<(usize, usize, Program)> = found
        .into_iter()
        .filter(is_valid)
        .map(|it| (it.size(), print::source(&it).len(), it))
        .filter(|it| (it.0, it.1) < (size, print::source(program).len()))
        .filter(|it| seen.insert(print::source(&it.2)))
        .collect();
    sized.sort_by_key(|it| (it.0, it.1));
    // The smallest rarely show what is looked for, and the largest are little won, so each part of
    // the result has some of all sizes.
    let n = sized.len();
    let stride = n.div_ceil(30).max(1);
    let order = (0..stride).flat_map(|first| (first..n).step_by(stride));
    order.map(|i| sized[i].2.clone()).collect()
}

enum Change {
    NoSuchNode,
    NoSuchStep,
    Nothing,
    Done,
}

/// Applies the `step`th change to the `at`th node.
fn change(program: &mut Program, mut at: usize, step: usize) -> Change {
    for method in program.functions_mut() {
        if at == 0 {
            return change_block(&mut method.body, step);
        }
        at -= 1;
        for child in method.body.children_mut() {
            if let Some(change) = change_below(child, &mut at, step) {
                return change;
            }
        }
    }
    Change::NoSuchNode
}

fn change_below(expr: &mut Expr, at: &mut usize, step: usize) -> Option<Change> {
    if *at == 0 {
        return Some(change_expr(expr, step));
    }
    *at -= 1;
    expr.children_mut().into_iter().find_map(|child| change_below(child, at, step))
}

const MAX_DESCENDANTS: usize = 8;

/// A literal, a part of the same type, or a smaller block.
fn change_expr(expr: &mut Expr, step: usize) -> Change {
    if let ExprKind::Bind(bind) = &mut expr.kind {
        return match step {
            0 if bind.guard.is_some() => {
                bind.guard = None;
                Change::Done
            }
            0 => Change::Nothing,
            _ => Change::NoSuchStep,
        };
    }
    if step < 2 {
        return match literal(&expr.ty, step) {
            Some(literal) => replace(expr, literal),
            None => Change::Nothing,
        };
    }
    if step < 2 + MAX_DESCENDANTS {
        let mut parts = vec![];
        for child in expr.children_mut() {
            descendants(child, &mut parts);
        }
        parts.retain(|it| it.ty == expr.ty && it.ty != Ty::Never);
        return match parts.into_iter().nth(step - 2) {
            Some(part) => replace(expr, part),
            None => Change::Nothing,
        };
    }
    let step = step - 2 - MAX_DESCENDANTS;
    match &mut expr.kind {
        ExprKind::Block(block) => change_block(block, step),
        // An arm, but for the last.
        ExprKind::Op { template, args } if template.contains("match @ {") => {
            if step + 2 >= args.len() {
                return Change::NoSuchStep;
            }
            args.remove(step + 1);
            *template = template.replacen("@,\n", "", 1).into();
            Change::Done
        }
        ExprKind::Op { template, args } if step == 0 && template.ends_with(" else @") => {
            if expr.ty != Ty::Unit {
                return Change::Nothing;
            }
            args.pop();
            *template = template.trim_end_matches(" else @").to_owned().into();
            Change::Done
        }
        // An element of a list.
        ExprKind::Op { template, args } if template.starts_with("vec![@, ") && args.len() > step => {
            args.remove(step);
            *template = template.replacen("@, ", "", 1).into();
            Change::Done
        }
        _ => Change::NoSuchStep,
    }
}

/// A block stays one: what is around it has no braces of its own.
fn replace(expr: &mut Expr, with: Expr) -> Change {
    let needs_braces = matches!(expr.kind, ExprKind::Block(_)) && !matches!(with.kind, ExprKind::Block(_));
    if needs_braces && with.ty == Ty::Unit {
        return Change::Nothing;
    }
    *expr = match needs_braces {
        true => Expr::block(with.ty.clone(), Block { stmts: vec![], tail: Some(Box::new(with)) }),
        false => with,
    };
    Change::Done
}

fn descendants(expr: &mut Expr, found: &mut Vec<Expr>) {
    if !matches!(expr.kind, ExprKind::Bind(_)) {
        found.push(expr.clone());
    }
    for child in expr.children_mut() {
        descendants(child, found);
    }
}

/// Without a statement, or with a statement's own statements in its place.
fn change_block(block: &mut Block, step: usize) -> Change {
    let n = block.stmts.len();
    if step < n {
        if is_needed(&block.stmts[step]) {
            return Change::Nothing;
        }
        block.stmts.remove(step);
        return Change::Done;
    }
    let Some(i) = (step - n < n).then_some(step - n) else {
        return match step - 2 * n {
            0 if n > 2 && !block.stmts[..n / 2].iter().any(is_needed) => {
                block.stmts.drain(..n / 2);
                Change::Done
            }
            1 if n > 2 && !block.stmts[n / 2..].iter().any(is_needed) => {
                block.stmts.drain(n / 2..);
                Change::Done
            }
            0 | 1 => Change::Nothing,
            _ => Change::NoSuchStep,
        };
    };
    let StmtKind::Expr(expr) = &mut block.stmts[i].kind else { return Change::Nothing };
    let inner: Vec<Stmt> = expr
        .children_mut()
        .into_iter()
        .filter_map(|child| match &mut child.kind {
            ExprKind::Block(block) if block.tail.is_none() => Some(std::mem::take(&mut block.stmts)),
            _ => None,
        })
        .flatten()
        .map(|stmt| Stmt { pinned: false, ..stmt })
        .collect();
    if inner.is_empty() {
        return Change::Nothing;
    }
    block.stmts.splice(i..=i, inner);
    Change::Done
}

/// Whether a loop would not end without this statement. A counter's binding goes when nothing counts.
fn is_needed(stmt: &Stmt) -> bool {
    stmt.pinned && matches!(stmt.kind, StmtKind::Expr(_))
}
