//! Changes in place of tensors that change their names in a loop. libtorch follows such names for one round only, and
//! its passes, which run in Python too, would drop or misplace changes.

use integration_tests::calls::each_call;
use integration_tests::{agree, form};
use tch::{Kind, Tensor};
use tch_jit::{ScriptModule, compile_mode, methods, script};

type V = Vec<f64>;

fn v(x: &Tensor) -> V {
    V::try_from(x.to_kind(Kind::Double).flatten(0, -1)).unwrap()
}

/// `n` rows of two numbers.
fn rows(n: i64) -> Tensor {
    Tensor::arange(2 * n, (Kind::Double, tch::Device::Cpu)).reshape([n, 2]) + 1.0
}

agree! {
    fn swapped(x: &Tensor, n: i64) -> Tensor {
        let mut a = Tensor::zeros([2], (Kind::Double, tch::Device::Cpu));
        let mut b = Tensor::zeros([2], (Kind::Double, tch::Device::Cpu));
        for i in 0..n { std::mem::swap(&mut a, &mut b); a += x.get(i); }
        Tensor::cat(&[a, b], 0)
    } on (&rows(6), 6) (&rows(6), 5) (&rows(6), 0) (&rows(6), 1);

    fn swapped_by_a_tuple(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).ones_like());
        for i in 0..n { (a, b) = (b, a); a *= x.get(i); b += 1.0; }
        a * 100.0 + b
    } on (&rows(6), 6) (&rows(6), 3) (&rows(6), 0);

    fn swapped_in_a_branch(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).ones_like());
        for i in 0..n { if i % 3 == 0 { std::mem::swap(&mut a, &mut b); } a += x.get(i); }
        a * 100.0 + b
    } on (&rows(7), 7) (&rows(7), 2);

    fn replaced(x: &Tensor, n: i64) -> Tensor {
        let mut a = x.get(0).zeros_like();
        let b = x.get(0).zeros_like();
        let c = a.shallow_clone();
        for i in 0..n { a += x.get(i); a = b.shallow_clone(); }
        a * 10000.0 + b * 100.0 + c
    } on (&rows(6), 6) (&rows(6), 1) (&rows(6), 0);

    fn rotated(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b, mut c) = (x.get(0).zeros_like(), x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..n { (a, b, c) = (c, a, b); a += x.get(i); }
        Tensor::stack(&[a, b, c], 0)
    } on (&rows(8), 8) (&rows(8), 2) (&rows(8), 0);

    fn rotated_among_four(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b, mut c, mut d) =
            (x.get(0).zeros_like(), x.get(0).zeros_like(), x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..n { (a, b, c, d) = (d, a, b, c); a += x.get(i); c -= 1.0; }
        Tensor::stack(&[a, b, c, d], 0)
    } on (&rows(9), 9) (&rows(9), 3);

    fn a_delay_line(x: &Tensor, n: i64) -> Tensor {
        let (mut now, mut before, mut older) = (x.get(0).zeros_like(), x.get(0).zeros_like(), x.get(0).zeros_like());
        let mut total = x.get(0).zeros_like();
        for i in 0..n {
            let spare = older;
            older = before;
            before = now;
            now = spare;
            let _ = now.copy_(&x.get(i));
            total += &now + &before * 2.0 + &older * 3.0;
        }
        total
    } on (&rows(7), 7) (&rows(7), 0) (&rows(7), 1);

    fn jacobi(x: &Tensor, n: i64) -> Tensor {
        let (mut old, mut new) = (x.copy(), x.zeros_like());
        for _ in 0..n {
            let _ = new.copy_(&((old.roll([1], [0]) + old.roll([-1], [0])) / 2.0));
            std::mem::swap(&mut old, &mut new);
        }
        old * 1000.0 + new
    } on (&rows(5), 6) (&rows(5), 1) (&rows(5), 0);

    /// One tensor under two names from the second round on.
    fn one_of_two_names(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut keep) = (x.get(0).zeros_like(), x.get(0).ones_like());
        let mut total = x.get(0).zeros_like();
        for i in 0..n {
            total = &total + &keep;
            a += x.get(i);
            total = &total + &keep;
            a = &a * 2.0;
            keep = a.shallow_clone();
        }
        total
    } on (&rows(5), 5) (&rows(5), 1);

    /// A view of what is changed.
    fn views(x: &Tensor, n: i64) -> Tensor {
        let (a, b) = (x.zeros_like(), x.ones_like());
        let (mut row, mut other) = (a.get(0), b.get(1));
        for i in 0..n { std::mem::swap(&mut row, &mut other); row += x.get(i); }
        a * 1000.0 + b
    } on (&rows(4), 4) (&rows(4), 3);

    /// Without a round, the name is that before the loop.
    fn no_round(x: &Tensor, n: i64) -> Tensor {
        let y = x.copy();
        let mut h = y.shallow_clone();
        for _ in 0..n { h = h.relu() * 2.0; }
        let before = y.sum(Kind::Double);
        h += 1.0;
        let after = y.sum(Kind::Double);
        before * 1000.0 + after
    } on (&rows(2), 0) (&rows(2), 2);

    fn no_round_and_another_tensor(x: &Tensor, n: i64) -> Tensor {
        let (mut a, b) = (x.get(0).copy(), x.get(1).copy());
        let c = a.shallow_clone();
        for _ in 0..n { a = b.shallow_clone(); }
        a += 1.0;
        Tensor::stack(&[c, b], 0)
    } on (&rows(2), 0) (&rows(2), 2);

    fn loops_in_loops(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b, mut c) = (x.get(0).zeros_like(), x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..n {
            for j in 0..i { std::mem::swap(&mut a, &mut b); a += x.get(j); }
            std::mem::swap(&mut b, &mut c);
            c *= 2.0;
        }
        Tensor::stack(&[a, b, c], 0)
    } on (&rows(5), 5) (&rows(5), 2);

    fn while_a_condition_holds(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b, mut i) = (x.get(0).zeros_like(), x.get(0).zeros_like(), 0);
        while i < n && a.sum(Kind::Double).double_value(&[]) < 40.0 {
            std::mem::swap(&mut a, &mut b);
            a += x.get(i);
            i += 1;
        }
        a * 100.0 + b
    } on (&rows(6), 6) (&rows(6), 3);

    fn lists(x: &Tensor, n: i64) -> Vec<i64> {
        let mut a: Vec<i64> = vec![];
        let mut b: Vec<i64> = vec![];
        for i in 0..n { std::mem::swap(&mut a, &mut b); a.push(i); if a.len() > 2 { b.push(100 + i); } }
        a.extend(b);
        a.push(x.size()[0]);
        a
    } on (&rows(2), 7) (&rows(2), 0);

    fn options(x: &Tensor, n: i64) -> Tensor {
        let mut a: Option<Tensor> = Some(x.get(0).zeros_like());
        let mut b: Option<Tensor> = None;
        let mut total = x.get(0).zeros_like();
        for i in 0..n {
            std::mem::swap(&mut a, &mut b);
            if let Some(t) = &a {
                let mut t = t.shallow_clone();
                t += x.get(i);
                total = &total + &t;
            }
        }
        total
    } on (&rows(6), 6) (&rows(6), 1);

    fn pairs(x: &Tensor, n: i64) -> Tensor {
        let mut p = (x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..n {
            p = (p.1, p.0);
            let mut first = p.0.shallow_clone();
            first += x.get(i);
        }
        Tensor::stack(&[p.0, p.1], 0)
    } on (&rows(6), 6) (&rows(6), 3) (&rows(6), 0);

    fn pairs_of_other_tensors(x: &Tensor, n: i64) -> Tensor {
        let other = x.get(0).zeros_like();
        let mut p = (x.get(0).zeros_like(), 1);
        for i in 0..n {
            let mut first = p.0.shallow_clone();
            first += x.get(i);
            p = (other.shallow_clone(), p.1 + 1);
        }
        Tensor::stack(&[p.0, other], 0)
    } on (&rows(6), 6) (&rows(6), 1) (&rows(6), 0);

    fn replaced_by_mem(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).zeros_like());
        let mut total = x.get(0).zeros_like();
        for i in 0..n {
            let old = std::mem::replace(&mut a, b.shallow_clone());
            b = old;
            a += x.get(i);
            total = &total * 2.0 + &b;
        }
        Tensor::stack(&[a, b, total], 0)
    } on (&rows(6), 6) (&rows(6), 3) (&rows(6), 0);

    fn left_early(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).ones_like());
        for i in 0..n {
            std::mem::swap(&mut a, &mut b);
            if i == 4 { break; }
            if i % 3 == 1 { continue; }
            a += x.get(i);
            if i == 9 { return a; }
        }
        a * 100.0 + b
    } on (&rows(12), 12) (&rows(12), 4) (&rows(12), 0);

    fn slices(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.zeros_like(), x.zeros_like());
        for i in 0..n {
            let mut row = a.get(i);
            row += x.get(i);
            let _ = b.narrow(0, 0, 2).fill_(i as f64);
            std::mem::swap(&mut a, &mut b);
        }
        a * 100.0 + b
    } on (&rows(5), 5) (&rows(5), 2) (&rows(5), 0);

    fn kept_elsewhere(x: &Tensor, n: i64) -> Tensor {
        let mut all = vec![];
        let mut a = x.get(0).zeros_like();
        let mut b = x.get(0).zeros_like();
        for i in 0..n {
            std::mem::swap(&mut a, &mut b);
            a += x.get(i);
            all.push(a.shallow_clone());
        }
        all.push(b);
        Tensor::stack(&all, 0)
    } on (&rows(5), 5) (&rows(5), 0);

    fn by_iterators(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).zeros_like());
        (0..n).for_each(|i| { std::mem::swap(&mut a, &mut b); a += x.get(i); });
        let folded = (0..n).fold(b.shallow_clone(), |acc, i| { let mut t = acc.shallow_clone(); t += x.get(i); a.shallow_clone() });
        Tensor::stack(&[a, b, folded], 0)
    } on (&rows(5), 5) (&rows(5), 1) (&rows(5), 0);

    fn maps(x: &Tensor, n: i64) -> Vec<i64> {
        let mut a: std::collections::HashMap<i64, i64> = std::collections::HashMap::new();
        let mut b: std::collections::HashMap<i64, i64> = std::collections::HashMap::new();
        for i in 0..n { std::mem::swap(&mut a, &mut b); a.insert(i, x.size()[0]); }
        vec![a.len() as i64, b.len() as i64]
    } on (&rows(2), 7) (&rows(2), 0);

    fn changed_after_the_loop(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).copy(), x.get(1).copy());
        let first = a.shallow_clone();
        for _ in 0..n { std::mem::swap(&mut a, &mut b); }
        let before = first.sum(Kind::Double);
        a += 1.0;
        b *= 3.0;
        Tensor::stack(&[before, first.sum(Kind::Double), b.sum(Kind::Double)], 0)
    } on (&rows(2), 0) (&rows(2), 1) (&rows(2), 2);

    fn a_name_and_an_option(x: &Tensor, n: i64) -> Tensor {
        let mut a = x.get(0).zeros_like();
        let mut last: Option<Tensor> = None;
        let mut total = x.get(0).zeros_like();
        for i in 0..n {
            if let Some(it) = &last {
                total = &total + it;
                a = it.shallow_clone();
            }
            a += x.get(i);
            last = Some(a.shallow_clone());
        }
        total * 100.0 + a
    } on (&rows(6), 6) (&rows(6), 1) (&rows(6), 0);

    fn gradients_of_the_sum(x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).copy(), x.get(1).copy());
        for i in 0..n { std::mem::swap(&mut a, &mut b); a *= x.get(i); }
        a + b
    } on (&rows(6), 6) (&rows(6), 3);
}

#[script]
fn last_of(x: &Tensor, y: &Tensor, n: i64) -> Tensor {
    let (mut a, mut b) = (x.shallow_clone(), y.shallow_clone());
    for _ in 0..n {
        std::mem::swap(&mut a, &mut b);
    }
    a
}

#[script]
fn doubled(x: &Tensor, n: i64) -> Tensor {
    let mut h = x.shallow_clone();
    for _ in 0..n {
        h = &h * 2.0;
    }
    h
}

/// A buffer changes names with a tensor.
#[compile_mode(script)]
struct Buffered {
    buffer: Tensor,
}

#[methods]
impl Buffered {
    fn forward(&self, x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..n {
            std::mem::swap(&mut a, &mut b);
            if i == 1 {
                b = self.buffer.shallow_clone();
            }
            a += x.get(i);
        }
        a * 100.0 + b + &self.buffer * 10000.0
    }
}

#[test]
fn a_buffer_among_the_names() {
    let buffer = || Tensor::from_slice(&[1.0, 2.0]);
    let module = Buffered { buffer: buffer() };
    let compiled = tch_jit::Compiler::new().deep_copy(true).compile(&module).unwrap();
    for n in [0, 1, 2, 3, 6] {
        each_call(&compiled, |call| {
            let fresh = || {
                module.buffer.shallow_clone().copy_(&buffer());
                compiled.named_buffers()[0].1.shallow_clone().copy_(&buffer());
            };
            fresh();
            let rust = v(&module.forward(&rows(6), n));
            assert_eq!(v(&compiled.forward((&rows(6), n)).unwrap()), rust, "{call}, {n} rounds");
            assert_eq!(v(&compiled.named_buffers()[0].1), v(&module.buffer), "{call}, {n} rounds");
        });
    }
}

#[script]
fn moved(mut a: Tensor, mut b: Tensor, x: &Tensor, n: i64) -> Tensor {
    for i in 0..n {
        std::mem::swap(&mut a, &mut b);
        b += x.get(i);
    }
    a
}

#[script]
fn next_of(a: &Tensor, b: &Tensor, i: i64) -> Tensor {
    if i % 2 == 0 { a.shallow_clone() } else { b.shallow_clone() }
}

agree! {
    fn functions_that_change_their_arguments(x: &Tensor, n: i64) -> Tensor {
        let (a, b) = (x.get(0).zeros_like(), x.get(0).ones_like());
        let mut total = x.get(0).zeros_like();
        for _ in 0..n {
            total = &total + moved(a.shallow_clone(), b.shallow_clone(), x, n);
        }
        Tensor::stack(&[a, b, total], 0)
    } on (&rows(4), 4) (&rows(4), 1) (&rows(4), 0);

    fn functions_that_return_an_argument(x: &Tensor, n: i64) -> Tensor {
        let (a, b) = (x.get(0).zeros_like(), x.get(0).zeros_like());
        let mut now = a.shallow_clone();
        for i in 0..n {
            now += x.get(i);
            now = next_of(&a, &b, i);
        }
        Tensor::stack(&[a, b, now], 0)
    } on (&rows(6), 6) (&rows(6), 1) (&rows(6), 0);
}

agree! {
    /// The function changes nothing; its caller does.
    fn functions_that_change_nothing(x: &Tensor, n: i64) -> Tensor {
        let (mut a, b) = (x.get(0).copy(), x.get(1).copy());
        let last = last_of(&a, &b, n);
        let before = last.sum(Kind::Double);
        a += 1.0;
        before * 1000.0 + last.sum(Kind::Double)
    } on (&rows(2), 0) (&rows(2), 1) (&rows(2), 2);

    fn functions_without_a_round(x: &Tensor, n: i64) -> Tensor {
        let mut a = x.get(0).copy();
        let same = doubled(&a, n);
        let before = same.sum(Kind::Double);
        a += 1.0;
        before * 1000.0 + same.sum(Kind::Double)
    } on (&rows(2), 0) (&rows(2), 2);
}

/// What helps the analysis is in the file, and only where something is at risk.
#[test]
fn nothing_is_added_without_a_change_in_place() {
    form!((x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0), x.get(1));
        for _ in 0..n { (a, b) = (b.shallow_clone(), a + b); }
        let mut h = x.shallow_clone();
        for _ in 0..n { h = h.tanh(); }
        a * h
    });
    let compiled = tch_jit::compile(&Form).unwrap();
    assert!(!compiled.code().contains("numel"), "{}", compiled.code());
}

/// Reads of the loop and of what comes after it do not meet: nothing is added.
#[test]
fn nothing_is_added_where_nothing_is_lost() {
    form!((x: &Tensor, n: i64) -> Tensor {
        let mut h = x.shallow_clone();
        for i in 0..n { h = h.tanh() + x * i; }
        h.relu()
    });
    let compiled = tch_jit::compile(&Form).unwrap();
    assert!(!compiled.code().contains("if"), "{}", compiled.code());
}

agree! {
    /// The result of the loop may be the placeholder of one that was left by `return`.
    fn left_by_return(k: i64, x: &Tensor) -> (Tensor, Tensor) {
        let y = x * 2.0;
        let mut h = x.shallow_clone();
        for i in 0..k {
            if i == 3 { return (y, h); }
            h = h + &y;
        }
        (y, h)
    } on (0, &rows(1)) (2, &rows(1)) (7, &rows(1));

    fn left_with_a_list(x: &Tensor, k: i64) -> Tensor {
        let mut i = 0;
        let all: Vec<Tensor> = loop {
            i += 1;
            if i > 3 {
                break (if k <= 0 { (0..2).map(|_| x.shallow_clone()).collect::<Vec<Tensor>>() } else { x.chunk(2, 0) });
            }
        };
        Tensor::stack(&all, 0)
    } on (&rows(2), 0) (&rows(2), 1);

    fn left_by_return_of_a_number(k: i64) -> (i64, i64) {
        let n = k * 2;
        let mut total = 0;
        for i in 0..k {
            if i == 3 { return (n, total); }
            total += n;
        }
        (n, total)
    } on (0) (2) (7);

    /// A branch around a loop, as one of two results.
    fn a_branch_reads_what_is_taken_before(k: i64) -> (i64, i64) {
        let n = k * 2;
        let mut total = 0;
        let total = if k > 0 { for _ in 0..k { total += n; } total } else { 7 };
        (n, total)
    } on (0) (1) (3);

    fn a_loop_behind_an_operator(x: &Tensor, k: i64) -> Tensor {
        let y = x * 2.0;
        let mut h = x.shallow_clone();
        for _ in 0..k { h = h + &y; }
        y + (-h)
    } on (&rows(2), 3) (&rows(2), 0);

    fn a_function_that_ends_in_a_loop(x: &Tensor, k: i64) -> Tensor {
        let y = x * 2.0;
        &y + summed(&y, k)
    } on (&rows(2), 3) (&rows(2), 0);
}

#[script]
fn summed(x: &Tensor, k: i64) -> Tensor {
    let mut h = x.shallow_clone();
    for _ in 0..k {
        h = &h + x;
    }
    h
}

/// The file does the same in libtorch's executor, which Python runs, as `each_call` shows; frozen, too.
#[test]
fn frozen_loops_keep_their_changes() {
    form!((x: &Tensor, n: i64) -> Tensor {
        let (mut a, mut b) = (x.get(0).zeros_like(), x.get(0).zeros_like());
        for i in 0..n { std::mem::swap(&mut a, &mut b); a += x.get(i); }
        a * 100.0 + b
    });
    let compiled = tch_jit::compile(&Form).unwrap();
    compiled.eval();
    let loaded: ScriptModule = integration_tests::modules::reload(&compiled);
    for module in [loaded.freeze().unwrap(), loaded.optimize_for_inference().unwrap()] {
        each_call(&module, |call| {
            let found = module.forward(&[rows(6).into(), tch::IValue::Int(6)]).unwrap();
            let tch::IValue::Tensor(found) = found else { panic!("a tensor") };
            assert_eq!(v(&found), v(&Form.forward(&rows(6), 6)), "{call}");
        });
    }
}
