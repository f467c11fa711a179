//! Closures with names, functions inside of a body, and `return` in closures.

use integration_tests::agree;
use integration_tests::tensors::floats;
use tch::Tensor;

agree! {
    fn closure_is_called(x: &Tensor) -> Tensor { let twice = |y: &Tensor| y * 2.0; let bump = |y: Tensor, by: f64| y + by; bump(twice(x), 1.0) + twice(&twice(x)) } on (&floats(&[1., 2.]));
    fn closure_captures(n: i64) -> i64 { let k = n * 2; let add = |a| a + k; let k = 100; add(k) + add(1) } on (4);
    fn closure_changes_what_it_captures(n: i64) -> (i64, Vec<i64>) { let mut sum = 0; let mut all = vec![]; let mut add = |a: i64| { sum += a; all.push(a); sum }; let first = add(n); let second = add(first); (first + second, vec![sum, all.len() as i64]) } on (4);
    fn closure_that_moves(n: i64) -> (i64, i64) { let mut k = n; let mut next = move || { k += 1; k }; k = 100; let a = next(); let b = next(); (a * 10 + b, k) } on (4);
    fn closure_with_statements(n: i64) -> i64 { let f = |a: i64| { let mut s = 0; for i in 0..a { if i == 3 { continue; } s += i; } s }; f(n) + f(2 * n) } on (0) (4);
    fn closure_with_return(n: i64) -> i64 { let sign = |a: i64| { if a < 0 { return -1; } if a == 0 { return 0; } 1 }; sign(n) * 10 + sign(n - 1) } on (0) (1) (-5) (9);
    fn closure_with_return_of_its_type(n: i64) -> Option<i64> { let f = |a: i64| -> Option<i64> { for i in 0..a { if i * i > a { return Some(i); } } None }; f(n).or(f(2)) } on (0) (9);
    fn return_in_chains(v: Vec<i64>) -> (Vec<i64>, i64, bool) { let w = v.iter().map(|&a| { if a < 0 { return 0; } a * 2 }).collect(); let mut n = 0; v.iter().for_each(|a| { if *a < 0 { return; } n += a; }); let p = v.iter().any(|&a| { if a > 5 { return true; } a == 1 }); (w, n, p) } on (vec![1, -2, 3]) (vec![-1, 7]) (Vec::<i64>::new());
    fn return_in_options(o: Option<i64>) -> i64 { o.map(|a| { if a > 3 { return 3; } a }).unwrap_or_else(|| 7) } on (Some(1)) (Some(9)) (None::<i64>);
    fn closure_is_passed(v: Vec<f64>) -> (Vec<f64>, f64) { let k = 2.0; let scale = |x: &f64| x * k; let add = |a: f64, b: f64| a + b; (v.iter().map(scale).collect(), v.iter().copied().fold(0.0, add)) } on (vec![1., 2.]) (Vec::<f64>::new());
    fn closure_in_a_loop(n: i64) -> i64 { let mut total = 0; for i in 0..n { let f = |a: i64| a * i + total; total = f(2); } total } on (0) (4);
    fn closure_calls_a_closure(n: i64) -> i64 { let double = |a: i64| a * 2; let quadruple = |a: i64| double(double(a)); quadruple(n) + double(1) } on (4);
    fn arguments_are_evaluated_once(n: i64) -> (i64, i64) { let mut calls = 0; let square = |a: i64| a * a; let r = square({ calls += 1; n + calls }); (r, calls) } on (4);
    fn functions_inside(x: f64) -> f64 { fn half(x: f64) -> f64 { x / 2.0 } fn quarter(x: f64) -> f64 { if x < 0.0 { return 0.0; } half(half(x)) } quarter(x) + half(1.0) } on (8.0) (-8.0);
    fn function_behind_its_use(n: i64) -> Vec<i64> { let v = vec![n, n + 1].into_iter().map(twice).collect(); fn twice(n: i64) -> i64 { 2 * n } v } on (4);
    fn patterns_of_closures(n: i64) -> i64 { let sum = |(a, b): (i64, i64), [c, d]: [i64; 2]| a + b * c - d; sum((n, 2), [3, 4]) } on (5);
    fn closures_of_options(n: i64) -> i64 { let positive = |a: i64| if a > 0 { Some(a) } else { None }; positive(n).and_then(|a| positive(a - 3)).unwrap_or(-1) } on (2) (5);
    fn closure_with_inferred_types(n: i64) -> (usize, i64) { let count = |k: i64| { let mut v = vec![]; for i in 0..k { v.push(i.wrapping_mul(i)); } v }; (count(n).len(), count(n + 1)[0]) } on (0) (4);
}
