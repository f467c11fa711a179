//! Loops in which tensors change their names and are changed in place.

use rand::Rng;

use super::Gen;
use crate::ast::{Expr, Pat, Stmt, StmtKind};
use crate::ty::Ty;

const NAMES: [&str; 4] = ["ta", "tb", "tc", "td"];

impl Gen {
    /// A block that makes a few tensors, exchanges and changes them in a loop, and gives a sum of all.
    pub fn renamed_tensors(&mut self, depth: usize) -> Stmt {
        let n = self.rng.gen_range(2..=NAMES.len());
        let names = &NAMES[..n];
        let start = self.expr(&Ty::Tensor, depth.max(1));
        let mut text = String::from("{ let ts = @.sum(Kind::Float);\n");
        for name in names {
            let value = self.choose(&["ts.zeros_like()", "ts.ones_like()", "ts.copy()", "&ts * 0.5"]);
            text += &format!("let mut {name} = {value};\n");
        }
        if self.chance(0.3) {
            text += &format!("let other = {}.shallow_clone();\n", names[0]);
        } else {
            text += "let other = ts.full_like(0.25);\n";
        }
        let rounds = self.choose(&["0", "1", "2", "3", "5"]);
        text += &format!("let mut n_rounds = {rounds};\nwhile n_rounds > 0 {{\nn_rounds -= 1;\n");
        for _ in 0..self.rng.gen_range(2..6) {
            let line = self.renaming(names);
            text +=
                &if self.chance(0.25) { format!("if n_rounds % 2 == 0 {{ {line} }}\n") } else { line + "\n" };
        }
        text += "}\n";
        for name in names {
            if self.chance(0.3) {
                text += &format!("{name} += 1.0;\n");
            }
        }
        let sum = names.iter().zip(1..).map(|(name, i)| format!("&{name} * {i}.0")).collect::<Vec<_>>();
        text += &format!("{} + &other * 0.125 }}", sum.join(" + "));
        let var = self.fresh(Ty::Tensor, false);
        let n_loops = self.loops.len();
        let value = Expr::op(Ty::Tensor, text, vec![start]);
        let kind =
            StmtKind::Let { pat: Pat::name(var.clone()), ty: Some(Ty::Tensor), value, otherwise: None };
        self.scope.declare(&var, false, n_loops);
        Stmt { kind, pinned: false }
    }

    /// One line of such a loop.
    fn renaming(&mut self, names: &[&str]) -> String {
        let a = self.choose(names);
        let others: Vec<&str> = names.iter().copied().filter(|it| *it != a).collect();
        let b = self.choose(&others);
        match self.weighted(&[6, 4, 4, 2, 2, 2, 2]) {
            0 => format!("std::mem::swap(&mut {a}, &mut {b});"),
            1 => {
                let left = names.join(", ");
                let right = [&names[1..], &names[..1]].concat().join(", ");
                format!("({left}) = ({right});")
            }
            2 => format!("{a} += &{b} * 0.5 + 1.0;"),
            3 => format!("{a} *= 2.0;"),
            4 => format!("{a} = {b}.shallow_clone();"),
            5 => format!("{a} = other.shallow_clone();"),
            _ => format!("{a} = &{a} * 0.5 + &{b};"),
        }
    }
}
