//! Maps: their types and methods.

use expect_test::expect;

use super::bodies;

#[test]
fn empty_maps_that_rustc_is_not_asked_about() {
    bodies(
        ["matches!(1, _ if HashMap::new().len() == 0)"],
        expect![[r#"
            matches!(1, _ if HashMap::new().len() == 0)
              1:18-29: the type of an empty map must be written
                help: write `let map: HashMap<K, V> = …` with its types
        "#]],
    );
}

#[test]
fn methods() {
    bodies(
        ["map.entry(a)", "map.entry(a).and_modify(|n| *n += 1).or_insert(0);", "map.get_mut(&a)"],
        expect![[r#"
            map.entry(a)
              1:5-9: `entry` is not supported in scripted methods: TorchScript has no references to places
                help: write `let n = map.get(&k).copied().unwrap_or(0); map.insert(k, n + 1);`
            map.entry(a).and_modify(|n| *n += 1).or_insert(0);
              1:5-9: `entry` is not supported in scripted methods: TorchScript has no references to places
                help: write `let n = map.get(&k).copied().unwrap_or(0); map.insert(k, n + 1);`
            map.get_mut(&a)
              1:5-11: `get_mut` is not supported in scripted methods: TorchScript has no references to places
                help: assign by index, as in `list[i] = value`, or by `map.insert(k, value)`
        "#]],
    );
}
