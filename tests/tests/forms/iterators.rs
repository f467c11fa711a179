//! Chains of iterators: sources, adapters, consumers.

use integration_tests::agree;
use tch::{Kind, Tensor};

type L = Vec<i64>;

agree! {
    // Iterators under a name.
    fn local_iter(v: Vec<i64>) -> i64 { let it = v.iter(); let mut n = 0; for x in it { n += x; } n } on (vec![1, 2, 3]);
    fn local_chain(v: Vec<i64>) -> (i64, Vec<i64>) { let it = v.iter().map(|x| x * 2).filter(|x| *x > 2); let w: Vec<i64> = it.collect(); let other = v.iter().rev().skip(1); (other.sum::<i64>(), w) } on (vec![1, 2, 3]);
    fn local_zip(v: Vec<i64>, w: Vec<f64>) -> f64 { let pairs = v.iter().zip(&w); let mut s = 0.0; for (a, b) in pairs { s += *a as f64 * b; } s } on (vec![1, 2, 3], vec![0.5, 1.5]);
    fn local_range(n: i64) -> i64 { let r = 0..n; let mut s = 0; for i in r { s += i; } s } on (4);
    fn local_enumerate(v: Vec<i64>) -> usize { let e = v.iter().enumerate(); let mut s = 0; for (i, x) in e { s += i + *x as usize; } s } on (vec![4, 5]);
    fn collected(v: Vec<i64>) -> Vec<i64> { let w: Vec<i64> = v.iter().filter(|x| **x > 1).map(|x| { let y = x + 1; y * y }).collect(); w.iter().map(|x| x * 2).collect() } on (vec![1, 2, 3]) (Vec::<i64>::new());
    fn consumed(v: Vec<i64>) -> i64 { v.iter().fold(0, |a, x| a * 10 + x) + v.iter().map(|x| x + 1).sum::<i64>() + v.iter().product::<i64>() + v.iter().filter(|x| **x > 1).count() as i64 } on (vec![1, 2, 3]) (Vec::<i64>::new());
    fn for_each(v: Vec<i64>) -> i64 { let mut s = 0; v.iter().for_each(|x| s += x); (0..3).filter(|i| *i > 0).for_each(|i| { let j = i * i; s += j; }); s } on (vec![1, 2, 3]);
    fn any_and_all(v: Vec<i64>) -> bool { v.iter().any(|&x| x > 1) && v.iter().all(|&x| x > 0) } on (vec![1, 2]) (vec![0, 2]) (Vec::<i64>::new());

    fn reversed(v: L) -> (L, L) { let mut s: Vec<i64> = vec![]; for x in v.iter().rev() { s.push(x * 2); } (s, v.iter().map(|x| x + 1).rev().collect()) } on (vec![1, 2, 3]) (Vec::<i64>::new());
    fn taken(v: L, n: i64) -> (L, L, L) { (v.iter().take(2).copied().collect(), v.iter().skip(n as usize).cloned().collect(), v.iter().skip(1).step_by(2).map(|x| x * 10).collect()) } on (vec![1, 2, 3, 4, 5], 3) (vec![1], 3) (Vec::<i64>::new(), 0);
    fn chained(v: L, w: L) -> (L, i64) { let mut s = 0; for x in v.iter().chain(w.iter()) { s = s * 10 + x; } for i in (0..2).chain(7..9) { s += i; } (v.iter().chain(&w).copied().collect(), s) } on (vec![1, 2], vec![3]) (vec![1], Vec::<i64>::new());
    fn three_zipped(v: L, w: L) -> i64 { let mut s = 0; for ((a, b), c) in v.iter().zip(w.iter()).zip(v.iter()) { s += a * b * c; } for (i, (a, b)) in v.iter().zip(&w).enumerate() { s += i as i64 * a * b; } s } on (vec![1, 2, 3], vec![4, 5]);
    fn numbered(v: L) -> (i64, L) { let mut s = 0; for (i, x) in v.iter().skip(1).enumerate() { s += i as i64 * x; } for (i, x) in v.iter().enumerate().rev() { s = s * 3 + i as i64 * x; } for (i, x) in v.iter().enumerate().skip(1) { s += i as i64 - x; } (s, v.iter().rev().enumerate().map(|(i, x)| i as i64 * x).collect()) } on (vec![1, 5, 7]) (Vec::<i64>::new());
    fn filtered(v: L) -> (L, L, i64) { let a: Vec<_> = v.iter().filter(|x| **x > 1).map(|x| x * 2).collect(); let b = v.iter().filter_map(|&x| if x > 2 { Some(x * 3) } else { None }).collect::<Vec<i64>>(); let mut s = 0; for x in v.iter().filter(|x| **x % 2 == 1) { if *x == 5 { break; } s += x; } (a, b, s) } on (vec![1, 2, 3, 5, 7]) (Vec::<i64>::new());
    fn conditions_in_closures(v: L) -> (L, Option<i64>, f64) { let w: Vec<_> = v.iter().map(|x| if *x > 2 { x * 10 } else if *x > 1 { 5 } else { 0 }).collect(); (w, v.iter().find_map(|&x| if x > 1 { Some(x * 100) } else { None }), v.iter().map(|&x| { if x > 1 { 0.5 } else { 1.5 } }).sum::<f64>()) } on (vec![1, 2, 3]) (vec![1]);
    fn filtered_by_statements(v: L) -> L { let mut seen = 0; let a: Vec<i64> = v.iter().filter(|x| { seen += 1; **x > seen }).copied().collect(); a } on (vec![5, 1, 7, 2]);
    fn numbered_after_a_filter(v: L) -> (i64, L) { let mut s = 0; for (i, x) in v.iter().filter(|x| **x > 1).enumerate() { s += i as i64 * x; } (s, v.iter().map(|x| x * 2).enumerate().map(|(i, x)| x - i as i64).collect()) } on (vec![1, 5, 7]);
    fn taken_after_a_filter(v: L) -> (L, i64) { let mut n = 0; let mut s = 0; for x in v.iter().map(|x| { n += 1; x * 2 }).filter(|x| x % 3 != 0).skip(1).take(2) { s = s * 10 + x; } (v.iter().filter(|x| **x > 1).take(2).copied().collect(), s * 100 + n) } on (vec![1, 2, 3, 4, 5, 6]) (vec![3]) (Vec::<i64>::new());
    fn while_taken(v: L) -> (L, L, i64) { let mut s = 0; for x in v.iter().map(|x| x * 2).take_while(|x| *x < 9) { s += x; } for x in v.iter().skip_while(|x| **x < 3).step_by(2) { s = s * 10 + x; } (v.iter().copied().take_while(|x| *x < 3).collect(), v.iter().skip_while(|x| **x < 3).copied().collect(), s) } on (vec![1, 2, 3, 1, 5]) (vec![9]) (Vec::<i64>::new());
    fn mapped_while(v: L) -> i64 { let mut s = 0; for x in v.iter().map_while(|&x| if x < 3 { Some(x * 10) } else { None }) { s += x; } s } on (vec![1, 2, 3, 1]);
    fn zipped_after_a_filter(v: L, w: L) -> (i64, L) { let mut s = 0; for (a, b) in v.iter().filter(|x| **x > 1).zip(w.iter().map(|x| x * 2)) { s += a * b; } (s, v.iter().map(|x| x + 1).zip(&w).map(|(a, b)| a * b).collect()) } on (vec![1, 2, 3], vec![4, 5]) (vec![5], Vec::<i64>::new());
    fn flattened(v: Vec<L>) -> (L, L, i64) { (v.iter().flatten().copied().collect(), v.iter().flat_map(|r| r.iter().map(|x| x * 2)).collect(), v.iter().map(|r| r.iter().sum::<i64>()).max().unwrap_or(-1)) } on (vec![vec![1, 2], vec![], vec![3]]) (Vec::<L>::new());
    fn flattened_options(v: Vec<Option<i64>>) -> i64 { v.iter().flatten().sum::<i64>() } on (vec![Some(1), None, Some(4)]);
    fn extremes(v: L) -> (Option<i64>, Option<i64>, Option<i64>, i64) { (v.iter().max().copied(), v.iter().copied().min(), v.iter().map(|x| -x).max(), *v.iter().max().unwrap_or(&0)) } on (vec![3, 1, 4]) (Vec::<i64>::new());
    fn searched(v: L) -> (Option<i64>, Option<usize>, Option<i64>, Option<i64>) { (v.iter().find(|x| **x > 2).copied(), v.iter().position(|&x| x == 4), v.iter().last().copied(), v.iter().nth(1).copied()) } on (vec![3, 1, 4]) (vec![1, 2]) (Vec::<i64>::new());
    fn found_after_a_map(v: L) -> (Option<i64>, Option<i64>, Option<usize>) { (v.iter().map(|x| x * 2).find(|x| *x > 5), v.iter().map(|x| x * 3).find_map(|x| Some(x * 100)), v.iter().map(|x| x * 2).position(|x| x > 5)) } on (vec![3, 1, 4]) (vec![1, 2]) (Vec::<i64>::new());
    fn summed(v: L, w: Vec<f64>) -> (i64, f64, i64, f64, f64) { (v.iter().sum::<i64>(), w.iter().sum::<f64>(), v.iter().filter(|x| **x > 1).product::<i64>(), w.iter().map(|x| x * x).sum::<f64>(), w.iter().product()) } on (vec![1, 2, 3], vec![0.5, 1.5]) (Vec::<i64>::new(), Vec::<f64>::new());
    fn folded(v: Vec<f64>) -> (f64, f64, f64) { (v.iter().copied().fold(f64::NEG_INFINITY, f64::max), v.iter().fold(0.0, |a, b| a + b * b), v.iter().cloned().fold(f64::INFINITY, |a, b| a.min(b))) } on (vec![0.5, 2.5, -1.0]) (Vec::<f64>::new());
    fn functions_as_closures(v: Vec<f64>, xs: &[Tensor]) -> (Vec<f64>, Tensor, bool) { (v.iter().copied().map(f64::sqrt).map(f64::abs).collect(), xs.iter().map(Tensor::relu).sum::<Tensor>(), v.iter().copied().any(f64::is_nan)) } on (vec![4.0, 9.0], vec![Tensor::from(-1f32), Tensor::from(2f32)].as_slice());
    fn results_collected(v: L) -> Result<L, tch::TchError> { let w = v.iter().map(|x| { if *x > 5 { Err(tch::TchError::Torch("large".to_owned())) } else { Ok(x * 2) } }).collect::<Result<Vec<i64>, _>>()?; Ok(w) } on (vec![1, 2]);
    fn quantified(v: L) -> (bool, bool, usize) { (v.iter().skip(1).any(|x| *x == 1), v.iter().enumerate().all(|(i, x)| *x > i as i64), v.iter().filter(|x| **x > 1).count()) } on (vec![1, 2]) (vec![2, 1]);
    fn inspected(v: L) -> i64 { let mut n = 0; let mut m = 0; v.iter().inspect(|_| n += 1).for_each(|x| m += x); n * 10 + m } on (vec![1, 2]);
    fn tensors(xs: &[Tensor]) -> (Tensor, Tensor) { let kept: Vec<&Tensor> = xs.iter().filter(|x| x.sum(Kind::Float).double_value(&[]) > 0.0).collect(); let last = xs.iter().rev().next().unwrap(); (Tensor::stack(&kept, 0), last * 2.0) } on (vec![Tensor::from_slice(&[1f32]), Tensor::from_slice(&[-1f32]), Tensor::from_slice(&[3f32])].as_slice());
    fn labels_and_chains(v: L) -> i64 { let mut s = 0; 'a: for x in v.iter().map(|x| x + 1) { for y in v.iter().filter(|y| **y > 1) { if x * y > 12 { break 'a; } if y > &x { continue 'a; } s += x * y; } s += 100; } s } on (vec![1, 2, 3, 4]);
    fn ranges(n: i64) -> (i64, L, i64) { ((0..n).map(|i| i * i).sum(), (1..=n).rev().filter(|i| i % 2 == 1).collect(), (0..n).flat_map(|i| (0..i).map(move |j| i * j)).max().unwrap_or(-1)) } on (4) (0);
    fn extended(v: L) -> L { let mut w = v.clone(); w.extend(v.iter().map(|x| x * 2)); w.extend(vec![7]); w.extend(0..2); w } on (vec![1, 2]);
}
