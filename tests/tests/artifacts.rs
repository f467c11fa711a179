//! Modules that were compiled or loaded before, as fields of others.

use integration_tests::tensors::floats;
use tch::{Device, IValue, Kind, TchError, Tensor, nn};
use tch_jit::{CompileMode, Compiled, ScriptModule, ScriptType, compile, compile_mode, methods};

#[compile_mode(script)]
#[derive(Debug)]
struct Backbone {
    lin: nn::Linear,
    dropout: f64,
}

#[methods]
impl Backbone {
    fn forward_t(&self, x: &Tensor, scale: f64, train: bool) -> Tensor {
        let y = x.apply(&self.lin) * scale;
        if y.sum(Kind::Float).double_value(&[]) > 0.0 { y.dropout(self.dropout, train) } else { -y }
    }

    #[export]
    fn encode(&self, x: &Tensor) -> (Tensor, i64) {
        (x.apply(&self.lin).tanh(), x.size()[0])
    }
}

/// A layer that takes and gives one tensor.
#[compile_mode(trace)]
#[derive(Debug)]
struct Head {
    lin: nn::Linear,
}

#[methods]
impl Head {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.lin).relu()
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 2], tch::kind::FLOAT_CPU),)).collect()
    }
}

/// An adapter around a file.
#[compile_mode(script)]
#[derive(Debug)]
struct Adapter {
    backbone: ScriptModule,
    head: Compiled<Head>,
    others: Vec<ScriptModule>,
    missing: Option<ScriptModule>,
    out: nn::Linear,
}

#[methods]
impl Adapter {
    fn forward(&self, x: &Tensor, how: i64) -> Result<Tensor, TchError> {
        let error = |e: tch_jit::Error| TchError::Torch(e.to_string());
        Ok(match how {
            0 => Tensor::try_from(self.backbone.forward((x, 2.0)).map_err(error)?)?.apply(&self.out),
            1 => {
                let args = &[IValue::Tensor(x.shallow_clone()), IValue::Double(0.5)];
                Tensor::try_from(self.backbone.forward(args).map_err(error)?)?
            }
            2 => self.head.forward(x).map_err(error)?.apply(&self.head),
            3 => {
                let mut y = x.shallow_clone();
                for other in &self.others {
                    y = Tensor::try_from(other.forward(&y).map_err(error)?)?;
                }
                y
            }
            4 => match &self.missing {
                Some(missing) => Tensor::try_from(missing.forward(x).map_err(error)?)?,
                None => x.relu(),
            },
            _ => Tensor::try_from(self.backbone.call("forward", (x, 1.0)).map_err(error)?)?,
        })
    }
}

/// The same, traced.
#[compile_mode(trace)]
#[derive(Debug)]
struct Traced {
    backbone: ScriptModule,
    head: Compiled<Head>,
    out: nn::Linear,
}

#[methods]
impl Traced {
    fn forward(&self, x: &Tensor) -> Tensor {
        let y = Tensor::try_from(self.backbone.forward((x, 2.0)).unwrap()).unwrap();
        y.apply(&self.head).apply(&self.out)
    }

    #[tracing_inputs]
    fn inputs(&self, n: usize) -> Vec<(Tensor,)> {
        (0..n).map(|_| (Tensor::rand([3, 2], tch::kind::FLOAT_CPU),)).collect()
    }
}

fn linear(path: nn::Path) -> nn::Linear {
    nn::linear(path, 2, 2, Default::default())
}

fn reloaded(module: &ScriptModule) -> ScriptModule {
    let mut file = vec![];
    module.save_to_writer(&mut file).unwrap();
    ScriptModule::load_from_reader(&file[..], None, &[]).unwrap().0
}

fn backbone(p: &nn::Path) -> ScriptModule {
    let backbone = Backbone { lin: linear(p / "backbone"), dropout: 0.5 };
    let backbone = reloaded(&compile(&backbone).unwrap());
    backbone.eval();
    backbone
}

fn head(p: &nn::Path) -> Compiled<Head> {
    compile(&Head { lin: linear(p / "head") }).unwrap()
}

#[test]
fn scripted_around_files() {
    tch::manual_seed(2);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let module = Adapter {
        backbone: backbone(p),
        head: head(p),
        others: (0..2).map(|i| compile(&Head { lin: linear(p / i) }).unwrap().into_script_module()).collect(),
        missing: None,
        out: linear(p / "out"),
    };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let loaded = reloaded(&compiled);
    for x in
        [floats(&[1., -2., 3., 0.5]).reshape([2, 2]), floats(&[-1., 2., -3., 9., 1., 1.]).reshape([3, 2])]
    {
        for how in 0..6 {
            let rust = module.forward(&x, how).unwrap();
            assert_eq!(
                compiled.forward((&x, how)).unwrap_or_else(|e| panic!("{how}: {e}")).unwrap(),
                rust,
                "{how}"
            );
            let of_file = loaded.forward((&x, how)).unwrap();
            assert_eq!(of_file, IValue::Tensor(rust), "{how}");
        }
    }
    // Parameters and modes are those of one tree.
    let names: Vec<String> = compiled.named_parameters().into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"backbone.lin.weight".to_owned()), "{names:?}");
    assert!(names.contains(&"others.1.lin.weight".to_owned()), "{names:?}");
    let child = |name| compiled.named_children().into_iter().find(|(it, _)| it == name).unwrap().1;
    assert_eq!(child("backbone").mode(), CompileMode::Script);
    assert_eq!(child("head").mode(), CompileMode::Trace);
    compiled.train();
    assert!(module.backbone.is_training());
    compiled.eval();
    assert!(!module.backbone.is_training());
    // Gradients reach the file's parameters.
    let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]);
    compiled.forward((&x, 0)).unwrap().unwrap().sum(Kind::Float).backward();
    let (_, weight) =
        compiled.named_parameters().into_iter().find(|(name, _)| name == "backbone.lin.weight").unwrap();
    assert!(weight.grad().defined());
}

#[test]
fn traced_around_files() {
    tch::manual_seed(2);
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let module = Traced { backbone: backbone(p), head: head(p), out: linear(p / "out") };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let loaded = reloaded(&compiled);
    assert!(compiled.code().contains("backbone).forward"), "{}", compiled.code());
    for x in
        [floats(&[1., -2., 3., 0.5]).reshape([2, 2]), floats(&[-9., -2., -3., 9., 1., 1.]).reshape([3, 2])]
    {
        let rust = module.forward(&x);
        assert_eq!(compiled.forward(&x).unwrap(), rust);
        assert_eq!(loaded.forward(&x).unwrap(), IValue::Tensor(rust));
    }
}

/// Calls a file with an argument that its method does not take.
#[compile_mode(script)]
#[derive(Debug)]
struct Wrong {
    head: ScriptModule,
}

#[methods]
impl Wrong {
    fn forward(&self, x: &Tensor) -> Tensor {
        Tensor::try_from(self.head.forward((x, 3)).unwrap()).unwrap()
    }
}

#[test]
fn wrong_arguments_of_a_file() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Wrong { head: head(&vs.root()).into_script_module() };
    let error = compile(&module).expect_err("too many arguments").to_string();
    assert!(error.contains("artifacts.rs") && error.contains("forward"), "{error}");
}

#[test]
fn calls_take_tensors_tuples_and_slices() {
    let vs = nn::VarStore::new(Device::Cpu);
    let p = &vs.root();
    let (backbone, head) = (backbone(p), head(p).into_script_module());
    let x = floats(&[1., -2.]).reshape([1, 2]);
    let y = head.forward(&x).unwrap();
    assert_eq!(head.forward((&x,)).unwrap(), y);
    assert_eq!(head.forward(&[IValue::Tensor(x.shallow_clone())]).unwrap(), y);
    assert_eq!(head.forward(&vec![IValue::Tensor(x.shallow_clone())]).unwrap(), y);
    backbone.forward((&x, 0.5)).unwrap();
    let error = backbone.call("encode", (&x, 3)).unwrap_err().to_string();
    assert!(error.contains("encode"), "{error}");
}

#[test]
fn a_file_in_a_file_in_a_file() {
    let vs = nn::VarStore::new(Device::Cpu);
    #[compile_mode(script)]
    #[derive(Debug)]
    struct Outer {
        inner: ScriptModule,
    }
    #[methods]
    impl Outer {
        fn forward(&self, x: &Tensor) -> Tensor {
            Tensor::try_from(self.inner.forward(x).unwrap()).unwrap() + 1.0
        }
    }
    let x = floats(&[1., -2.]).reshape([1, 2]);
    let mut module = head(&vs.root()).into_script_module();
    let first = module.forward(&x).unwrap();
    for _ in 0..3 {
        module = reloaded(&compile(&Outer { inner: module }).unwrap());
    }
    let (IValue::Tensor(first), IValue::Tensor(last)) = (first, module.forward(&x).unwrap()) else {
        panic!()
    };
    // As often as the files add: `+ 3.0` is rounded once, and not three times.
    assert_eq!(last, first + 1.0 + 1.0 + 1.0);
    let threads: Vec<_> = (0..4)
        .map(|i| {
            let module = module.clone();
            std::thread::spawn(move || {
                for _ in 0..50 {
                    module.forward(floats(&[1., -2.]).reshape([1, 2])).unwrap();
                    if i == 0 {
                        module.train();
                        module.eval();
                    }
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
}

/// One file in two fields, and a frozen one.
#[compile_mode(script)]
#[derive(Debug)]
struct Twice {
    first: ScriptModule,
    second: ScriptModule,
    frozen: ScriptModule,
}

#[methods]
impl Twice {
    fn forward(&self, x: &Tensor, choose: bool) -> Tensor {
        let file = if choose { &self.first } else { &self.frozen };
        let y = Tensor::try_from(file.forward(x).unwrap()).unwrap();
        y + Tensor::try_from(self.second.forward(self.first_of(x)).unwrap()).unwrap()
    }

    fn first_of(&self, x: &Tensor) -> Tensor {
        let y = self.first.forward(x).unwrap();
        Tensor::try_from(y).unwrap()
    }
}

#[test]
fn one_file_in_two_fields() {
    tch::manual_seed(8);
    let vs = nn::VarStore::new(Device::Cpu);
    let file = head(&vs.root()).into_script_module();
    file.eval();
    let frozen = file.freeze().unwrap();
    let module = Twice { first: file.clone(), second: file.clone(), frozen };
    let compiled = compile(&module).unwrap_or_else(|e| panic!("{e}"));
    let loaded = reloaded(&compiled);
    let x = floats(&[1., -2., 3., 0.5]).reshape([2, 2]);
    for choose in [false, true] {
        let rust = module.forward(&x, choose);
        assert_eq!(compiled.forward((&x, choose)).unwrap(), rust);
        assert_eq!(loaded.forward((&x, choose)).unwrap(), IValue::Tensor(rust));
    }
    // Both fields are one module, in the file as well.
    let double = Kind::Double;
    compiled.to_kind(Device::Cpu, double).unwrap();
    let x = x.to_kind(double);
    assert_eq!(compiled.forward((&x, true)).unwrap().kind(), double);
    let copy = compiled.deep_copy().unwrap();
    assert_eq!(copy.forward((&x, true)).unwrap(), IValue::Tensor(compiled.forward((&x, true)).unwrap()));
}

#[derive(Clone, Debug, ScriptType)]
struct Shift {
    shift: f64,
}

/// Its dropout is off in evaluation, and it has a method beside `forward`.
#[compile_mode(script)]
#[derive(Debug)]
struct Decoder {
    linear: nn::Linear,
}

#[methods]
impl Decoder {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        x.apply(&self.linear).dropout(0.9, train)
    }

    /// Its options may be left out, its data are borrowed.
    #[export]
    fn shifted(&self, by: &Shift, names: &[String], scale: Option<f64>) -> Option<f64> {
        if names.is_empty() { None } else { Some(by.shift * scale.unwrap_or(2.0)) }
    }

    #[export]
    fn decode(&self, x: &Tensor, n: i64) -> Tensor {
        let mut x = x.apply(&self.linear);
        for _ in 0..n {
            x = x.tanh();
        }
        x
    }
}

/// It takes and gives what [`Decoder`] does.
#[compile_mode(script)]
#[derive(Debug)]
struct Encoder;

#[methods]
impl Encoder {
    fn forward_t(&self, x: &Tensor, train: bool) -> Tensor {
        if train { x * 2.0 } else { x.shallow_clone() }
    }
}

#[test]
fn what_is_saved_for_inference_is_in_evaluation_and_has_all_methods() {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Decoder { linear: nn::linear(vs.root(), 3, 3, Default::default()) };
    let compiled = tch_jit::compile(&module).unwrap();
    compiled.train();
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("decoder.pt");
    compiled.save_for_inference(&path).unwrap();
    assert!(compiled.is_training() && compiled.named_parameters().len() == 2);

    let x = Tensor::randn([4, 3], (Kind::Float, Device::Cpu));
    let loaded = Compiled::<Decoder>::load(&path).unwrap();
    assert_eq!(loaded.forward(&x).unwrap(), module.forward_t(&x, false));
    assert_eq!(loaded.call("decode", (&x, 2)).unwrap(), IValue::Tensor(module.decode(&x, 2)));
    // The types are those of the Rust method.
    assert_eq!(loaded.decode((&x, 2)).unwrap(), module.decode(&x, 2));
    let (shift, names) = (Shift { shift: 1.5 }, ["a".to_owned()]);
    assert_eq!(loaded.shifted((&shift, &names)).unwrap(), Some(3.0));
    assert_eq!(loaded.shifted((&shift, &names, Some(3.0))).unwrap(), Some(4.5));
    assert_eq!(loaded.named_parameters().len(), 0);

    let error = Compiled::<Encoder>::load(&path).unwrap_err();
    assert!(matches!(error, tch_jit::Error::Class { .. }), "{error}");
    assert!(
        error.to_string().contains("does not hold a compiled Encoder, but a compiled `artifacts::Decoder`")
    );
    // As a `main` that returns it would show it.
    assert_eq!(format!("{error:?}"), error.to_string());
}

/// A public module whose method takes and gives what is private.
pub mod public {
    #![allow(missing_docs)]

    use tch::Tensor;
    use tch_jit::{ScriptType, compile_mode, methods};

    #[derive(Clone, Debug, PartialEq, ScriptType)]
    struct Private {
        n: i64,
    }

    #[compile_mode(script)]
    #[derive(Debug)]
    pub struct Model;

    #[methods]
    impl Model {
        pub fn forward(&self, x: &Tensor) -> Tensor {
            x.relu()
        }

        #[export]
        fn twice(&self, it: &Private) -> Private {
            Private { n: it.n * 2 }
        }
    }

    #[test]
    fn private_types_go_to_typed_calls() {
        let compiled = tch_jit::compile(&Model).unwrap();
        assert_eq!(compiled.twice(&Private { n: 2 }).unwrap(), Private { n: 4 });
    }
}
