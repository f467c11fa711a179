//! Branches, loops, labels, `while let`, chains of `let`, guards.

use integration_tests::agree;
use tch::{Kind, Tensor};

agree! {
    fn if_else(a: i64) -> i64 { let b = if a > 2 { 1 } else if a > 0 { 2 } else { 3 }; b } on (3) (1) (-1);
    fn if_some(a: Option<i64>) -> i64 { if let Some(a) = a { a } else { -1 } } on (Some(3)) (None::<i64>);
    fn if_none(a: Option<i64>) -> i64 { if let None = a { 1 } else { a.unwrap() } } on (Some(3)) (None::<i64>);
    fn for_ranges(n: i64) -> i64 { let mut s = 0; for i in 0..n { s += i; } for i in 1..=n { s += 2 * i; } for i in (0..n).rev() { s = s * 2 + i; } for i in (0..n).step_by(2) { s += i; } s } on (4) (0);
    fn for_lists(v: Vec<i64>) -> i64 { let mut s = 0; for (i, x) in v.iter().enumerate() { s += x * i as i64; } for (x, y) in v.iter().zip(v.iter()) { s += x * y; } for x in &v { s -= *x; } s } on (vec![1, 2, 5]);
    fn while_continue(a: i64) -> i64 { let (mut i, mut s) = (0, 0); while i < a { i += 1; if i == 2 { continue; } if i > 4 { break; } s += i; } s } on (3) (9);
    fn loop_with_a_value(a: i64) -> i64 { let mut i = 0; let b: i64 = loop { i += 1; if i > a { break i * 2; } }; b } on (4);
    fn loop_at_the_end(a: i64) -> i64 { let mut i = 0; loop { i += 1; if i > a { break i * 2; } if i > 5 { return 0; } } } on (4) (7);
    fn early_return(n: i64) -> i64 { if n > 2 { return 1; } for i in 0..n { if i == 1 { return 7; } } 2 } on (3) (1) (2);

    fn labelled_break(n: i64) -> i64 { let mut s = 0; 'outer: for i in 0..n { for j in 0..n { if i * j > 3 { break 'outer; } s += i + j; } s += 100; } s } on (0) (2) (5);
    fn labelled_continue(n: i64) -> i64 { let mut s = 0; 'outer: for i in 0..n { for j in 0..n { if j > i { continue 'outer; } s += i * 10 + j; } s += 1000; } s } on (0) (2) (5);
    fn several_levels(n: i64) -> i64 { let mut s = 0; 'a: for i in 0..n { 'b: while s < 500 { s += 1; loop { s += 10; if s % 7 == 0 { continue 'a; } if s % 11 == 0 { break 'b; } if s % 13 == 0 { break 'a; } if s % 5 == 0 { break; } } s += 2; } s += i; } s } on (1) (3) (9);
    fn label_on_the_innermost(n: i64) -> i64 { let mut s = 0; 'a: while s < n { s += 3; if s > 5 { continue 'a; } if s == 3 { break 'a; } } s } on (1) (9);
    fn labelled_loop_with_a_value(n: i64) -> i64 { let mut i = 0; let v: i64 = 'a: loop { i += 1; for j in 0..i { if i * j > n { break 'a i * 10 + j; } } }; v + 1 } on (3) (20);
    fn labelled_loop_that_returns(n: i64) -> i64 { let mut i = 0; 'a: loop { i += 1; for j in 0..i { if i * j > n { break 'a i * 10 + j; } } } } on (3) (20);
    fn labelled_block(a: i64) -> i64 { let mut s = 0; 'a: { s += 1; if a > 2 { break 'a; } s += 10; } s } on (1) (3);
    fn labelled_block_with_a_value(a: i64) -> i64 { let v: i64 = 'a: { if a > 2 { break 'a 7; } let b = a * 2; b + 1 }; v * 10 } on (1) (3);
    fn labelled_block_that_returns(a: i64) -> i64 { 'a: { if a > 2 { break 'a 7; } a * 2 } } on (1) (3);
    fn block_in_a_loop(n: i64) -> i64 { let mut s = 0; 'l: for i in 0..n { 'a: { if i == 1 { continue 'l; } if i == 2 { break 'a; } if i == 5 { break 'l; } s += i; } s += 100; } s } on (2) (4) (9);
    fn loop_in_a_block(n: i64) -> i64 { let v: i64 = 'a: { for i in 0..n { for j in 0..i { if i + j > 4 { break 'a i * j; } } } -1 }; v } on (2) (9);
    fn labels_shadow(n: i64) -> i64 { let mut s = 0; 'a: for i in 0..n { 'b: for j in 0..n { for k in 0..n { if k > j { continue 'b; } if j > 2 { continue 'a; } s += i + j + k; } } } s } on (2) (5);

    fn while_let_pop(v: Vec<i64>) -> Vec<i64> { let mut stack = v.clone(); let mut out: Vec<i64> = vec![]; while let Some(x) = stack.pop() { if x == 3 { continue; } out.push(x); if x > 4 { stack.push(3); stack.push(1); } if x == 2 { break; } } out } on (vec![7, 5, 1]) (vec![1, 2, 4]) (Vec::<i64>::new());
    fn while_let_option(n: i64) -> i64 { let mut o: Option<i64> = Some(n); let mut s = 0; while let Some(x) = o { s += x; o = if x > 0 { Some(x - 1) } else { None }; } s } on (4) (0);
    fn while_let_chain(v: Vec<i64>) -> i64 { let mut stack = v.clone(); let mut s = 0; while let Some(x) = stack.pop() && x > 0 { s += x; } s * 10 + stack.len() as i64 } on (vec![7, -1, 5, 1]) (vec![1, 2]) (Vec::<i64>::new());
    fn while_with_a_let_behind(a: Option<i64>) -> i64 { let mut i = 0; while i < 5 && let Some(x) = a { i += x; } i } on (Some(2)) (None::<i64>);
    fn labelled_while_let(v: Vec<i64>) -> i64 { let mut stack = v.clone(); let mut s = 0; 'a: while let Some(x) = stack.pop() { for i in 0..x { if i > 2 { continue 'a; } if s > 20 { break 'a; } s += i; } s += 10; } s } on (vec![7, 1, 5, 1]) (vec![1, 2]);

    fn let_chain(a: Option<i64>) -> i64 { if let Some(x) = a && x > 0 { x } else { -1 } } on (Some(3)) (Some(-3)) (None::<i64>);
    fn let_chain_of_two(a: Option<i64>, b: Option<i64>) -> i64 { if let Some(x) = a && let Some(y) = b && x > y { x - y } else if let Some(y) = b { y } else { -1 } } on (Some(3), Some(1)) (Some(1), Some(3)) (None::<i64>, Some(2)) (None::<i64>, None::<i64>);
    fn let_chain_with_a_call(v: Vec<i64>, a: bool) -> i64 { let mut w = v.clone(); let r = if a && let Some(x) = w.pop() && x > 1 { x } else { -1 }; r * 10 + w.len() as i64 } on (vec![1, 2], true) (vec![1], true) (vec![1], false) (Vec::<i64>::new(), true);
    fn let_chain_without_else(v: Vec<i64>) -> i64 { let mut w = v.clone(); let mut s = 0; if let Some(x) = w.pop() && let Some(y) = w.pop() { s = x * 10 + y; } s } on (vec![1, 2]) (vec![1]) (Vec::<i64>::new());
    fn condition_before_let(a: i64, b: Option<i64>) -> i64 { if a > 1 && let Some(x) = b { x } else { 0 } } on (2, Some(3)) (1, Some(3)) (2, None::<i64>);
    fn else_if_let(a: Option<i64>, b: Option<f64>) -> f64 { if let Some(a) = a { a as f64 } else if let Some(b) = b { b } else { 0.5 } } on (Some(1), None::<f64>) (None::<i64>, Some(2.5)) (None::<i64>, None::<f64>);

    fn guard_with_statements(a: i64) -> i64 { match a { 1 | 2 if { let z = a * 2; z > 2 } => 10, x if { let z = x + 1; z > 5 } => 20 + x, _ => 30 } } on (1) (2) (3) (7);
    fn guard_with_statements_on_an_option(a: Option<i64>) -> i64 { match a { Some(x) if { let z = x * 2; z > 4 } => x, Some(x) => -x, None => 0 } } on (Some(3)) (Some(1)) (None::<i64>);
    fn guards_of_pairs(p: (i64, i64)) -> i64 { match p { (a, b) if a > b => a - b, (a, 0) => a, (a, b) => a * b } } on ((3, 1)) ((0, 0)) ((2, 5));
    fn guards_of_optional_pairs(p: Option<(i64, i64)>) -> i64 { match p { Some((a, b)) if a > b => a - b, Some((a, _)) => a, None => -1 } } on (Some((3, 1))) (Some((1, 3))) (None::<(i64, i64)>);
    fn break_from_a_match(n: i64) -> i64 { let mut s = 0; for i in 0..n { match i { 2 => continue, 5 => break, _ => s += i } } s } on (3) (8);
    fn nested_ifs_of_tensors(x: &Tensor, m: Option<&Tensor>) -> Tensor { if let Some(m) = m && m.sum(Kind::Float).double_value(&[]) > 0.0 { x * m } else { x + 1.0 } } on (&Tensor::from(2f32), Some(&Tensor::from(3f32))) (&Tensor::from(2f32), Some(&Tensor::from(-3f32))) (&Tensor::from(2f32), None::<&Tensor>);
}
