//! Loops, blocks and conditions.

use expect_test::expect;

use super::bodies;

#[test]
fn loops_and_blocks_that_rustc_is_not_asked_about() {
    bodies(
        ["matches!(1, _ if 1 == loop { break 1; })", "matches!(1, _ if 1 == 'a: { if p { break 'a 1; } 2 })"],
        expect![[r#"
            matches!(1, _ if 1 == loop { break 1; })
              1:23-39: the type of a value that comes out of a `loop` or a labelled block must be written
                help: write `let value: T = …` with its type
            matches!(1, _ if 1 == 'a: { if p { break 'a 1; } 2 })
              1:23-52: the type of a value that comes out of a `loop` or a labelled block must be written
                help: write `let value: T = …` with its type
        "#]],
    );
}

#[test]
fn loops_in_the_place_of_a_value() {
    bodies(
        ["1 + while p {}", "a + for i in 0..2 {}", "self.g(while p {})"],
        expect![[r#"
            1 + while p {}
              1:5-14: loops in the place of a value are not supported in scripted methods
                help: put the loop before the statement
            a + for i in 0..2 {}
              1:5-20: loops in the place of a value are not supported in scripted methods
                help: put the loop before the statement
            self.g(while p {})
              1:8-17: loops in the place of a value are not supported in scripted methods
                help: put the loop before the statement
        "#]],
    );
}

#[test]
fn ranges_without_an_end() {
    bodies(
        ["for i in 0.. { self.g(i); }"],
        expect![[r#"
        for i in 0.. { self.g(i); }
          1:10-12: a loop over a range without an end is not supported in scripted methods
            help: write `loop`, with a counter of your own
    "#]],
    );
}

#[test]
fn let_in_conditions() {
    bodies(
        [
            "if a > 0 && (let Some(m) = maybe) { 1 } else { 2 }",
            "if let Some(m) = maybe || p { 1 } else { 2 }",
        ],
        expect![[r#"
            if a > 0 && (let Some(m) = maybe) { 1 } else { 2 }
              1:14-32: `let` conditions are not supported in scripted methods
                help: use a nested `if let`
            if let Some(m) = maybe || p { 1 } else { 2 }
              1:4-22: `let` is not supported in this condition of a scripted method
                help: use a nested `if let`
        "#]],
    );
}
