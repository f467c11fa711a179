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

const INTS_OF_TABLES: &[Row] = &[("#[&@]", "s"), ("#.get(&@).copied().unwrap_or(@)", "si")];

const CHANGES_OF_TABLES: &[Row] =
    &[("#.insert(@, @);", "si"), ("#.insert(@, @);", "si"), ("#.remove(&@);", "s"), ("#.clear();", "")];

const CHANGES: &[Row] = &[
    ("#.insert(@, @);", "ii"),
    ("#.insert(@, @);", "ii"),
    ("#.remove(&@);", "i"),
    ("#.clear();", ""),
    ("*#.entry(@).or_insert(3) ^= 1;", "i"),
    ("*#.entry(@).or_default() ^= @;", "ii"),
    ("if let Some(by_reference) = #.get_mut(&@) { *by_reference ^= 5; }", "i"),
    ("for by_reference in #.values_mut() { *by_reference ^= @; }", "i"),
];

impl Gen {
    pub fn map(&mut self, ty: &Ty, depth: usize) -> Expr {
        if self.chance(0.4) {
            return self.leaf(ty);
        }
        // Most have a few keys, some have many.
        let n = if self.chance(0.2) { 8 + self.below(8) } else { self.below(3) + 1 };
        if *ty == Ty::Table || n > 3 {
            return self.map_of(ty, n);
        }
        let items = (0..2 * n).map(|_| self.expr(&Ty::Int, depth.min(2) - 1)).collect();
        Expr::op(Ty::Map, format!("BTreeMap::from([{}])", vec!["(@, @)"; n].join(", ")), items)
    }

    /// A map with `n` keys, or fewer.
    pub fn map_of(&mut self, ty: &Ty, n: usize) -> Expr {
        let (name, key) = if *ty == Ty::Map { ("BTreeMap", Ty::Int) } else { ("HashMap", Ty::Text) };
        let mut items = vec![];
        for _ in 0..n {
            items.extend([self.leaf(&key), self.leaf(&Ty::Int)]);
        }
        Expr::op(ty.clone(), format!("{name}::from([{}])", vec!["(@, @)"; n].join(", ")), items)
    }

    /// What a map in sight tells; none where there is no map, or nothing to tell.
    pub fn of_map(&mut self, ty: &Ty, depth: usize) -> Option<Expr> {
        let maps = self.scope.readable(|it| matches!(it, Ty::Map | Ty::Table));
        let map = if maps.is_empty() { return None } else { self.choose(&maps) };
        let is_table = map.ty == Ty::Table;
        let (template, kinds) = match ty {
            Ty::Int if self.is_plain => ("#[&@]", if is_table { "s" } else { "i" }),
            Ty::Int if is_table => self.choose(INTS_OF_TABLES),
            Ty::Int => self.choose(INTS),
            Ty::Size => ("#.len()", ""),
            Ty::Bool => ("#.contains_key(&@)", if is_table { "s" } else { "i" }),
            Ty::Option(of) if **of == Ty::Int && !self.is_plain => {
                ("#.get(&@).copied()", if is_table { "s" } else { "i" })
            }
            Ty::List(of) if **of == Ty::Int && !self.is_plain && !is_table => self.choose(LISTS),
            _ => return None,
        };
        let mut args = vec![Expr::var(&map)];
        let more: Vec<Expr> = self.with_lock(&map, |cx| cx.operands_of_map(kinds, depth));
        args.extend(more);
        Some(Expr::op(ty.clone(), template, args))
    }

    /// A statement that changes a map.
    pub fn map_change(&mut self, map: &Var, depth: usize) -> Expr {
        let (template, kinds) = self.choose(if map.ty == Ty::Map { CHANGES } else { CHANGES_OF_TABLES });
        let mut args = vec![Expr::var(map)];
        self.scope.set_hidden(map, true);
        args.extend(self.operands_of_map(kinds, depth));
        self.scope.set_hidden(map, false);
        Expr::op(Ty::Unit, template, args)
    }

    fn operands_of_map(&mut self, kinds: &str, depth: usize) -> Vec<Expr> {
        let ty = |kind| if kind == 's' { Ty::Text } else { Ty::Int };
        kinds.chars().map(|kind| self.expr(&ty(kind), depth.min(2))).collect()
    }
}
