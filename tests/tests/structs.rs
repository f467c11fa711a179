//! What each form of struct and each type of field becomes in TorchScript.

#![allow(missing_docs)]
// What people write, and what modules hold.
#![allow(
    clippy::assign_op_pattern,
    clippy::arc_with_non_send_sync,
    clippy::for_kv_map,
    clippy::manual_flatten
)]

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Read};
use std::rc::Rc;
use std::sync::Arc;

use integration_tests::agree;
use integration_tests::modules::{bytes, names};
use integration_tests::tensors::{linear, parameter};
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{DynModule, ScriptModule, compile_mode, methods};

fn x() -> Tensor {
    Tensor::randn([3, 4], tch::kind::FLOAT_CPU)
}

fn buffer() -> Tensor {
    Tensor::randn([4], tch::kind::FLOAT_CPU)
}

/// `name: Class`, direct children.
fn children(module: &ScriptModule) -> Vec<String> {
    let children = module.named_children();
    children.iter().map(|(name, child)| format!("{name}: {}", child.original_name())).collect()
}

/// The TorchScript of a saved file.
fn saved_code(module: &ScriptModule) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes(module))).unwrap();
    let mut code = String::new();
    for i in 0..archive.len() {
        let mut entry = archive.by_index(i).unwrap();
        if entry.name().ends_with(".py") {
            entry.read_to_string(&mut code).unwrap();
        }
    }
    code
}

/// How often the file defines a class.
fn definitions(module: &ScriptModule, class: &str) -> usize {
    let code = saved_code(module);
    assert!(code.contains("(Module):"), "no class at all:\n{code}");
    code.matches(&format!("class {class}(Module):")).count()
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Plain {
    weight: Tensor,
    linear: nn::Linear,
    running: Tensor,
    times: i64,
}

#[methods]
impl Plain {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        (x * &self.weight).apply(&self.linear) * self.times + &self.running
    }
}

#[test]
fn a_plain_struct_has_its_fields_in_order() {
    let module = Plain { weight: parameter(), linear: linear(), running: buffer(), times: 3 };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(compiled.original_name(), "Plain");
    assert_eq!(compiled.rust_type(), "structs::Plain");
    assert_eq!(names(&compiled.named_parameters()), ["weight", "linear.weight", "linear.bias"]);
    assert_eq!(names(&compiled.named_buffers()), ["running"]);
    assert_eq!(children(&compiled), ["linear: Linear"]);
    assert_eq!(compiled.schema("forward"), "forward(__torch__.structs.Plain self, Tensor x) -> Tensor");
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Pair(Tensor, nn::Linear, f64);

#[methods]
impl Pair {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        (x + &self.0).apply(&self.1) * self.2
    }
}

#[test]
fn the_fields_of_a_tuple_struct_are_numbered() {
    let module = Pair(parameter(), linear(), 0.5);
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(names(&compiled.named_parameters()), ["0", "1.weight", "1.bias"]);
    assert_eq!(children(&compiled), ["1: Linear"]);
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedPair(Tensor, nn::Linear);

#[methods]
impl TracedPair {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        (x + &self.0).apply(&self.1)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[test]
fn a_traced_tuple_struct_has_the_same_names() {
    let module = TracedPair(parameter(), linear());
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(names(&compiled.named_parameters()), ["0", "1.weight", "1.bias"]);
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Unit;

#[methods]
impl Unit {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Empty {}

#[methods]
impl Empty {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x.relu()
    }
}

#[test]
fn structs_without_fields_are_modules_without_members() {
    let compiled = tch_jit::compile(&Unit).unwrap();
    agree(&Unit, &compiled, &[(x(),)]);
    assert!(compiled.named_parameters().is_empty() && compiled.named_children().is_empty());
    let compiled = tch_jit::compile(&Empty {}).unwrap();
    agree(&Empty {}, &compiled, &[(x(),)]);
    assert_eq!(compiled.to_string(), "Empty(mode=script)");
}

/// Generic over a module.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Residual<M> {
    inner: M,
    scale: f64,
}

pub trait Apply {
    fn forward(&self, x: &Tensor) -> Tensor;
}

impl Apply for Unit {
    fn forward(&self, x: &Tensor) -> Tensor {
        Unit::forward(self, x)
    }
}

impl Apply for Pair {
    fn forward(&self, x: &Tensor) -> Tensor {
        Pair::forward(self, x)
    }
}

#[methods]
impl<M: Apply> Residual<M> {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x + self.inner.forward(x) * self.scale
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Generics {
    a: Residual<Unit>,
    b: Residual<Pair>,
    c: Residual<Pair>,
    stack: Stack<3>,
}

/// Generic over a number.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Stack<const N: usize> {
    layers: [Unit; N],
}

#[methods]
impl<const N: usize> Stack<N> {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for layer in &self.layers {
            y = layer.forward(&y) + 1.0;
        }
        y
    }
}

#[methods]
impl Generics {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.stack.forward(&self.c.forward(&self.b.forward(&self.a.forward(x))))
    }
}

#[test]
fn generic_structs_are_compiled_for_each_of_their_types() {
    let pair = || Residual { inner: Pair(parameter(), linear(), 2.0), scale: 0.5 };
    let module = Generics {
        a: Residual { inner: Unit, scale: 2.0 },
        b: pair(),
        c: pair(),
        stack: Stack { layers: [Unit, Unit, Unit] },
    };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    let child = |name: &str| compiled.submodule(name).unwrap();
    assert!(child("b").same_class(&child("c")));
    assert!(!child("a").same_class(&child("b")));
    assert_eq!(child("b").original_name(), "Residual");
    assert_eq!(child("b").rust_type(), "structs::Residual<structs::Pair>");
    assert_eq!(children(&child("stack.layers")), ["0: Unit", "1: Unit", "2: Unit"]);
}

trait Layer: DynModule + std::fmt::Debug {
    fn forward(&self, x: &Tensor) -> Tensor;
}

impl Layer for Pair {
    fn forward(&self, x: &Tensor) -> Tensor {
        Pair::forward(self, x)
    }
}

impl Layer for Unit {
    fn forward(&self, x: &Tensor) -> Tensor {
        Unit::forward(self, x)
    }
}

fn pair() -> Pair {
    Pair(parameter(), linear(), 0.5)
}

/// Every container, as a scripted body uses it.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Containers {
    vec: Vec<Pair>,
    array: [Pair; 2],
    some: Option<Pair>,
    none: Option<Pair>,
    boxed: Box<Pair>,
    rc: Rc<Pair>,
    arc: Arc<Pair>,
    dynamic: Box<dyn Layer>,
    dynamics: Vec<Box<dyn Layer>>,
    map: BTreeMap<String, Pair>,
    nested: Vec<Vec<Pair>>,
    optional_list: Option<Vec<Pair>>,
    empty: Vec<Pair>,
}

#[methods]
impl Containers {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for pair in &self.vec {
            y = pair.forward(&y);
        }
        for (i, pair) in self.array.iter().enumerate() {
            y = pair.forward(&y) * ((i + 1) as f64);
        }
        if let Some(pair) = &self.some {
            y = pair.forward(&y);
        }
        if let Some(pair) = &self.none {
            y = pair.forward(&y);
        }
        y = self.arc.forward(&self.rc.forward(&self.boxed.forward(&y)));
        y = self.dynamic.forward(&y);
        for layer in self.dynamics.iter() {
            y = layer.forward(&y);
        }
        y = self.map["b"].forward(&self.map["a"].forward(&y));
        for list in &self.nested {
            for pair in list {
                y = pair.forward(&y);
            }
        }
        if let Some(list) = &self.optional_list {
            y = list[0].forward(&y);
        }
        for pair in &self.empty {
            y = pair.forward(&y);
        }
        y + (self.vec.len() as f64)
    }
}

#[test]
fn containers_hold_modules_under_the_names_of_pytorch() {
    let module = Containers {
        vec: vec![pair(), pair()],
        array: [pair(), pair()],
        some: Some(pair()),
        none: None,
        boxed: Box::new(pair()),
        rc: Rc::new(pair()),
        arc: Arc::new(pair()),
        dynamic: Box::new(Unit),
        dynamics: vec![Box::new(pair()), Box::new(Unit)],
        map: BTreeMap::from([("b".into(), pair()), ("a".into(), pair())]),
        nested: vec![vec![pair()], vec![pair(), pair()]],
        optional_list: Some(vec![pair()]),
        empty: vec![],
    };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(
        children(&compiled),
        [
            "vec: ModuleList",
            "array: ModuleList",
            "some: Pair",
            "boxed: Pair",
            "rc: Pair",
            "arc: Pair",
            "dynamic: Unit",
            "dynamics: ModuleList",
            "map: ModuleDict",
            "nested: ModuleList",
            "optional_list: ModuleList",
            "empty: ModuleList"
        ]
    );
    let modules: Vec<String> = compiled.named_modules().into_iter().map(|it| it.0).collect();
    for path in ["vec.1", "array.0.1", "dynamics.1", "map.a.1", "nested.1.1", "optional_list.0"] {
        assert!(modules.iter().any(|it| it == path), "{path} in {modules:?}");
    }
    assert!(names(&compiled.named_parameters()).contains(&"nested.1.0.1.weight".to_owned()));
    // One class serves every `Pair`.
    assert_eq!(definitions(&compiled, "Pair"), 1);
}

/// A list with a gap is iterated with its gap.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Gaps {
    layers: Vec<Option<Pair>>,
}

#[methods]
impl Gaps {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for (i, layer) in self.layers.iter().enumerate() {
            if let Some(layer) = layer {
                y = layer.forward(&y) * (i as f64);
            }
        }
        y
    }
}

#[test]
fn a_list_of_optional_modules_keeps_its_gaps() {
    let module = Gaps { layers: vec![None, Some(pair()), None, Some(pair())] };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(children(&compiled.submodule("layers").unwrap()), ["1: Pair", "3: Pair"]);
}

/// Every container of tensors.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Tensors {
    weight: Tensor,
    running: Tensor,
    list: Vec<Tensor>,
    array: [Tensor; 2],
    some: Option<Tensor>,
    none: Option<Tensor>,
    pair: (Tensor, Tensor),
    map: BTreeMap<String, Tensor>,
    #[jit(parameter)]
    frozen: Tensor,
    #[jit(buffer)]
    counted: Tensor,
    #[jit(buffer)]
    no_buffer: Option<Tensor>,
    #[jit(constant)]
    constant: Tensor,
}

#[methods]
impl Tensors {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x * &self.weight + &self.running;
        for weight in &self.list {
            y = y * weight;
        }
        y = y + &self.array[0] - &self.array[1];
        if let Some(some) = &self.some {
            y = y + some;
        }
        if let Some(none) = &self.none {
            y = y + none;
        }
        if let Some(none) = &self.no_buffer {
            y = y + none;
        }
        y = y * &self.pair.0 + &self.pair.1;
        y * &self.map["k"] + &self.frozen + &self.counted + &self.constant
    }
}

fn tensors() -> Tensors {
    Tensors {
        weight: parameter(),
        running: buffer(),
        list: vec![parameter(), buffer()],
        array: [parameter(), parameter()],
        some: Some(parameter()),
        none: None,
        pair: (parameter(), buffer()),
        map: BTreeMap::from([("k".into(), parameter())]),
        frozen: buffer(),
        counted: parameter(),
        no_buffer: None,
        constant: buffer(),
    }
}

#[test]
fn tensors_are_parameters_if_they_require_grad_and_buffers_if_not() {
    let module = tensors();
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(
        names(&compiled.named_parameters()),
        ["weight", "list.0", "array.0", "array.1", "some", "pair.0", "map.k", "frozen"]
    );
    assert_eq!(names(&compiled.named_buffers()), ["running", "list.1", "pair.1", "counted"]);
    assert_eq!(
        children(&compiled),
        ["list: ParameterList", "array: ParameterList", "pair: ParameterList", "map: ParameterDict"]
    );
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedTensors {
    inner: Tensors,
    list: Vec<Tensor>,
    pair: (Tensor, Tensor),
    map: BTreeMap<String, Tensor>,
    #[jit(buffer)]
    counted: Tensor,
}

#[methods]
impl TracedTensors {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.inner.forward(x) * &self.list[0] + &self.list[1];
        y * &self.pair.0 + &self.pair.1 - &self.map["k"] + &self.counted
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[test]
fn a_trace_finds_tensors_in_every_container() {
    let module = TracedTensors {
        inner: tensors(),
        list: vec![parameter(), buffer()],
        pair: (parameter(), buffer()),
        map: BTreeMap::from([("k".into(), parameter())]),
        counted: parameter(),
    };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    // Found as attributes, none of them a constant of the graph.
    assert!(!compiled.graph().contains("value=<Tensor>"), "{}", compiled.graph());
}

/// Every type of attribute, as the body reads it.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Attributes {
    int: i64,
    small: i32,
    byte: u8,
    size: usize,
    float: f64,
    single: f32,
    flag: bool,
    text: String,
    borrowed: &'static str,
    device: Device,
    kind: Kind,
    ints: Vec<i64>,
    floats: [f64; 2],
    texts: Vec<String>,
    nested: Vec<Vec<i64>>,
    some: Option<i64>,
    none: Option<i64>,
    no_list: Option<Vec<f64>>,
    options: Vec<Option<f64>>,
    pair: (i64, String),
    pairs: Vec<(f64, bool)>,
    by_name: BTreeMap<String, i64>,
    by_hash: HashMap<String, Vec<f64>>,
    by_number: HashMap<i64, f64>,
    #[jit(constant)]
    constant: f64,
    #[jit(rename = "renamed")]
    original: f64,
    #[jit(skip)]
    skipped: std::cell::Cell<i32>,
}

#[methods]
impl Attributes {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut scale = (self.int + self.ints[0] + self.nested[1][0] + self.pair.0) as f64;
        scale += ((self.small as i64) + (self.byte as i64) + (self.size as i64)) as f64;
        scale += self.float * (self.single as f64) + self.floats[1] + self.pairs[0].0 + self.constant;
        if self.flag && self.text == self.borrowed {
            scale += 1.0;
        }
        for text in &self.texts {
            if text == &self.pair.1 {
                scale += 10.0;
            }
        }
        if let Some(some) = self.some {
            scale += some as f64;
        }
        if let Some(none) = self.none {
            scale += none as f64;
        }
        if let Some(list) = &self.no_list {
            scale += list[0];
        }
        for option in &self.options {
            if let Some(value) = option {
                scale += value;
            }
        }
        scale += (self.by_name["one"] as f64) + self.by_hash["list"][0] + self.by_number[&7];
        x.to_kind(self.kind).to_device(self.device) * scale * self.renamed_here()
    }

    fn renamed_here(&self) -> f64 {
        2.0
    }
}

fn attributes() -> Attributes {
    Attributes {
        int: 1,
        small: -2,
        byte: 255,
        size: 3,
        float: 0.25,
        single: 0.5,
        flag: true,
        text: "same".into(),
        borrowed: "same",
        device: Device::Cpu,
        kind: Kind::Double,
        ints: vec![4, 5],
        floats: [0.5, 1.5],
        texts: vec!["a".into(), "b \"quoted\"\n".into()],
        nested: vec![vec![], vec![6, 7]],
        some: Some(8),
        none: None,
        no_list: None,
        options: vec![None, Some(0.125)],
        pair: (9, "b \"quoted\"\n".into()),
        pairs: vec![(0.75, true)],
        by_name: BTreeMap::from([("one".into(), 1), ("two".into(), 2)]),
        by_hash: HashMap::from([("list".into(), vec![10.0])]),
        by_number: HashMap::from([(7, 11.0)]),
        constant: 0.0625,
        original: 3.0,
        skipped: std::cell::Cell::new(1),
    }
}

#[test]
fn attributes_have_the_types_of_their_fields() {
    let module = attributes();
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert!(compiled.named_parameters().is_empty() && compiled.named_buffers().is_empty());
    assert!(compiled.named_children().is_empty());
    // The file says what each is.
    let code = saved_code(&compiled);
    for line in [
        "int : int",
        "small : int",
        "byte : int",
        "size : int",
        "float : float",
        "single : float",
        "flag : bool",
        "text : str",
        "borrowed : str",
        "device : Device",
        "kind : int",
        "ints : List[int]",
        "floats : List[float]",
        "texts : List[str]",
        "nested : List[List[int]]",
        "some : Optional[int]",
        "none : Optional[int]",
        "no_list : Optional[List[float]]",
        "options : List[Optional[float]]",
        "pair : Tuple[int, str]",
        "pairs : List[Tuple[float, bool]]",
        "by_name : Dict[str, int]",
        "by_hash : Dict[str, List[float]]",
        "by_number : Dict[int, float]",
        "constant : Final[float]",
        "renamed : float",
    ] {
        assert!(code.contains(&format!("\n  {line}")), "no `{line}`");
    }
    assert!(!code.contains("original") && !code.contains("skipped"));
    assert_eq!(module.skipped.get(), 1);
    assert_eq!(module.original, 3.0);
}

/// Python's keywords and Rust's raw identifiers.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Named {
    #[jit(rename = "is_not_a_keyword")]
    is: Tensor,
    r#type: Tensor,
}

#[methods]
impl Named {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x + &self.r#type
    }
}

#[test]
fn names_survive_in_python() {
    let module = Named { is: parameter(), r#type: parameter() };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    assert_eq!(names(&compiled.named_parameters()), ["is_not_a_keyword", "type"]);
}

/// What differs between instances: an attribute, a constant, an optional child, a parameter's role.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Leaf {
    weight: Tensor,
    attribute: f64,
    #[jit(constant)]
    constant: f64,
    child: Option<Unit>,
}

#[methods]
impl Leaf {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = x * &self.weight * self.attribute + self.constant;
        if let Some(child) = &self.child { child.forward(&y) } else { y }
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Forest {
    leaves: Vec<Leaf>,
}

#[methods]
impl Forest {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for leaf in &self.leaves {
            y = leaf.forward(&y);
        }
        y
    }
}

#[test]
fn equal_types_share_one_class_that_is_compiled_once() {
    let leaf = |attribute, constant, child| Leaf { weight: parameter(), attribute, constant, child };
    let same: Vec<Leaf> = (0..40).map(|i| leaf(f64::from(i) / 40.0, 1.0, None)).collect();
    let module = Forest { leaves: same };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    let at = |i: usize| compiled.submodule(&format!("leaves.{i}")).unwrap();
    assert!((1..40).all(|i| at(0).same_class(&at(i))));
    assert_eq!(definitions(&compiled, "Leaf"), 1);

    let mixed = vec![
        leaf(1.0, 1.0, None),
        leaf(2.0, 1.0, None),
        leaf(1.0, 2.0, None),
        leaf(1.0, 1.0, Some(Unit)),
        Leaf { weight: buffer(), attribute: 1.0, constant: 1.0, child: None },
        leaf(1.0, -0.0, None),
        leaf(1.0, 0.0, None),
    ];
    let module = Forest { leaves: mixed };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    let at = |i: usize| compiled.submodule(&format!("leaves.{i}")).unwrap();
    let classes: Vec<Vec<usize>> =
        (0..7).map(|i| (0..7).filter(|&j| at(i).same_class(&at(j))).collect()).collect();
    assert_eq!(classes, [vec![0, 1], vec![0, 1], vec![2], vec![3], vec![4], vec![5], vec![6]]);
}

/// Differing constants of the same shape.
#[compile_mode(script)]
#[derive(Debug)]
pub struct ConstantTensor {
    #[jit(constant)]
    table: Tensor,
    #[jit(constant)]
    names: BTreeMap<String, i64>,
}

#[methods]
impl ConstantTensor {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x + &self.table * self.names["k"]
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct ConstantTensors {
    a: ConstantTensor,
    b: ConstantTensor,
    c: ConstantTensor,
    d: ConstantTensor,
}

#[methods]
impl ConstantTensors {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let y = self.b.forward(&self.a.forward(x)) * 2.0;
        self.d.forward(&self.c.forward(&y))
    }
}

#[test]
fn constants_that_differ_in_their_values_do_not_share_a_class() {
    let of = |table: &Tensor, k| ConstantTensor {
        table: table.shallow_clone(),
        names: BTreeMap::from([("k".into(), k), ("l".into(), 1)]),
    };
    let (one, two) =
        (Tensor::full([4], 1.0, tch::kind::FLOAT_CPU), Tensor::full([4], 2.0, tch::kind::FLOAT_CPU));
    let module = ConstantTensors { a: of(&one, 1), b: of(&two, 1), c: of(&one, 2), d: of(&one, 1) };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    let child = |name: &str| compiled.submodule(name).unwrap();
    assert!(child("a").same_class(&child("d")));
    assert!(!child("a").same_class(&child("b")));
    assert!(!child("a").same_class(&child("c")));
}

/// Traced modules share a class where their graphs are equal.
#[compile_mode(trace)]
#[derive(Debug)]
pub struct Power {
    weight: Tensor,
    #[jit(skip)]
    times: usize,
}

#[methods]
impl Power {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for _ in 0..self.times {
            y = (y * &self.weight).tanh();
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Powers {
    list: Vec<Power>,
}

#[methods]
impl Powers {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for power in &self.list {
            y = power.forward(&y);
        }
        y
    }
}

#[test]
fn traced_modules_share_a_class_where_their_graphs_are_equal() {
    let power = |times| Power { weight: parameter(), times };
    let module = Powers { list: vec![power(1), power(2), power(1), power(2), power(3)] };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(),)]);
    let at = |i: usize| compiled.submodule(&format!("list.{i}")).unwrap();
    assert!(at(0).same_class(&at(2)) && at(1).same_class(&at(3)));
    assert!(!at(0).same_class(&at(1)) && !at(1).same_class(&at(4)));
    // Three of it, the list's and the root's.
    let classes: Vec<String> =
        saved_code(&compiled).lines().filter(|it| it.contains("(Module)")).map(str::to_owned).collect();
    assert_eq!(classes.len(), 5, "{classes:?}");
}

/// Names that Python or TorchScript would trip over are refused with the path.
#[compile_mode(script)]
#[derive(Debug)]
pub struct ByName {
    layers: BTreeMap<String, Unit>,
}

#[methods]
impl ByName {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        let mut y = x.shallow_clone();
        for (_, layer) in &self.layers {
            y = layer.forward(&y) + 1.0;
        }
        y
    }
}

#[test]
fn the_keys_of_a_map_of_modules_are_names() {
    let of = |key: &str| ByName { layers: BTreeMap::from([(key.to_owned(), Unit)]) };
    for good in ["a", "conv1", "with space", "0", "a-b", "it's", "float", "self"] {
        let module = of(good);
        let compiled = tch_jit::compile(&module).unwrap_or_else(|error| panic!("{good}: {error}"));
        agree(&module, &compiled, &[(x(),)]);
        assert_eq!(children(&compiled.submodule("layers").unwrap()), [format!("{good}: Unit")]);
    }
    for bad in ["", "a.b", "training", "forward", "class", "in", "a\"b", "a\\", "a\n", "ünï"] {
        let error = tch_jit::compile(&of(bad)).unwrap_err().to_string();
        assert!(error.starts_with("`layers`: "), "{bad}: {error}");
        assert!(error.contains(&format!("`{bad}` cannot be the name of a child")), "{error}");
    }
}

#[test]
fn optional_attributes_can_be_read_through_the_saved_file() {
    let compiled = tch_jit::compile(&attributes()).unwrap();
    let archive = bytes(&compiled);
    let (loaded, _) = ScriptModule::load_from_reader(&archive[..], None, &[]).unwrap();
    let x = x();
    let expected = attributes().forward(&x);
    assert_eq!(loaded.forward(&[IValue::Tensor(x)]).unwrap(), IValue::Tensor(expected));
}

/// In modules whose Rust names are Python's keywords.
pub mod lambda {
    pub mod r#in {
        use tch::Tensor;
        use tch_jit::{compile_mode, methods};

        #[compile_mode(script)]
        #[derive(Debug)]
        pub struct Def;

        #[methods]
        impl Def {
            pub fn forward(&self, x: &Tensor) -> Tensor {
                x.relu()
            }
        }
    }
}

#[test]
fn rust_modules_may_be_named_like_keywords_of_python() {
    use lambda::r#in::Def;
    let compiled = tch_jit::compile(&Def).unwrap();
    agree(&Def, &compiled, &[(x(),)]);
    assert!(compiled.schema("forward").contains("__torch__.structs.lambda_.in_.Def"));
}

/// Variables, arguments and fields with names of functions that TorchScript itself writes.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Hiding {
    float: f64,
    bool: Tensor,
}

#[methods]
impl Hiding {
    pub fn forward(&self, torch: &Tensor, int: i64, str: &str) -> Tensor {
        let range = (torch.sum(Kind::Float).double_value(&[]) * 10.0) as i64 + int;
        let mut print = torch * self.float + &self.bool;
        for isinstance in 0..3 {
            print = print + (isinstance as f64) * (range as f64);
        }
        if str == "minus" { -print } else { print }
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct TracedHiding {
    torch: Tensor,
}

#[methods]
impl TracedHiding {
    pub fn forward(&self, float: &Tensor, int: &Tensor) -> Tensor {
        (float + &self.torch).relu() * int.sum(Kind::Float)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor, Tensor)> {
        (0..n).map(|_| (x(), x())).collect()
    }
}

#[test]
fn names_may_be_those_of_functions_of_torchscript() {
    let module = Hiding { float: 0.5, bool: parameter() };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(), 2, "minus".to_owned()), (x(), 3, "plus".to_owned())]);
    let module = TracedHiding { torch: parameter() };
    let compiled = tch_jit::compile(&module).unwrap();
    agree(&module, &compiled, &[(x(), x())]);
}
