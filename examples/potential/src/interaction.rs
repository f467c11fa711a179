//! Messages between neighbours.

use e3nn::nn::{Act, FullyConnectedNet, Gate};
use e3nn::o3::{ConnectionMode, Instruction, Linear, ProductOptions, TensorProduct};
use e3nn::{Irrep, Irreps, MulIr, Parity, irreps};
use tch::{Tensor, nn};
use tch_jit::{compile_mode, methods};

/// The features of atoms, after messages from their neighbours. From \[atoms, `irreps_in.dim()`\] to
/// \[atoms, `irreps_out.dim()`\].
#[compile_mode(script)]
#[tracing_inputs(
    x = [_, self.irreps_in.dim()],
    species = [_, self.self_connection.irreps_in2.dim()],
    harmonics = [_edges, self.product.irreps_in2.dim()],
    radial = [_edges, self.n_radial],
    from = Int64[_edges] < _,
    to = Int64[_edges] < _,
)]
#[derive(Debug)]
pub struct Interaction {
    /// The features before.
    pub irreps_in: Irreps,
    /// The features after.
    pub irreps_out: Irreps,
    linear_1: Linear,
    product: TensorProduct,
    n_radial: i64,
    weights: FullyConnectedNet,
    linear_2: Linear,
    self_connection: TensorProduct,
    gate: Gate,
    /// What sums over neighbours are multiplied by.
    scale: f64,
}

/// The irreps of what an interaction is given, and of what it shall give.
#[derive(Clone, Debug)]
pub struct InteractionShape<'a> {
    /// The features of atoms.
    pub irreps_in: &'a Irreps,
    /// The features of atoms afterwards, as far as there are paths to them.
    pub hidden: &'a Irreps,
    /// The spherical harmonics.
    pub edges: &'a Irreps,
    /// How many radial functions.
    pub n_radial: i64,
    /// How many species.
    pub n_species: i64,
    /// How many neighbours an atom has, on average.
    pub n_neighbours: f64,
}

impl Interaction {
    /// With random weights.
    pub fn new(vs: &nn::Path, shape: &InteractionShape<'_>) -> Self {
        let InteractionShape { irreps_in, hidden, edges, n_radial, n_species, n_neighbours } = *shape;
        let gate = gate(&(vs / "gate"), irreps_in, hidden, edges);
        let product = messages(&(vs / "product"), irreps_in, edges, &gate.irreps_in);
        let species = n_species * Irrep::new(0, Parity::Even);
        let linear =
            |name, from: &Irreps, to: &Irreps| Linear::new(&(vs / name), from, to, &Default::default());
        Interaction {
            irreps_in: irreps_in.clone(),
            irreps_out: gate.irreps_out.clone(),
            linear_1: linear("linear_1", irreps_in, irreps_in),
            n_radial,
            weights: FullyConnectedNet::new(
                &(vs / "weights"),
                &[n_radial, 32, product.weight_numel],
                Some(Act::Silu),
                Default::default(),
            ),
            linear_2: linear("linear_2", &product.irreps_out.simplify(), &gate.irreps_in),
            product,
            self_connection: TensorProduct::fully_connected(
                &(vs / "self_connection"),
                irreps_in,
                &species,
                &gate.irreps_in,
                Default::default(),
            )
            .expect("the weights are shared"),
            gate,
            scale: n_neighbours.powf(-0.5),
        }
    }
}

#[methods]
impl Interaction {
    /// `x` of shape \[atoms, `irreps_in.dim()`\]; `species` \[atoms, species\], one of which is 1; for each edge, its
    /// spherical harmonics \[edges, …\] and radial functions \[edges, functions\], and where it goes from and to,
    /// \[edges\].
    pub fn forward(
        &self,
        x: &Tensor,
        species: &Tensor,
        harmonics: &Tensor,
        radial: &Tensor,
        from: &Tensor,
        to: &Tensor,
    ) -> Tensor {
        let sent = self.linear_1.forward(x, None, None).index_select(0, from);
        let messages = self.product.forward(&sent, harmonics, Some(&self.weights.forward(radial)));
        let none =
            messages.new_zeros([x.size()[0], messages.size()[1]], (messages.kind(), messages.device()));
        let received = none.index_add(0, to, &messages) * self.scale;
        let received = self.linear_2.forward(&received, None, None);
        self.gate.forward(&(received + self.self_connection.forward(x, species, None)))
    }

    #[auto_jitable(tolerance = 1e-4)]
    fn small(vs: &nn::Path) -> Self {
        let (irreps_in, hidden, edges) = (irreps("3x0e+2x1o"), irreps("3x0e+2x1o+1x2e"), irreps("0e+1o"));
        let (n_radial, n_species, n_neighbours) = (4, 2, 3.0);
        let shape = InteractionShape {
            irreps_in: &irreps_in,
            hidden: &hidden,
            edges: &edges,
            n_radial,
            n_species,
            n_neighbours,
        };
        Interaction::new(vs, &shape)
    }
}

/// The irreps of a product that there are.
fn is_reached(irreps_in: &Irreps, edges: &Irreps, ir: Irrep) -> bool {
    irreps_in.iter().any(|a| edges.iter().any(|b| (a.ir * b.ir).contains(&ir)))
}

/// Scalars go through a function, other features are multiplied by one of further scalars.
fn gate(vs: &nn::Path, irreps_in: &Irreps, hidden: &Irreps, edges: &Irreps) -> Gate {
    let reached = hidden.filter(|it| is_reached(irreps_in, edges, it.ir));
    let (scalars, gated) = (reached.filter(|it| it.ir.l == 0), reached.filter(|it| it.ir.l > 0));
    let gates: Irreps = gated.iter().map(|it| MulIr::new(it.mul, Irrep::new(0, Parity::Even))).collect();
    let of = |it: &MulIr| Some(if it.ir.p == Parity::Even { Act::Silu } else { Act::Tanh });
    let (of_scalars, of_gates): (Vec<_>, Vec<_>) =
        (scalars.iter().map(of).collect(), gates.iter().map(of).collect());
    Gate::new(vs, &scalars, &of_scalars, &gates, &of_gates, &gated)
        .expect("the functions have these parities")
}

/// All products of features and harmonics that lead to irreps of the output, each copy with a weight of its own.
fn messages(vs: &nn::Path, irreps_in: &Irreps, edges: &Irreps, irreps_out: &Irreps) -> TensorProduct {
    let (mut out, mut paths) = (vec![], vec![]);
    for (i_1, a) in irreps_in.iter().enumerate() {
        for (i_2, b) in edges.iter().enumerate() {
            for ir in (a.ir * b.ir).into_iter().filter(|it| irreps_out.has(*it)) {
                paths.push(Instruction::new(i_1, i_2, out.len(), ConnectionMode::Uvu, true));
                out.push(MulIr::new(a.mul, ir));
            }
        }
    }
    let sorted = Irreps::new(out).sort();
    paths.iter_mut().for_each(|it| it.i_out = sorted.p[it.i_out]);
    let options = ProductOptions { shared_weights: Some(false), ..Default::default() };
    TensorProduct::new(vs, irreps_in, edges, &sorted.irreps, &paths, &options).expect("the paths there are")
}
