//! Energy and forces, through files as well.

use integration_tests::alone;
use integration_tests::force_field::{Config, ForceField, atoms};
use tch::{Device, nn};
use tch_jit::Compiled;

#[test]
fn force_field() {
    let _alone = alone();
    let mut vs = nn::VarStore::new(Device::Cpu);
    let model = ForceField::new(&vs.root(), Config { cutoff: 2.5, n_basis: 6 }, 2);
    vs.double();
    let compiled = tch_jit::compile(&model).unwrap_or_else(|error| panic!("{error}"));
    let file = tempfile::NamedTempFile::new().unwrap();
    compiled.save(file.path()).unwrap();
    let loaded = Compiled::<ForceField>::load(file.path()).unwrap();
    for n in [2, 5, 6] {
        let atoms = atoms(n, 2);
        let expected = model.forward(&atoms);
        for (name, module) in [("compiled", &compiled), ("loaded", &loaded)] {
            for call in 0..3 {
                let found = module.forward(&atoms).unwrap_or_else(|error| panic!("{error}"));
                let close = |a: &tch::Tensor, b| a.allclose(b, 1e-9, 1e-10, false);
                assert!(
                    close(&found.energy, &expected.energy),
                    "{name}, call {call}: {found:?} {expected:?}"
                );
                assert!(
                    close(&found.forces, &expected.forces),
                    "{name}, call {call}: {found:?} {expected:?}"
                );
                assert_eq!(found.n_pairs, expected.n_pairs);
            }
        }
    }
}
