//! Builds the modules that `interop/reference.py` describes, loads Python's weights, compares with Python's results,
//! and compiles them for Python. Run by `cargo xtask interop`.

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use e3nn::nn::{
    Act, Activation, BatchNorm, BatchNormOptions, Dropout, Extract, FullyConnectedNet, FullyConnectedOptions,
    Gate, NormActivation, Reduce,
};
use e3nn::o3::{
    self, Angles, ConnectionMode, Instruction, IrrepNormalization, Linear, LinearOptions, Norm,
    PathNormalization, ProductOptions, SphericalHarmonics, SphericalNormalization, TensorProduct,
    TensorSquare,
};
use e3nn::{Irreps, Normalization};
use serde::Deserialize;
use serde_json::Value;
use tch::{Device, IValue, Kind, Tensor, nn};
use tch_jit::{Compilable, ScriptModule};

/// The largest difference, of numbers of size 1 in double precision.
const TOLERANCE: f64 = 1e-10;

#[derive(Deserialize)]
struct Cases {
    modules: Vec<Case>,
    irreps: Vec<IrrepsCase>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    module: String,
    args: Args,
}

#[derive(Deserialize)]
struct IrrepsCase {
    irreps: String,
    sorted: String,
    regrouped: String,
    simplified: String,
    dim: i64,
}

/// The arguments of a constructor in Python, by their names there.
#[derive(Deserialize)]
#[serde(transparent)]
struct Args(HashMap<String, Value>);

impl Args {
    fn get(&self, name: &str) -> &Value {
        self.0.get(name).unwrap_or(&Value::Null)
    }

    fn irreps(&self, name: &str) -> Result<Irreps> {
        let text = self.get(name).as_str().with_context(|| format!("`{name}` is no text"))?;
        Ok(text.parse()?)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).as_bool().unwrap_or(false)
    }

    fn number(&self, name: &str) -> Option<f64> {
        self.get(name).as_f64()
    }

    fn text(&self, name: &str) -> &str {
        self.get(name).as_str().unwrap_or("")
    }

    fn list<T: serde::de::DeserializeOwned>(&self, name: &str) -> Result<Vec<T>> {
        serde_json::from_value(self.get(name).clone()).with_context(|| format!("`{name}` is another list"))
    }

    fn acts(&self, name: &str) -> Result<Vec<Option<Act>>> {
        let names: Vec<Option<String>> = self.list(name)?;
        names.iter().map(|it| it.as_deref().map(act).transpose()).collect()
    }

    fn product_options(&self) -> Result<ProductOptions> {
        let variances = |name| match self.get(name) {
            Value::Null => Ok(None),
            _ => self.list(name).map(Some),
        };
        Ok(ProductOptions {
            irrep_normalization: match self.text("irrep_normalization") {
                "norm" => IrrepNormalization::Norm,
                "none" => IrrepNormalization::None,
                _ => IrrepNormalization::Component,
            },
            path_normalization: self.path_normalization(),
            shared_weights: self.get("shared_weights").as_bool(),
            in1_var: variances("in1_var")?,
            out_var: variances("out_var")?,
            ..Default::default()
        })
    }

    fn path_normalization(&self) -> PathNormalization {
        match self.text("path_normalization") {
            "path" => PathNormalization::Path,
            "none" => PathNormalization::None,
            _ => PathNormalization::Element,
        }
    }

    fn instructions(&self) -> Result<Vec<Instruction>> {
        type Row = (usize, usize, usize, String, bool, f64);
        let rows: Vec<Row> = self.list("instructions")?;
        let path = |(i_in1, i_in2, i_out, mode, has_weight, path_weight): Row| {
            let mode =
                ConnectionMode::ALL.into_iter().find(|it| it.to_string() == mode).context("no such mode")?;
            Ok(Instruction { path_weight, ..Instruction::new(i_in1, i_in2, i_out, mode, has_weight) })
        };
        rows.into_iter().map(path).collect()
    }
}

fn act(name: &str) -> Result<Act> {
    Act::ALL.into_iter().find(|it| format!("{it:?}") == name).with_context(|| format!("no function `{name}`"))
}

type Forward = Box<dyn Fn(&[Tensor]) -> Vec<Tensor>>;

/// A module, whatever its type.
struct Built {
    forward: Forward,
    compile: Box<dyn Fn() -> tch_jit::Result<ScriptModule>>,
}

impl Built {
    fn new<M: Compilable + 'static>(
        module: M,
        forward: impl Fn(&M, &[Tensor]) -> Vec<Tensor> + 'static,
    ) -> Built {
        let module = Rc::new(module);
        let again = Rc::clone(&module);
        Built {
            forward: Box::new(move |x| forward(&module, x)),
            compile: Box::new(move || Ok(tch_jit::compile(&*again)?.into_script_module())),
        }
    }
}

/// As Python's `build`.
fn build(module: &str, args: &Args, vs: &nn::Path) -> Result<Built> {
    let product =
        |it: TensorProduct| Built::new(it, |it: &TensorProduct, x| vec![it.forward(&x[0], &x[1], x.get(2))]);
    Ok(match module {
        "TensorProduct" => product(TensorProduct::new(
            vs,
            &args.irreps("irreps_in1")?,
            &args.irreps("irreps_in2")?,
            &args.irreps("irreps_out")?,
            &args.instructions()?,
            &args.product_options()?,
        )?),
        "FullyConnectedTensorProduct" => {
            let out = args.irreps("irreps_out")?;
            let (in1, in2) = (args.irreps("irreps_in1")?, args.irreps("irreps_in2")?);
            product(TensorProduct::fully_connected(vs, &in1, &in2, &out, args.product_options()?)?)
        }
        "ElementwiseTensorProduct" => {
            let (in1, in2) = (args.irreps("irreps_in1")?, args.irreps("irreps_in2")?);
            product(TensorProduct::elementwise(vs, &in1, &in2, None, Default::default())?)
        }
        "FullTensorProduct" => {
            let (in1, in2) = (args.irreps("irreps_in1")?, args.irreps("irreps_in2")?);
            product(TensorProduct::full(vs, &in1, &in2, None, Default::default())?)
        }
        "TensorSquare" => {
            let it = args.irreps("irreps_in")?;
            let square = match args.get("irreps_out") {
                Value::Null => TensorSquare::full(vs, &it, None, IrrepNormalization::Component)?,
                _ => TensorSquare::fully_connected(vs, &it, &args.irreps("irreps_out")?, Default::default())?,
            };
            Built::new(square, |it: &TensorSquare, x| vec![it.forward(&x[0], None)])
        }
        "Linear" => {
            let features: Option<(i64, i64)> = serde_json::from_value(args.get("features").clone())?;
            let options = LinearOptions {
                features,
                biases: args.flag("biases"),
                shared_weights: Some(args.flag("shared_weights")),
                path_normalization: args.path_normalization(),
                ..Default::default()
            };
            let linear = Linear::new(vs, &args.irreps("irreps_in")?, &args.irreps("irreps_out")?, &options);
            Built::new(linear, |it: &Linear, x| vec![it.forward(&x[0], x.get(1), x.get(2))])
        }
        "Norm" => {
            let norm = Norm::new(vs, &args.irreps("irreps_in")?, args.flag("squared"));
            Built::new(norm, |it: &Norm, x| vec![it.forward(&x[0])])
        }
        "SphericalHarmonics" => {
            let normalization = match args.text("normalization") {
                "integral" => SphericalNormalization::Integral,
                "norm" => SphericalNormalization::Norm,
                _ => SphericalNormalization::Component,
            };
            let (x, out) = (args.irreps("irreps_in")?, args.irreps("irreps_out")?);
            let harmonics = SphericalHarmonics::new(vs, &x, &out, args.flag("normalize"), normalization)?;
            Built::new(harmonics, |it: &SphericalHarmonics, x| vec![it.forward(&x[0])])
        }
        "Extract" => {
            let outs: Vec<String> = args.list("irreps_outs")?;
            let outs: Vec<Irreps> = outs.iter().map(|it| Ok(it.parse()?)).collect::<Result<_>>()?;
            let extract =
                Extract::new(&args.irreps("irreps_in")?, &outs, &args.list::<Vec<usize>>("instructions")?);
            Built::new(extract, |it: &Extract, x| it.forward(&x[0]))
        }
        "Activation" => {
            let activation = Activation::new(&args.irreps("irreps_in")?, &args.acts("acts")?)?;
            Built::new(activation, |it: &Activation, x| vec![it.forward(&x[0])])
        }
        "Gate" => {
            let (scalars, gates) = (args.irreps("irreps_scalars")?, args.irreps("irreps_gates")?);
            let (of_scalars, of_gates) = (args.acts("act_scalars")?, args.acts("act_gates")?);
            let gate =
                Gate::new(vs, &scalars, &of_scalars, &gates, &of_gates, &args.irreps("irreps_gated")?)?;
            Built::new(gate, |it: &Gate, x| vec![it.forward(&x[0])])
        }
        "NormActivation" => {
            let (it, act) = (args.irreps("irreps_in")?, act(args.text("act"))?);
            let activation = NormActivation::new(vs, &it, act, true, 1e-8, args.flag("bias"));
            Built::new(activation, |it: &NormActivation, x| vec![it.forward(&x[0])])
        }
        "FullyConnectedNet" => {
            let options = FullyConnectedOptions {
                variance_in: args.number("variance_in").unwrap_or(1.0),
                variance_out: args.number("variance_out").unwrap_or(1.0),
                out_act: args.flag("out_act"),
            };
            let net =
                FullyConnectedNet::new(vs, &args.list::<i64>("hs")?, Some(act(args.text("act"))?), options);
            Built::new(net, |it: &FullyConnectedNet, x| vec![it.forward(&x[0])])
        }
        "BatchNorm" => {
            let options = BatchNormOptions {
                instance: args.flag("instance"),
                affine: args.flag("affine"),
                include_bias: args.flag("include_bias"),
                reduce: if args.text("reduce") == "max" { Reduce::Max } else { Reduce::Mean },
                normalization: if args.text("normalization") == "norm" {
                    Normalization::Norm
                } else {
                    Normalization::Component
                },
                ..Default::default()
            };
            let train = args.flag("training");
            let norm = BatchNorm::new(vs, &args.irreps("irreps_in")?, options);
            Built::new(norm, move |it: &BatchNorm, x| vec![it.forward_t(&x[0], train)])
        }
        "Dropout" => {
            let dropout = Dropout::new(&args.irreps("irreps_in")?, args.number("p").unwrap_or(0.5));
            Built::new(dropout, |it: &Dropout, x| vec![it.forward_t(&x[0], false)])
        }
        other => bail!("no module `{other}`"),
    })
}

/// The tensors of a file whose names begin with `prefix.`, in order.
fn tensors(all: &HashMap<String, Tensor>, prefix: &str) -> Vec<Tensor> {
    (0..).map_while(|i| all.get(&format!("{prefix}.{i}")).map(Tensor::shallow_clone)).collect()
}

fn read(path: &Path) -> Result<HashMap<String, Tensor>> {
    Ok(Tensor::read_safetensors(path)?.into_iter().collect())
}

fn assert_close(found: &[Tensor], expected: &[Tensor], what: &str) -> Result<()> {
    ensure!(found.len() == expected.len(), "{what}: {} tensors, not {}", found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        ensure!(found.size() == expected.size(), "{what}: {:?}, not {:?}", found.size(), expected.size());
        let error = if found.numel() == 0 { 0.0 } else { (found - expected).abs().max().double_value(&[]) };
        ensure!(error < TOLERANCE, "{what}: {error:.1e} from Python's");
    }
    Ok(())
}

/// Python's outputs and gradients, from the module and from what it compiles to.
fn compare(case: &Case, dir: &Path) -> Result<()> {
    let mut vs = nn::VarStore::new(Device::Cpu);
    vs.set_kind(Kind::Double);
    let built = build(&case.module, &case.args, &vs.root())?;
    let missing = vs.load_partial(dir.join(format!("{}.state.safetensors", case.name)))?;
    // Constants, which Python writes as code.
    let is_constant = |it: &String| {
        it.rsplit('.').next().is_some_and(|it| it.starts_with("wigner") || it.starts_with("step"))
    };
    ensure!(missing.iter().all(is_constant), "Python has no {missing:?}");

    let io = read(&dir.join(format!("{}.io.safetensors", case.name)))?;
    let compiled = (built.compile)()?;
    // Before the statistics of a batch move.
    compiled.save(dir.join(format!("{}.pt", case.name)))?;
    if case.args.flag("training") {
        compiled.train()
    } else {
        compiled.eval()
    }
    let check = |forward: &dyn Fn(&[Tensor]) -> Result<Vec<Tensor>>, what: &str| -> Result<()> {
        let inputs: Vec<Tensor> =
            tensors(&io, "input").iter().map(|it| it.copy().set_requires_grad(true)).collect();
        let outputs = forward(&inputs)?;
        assert_close(&outputs, &tensors(&io, "output"), what)?;
        let total = outputs
            .iter()
            .map(|it| {
                let factors =
                    Tensor::arange(it.numel() as i64, (Kind::Double, Device::Cpu)).cos().reshape(it.size());
                (it * factors).sum(Kind::Double)
            })
            .fold(Tensor::zeros([], (Kind::Double, Device::Cpu)), |sum, it| sum + it);
        if total.requires_grad() {
            total.backward();
        }
        let grad = |it: &Tensor| if it.grad().defined() { it.grad() } else { it.zeros_like() };
        let grads: Vec<Tensor> = inputs.iter().map(grad).collect();
        assert_close(&grads, &tensors(&io, "grad"), &format!("{what}, gradient"))
    };
    let saved: HashMap<String, Tensor> =
        vs.variables().iter().map(|(name, it)| (name.clone(), it.detach().copy())).collect();
    let statistics = |what: &str| {
        let of = if case.module == "BatchNorm" { &["running_mean", "running_var"][..] } else { &[] };
        let found: Vec<Tensor> = of.iter().filter_map(|it| vs.variables().remove(*it)).collect();
        assert_close(&found, &tensors(&io, "after"), what)
    };
    check(&|x| Ok((built.forward)(x)), "eager")?;
    statistics("eager, statistics")?;
    for (name, mut variable) in vs.variables() {
        tch::no_grad(|| variable.copy_(&saved[&name]));
    }
    check(&|x| call(&compiled, x), "compiled")?;
    statistics("compiled, statistics")
}

fn call(module: &ScriptModule, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
    let args: Vec<IValue> = inputs.iter().map(|it| IValue::Tensor(it.shallow_clone())).collect();
    match module.forward(&args)? {
        IValue::Tensor(it) => Ok(vec![it]),
        IValue::TensorList(it) => Ok(it),
        other => bail!("no tensors: {other:?}"),
    }
}

/// Compiles modules of the size that networks have, for Python's clock.
fn speed(dir: &Path) -> Result<()> {
    let mut cases = vec![];
    for (name, module, args) in [
        (
            "tensor product 32x(0e+1o+2e)",
            "FullyConnectedTensorProduct",
            serde_json::json!({"irreps_in1": "32x0e+32x1o+32x2e", "irreps_in2": "1x0e+1x1o+1x2e", "irreps_out": "32x0e+32x1o+32x2e"}),
        ),
        (
            "linear 64x(0e+1o+2e)",
            "Linear",
            serde_json::json!({"irreps_in": "64x0e+64x1o+64x2e", "irreps_out": "64x0e+64x1o+64x2e", "features": null, "biases": true, "shared_weights": true}),
        ),
        (
            "spherical harmonics to l = 6",
            "SphericalHarmonics",
            serde_json::json!({"irreps_in": "1x1o", "irreps_out": Irreps::spherical_harmonics(6).to_string(), "normalize": true, "normalization": "component"}),
        ),
        (
            "gate 32x0e, 32x1o+32x2e",
            "Gate",
            serde_json::json!({"irreps_scalars": "32x0e", "act_scalars": ["Silu"], "irreps_gates": "64x0e", "act_gates": ["Sigmoid"], "irreps_gated": "32x1o+32x2e"}),
        ),
        (
            "norm 64x(0e+1o+2e)",
            "Norm",
            serde_json::json!({"irreps_in": "64x0e+64x1o+64x2e", "squared": false}),
        ),
    ] {
        let vs = nn::VarStore::new(Device::Cpu);
        let start = Instant::now();
        let compiled = (build(module, &serde_json::from_value(args.clone())?, &vs.root())?.compile)()?;
        let seconds = start.elapsed().as_secs_f64();
        compiled.save(dir.join(format!("speed.{name}.pt")))?;
        cases.push(serde_json::json!({"name": name, "module": module, "args": args, "seconds": seconds}));
    }
    Ok(std::fs::write(dir.join("speed.json"), serde_json::to_string(&cases)?)?)
}

fn main() -> Result<()> {
    let dir = std::env::args().nth(1).context("usage: against_python DIR")?;
    let dir = Path::new(&dir);
    let cases: Cases = serde_json::from_reader(std::fs::File::open(dir.join("cases.json"))?)?;
    for case in &cases.irreps {
        let it: Irreps = case.irreps.parse()?;
        let found =
            (it.sort().irreps.to_string(), it.regroup().to_string(), it.simplify().to_string(), it.dim());
        let expected = (case.sorted.clone(), case.regrouped.clone(), case.simplified.clone(), case.dim);
        ensure!(found == expected, "`{}` gives {found:?}, and in Python {expected:?}", case.irreps);
    }
    let symbols = read(&dir.join("symbols.safetensors"))?;
    let [alpha, beta, gamma] = [0, 1, 2].map(|i| symbols["angles"].get(i));
    let angles = Angles { alpha, beta, gamma };
    for (name, expected) in symbols.iter().filter(|(name, _)| *name != "angles") {
        let found = match name.strip_prefix('D') {
            Some(l) => o3::wigner_d(l.parse()?, &angles),
            None => {
                let l: Vec<i64> = name.split(',').map(str::parse).collect::<Result<_, _>>()?;
                o3::wigner_3j(l[0], l[1], l[2])
            }
        };
        assert_close(&[found], &[expected.shallow_clone()], name)?;
    }
    println!(
        "{} irreps, {} Wigner 3j symbols and D matrices agree with Python",
        cases.irreps.len(),
        symbols.len() - 1
    );
    for case in &cases.modules {
        compare(case, dir).with_context(|| format!("{} with {:?}", case.name, case.args.0))?;
    }
    println!("{} modules agree with Python, eager and compiled, with Python's weights", cases.modules.len());
    speed(dir)
}
