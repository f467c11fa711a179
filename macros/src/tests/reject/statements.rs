//! Items, declarations and assignments.

use expect_test::expect;

use super::bodies;

#[test]
fn items() {
    bodies(
        [
            "struct Inner; 1",
            "async fn inner() {} inner()",
            "enum Inner { A } 1",
            "static N: i64 = 1; 1",
            "type T = i64; 1",
            "trait T {} 1",
            "impl M {} 1",
            "macro_rules! m { () => {} } 1",
        ],
        expect![[r#"
            struct Inner; 1
              1:1-13: items inside a scripted method cannot be scripted
                help: move the item out of the method
            async fn inner() {} inner()
              1:1-19: items inside a scripted method cannot be scripted
                help: move the item out of the method
            enum Inner { A } 1
              1:1-16: items inside a scripted method cannot be scripted
                help: move the item out of the method
            static N: i64 = 1; 1
              1:1-18: items inside a scripted method cannot be scripted
                help: move the item out of the method
            type T = i64; 1
              1:1-13: items inside a scripted method cannot be scripted
                help: move the item out of the method
            trait T {} 1
              1:1-10: items inside a scripted method cannot be scripted
                help: move the item out of the method
            impl M {} 1
              1:1-9: items inside a scripted method cannot be scripted
                help: move the item out of the method
            macro_rules! m { () => {} } 1
              1:1-27: items inside a scripted method cannot be scripted
                help: move the item out of the method
        "#]],
    );
}

#[test]
fn declarations() {
    bodies(
        ["let (a, b); 1", "let (a, b): (i64, i64); a", "let [a]; a"],
        expect![[r#"
        let (a, b); 1
          1:5-10: a `let` without a value declares a plain name
            help: write one `let` for each name
        let (a, b): (i64, i64); a
          1:5-10: a `let` without a value declares a plain name
            help: write one `let` for each name
        let [a]; a
          1:5-7: a `let` without a value declares a plain name
            help: write one `let` for each name
    "#]],
    );
}

#[test]
fn assignments_to_fields() {
    bodies(
        ["self.count += 1;", "self.count = 1;", "self.pair.0 = 1;", "(self.a, b) = (1, 2);"],
        expect![[r#"
            self.count += 1;
              1:1-10: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place
            self.count = 1;
              1:1-10: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place
            self.pair.0 = 1;
              1:1-11: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place
            (self.a, b) = (1, 2);
              1:2-7: this cannot be assigned to in a scripted method
                help: assign to a local variable; a field that changes belongs into a buffer, changed in place
        "#]],
    );
}

#[test]
fn assignments_through_references() {
    bodies(
        [
            "*a = 1;",
            "*self.count = 1;",
            "**a += 1;",
            "let b = if p { &mut a } else { &mut c }; *b = 1;",
            "let mut b = &mut a; *b = 1;",
            "std::mem::swap(a, b);",
        ],
        expect![[r#"
            *a = 1;
              1:1-2: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            *self.count = 1;
              1:1-11: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            **a += 1;
              1:1-3: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            let b = if p { &mut a } else { &mut c }; *b = 1;
              1:42-43: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            let mut b = &mut a; *b = 1;
              1:21-22: an assignment through a reference is not supported in scripted methods
                help: assign to the variable or to the element itself, or return the new value
            std::mem::swap(a, b);
              1:16-16: it is not known in scripted methods what this reference refers to
                help: pass `&mut` of a variable that is declared `mut`, or of a field or an element of one
        "#]],
    );
}
