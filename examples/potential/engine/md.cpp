// Molecular dynamics with a compiled potential, as a simulation engine does it: libtorch only, no Rust and no Python.
//
// Usage: md MODEL.pt MOLECULE.xyz STEPS
//
// Runs at constant energy (velocity Verlet, 0.5 fs), starting at 300 K, and prints how well energy is conserved. Lengths
// are in angstrom, energies in eV, masses in u, times in fs.

#include <torch/script.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <random>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

// 1 eV/angstrom/u in angstrom/fs^2, and Boltzmann's constant in eV/K (CODATA 2018).
constexpr double ACCELERATION = 9.648533212e-3;
constexpr double BOLTZMANN = 8.617333262e-5;
constexpr double TIME_STEP = 0.5;

const std::map<std::string, double> MASSES{{"H", 1.008}, {"C", 12.011}, {"O", 15.999}};

struct Molecule {
  std::vector<std::string> symbols;
  torch::Tensor positions;
};

Molecule read_xyz(const std::string& path) {
  std::ifstream file(path);
  size_t n = 0;
  std::string line;
  if (!(file >> n) || !std::getline(file, line) || !std::getline(file, line)) {
    throw std::runtime_error(path + " is no XYZ file");
  }
  Molecule molecule{{}, torch::zeros({static_cast<int64_t>(n), 3}, torch::kDouble)};
  for (size_t i = 0; i < n; i++) {
    std::string symbol;
    double x = 0, y = 0, z = 0;
    if (!(file >> symbol >> x >> y >> z)) throw std::runtime_error(path + " ends early");
    molecule.symbols.push_back(symbol);
    molecule.positions[static_cast<int64_t>(i)] = torch::tensor({x, y, z}, torch::kDouble);
  }
  return molecule;
}

// What a pair style keeps: the model, with what its extra files say.
class Potential {
 public:
  explicit Potential(const std::string& path) {
    std::unordered_map<std::string, std::string> extra{{"r_max", ""}, {"type_names", ""}};
    model_ = torch::jit::load(path, torch::kCPU, extra);
    model_.eval();
    r_max_ = std::stod(extra.at("r_max"));
    std::istringstream names(extra.at("type_names"));
    for (std::string name; names >> name;) type_names_.push_back(name);
  }

  torch::Tensor types_of(const std::vector<std::string>& symbols) const {
    std::vector<int64_t> types;
    for (const auto& symbol : symbols) {
      auto found = std::find(type_names_.begin(), type_names_.end(), symbol);
      if (found == type_names_.end()) throw std::runtime_error("the model does not know " + symbol);
      types.push_back(found - type_names_.begin());
    }
    return torch::tensor(types, torch::kLong);
  }

  struct Result {
    double energy;
    torch::Tensor forces;
  };

  Result operator()(const torch::Tensor& positions, const torch::Tensor& types) {
    auto near = torch::cdist(positions, positions) < r_max_;
    near.fill_diagonal_(false);
    c10::Dict<std::string, torch::Tensor> input;
    input.insert("pos", positions.to(torch::kFloat));
    input.insert("atom_types", types);
    input.insert("edge_index", near.nonzero().t().contiguous());
    auto output = c10::impl::toTypedDict<std::string, torch::Tensor>(model_.forward({input}).toGenericDict());
    return {output.at("total_energy").item<double>(), output.at("forces").to(torch::kDouble)};
  }

  double r_max() const { return r_max_; }
  const std::vector<std::string>& type_names() const { return type_names_; }

 private:
  torch::jit::Module model_;
  double r_max_ = 0;
  std::vector<std::string> type_names_;
};

torch::Tensor masses_of(const std::vector<std::string>& symbols) {
  std::vector<double> masses;
  for (const auto& symbol : symbols) masses.push_back(MASSES.at(symbol));
  return torch::tensor(masses, torch::kDouble).unsqueeze(1);
}

// Maxwell's distribution, without motion of the whole.
torch::Tensor velocities(const torch::Tensor& masses, double temperature) {
  std::mt19937 generator(1);
  std::normal_distribution<double> normal;
  auto result = torch::empty({masses.size(0), 3}, torch::kDouble);
  for (int64_t i = 0; i < result.numel(); i++) result.view(-1)[i] = normal(generator);
  result *= torch::sqrt(BOLTZMANN * temperature * ACCELERATION / masses);
  return result - (result * masses).sum(0) / masses.sum();
}

void run(const std::string& model, const std::string& molecule, int steps) {
  Potential potential(model);
  std::cout << "cutoff " << potential.r_max() << " angstrom, species";
  for (const auto& name : potential.type_names()) std::cout << " " << name;
  std::cout << "\n";

  auto [symbols, x] = read_xyz(molecule);
  auto types = potential.types_of(symbols);
  auto masses = masses_of(symbols);
  auto v = velocities(masses, 300);
  auto now = potential(x, types);
  auto kinetic = [&] { return 0.5 * (masses * v.square()).sum().item<double>() / ACCELERATION; };
  const double n = static_cast<double>(symbols.size());

  std::printf("potential energy %.6f eV\n", now.energy);
  double first = now.energy + kinetic(), largest = 0;
  // For the slope of a line through the total energies.
  double sum_t = 0, sum_e = 0, sum_tt = 0, sum_te = 0;
  for (int step = 1; step <= steps; step++) {
    v += 0.5 * TIME_STEP * ACCELERATION * now.forces / masses;
    x += TIME_STEP * v;
    now = potential(x, types);
    v += 0.5 * TIME_STEP * ACCELERATION * now.forces / masses;
    double time = step * TIME_STEP, error = now.energy + kinetic() - first;
    largest = std::max(largest, std::abs(error));
    sum_t += time, sum_e += error, sum_tt += time * time, sum_te += time * error;
    if (step % std::max(1, steps / 5) == 0) {
      double temperature = 2 * kinetic() / ((3 * n - 3) * BOLTZMANN);
      std::printf("%7.1f fs: potential energy %.4f eV, %4.0f K, total energy off by %+.2e eV\n", time, now.energy,
                  temperature, error);
    }
  }
  double slope = (steps * sum_te - sum_t * sum_e) / (steps * sum_tt - sum_t * sum_t);
  std::printf("energy drift %.2e meV per atom and ps; largest deviation %.2e meV per atom\n", 1e6 * slope / n,
              1e3 * largest / n);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::cerr << "usage: md MODEL.pt MOLECULE.xyz STEPS\n";
    return 2;
  }
  try {
    run(argv[1], argv[2], std::stoi(argv[3]));
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
  return 0;
}
