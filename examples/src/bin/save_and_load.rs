//! Files: what is in one, who reads it, and what happens to the wrong one.

use anyhow::{Result, ensure};
use tch::{Device, Tensor, kind::FLOAT_CPU, nn};
use tch_jit::{Compiled, ScriptModule, compile_mode, methods};

/// Scales its input and adds what it is given.
#[compile_mode(script)]
#[derive(Debug)]
struct Residual {
    linear: nn::Linear,
    scale: f64,
}

#[methods]
impl Residual {
    fn forward(&self, x: &Tensor) -> Tensor {
        x.apply(&self.linear) * self.scale + x
    }
}

/// Takes two tensors, so no file of a `Residual` can hold one.
#[compile_mode(script)]
#[derive(Debug)]
struct Sum;

#[methods]
impl Sum {
    fn forward(&self, a: &Tensor, b: &Tensor) -> Tensor {
        a + b
    }
}

fn main() -> Result<()> {
    let vs = nn::VarStore::new(Device::Cpu);
    let module = Residual { linear: nn::linear(vs.root(), 4, 4, Default::default()), scale: 0.5 };
    let x = Tensor::rand([2, 4], FLOAT_CPU);

    // An archive of TorchScript, with files of one's own beside it.
    let file = std::env::temp_dir().join("residual.pt");
    tch_jit::compile(&module)?.save_with_extra_files(&file, &[("notes.txt", b"made by an example")])?;
    println!("saved {}", file.display());

    // With the module's own types, on a device of one's choice.
    let device = Device::cuda_if_available();
    let loaded = Compiled::<Residual>::load_on(&file, device)?;
    let y = loaded.forward(x.to_device(device))?.to_device(Device::Cpu);
    ensure!(y.allclose(&module.forward(&x), 1e-5, 1e-5, false), "the file computes something else");
    println!("loaded on {device:?}, it computes the same");

    // Without them, as a file of anybody's; modes and Rust types are kept in it.
    let (untyped, extra) = ScriptModule::load_with(&file, Some(Device::Cpu), &["notes.txt"])?;
    println!("notes.txt says `{}`\n{untyped}", String::from_utf8_lossy(&extra[0]));
    for (name, parameter) in untyped.named_parameters() {
        println!("  {name}: {:?}", parameter.size());
    }

    // A file that holds something else is refused.
    let refused = Compiled::<Sum>::load(&file).expect_err("a `Residual` is no `Sum`");
    println!("\n{refused}\n");

    println!("In Python, without Rust:\n");
    println!(
        "  import torch\n  model = torch.jit.load({:?})\n  model(torch.rand(2, 4))",
        file.display().to_string()
    );
    Ok(())
}
