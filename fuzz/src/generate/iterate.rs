//! Iterator chains.

use super::Gen;
use crate::ast::{Expr, Pat, Var};
use crate::ty::Ty;

/// What a chain runs over: its text with operands, and the type of its items.
struct Source {
    template: String,
    args: Vec<Expr>,
    item: Ty,
    /// Whether the items are references.
    by_ref: bool,
    locked: Option<Var>,
    /// Whether it becomes a list whose type is not written: its closures are plain expressions.
    is_plain: bool,
}

impl Gen {
    fn source(&mut self, depth: usize) -> Source {
        let list = self.some_list(|of| of.is_scalar() || matches!(of, Ty::Text | Ty::Tensor));
        match list {
            Some(list) if self.chance(0.8) => {
                let item = list.ty.element().expect("a list").clone();
                let (template, by_ref) = match self.below(5) {
                    0 if item.is_copy() => ("#.iter().copied()", false),
                    1 if item.is_copy() => ("#.iter().cloned()", false),
                    2 if item.is_clone() => ("@.into_iter()", false),
                    _ => ("#.iter()", true),
                };
                Source {
                    template: template.into(),
                    args: vec![Expr::var(&list)],
                    item,
                    by_ref,
                    locked: Some(list),
                    is_plain: false,
                }
            }
            _ => {
                let (template, n) =
                    self.choose(&[("(0..4i64)", 0), ("(1..=(@ & 3))", 1), ("((@ & 3)..(@ & 7))", 2)]);
                let args = (0..n).map(|_| self.expr(&Ty::Int, depth.min(1))).collect();
                Source {
                    template: template.into(),
                    args,
                    item: Ty::Int,
                    by_ref: false,
                    locked: None,
                    is_plain: false,
                }
            }
        }
    }

    /// The source with up to two stages.
    fn chain(&mut self, depth: usize) -> Source {
        self.chain_of(depth, false)
    }

    /// As [`Gen::chain`]. A plain one may flatten, too: no loop can do that.
    fn chain_of(&mut self, depth: usize, is_plain: bool) -> Source {
        let mut chain = self.source(depth);
        chain.is_plain = is_plain;
        if let Some(list) = &chain.locked {
            self.scope.lock(list);
        }
        for _ in 0..self.weighted(&[5, 4, 2]) {
            if self.chance(0.35) {
                let (template, n) = self.choose(&[
                    (".rev()", 0),
                    (".take(@)", 1),
                    (".skip(@)", 1),
                    (".step_by(2)", 0),
                    (".step_by(@ + 1)", 1),
                ]);
                // A range of `i64` has no exact length, so what `rev` needs is lost after some. A
                // list of what closures give is made as a whole: one may fail behind a `take`.
                let is_cut = [".step_by", ".skip", ".take"].iter().any(|it| chain.template.contains(it));
                if template == ".rev()" && chain.locked.is_none() && is_cut || chain.template.contains("(@)")
                {
                    continue;
                }
                for _ in 0..n {
                    let count = self.expr(&Ty::Size, depth.min(1));
                    chain.args.push(count);
                }
                chain.template += template;
            } else if self.chance(0.25) && !chain.template.contains("(@)") {
                let (param, bound) = self.item_param(&chain, 1);
                let closure = self.stage(&chain, param, bound, &Ty::Bool, depth);
                chain.template += self.choose(&[".take_while(@)", ".skip_while(@)"]);
                chain.args.push(closure);
            } else if self.chance(0.35) {
                self.wider_stage(&mut chain, depth);
            } else if self.chance(0.5) {
                let to = self.choose_with_tensor(&[Ty::Int, Ty::Float, Ty::Bool, chain.item.clone()]);
                let (param, bound) = self.item_param(&chain, 0);
                let closure = self.stage(&chain, param, bound, &to, depth);
                chain.template += ".map(@)";
                chain.args.push(closure);
                chain.item = to;
                chain.by_ref = false;
            } else {
                let (param, bound) = self.item_param(&chain, 1);
                let closure = self.stage(&chain, param, bound, &Ty::Bool, depth);
                chain.template += ".filter(@)";
                chain.args.push(closure);
            }
        }
        chain
    }

    /// The closure of a stage.
    fn stage(&mut self, chain: &Source, param: Pat, bound: Vec<Var>, to: &Ty, depth: usize) -> Expr {
        let is_plain = self.is_plain || chain.is_plain;
        let outer = std::mem::replace(&mut self.is_plain, is_plain);
        let closure = self.closure(vec![(param, bound)], to, depth.min(2));
        self.is_plain = outer;
        closure
    }

    /// A stage that joins, flattens or counts.
    fn wider_stage(&mut self, chain: &mut Source, depth: usize) {
        let to = self.choose_with_tensor(&[Ty::Int, Ty::Int, Ty::Float, Ty::Bool]);
        // `chain` joins lists only.
        let is_source =
            chain.args.len() <= 1 && !chain.template.contains("(@)") && !chain.template.contains(".s");
        match self.below(5) {
            0 => {
                let index = self.distinct(Ty::Size);
                let (param, mut bound) = self.item_param(chain, 0);
                bound.insert(0, index);
                let pat = Pat::new(format!("(@, {})", param.template), bound.clone());
                let closure = self.stage(chain, pat, bound, &to, depth);
                chain.template += ".enumerate().map(@)";
                chain.args.push(closure);
            }
            1 => {
                let other = self.expr(&Ty::list(Ty::Int), depth.min(1));
                let (param, mut bound) = self.item_param(chain, 0);
                bound.push(self.distinct(Ty::Int));
                let pat = Pat::new(format!("({}, @)", param.template), bound.clone());
                let closure = self.stage(chain, pat, bound, &to, depth);
                chain.template += ".zip(@.into_iter()).map(@)";
                chain.args.extend([other, closure]);
            }
            2 if !chain.by_ref && is_source => {
                let other = self.unchanging(|cx| cx.expr(&Ty::list(chain.item.clone()), depth.min(1)));
                chain.template += ".chain(@.into_iter())";
                chain.args.push(other);
                return;
            }
            3 if chain.is_plain => {
                let (param, bound) = self.item_param(chain, 0);
                let closure = self.stage(chain, param, bound, &Ty::list(to.clone()), depth);
                chain.template += ".flat_map(@)";
                chain.args.push(closure);
            }
            _ => {
                let (param, bound) = self.item_param(chain, 0);
                let closure = self.stage(chain, param, bound, &Ty::option(to.clone()), depth);
                chain.template += ".filter_map(@)";
                chain.args.push(closure);
            }
        }
        chain.item = to;
        chain.by_ref = false;
    }

    /// An option from a chain: its largest item, one that fits, where that is.
    pub fn option_of_chain(&mut self, of: &Ty, depth: usize) -> Expr {
        let mut chain = self.chain_of(depth, true);
        let ty = Ty::option(of.clone());
        // A loop that may end early flattens nothing.
        let is_flattened = chain.template.contains(".flat_map(");
        if *of == Ty::Int && !is_flattened && self.chance(0.3) {
            let (param, bound) = self.item_param(&chain, 0);
            let closure = self.closure(vec![(param, bound)], &Ty::Bool, depth.min(2));
            return self.finish(chain, ty, ".position(@).map(|at| at as i64)", vec![closure]);
        }
        if chain.item != *of || chain.by_ref {
            let (param, bound) = self.item_param(&chain, 0);
            let closure = self.stage(&chain, param, bound, of, depth);
            chain.template += ".map(@)";
            chain.args.push(closure);
            (chain.item, chain.by_ref) = (of.clone(), false);
        }
        if self.chance(0.3) {
            let (param, bound) = self.item_param(&chain, 1);
            let closure = self.closure(vec![(param, bound)], &Ty::Bool, depth.min(2));
            return self.finish(chain, ty, ".find(@)", vec![closure]);
        }
        let ends: &[&str] = match of {
            Ty::Int => &[".max()", ".min()", ".last()", ".nth(1)"],
            _ => &[".last()", ".nth(1)"],
        };
        let end = self.choose(ends);
        self.finish(chain, ty, end, vec![])
    }

    fn finish(&mut self, chain: Source, ty: Ty, end: &str, more: Vec<Expr>) -> Expr {
        if let Some(list) = &chain.locked {
            self.scope.unlock(list);
        }
        let mut args = chain.args;
        args.extend(more);
        Expr::op(ty, chain.template + end, args)
    }

    /// A closure's parameter for an item behind `n` further references.
    fn item_param(&mut self, chain: &Source, n: usize) -> (Pat, Vec<Var>) {
        let depth = n + usize::from(chain.by_ref);
        let copies = chain.item.is_copy() && depth < 2 && self.chance(0.4);
        // A name stands for at most one reference; two are taken off by the pattern.
        let by_ref = depth > 0 && !copies;
        let strip = if copies { depth } else { depth.saturating_sub(1) };
        let var = self.fresh(chain.item.clone(), by_ref);
        (Pat::new(format!("{}@", "&".repeat(strip)), vec![var.clone()]), vec![var])
    }

    /// `.collect()`.
    pub fn collect(&mut self, of: &Ty, depth: usize) -> Expr {
        if self.is_plain {
            return self.leaf(&Ty::list(of.clone()));
        }
        let is_plain = self.chance(0.4);
        let mut chain = self.chain_of(depth, is_plain);
        if chain.item != *of || chain.by_ref {
            let (param, bound) = self.item_param(&chain, 0);
            let closure = self.stage(&chain, param, bound, of, depth);
            chain.template += ".map(@)";
            chain.args.push(closure);
        }
        let end =
            if self.chance(0.4) { ".collect::<Vec<_>>()".into() } else { format!(".collect::<Vec<{of}>>()") };
        self.finish(chain, Ty::list(of.clone()), &end, vec![])
    }

    /// An integer from a list or a chain.
    pub fn number_of_list(&mut self, depth: usize) -> Expr {
        match if self.is_plain { 0 } else { self.below(5) } {
            0 => {
                let size = self.expr(&Ty::Size, depth);
                Expr::op(Ty::Int, "((@) as i64)", vec![size])
            }
            1 => self.total(Ty::Int, ".sum::<i64>()", depth),
            2 => self.total(Ty::Int, ".product::<i64>()", depth.min(1)),
            3 => {
                let chain = self.chain(depth);
                let count = self.finish(chain, Ty::Size, ".count()", vec![]);
                Expr::op(Ty::Int, "((@) as i64)", vec![count])
            }
            _ => self.fold(Ty::Int, depth),
        }
    }

    fn total(&mut self, ty: Ty, end: &str, depth: usize) -> Expr {
        let is_plain = self.chance(0.4);
        let mut chain = self.chain_of(depth, is_plain);
        if chain.item != ty {
            let (param, bound) = self.item_param(&chain, 0);
            let closure = self.stage(&chain, param, bound, &ty, depth);
            chain.template += ".map(@)";
            chain.args.push(closure);
        }
        self.finish(chain, ty, end, vec![])
    }

    fn fold(&mut self, ty: Ty, depth: usize) -> Expr {
        let chain = self.chain(depth);
        // The closures of the chain borrow what the start must not change.
        let start = self.unchanging(|cx| cx.expr(&ty, depth.min(2)));
        let (param, mut bound) = self.item_param(&chain, 0);
        let pick = self.below(1000);
        let acc = self.scope.fresh(ty.clone(), false, pick, true);
        bound.insert(0, acc.clone());
        let closure = self.closure(vec![(Pat::name(acc), vec![]), (param, bound)], &ty, depth.min(2));
        self.finish(chain, ty, ".fold(@, @)", vec![start, closure])
    }

    pub fn fold_float(&mut self, depth: usize) -> Expr {
        if self.is_plain {
            return self.leaf(&Ty::Float);
        }
        match self.below(3) {
            0 => self.total(Ty::Float, ".sum::<f64>()", depth),
            1 => self.total(Ty::Float, ".product::<f64>()", depth),
            _ => self.fold(Ty::Float, depth),
        }
    }

    /// `any` and `all`.
    pub fn question_of_elements(&mut self, depth: usize) -> Expr {
        if self.is_plain {
            return self.leaf(&Ty::Bool);
        }
        let chain = self.chain(depth);
        let (param, bound) = self.item_param(&chain, 0);
        let closure = self.closure(vec![(param, bound)], &Ty::Bool, depth.min(2));
        let end = self.choose(&[".any(@)", ".all(@)"]);
        self.finish(chain, Ty::Bool, end, vec![closure])
    }
}
