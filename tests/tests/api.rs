//! What can be done with a compiled module.

#![allow(missing_docs, clippy::assign_op_pattern, clippy::too_many_arguments)]

use std::fs;
use std::io::{Error as IoError, Write};
use std::thread;

use integration_tests::agree;
use integration_tests::data::Data;
use integration_tests::modules::{bytes, names, reload};
use integration_tests::tensors::parameter;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{
    CompileMode, Compiled, Compiler, Error, Place, ScriptModule, compile_mode, compile_source, methods,
    registry,
};

fn x() -> Tensor {
    Tensor::randn([3, 4], tch::kind::FLOAT_CPU)
}

#[compile_mode(script)]
#[derive(Debug)]
pub struct Gate {
    scale: Tensor,
}

#[methods]
impl Gate {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        if x.sum(Kind::Float).double_value(&[]) > 0.0 { x * &self.scale } else { self.negative(x) }
    }

    fn negative(&self, x: &Tensor) -> Tensor {
        -x
    }
}

fn gate() -> Gate {
    Gate { scale: parameter() }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct Net {
    gates: Vec<Gate>,
    linear: nn::Linear,
    norm: nn::BatchNorm,
    #[jit(buffer)]
    steps: Tensor,
}

#[methods]
impl Net {
    pub fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        let mut y = x.apply(&self.linear).apply_t(&self.norm, train);
        for gate in &self.gates {
            y = gate.forward(&y);
        }
        y
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| x()).collect()
    }
}

fn net() -> Net {
    let vs = nn::VarStore::new(Device::Cpu);
    let root = vs.root();
    Net {
        gates: vec![gate(), gate()],
        linear: nn::linear(&root, 4, 4, Default::default()),
        norm: nn::batch_norm1d(&root, 4, Default::default()),
        steps: Tensor::from_slice(&[1i64, 2]),
    }
}

/// Every kind of argument, and a result that is a tuple of several.
#[compile_mode(script)]
#[derive(Debug)]
pub struct ManyArguments;

#[methods]
impl ManyArguments {
    pub fn forward(
        &self,
        x: &Tensor,
        mask: Option<&Tensor>,
        dims: &[i64],
        parts: &[Tensor],
        name: &str,
        n: usize,
        scale: f64,
        flags: Vec<bool>,
        pair: (i64, Tensor),
        device: Device,
    ) -> (Tensor, Option<Tensor>, Vec<i64>, String, i64, f64, bool) {
        let mut y = x.sum_dim_intlist(dims, true, Kind::Float) * scale + (n as f64);
        if let Some(mask) = mask {
            y = y * mask;
        }
        for part in parts {
            y = y + part;
        }
        let y = (y + (pair.0 as f64) * &pair.1).to_device(device);
        let echo = if flags[0] { Some(y.shallow_clone()) } else { None };
        (y, echo, dims.to_vec(), name.to_owned(), n as i64, scale, flags[0])
    }
}

#[test]
fn forward_takes_and_returns_the_types_of_the_module() {
    let compiled = tch_jit::compile(&ManyArguments).unwrap();
    let (x, part) = (x(), x());
    let pair = || (2, Tensor::from(0.5f32));
    let expected = ManyArguments.forward(
        &x,
        None,
        &[0],
        &[part.shallow_clone()],
        "name",
        3,
        0.5,
        vec![true, false],
        pair(),
        Device::Cpu,
    );
    // Borrowed where Rust borrows.
    let found = compiled
        .forward((
            &x,
            None::<&Tensor>,
            &[0i64],
            &[&part],
            "name",
            3usize,
            0.5,
            vec![true, false],
            pair(),
            Device::Cpu,
        ))
        .unwrap();
    assert_eq!(found.ivalue(), expected.ivalue());
    // Owned where that is at hand.
    let parts = vec![part.shallow_clone()];
    let found = compiled
        .forward((
            x.shallow_clone(),
            None::<Tensor>,
            vec![0i64],
            parts,
            "name".to_owned(),
            3usize,
            0.5,
            vec![true, false],
            pair(),
            Device::Cpu,
        ))
        .unwrap();
    assert_eq!(found.ivalue(), expected.ivalue());
    let mask = x.sigmoid().sum_dim_intlist(&[0i64, 1][..], true, Kind::Float);
    let (y, echo, ..) = compiled
        .forward((
            &x,
            Some(&mask),
            &[0i64, 1][..],
            &Vec::<Tensor>::new(),
            "",
            0usize,
            1.0,
            vec![false],
            pair(),
            Device::Cpu,
        ))
        .unwrap();
    let (expected, ..) =
        ManyArguments.forward(&x, Some(&mask), &[0, 1], &[], "", 0, 1.0, vec![false], pair(), Device::Cpu);
    assert_eq!(y, expected);
    assert!(echo.is_none());
}

#[test]
fn one_argument_may_stand_alone() {
    let gate = gate();
    let compiled = tch_jit::compile(&gate).unwrap();
    agree(&gate, &compiled, &[(x(),)]);
    let x = x();
    let expected = gate.forward(&x);
    assert_eq!(compiled.forward(&x).unwrap(), expected);
    assert_eq!(compiled.forward((&x,)).unwrap(), expected);
    assert_eq!(compiled.forward((x.shallow_clone(),)).unwrap(), expected);
    assert_eq!(compiled.forward(x).unwrap(), expected);
}

/// Values that Rust's own types do not allow are errors, not panics.
#[compile_mode(script)]
#[derive(Debug)]
pub struct Narrow;

#[methods]
impl Narrow {
    pub fn forward(&self, n: i64) -> u8 {
        n as u8 + 1
    }
}

/// What [`super::Narrow`] was before.
mod before {
    use tch_jit::{compile_mode, methods};

    #[compile_mode(script)]
    #[derive(Debug)]
    pub struct Narrow;

    #[methods]
    impl Narrow {
        pub fn forward(&self, n: i64) -> i64 {
            n + 1
        }
    }
}

#[test]
fn a_result_that_does_not_fit_its_rust_type_is_an_error() {
    let compiled = tch_jit::compile(&Narrow).unwrap();
    assert_eq!(compiled.forward(255).unwrap(), 0);
    // A file of another module, of the same name and signature.
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("wide.pt");
    tch_jit::compile(&before::Narrow).unwrap().save(&path).unwrap();
    let compiled = Compiled::<Narrow>::load(&path).unwrap();
    assert_eq!(compiled.forward(254).unwrap(), 255);
    let error = compiled.forward(255).unwrap_err();
    assert_eq!(error.to_string(), "expected a value of type `u8`, found `int 256`");
}

#[test]
fn methods_are_called_by_name() {
    let gate = gate();
    let compiled = tch_jit::compile(&gate).unwrap();
    let x = x();
    let arg = || [IValue::Tensor(x.shallow_clone())];
    assert_eq!(compiled.methods(), ["forward", "negative"]);
    assert_eq!(compiled.call("negative", &arg()).unwrap(), IValue::Tensor(-&x));
    let error = compiled.call("backward", &arg()).unwrap_err();
    assert_eq!(error.to_string(), "`Gate` has no method `backward`; it has: forward, negative");
    let error = compiled.call("forward", &[]).unwrap_err().to_string();
    assert!(error.contains("is missing value for argument 'x'"), "{error}");
    let error = compiled.call("forward", &[IValue::Int(1)]).unwrap_err().to_string();
    assert!(
        error.contains("Expected a value of type 'Tensor' for argument 'x' but instead found type 'int'"),
        "{error}"
    );
}

#[test]
fn code_and_graph_show_the_module() {
    let compiled = tch_jit::compile(&gate()).unwrap();
    let line = |text: &str| {
        let here = include_str!("api.rs").lines();
        here.zip(1..).find(|(it, _)| it.contains(text)).map(|(_, line)| line).unwrap()
    };
    let code = compiled.code();
    assert!(code.starts_with("def forward(self,\n    x: Tensor) -> Tensor:\n"), "{code}");
    assert!(code.contains("(self).negative(x, )"), "{code}");
    assert_eq!(
        compiled.code_of("negative").unwrap().trim_end(),
        "def negative(self,\n    x: Tensor) -> Tensor:\n  return torch.neg(x)"
    );
    assert!(compiled.code_of("backward").is_err());
    let graph = compiled.graph();
    let forward = line("if x.sum(Kind::Float)");
    assert!(graph.contains(&format!("# tests/tests/api.rs:{forward}:11\n")), "{graph}");
    assert!(graph.contains("prim::CallMethod[name=\"negative\"]") && !graph.contains("aten::neg"), "{graph}");
    let inlined = compiled.inlined_graph();
    assert!(!inlined.contains("prim::CallMethod") && inlined.contains("aten::neg"), "{inlined}");
    assert!(inlined.contains(&format!("tests/tests/api.rs:{}:8", line("        -x"))), "{inlined}");
    assert_eq!(compiled.schema("negative"), "negative(__torch__.api.Gate self, Tensor x) -> Tensor");
    assert_eq!(compiled.schema("backward"), "");
}

#[test]
fn display_prints_the_tree_with_its_modes() {
    let compiled = tch_jit::compile(&net()).unwrap();
    let expected = "\
Net(mode=trace
  (gates): ModuleList(
    (0): Gate(mode=script)
    (1): Gate(mode=script)
  )
  (linear): Linear(mode=trace)
  (norm): BatchNorm1d(mode=trace)
)";
    assert_eq!(compiled.to_string(), expected);
    assert_eq!(reload(&compiled).to_string(), expected);
    assert_eq!(compiled.submodule("gates.1").unwrap().to_string(), "Gate(mode=script)");
}

#[test]
fn parameters_buffers_and_children_have_their_names() {
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    for module in [&*compiled, &reload(&compiled), &compiled.deep_copy().unwrap()] {
        assert_eq!(
            names(&module.named_parameters()),
            ["gates.0.scale", "gates.1.scale", "linear.weight", "linear.bias", "norm.weight", "norm.bias"]
        );
        assert_eq!(
            names(&module.named_buffers()),
            ["norm.running_mean", "norm.running_var", "norm.num_batches_tracked", "steps"]
        );
        let children: Vec<String> = module.named_children().into_iter().map(|it| it.0).collect();
        assert_eq!(children, ["gates", "linear", "norm"]);
        let modules: Vec<String> = module.named_modules().into_iter().map(|it| it.0).collect();
        assert_eq!(modules, ["", "gates", "gates.0", "gates.1", "linear", "norm"]);
        let gate = module.submodule("gates.1").unwrap();
        assert_eq!(names(&gate.named_parameters()), ["scale"]);
        assert_eq!((gate.mode(), gate.rust_type()), (CompileMode::Script, "api::Gate"));
        for wrong in ["gates.2", "gate", "", "gates.", ".gates", "gates.1.scale"] {
            assert!(module.submodule(wrong).is_none(), "{wrong}");
        }
    }
    // They are the Rust module's own.
    let weight = &compiled.named_parameters()[2].1;
    assert_eq!(weight.data_ptr(), net.linear.ws.data_ptr());
}

#[test]
fn training_moves_the_rust_module_along() {
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    let loss = compiled.forward(x()).unwrap().square().sum(Kind::Float);
    loss.backward();
    let gradient = net.linear.ws.grad();
    assert!(gradient.defined() && gradient.abs().sum(Kind::Float).double_value(&[]) > 0.0);
    let copy = compiled.deep_copy().unwrap();
    assert!(!copy.named_parameters()[2].1.grad().defined());
}

#[test]
fn train_and_eval_choose_what_forward_t_gets() {
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    assert!(compiled.is_training());
    agree(&net, &compiled, &[(x(),)]);
    compiled.eval();
    assert!(compiled.named_modules().iter().all(|(_, module)| !module.is_training()));
    agree(&net, &compiled, &[(x(),)]);
    let loaded = reload(&compiled);
    assert!(!loaded.is_training());
    let x = x();
    assert_eq!(compiled.forward(&x).unwrap(), net.forward_t(&x, false));
    // `forward_t` itself can still be called either way.
    let args = [IValue::Tensor(x.shallow_clone()), IValue::Bool(true)];
    let found = compiled.deep_copy().unwrap().call("forward_t", &args).unwrap();
    let Ok(found) = Tensor::try_from(found) else { panic!("a tensor") };
    assert!(found.allclose(&net.forward_t(&x, true), 1e-5, 1e-5, false));
    loaded.train();
    assert!(loaded.is_training() && loaded.submodule("gates.0").unwrap().is_training());
}

#[test]
fn to_kind_converts_what_is_floating_point_and_its_gradient() {
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    compiled.forward(x()).unwrap().sum(Kind::Float).backward();
    compiled.to_kind(Device::Cpu, Kind::Double).unwrap();
    for (name, parameter) in compiled.named_parameters() {
        assert_eq!(parameter.kind(), Kind::Double, "{name}");
        assert!(parameter.is_leaf() && parameter.requires_grad(), "{name}");
    }
    assert_eq!(net.linear.ws.grad().kind(), Kind::Double);
    let kinds: Vec<Kind> = compiled.named_buffers().iter().map(|it| it.1.kind()).collect();
    assert_eq!(kinds, [Kind::Double, Kind::Double, Kind::Int64, Kind::Int64]);
    // In place: the Rust module is converted with it.
    assert_eq!(net.linear.ws.kind(), Kind::Double);
    let x = x().to_kind(Kind::Double);
    agree(&net, &compiled, &[(x.shallow_clone(),)]);
    compiled.to(Device::Cpu).unwrap();
    assert_eq!(net.linear.ws.kind(), Kind::Double);
    let error = compiled.to_kind(Device::Cpu, Kind::Int64).unwrap_err().to_string();
    assert_eq!(error, "a module is converted to a floating-point kind, not to Long");
    assert_eq!(net.linear.ws.kind(), Kind::Double);
    assert!(!compiled.to(Device::Cuda(99)).unwrap_err().to_string().is_empty());
}

#[test]
fn freeze_folds_parameters_into_the_graph() {
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    let error = compiled.freeze().unwrap_err().to_string();
    assert!(error.contains("eval"), "{error}");
    compiled.eval();
    let frozen = compiled.freeze().unwrap();
    assert!(frozen.named_parameters().is_empty() && frozen.named_buffers().is_empty());
    let x = x();
    let expected = net.forward_t(&x, false);
    for module in [&frozen, &reload(&frozen), &compiled.optimize_for_inference().unwrap()] {
        let found = Tensor::try_from(module.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap()).unwrap();
        assert!(found.allclose(&expected, 1e-5, 1e-5, false));
        assert_eq!(module.mode(), CompileMode::Trace);
    }
    assert!(!frozen.graph().contains("prim::GetAttr"), "{}", frozen.graph());
    // The original is as before.
    assert_eq!(compiled.named_parameters().len(), 6);
}

#[test]
fn a_deep_copy_has_tensors_of_its_own() {
    let net = net();
    let shared = tch_jit::compile(&net).unwrap();
    let copies = [
        shared.deep_copy().unwrap(),
        Compiler::new().deep_copy(true).compile(&net).unwrap().into_script_module(),
    ];
    for copy in copies {
        let all =
            |module: &ScriptModule| [module.named_parameters(), module.named_buffers()].concat_tensors();
        for ((name, ours), (_, theirs)) in all(&shared).iter().zip(all(&copy)) {
            assert_ne!(ours.data_ptr(), theirs.data_ptr(), "{name}");
            assert_eq!(*ours, theirs, "{name}");
            assert!(theirs.is_leaf(), "{name}");
            assert_eq!(ours.requires_grad(), theirs.requires_grad(), "{name}");
        }
        let before = net.linear.ws.copy();
        for (_, parameter) in copy.named_parameters() {
            let _ = tch::no_grad(|| parameter.shallow_clone().zero_());
        }
        assert_eq!(net.linear.ws, before);
        let y = copy.forward(&[IValue::Tensor(x())]).unwrap();
        Tensor::try_from(y).unwrap().sum(Kind::Float).backward();
        assert!(!net.linear.ws.grad().defined());
        copy.eval();
        assert!(shared.is_training(), "flags are copied, too");
    }
}

#[test]
fn a_module_stays_on_its_device_and_moves_to_another_as_a_copy() {
    let net = net();
    let compiled = Compiler::new().device(Device::Cpu).compile(&net).unwrap();
    assert!(compiled.named_parameters().iter().any(|(_, it)| it.data_ptr() == net.linear.ws.data_ptr()));
    let elsewhere = Compiler::new().device(Device::Cuda(0)).compile(&net);
    if tch::Cuda::is_available() {
        let parameters = elsewhere.unwrap().named_parameters();
        assert!(parameters.iter().all(|(_, it)| it.device() == Device::Cuda(0) && it.is_leaf()));
    } else {
        assert!(elsewhere.is_err());
    }
    assert_eq!(net.linear.ws.device(), Device::Cpu);
}

trait Concat {
    fn concat_tensors(self) -> Vec<(String, Tensor)>;
}

impl Concat for [Vec<(String, Tensor)>; 2] {
    fn concat_tensors(self) -> Vec<(String, Tensor)> {
        self.into_iter().flatten().collect()
    }
}

#[test]
fn files_are_saved_and_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("net.pt");
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    compiled.eval();
    let extra: [(&str, &[u8]); 2] = [("labels.txt", b"cat\ndog"), ("binary", &[0, 255, 10])];
    compiled.save_with_extra_files(&path, &extra).unwrap();
    // Written over an older one, and nothing else left behind.
    compiled.save_with_extra_files(&path, &extra).unwrap();
    let files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(files, ["net.pt"]);

    let x = x();
    let expected = net.forward_t(&x, false);
    let loaded = Compiled::<Net>::load(&path).unwrap();
    assert_eq!(loaded.forward(&x).unwrap(), expected);
    assert_eq!(loaded.mode(), CompileMode::Trace);
    assert_eq!(loaded.rust_type(), "api::Net");
    let loaded = Compiled::<Net>::load_on(&path, Device::Cpu).unwrap();
    assert_eq!(loaded.forward(&x).unwrap(), expected);
    let (_, contents) =
        ScriptModule::load_with(&path, Some(Device::Cpu), &["binary", "absent", "labels.txt"]).unwrap();
    assert_eq!(contents, [vec![0, 255, 10], vec![], b"cat\ndog".to_vec()]);
    let bytes = fs::read(&path).unwrap();
    let (loaded, contents) = ScriptModule::load_from_reader(&bytes[..], None, &["labels.txt"]).unwrap();
    assert_eq!(loaded.forward(&[IValue::Tensor(x)]).unwrap(), IValue::Tensor(expected));
    assert_eq!(contents, [b"cat\ndog"]);
    // What was loaded can be saved again, as can a part of it.
    assert_eq!(reload(&loaded).submodule("gates.0").unwrap().mode(), CompileMode::Script);
    let part = reload(&loaded.submodule("gates").unwrap());
    assert_eq!(part.submodule("1").unwrap().mode(), CompileMode::Script);
    assert_eq!(part.submodule("1").unwrap().rust_type(), "api::Gate");
}

#[test]
fn files_that_cannot_be_read_or_written_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let compiled = tch_jit::compile(&gate()).unwrap();
    let path = dir.path().join("absent").join("gate.pt");
    let error = compiled.save(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot save `{}`: ", path.display())), "{error}");
    let error = ScriptModule::load(&path).unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot load `{}`: ", path.display())), "{error}");

    struct Full;
    impl Write for Full {
        fn write(&mut self, _: &[u8]) -> Result<usize, IoError> {
            Err(IoError::other("the disk is full"))
        }
        fn flush(&mut self) -> Result<(), IoError> {
            Ok(())
        }
    }
    let error = compiled.save_to_writer(Full).unwrap_err();
    assert_eq!(error.to_string(), "cannot save `<stream>`: the disk is full");

    let whole = bytes(&compiled);
    for broken in [&whole[..whole.len() / 2], &b"not an archive at all, but long enough to be one"[..], &[]] {
        let error = ScriptModule::load_from_reader(broken, None, &[]).unwrap_err();
        assert!(matches!(error, Error::File { action: "load", .. }), "{error:?}");
    }
    // A save that fails leaves nothing behind.
    let taken = dir.path().join("taken");
    fs::create_dir_all(taken.join("inner")).unwrap();
    assert!(compiled.save(&taken).is_err());
    let files: Vec<_> = fs::read_dir(dir.path()).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(files, ["taken"]);
}

#[test]
fn another_modules_file_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("it.pt");
    tch_jit::compile(&ManyArguments).unwrap().save(&path).unwrap();
    assert!(Compiled::<ManyArguments>::load(&path).is_ok());
    let error = Compiled::<Gate>::load(&path).unwrap_err();
    let expected = format!(
        "`{}` does not hold a compiled Gate: its `forward` is\n  (Tensor, Tensor?, int[], Tensor[], str, int, float, \
         bool[], (int, Tensor), Device) -> (Tensor, Tensor?, int[], str, int, float, bool)\nnot\n  (Tensor) -> Tensor",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    // One that takes and gives the same is another module still.
    tch_jit::compile(&net()).unwrap().save(&path).unwrap();
    let error = Compiled::<Gate>::load(&path).unwrap_err().to_string();
    assert!(error.contains("does not hold a compiled Gate, but a compiled `api::Net`"), "{error}");
}

#[test]
fn files_of_other_programs_are_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other.pt");
    let mut closure = |args: &[Tensor]| vec![args[0].tanh()];
    let other = tch::CModule::create_by_tracing("Other", "forward", &[x()], &mut closure).unwrap();
    other.save(&path).unwrap();
    let loaded = ScriptModule::load(&path).unwrap();
    let x = x();
    assert_eq!(loaded.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap(), IValue::Tensor(x.tanh()));
    assert_eq!((loaded.mode(), loaded.rust_type()), (CompileMode::Inherit, ""));
    assert_eq!(loaded.to_string(), "Other()");
    assert!(Compiled::<Gate>::load(&path).is_ok());
}

#[test]
fn the_registry_knows_every_module_that_is_not_generic() {
    let modules = registry::modules();
    let of = |name: &str| modules.iter().find(|it| (it.type_name)() == name).unwrap();
    let types: Vec<&str> = modules.iter().map(|it| (it.type_name)()).collect();
    for name in ["api::Gate", "api::ManyArguments", "api::Narrow", "api::Net"] {
        assert!(types.contains(&name), "{name} in {types:?}");
    }
    assert!(types.is_sorted());
    assert!(!types.iter().any(|it| it.contains("Generic")));
    let gate = of("api::Gate");
    assert_eq!((gate.info.name, gate.info.module_path), ("Gate", "api"));
    assert_eq!(gate.info.mode, CompileMode::Script);
    let line_of = |text: &str| {
        let here = include_str!("api.rs").lines();
        here.zip(1u32..).find(|(it, _)| it.starts_with(text)).map(|(_, line)| line).unwrap()
    };
    assert_eq!(gate.info.place, Place { file: file!(), line: line_of("pub struct Gate"), column: 12 });
    assert_eq!(gate.forward.map(|it| it.line), Some(line_of("impl Gate") + 1));
    assert_eq!(gate.to_string(), format!("api::Gate (script) at {}", gate.info.place));
    let unsupported = of("api::Unsupported");
    assert_eq!((unsupported.info.mode, unsupported.forward), (CompileMode::Unsupported, None));
}

#[test]
fn the_registry_says_what_scripts_and_whose_inputs_are_known() {
    let modules = registry::modules();
    let methods = |name: &str| modules.iter().find(|it| (it.type_name)() == name).unwrap().methods();
    let known = |name| methods(name).iter().map(|it| (it.name, it.inputs)).collect::<Vec<_>>();
    use registry::Inputs::{Declared, Function, Irreps, Unknown};
    assert_eq!(
        known("api::Registered"),
        [("forward", Declared), ("encode", Unknown), ("decode", Function), ("helper", Unknown)]
    );
    assert_eq!(known("api::ByIrreps"), [("forward", Irreps)]);
    assert_eq!(known("api::Unsupported"), []);

    let refusals: Vec<_> =
        methods("api::Registered").iter().map(|it| it.refusal.map(|it| it.message)).collect();
    let [Some(of_forward), None, None, Some(of_helper)] = refusals[..] else { panic!("{refusals:?}") };
    assert_eq!(of_forward, of_helper);
    assert_eq!(of_helper, "function `std::path::PathBuf::new` cannot be called in scripted methods");

    let table = modules.to_string();
    let row =
        |start: &str| table.lines().find(|it| it.trim_start().starts_with(start)).unwrap().trim().to_owned();
    let head: Vec<&str> = table.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(head, ["module", "mode", "method", "place", "inputs", "scripts"]);
    let words = |row: &str| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let entry = modules.iter().find(|it| (it.type_name)() == "api::Registered").unwrap();
    assert_eq!(words(&row("api::Registered")), ["api::Registered", "trace", &entry.info.place.to_string()]);
    let encode = &entry.methods()[1];
    assert_eq!(words(&row("encode")), ["encode", &encode.place.to_string(), "-", "yes"]);
    let helper = methods("api::Registered")[3].clone();
    let expected = format!("no: {of_helper} ({})", helper.refusal.unwrap().place);
    assert!(row("helper").ends_with(&expected), "{table}");
}

#[compile_mode(trace)]
#[tracing_inputs(x = [_, 3])]
#[derive(Debug)]
pub struct Registered;

#[methods]
impl Registered {
    pub fn boxed() -> Box<Self> {
        Box::new(Registered)
    }

    pub fn forward(&self, x: &Tensor) -> Tensor {
        self.helper(x)
    }

    #[export]
    pub fn encode(&self, x: &Tensor) -> Tensor {
        x.relu()
    }

    #[export]
    pub fn decode(&self, x: &Tensor) -> Tensor {
        x.tanh()
    }

    #[tracing_inputs(decode)]
    fn codes(&self, n: usize) -> Vec<Tensor> {
        (0..n).map(|_| Tensor::from(1.0)).collect()
    }
}

#[methods]
impl Registered {
    fn helper(&self, x: &Tensor) -> Tensor {
        x * std::path::PathBuf::new().capacity() as i64
    }
}

#[compile_mode(trace)]
#[derive(Debug)]
pub struct ByIrreps {
    irreps_in: i64,
}

#[methods]
impl ByIrreps {
    pub fn forward(&self, n: i64) -> Tensor {
        Tensor::from(n + self.irreps_in)
    }
}

#[compile_mode(unsupported)]
#[derive(Debug)]
pub struct Unsupported;

#[compile_mode(script)]
#[derive(Debug)]
pub struct Generic<const N: usize>;

#[methods]
impl<const N: usize> Generic<N> {
    pub fn forward(&self, x: &Tensor) -> Tensor {
        x * (N as f64)
    }
}

#[test]
fn torchscript_text_is_compiled() {
    let unit = compile_source(
        "def f(x: int) -> int:\n    return g(x) + 1\ndef g(x: int) -> int:\n    return 2 * x\n",
    )
    .unwrap();
    assert_eq!(unit.call("f", &[IValue::Int(3)]).unwrap(), IValue::Int(7));
    assert_eq!(unit.call("g", &[IValue::Int(3)]).unwrap(), IValue::Int(6));
    assert!(matches!(unit.call("h", &[]), Err(Error::Call(_))));
    let error = compile_source("def f(x):\n    return y\n").unwrap_err().to_string();
    assert!(error.contains("undefined value y") && error.contains("~ <--- HERE"), "{error}");
    let unit = compile_source(
        "def f(x: List[int], d: Dict[str, Tensor], t: Tuple[int, str]):\n    return d, x, t, None\n",
    )
    .unwrap();
    let tensor = Tensor::from(1.0);
    let dict =
        || IValue::GenericDict(vec![(IValue::String("k".into()), IValue::Tensor(tensor.shallow_clone()))]);
    let tuple = || IValue::Tuple(vec![IValue::Int(1), IValue::String("s".into())]);
    let result = unit.call("f", &[IValue::IntList(vec![1, 2]), dict(), tuple()]).unwrap();
    assert_eq!(result, IValue::Tuple(vec![dict(), IValue::IntList(vec![1, 2]), tuple(), IValue::None]));
}

#[test]
fn a_compiled_module_stands_where_tch_wants_a_module() {
    let gate = gate();
    let compiled = tch_jit::compile(&gate).unwrap();
    let x = x();
    assert_eq!(x.apply(&compiled), gate.forward(&x));
    let stack = nn::seq().add(compiled.clone()).add_fn(|x| x * 2.0).add(compiled);
    assert_eq!(x.apply(&stack), gate.forward(&(gate.forward(&x) * 2.0)));
}

#[test]
fn clones_are_handles_of_one_module() {
    let compiled = tch_jit::compile(&net()).unwrap();
    let other = compiled.clone();
    other.eval();
    assert!(!compiled.is_training());
    assert_eq!(compiled.named_parameters()[0].1.data_ptr(), other.named_parameters()[0].1.data_ptr());
    assert!(compiled.same_class(&other));
}

#[test]
fn modules_are_used_from_many_threads() {
    fn shared<T: Send + Sync>(_: &T) {}
    let net = net();
    let compiled = tch_jit::compile(&net).unwrap();
    shared(&compiled);
    shared(&*compiled);
    compiled.eval();
    let inputs: Vec<Tensor> = (0..4).map(|_| x()).collect();
    let expected: Vec<Tensor> = inputs.iter().map(|x| net.forward_t(x, false)).collect();
    thread::scope(|scope| {
        for (x, expected) in inputs.iter().map(Tensor::shallow_clone).zip(expected) {
            let compiled = &compiled;
            scope.spawn(move || {
                for _ in 0..100 {
                    let y = compiled.forward(&x).unwrap();
                    assert!(y.allclose(&expected, 1e-5, 1e-5, false));
                }
                // What copies a module locks its tree.
                for _ in 0..5 {
                    let y = compiled.freeze().unwrap().forward(&[IValue::Tensor(x.shallow_clone())]).unwrap();
                    assert!(Tensor::try_from(y).unwrap().allclose(&expected, 1e-5, 1e-5, false));
                    assert_eq!(compiled.deep_copy().unwrap().named_parameters().len(), 6);
                    assert!(!bytes(compiled).is_empty());
                }
            });
        }
    });
}

#[test]
fn trees_are_compiled_in_many_threads() {
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..10 {
                    let net = net();
                    let compiled = tch_jit::compile(&net).unwrap();
                    compiled.eval();
                    let x = x();
                    assert_eq!(compiled.forward(&x).unwrap(), net.forward_t(&x, false));
                }
            });
        }
    });
}
