//! Maps.

use super::Gen;
use super::methods::Row;
use crate::ast::{Expr, Var};
use crate::ty::Ty;

const INTS: &[Row] =
    &[("#[&@]", "i"), ("#.values().sum::<i64>()", ""), ("#.iter().map(|(k, v)| k ^ v).sum::<i64>()", "")];

const LISTS: &[Row] = &[
    ("#.keys().copied().collect::<Vec<i64>>()", ""),
    ("#.values().map(|it| it / 2).collect::<Vec<i64>>()", ""),
];

const CHANGES: &[Row] =
    &[("#.insert(@, @);", "ii"), ("#.insert(@, @);", "ii"), ("#.remove(&@);", "i"), ("#.clear();", "")];

impl Gen {
    pub fn map(&mut self, depth: usize) -> Expr {
        if self.chance(0.4) {
            return self.leaf(&Ty::Map);
        }
        let n = self.below(3) + 1;
        let items = (0..2 * n).map(|_| self.expr(&Ty::Int, depth.min(2) - 1)).collect();
        Expr::op(Ty::Map, format!("BTreeMap::from([{}])", vec!["(@, @)"; n].join(", ")), items)
    }

    /// What a map in sight tells; none where there is no map, or nothing to tell.
    pub fn of_map(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let maps = self.scope.readable(|it| *it == Ty::Map);
        let map = if maps.is_empty() { return None } else { self.choose(&maps) };
        let (template, kinds) = match ty {
            Ty::Int if self.is_plain => ("#[&@]", "i"),
            Ty::Int => self.choose(INTS),
            Ty::Size => ("#.len()", ""),
            Ty::Bool => ("#.contains_key(&@)", "i"),
            Ty::Option(of) if **of == Ty::Int && !self.is_plain => ("#.get(&@).copied()", "i"),
            Ty::List(of) if **of == Ty::Int && !self.is_plain => self.choose(LISTS),
            _ => return None,
        };
        let mut args = vec![Expr::var(&map)];
        let operands = |cx: &mut Self| kinds.chars().map(|_| cx.expr(&Ty::Int, depth.min(2))).collect();
        let more: Vec<Expr> = self.with_lock(&map, operands);
        args.extend(more);
        Some(Expr::op(ty.clone(), template, args))
    }

    /// A statement that changes a map.
    pub fn map_change(&mut self, map: &Var, depth: usize) -> Expr {
        let (template, kinds) = self.choose(CHANGES);
        let mut args = vec![Expr::var(map)];
        self.scope.set_hidden(map, true);
        args.extend(kinds.chars().map(|_| self.expr(&Ty::Int, depth.min(2))));
        self.scope.set_hidden(map, false);
        Expr::op(Ty::Unit, template, args)
    }
}
