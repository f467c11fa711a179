//! Maps: methods, iteration in the order of the keys.

use std::collections::{BTreeMap, HashMap};

use integration_tests::{agree, both_fail};

type M = BTreeMap<String, i64>;

fn m(entries: &[(&str, i64)]) -> M {
    entries.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect()
}

agree! {
    fn indexed_by_literals(d: HashMap<String, i64>) -> i64 { d["a"] + d.len() as i64 } on (HashMap::from([("a".to_owned(), 3i64)]));

    fn made(a: i64) -> M { let mut d: BTreeMap<String, i64> = BTreeMap::new(); d.insert("b".to_owned(), a); d.insert("a".to_string(), 2); d.insert("b".to_owned(), a + 1); d } on (4);
    fn written_types(a: i64) -> i64 { let mut d = HashMap::<i64, f64>::new(); d.insert(a, 1.5); d.insert(2, 2.5); d.len() as i64 } on (4) (2);
    fn got(d: M) -> (Option<i64>, i64, bool, i64) { (d.get("a").copied(), d.get("z").copied().unwrap_or(-1), d.contains_key("b"), if let Some(x) = d.get("b") { *x } else { 0 }) } on (m(&[("a", 1)])) (m(&[("b", 1), ("z", 5)]));
    fn replaced(d: M) -> (Option<i64>, Option<i64>, M) { let mut e = d.clone(); let old = e.insert("a".to_owned(), 9); let gone = e.remove("b"); e.remove("q"); (old, gone, e) } on (m(&[("a", 1), ("b", 2)])) (m(&[("c", 1)]));
    fn indexed(d: M) -> i64 { let k = "a".to_owned(); d["a"] + d[&k] } on (m(&[("a", 1)]));
    fn counted(d: M) -> (usize, bool) { (d.len(), d.is_empty()) } on (m(&[("a", 1)])) (m(&[]));
    fn iterated(d: M) -> (String, i64) { let mut e = d.clone(); e.insert("aa".to_owned(), 7); let mut s = String::new(); let mut n = 0; for (k, v) in &e { s += k; n = n * 10 + v; } (s, n) } on (m(&[("b", 1), ("a", 2), ("c", 3)]));
    fn keys_and_values(d: M) -> (Vec<String>, Vec<i64>, i64) { (d.keys().cloned().collect(), d.values().copied().collect(), d.values().sum::<i64>()) } on (m(&[("b", 1), ("a", 2)])) (m(&[]));
    fn pairs(d: M) -> (i64, i64, Vec<i64>, usize) { let s = d.iter().map(|(k, v)| k.len() as i64 * v).sum::<i64>(); let mut t = 0; for (i, (_, v)) in d.iter().enumerate() { t += i as i64 * v; } (s, t, d.iter().filter(|(_, v)| **v > 1).map(|p| *p.1).collect(), d.iter().count()) } on (m(&[("bb", 1), ("a", 2)]));
    fn collected(v: Vec<i64>) -> BTreeMap<i64, i64> { let d: BTreeMap<i64, i64> = v.iter().map(|x| (*x, x * x)).collect(); let mut e = BTreeMap::from([(1, 5)]); e.extend(d); e } on (vec![3, 1, 2]);
    fn clones_are_apart(d: BTreeMap<String, Vec<i64>>) -> (BTreeMap<String, Vec<i64>>, i64) { let mut e = d.clone(); e.insert("q".to_owned(), vec![]); e.remove("a"); (e, d["a"].len() as i64) } on (BTreeMap::from([("a".to_owned(), vec![1i64])]));
    fn counters(v: Vec<i64>) -> BTreeMap<i64, i64> { let mut d: BTreeMap<i64, i64> = BTreeMap::new(); for x in &v { let n = d.get(x).copied().unwrap_or(0); d.insert(*x, n + 1); } d } on (vec![1, 2, 1, 1]);
    fn optional(d: M) -> i64 { match d.get("a") { Some(&x) if x > 1 => x, Some(_) => 1, None => 0 } } on (m(&[("a", 5)])) (m(&[("a", 1)])) (m(&[]));
    fn keys_of_integers(v: Vec<i64>) -> Vec<i64> { let mut d: HashMap<i64, bool> = HashMap::new(); for x in &v { d.insert(*x, true); } let mut k: Vec<i64> = d.keys().copied().collect(); k.sort(); k } on (vec![3, 1, 3]);
}

both_fail! {
    fn missing_key(d: M) -> i64 { d["a"] } on (m(&[]));
}
