//! Makes one set of example inputs: chooses the sizes of free dimensions, and makes tensors like those of the module.

use std::cell::RefCell;

use tch::{Device, Kind, Tensor};

use super::input::ExampleInput;
use super::like::Like;

/// What makes one set of example inputs: the sizes of its free dimensions, and the kind and the device of the
/// module's tensors. See [`ExampleInput`].
#[derive(Debug)]
pub struct Draw {
    like: Like,
    sizes: Sizes,
    /// The free dimensions that were asked for so far, with their sizes.
    free: RefCell<Vec<(String, i64)>>,
}

/// Where the sizes of free dimensions come from.
#[derive(Clone, Copy, Debug)]
pub enum Sizes {
    /// Drawn from 1 to 4 by libtorch's generator, as in e3nn.
    Drawn,
    /// Chosen for one of the sets that are traced, by its number.
    Chosen(usize),
}

impl Draw {
    pub(super) fn new(like: &Like, sizes: Sizes) -> Draw {
        Draw { like: *like, sizes, free: RefCell::default() }
    }

    pub(super) fn has_free_dimensions(&self) -> bool {
        !self.free.borrow().is_empty()
    }

    /// The size of the free dimension `name`, which is the same for all arguments of a set. [`Draw::batch`] is the one
    /// named `_`.
    pub fn free(&self, name: &str) -> i64 {
        let mut free = self.free.borrow_mut();
        if let Some((_, size)) = free.iter().find(|(it, _)| it == name) {
            return *size;
        }
        let size = match self.sizes {
            Sizes::Drawn => Tensor::randint_low(1, 5, [1], (Kind::Int64, Device::Cpu)).int64_value(&[0]),
            Sizes::Chosen(set) => chosen(free.len(), set),
        };
        free.push((name.to_owned(), size));
        size
    }

    /// The size of the free dimension `_`.
    pub fn batch(&self) -> i64 {
        self.free("_")
    }

    /// The kind of the module's first floating parameter, else of its first floating buffer, else `Float`.
    pub fn kind(&self) -> Kind {
        self.like.kind
    }

    /// The device of the module's first parameter, else of its first buffer, else the CPU.
    pub fn device(&self) -> Device {
        self.like.device
    }

    /// A random tensor of `size`. Its kind, which is the module's if none is given, decides what it holds: normal
    /// random numbers, truth values, or integers from 0 to `below - 1`. Without `below`, integers are 0 and 1.
    pub fn tensor(&self, kind: Option<Kind>, size: &[i64], below: Option<i64>) -> Tensor {
        let kind = kind.unwrap_or(self.like.kind);
        match kind {
            Kind::Bool | Kind::Uint8 | Kind::Int8 | Kind::Int16 | Kind::Int | Kind::Int64 => {
                let integers = Tensor::randint(below.unwrap_or(2), size, (Kind::Int64, self.like.device));
                integers.to_kind(kind)
            }
            _ => Tensor::randn(size, (kind, self.like.device)),
        }
    }

    /// The example input that the value of an expression stands for.
    pub fn example<E: ExampleInput>(&self, of: &E) -> E::Input {
        of.example_input(self)
    }
}

/// The size of a free dimension in a set that is traced. The sizes of one dimension are odd and even, and none is the
/// double of another. Among the first eight dimensions, none is a linear function of another one, in any three sets.
fn chosen(dimension: usize, set: usize) -> i64 {
    const SIZES: [[i64; 4]; 4] = [[5, 8, 13, 3], [7, 9, 6, 4], [14, 5, 3, 9], [13, 9, 8, 3]];
    const FURTHER: [i64; 4] = [15, 14, 19, 36];
    let (round, set) = (dimension / SIZES.len(), set % FURTHER.len());
    SIZES[dimension % SIZES.len()][set] + round as i64 * FURTHER[set]
}

#[cfg(test)]
mod tests {
    use super::chosen;

    #[test]
    fn chosen_sizes_tell_dimensions_apart() {
        let sizes = |dimension| [0, 1, 2, 3].map(|set| chosen(dimension, set));
        for a in 0..8 {
            let of_a = sizes(a);
            assert!(of_a.iter().any(|it| it % 2 == 0) && of_a.iter().any(|it| it % 2 == 1), "{of_a:?}");
            for (i, size) in of_a.iter().enumerate() {
                assert!(!of_a[i + 1..].contains(size) && !of_a.contains(&(size * 2)), "{of_a:?}");
            }
            for (b, [i, j, k]) in
                (0..a).flat_map(|b| [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]].map(|sets| (b, sets)))
            {
                let of_b = sizes(b);
                let (x, y) = (of_a[j] - of_a[i], of_a[k] - of_a[i]);
                assert_ne!((of_b[j] - of_b[i]) * y, (of_b[k] - of_b[i]) * x, "{of_a:?} {of_b:?}");
            }
        }
    }
}
