//! Types that nobody wrote: rustc infers them.

use std::collections::{BTreeMap, HashMap};

use integration_tests::tensors::floats;
use integration_tests::{agree, both_fail};
use tch::Tensor;

agree! {
    fn untyped_maps(keys: Vec<String>, n: i64) -> i64 { let mut seen = HashMap::new(); for key in &keys { let before = seen.get(key).copied().unwrap_or(0); seen.insert(key.clone(), before + n); } seen["a"] } on (vec!["a".to_owned(), "b".to_owned(), "a".to_owned()], 2);
    fn untyped_map(n: i64) -> (i64, Vec<i64>) { let mut squares = BTreeMap::new(); for i in 0..n { squares.insert(i, i * i); } (squares.len() as i64, squares.values().copied().collect()) } on (0) (3);
    fn untyped_lists(n: i64) -> (Vec<i64>, Vec<f64>, Vec<String>) { let mut a = vec![]; let mut b = Vec::new(); let mut c = Vec::with_capacity(4); for i in 0..n { a.push(i); b.push(i as f64 / 2.0); c.push(format!("{i}")); } (a, b, c) } on (0) (3);
    fn untyped_list_of_branches(p: bool, n: i64) -> i64 { let v = if p { vec![] } else { vec![n] }; v.len() as i64 } on (true, 1) (false, 1);
    fn untyped_list_of_a_constant_branch(n: i64) -> i64 { let v = if 1 < 2 { vec![] } else { vec![n] }; v.len() as i64 } on (1);
    fn untyped_lists_of_tensors(x: &Tensor, n: i64) -> Tensor { let mut parts = vec![]; for i in 0..n { parts.push(x * i); } parts.push(x.shallow_clone()); Tensor::stack(&parts, 0) } on (&floats(&[1., 2.]), 3) (&floats(&[1.]), 0);
    fn untyped_option(v: Vec<i64>) -> (i64, bool) { let mut best = None; for &n in &v { best = match best { Some(b) if b > n => Some(b), _ => Some(n) }; } (best.unwrap_or(-1), best.is_some()) } on (vec![3, 7, 5]) (Vec::<i64>::new());
    fn untyped_option_is_set_back(v: Vec<i64>) -> Option<i64> { let mut last = None; for &n in &v { if n == 0 { last = None; } else { last = Some(n); } } last } on (vec![3, 0, 5]) (vec![3, 0]) (Vec::<i64>::new());
    fn untyped_option_of_branches(p: bool, n: i64) -> i64 { let o = if p { None } else { Some(n) }; o.unwrap_or(7) } on (true, 1) (false, 1);
    fn untyped_option_of_a_constant_branch(n: i64) -> i64 { if (if 0 < 1 { None } else { Some(n > 0) }).is_some_and(|p| p) { 1 } else { 2 } } on (1);
    fn untyped_tensor_option(x: &Tensor, n: i64) -> Tensor { let mut sum = None; for i in 0..n { sum = Some(match sum { Some(sum) => sum + x, None => x * i }); } sum.unwrap_or_else(|| x.zeros_like()) } on (&floats(&[1., 2.]), 3) (&floats(&[1.]), 0);
    fn untyped_loop(n: i64) -> i64 { let mut i = n; let steps = loop { if i > 20 { break i * 2; } i += 7; }; steps + 1 } on (1) (30);
    fn untyped_loop_of_a_pair(n: i64) -> f64 { let mut i = n; let (a, b) = loop { if i > 20 { break (i, 0.5); } i += 7; }; a as f64 * b } on (1) (30);
    fn loop_as_a_value(n: i64) -> i64 { let mut i = n; 1 + loop { i += 3; if i % 5 == 0 { break i; } } } on (1) (30);
    fn untyped_block(n: i64) -> i64 { let z = 'a: { if n > 1 { break 'a 10; } 20 }; z + 1 } on (1) (2);
    fn block_as_a_value(n: i64) -> i64 { 1 + 'a: { if n > 1 { break 'a n; } 20 } } on (1) (2);
    fn untyped_collect(v: Vec<i64>) -> i64 { let w = v.iter().filter(|n| { let m = **n; m > 1 }).map(|n| { let m = n * 2; m + 1 }).collect::<Vec<_>>(); w.len() as i64 + w[0] } on (vec![1, 2, 3]);
    fn consumers_of_statements(v: Vec<i64>) -> (i64, i64, bool) { let s = v.iter().map(|n| { let m = n * 2; m + 1 }).sum::<i64>(); let m = v.iter().map(|n| { let m = n * 2; m - 1 }).max(); (s, m.unwrap_or(0), v.iter().any(|n| { let m = n * 2; m > 5 })) } on (vec![1, 2, 3]) (Vec::<i64>::new());
    fn untyped_in_a_closure(v: Vec<i64>) -> Vec<i64> { v.iter().map(|&n| { let mut w = vec![]; for i in 0..n { w.push(i); } w.len() as i64 }).collect() } on (vec![1, 0, 3]) (Vec::<i64>::new());
    fn untyped_in_a_tuple(n: i64) -> (i64, Option<i64>) { let (mut v, mut o) = (vec![], None); for i in 0..n { v.push(i); o = Some(i); } (v.len() as i64, o) } on (0) (3);
    fn list_of_nothing(n: usize) -> (Vec<Option<i64>>, i64) { let mut v = vec![None; n]; if n > 1 { v[1] = Some(7); } let w = vec![None, v[0], Some(2)]; (v, w.len() as i64) } on (1) (3);
    fn list_of_empty_lists(n: usize) -> Vec<Vec<i64>> { let mut rows = vec![vec![]; n]; for (i, row) in (0..n).zip(vec![5i64, 6, 7]) { rows[i].push(row); } rows } on (1) (3);
    fn list_of_empty_maps(n: usize) -> Vec<i64> { let mut maps = vec![HashMap::new(); n]; maps[0].insert(1, true); maps.iter().map(|m| m.len() as i64).collect() } on (1) (3);
    fn filtered_by_a_constant(o: Option<f64>) -> f64 { o.filter(|_| false).unwrap_or(2.0).signum() } on (Some(1.5)) (None::<f64>);
    fn within_macros(n: i64, p: bool) -> (Vec<Option<i64>>, String) { assert!(loop { break n < 100; }, "{}", n.wrapping_neg()); let v = vec![None, n.checked_sub(3), if p { None } else { Some(n.saturating_mul(n)) }]; let pairs = vec![(vec![], n), (vec![n], 2)]; assert_eq!(pairs[0].0.len(), 0, "none"); (v, format!("{} {}", n.wrapping_add(i64::MAX), pairs.len())) } on (1, true) (i64::MIN, false);
    fn within_matches(n: i64, k: u8) -> (bool, bool) { (matches!(n.checked_add(1), Some(m) if m > 3), matches!(k.wrapping_add(200), 0..=9)) } on (3, 100) (i64::MAX, 60) (1, 0);
    fn within_arguments(n: i64, v: Vec<i64>) -> (Vec<i64>, i64, i64) { let mut w = v.clone(); w.insert(0, n.saturating_sub(i64::MAX)); w.resize(6, if n > 0 { n } else { n.wrapping_neg() }); let largest = i64::max(n.wrapping_mul(3), loop { break n; }); let mut sum = 0; for (i, x) in v.iter().map(|x| { let y = x.wrapping_mul(2); y + 1 }).enumerate() { sum += x * i as i64; } (w, largest, sum) } on (1, vec![1, 2]) (i64::MIN, Vec::<i64>::new()) (-5, vec![7, 8, 9]);
    fn declared_later(n: i64) -> i64 { let mut o; o = None; if n > 1 { o = Some(n); } o.unwrap_or(9) } on (1) (2);
    fn known_by_its_end(n: i64) -> Vec<Vec<i64>> { let mut rows = vec![]; for i in 0..n { let mut row = vec![]; for j in 0..i { row.push(j); } rows.push(row); } rows } on (0) (3);
    fn leaves_by_a_question_mark(v: Vec<i64>) -> Option<i64> { let mut kept = vec![]; for &n in &v { kept.push(if n < 0 { None } else { Some(n) }?); } kept.first().copied() } on (vec![3, 4]) (vec![3, -1]) (Vec::<i64>::new());
    fn borrows(v: Vec<Tensor>, x: &Tensor) -> Tensor { let mut best = None; for t in &v { best = Some(t); } best.unwrap_or(x) + 1.0 } on (vec![floats(&[1.]), floats(&[2.])], &floats(&[5.])) (Vec::<Tensor>::new(), &floats(&[5.]));
}

both_fail! {
    fn nothing_is_left(n: f64) -> f64 { Some(n).filter(|_| false).unwrap().signum() } on (1.0);
    fn untyped_option_that_fails(n: i64) -> i64 { if (if true { None } else { Some(n > 0) }).unwrap() { 1 } else { 2 } } on (1);
}
