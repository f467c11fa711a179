//! Code that stands in the arguments of macros does what it does elsewhere.

#![allow(missing_docs)]
// As bodies of modules are written.
#![allow(
    clippy::useless_vec,
    clippy::never_loop,
    clippy::blocks_in_conditions,
    clippy::diverging_sub_expression
)]
#![allow(unreachable_code)]

use std::collections::BTreeMap;

use integration_tests::agree;

agree! {
    fn elements_are_changed(n: i64) -> (Vec<i64>, Vec<i64>) {
        let mut list = vec![1, 2];
        let made = vec![{ for it in list.iter_mut() { *it += n; } 7 }];
        (list, made)
    } on (-1) (0) (5);

    fn values_are_changed(n: i64) -> (i64, i64) {
        let mut map = BTreeMap::from([(1, 2), (3, 4)]);
        assert!({ for it in map.values_mut() { *it ^= n; } true });
        (map[&1], map[&3])
    } on (-1) (0) (5);

    fn a_reference_is_assigned(n: i64) -> (i64, String) {
        let mut a = 1;
        let r = &mut a;
        let text = format!("{}", { *r += n; 3 });
        (a, text)
    } on (-1) (0) (5);

    fn an_option_is_taken(n: i64) -> (Option<i64>, Vec<Option<i64>>) {
        let mut a = Some(n);
        let r = &mut a;
        let taken = vec![r.take()];
        (a, taken)
    } on (-1) (0) (5);

    fn a_copy_is_captured(n: i64) -> (Vec<i64>, i64) {
        let mut k = n;
        let f = move |x: i64| vec![x + k];
        k += 10;
        (f(1), k)
    } on (-1) (0) (5);

    fn a_copy_is_captured_by_name(n: i64) -> (String, i64) {
        let mut k = n;
        let f = move |x: i64| format!("{x} {k}");
        k += 10;
        (f(1), k)
    } on (-1) (0) (5);

    fn a_copy_is_captured_by_an_assertion(n: i64) -> (i64, i64) {
        let mut limit = n + 100;
        let f = move |x: i64| { assert!(x < limit, "{x} is not below {limit}"); x };
        limit -= 1000;
        (f(1), limit)
    } on (-1) (0) (5);

    fn a_closure_returns(n: i64) -> i64 {
        let f = |x: i64| -> i64 { assert!(if x > 3 { return 1 } else { true }); 2 };
        f(n) + 10
    } on (-1) (0) (5);

    fn a_loop_is_left(n: i64) -> i64 {
        let mut k = n;
        loop {
            k += 1;
            assert!(if k > 3 { break k * 2 } else { true });
        }
    } on (-1) (0) (5);
}
