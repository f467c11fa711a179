//! Results: an error is an exception in TorchScript. What a body does with an error other than passing it on is refused.
//!
//! `x.f_matmul(y).unwrap_or_else(|_| …)` once lost its closure in silence.

#![allow(missing_docs)]

use integration_tests::tensors::floats;
use integration_tests::{agree, both_fail};
use tch::{TchError, Tensor};
use tch_jit::{compile_mode, methods, script};

type Fallible<T> = Result<T, TchError>;

agree! {
    fn passed_on(x: &Tensor) -> Fallible<Tensor> { let y = x.f_relu()?; let z = y.f_neg().map_err(|e| TchError::Torch(format!("in z: {e}")))?; Ok(z.f_add(&y).expect("equal sizes")) } on (&floats(&[1., -1.]));
    fn mapped(x: &Tensor) -> Fallible<Tensor> { let r = x.f_relu().map(|y| y * 2.0); let s = r.and_then(|y| y.f_neg()); Ok(s?.f_exp().map(|y| y + 1.0).unwrap()) } on (&floats(&[1., -1.]));
    fn in_closures(v: Vec<i64>) -> Fallible<Vec<i64>> { v.iter().map(|x| { let y: Fallible<i64> = if *x > 5 { Err(TchError::Torch("large".to_owned())) } else { Ok(x * 2) }; Ok(y? + 1) }).collect::<Result<Vec<i64>, TchError>>() } on (vec![1, 2]);
    fn options_that_become_results(a: Option<i64>) -> anyhow::Result<i64> { use anyhow::Context; let b = a.ok_or_else(|| anyhow::anyhow!("none"))?; let c = a.context("none")?; Ok(b + c) } on (Some(2));
    fn paths_of_variants(a: Option<i64>) -> Result<i64, String> { if let Option::Some(v) = a { return Result::Ok(v); } match a { Option::None => std::result::Result::Ok(-1), std::option::Option::Some(v) => Ok(v) } } on (Some(2)) (None::<i64>);
    fn options_of_paths(a: i64) -> Option<i64> { let b: Option<i64> = if a > 0 { Option::Some(a) } else { Option::None }; b.map(|v| v + 1) } on (2) (-2);
    fn options_from_anywhere(v: Vec<Option<i64>>) -> i64 { let mut s = 0; for o in &v { s += o.unwrap_or(10); } let (a, b) = (v[0], v[v.len() - 1]); for (i, o) in v.iter().enumerate() { s += o.map_or(i as i64, |x| x * 2); } s + a.or(Some(3)).unwrap_or_default() + b.unwrap_or(100) } on (vec![Some(1), None]) (vec![None::<i64>]);
    fn options_that_are_known_to_be_there(a: Option<i64>) -> i64 { if a.is_some() { return a.unwrap_or(1) + a.map(|v| v * 2).unwrap_or_else(|| 7) + a.unwrap_or_default(); } match a { None => -1, b => b.unwrap_or(5) } } on (Some(2)) (None::<i64>);
}

both_fail! {
    fn errors_that_are_unwrapped(a: i64) -> i64 { let r: Result<i64, String> = if a > 0 { Err("positive".to_owned()) } else { Ok(a) }; r.unwrap() } on (1);
    fn options_that_are_missing(a: Option<i64>) -> i64 { a.ok_or("none").unwrap() } on (None::<i64>);
}

/// A child, whose methods the block that calls them does not see.
#[compile_mode(script)]
struct Child;

#[methods]
impl Child {
    fn forward(&self, x: &Tensor) -> Fallible<Tensor> {
        x.f_relu()
    }

    fn checked(&self, n: i64) -> Result<i64, String> {
        if n > 3 {
            return Err("large".to_owned());
        }
        Ok(n)
    }

    fn option(&self, n: i64) -> Option<i64> {
        if n > 3 { None } else { Some(n) }
    }
}

#[script]
fn halved(n: i64) -> Result<i64, String> {
    if n % 2 == 1 {
        return Err("odd".to_owned());
    }
    Ok(n / 2)
}

#[script]
fn even(n: i64) -> Option<i64> {
    if n % 2 == 1 { None } else { Some(n / 2) }
}

#[compile_mode(script)]
struct Passes {
    child: Child,
}

#[methods]
impl Passes {
    fn forward(&self, n: i64, v: Vec<i64>) -> Result<(i64, i64, i64, i64), String> {
        let sums: Vec<i64> =
            v.iter().map(|i| Ok(self.child.checked(*i)? + halved(*i)?)).collect::<Result<_, String>>()?;
        let option = self.child.option(n);
        Ok((
            self.child.checked(2)? + sums.len() as i64,
            self.child.option(n).unwrap_or(10) + option.unwrap_or(20),
            even(n).map_or(30, |v| v * 2) + even(n).or(Some(40)).unwrap_or_default(),
            sums.iter().sum(),
        ))
    }
}

#[test]
fn errors_of_other_blocks_are_passed_on() {
    let module = Passes { child: Child };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|e| panic!("{e}"));
    for (n, v) in [(1, vec![2]), (4, vec![]), (5, vec![0, 2])] {
        let expected = module.forward(n, v.clone()).expect("no error");
        for _ in 0..3 {
            assert_eq!(compiled.forward((n, v.clone())).unwrap_or_else(|e| panic!("{e}")), Ok(expected));
        }
    }
    for v in [vec![4], vec![1]] {
        assert!(module.forward(1, v.clone()).is_err());
        assert!(compiled.forward((1, v)).is_err());
    }
}

/// A module whose `forward` handles an error of something that the block does not see.
macro_rules! handles {
    ($($test:ident: |$this:ident, $x:ident| -> $out:ty { $($body:tt)* }, $message:literal;)*) => {$(
        #[test]
        fn $test() {
            #[compile_mode(script)]
            struct Handles {
                #[allow(dead_code)]
                child: Child,
            }

            #[methods]
            impl Handles {
                #[allow(warnings)]
                fn forward(&$this, $x: &Tensor) -> $out {
                    $($body)*
                }
            }
            let error = tch_jit::compile(&Handles { child: Child }).err().expect("it is refused").to_string();
            assert!(error.contains($message) && error.contains("help: "), "{error}");
        }
    )*};
}

handles! {
    unwrap_or_of_a_child: |self, x| -> Tensor { self.child.forward(x).unwrap_or(x.zeros_like()) }, "an error of a `Result`";
    unwrap_or_of_a_childs_method: |self, x| -> i64 { self.child.checked(5).unwrap_or(7) }, "an error of a `Result`";
    unwrap_or_default_of_a_childs_method: |self, x| -> i64 { self.child.checked(5).unwrap_or_default() }, "an error of a `Result`";
    map_or_of_a_variable: |self, x| -> i64 { let r = self.child.checked(5); r.map_or(7, |v| v + 1) }, "an error of a `Result`";
    map_of_a_childs_method: |self, x| -> i64 { self.child.checked(5).map(|v| v + 1).unwrap_or(7) }, "an error of a `Result`";
    or_of_a_function: |self, x| -> i64 { halved(3).or(halved(4)).unwrap() }, "an error of a `Result`";
    a_branch_with_a_result: |self, x| -> i64 { (if x.dim() > 1 { halved(3) } else { halved(5) }).unwrap_or(7) }, "an error of a `Result`";
    an_element_of_a_pair: |self, x| -> i64 { let (r, n) = (halved(3), 1); r.unwrap_or(n) }, "an error of a `Result`";
    an_option_in_a_closure: |self, x| -> i64 { Some(1).and_then(|v| { let w = self.child.option(5)?; Some(v + w) }).unwrap_or(7) }, "`?` of an option inside of a closure";
    a_functions_option_in_a_closure: |self, x| -> Option<i64> { Some(1).and_then(|v| Some(v + even(3)?)).or(Some(7)) }, "`?` of an option inside of a closure";
}

/// Gives an option, or fails.
#[compile_mode(script)]
#[derive(Debug)]
struct Finds {}

#[methods]
impl Finds {
    fn forward(&self, n: i64) -> Fallible<Option<i64>> {
        if n < 0 {
            return Err(TchError::Torch("negative".into()));
        }
        Ok(if n > 3 { Some(n) } else { None })
    }

    fn found(&self, n: i64) -> Fallible<Option<i64>> {
        Ok(self.forward(n)?.map(|it| it * 2))
    }
}

#[script]
fn find(n: i64) -> Fallible<Option<i64>> {
    Ok(if n > 5 { Some(n) } else { None })
}

/// `?` of what gives an option keeps it.
#[compile_mode(script)]
#[derive(Debug)]
struct Asks {
    finds: Finds,
    maybe: Option<Finds>,
}

#[methods]
impl Asks {
    fn forward(&self, n: i64) -> Fallible<(bool, Option<i64>, Option<i64>, i64)> {
        let mut other = Some(1);
        if let Some(maybe) = &self.maybe {
            other = maybe.forward(n)?;
        }
        let given = self.finds.found(n)?;
        let known = self.finds.forward(n)?.ok_or(TchError::Torch("nothing".into()));
        Ok((find(n)?.is_some(), other, given, if n > 3 { known? } else { 0 }))
    }
}

#[test]
fn options_in_results_are_kept() {
    let asks = Asks { finds: Finds {}, maybe: Some(Finds {}) };
    let compiled = tch_jit::compile(&asks).unwrap_or_else(|error| panic!("{error}"));
    for n in [0, 4, 6] {
        assert_eq!(compiled.forward(n).unwrap().unwrap(), asks.forward(n).unwrap(), "{n}");
    }
    assert!(compiled.forward(-1).is_err() && asks.forward(-1).is_err());
}
