//! Places: what can be assigned, also by way of a reference.

use std::collections::{BTreeMap, HashMap};

use integration_tests::tensors::floats;
use integration_tests::{agree, both_fail};
use tch::Tensor;
use tch_jit::ScriptType;

/// What the forms change the fields of.
#[derive(Clone, Debug, Default, PartialEq, ScriptType)]
struct Stats {
    n: i64,
    sum: f64,
    last: Option<i64>,
    seen: Vec<i64>,
}

agree! {
    fn take_of_an_option(p: bool, n: i64) -> (Option<i64>, Option<i64>) { let mut o = if p { Some(n) } else { None }; let t = o.take(); (t, o) } on (true, 1) (false, 2);
    fn take_of_a_parameter(o: Option<i64>) -> (i64, bool) { let mut o = o; let t = o.take().unwrap_or(7); (t, o.is_none()) } on (Some(1)) (None::<i64>);
    fn take_in_a_loop(n: i64) -> Vec<i64> { let mut pending: Option<i64> = None; let mut out = vec![]; for i in 0..n { if let Some(p) = pending.take() { out.push(p * 10); } if i % 2 == 0 { pending = Some(i); } } out } on (5) (0);
    fn replace_of_an_option(n: i64) -> (Option<i64>, Option<i64>) { let mut o = None; for i in 0..n { let before = o.replace(i); if before == Some(3) { return (before, o); } } (None, o) } on (2) (9);
    fn options_of_tensors(x: &Tensor, n: i64) -> (Tensor, bool) { let mut kept: Option<Tensor> = None; let mut sum = x.zeros_like(); for i in 0..n { match kept.take() { Some(k) => sum += k, None => kept = Some(x * i) } } (sum, kept.is_some()) } on (&floats(&[1., 2.]), 5) (&floats(&[1.]), 0);
    fn mem_take(n: i64) -> (Vec<i64>, usize, i64, String, bool) { let mut v = vec![n]; let w = std::mem::take(&mut v); let mut k = n; let l = std::mem::take(&mut k); let mut s = String::from("a"); let t = std::mem::take(&mut s); let mut o = Some(n); let p = std::mem::take(&mut o); (w, v.len(), l + k, t + &s, o.is_none() && p.is_some()) } on (4);
    fn mem_take_of_maps(n: i64) -> (usize, usize) { let mut m = HashMap::from([(n, 1.5)]); let taken = std::mem::take(&mut m); m.insert(n, 2.0); m.insert(n + 1, 2.0); (taken.len(), m.len()) } on (4);
    fn mem_take_of_an_element(n: i64) -> Vec<Vec<i64>> { let mut rows = vec![vec![n], vec![n, n]]; let row = std::mem::take(&mut rows[1]); rows.push(row); rows } on (4);
    fn mem_replace_of_a_field(n: i64) -> (Stats, f64) { let mut s = Stats { n, sum: 1.5, last: None, seen: vec![] }; let old = std::mem::replace(&mut s.sum, n as f64); (s, old) } on (4);
    fn mem_swap_of_fields_and_elements(n: i64) -> (Stats, Vec<f64>) { let mut s = Stats { n, sum: 1.5, last: None, seen: vec![] }; let mut v = vec![2.5, 3.5]; std::mem::swap(&mut s.sum, &mut v[1]); let [a, b] = &mut [1i64, 2]; std::mem::swap(a, b); s.n += *a; (s, v) } on (4);
    fn fields_are_assigned(n: i64) -> Stats { let mut s = Stats { n: 0, sum: 0.5, last: None, seen: vec![n] }; for i in 0..n { s.n += i; s.sum = s.sum * 2.0 + i as f64; s.last = Some(i); s.seen.push(i); } if n > 3 { s.last = None; } s } on (0) (3) (5);
    fn fields_of_elements(n: i64) -> Vec<(i64, f64)> { let mut v = vec![(n, 0.5); 3]; for i in 0..3 { v[i].0 += i as i64; v[i].1 = v[i].0 as f64; } v } on (4);
    fn fields_of_fields(n: i64) -> ((i64, (f64, bool)), i64) { let mut t = ((n, (0.5, false)), n); t.0.1.0 += 1.0; t.0.1.1 = !t.0.1.1; t.0.0 -= 1; t.1 *= 2; t } on (4);
    fn tensors_of_fields(x: &Tensor) -> (Tensor, Tensor) { let mut t = (x.zeros_like(), x.ones_like()); let alias = t.0.shallow_clone(); t.0 += x; t.1 = &t.0 * 2.0; (alias, t.1) } on (&floats(&[1., 2.]));
    fn a_tuple_of_fields(n: i64) -> (i64, i64) { let mut t = (n, n + 1); (t.0, t.1) = (t.1, t.0); t } on (4);
    fn base_of_a_struct(n: i64) -> (Stats, Stats) { let a = Stats { n, sum: 0.5, last: Some(n), seen: vec![n] }; let b = Stats { sum: 2.5, last: None, ..a.clone() }; (a, b) } on (4);
    fn base_is_the_default(n: i64) -> Stats { let s = Stats { n, ..Default::default() }; Stats { last: Some(n), ..s } } on (4);
    fn default_of_its_place(n: i64) -> (Vec<i64>, i64, f64, String) { let mut v: Vec<i64> = Default::default(); v.push(n); let k = i64::default(); let f: f64 = Default::default(); let mut s = String::default(); s.push_str("a"); (v, k, f, s) } on (4);
    fn references_to_variables(n: i64) -> (i64, Vec<i64>) { let mut a = n; let mut v = vec![n]; let x = &mut a; *x += 1; *x *= 2; let w = &mut v; w.push(1); w[0] = *x; (a, v) } on (4);
    fn reference_to_an_element(n: usize) -> (Vec<i64>, usize) { let mut v = vec![1i64, 2, 3]; let mut i = n; let x = &mut v[i]; i = 0; *x = 9; *x -= 1; (v, i) } on (1) (2);
    fn last_of_a_list(n: i64) -> Vec<i64> { let mut v = vec![n, n]; *v.last_mut().unwrap() += 5; if let Some(first) = v.first_mut() { *first = 0; } if let Some(x) = v.get_mut(7) { *x = 1; } else { v.push(3); } v } on (4);
    fn last_of_nothing(n: i64) -> Vec<i64> { let mut v: Vec<i64> = vec![]; if let Some(last) = v.last_mut() { *last = n; } else if n > 1 { v.push(n); } v } on (1) (2);
    fn elements_of_a_list(v: Vec<f64>) -> Vec<f64> { let mut v = v; for x in v.iter_mut() { if *x < 0.0 { *x = 0.0; continue; } *x *= 2.0; } v } on (vec![1., -2., 3.]) (Vec::<f64>::new());
    fn elements_with_numbers(v: Vec<f64>) -> Vec<f64> { let mut v = v; for (i, x) in v.iter_mut().enumerate() { *x += i as f64; } v } on (vec![1., -2., 3.]);
    fn elements_with_others(v: Vec<f64>, w: Vec<f64>) -> Vec<f64> { let mut v = v; for (x, y) in v.iter_mut().zip(&w) { *x += y; } for (y, x) in w.iter().zip(v.iter_mut()) { *x -= 2.0 * y; } v } on (vec![1., -2., 3.], vec![5., 6.]);
    fn elements_by_reference(n: i64) -> Vec<i64> { let mut v = vec![n, 2 * n]; for x in &mut v { *x += 1; } v } on (4);
    fn elements_of_elements(n: i64) -> Vec<Vec<i64>> { let mut m = vec![vec![n; 3]; 2]; for (i, row) in m.iter_mut().enumerate() { for x in row.iter_mut() { *x += i as i64; } row.push(0); } m } on (4);
    fn parts_of_elements(n: i64) -> Vec<(i64, f64)> { let mut v = vec![(n, 0.5), (n, 1.5)]; for (k, f) in v.iter_mut() { *k += 1; *f *= 2.0; } for p in v.iter_mut() { p.1 += 1.0; } v } on (4);
    fn fields_of_elements_by_reference(n: i64) -> Vec<Stats> { let mut v = vec![Stats { n, sum: 0.5, last: None, seen: vec![] }; 2]; for s in v.iter_mut() { s.n += 1; s.last = Some(s.n); s.seen.push(s.n); } v } on (4);
    fn elements_in_for_each(v: Vec<f64>) -> Vec<f64> { let mut v = v; v.iter_mut().for_each(|x| *x *= 2.0); v.iter_mut().enumerate().for_each(|(i, x)| *x += i as f64); v } on (vec![1., -2., 3.]);
    fn elements_backwards(v: Vec<f64>) -> Vec<f64> { let mut v = v; let mut sum = 0.0; for x in v.iter_mut().rev() { sum += *x; *x = sum; } v } on (vec![1., -2., 3.]);
    fn some_elements(v: Vec<f64>) -> Vec<f64> { let mut v = v; for x in v.iter_mut().skip(1).take(2) { *x = 0.0; } v } on (vec![1., -2., 3., 4.]);
    fn tensors_by_reference(x: &Tensor, n: i64) -> Vec<Tensor> { let mut v = vec![x.zeros_like(), x.ones_like()]; for t in v.iter_mut() { *t += n; *t = &*t * 2.0; } v } on (&floats(&[1., 2.]), 3);
    fn what_an_option_holds(p: bool, n: i64) -> (Option<i64>, i64) { let mut o = if p { Some(n) } else { None }; if let Some(x) = &mut o { *x += 1; *x *= 2; } if let Some(x) = o.as_mut() { *x -= 1; } match o.as_mut() { Some(x) if *x > 5 => *x = 5, Some(x) => *x += 100, None => {} } (o, o.unwrap_or(0)) } on (true, 1) (true, 9) (false, 2);
    fn what_an_option_holds_by_unwrap(n: i64) -> Option<i64> { let mut o = Some(n); *o.as_mut().unwrap() += 1; let x = o.as_mut().unwrap(); *x *= 3; o } on (2);
    fn an_option_is_filled(p: bool, n: i64) -> (Option<i64>, i64) { let mut o = if p { Some(n) } else { None }; let x = o.get_or_insert(7); *x += 1; let y = *o.get_or_insert_with(|| 9); (o, y) } on (true, 1) (false, 2);
    fn options_in_pairs(a: Option<i64>, b: Option<f64>) -> f64 { match a.zip(b) { Some((a, b)) => a as f64 + b, None => -1.0 } } on (Some(1), Some(0.5)) (None::<i64>, Some(0.5)) (Some(1), None::<f64>);
    fn entries_of_a_map(keys: Vec<i64>) -> (Vec<i64>, Vec<i64>) { let mut m = BTreeMap::new(); for k in &keys { *m.entry(*k).or_insert(0) += 1; } for k in &keys { *m.entry(k + 1).or_default() += 10; } (m.keys().copied().collect(), m.values().copied().collect()) } on (vec![1, 2, 1, 5]) (Vec::<i64>::new());
    fn entries_that_are_lists(keys: Vec<i64>) -> Vec<Vec<i64>> { let mut m: BTreeMap<i64, Vec<i64>> = BTreeMap::new(); for (i, k) in keys.iter().enumerate() { m.entry(*k).or_default().push(i as i64); let list = m.entry(0).or_insert_with(|| vec![7]); list.push(1); } m.values().cloned().collect() } on (vec![1, 2, 1, 5]) (Vec::<i64>::new());
    fn values_of_a_map(n: i64) -> Vec<i64> { let mut m = BTreeMap::from([(1, n), (2, n)]); for v in m.values_mut() { *v += 1; } if let Some(v) = m.get_mut(&2) { *v *= 2; } *m.get_mut(&1).unwrap() -= 5; if let Some(v) = m.get_mut(&9) { *v = 0; } m.values().copied().collect() } on (4);
    fn counts_of_words(text: String) -> i64 { let mut counts = HashMap::new(); for word in text.split_whitespace() { *counts.entry(word.to_owned()).or_insert(0i64) += 1; } counts["a"] * 10 + counts.len() as i64 } on ("a b a c".to_owned());
}

both_fail! {
    fn last_of_an_empty_list(n: i64) -> i64 { let mut v: Vec<i64> = vec![]; *v.last_mut().unwrap() += n; v.len() as i64 } on (1);
    fn a_key_that_is_missing(n: i64) -> i64 { let mut m = BTreeMap::from([(1, n)]); *m.get_mut(&2).unwrap() += n; m[&1] } on (1);
    fn nothing_to_change(p: bool) -> i64 { let mut o = if p { Some(1) } else { None }; *o.as_mut().unwrap() += 1; o.unwrap() } on (false);
}
