//! `match`, as a value and as a statement.

use super::Gen;
use crate::ast::{Block, Expr, Owner, Pat, Var};
use crate::ty::Ty;

/// A pattern with what it binds.
struct Case {
    template: String,
    vars: Vec<Var>,
}

impl Case {
    fn plain(template: impl Into<String>) -> Case {
        Case { template: template.into(), vars: vec![] }
    }
}

impl Gen {
    pub fn match_value(&mut self, ty: &Ty, depth: usize) -> Expr {
        let expr = self.matched(ty, depth, "match @ {\n");
        Expr { ty: ty.clone(), kind: expr.kind }
    }

    /// A match whose arms are of type `ty`; Unit makes it a statement.
    pub fn matched(&mut self, ty: &Ty, depth: usize, open: &str) -> Expr {
        let types = if self.types.is_empty() { 0 } else { 5 };
        let of = match self.weighted(&[8, 5, 3, 2, 4, types, 4]) {
            6 => Ty::list(Ty::Int),
            5 => {
                let types = self.types.clone();
                self.choose(&types)
            }
            0 => Ty::Int,
            1 => Ty::option(Ty::Int),
            2 => Ty::Text,
            3 => Ty::Bool,
            _ => {
                let items = [Ty::Int, Ty::option(Ty::Int), Ty::Bool, Ty::Int];
                let n = self.rng_range(2, 3);
                Ty::Tuple((0..n).map(|_| self.choose(&items)).collect())
            }
        };
        let scrutinee = self.expr(&of, depth.min(2));
        let mut args = vec![match of {
            Ty::Text => Expr::op(Ty::Text, "(@).as_str()", vec![scrutinee]),
            Ty::List(_) => Expr::op(of.clone(), "(@).as_slice()", vec![scrutinee]),
            _ => scrutinee,
        }];
        let n_arms = self.rng_range(1, 3);
        for _ in 0..n_arms {
            let mut case = self.case(&of, true);
            while matches!(case.template.as_str(), "_" | "@") {
                case = self.case(&of, true);
            }
            args.push(self.arm(case, ty, depth, true, args.len() > 1));
        }
        // What is exhaustive by itself is rare; the last arm matches everything.
        let last = self.last_case(&of);
        args.push(self.arm(last, ty, depth, false, true));
        let mut arms = "@,\n".repeat(args.len() - 1);
        if *ty == Ty::Unit && !self.in_value && self.chance(0.1) {
            arms.insert_str(0, "#[cfg(any())] removed if removed.await => unsafe { removed },\n");
        }
        let (before, after) = if *ty == Ty::Unit { ("", "") } else { ("(", ")") };
        Expr::op(ty.clone(), format!("{before}{open}{arms}}}{after}"), args)
    }

    fn rng_range(&mut self, from: usize, to: usize) -> usize {
        from + self.below(to - from + 1)
    }

    /// One arm at least has a value: a match of type `!` is no operand for rustc.
    fn arm(&mut self, case: Case, ty: &Ty, depth: usize, may_have_guard: bool, may_leave: bool) -> Expr {
        let mark = self.scope.mark();
        let n_loops = self.loops.len();
        case.vars.iter().for_each(|var| self.scope.declare(var, false, n_loops));
        let guard = (may_have_guard && self.chance(0.3)).then(|| {
            let outer = std::mem::replace(&mut self.is_plain, true);
            let guard = self.expr(&Ty::Bool, 2);
            self.is_plain = outer;
            guard
        });
        let body = match ty {
            Ty::Unit => self.unit_block(depth, 2),
            _ if may_leave => self.branch(ty, depth),
            _ => self.value_block(ty, depth),
        };
        self.scope.leave(mark);
        Expr::bind(Pat::new(case.template, case.vars), " => ", None, guard, body)
    }

    /// A pattern that may not match.
    fn case(&mut self, of: &Ty, binds: bool) -> Case {
        match of {
            Ty::Int => match self.below(if binds { 6 } else { 5 }) {
                0 => Case::plain(self.rng_int_text()),
                1 => Case::plain(self.choose(&["1..=3", "..=0", "4..", "-3..0", "0..2", "i64::MIN..=-1"])),
                2 => Case::plain(self.choose(&["1 | 3", "-1 | 2..=4", "0 | 1 | 2"])),
                3 => Case::plain(self.choose(&[
                    "i64::MAX",
                    "i64::MIN",
                    if matches!(self.owner, Owner::Value | Owner::Type) { "Self::K" } else { "7" },
                ])),
                4 => Case::plain("_"),
                _ if self.chance(0.5) => self.named(Ty::Int, "@ § 1..=4"),
                _ => self.named(Ty::Int, "@"),
            },
            Ty::Option(inner) => match self.below(3) {
                0 => Case::plain("None"),
                1 if !matches!(**inner, Ty::Text | Ty::List(_)) => {
                    let inner = self.case(inner, binds);
                    Case { template: format!("Some({})", inner.template), vars: inner.vars }
                }
                _ if **inner != Ty::Int => Case::plain("Some(_)"),
                _ => Case::plain(self.choose(&["Some(1 | 2)", "None | Some(0)", "Some(_)", "Some(..=2)"])),
            },
            Ty::Text => Case::plain(self.choose(&["\"a\"", "\"ab\" | \"b\"", "\"\"", "_", "\"é\""])),
            Ty::Bool => Case::plain(self.choose(&["true", "false", "_"])),
            Ty::Tuple(items) => {
                let items = items.clone();
                let cases: Vec<_> = items.iter().map(|it| self.case(it, binds)).collect();
                let templates: Vec<_> = cases.iter().map(|it| it.template.clone()).collect();
                let vars = cases.into_iter().flat_map(|it| it.vars).collect();
                Case { template: format!("({})", templates.join(", ")), vars }
            }
            Ty::List(of) if **of == Ty::Int => self.slice_case(binds),
            Ty::Enum => Case::plain(self.choose(&["Mode::Low", "Mode::Mid | Mode::High", "Mode::High"])),
            Ty::Data if binds => match self.below(4) {
                0 => self.named(Ty::Int, "Cache::Full(@, _)"),
                1 => self.named(Ty::Float, "Cache::Full(1.., @)"),
                2 => self.named(Ty::list(Ty::Int), "Cache::Named { past: @, .. }"),
                _ => Case {
                    template: "Cache::Named { len: @, past: @ }".into(),
                    vars: vec![self.distinct(Ty::Size), self.distinct(Ty::list(Ty::Int))],
                },
            },
            Ty::Data => Case::plain(self.choose(&[
                "Cache::Empty",
                "Cache::Full(..=0, _)",
                "Cache::Empty | Cache::Full(1, _)",
                "Cache::Named { len: 0 | 1, .. }",
            ])),
            Ty::Struct(it) => {
                let i = self.below(it.fields.len());
                let (name, ty) = &it.fields[i];
                let inner = match ty {
                    Ty::Text | Ty::List(_) | Ty::Struct(_) => Case::plain("_"),
                    ty => self.case(ty, binds),
                };
                Case {
                    template: format!("{} {{ {name}: {}, .. }}", it.name, inner.template),
                    vars: inner.vars,
                }
            }
            _ => Case::plain("_"),
        }
    }

    /// A pattern of a slice; what it binds are references.
    fn slice_case(&mut self, binds: bool) -> Case {
        if !binds || self.chance(0.4) {
            return Case::plain(self.choose(&[
                "[]",
                "[_]",
                "[1 | 2, ..]",
                "[_, .., 0]",
                "[_, _]",
                "[.., -1..=1]",
            ]));
        }
        let (template, n_items, has_rest) = self.choose(&[
            ("[@]", 1, false),
            ("[@, @]", 2, false),
            ("[@, .., @]", 2, false),
            ("[@, @ § ..]", 1, true),
            ("[1..=3, @ § ..]", 0, true),
        ]);
        let mut vars: Vec<Var> = (0..n_items).map(|_| self.distinct(Ty::Int)).collect();
        if has_rest {
            vars.push(self.distinct(Ty::list(Ty::Int)));
        }
        vars.iter_mut().for_each(|it| it.by_ref = true);
        Case { template: template.into(), vars }
    }

    fn rng_int_text(&mut self) -> String {
        self.rng_int().to_string()
    }

    fn last_case(&mut self, of: &Ty) -> Case {
        match of {
            Ty::Int if self.chance(0.5) => self.named(Ty::Int, "@"),
            Ty::Tuple(items) if self.chance(0.5) => {
                let items = items.clone();
                let vars: Vec<_> = items.iter().map(|it| self.distinct(it.clone())).collect();
                Case { template: format!("({})", vec!["@"; vars.len()].join(", ")), vars }
            }
            _ => Case::plain("_"),
        }
    }

    fn named(&mut self, ty: Ty, template: &str) -> Case {
        Case { template: template.into(), vars: vec![self.distinct(ty)] }
    }

    /// A name that no other of the same pattern has.
    pub fn distinct(&mut self, ty: Ty) -> Var {
        let pick = self.below(1000);
        self.scope.fresh(ty, false, pick, true)
    }

    /// `if let`, as a statement.
    pub fn if_let(&mut self, depth: usize) -> Expr {
        let of = self.choose_with_tensor(&[Ty::Int, Ty::Int, Ty::Float, Ty::Text, Ty::list(Ty::Int)]);
        let head = self.expr(&Ty::option(of.clone()), depth.min(2));
        let (template, var) = if of == Ty::Int && self.chance(0.2) {
            ("Some(@ § 1..=9)", self.distinct(of))
        } else {
            ("Some(@)", self.fresh(of, false))
        };
        let head = if self.chance(0.25) {
            // A chain; what it asks further does not see the name.
            let cond = self.expr(&Ty::Bool, depth.min(2));
            Expr::op(Ty::Unit, "@ && @", vec![head, cond])
        } else {
            head
        };
        let mark = self.scope.mark();
        self.scope.declare(&var, false, self.loops.len());
        let then = self.unit_block(depth, 2);
        self.scope.leave(mark);
        let bind = Expr::bind(Pat::new(template, vec![var]), " = ", Some(head), None, then);
        if self.chance(0.5) {
            let otherwise = self.unit_block(depth, 2);
            return Expr::op(Ty::Unit, "if let @ else @", vec![bind, otherwise]);
        }
        Expr::op(Ty::Unit, "if let @", vec![bind])
    }

    /// `{ statements }`.
    pub fn unit_block(&mut self, depth: usize, n: usize) -> Expr {
        let block = self.stmts(depth, n);
        Expr::block(Ty::Unit, block)
    }

    pub fn stmts(&mut self, depth: usize, n: usize) -> Block {
        let mark = self.scope.mark();
        let mut stmts = vec![];
        for _ in 0..=self.below(n) {
            stmts.extend(self.stmt(depth));
        }
        self.scope.leave(mark);
        Block { stmts, tail: None }
    }
}
