//! The names of one closure's parameters, and what the closures behind it in a chain mean by them.

#![allow(missing_docs)]
// What people write.
#![allow(clippy::explicit_counter_loop, unused_variables)]

use tch_jit::{compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Chains {}

#[methods]
impl Chains {
    fn forward(&self, n: i64) -> (i64, i64, i64, i64) {
        let it = n;
        let folded = (0..7i64).enumerate().map(|(i, it)| it + i as i64).fold(n, |total, x| total + it);
        let mapped: i64 = (0..7i64).map(|it| it * 2).map(|x| x + it).sum();
        let filtered: i64 = (0..7i64).filter(|it| *it > 2).map(|x| x * it).sum();
        let mut total = 0;
        for x in (0..7i64).map(|it| it * 2).filter(|x| *x > it) {
            total += x + it;
        }
        (folded, mapped, filtered, total)
    }
}

#[test]
fn end_with_the_closure() {
    let compiled = tch_jit::compile(&Chains {}).unwrap();
    for n in [0, 5, -3] {
        assert_eq!(compiled.forward(n).unwrap(), Chains {}.forward(n));
    }
}
