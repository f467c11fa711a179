//! What once went wrong: programs, most of them found at random (`cargo xtask fuzz`), on which the
//! compiled module and the Rust module differed, or which did not compile. Each test says how.

// The programs are as they were found.
#![allow(clippy::all)]

use integration_tests::agree;
use tch::{IValue, Tensor};
use tch_jit::{compile_mode, methods, script};

agree! {
    /// Zeros lost their sign.
    fn rounding_keeps_the_sign_of_zero(a: f64) -> [f64; 4] {
        [a.trunc(), a.floor(), a.ceil(), a.round()]
    } on (-0.0) (0.0) (-0.3) (0.3);

    /// The opposite of the smallest integer is itself, which made quotients positive and remainders
    /// wrong.
    fn the_smallest_integer_is_divided(a: i64, b: i64) -> (i64, i64) {
        (a / b, a % b)
    } on (i64::MIN, 2) (i64::MIN, 3) (i64::MIN, -3) (5, i64::MIN) (-5, i64::MIN) (i64::MIN, i64::MIN)
        (i64::MIN, i64::MAX) (i64::MAX, -1) (i64::MAX, i64::MIN) (0, -7);

    /// The sum of no floats is -0.0 in Rust.
    fn sums_begin_with_a_negative_zero(v: Vec<f64>) -> f64 {
        v.iter().sum::<f64>()
    } on (Vec::<f64>::new()) (vec![-0.0]) (vec![0.0, -0.0]) (vec![1.5, 2.0]);

    /// TorchScript wanted a value from the branch that leaves the loop.
    fn a_branch_of_a_value_leaves_the_loop(v: Vec<i64>) -> i64 {
        let mut sum = 0;
        for x in &v {
            let y = if *x < 0 { break } else if *x == 3 { continue; } else { *x };
            sum += y + match *x { 5 => continue, x => x };
        }
        sum
    } on (vec![1, 3, 5, 2, -1, 7]) (Vec::<i64>::new());

    /// TorchScript took the type of what an option was assigned last, and nothing else in a branch.
    fn an_option_stays_one(o: Option<i64>, a: i64, b: i64) -> (Option<i64>, Option<i64>, Option<i64>) {
        let mut o = o;
        let mut p: Option<i64> = None;
        let mut q = Some(a);
        o = Some(0);
        if a > 1 {
            o = a.checked_rem(b);
            p = Some(3);
            p = None;
            if b > 0 {
                p = Some(b);
            }
            q = None;
        }
        p = None;
        if b == 0 {
            p = Some(a);
        }
        (o, p, q)
    } on (None::<i64>, 7, 3) (Some(1), 7, 0) (Some(1), 0, 0);
}

agree! {
    /// What a test says of an option must not stand in the way of assigning it.
    fn options_are_assigned_after_tests(v: Vec<i64>) -> (Option<i64>, Option<i64>, i64) {
        let mut best: Option<i64> = None;
        let mut last: Option<i64> = Some(0);
        let mut n = 0;
        for x in &v {
            if best.is_none() {
                best = Some(*x);
            }
            if let Some(b) = best {
                if *x > b {
                    best = Some(*x);
                }
            }
            if last.is_some() && *x > 2 {
                last = None;
            }
            if last.is_none() {
                last = Some(n);
                n += 1;
            }
        }
        (best, last, n)
    } on (vec![1, 3, 2, 5]) (vec![4]) (Vec::<i64>::new());
}

agree! {
    /// Nor must a test behind which the loop is left.
    fn options_are_assigned_after_leaving(v: Vec<i64>, a: i64) -> (Option<i64>, i64) {
        let mut o: Option<i64> = Some(a);
        let mut n = 0;
        for x in &v {
            if o.is_none() {
                break;
            }
            n += o.unwrap();
            if *x > 2 {
                o = x.checked_div(a);
            } else if *x < 0 {
                o = Some(*x);
            }
        }
        if o.is_some() && n > 3 {
            o = None;
        }
        (o, n)
    } on (vec![1, 3, -2, 5], 1) (vec![4, 5], 0) (Vec::<i64>::new(), 2);
}

agree! {
    /// libtorch compares lists of floats as data, and takes each value for equal to itself.
    fn nan_equals_nothing(v: Vec<f64>, w: Vec<f64>) -> (bool, bool, (bool, bool), bool) {
        let x = v[0];
        (v == w, v != w, (x != x, x == x), v.contains(&x))
    } on (vec![f64::NAN], vec![f64::NAN]) (vec![0.0, 1.0], vec![-0.0, 1.0]) (vec![2.0], vec![1.0]);
}

agree! {
    /// libtorch's optimizer puts one list for the sizes of a tensor that it knows, also where the list is
    /// changed then.
    fn sizes_of_a_constant_are_a_list_of_their_own(n: i64) -> Vec<i64> {
        let mut sizes = Tensor::from(0.5f32).size();
        sizes.push(n);
        sizes
    } on (1) (2) (3);
}

agree! {
    /// The sum began with 0.0 where another zero was in the graph: libtorch takes both zeros for one
    /// constant.
    fn sums_begin_with_a_negative_zero_beside_other_zeros(v: Vec<f64>) -> f64 {
        v.iter().map(|x| x.rem_euclid(0.5)).sum::<f64>()
    } on (Vec::<f64>::new()) (vec![-1.5]) (vec![0.0, -0.0]) (vec![1.75, 2.25]);
}

agree! {
    /// libtorch's sum of a list of integers has 32 bits.
    fn sums_of_integers_have_64_bits(v: Vec<i64>) -> i64 {
        v.iter().sum::<i64>()
    } on (vec![7, i64::MIN]) (vec![1 << 40, 1 << 31]) (Vec::<i64>::new());
}

agree! {
    /// libtorch made one list of two copies, and its NaN equal to itself.
    fn copies_of_nan_are_not_equal(v: Vec<f64>) -> (bool, bool) {
        (v.to_vec() == v.clone(), v.to_vec() != v.clone())
    } on (vec![1.0, f64::NAN]) (vec![0.5]) (Vec::<f64>::new());
}

agree! {
    /// `Some(…)` in a tuple was not the option that a later round assigns.
    fn options_in_tuples_stay_options(s: String, a: i64) -> ((Option<i64>, String), i64) {
        let mut t: (Option<i64>, String) = (Some(1), s.clone());
        let mut n = 0;
        t = (Some(a), s.clone());
        while n < 3 {
            n += 1;
            t = (if n == a { None } else { Some(n) }, s.clone());
        }
        (t, n)
    } on ("a".to_owned(), 3) ("b".to_owned(), 0);
}

agree! {
    /// The last of 17 digits was a neighbour of Rust's.
    fn floats_are_written_with_the_nearest_digits(v: Vec<f64>) -> Vec<String> {
        v.iter().map(|x| format!("{x}")).collect()
    } on (vec![3.1253288500797805, 0.1 + 0.2, 9.995, 99999999999999990.0, 1.7976931348623157e308, 1.5e308])
        (random_floats(1000));
}

/// Floats of random bits and of common sizes.
fn random_floats(n: u64) -> Vec<f64> {
    let bits = (1..=n).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15)).map(|x| x ^ (x >> 31));
    let floats = bits.flat_map(|bits| [f64::from_bits(bits), bits as f64 / 1e15, (bits as f64).recip()]);
    // Those below are written with all their digits.
    floats.filter(|x| x.abs() >= 1e-307).collect()
}

#[script]
fn up_and_down(k: i64, n: i64) -> (i64, i64) {
    let (mut up, mut down) = (0, 0);
    for _ in 0..k {
        up += n;
        down -= n;
    }
    (up, down)
}

agree! {
    /// libtorch's interpreter took the values of variables away in the first round of a loop.
    fn loops_read_what_is_outside(k: i64) -> (i64, i64) {
        let (mut n, mut total) = (0, 0);
        for _ in 0..3 {
            n += 1;
            for _ in 0..k {
                total += n;
            }
        }
        (n, total)
    } on (0) (1) (2) (9);

    /// So it did with what only an iterator chain reads then.
    fn chains_read_what_loops_assign(a: i64) -> i64 {
        let mut value = a;
        let mut n = 0;
        while n < 2 && (0..((-value) & 7)).all(|i| i < 10) {
            n += 1;
            for _ in 0..(a & 3) {
                value = n;
            }
        }
        0
    } on (1) (4) (7);

    /// And with all types.
    fn loops_of_all_types_read_what_is_outside(k: i64, s: String) -> (String, Vec<i64>, Option<i64>, bool, f64, (i64, f64)) {
        let (mut a, mut t, mut v, mut o, mut f, mut b, mut p) = (s.clone(), s.clone(), vec![k], Some(k), 0.5, true, (k, 0.5));
        for i in 0..3 {
            a = format!("{a}{i}");
            for _ in 0..k {
                t = a.clone();
            }
        }
        let mut w = v.clone();
        for i in 0..3 {
            w = vec![k, i];
            for _ in 0..k {
                v = w.clone();
            }
        }
        let mut c = Some(k);
        for i in 0..3 {
            c = if i > 0 { Some(i) } else { None };
            for _ in 0..k {
                o = c;
            }
        }
        let mut e = false;
        for i in 0..3 {
            e = i > k;
            for _ in 0..k {
                b = e;
            }
        }
        let mut g = 1.5;
        for _ in 0..3 {
            g = g * 2.0;
            for _ in 0..k {
                f = g;
            }
        }
        let mut h = (1, 1.5);
        for i in 0..3 {
            h = (i, g);
            for _ in 0..k {
                p = h;
            }
        }
        (t, v, o, b, f + h.1 + c.unwrap_or(0) as f64, p)
    } on (0, "a".to_owned()) (2, "b".to_owned());

    /// Also where only one of a loop's results is used in the end.
    fn loops_of_functions_read_what_is_outside(k: i64) -> (i64, i64) {
        let (mut n, mut total) = (0, 0);
        for _ in 0..3 {
            n += 1;
            total = up_and_down(k, n).0;
        }
        (n, total)
    } on (1) (2) (9);

    /// Also with tensors.
    fn loops_read_tensors_from_outside(k: i64) -> Vec<f64> {
        let x = Tensor::from_slice(&[1.0, 2.0]);
        let (mut n, mut total) = (x.shallow_clone(), x.shallow_clone());
        for _ in 0..k {
            n = &n + &x;
            for _ in 0..k {
                total = &total * &n;
            }
        }
        Vec::<f64>::try_from(total + n).unwrap()
    } on (2) (3);
}

agree! {
    /// What a later argument changes was read after it.
    fn a_range_is_there_before_its_step(n: i64) -> i64 {
        let mut i = n;
        let mut total = 0;
        for k in (0..i).step_by({ i = 3; i } as usize) {
            total += k + i;
        }
        total + (0..i).step_by({ i += 1; 2 }).skip_while(|k| *k < 1).map(|k| k * i).sum::<i64>()
    } on (7) (0);

    fn items_are_there_before_their_number(n: i64) -> Vec<i64> {
        let mut i = n;
        let taken: Vec<i64> = vec![i, i + 1, i + 2].into_iter().take({ i = 2; i } as usize).collect();
        let zipped: Vec<i64> = (0..i).zip({ i = 9; vec![i, i, i] }).map(|(a, b)| a * b).collect();
        [taken, zipped].concat()
    } on (5) (0);
}

#[compile_mode(script)]
struct Nested;

#[methods]
impl Nested {
    fn forward(&self, k: i64) -> (i64, i64) {
        let (mut n, mut total) = (0, 0);
        for _ in 0..3 {
            n += 1;
            for _ in 0..k {
                total += n;
            }
        }
        (n, total)
    }
}

/// What keeps libtorch from losing the values is in the file too, and stays when the module is frozen.
#[test]
fn loaded_and_frozen_loops_read_what_is_outside() {
    let compiled = tch_jit::compile(&Nested).unwrap_or_else(|e| panic!("{e}"));
    compiled.eval();
    let loaded = integration_tests::modules::reload(&compiled);
    let frozen = loaded.freeze().unwrap();
    for module in [&loaded, &frozen] {
        for k in [0, 1, 2, 9, 9] {
            let (n, total) = Nested.forward(k);
            let expected = IValue::Tuple(vec![IValue::Int(n), IValue::Int(total)]);
            assert_eq!(module.forward(&[IValue::Int(k)]).unwrap(), expected);
        }
    }
}

#[compile_mode(script)]
struct Parameter;

#[methods]
impl Parameter {
    #[allow(unused_assignments)]
    fn forward(&self, mut o: Option<i64>, a: i64) -> Option<i64> {
        o = Some(0);
        if a > 1 {
            o = a.checked_div(0);
        }
        o
    }
}

/// The same for a parameter.
#[test]
fn an_option_that_is_a_parameter_stays_one() {
    let compiled = tch_jit::compile(&Parameter).unwrap_or_else(|e| panic!("{e}"));
    for (o, a) in [(None, 7), (Some(1), 0)] {
        assert_eq!(compiled.forward((o, a)).unwrap(), Parameter.forward(o, a));
    }
}

agree! {
    /// What a `fold` begins with was computed before what it runs over.
    fn a_fold_begins_after_its_range_is_made(n: i64) -> (i64, i64) {
        let mut a = 1;
        let b = (1..=({ a = n; n } & 3)).fold(a, |_, i| i);
        let mut c = n;
        let d = (0..c).fold({ c = 2; 10 }, |sum, i| sum + i);
        (a * 100 + b, c * 100 + d)
    } on (0) (2) (5);

    fn a_fold_of_a_list_begins_after_it_is_made(n: i64) -> (i64, i64) {
        let mut a = n;
        let list = vec![1, 2, 3];
        let sum = list.iter().take({ a = 2; 2 }).fold(a, |sum, it| sum * 3 + it);
        (a, sum)
    } on (1) (7);
}
