//! What a potential has to be, eagerly and compiled: the same under rotations, translations and permutations, with forces
//! that are its gradient.

use std::collections::HashMap;

use e3nn::{irreps, o3};
use potential::{Potential, Shape, neighbours};
use tch::{Device, Kind, Tensor, nn};
use tch_jit::Compiled;

const LIKE: (Kind, Device) = (Kind::Double, Device::Cpu);
const TOLERANCE: f64 = 1e-9;

type Data = HashMap<String, Tensor>;

struct Fixture {
    vs: nn::VarStore,
    model: Potential,
    compiled: Compiled<Potential>,
}

impl Fixture {
    fn new() -> Fixture {
        tch::manual_seed(0);
        let mut vs = nn::VarStore::new(Device::Cpu);
        vs.set_kind(Kind::Double);
        let shape =
            Shape { n_species: 2, hidden: irreps("4x0e + 2x0o + 4x1o + 2x1e + 2x2e"), ..Default::default() };
        let model = Potential::new(&vs.root(), &shape);
        let compiled = tch_jit::compile(&model).unwrap();
        compiled.eval();
        Fixture { vs, model, compiled }
    }

    /// Both agree.
    fn run(&self, data: &Data) -> Data {
        let (eager, compiled) = (self.model.forward_t(data, false), self.compiled.forward(data).unwrap());
        assert_eq!(eager.len(), 3);
        for (name, tensor) in &eager {
            assert_close(tensor, &compiled[name]);
        }
        compiled
    }
}

#[track_caller]
fn assert_close(a: &Tensor, b: &Tensor) {
    assert_eq!((a.size(), a.kind()), (b.size(), b.kind()));
    let error = (a - b).abs().max().double_value(&[]);
    assert!(error < TOLERANCE, "they differ by {error}");
}

fn molecule() -> Data {
    // Near the corners of a cube, so that no two are at one place.
    let corners = Tensor::cartesian_prod(&[0, 1, 2].map(|_| Tensor::from_slice(&[0.0, 1.5]))).narrow(0, 0, 7);
    let pos = corners + Tensor::rand([7, 3], LIKE) * 0.5;
    let types = Tensor::from_slice(&[0i64, 1, 1, 0, 0, 1, 0]);
    with_edges(pos, types)
}

fn with_edges(pos: Tensor, types: Tensor) -> Data {
    HashMap::from([
        ("edge_index".to_owned(), neighbours(&pos, 4.0)),
        ("atom_types".to_owned(), types),
        ("pos".to_owned(), pos),
    ])
}

#[test]
fn it_is_equivariant() {
    let it = Fixture::new();
    let data = molecule();
    let found = it.run(&data);
    // An improper rotation.
    let matrix = -o3::rand_matrix(&[], LIKE);
    let moved = data["pos"].matmul(&matrix.tr()) + Tensor::from_slice(&[1.0, -2.0, 3.0]);
    let of_moved = it.run(&with_edges(moved, data["atom_types"].shallow_clone()));
    assert_close(&found["total_energy"], &of_moved["total_energy"]);
    assert_close(&found["forces"].matmul(&matrix.tr()), &of_moved["forces"]);

    let order = Tensor::from_slice(&[3i64, 0, 6, 1, 5, 2, 4]);
    let permuted =
        with_edges(data["pos"].index_select(0, &order), data["atom_types"].index_select(0, &order));
    let of_permuted = it.run(&permuted);
    assert_close(&found["total_energy"], &of_permuted["total_energy"]);
    assert_close(&found["forces"].index_select(0, &order), &of_permuted["forces"]);
}

#[test]
fn forces_are_minus_the_gradient() {
    let it = Fixture::new();
    let data = molecule();
    let forces = it.run(&data)["forces"].shallow_clone();
    let step = 1e-5;
    for (atom, axis) in [(0, 0), (3, 1), (6, 2)] {
        let energy = |sign: f64| {
            let pos = data["pos"].copy();
            let _ = pos.get(atom).get(axis).g_add_scalar_(sign * step);
            it.run(&with_edges(pos, data["atom_types"].shallow_clone()))["total_energy"].double_value(&[0, 0])
        };
        let slope = (energy(1.0) - energy(-1.0)) / (2.0 * step);
        assert!((slope + forces.double_value(&[atom, axis])).abs() < 1e-6);
    }
}

/// An atom may be replaced by its image in another cell.
#[test]
fn cells_repeat() {
    let it = Fixture::new();
    let mut data = molecule();
    let cell = Tensor::from_slice2(&[[9.0, 0.0, 0.0], [1.0, 8.0, 0.0], [0.0, -1.0, 9.5]]);
    let edges = &data["edge_index"];
    let zero = Tensor::zeros([edges.size()[1], 3], LIKE);
    let without = it.run(&data);
    data.insert("cell".to_owned(), cell.shallow_clone());
    data.insert("edge_cell_shift".to_owned(), zero);
    let with = it.run(&data);
    assert_close(&without["forces"], &with["forces"]);

    // Atom 2 goes one cell along the second vector, so that edges to it go one cell back.
    let _ = data["pos"].get(2).g_add_(&cell.get(1));
    let shift = &data["edge_cell_shift"];
    let (centres, others) = (data["edge_index"].get(0), data["edge_index"].get(1));
    let crossed = centres.eq(2).to_kind(Kind::Double) - others.eq(2).to_kind(Kind::Double);
    shift.select(1, 1).copy_(&crossed);
    let moved = it.run(&data);
    assert_close(&with["total_energy"], &moved["total_energy"]);
    assert_close(&with["forces"], &moved["forces"]);
}

#[test]
fn frames_of_a_batch_are_apart() {
    let it = Fixture::new();
    let (a, b) = (molecule(), molecule());
    let cat = |name: &str| Tensor::cat(&[&a[name], &b[name]], 0);
    let data = HashMap::from([
        ("pos".to_owned(), cat("pos")),
        ("atom_types".to_owned(), cat("atom_types")),
        ("edge_index".to_owned(), Tensor::cat(&[a["edge_index"].shallow_clone(), &b["edge_index"] + 7], 1)),
        ("batch".to_owned(), Tensor::from_slice(&[0i64; 7]).pad([0, 7], "constant", 1.0)),
    ]);
    let (both, a, b) = (it.run(&data), it.run(&a), it.run(&b));
    assert_close(&both["total_energy"], &Tensor::cat(&[&a["total_energy"], &b["total_energy"]], 0));
    assert_close(&both["forces"], &Tensor::cat(&[&a["forces"], &b["forces"]], 0));
}

/// The compiled model can be trained on forces, which takes second derivatives; its weights are the Rust model's.
#[test]
fn the_compiled_model_is_trainable() {
    let it = Fixture::new();
    let data = molecule();
    let gradients = |run: &dyn Fn() -> Data| {
        let loss = run()["forces"].square().sum(Kind::Double);
        let weights = it.vs.trainable_variables();
        let weights: Vec<&Tensor> = weights.iter().collect();
        Tensor::run_backward(&[&loss], &weights, false, false)
    };
    it.compiled.train();
    let expected = gradients(&|| it.model.forward_t(&data, true));
    let found = gradients(&|| it.compiled.forward(&data).unwrap());
    assert!(expected.iter().any(|it| it.abs().max().double_value(&[]) > 1e-3));
    for (expected, found) in expected.iter().zip(&found) {
        assert_close(expected, found);
    }
}
