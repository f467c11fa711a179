//! Comparisons and keys, and methods that take lists apart.

use integration_tests::{agree, both_fail};

agree! {
    fn sorted_floats(v: Vec<f64>) -> (Vec<f64>, Vec<f64>) { let mut v = v; v.sort_by(|a, b| a.partial_cmp(b).unwrap()); let mut w = v.clone(); w.sort_by(|a, b| b.partial_cmp(a).unwrap()); (v, w) } on (vec![3., -1., 2., -1.]) (Vec::<f64>::new());
    fn sorted_pairs(v: Vec<i64>) -> Vec<(i64, i64)> { let mut pairs: Vec<(i64, i64)> = v.iter().enumerate().map(|(i, n)| (*n, i as i64)).collect(); pairs.sort_by(|a, b| b.0.cmp(&a.0)); pairs } on (vec![3, 1, 3, 2, 1]) (Vec::<i64>::new());
    fn sorted_by_keys(v: Vec<i64>) -> (Vec<i64>, Vec<i64>) { let mut a = v.clone(); a.sort_by_key(|n| n.abs()); let mut b = v.clone(); b.sort_unstable_by_key(|&n| { let m = n % 3; -m }); b.sort_by(|x, y| { x.cmp(y).reverse() }); (a, b) } on (vec![3, -1, 2, 1, -3]) (Vec::<i64>::new());
    fn largest_and_smallest(v: Vec<f64>) -> (Option<f64>, Option<f64>, Option<usize>) { let largest = v.iter().copied().max_by(|a, b| a.partial_cmp(b).unwrap()); let smallest = v.iter().copied().min_by(|a, b| a.partial_cmp(b).unwrap()); let at = v.iter().enumerate().max_by(|(_, a), (_, b)| a.partial_cmp(b).unwrap()).map(|(i, _)| i); (largest, smallest, at) } on (vec![3., -1., 3., 2.]) (Vec::<f64>::new());
    fn largest_by_keys(v: Vec<String>) -> (Option<String>, Option<String>) { (v.iter().max_by_key(|s| s.len()).cloned(), v.iter().cloned().min_by_key(|s| s.len())) } on (vec!["ab".to_owned(), "c".to_owned(), "de".to_owned(), "f".to_owned()]) (Vec::<String>::new());
    fn unzipped(v: Vec<i64>) -> (Vec<i64>, Vec<f64>) { let (a, b): (Vec<_>, Vec<_>) = v.iter().map(|n| (n * 2, *n as f64)).unzip(); let (c, mut d): (Vec<i64>, Vec<f64>) = a.iter().copied().zip(b.iter().copied()).unzip(); d.push(1.5); (c, d) } on (vec![1, 2]) (Vec::<i64>::new());
    fn drained(v: Vec<i64>) -> (Vec<i64>, Vec<i64>, i64) { let mut v = v; let first: Vec<i64> = v.drain(..2).collect(); let mut sum = 0; for n in v.drain(1..) { sum += n; } (v, first, sum) } on (vec![1, 2, 3, 4, 5]) (vec![1, 2, 3]);
    fn drained_all(v: Vec<i64>) -> (usize, i64) { let mut v = v; let sum = v.drain(..).map(|n| n * 2).sum(); (v.len(), sum) } on (vec![1, 2, 3]) (Vec::<i64>::new());
    fn split_off(v: Vec<i64>, n: usize) -> (Vec<i64>, Vec<i64>) { let mut v = v; let w = v.split_off(n); (v, w) } on (vec![1, 2, 3], 1) (vec![1, 2, 3], 3) (vec![1], 0);
    fn resized(n: usize) -> (Vec<i64>, Vec<Vec<i64>>) { let mut k = 0; let mut v = vec![7, 8]; v.resize_with(n, || { k += 1; k }); let mut w = vec![]; w.resize_with(n, || vec![]); if n > 0 { w[0].push(1); } (v, w) } on (0) (1) (4);
    fn repeated(n: usize) -> Vec<i64> { let mut v = vec![1]; v.extend(std::iter::repeat_n(5, n)); for x in std::iter::repeat_n(2, 2) { v.push(x); } v } on (0) (3);
    fn smallest_integer(n: i64) -> (bool, i64) { (n == -9223372036854775808, -9223372036854775808i64 / 2 - n / 4) } on (i64::MIN) (3);
}

both_fail! {
    fn comparison_of_nan(v: Vec<f64>) -> Vec<f64> { let mut v = v; v.sort_by(|a, b| a.partial_cmp(b).unwrap()); v } on (vec![1., f64::NAN]);
    fn split_behind_the_end(v: Vec<i64>) -> Vec<i64> { let mut v = v; v.split_off(4) } on (vec![1]);
    fn drain_behind_the_end(v: Vec<i64>) -> Vec<i64> { let mut v = v; v.drain(1..4).collect() } on (vec![1, 2]);
}
