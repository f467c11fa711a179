"""Regenerate ethanol.safetensors: GFN2-xTB energies and forces of ethanol sampled by MD.

Requires: pip install tblite==0.8.0 ase==3.29.0 safetensors==0.8.0
Usage:    OMP_NUM_THREADS=1 python ethanol.py [OUTPUT]

Units: Angstrom, eV, eV/Angstrom. The train and test frames come from independent
500 K Langevin trajectories. Method: Bannwarth, Ehlert, Grimme, JCTC 15, 1652 (2019).
"""

import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before tblite loads its OpenMP runtime

import numpy as np
from ase import units
from ase.build import molecule
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from safetensors.numpy import save_file
from tblite.ase import TBLite

TEMPERATURE_K = 500.0
TIME_STEP_FS = 0.5
FRICTION_PER_FS = 0.01
EQUILIBRATION_STEPS = 2000  # 1 ps
STEPS_PER_FRAME = 20  # 10 fs
SPLITS = {"train": (1000, 1), "test": (200, 2)}  # frames, seed


def new_ethanol():
    atoms = molecule("CH3CH2OH")
    atoms.calc = TBLite(method="GFN2-xTB", accuracy=0.01, verbosity=0)
    return atoms


def sample(n_frames, seed):
    """Run one trajectory; return its centred positions, energies and forces."""
    rng = np.random.default_rng(seed)
    atoms = new_ethanol()
    thermalize_momenta(atoms, temperature_K=TEMPERATURE_K, rng=rng)
    # ASE's default fixcm=True is inexact, and samples 9 atoms some 40% too hot.
    md = Langevin(atoms, TIME_STEP_FS * units.fs, temperature_K=TEMPERATURE_K,
                  friction=FRICTION_PER_FS / units.fs, rng=rng, fixcm=False)
    md.run(EQUILIBRATION_STEPS)
    positions, energy, forces = [], [], []
    for _ in range(n_frames):
        md.run(STEPS_PER_FRAME)
        # Energy and forces are translation invariant; centring keeps float32 precise.
        positions.append(atoms.positions - atoms.positions.mean(axis=0))
        energy.append(atoms.get_potential_energy())
        forces.append(atoms.get_forces())
    return np.array(positions), np.array(energy), np.array(forces)


def gradient_error(positions, forces, step=3e-4):
    """Largest |force + dE/dx| for one frame, by central differences of the energy."""
    atoms, largest = new_ethanol(), 0.0
    for index in np.ndindex(positions.shape):
        energy = []
        for sign in (1, -1):
            atoms.positions = positions
            atoms.positions[index] += sign * step
            energy.append(atoms.get_potential_energy())
        slope = (energy[0] - energy[1]) / (2 * step)
        largest = max(largest, abs(forces[index] + slope))
    return largest


tensors = {"numbers": new_ethanol().numbers.astype(np.int64)}
for split, (n_frames, seed) in SPLITS.items():
    x, e, f = sample(n_frames, seed)
    tensors |= {f"{split}.positions": x.astype(np.float32), f"{split}.energy": e,
                f"{split}.forces": f.astype(np.float32)}
    reach = np.linalg.norm(x[:, :, None] - x[:, None], axis=-1).max()
    print(f"{split}: {n_frames} frames, energy {e.mean():.6f} +- {e.std():.6f} eV, "
          f"force rms {np.sqrt((f**2).mean()):.4f} eV/A, max distance {reach:.3f} A, "
          f"gradient error {gradient_error(x[0], f[0]):.1e} eV/A", flush=True)
save_file(tensors, sys.argv[1] if len(sys.argv) > 1 else "ethanol.safetensors")
