//! Lists: how they are made and indexed.

use expect_test::expect;

use super::{check, values};

#[test]
fn literals() {
    values([
        ("[1, 2]", expect!["return [1, 2]"]),
        ("[0.0; 3]", expect!["return ([0.0] * 3)"]),
        ("vec![1, 2]", expect!["return [1, 2]"]),
        ("vec![vec![0; a]; 3]", expect!["return [([0] * a) for unused in range(3)]"]),
        ("[[0.0, 1.0]; 2]", expect!["return [[0.0, 1.0] for unused in range(2)]"]),
        ("vec![a; 3]", expect!["return $repeated(a, 3)"]),
        ("&[&x, &y][..]", expect!["return [x, y][:]"]),
    ]);
}

#[test]
fn indexing() {
    values([
        ("list[0]", expect!["return _list[0]"]),
        ("list[a + 1]", expect!["return _list[(a + 1)]"]),
        ("list[1..a]", expect!["return _list[1:a]"]),
        ("list[..=2]", expect!["return _list[:(2 + 1)]"]),
        ("list[1..].len()", expect!["return len(_list[1:])"]),
        (
            "self.g(x)[if p { 0 } else { 1 }]",
            expect![[r#"
            operand = self.g(x)
            if p:
                value = 0
            else:
                value = 1
            return operand[value]"#]],
        ),
        ("xs[0][1]", expect!["return xs[0][1]"]),
    ]);
}

#[test]
fn collections_of_written_types() {
    check(
        "
fn f(&self, p: bool) -> Vec<i64> {
    let mut m: HashMap<String, i64> = HashMap::new();
    m.insert(\"a\".to_string(), 1);
    let v: Vec<i64> = if p { vec![] } else { Vec::new() };
    let w = Vec::<f64>::new();
    let n = \"3\".parse::<u8>().unwrap();
    v
}",
        expect![[r#"
            def f(self, p: $T0) -> $T1:
                m: $T3 = $copy($D2)
                $put(m, $display("a"), 1)
                if p:
                    value = $D4
                else:
                    value = $D5
                v: $T6 = value
                w = $D7
                n = $unwrap($try_u8($parse_int("3")))
                return v
        "#]],
    );
}
