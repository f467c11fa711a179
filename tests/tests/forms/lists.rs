//! Lists: methods, and that they are values.

use integration_tests::{agree, both_fail, refused};
use tch::Tensor;

type L = Vec<i64>;

agree! {
    fn repeated_constants(n: usize) -> (Vec<[i64; 2]>, Vec<i64>) { const ROW: [i64; 2] = [1, 2]; const N: i64 = 4; let mut rows = vec![ROW; n]; rows[0][1] = 9; (rows, vec![N; n]) } on (1) (3);
    fn clones_of_lists_of_lists(v: Vec<Vec<i64>>) -> (Vec<Vec<i64>>, i64) { let mut w = v.clone(); w[0][0] = 7; (w, v[0][0]) } on (vec![vec![1, 2], vec![3]]);
    fn list_and_text_equality(v: Vec<i64>, s: &str) -> bool { v == vec![1, 5] && s == "a" } on (vec![1, 5], "a") (vec![1], "a");
    fn pushed_and_cloned(a: i64) -> Vec<i64> { let mut v = vec![a, 2]; v.push(3); let mut w = v.clone(); w.push(v.len() as i64); w } on (4);
    fn repeated_in_a_row(a: i64) -> Vec<i64> { vec![a; 3] } on (4);
    fn indexing(v: Vec<i64>) -> i64 { v[0] + v[v.len() - 1] } on (vec![1, 2, 3]);
    fn sliced(v: Vec<i64>) -> Vec<Vec<i64>> { vec![v[1..3].to_vec(), v[..=1].to_vec(), v[2..].to_vec(), v[..].to_vec()] } on (vec![1, 2, 3, 4]);
    fn arrays_are_copied(a: i64) -> i64 { let b = [a, 2]; let mut c = b; c[0] = 9; let d = c; c[1] = 8; b[0] + 10 * d[1] + c[1] } on (1);

    fn made(a: i64) -> L { let mut v: Vec<i64> = Vec::new(); v.push(a); let mut w: Vec<i64> = Vec::with_capacity(4); w.push(2); let mut u = Vec::<i64>::new(); u.extend(v); u.extend_from_slice(&w); u } on (1);
    fn popped(v: L) -> (Option<i64>, i64) { let mut w = v.clone(); let p = w.pop(); (p, w.len() as i64 + w.pop().unwrap_or(-5)) } on (vec![1, 2]) (Vec::<i64>::new());
    fn ends(v: L) -> (Option<i64>, Option<i64>, i64) { (v.first().copied(), v.last().copied(), *v.first().unwrap_or(&7)) } on (vec![1, 2]) (vec![5]) (Vec::<i64>::new());
    fn got(v: L, i: i64) -> (Option<i64>, i64, bool) { (v.get(i as usize).copied(), *v.get(0).unwrap_or(&-1), v.get(9).is_none()) } on (vec![1, 2], 1) (vec![5], 1) (Vec::<i64>::new(), 0);
    fn got_tensors(x: &Tensor, xs: &[Tensor]) -> (Tensor, Tensor) { (x.get(1), match xs.get(1) { Some(y) => y + 1.0, None => x.shallow_clone() }) } on (&Tensor::from_slice(&[1f32, 2.]), vec![].as_slice() as &[Tensor]) (&Tensor::from_slice(&[1f32, 2.]), vec![Tensor::from(1f32), Tensor::from(5f32)].as_slice());
    fn inserted_and_removed(v: L) -> L { let mut w = v.clone(); w.insert(1, 10); w.insert(0, 20); let r = w.remove(2); w.push(r); let s = w.swap_remove(0); w.push(s * 2); w } on (vec![1, 2, 3]) (vec![4]);
    fn rearranged(v: L) -> L { let mut w = v.clone(); w.swap(0, 2); w.reverse(); w.truncate(3); w.sort(); w.extend([9, 8]); w.sort_unstable(); w } on (vec![5, 1, 4, 2]);
    fn appended(v: L) -> (L, L) { let mut a = v.clone(); let mut b = vec![7, 8]; a.append(&mut b); (a, b) } on (vec![1]);
    fn cleared(v: L) -> (L, bool) { let mut a = v.clone(); a.clear(); let e = a.is_empty(); a.push(1); (a, e) } on (vec![1]);
    fn contained(v: L, a: i64) -> (bool, bool) { (v.contains(&a), ["a", "b"].contains(&"b")) } on (vec![1, 2], 2) (vec![1], 2);
    fn deduplicated(v: L) -> L { let mut w = v.clone(); w.dedup(); w } on (vec![1, 1, 2, 2, 2, 1]) (Vec::<i64>::new());
    fn resized(v: L) -> (L, L) { let (mut a, mut b) = (v.clone(), v.clone()); a.resize(1, 0); b.resize(4, 9); (a, b) } on (vec![1, 2]);
    fn retained(v: L) -> L { let mut w = v.clone(); w.retain(|x| *x > 1); w.retain(|&x| x != 3); w } on (vec![1, 2, 3, 4]) (Vec::<i64>::new());
    fn joined(v: Vec<L>) -> L { let mut a = v.concat(); a.extend(v.iter().flatten()); a } on (vec![vec![1, 2], vec![], vec![3]]);
    fn split(v: L) -> (L, L, L) { let (a, b) = v.split_at(1); (a.to_vec(), b.to_vec(), v[1..].to_vec()) } on (vec![1, 2, 3]);
    fn windows(v: L) -> (i64, i64, L) { let mut s = 0; for w in v.windows(2) { s = s * 10 + w[1] - w[0]; } let mut t = 0; for c in v.chunks(2) { t = t * 10 + c.len() as i64; } (s, t, v.chunks_exact(2).map(|c| c[0] * c[1]).collect()) } on (vec![1, 2, 4, 7, 8]) (vec![1]) (Vec::<i64>::new());
    fn repeated(a: i64) -> (L, Vec<L>, Vec<L>) { let row = vec![a; 2]; let mut m = vec![row; 2]; m[0][0] = 9; let mut n = vec![vec![0; 2]; 2]; n[1][1] = 5; (vec![a + 1; 3], m, n) } on (4);
    fn repeat(v: L) -> L { v.repeat(2) } on (vec![1, 2]);

    fn clones_are_apart(v: Vec<L>) -> (Vec<L>, Vec<L>) { let mut w = v.clone(); w[0].push(9); let mut u = w.to_vec(); u[0][0] = 8; w.push(vec![7]); (w, u) } on (vec![vec![1], vec![2]]);
    fn clones_of_tuples_are_apart(v: L) -> (L, L) { let p = (v.clone(), 1); let mut q = p.clone(); q.0.push(5); (p.0, q.0) } on (vec![1]);
    fn clones_of_options_are_apart(v: Option<L>) -> (Option<L>, Option<L>) { let mut w = v.clone(); if let Some(ref mut x) = w { x.push(4); } (v, w) } on (Some(vec![1])) (None::<L>);
    fn arrays_of_arrays_are_copied(a: i64) -> (L, L) { let m = [[a, 2], [3, 4]]; let mut n = m; n[0][0] = 9; let mut row = m[1]; row[0] = 7; (vec![m[0][0], m[1][0]], vec![n[0][0], row[0]]) } on (1);
    fn stored_arrays_are_copied(a: i64) -> L { let mut b = [a, 2]; let mut v = vec![b]; b[0] = 7; v.push(b); b[0] = 8; let p = (b, 1); b[0] = 9; let mut c = [0, 0]; c = b; b[1] = 5; vec![v[0][0], v[1][0], p.0[0], b[0], c[1]] } on (1);
    fn cloned_items_are_apart(v: Vec<L>) -> (Vec<L>, Vec<L>) { let mut w: Vec<L> = v.iter().cloned().collect(); w[0].push(9); let mut u: Vec<L> = v.iter().map(|x| x.clone()).collect(); u[0].push(8); w.push(v[0].clone()); (w, u) } on (vec![vec![1], vec![2]]);
    fn collected_lists_are_apart(v: L) -> (L, L) { let mut w: Vec<i64> = v.iter().copied().collect(); w.push(1); (v, w) } on (vec![1]);
    fn moved(v: L) -> L { let mut w = v; w.push(1); let u = w; let mut t = vec![u]; t[0].push(2); t.remove(0) } on (vec![0]);
    fn inner_lists_change(v: Vec<L>) -> Vec<L> { let mut w = v.clone(); w[0].push(1); w[1].clear(); for row in w.iter_mut() { row.push(7); } w } on (vec![vec![1], vec![2]]);
    fn swapped(a: L, b: L) -> (L, L, i64) { let (mut a, mut b) = (a, b); std::mem::swap(&mut a, &mut b); a.push(1); let mut n = 4; let old = std::mem::replace(&mut n, 5); (a, b, old * 10 + n) } on (vec![1], vec![2]);
    fn branches_of_empty_lists(a: i64) -> L { let v: Vec<i64> = if a > 1 { vec![] } else { vec![a] }; let w: Vec<i64> = match a { 1 => Vec::new(), _ => vec![2] }; let mut u = v.clone(); u.extend(&w); u } on (1) (2);
    fn compared(v: L, w: L, p: Option<i64>) -> (bool, bool, bool, bool) { (v == w, v != w, p == Some(1), p != None) } on (vec![1], vec![1], Some(1)) (vec![1], vec![1, 2], None::<i64>) (vec![1], vec![2], Some(2));
    fn nested_lists_compared(v: Vec<L>, w: Vec<L>) -> bool { v == w } on (vec![vec![1]], vec![vec![1]]) (vec![vec![1]], vec![vec![2]]) (vec![vec![1]], vec![vec![1], vec![]]);
    fn defaults(a: Option<i64>, b: Option<L>, c: Option<String>) -> (i64, L, String) { (a.unwrap_or_default(), b.unwrap_or_default(), c.unwrap_or_default()) } on (Some(1), Some(vec![2]), Some("a".to_owned())) (None::<i64>, None::<L>, None::<String>);
}

both_fail! {
    fn insertion_behind_the_end(v: L) -> L { let mut w = v.clone(); w.insert(3, 1); w } on (vec![1]);
    fn removal_behind_the_end(v: L) -> L { let mut w = v.clone(); w.remove(1); w } on (vec![1]);
    fn index_behind_the_end(v: L) -> i64 { v[3] } on (vec![1]);
    fn swap_behind_the_end(v: L) -> L { let mut w = v.clone(); w.swap(0, 3); w } on (vec![1]);
    fn unwrapped_nothing(v: L) -> i64 { *v.first().unwrap() } on (Vec::<i64>::new());
    fn windows_of_none(v: L) -> i64 { v.windows(v.len() - 1).count() as i64 } on (vec![1]);
}

refused! {
    fn option_of_an_option(v: Vec<Option<i64>>) -> i64 { let mut w = v.clone(); match w.pop() { Some(x) => x.unwrap_or(0), None => 1 } }: "option of an option";
    fn reversed_text(s: String) -> String { let mut t = vec![s]; t[0].clear(); t[0].clone() }: "`clear`";
}
