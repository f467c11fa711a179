//! Functions of the user's with the names of the standard library's: refused, or as in Rust.

#![allow(missing_docs)]

use tch_jit::{compile_mode, methods, script};

mod cmp {
    pub fn max(a: i64, _: i64) -> i64 {
        a
    }

    pub fn min<T>(_: T, b: T) -> T {
        b
    }
}

mod mem {
    pub fn swap<T>(_: &mut T, _: &mut T) {}

    pub fn take(x: &mut i64) -> i64 {
        *x
    }

    pub fn replace<T: Clone>(x: &mut T, _: T) -> T {
        x.clone()
    }
}

mod iter {
    pub fn repeat_n(a: i64, _: usize) -> impl Iterator<Item = i64> {
        [a].into_iter()
    }
}

#[script]
fn larger(a: i64, b: i64) -> i64 {
    cmp::max(a, b)
}

macro_rules! refused {
    ($($name:ident: |$it:ident| $body:block)*) => {$(
        #[test]
        fn $name() {
            #[compile_mode(script)]
            #[derive(Debug)]
            struct Root {}

            #[methods]
            impl Root {
                fn forward(&self, $it: i64) -> i64 $body
            }

            let error = tch_jit::compile(&Root {}).unwrap_err().to_string();
            assert!(error.contains("is not the function of the standard library"), "{error}");
            assert!(error.contains("std_names.rs"), "{error}");
            Root {}.forward(3);
        }
    )*};
}

refused! {
    max: |it| { cmp::max(it, 10) }
    min: |it| { crate::cmp::min(it, 10) }
    swap: |it| { let (mut a, mut b) = (it, 5); mem::swap(&mut a, &mut b); a }
    take: |it| { let mut a = it; mem::take(&mut a) + a }
    replace: |it| { let mut a = it; self::mem::replace(&mut a, 5) + a }
    repeated: |it| { iter::repeat_n(it, 3).sum() }
    in_a_function: |it| { larger(it, 10) }
}

mod imported {
    use std::cmp::{self, Ordering};
    use std::{iter, mem};

    use super::*;

    #[compile_mode(script)]
    #[derive(Debug)]
    struct Root {}

    #[methods]
    impl Root {
        fn forward(&self, it: i64) -> (i64, i64, i64, Vec<i64>) {
            let (mut a, mut b) = (it, 5);
            mem::swap(&mut a, &mut b);
            let c = mem::take(&mut a) + mem::replace(&mut b, cmp::min::<i64>(a, 2));
            (a, b, cmp::max(c, 4), iter::repeat_n(it, 3).collect())
        }
    }

    #[test]
    fn those_of_the_library_are_compiled() {
        let compiled = tch_jit::compile(&Root {}).unwrap();
        for it in [-3, 0, 7] {
            assert_eq!(compiled.forward(it).unwrap(), Root {}.forward(it));
        }
        assert_eq!(1.cmp(&2), Ordering::Less);
    }
}
