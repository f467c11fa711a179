//! The compiled potential in a C++ program that knows libtorch only, as simulation engines do.

use std::path::Path;
use std::process::Command;

use potential::{Frames, Molecules, Potential, Shape, Training, export, train};
use tch::{Device, nn};

const ENGINE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/engine");

/// Runs a program, which has to succeed.
fn output_of(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn compile_engine(program: &Path) {
    let (lib, include) = (env!("LIBTORCH_LIB_DIR"), env!("LIBTORCH_INCLUDE_DIR"));
    let mut compiler = Command::new(std::env::var_os("CXX").unwrap_or_else(|| "c++".into()));
    compiler.args(["-std=c++17", "-O1", "-isystem", include, "-isystem"]);
    compiler
        .arg(format!("{include}/torch/csrc/api/include"))
        .arg(format!("{ENGINE}/md.cpp"))
        .arg("-o")
        .arg(program);
    output_of(compiler.args([&format!("-L{lib}"), "-ltorch_cpu", "-lc10", &format!("-Wl,-rpath,{lib}")]));
}

/// The number after `label` in what the program prints.
fn number(output: &str, label: &str) -> f64 {
    let (_, rest) = output.split_once(label).unwrap_or_else(|| panic!("no `{label}` in\n{output}"));
    rest.split_whitespace()
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or_else(|| panic!("no number in\n{output}"))
}

#[test]
fn molecular_dynamics_conserves_energy() {
    tch::manual_seed(0);
    let dir = tempfile::tempdir().unwrap();
    let (file, engine) = (dir.path().join("ethanol.pt"), dir.path().join("md"));
    let mut data = Molecules::ethanol().unwrap();
    let few = |all: &tch::Tensor| all.narrow(0, 0, 200);
    let Frames { positions, energy, forces } = &data.train;
    data.train = Frames { positions: few(positions), energy: few(energy), forces: few(forces) };
    let vs = nn::VarStore::new(Device::Cpu);
    let model = Potential::new(&vs.root(), &Shape { n_species: 3, ..Default::default() });
    train(&vs, &model, &data, Training { epochs: 1, ..Default::default() }, |_, _| {});
    export(&model, &data, &file).unwrap();

    compile_engine(&engine);
    let output = output_of(Command::new(&engine).arg(&file).arg(format!("{ENGINE}/ethanol.xyz")).arg("200"));

    assert!(output.starts_with("cutoff 4 angstrom, species H C O\n"), "{output}");
    let first = model.forward_t(&data.batch(&data.test, &[0], model.cutoff), false);
    let expected = first["total_energy"].double_value(&[0, 0]);
    assert!(
        (number(&output, "potential energy ") - expected).abs() < 1e-4,
        "{expected} in Rust, and\n{output}"
    );
    // Of 39 meV per atom at 300 K.
    assert!(number(&output, "largest deviation ") < 2.0, "{output}");
}
