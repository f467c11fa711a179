//! Patterns of `match`, `let`, `let … else`, `for` and closures.

use integration_tests::{agree, both_fail};
use tch::{Kind, Tensor};

const LIMIT: i64 = 4;
const LIMIT_2: i64 = 12;
const NONE: Option<i64> = None;

agree! {
    fn tuple_patterns(a: i64) -> (i64, i64) { let (b, (c, _)) = (a, (a + 1, 2)); (c, b) } on (4);
    fn matching(a: i64, b: Option<i64>) -> i64 { match (a, b) { (0, None) => 1, (x, Some(y)) if x > y => 2, (1..=3, _) => 3, (7 | 8, _) => 4, (LIMIT_2, _) => 6, _ => 5 } } on (0, None::<i64>) (3, Some(1)) (2, None::<i64>) (7, None::<i64>) (9, Some(10)) (12, None::<i64>);
    fn match_as_a_value(s: &str) -> i64 { let n = match s { "one" => 1, "two" => 2, _ => panic!("unknown") }; n * 10 } on ("one") ("two");
    fn named_patterns(a: i64) -> i64 { match a { n @ 1..=3 => n * 2, n => n } } on (2) (7);
    fn let_else(a: Option<i64>) -> i64 { let Some(a) = a else { return 0 }; a } on (Some(1)) (None::<i64>);

    fn references(a: &i64, v: Vec<i64>) -> i64 { let b = match a { &1 => 10, &x => x }; let mut s = b; for &x in &v { s += x; } for &(ref y, z) in &[(1, 2)] { s += y + z; } s } on (&1, vec![1, 2]) (&3, vec![0]);
    fn ref_bindings(p: (i64, Vec<i64>)) -> i64 { let (ref a, ref v) = p; match p { (ref b, ref w) if *b > 1 => a + b + w.len() as i64, (b, _) => b * 2 } } on ((1, vec![1])) ((3, vec![1, 2]));
    fn ref_mut_bindings(a: i64) -> Vec<i64> { let mut p = (a, vec![1]); let (_, ref mut v) = p; v.push(a); p.1 } on (4);
    fn at_bindings(a: i64, o: Option<i64>) -> i64 { let n = match a { n @ (1 | 2) => n * 10, n @ 3.. => n, n => -n }; match o { Some(m @ 1..=9) => m + n, s @ Some(_) => s.unwrap() * 100, None => n } } on (1, Some(3)) (5, Some(10)) (-5, None::<i64>);
    fn slices(v: Vec<i64>) -> i64 { match v[..] { [] => -1, [a] => a, [a, b] if a > b => a - b, [first, .., last] => first * 100 + last } } on (Vec::<i64>::new()) (vec![4]) (vec![4, 1]) (vec![1, 4]) (vec![1, 2, 3]);
    fn slices_with_a_rest(v: Vec<i64>) -> Vec<i64> { match v.as_slice() { [] => vec![], [_] => vec![0], [_, rest @ .., 9] => rest.to_vec(), [a, rest @ ..] => { let mut r = rest.to_vec(); r.push(*a); r } } } on (Vec::<i64>::new()) (vec![4]) (vec![4, 5, 6, 9]) (vec![1, 2, 3]);
    fn slice_of_literals(v: Vec<i64>) -> i64 { match &v[..] { [1, 2, ..] => 1, [.., 3] => 2, [0, x, 0] => *x, _ => 4 } } on (vec![1, 2, 3]) (vec![2, 3]) (vec![0, 7, 0]) (vec![0, 7, 1]);
    fn arrays(a: i64) -> i64 { let [b, c] = [a, a + 1]; let [d, .., e] = [a, 2, 3, 4]; let [f, rest @ ..] = [1, 2, 3]; b * 1000 + c * 100 + d * 10 + e + f + rest[1] } on (2);
    fn arrays_in_tuples(a: i64) -> i64 { let ([b, c], d) = ([a, a + 1], 3); b * 100 + c * 10 + d } on (2);
    fn tuples_with_a_rest(p: (i64, f64, i64, i64)) -> i64 { let (a, ..) = p; let (.., d) = p; let (e, .., f) = p; match p { (1, .., 4) => a, (.., 5) => d, (x, _, ..) => x + e + f } } on ((1, 2.0, 3, 4)) ((1, 2.0, 3, 5)) ((7, 2.0, 3, 9));
    fn alternatives_that_bind(p: (i64, i64)) -> i64 { match p { (0, x) | (x, 0) => x, (1, x) | (x, 1) if x > 5 => x * 10, (a, b) => a * b } } on ((0, 3)) ((4, 0)) ((1, 7)) ((8, 1)) ((1, 2)) ((3, 4));
    fn alternatives_inside(p: (Option<i64>, (i64, i64))) -> i64 { match p { (Some(a), (0, b) | (b, 0)) => a + b, (None, (2 | 3, c)) => c, _ => -1 } } on ((Some(1), (0, 5))) ((Some(1), (6, 0))) ((NONE, (3, 7))) ((NONE, (4, 7)));
    fn if_let_alternatives(p: (i64, i64)) -> i64 { if let (0, x) | (x, 0) = p { x } else { -1 } } on ((0, 3)) ((4, 0)) ((1, 7));
    fn options_in_pairs(a: Option<i64>, b: Option<i64>) -> i64 { match (a, b) { (Some(x), Some(y)) if x == y => 0, (Some(x), Some(y)) => x * y, (Some(x), None) | (None, Some(x)) => x, (None, None) => -1 } } on (Some(2), Some(2)) (Some(2), Some(3)) (Some(2), None::<i64>) (None::<i64>, Some(3)) (None::<i64>, None::<i64>);
    fn options_in_a_tuple(p: (Option<i64>, i64)) -> i64 { match p { (Some(x), 1) => x, (Some(x), y) if x > y => x - y, (None, y) => y, (Some(x), _) => -x } } on ((Some(5), 1)) ((Some(5), 2)) ((Some(5), 7)) ((NONE, 3));
    fn pairs_in_an_option(o: Option<(i64, Option<i64>)>) -> i64 { match o { Some((a, Some(b))) => a * b, Some((a, None)) => a, None => 0 } } on (Some((2, Some(3)))) (Some((2, NONE))) (None::<(i64, Option<i64>)>);
    fn constants(a: i64, x: &Tensor) -> i64 { use Kind::Double; let n = match x.kind() { Kind::Float => 1, Double => 2, _ => 3 }; match a { LIMIT => 10 + n, i64::MAX => 20, _ => n } } on (4, &Tensor::from(1f32)) (5, &Tensor::from(1f64)) (i64::MAX, &Tensor::from(1i64));
    fn let_else_of_a_tuple(p: (Option<i64>, i64)) -> i64 { let (Some(a), b) = p else { return -1 }; a + b } on ((Some(1), 2)) ((NONE, 2));
    fn let_else_of_two(a: Option<i64>, b: Option<i64>) -> i64 { let (Some(a), Some(b)) = (a, b) else { return -1 }; a * b } on (Some(2), Some(3)) (Some(2), None::<i64>) (None::<i64>, Some(3));
    fn let_else_of_a_slice(v: Vec<i64>) -> i64 { let [a, b] = v[..] else { return -1 }; let [c, ..] = &v[..] else { return -2 }; a * b + c } on (vec![2, 3]) (vec![2]) (vec![1, 2, 3]);
    fn let_else_of_literals(a: i64) -> i64 { let 1..=3 = a else { return -1 }; a } on (2) (5);
    fn let_else_in_a_loop(v: Vec<(i64, i64)>) -> i64 { let mut s = 0; for p in &v { let (1, x) = *p else { continue }; s += x; } s } on (vec![(1, 2), (2, 5), (1, 4)]);
    fn loop_patterns(v: Vec<(i64, (i64, i64))>) -> i64 { let mut s = 0; for (a, (b, ..)) in v.iter() { s += a * b; } for (i, &(a, (.., c))) in v.iter().enumerate() { s += a * c * i as i64; } s } on (vec![(1, (2, 3)), (4, (5, 6))]);
    fn lists_of_lists(v: Vec<Vec<i64>>) -> i64 { let mut s = 0; for row in &v { match row[..] { [a, b] => s += a * b, [a] => s += a, _ => s += 100 } } s } on (vec![vec![1, 2], vec![5], vec![]]);
    fn mutable_bindings(o: Option<i64>) -> i64 { match o { Some(mut x) => { x += 1; x * 2 } None => 0 } } on (Some(1)) (None::<i64>);
    fn strings(s: &str) -> i64 { match s { "a" | "b" => 1, x if x.len() > 2 => 2, _ => 3 } } on ("b") ("abc") ("c");
}

both_fail! {
    fn let_else_panics(o: Option<i64>) -> i64 { let Some(x) = o else { panic!("nothing") }; x } on (None::<i64>);
}

agree! {
    fn unwrap_in_a_chain(a: Option<i64>, b: Option<bool>) -> i64 { if let Some(x) = a && b.unwrap() { x } else { 0 } } on (Some(7), Some(true)) (Some(7), Some(false)) (None::<i64>, None::<bool>);
    fn unwrap_in_a_guard(a: Option<i64>, b: Option<bool>) -> i64 { match a { Some(x) if b.unwrap() => x, _ => 0 } } on (Some(7), Some(true)) (Some(7), Some(false)) (None::<i64>, None::<bool>);
    fn unwrap_before_a_pattern(a: Option<i64>, b: Option<i64>) -> i64 { if b.unwrap() > 0 && let Some(x) = a { x } else { 0 } } on (Some(7), Some(1)) (Some(7), Some(0)) (None::<i64>, Some(1));
    fn unwrap_in_a_loop(v: Vec<i64>, b: Option<bool>) -> i64 { let mut v = v; let mut n = 0; while let Some(x) = v.pop() && b.unwrap() { n += x; } n } on (vec![1, 2], Some(true)) (vec![1, 2], Some(false)) (Vec::<i64>::new(), None::<bool>);
}

integration_tests::both_fail! {
    fn unwrap_of_nothing_in_a_chain(a: Option<i64>, b: Option<i64>) -> i64 { if let Some(x) = a && Some(b.unwrap()).is_some() { x } else { 0 } } on (Some(7), None::<i64>);
    fn unwrap_of_nothing_in_a_guard(a: Option<i64>, b: Option<i64>) -> i64 { match a { Some(x) if Some(b.unwrap()).is_some() => x, _ => 0 } } on (Some(7), None::<i64>);
}
