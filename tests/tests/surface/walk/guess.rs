//! What the search tries: combinations of simple values, likely ones first, by the names of methods and
//! parameters.

use super::groups::Method;
use super::values::Pools;

/// One attempt: a value for each parameter.
pub struct Guess<'a> {
    method: &'a Method,
    random: u64,
    /// All likeliest values.
    is_first: bool,
    hint: Option<&'static str>,
}

/// What is known about arguments of methods whose names begin alike.
const HINTS: &str = include_str!("hints.txt");

fn hint(name: &str) -> Option<&'static str> {
    let hints = HINTS.lines().filter_map(|line| line.split_once(' '));
    let fitting = hints.filter(|(prefix, _)| name.starts_with(prefix));
    fitting.max_by_key(|(prefix, _)| prefix.len()).map(|(_, values)| values)
}

/// The value that a hint has for a parameter.
fn hinted(hint: &str, param: &str) -> Option<String> {
    let mut values = hint.split(' ').filter_map(|it| it.split_once('='));
    values.find(|(name, _)| *name == param).map(|(_, value)| value.to_owned())
}

impl Guess<'_> {
    pub fn new(method: &Method, attempt: u64) -> Guess<'_> {
        let random = (attempt + 1).wrapping_mul(0xd1b5_4a32_d192_ed03);
        let hint = hint(method.name).filter(|_| attempt % 8 != 7);
        Guess { method, random, is_first: attempt < 2, hint }
    }

    pub fn tokens(mut self) -> String {
        let base = self.pick(&tensors(self.method.name));
        let words: Vec<_> = self.method.params().map(|(name, ty)| self.hinted_word(name, ty, base)).collect();
        words.join(" ")
    }

    fn hinted_word(&mut self, name: &str, ty: &str, base: &'static str) -> String {
        let word = self.hint.and_then(|hint| hinted(hint, name));
        word.filter(|word| Pools::takes(ty, word)).unwrap_or_else(|| self.word(name, ty, base))
    }

    fn word(&mut self, name: &str, ty: &str, base: &'static str) -> String {
        match ty {
            "t" if is_output(name) => self.pick(OUTPUTS).to_owned(),
            "t" if name == "self" => base.to_owned(),
            "t" => self.tensor(base),
            "o" if self.chance(2) => "-".to_owned(),
            "o" => self.tensor(base),
            "tl" if is_output(name) => format!("{0}+{0}", self.pick(OUTPUTS)),
            "tl" => {
                let it = self.tensor(base);
                format!("{it}+{it}")
            }
            "ol" => self.pick(&["n2", "j2", "n2+n2", "b2", "-+n2", "n3"]).to_owned(),
            "b" => self.pick(&["0", "1"]).to_owned(),
            "i" if name.contains("dim") || name.contains("axis") => {
                self.pick(&["1", "0", "-1", "2"]).to_owned()
            }
            "i" => self.pick(&["1", "0", "2", "3", "-1", "4", "8"]).to_owned(),
            "oi" => self.pick(&["-", "1", "0", "2", "3"]).to_owned(),
            "f" => self.pick(&["0.5", "1", "2", "0", "3", "-1", "0.1"]).to_owned(),
            "of" => self.pick(&["-", "0.5", "1", "2"]).to_owned(),
            "l" => self.list(),
            "oil" if self.chance(3) => "-".to_owned(),
            "oil" => self.list(),
            "fl" => self.pick(&["2x2", "2", "2x2x2", "0.5", "1"]).to_owned(),
            _ => self.pick(texts(name)).to_owned(),
        }
    }

    fn tensor(&mut self, base: &'static str) -> String {
        if self.chance(2) { base.to_owned() } else { self.pick(&tensors(self.method.name)).to_owned() }
    }

    fn list(&mut self) -> String {
        let of_length: &[&str] = match dimensions(self.method.name) {
            Some(1) => &["1", "2", "3", "0", "1x1"],
            Some(2) => &["1x1", "2x2", "0x0", "3x3", "1x1x1x1"],
            Some(3) => &["1x1x1", "2x2x2", "0x0x0", "3x3x3"],
            _ => &["1", "0"],
        };
        if dimensions(self.method.name).is_some() && !self.chance(4) {
            return self.pick(of_length).to_owned();
        }
        self.pick(&[
            "1", "0", "2x3", "1x0", "2", "1x1", "3x2", "6", "2x2", "3", "0x1", "[]", "1x1x1", "3x3", "1x2x3",
            "1x3x4x4", "2x3x4", "3x1", "0x0", "1x1x1x1", "2x2x2", "0x2x1",
        ])
        .to_owned()
    }

    /// The first ones are likelier.
    fn pick(&mut self, values: &[&'static str]) -> &'static str {
        if self.is_first {
            return values[0];
        }
        let x = self.uniform().powf(2.0) * values.len() as f64;
        values[(x as usize).min(values.len() - 1)]
    }

    /// Once in `n` times.
    fn chance(&mut self, n: u64) -> bool {
        self.uniform() * (n as f64) < 1.0
    }

    /// Splitmix64.
    fn uniform(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }
}

const OUTPUTS: &[&str] =
    &["f0", "f0", "f0", "n0", "n0", "b0", "c0", "d0", "m0", "u0", "f0", "f2x3", "s2x3", "q2x3"];

const TENSORS: &[&str] = &[
    "f2x3",
    "f3x3",
    "f3",
    "x3x3",
    "n2x3",
    "b2x3",
    "f1x3x4x4",
    "n3",
    "c3x3",
    "f2x3x3",
    "p2x3",
    "j3",
    "f",
    "f1x3x4x4x4",
    "f3x3x3x3",
    "n",
    "q2x3",
    "s2x3",
    "r2x3",
    "u2x3",
    "m3",
    "f2",
    "n2",
    "j2",
    "f1x3x4",
    "d2x3",
    "f2x3x4",
    "w2x3",
    "k3",
    "f0",
    "c2x3",
    "b3",
    "f1",
    "u3",
    "q1x3x4x4",
    "j4",
    "f3x3x3",
    "f3x1x3x3",
    "h2x3",
    "n2x2x2",
    "f6",
    "f3x3x3x3x3",
    "r3x3",
    "s3x3",
    "x2x3x3",
    "f4x4",
    "f2x2x4x4",
    "f1x3",
];

/// Likely ones, by what the name says of dimensions.
fn tensors(name: &str) -> Vec<&'static str> {
    let first: &[&str] = match dimensions(name) {
        Some(1) => &["f2x3x4", "f1x3x4", "f3x3x3", "f3"],
        Some(2) => &["f1x3x4x4", "f3x3x3x3", "f3", "f2x2x4x4"],
        Some(3) => &["f1x3x4x4x4", "f3x3x3x3x3", "f3"],
        _ => &[],
    };
    first.iter().chain(TENSORS).copied().collect()
}

fn dimensions(name: &str) -> Option<usize> {
    (1..=3).find(|n| name.contains(&format!("{n}d")))
}

/// Whether outputs have no elements, which libtorch would warn of.
pub fn outputs_are_empty(method: &Method, tokens: &str) -> bool {
    let mut words = method.params().zip(tokens.split(' '));
    words.all(|((name, ty), word)| ty != "t" || !is_output(name) || word.ends_with('0'))
}

fn is_output(name: &str) -> bool {
    const OTHERS: &[&str] = &["values", "indices", "grad_input", "grad_weight", "grad_bias"];
    let number = name.strip_prefix("out");
    number.is_some_and(|it| it.parse::<u32>().is_ok() || it.is_empty()) || OTHERS.contains(&name)
}

fn texts(name: &str) -> &'static [&'static str] {
    match name {
        "norm" => &["backward", "ortho"],
        "reduce" => &["sum", "add", "amax", "mean", "prod"],
        "rounding_mode" => &["trunc", "floor"],
        "driver" => &["gelsd", "gesvd", "gels"],
        "interpolation" => &["linear", "nearest"],
        "uplo" => &["L", "U"],
        "approximate" => &["none", "tanh"],
        "padding" => &["valid", "same"],
        "side" | "padding_side" => &["left", "right"],
        "mode" => &["reduced", "constant", "complete"],
        "pad_mode" => &["reflect", "constant"],
        "equation" => &["ij,jk->ik", "ij,ij->ij", "i,i->i"],
        "indexing" => &["ij", "xy"],
        "ord" | "p" => &["fro", "nuc"],
        _ => &["none", "a"],
    }
}
