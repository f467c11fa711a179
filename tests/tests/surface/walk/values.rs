//! Values for arguments, as words of a line: `f2x3` is a tensor, `1x2` a list, `-` None.

use tch::{Device, Kind, Tensor, kind::FLOAT_CPU};

use super::groups::Method;

/// The arguments of one call, by type; see `calls.rs`.
#[derive(Default)]
pub struct Pools {
    pub t: Vec<Tensor>,
    pub o: Vec<Option<Tensor>>,
    pub tl: Vec<Vec<Tensor>>,
    pub l: Vec<Vec<i64>>,
    pub ol: Vec<Option<Vec<i64>>>,
    pub f: Vec<Vec<f64>>,
    pub s: Vec<String>,
    pub oi: Vec<Option<i64>>,
    pub of: Vec<Option<f64>>,
}

impl Method {
    /// Names and types of what it takes.
    pub fn params(&self) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
        self.signature.split(", ").filter_map(|param| param.split_once(' '))
    }
}

impl Pools {
    pub fn parse(method: &Method, tokens: &str) -> Result<Pools, String> {
        let mut pools = Pools { l: vec![vec![]], f: vec![vec![]], ..Pools::default() };
        let mut words = tokens.split_whitespace();
        for (i, (_, ty)) in method.params().enumerate() {
            let word = words.next().ok_or("too few values")?;
            pools.push(ty, word, i).ok_or_else(|| format!("`{word}` is no value of type `{ty}`"))?;
        }
        match words.next() {
            Some(word) => Err(format!("`{word}` is one too many")),
            None => Ok(pools),
        }
    }

    /// Whether `word` is a value of type `ty`.
    pub fn takes(ty: &str, word: &str) -> bool {
        Pools { l: vec![vec![]], f: vec![vec![]], ..Pools::default() }.push(ty, word, 0).is_some()
    }

    fn push(&mut self, ty: &str, word: &str, place: usize) -> Option<()> {
        let given = |word: &str| (word != "-").then(|| word.to_owned());
        match ty {
            "t" => self.t.push(tensor(word, place)?),
            "o" => self.o.push(match given(word) {
                Some(word) => Some(tensor(&word, place)?),
                None => None,
            }),
            "tl" => self.tl.push(
                word.split('+').enumerate().map(|(i, it)| tensor(it, place + i)).collect::<Option<_>>()?,
            ),
            "ol" => {
                for word in word.split('+') {
                    self.push("o", word, place)?;
                }
            }
            "i" | "b" => self.l[0].push(word.parse().ok()?),
            "f" => self.f[0].push(word.parse().ok()?),
            "oi" => self.oi.push(match given(word) {
                Some(word) => Some(word.parse().ok()?),
                None => None,
            }),
            "of" => self.of.push(match given(word) {
                Some(word) => Some(word.parse().ok()?),
                None => None,
            }),
            "l" => self.l.push(list(word)?),
            "oil" => self.ol.push(match given(word) {
                Some(word) => Some(list(&word)?),
                None => None,
            }),
            "fl" => self.f.push(word.split('x').map(|it| it.parse().ok()).collect::<Option<_>>()?),
            "s" => self.s.push(if word == "-" { String::new() } else { word.to_owned() }),
            _ => return None,
        }
        Some(())
    }

    /// All tensors, which a call may change.
    pub fn tensors(&self) -> Vec<&Tensor> {
        let lists = self.tl.iter().flatten();
        self.t.iter().chain(self.o.iter().flatten()).chain(lists).collect()
    }
}

/// `1x2`; `[]` is empty.
fn list(word: &str) -> Option<Vec<i64>> {
    if word == "[]" {
        return Some(vec![]);
    }
    word.split('x').map(|it| it.parse().ok()).collect()
}

/// A letter for the kind, and the size: `f2x3`, or `f` without dimensions. Values depend on the place
/// among the arguments.
fn tensor(word: &str, place: usize) -> Option<Tensor> {
    let (kind, size) = word.split_at_checked(1)?;
    let size = if size.is_empty() { vec![] } else { list(size)? };
    let n = size.iter().product::<i64>();
    let place = i64::try_from(place).ok()?;
    let ramp = || Tensor::arange(n, FLOAT_CPU);
    let waves = || ((ramp() * 1.7) + place as f64).sin() * 1.2;
    let whole = || Tensor::arange(n, (Kind::Int64, Device::Cpu));
    Some(match kind {
        "f" => waves().view(size.as_slice()),
        "d" => waves().to_kind(Kind::Double).view(size.as_slice()),
        "h" => waves().to_kind(Kind::BFloat16).view(size.as_slice()),
        "c" => Tensor::complex(&waves(), &waves().cos()).view(size.as_slice()),
        // Between 0 and 1.
        "p" => (waves().abs() * 0.7 + 0.05).view(size.as_slice()),
        // Symmetric and positive definite.
        "x" => {
            let a = waves().view(size.as_slice());
            let n = *size.last()?;
            a.matmul(&a.transpose(-2, -1)) + Tensor::eye(n, FLOAT_CPU)
        }
        // 0, 1, 1, 0, …: indices of anything.
        "n" => ((whole() + place).remainder(3).remainder(2)).view(size.as_slice()),
        "m" => ((whole() + place).remainder(3).remainder(2)).to_kind(Kind::Int).view(size.as_slice()),
        // 0, 1, 2, …
        "j" => whole().view(size.as_slice()),
        "k" => whole().to_kind(Kind::Int).view(size.as_slice()),
        "o" => whole().ones_like().view(size.as_slice()),
        "z" => whole().zeros_like().view(size.as_slice()),
        // 1, 2, 3, …: pivots of LAPACK.
        "l" => (whole() + 1).to_kind(Kind::Int).view(size.as_slice()),
        "e" => (whole().remainder(5) - 2).to_kind(Kind::Int8).view(size.as_slice()),
        "b" => (whole() + place).remainder(2).to_kind(Kind::Bool).view(size.as_slice()),
        "u" => (whole() * 3 + place).to_kind(Kind::Uint8).view(size.as_slice()),
        "q" => waves().view(size.as_slice()).quantize_per_tensor(0.1, 10, Kind::QUInt8),
        "w" => waves().view(size.as_slice()).quantize_per_tensor(0.1, 0, Kind::QInt8),
        "s" => waves().view(size.as_slice()).relu().to_sparse(None, None::<Vec<i64>>, None),
        "v" => waves().view(size.as_slice()).relu().to_sparse_csc(None),
        "r" => waves().view(size.as_slice()).relu().to_sparse_csr(None),
        _ => return None,
    })
}
