//! Methods of lists.

use expect_test::expect;

use super::bodies;

#[test]
fn methods() {
    bodies(
        [
            "Vec::from_iter(0..3).into_boxed_slice()",
            "list.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));",
            "list.sort_by_key(key);",
            "list.binary_search(&1)",
            "list.split_first()",
            "list.copy_from_slice(&list);",
            "list.rotate_left(1);",
            "list.is_sorted()",
            "list.first_mut()",
            "list.retain(|n| { let m = *n; m > 1 });",
            "list.capacity()",
        ],
        expect![[r#"
            Vec::from_iter(0..3).into_boxed_slice()
              1:22-37: `into_boxed_slice` is not supported in scripted methods: it says something about memory or types, which TorchScript hides
                help: leave it out
            list.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(&b.1)));
              1:14-53: this closure of `sort_by` is not supported in scripted methods
                help: write a closure that ends with `x.cmp(&y)` or `x.partial_cmp(&y).unwrap()`, maybe with `.reverse()`
            list.sort_by_key(key);
              1:18-20: this closure of `sort_by_key` is not supported in scripted methods
                help: write a closure that ends with `x.cmp(&y)` or `x.partial_cmp(&y).unwrap()`, maybe with `.reverse()`
            list.binary_search(&1)
              1:6-18: `binary_search` is not supported in scripted methods: its result has no counterpart
                help: use `iter().position(|x| *x >= value)`
            list.split_first()
              1:6-16: `split_first` is not supported in scripted methods: it gives an option of a pair of references
                help: match on `[first, rest @ ..]`
            list.copy_from_slice(&list);
              1:6-20: `copy_from_slice` is not supported in scripted methods: TorchScript has no references to places
                help: assign the elements in a `for` loop, or assign a new list
            list.rotate_left(1);
              1:6-16: `rotate_left` is not supported in scripted methods: it depends on a width or moves a list in place
                help: build the new list with `extend_from_slice`
            list.is_sorted()
              1:6-14: `is_sorted` is not supported in scripted methods: it is not translated
                help: write a `for` loop
            list.first_mut()
              1:6-14: `first_mut` is not supported in scripted methods: TorchScript has no references to places
                help: assign by index, as in `list[i] = value`, or by `map.insert(k, value)`
            list.retain(|n| { let m = *n; m > 1 });
              1:6-11: the closure of `retain` is too complex for a scripted method
                help: write a `for` loop that pushes what is kept to a new list
            list.capacity()
              1:6-13: `capacity` is not supported in scripted methods: it says something about memory or types, which TorchScript hides
                help: leave it out
        "#]],
    );
}
