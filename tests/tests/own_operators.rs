//! Operators and methods that a type of the user's has of its own. In TorchScript, an enum is a number and a struct a
//! tuple, which have others of these names.

#![allow(missing_docs)]
// As bodies of modules are written.
#![allow(clippy::useless_vec)]

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, BitOr, Index, Mul, Neg, Not};

use tch_jit::{ScriptType, compile_mode, methods};

#[derive(Clone, Copy, Debug, ScriptType)]
enum Level {
    Low,
    High,
    Top,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("level")
    }
}

impl Add for Level {
    type Output = Level;
    fn add(self, _: Level) -> Level {
        Level::Low
    }
}

impl AddAssign<i64> for Level {
    fn add_assign(&mut self, _: i64) {
        *self = Level::Top;
    }
}

impl Mul<i64> for Level {
    type Output = i64;
    fn mul(self, by: i64) -> i64 {
        by
    }
}

impl BitOr for Level {
    type Output = bool;
    fn bitor(self, _: Level) -> bool {
        true
    }
}

impl Not for Level {
    type Output = Level;
    fn not(self) -> Level {
        Level::Top
    }
}

impl Neg for Level {
    type Output = Level;
    fn neg(self) -> Level {
        Level::Top
    }
}

impl Level {
    fn max(self, _: Level) -> i64 {
        -7
    }

    fn abs(self) -> i64 {
        77
    }

    fn pow(self, _: u32) -> i64 {
        78
    }

    fn is_positive(self) -> bool {
        false
    }
}

#[derive(Clone, Debug, ScriptType)]
struct Vector {
    x: i64,
    y: i64,
}

impl Index<usize> for Vector {
    type Output = i64;
    fn index(&self, i: usize) -> &i64 {
        if i == 0 { &self.y } else { &self.x }
    }
}

impl Add for Vector {
    type Output = Vector;
    fn add(self, other: Vector) -> Vector {
        Vector { x: self.x + other.y, y: self.y + other.x }
    }
}

impl Vector {
    fn len(&self) -> usize {
        7
    }

    fn iter(&self) -> std::vec::IntoIter<i64> {
        vec![self.y, self.x].into_iter()
    }
}

#[derive(Clone, Copy, Debug, ScriptType)]
struct Point(i64, i64);

impl Index<usize> for Point {
    type Output = i64;
    fn index(&self, i: usize) -> &i64 {
        if i == 0 { &self.1 } else { &self.0 }
    }
}

impl Point {
    fn len(self) -> usize {
        8
    }

    fn is_empty(self) -> bool {
        true
    }
}

impl IntoIterator for Point {
    type Item = i64;
    type IntoIter = std::vec::IntoIter<i64>;
    fn into_iter(self) -> Self::IntoIter {
        vec![self.1, self.0].into_iter()
    }
}

/// Modules that would compute something else; each is refused.
macro_rules! refused {
    ($($name:ident: |$this:ident: $ty:ty| -> $output:ty $body:block)*) => {$(
        #[test]
        fn $name() {
            #[compile_mode(script)]
            #[derive(Debug)]
            struct Root {}

            #[methods]
            impl Root {
                fn forward(&self, $this: $ty) -> $output $body
            }

            let error = tch_jit::compile(&Root {}).unwrap_err().to_string();
            assert!(error.contains("own_operators.rs"), "{error}");
        }
    )*};
}

refused! {
    display: |it: Level| -> String { it.to_string() }
    format: |it: Level| -> String { format!("a {it}") }
    add: |it: Level| -> Level { it + Level::High }
    add_assign: |it: Level| -> Level { let mut it = it; it += 1; it }
    mul: |it: Level| -> i64 { it * 5 }
    mul_in_a_list: |it: Level| -> i64 { let all = vec![it, it]; all.iter().map(|it| *it * 5).sum() }
    abs_in_a_list: |it: Level| -> i64 { let all = vec![it, it]; all.iter().map(|it| it.abs()).sum() }
    bit_or: |it: Level| -> bool { it | it }
    not: |it: Level| -> Level { !it }
    neg: |it: Level| -> Level { -it }
    max: |it: Level| -> i64 { it.max(Level::Low) }
    abs: |it: Level| -> i64 { it.abs() }
    pow: |it: Level| -> i64 { it.pow(2) }
    is_positive: |it: Level| -> bool { it.is_positive() }
    index_of_struct: |it: Vector| -> i64 { it[0] }
    len_of_struct: |it: Vector| -> i64 { it.len() as i64 }
    sum_of_structs: |it: Vector| -> i64 { (it.clone() + it).x }
    items_of_struct: |it: Vector| -> i64 { let mut s = 0; for x in it.iter() { s = s * 10 + x; } s }
    index_of_tuple: |it: Point| -> i64 { it[0] }
    len_of_tuple: |it: Point| -> i64 { it.len() as i64 }
    is_empty: |it: Point| -> bool { it.is_empty() }
    items_of_tuple: |it: Point| -> i64 { let mut s = 0; for x in it { s = s * 10 + x; } s }
    mapped_items: |it: Point| -> Vec<i64> { it.into_iter().map(|x| x + 1).collect() }
}

/// A wrapper that stands for what is in it.
#[derive(Clone, Debug, ScriptType)]
struct Wrapper(Vec<i64>);

impl std::ops::Deref for Wrapper {
    type Target = Vec<i64>;
    fn deref(&self) -> &Vec<i64> {
        &self.0
    }
}

/// The same for fields, which are asked about without inference.
macro_rules! refused_of_fields {
    ($($name:ident: |$this:ident| -> $output:ty $body:block)*) => {$(
        #[test]
        fn $name() {
            #[compile_mode(script)]
            #[derive(Debug)]
            struct Root {
                level: Level,
                other: Reversed,
                wrapper: Wrapper,
            }

            #[methods]
            impl Root {
                fn forward(&$this, _n: i64) -> $output $body
            }

            let root = Root { level: Level::High, other: Reversed::Small, wrapper: Wrapper(vec![1, 2]) };
            let error = tch_jit::compile(&root).unwrap_err().to_string();
            assert!(error.contains("own_operators.rs"), "{error}");
        }
    )*};
}

refused_of_fields! {
    field_mul: |self| -> i64 { self.level * 5 }
    field_mul_in_a_wide_place: |self| -> i64 { let n: i64 = self.level * 5; n }
    field_display: |self| -> String { format!("{}", self.level) }
    field_abs: |self| -> i64 { self.level.abs() }
    field_compared: |self| -> bool { self.other < Reversed::Large }
    field_len: |self| -> i64 { self.wrapper.len() as i64 }
    field_index: |self| -> i64 { self.wrapper[0] }
    field_items: |self| -> i64 { let mut s = 0; for x in self.wrapper.iter() { s += x; } s }
    field_target: |self| -> i64 { let v = &*self.wrapper; v.len() as i64 }
}

/// What these are in Rust, so that the tests above ask about what is there.
#[test]
fn rust_has_them() {
    let (it, vector, point) = (Level::High, Vector { x: 1, y: 2 }, Point(1, 2));
    let mut top = it;
    top += 1;
    assert_eq!((it.to_string(), it * 5, it | it, it.max(it), it.abs()), ("level".into(), 5, true, -7, 77));
    assert_eq!([it + it, top, !it, -it].map(|it| it as i64), [0, 2, 2, 2]);
    assert_eq!((it.pow(2), it.is_positive()), (78, false));
    assert_eq!(
        (vector[0], vector.len(), vector.iter().next(), (vector.clone() + vector).x),
        (2, 7, Some(2), 3)
    );
    assert_eq!((point[0], point.len(), point.is_empty(), point.into_iter().next()), (2, 8, true, Some(2)));
}

/// Comparisons that are derived are those of TorchScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ScriptType)]
enum Stage {
    First,
    Second,
    Third,
}

#[compile_mode(script)]
#[derive(Debug)]
struct Compares {
    stage: Stage,
}

#[methods]
impl Compares {
    fn forward(&self, stage: Stage) -> (bool, bool, bool, i64) {
        (stage == self.stage, stage < Stage::Third, stage >= self.stage, stage as i64 + 1)
    }
}

#[test]
fn derived_comparisons() {
    for stage in [Stage::First, Stage::Second] {
        let module = Compares { stage };
        let compiled = tch_jit::compile(&module).unwrap();
        for other in [Stage::First, Stage::Second, Stage::Third] {
            assert_eq!(compiled.forward(other).unwrap(), module.forward(other));
        }
    }
}

/// Comparisons that are written by hand are not.
#[derive(Clone, Copy, Debug, ScriptType)]
enum Reversed {
    Small,
    Large,
}

impl PartialEq for Reversed {
    fn eq(&self, other: &Reversed) -> bool {
        *self as i64 == *other as i64
    }
}

impl PartialOrd for Reversed {
    fn partial_cmp(&self, other: &Reversed) -> Option<Ordering> {
        (*other as i64).partial_cmp(&(*self as i64))
    }
}

#[derive(Clone, Copy, Debug, ScriptType)]
enum Alike {
    This,
    That,
}

impl PartialEq for Alike {
    fn eq(&self, _: &Alike) -> bool {
        true
    }
}

refused! {
    reversed: |it: Reversed| -> bool { it < Reversed::Large }
    alike: |it: Alike| -> bool { it == Alike::This }
}

#[test]
fn rust_compares_by_hand() {
    assert!(Reversed::Small > Reversed::Large && Alike::This == Alike::That);
}
