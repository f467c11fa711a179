//! Operators and methods that a type of the user's has of its own. In TorchScript, an enum is a number and a struct a
//! tuple, which have others of these names.

#![allow(missing_docs)]
// As bodies of modules are written.
#![allow(clippy::clone_on_copy, clippy::eq_op, clippy::unnecessary_sort_by, clippy::useless_vec)]

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

impl Mul<Level> for i64 {
    type Output = i64;
    fn mul(self, _: Level) -> i64 {
        self.pow(2)
    }
}

impl Add<Level> for f64 {
    type Output = f64;
    fn add(self, _: Level) -> f64 {
        -self
    }
}

impl PartialEq<i64> for Level {
    fn eq(&self, _: &i64) -> bool {
        true
    }
}

refused! {
    number_times: |it: (i64, Level)| -> i64 { let (n, level) = it; n * level }
    times_number: |it: (i64, Level)| -> i64 { let (n, level) = it; level * n }
    size_times: |it: (Vec<i64>, Level)| -> i64 { let n = it.0.len() as i64; let level = it.1; n * level + 1 }
    float_plus: |it: (f64, Level)| -> f64 { let (x, level) = it; x + level }
    compared_with_a_number: |it: (i64, Level)| -> bool { let (n, level) = it; level == n }
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

/// `==` that is derived compares the fields, of whatever types.
#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Record {
    name: String,
    weights: Vec<f64>,
    limit: Option<f64>,
    stage: Stage,
    at: (i64, f64),
}

#[derive(Clone, Debug, PartialEq, ScriptType)]
enum Shape {
    Point,
    Circle(f64),
    Box { low: Record, high: Record },
}

#[derive(Clone, Copy, Debug, PartialEq, ScriptType)]
struct Pair(i64, i64);

#[compile_mode(script)]
#[derive(Debug)]
struct ComparesData {
    pair: Pair,
}

#[methods]
impl ComparesData {
    fn forward(&self, a: Record, b: Record, shape: Shape, other: Shape) -> Vec<bool> {
        let twice = a.clone();
        let pairs = vec![(1, a.at.1), (2, b.at.1)];
        vec![
            a == b,
            a != b,
            a == twice,
            a == a,
            a.at == b.at,
            shape == other,
            shape != other,
            Some(a.clone()) == Some(b.clone()),
            vec![a.clone()] == vec![b.clone()],
            self.pair == Pair(a.at.0, b.at.0),
            pairs.contains(&(2, a.at.1)),
            (a, b) == (twice.clone(), twice),
        ]
    }
}

#[test]
fn derived_comparisons_of_data() {
    let record = |name: &str, weight: f64, limit, stage, number| Record {
        name: name.into(),
        weights: vec![1.0, weight],
        limit,
        stage,
        at: (number, weight),
    };
    let records = [
        record("a", 2.0, None, Stage::First, 1),
        record("b", 2.0, None, Stage::First, 1),
        record("a", 3.0, None, Stage::First, 1),
        record("a", 2.0, Some(2.0), Stage::First, 1),
        record("a", 2.0, None, Stage::Second, 1),
        record("a", 2.0, None, Stage::First, 2),
        record("a", f64::NAN, None, Stage::First, 1),
        record("a", 2.0, Some(f64::NAN), Stage::First, 1),
    ];
    let boxed = |low: &Record, high: &Record| Shape::Box { low: low.clone(), high: high.clone() };
    let shapes = [
        Shape::Point,
        Shape::Circle(1.0),
        Shape::Circle(f64::NAN),
        boxed(&records[0], &records[1]),
        boxed(&records[1], &records[0]),
        boxed(&records[6], &records[6]),
    ];
    let module = ComparesData { pair: Pair(1, 2) };
    let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{error}"));
    for (i, a) in records.iter().enumerate() {
        for (j, b) in records.iter().enumerate() {
            let (shape, other) = (&shapes[i % shapes.len()], &shapes[j % shapes.len()]);
            let args = || (a.clone(), b.clone(), shape.clone(), other.clone());
            let (a, b, c, d) = args();
            assert_eq!(compiled.forward(args()).unwrap(), module.forward(a, b, c, d), "{i}, {j}");
        }
    }
}

/// By a key.
#[derive(Clone, Debug, ScriptType)]
struct Keyed {
    key: i64,
    value: f64,
}

impl PartialEq for Keyed {
    fn eq(&self, other: &Keyed) -> bool {
        self.key == other.key
    }
}

/// With a tolerance.
#[derive(Clone, Debug, ScriptType)]
struct Close(f64);

impl PartialEq for Close {
    fn eq(&self, other: &Close) -> bool {
        (self.0 - other.0).abs() < 1e-6
    }
}

/// Text without its case.
#[derive(Clone, Debug, ScriptType)]
enum Named {
    Nobody,
    Somebody { name: String },
}

impl PartialEq for Named {
    fn eq(&self, other: &Named) -> bool {
        match (self, other) {
            (Named::Nobody, Named::Nobody) => true,
            (Named::Somebody { name: a }, Named::Somebody { name: b }) => a.eq_ignore_ascii_case(b),
            _ => false,
        }
    }
}

/// Asserts what it compares.
#[derive(Clone, Debug, ScriptType)]
struct Sized {
    values: Vec<i64>,
}

impl PartialEq for Sized {
    fn eq(&self, other: &Sized) -> bool {
        assert_eq!(self.values.len(), other.values.len(), "values of one size");
        self.values == other.values
    }
}

/// Derived, of a field that is compared by hand.
#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Holds {
    close: Close,
    alike: Option<Vec<Alike>>,
}

refused! {
    keyed: |it: (Keyed, Keyed)| -> bool { it.0 == it.1 }
    keyed_in_a_list: |it: (Vec<Keyed>, Vec<Keyed>)| -> bool { it.0 != it.1 }
    close: |it: (Close, Close)| -> bool { it.0 == it.1 }
    asserts: |it: (Sized, Sized)| -> bool { it.0 == it.1 }
    named: |it: (Named, Named)| -> bool { it.0 == it.1 }
    holds: |it: (Holds, Holds)| -> bool { it.0 == it.1 }
    held: |it: ((i64, Option<Alike>), (i64, Option<Alike>))| -> bool { it.0 == it.1 }
}

#[test]
fn rust_compares_data_by_hand() {
    let keyed = |value| Keyed { key: 1, value };
    let named = |name: &str| Named::Somebody { name: name.into() };
    assert!(keyed(1.0) == keyed(2.0) && Close(0.0) == Close(1e-9) && named("a") == named("A"));
    assert!(keyed(1.0).value < keyed(2.0).value && Named::Nobody != named(""));
    let holds = |it| Holds { close: Close(0.0), alike: Some(vec![it]) };
    assert!(holds(Alike::This) == holds(Alike::That));
}

/// Of any type, by a key.
#[derive(Clone, Debug, ScriptType)]
struct Entry<T> {
    key: i64,
    value: T,
}

impl<T> PartialEq for Entry<T> {
    fn eq(&self, other: &Entry<T>) -> bool {
        self.key == other.key
    }
}

/// Its order is written by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ScriptType)]
enum Backward {
    Small,
    Large,
}

impl Ord for Backward {
    fn cmp(&self, other: &Backward) -> Ordering {
        (*other as i64).cmp(&(*self as i64))
    }
}

impl PartialOrd for Backward {
    fn partial_cmp(&self, other: &Backward) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<Backward> for i64 {
    fn from(_: Backward) -> i64 {
        -5
    }
}

/// All traits that a body may name, written by hand.
#[derive(Debug, ScriptType)]
struct Counted(i64);

impl Clone for Counted {
    fn clone(&self) -> Counted {
        Counted(self.0 + 100)
    }
}

impl Default for Counted {
    fn default() -> Counted {
        Counted(7)
    }
}

impl From<i64> for Counted {
    fn from(n: i64) -> Counted {
        Counted(n * 2)
    }
}

impl std::iter::Sum for Counted {
    fn sum<I: Iterator<Item = Counted>>(it: I) -> Counted {
        Counted(it.count() as i64)
    }
}

impl<'a> std::iter::Sum<&'a Counted> for i64 {
    fn sum<I: Iterator<Item = &'a Counted>>(it: I) -> i64 {
        it.count() as i64
    }
}

impl AsRef<i64> for Counted {
    fn as_ref(&self) -> &i64 {
        &9
    }
}

/// Methods with the names of those that give the value itself.
#[derive(Clone, Debug, ScriptType)]
struct Slices {
    all: Vec<i64>,
}

impl Slices {
    fn as_slice(&self) -> &[i64] {
        &self.all[1..]
    }

    fn borrow(&self) -> Slices {
        Slices { all: self.all[1..].to_vec() }
    }

    fn as_str(&self) -> &str {
        "slices"
    }
}

impl std::str::FromStr for Counted {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Counted, Self::Err> {
        text.parse().map(|n: i64| Counted(-n))
    }
}

impl FromIterator<i64> for Counted {
    fn from_iter<I: IntoIterator<Item = i64>>(it: I) -> Counted {
        Counted(it.into_iter().count() as i64)
    }
}

impl Extend<i64> for Counted {
    fn extend<I: IntoIterator<Item = i64>>(&mut self, it: I) {
        self.0 += it.into_iter().count() as i64;
    }
}

/// Derived, of any type.
#[derive(Clone, Debug, PartialEq, ScriptType)]
struct Either<T> {
    first: Option<T>,
    second: T,
}

refused! {
    entry: |it: (Entry<f64>, Entry<f64>)| -> bool { it.0 == it.1 }
    entries: |it: (Vec<Entry<String>>, Vec<Entry<String>>)| -> bool { it.0 == it.1 }
    either_of_entries: |it: (Either<Entry<f64>>, Either<Entry<f64>>)| -> bool { it.0 != it.1 }
    asserted_entries: |it: (Entry<f64>, Entry<f64>)| -> i64 { assert_ne!(it.0, it.1); 1 }
}

/// Traits that have the names of the standard library's, or are implemented by hand: refused, or as in Rust.
macro_rules! refused_or_right {
    ($($name:ident: |$it:ident: $ty:ty| = $input:expr => $output:ty $body:block)*) => {$(
        #[test]
        fn $name() {
            #[compile_mode(script)]
            #[derive(Debug)]
            struct Root {}

            #[methods]
            impl Root {
                fn forward(&self, $it: $ty) -> $output $body
            }

            let expected = Root {}.forward($input);
            match tch_jit::compile(&Root {}) {
                Ok(compiled) => {
                    let input: $ty = $input;
                    let result = compiled.forward((input,)).unwrap();
                    assert_eq!(format!("{result:?}"), format!("{expected:?}"));
                }
                Err(error) => assert!(error.to_string().contains("own_operators.rs"), "{error}"),
            }
        }
    )*};
}

fn backward() -> Vec<Backward> {
    vec![Backward::Small, Backward::Large, Backward::Small]
}

refused_or_right! {
    contained: |it: (Vec<Keyed>, Keyed)| = (vec![Keyed { key: 1, value: 1.0 }], Keyed { key: 1, value: 2.0 }) => bool { it.0.contains(&it.1) }
    position: |it: (Vec<Keyed>, Keyed)| = (vec![Keyed { key: 1, value: 1.0 }], Keyed { key: 1, value: 2.0 }) => i64 {
        let (all, one) = it;
        all.iter().position(|it| *it == one).map_or(-1, |i| i as i64)
    }
    contained_alike: |it: (Vec<Alike>, Alike)| = (vec![Alike::This], Alike::That) => bool { it.0.contains(&it.1) }
    contained_in_an_array: |it: Alike| = Alike::This => bool { [Alike::That].contains(&it) }
    starts: |it: (Vec<Alike>, Vec<Alike>)| = (vec![Alike::This], vec![Alike::That]) => bool { it.0.starts_with(&it.1) }
    sorted: |it: Vec<Backward>| = backward() => Vec<Backward> { let mut it = it; it.sort(); it }
    largest: |it: Vec<Backward>| = backward() => Option<Backward> { it.into_iter().max() }
    largest_of_two: |it: Backward| = Backward::Small => Backward { it.max(Backward::Large) }
    largest_by_key: |it: Vec<Backward>| = backward() => Option<Backward> { it.into_iter().max_by_key(|it| *it) }
    largest_function: |it: Backward| = Backward::Small => Backward { std::cmp::max(it, Backward::Large) }
    sorted_by_key: |it: Vec<Backward>| = backward() => Vec<Backward> { let mut it = it; it.sort_by_key(|it| *it); it }
    compared_in_sort: |it: Vec<Backward>| = backward() => Vec<Backward> { let mut it = it; it.sort_by(|a, b| a.cmp(b)); it }
    deduplicated: |it: Vec<Alike>| = vec![Alike::This, Alike::That] => Vec<Alike> { let mut it = it; it.dedup(); it }
    equal_items: |it: (Vec<Alike>, Vec<Alike>)| = (vec![Alike::This], vec![Alike::That]) => bool { it.0.iter().eq(it.1.iter()) }
    equal_method: |it: (Alike, Alike)| = (Alike::This, Alike::That) => bool { it.0.eq(&it.1) }
    unequal_options: |it: (Option<Alike>, Option<Alike>)| = (Some(Alike::This), Some(Alike::That)) => bool { it.0 != it.1 }
    in_a_map: |it: (std::collections::HashMap<i64, Alike>, Alike)| = ([(1, Alike::This)].into(), Alike::That) => bool { it.0.values().any(|v| *v == it.1) }
    cloned: |it: Counted| = Counted(1) => i64 { it.clone().0 }
    cloned_list: |it: Vec<Counted>| = vec![Counted(1)] => i64 { it.clone()[0].0 }
    turned: |it: i64| = 1 => i64 { let c: Counted = it.into(); c.0 }
    defaulted: |it: i64| = 1 => i64 { it + Counted::default().0 }
    summed: |it: Vec<Counted>| = vec![Counted(5), Counted(6)] => i64 { it.into_iter().sum::<Counted>().0 }
    summed_number: |it: Vec<Counted>| = vec![Counted(5), Counted(6)] => i64 { it.iter().sum() }
    collected: |it: Vec<i64>| = vec![5, 6, 7] => i64 { it.into_iter().collect::<Counted>().0 }
    extended: |it: Counted| = Counted(5) => i64 { let mut it = it; it.extend(vec![1, 2]); it.0 }
    as_number: |it: Backward| = Backward::Large => i64 { i64::from(it) }
    into_number: |it: Backward| = Backward::Large => i64 { let n: i64 = it.into(); n }
    default_of_none: |it: Option<Counted>| = None => i64 { it.unwrap_or_default().0 }
    reference: |it: Counted| = Counted(5) => i64 { *it.as_ref() }
    slice: |it: Slices| = Slices { all: vec![1, 2] } => i64 { it.as_slice().len() as i64 }
    borrowed: |it: Slices| = Slices { all: vec![1, 2] } => i64 { it.borrow().all.len() as i64 }
    text: |it: Slices| = Slices { all: vec![1, 2] } => String { it.as_str().to_string() }
    asserted: |it: (Keyed, Keyed)| = (Keyed { key: 1, value: 1.0 }, Keyed { key: 1, value: 2.0 }) => i64 { assert_eq!(it.0, it.1); 1 }
}

/// A module of any type compares it as that type says.
#[compile_mode(script)]
#[derive(Debug)]
struct ComparesAny<T: tch_jit::ScriptOutput + Clone + std::fmt::Debug + PartialEq + 'static> {
    known: T,
}

#[methods]
impl<T: tch_jit::ScriptOutput + Clone + std::fmt::Debug + PartialEq + 'static> ComparesAny<T> {
    fn forward(&self, n: i64) -> (i64, bool) {
        let again = self.known.clone();
        (n, self.known == again)
    }
}

#[test]
fn generic_comparisons() {
    #[compile_mode(script)]
    #[derive(Debug)]
    struct Root {}

    #[methods]
    impl Root {
        fn forward(&self, a: Either<f64>, b: Either<f64>) -> (bool, bool) {
            (a == b, vec![a.clone()] != vec![b])
        }
    }

    let compiled = tch_jit::compile(&Root {}).unwrap();
    let all = [(None, 1.0), (Some(1.0), 1.0), (Some(2.0), 1.0), (Some(1.0), f64::NAN)];
    let all = all.map(|(first, second)| Either { first, second });
    for a in &all {
        for b in &all {
            let expected = Root {}.forward(a.clone(), b.clone());
            assert_eq!(compiled.forward((a.clone(), b.clone())).unwrap(), expected);
        }
    }
    tch_jit::compile(&ComparesAny { known: Pair(1, 2) }).unwrap();
    let error = tch_jit::compile(&ComparesAny { known: Entry { key: 1, value: 2.0 } }).unwrap_err();
    assert!(error.to_string().contains("own_operators.rs"), "{error}");
}

/// What is derived does what it does for the data.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, ScriptType)]
struct Derived {
    rank: i64,
    narrow: f32,
    stage: First,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ScriptType)]
enum First {
    #[default]
    One,
    Two,
}

#[test]
fn derived_traits() {
    #[compile_mode(script)]
    #[derive(Debug)]
    struct Root {
        known: Derived,
        stages: Vec<First>,
    }

    type Outputs = (Vec<bool>, Vec<First>, (Option<First>, Option<First>), Vec<Derived>, Derived, Vec<First>);

    #[methods]
    impl Root {
        fn forward(&self, ones: Vec<Derived>, stages: Vec<First>, stage: Option<First>) -> Outputs {
            let again = self.known.clone();
            let mut sorted = stages.clone();
            sorted.sort();
            let mut unique = self.stages.to_vec();
            unique.dedup();
            let mut by_key = ones.clone();
            by_key.sort_by_key(|it| it.stage);
            let bools = vec![
                ones.contains(&again),
                self.stages.contains(&First::Two),
                again == self.known,
                stage.unwrap_or_default() == First::One,
            ];
            let choice = (stages.iter().max().copied(), stages.iter().cloned().min());
            let filled = vec![First::Two; 2];
            unique.extend_from_slice(&filled);
            (bools, sorted, choice, by_key, Derived::default(), unique)
        }
    }

    let derived = |rank, stage| Derived { rank, narrow: 0.1, stage };
    let root = Root { known: derived(1, First::Two), stages: vec![First::Two, First::Two, First::One] };
    let compiled = tch_jit::compile(&root).unwrap();
    for (ones, stages, stage) in [
        (vec![], vec![], None),
        (
            vec![derived(1, First::Two), derived(0, First::One)],
            vec![First::Two, First::One],
            Some(First::Two),
        ),
        (vec![derived(1, First::One)], vec![First::Two], Some(First::One)),
    ] {
        let expected = root.forward(ones.clone(), stages.clone(), stage);
        assert_eq!(compiled.forward((ones, stages, stage)).unwrap(), expected);
    }
}
