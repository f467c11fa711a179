//! Loops in which values change their names and are changed in place: swaps, rotations, delay lines.

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
        if self.chance(0.4) {
            let items = names.iter().map(|it| format!("{it}.shallow_clone()")).collect::<Vec<_>>();
            text += &format!("let mut line = vec![{}];\n", items.join(", "));
        } else {
            text += "let mut line = vec![ts.copy(), &ts * 2.0];\n";
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
        text += &format!("{} + &other * 0.125 + &line[0] * 0.25 - &line[1] }}", sum.join(" + "));
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
        match self.weighted(&[6, 4, 4, 2, 2, 2, 2, 3, 2, 2, 1, 1]) {
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
            7 => {
                let right = names[..names.len() - 1].join(", ");
                format!("({}) = (&{a} * 0.5 + 1.0, {right});", names.join(", "))
            }
            8 => format!("let old = std::mem::replace(&mut {a}, &{b} * 0.5); {b} += &old;"),
            9 => format!("let first = line.remove(0); line.push({a}.shallow_clone()); {a} += &first;"),
            10 => "line.swap(0, 1);".to_owned(),
            11 => format!("line[0] += &{a};"),
            _ => format!("{a} = &{a} * 0.5 + &{b};"),
        }
    }

    /// The same with integers, lists or texts; it gives an integer.
    pub fn renamed_values(&mut self, depth: usize) -> Stmt {
        let values = self.choose(&[&INTS, &LISTS, &TEXTS]);
        let n = self.rng.gen_range(2..=NAMES.len());
        let names = &NAMES[..n];
        let start = self.expr(&Ty::Int, depth.max(1));
        let mut text = String::from("{ let start = (@) & 7;\n");
        for (name, i) in names.iter().zip(1..) {
            text +=
                &format!("let mut {name}: {} = {};\n", values.ty, with(values.start, name, &i.to_string()));
        }
        let rounds = self.choose(&["0", "1", "2", "3", "5"]);
        text += &format!("let mut n_rounds = {rounds};\nwhile n_rounds > 0 {{\nn_rounds -= 1;\n");
        for _ in 0..self.rng.gen_range(2..6) {
            let line = self.renaming_of(values, names);
            text +=
                &if self.chance(0.25) { format!("if n_rounds % 2 == 0 {{ {line} }}\n") } else { line + "\n" };
        }
        text += "}\n";
        let sum: Vec<String> =
            names.iter().zip(1..).map(|(it, i)| with(values.sum, it, &i.to_string())).collect();
        text += &format!("{} }}", sum.join(" + "));
        let var = self.fresh(Ty::Int, false);
        let value = Expr::op(Ty::Int, text, vec![start]);
        let kind = StmtKind::Let { pat: Pat::name(var.clone()), ty: Some(Ty::Int), value, otherwise: None };
        self.scope.declare(&var, false, self.loops.len());
        Stmt { kind, pinned: false }
    }

    fn renaming_of(&mut self, values: &Values, names: &[&str]) -> String {
        let a = self.choose(names);
        let others: Vec<&str> = names.iter().copied().filter(|it| *it != a).collect();
        let b = self.choose(&others);
        match self.below(6) {
            0 => format!("std::mem::swap(&mut {a}, &mut {b});"),
            1 => {
                let right = [&names[1..], &names[..1]].concat().join(", ");
                format!("({}) = ({right});", names.join(", "))
            }
            2 => format!("{a} = {b}.clone();"),
            3 => {
                format!("let old = std::mem::replace(&mut {a}, {b}.clone()); {}", with(values.join, b, "old"))
            }
            _ => with(values.change, a, b),
        }
    }
}

/// What is done with values of one type. `A` stands for a name, `B` for another one or for a number.
struct Values {
    ty: &'static str,
    start: &'static str,
    /// Changes A by B.
    change: &'static str,
    /// Changes A by the former value B.
    join: &'static str,
    sum: &'static str,
}

const INTS: Values = Values {
    ty: "i64",
    start: "start + B",
    change: "A += (B & 15) + 1;",
    join: "A = (A & 255) * 2 + (B & 15);",
    sum: "(A & 65535) * B",
};

const LISTS: Values = Values {
    ty: "Vec<i64>",
    start: "vec![start, B]",
    change: "A.push(n_rounds); A[0] += B.len() as i64;",
    join: "A.push(B.len() as i64);",
    sum: "A.iter().sum::<i64>() * B + A.len() as i64",
};

const TEXTS: Values = Values {
    ty: "String",
    start: "format!(\"{}{}\", start, B)",
    change: "A.push_str(\"a\"); A = A + \"b\" + &B.len().to_string();",
    join: "A = A + \"-\" + &B.len().to_string();",
    sum: "(A.len() as i64) * B",
};

/// `template` with its names.
fn with(template: &str, a: &str, b: &str) -> String {
    template.split('A').collect::<Vec<_>>().join(a).replace('B', b)
}
