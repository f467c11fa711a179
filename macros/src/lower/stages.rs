//! Lowers the stages of a chain of iterators in the body of its loop. Each stage passes an item on or stops it: by
//! `continue`, by `break`, or by an `if` around the following stages.

use super::chain::Stage;
use super::{Cx, non_empty};
use crate::span::Range;
use crate::syntax::{BinaryOp, Expr, ExprKind, Operator, Stmt, StmtKind};

/// Lowers what happens with an item that passes. Boxed, since stages nest: a closure type that contains itself would be
/// infinite.
pub type Sink<'s> = Box<dyn FnOnce(&mut Cx, Expr) + 's>;

impl Cx {
    /// Adds, before the loop, the variables of stages that have state, such as counters; one entry for each stage.
    pub fn lower_states(
        &mut self,
        stages: &[Stage<'_>],
        range: Range,
        source: &mut [Expr],
    ) -> Vec<Option<Expr>> {
        let mut states = vec![];
        for stage in stages {
            let arg = stage.call.args.first();
            states.push(match (stage.name.as_str(), arg) {
                ("enumerate", _) => Some(self.spill(Expr::int(-1, range), "index")),
                ("take" | "skip", Some(n)) => {
                    let n = self.lower_after(source, |cx| cx.lower_expr(n));
                    Some(self.spill(n, "left"))
                }
                ("step_by", Some(step)) => {
                    let step = self.lower_after(source, |cx| cx.lower_expr(step));
                    let wait = self.spill(Expr::int(0, range), "wait");
                    let step = if step.is_constant() { step } else { self.spill(step, "step") };
                    Some(Expr::new(ExprKind::Tuple(vec![wait, step]), range))
                }
                ("skip_while", _) => Some(self.spill(Expr::new(ExprKind::True, range), "skips")),
                ("zip", Some(other)) => {
                    let items =
                        self.lower_after(source, |cx| cx.lower_items(other, None, &stage.call.method));
                    let at = self.spill(Expr::int(-1, range), "at");
                    let items = self.spill(items, "others");
                    Some(Expr::new(ExprKind::Tuple(vec![at, items]), range))
                }
                _ => None,
            });
        }
        states
    }

    /// Lowers the remaining stages, with their variables.
    pub fn lower_stages(
        &mut self,
        stages: &[Stage<'_>],
        states: &[Option<Expr>],
        item: Expr,
        range: Range,
        sink: Sink<'_>,
    ) {
        let Some((stage, rest)) = stages.split_first() else {
            sink(self, item);
            return;
        };
        let (state, states) = (states[0].clone(), &states[1..]);
        let item = self.once(item);
        let next: Sink<'_> = Box::new(move |cx, item| cx.lower_stages(rest, states, item, range, sink));
        match (stage.call.args.first(), state) {
            (_, Some(state)) if stage.name != "skip_while" => {
                self.lower_counter(stage, state, item, range, next);
            }
            (Some(closure), state) if stage.name != "chain" => {
                self.lower_closure_stage(stage, closure, state, item, range, next);
            }
            _ if matches!(stage.name.as_str(), "copied" | "cloned") => {
                next(self, Expr::rust_op(Operator::Clone, vec![item], range));
            }
            _ => self.reject_stage(stage),
        }
    }

    /// Lowers a stage that tests the item, or changes it, by a closure.
    fn lower_closure_stage(
        &mut self,
        stage: &Stage<'_>,
        closure: &syn::Expr,
        state: Option<Expr>,
        item: Expr,
        range: Range,
        next: Sink<'_>,
    ) {
        let leave = |kind| vec![Stmt::new(kind, range)];
        if stage.name == "inspect" {
            self.run_closure(closure, vec![item.clone()]);
            next(self, item);
            return;
        }
        if let ("skip_while", Some(skips)) = (stage.name.as_str(), state) {
            let skipped = self.in_block(|cx| {
                let cond = cx.call_closure(closure, vec![item.clone()]);
                cx.push_if(cond, leave(StmtKind::Continue), range);
                let value = Expr::new(ExprKind::False, range);
                cx.push(StmtKind::Assign { target: skips.clone(), value, ty: None }, range);
            });
            self.push_if(skips, skipped, range);
            next(self, item);
            return;
        }
        if !matches!(stage.name.as_str(), "map" | "filter" | "filter_map" | "map_while" | "take_while") {
            self.reject_stage(stage);
            return;
        }
        let value = self.call_closure(closure, vec![item.clone()]);
        match stage.name.as_str() {
            "map" => next(self, value),
            "filter" => {
                let then = self.in_block(|cx| next(cx, item));
                self.push_if(value, then, range);
            }
            "take_while" => {
                self.push_if(Expr::not(value, range), leave(StmtKind::Break), range);
                next(self, item);
            }
            _ => {
                let value = self.spill(value, "mapped");
                let cond = Expr::binary(BinaryOp::IsNot, value.clone(), Expr::none(range), range);
                let then = non_empty(self.in_block(|cx| next(cx, value)), range);
                let ends = stage.name == "map_while";
                let otherwise = if ends { leave(StmtKind::Break) } else { vec![] };
                self.push(StmtKind::If { cond, then, otherwise }, range);
            }
        }
    }

    /// Adds statements that go on to the next item while the counter `left` is not zero.
    fn let_pass(&mut self, left: &Expr, range: Range) {
        let mut passes = self.in_block(|cx| cx.add_to(left, -1, range));
        passes.push(Stmt::new(StmtKind::Continue, range));
        let cond = Expr::binary(BinaryOp::Gt, left.clone(), Expr::int(0, range), range);
        self.push_if(cond, passes, range);
    }

    /// Lowers a stage that counts items.
    fn lower_counter(&mut self, stage: &Stage<'_>, state: Expr, item: Expr, range: Range, next: Sink<'_>) {
        let pair = |a, b| Expr::new(ExprKind::Tuple(vec![a, b]), range);
        match (stage.name.as_str(), &state.kind) {
            ("enumerate", _) => {
                self.add_to(&state, 1, range);
                next(self, pair(state, item));
            }
            ("take", _) => {
                self.add_to(&state, -1, range);
                next(self, item);
            }
            ("zip", ExprKind::Tuple(parts)) => {
                let (at, others) = (&parts[0], &parts[1]);
                self.add_to(at, 1, range);
                let len = Expr::var("len", range).apply(vec![others.clone()], range);
                let cond = Expr::binary(BinaryOp::Ge, at.clone(), len, range);
                self.push_if(cond, vec![Stmt::new(StmtKind::Break, range)], range);
                let other = others.clone().subscript(at.clone(), range);
                next(self, pair(item, other));
            }
            ("step_by", ExprKind::Tuple(parts)) => {
                let (wait, step) = (parts[0].clone(), parts[1].clone());
                self.let_pass(&wait, range);
                let value = Expr::binary(BinaryOp::Sub, step, Expr::int(1, range), range);
                self.push(StmtKind::Assign { target: wait, value, ty: None }, range);
                next(self, item);
            }
            _ => {
                self.let_pass(&state, range);
                next(self, item);
            }
        }
    }

    fn reject_stage(&mut self, stage: &Stage<'_>) {
        self.report(
            &stage.call.method,
            format!("iterator method `{}` is not supported here in scripted methods", stage.name),
            "collect what comes before it into a list of its own, with `let`",
        );
    }

    pub fn push_if(&mut self, cond: Expr, then: Vec<Stmt>, range: Range) {
        self.push(StmtKind::If { cond, then: non_empty(then, range), otherwise: vec![] }, range);
    }

    fn add_to(&mut self, target: &Expr, n: i64, range: Range) {
        let (target, op, value) = (target.clone(), BinaryOp::Add, Expr::int(n, range));
        self.push(StmtKind::AugAssign { target, op, value }, range);
    }
}
