//! Makes examples of other sizes than those that were given have: these come in, and which sizes are free goes out, with
//! further examples in which these differ.
//!
//! Sizes that are equal in all examples may be one size of the Rust code, so they are varied together and each alone. A
//! size is free if the Rust code runs where it differs. Rows of the first example are repeated, so that values and
//! indices stay valid.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use tch::Tensor;

use super::at::At;
use crate::artifact::FixedProperty;
use crate::compile::values::{copies, replaced};
use crate::error::Result;
use crate::ffi::{Kind, Value, device_of, once};
use crate::model::mode::CompileMode;
use crate::model::node::{MemberValue, Members, Node, NodeRef};
use crate::record::{Snapshot, frames, quiet};

/// How often the Rust code is run at most to find out which sizes are free.
const MAX_RUNS: usize = 48;

/// How many sizes that the Rust code may compare sizes with are tried at most.
const MAX_COMPARED: usize = 16;

/// What is added to a size, for each further example. For each two rows, and zeros before them, no three columns are
/// linear functions of each other, so a number in the trace shows which size it follows from. Each row has odd and even
/// numbers, and multiples of three with each rest.
const OFFSETS: [[i64; 3]; 8] =
    [[5, 10, 15], [10, 15, 5], [15, 5, 10], [4, 7, 11], [7, 11, 4], [11, 4, 7], [3, 16, 8], [8, 3, 16]];

/// What is added to a size for an example that is compared only; in no row of [`OFFSETS`].
const UNSEEN: [i64; 8] = [1, 2, 6, 9, 12, 13, 14, 17];

/// A size of a tensor among the arguments.
struct Axis {
    /// As the report writes it: `x.size(0)`.
    name: String,
    /// The tensor's number among those of the example.
    tensor: usize,
    dim: i64,
    size: i64,
}

/// Sizes that vary together: one size of the Rust code.
pub struct Unknown {
    /// Their numbers.
    axes: Vec<usize>,
    /// The size in each further example.
    sizes: [i64; 3],
    /// A size that no example has.
    unseen: i64,
}

/// The sizes of the examples, and what is known of them.
pub struct Vary<'a> {
    at: &'a At<'a>,
    /// The first example.
    example: &'a [Value],
    train: bool,
    axes: Vec<Axis>,
    /// Axes whose sizes differ between the examples, and are equal in each: those with such a partner.
    tied: BTreeMap<usize, Vec<usize>>,
    /// The sizes that are free, beyond what the examples show.
    pub unknowns: Vec<Unknown>,
    /// Why the others are not.
    pub fixed: Vec<FixedProperty>,
    /// Sizes that the Rust code takes, and that are no example's.
    apart: Vec<Sizes>,
    /// How the Rust code fails where axes vary together, of those that were tried.
    failures: RefCell<BTreeMap<Vec<usize>, String>>,
    snapshot: Snapshot,
    n_runs: Cell<usize>,
}

/// New sizes, by the numbers of the axes.
type Sizes = BTreeMap<usize, i64>;

/// Sizes that vary together, or how the Rust code fails where they do.
type Attempt = std::result::Result<Unknown, String>;

impl<'a> Vary<'a> {
    /// Finds out which sizes of `examples` are free. `snapshot` holds the buffers and the random state that each run
    /// starts from.
    pub fn new(
        at: &'a At<'a>,
        examples: &[&'a [Value]],
        train: bool,
        snapshot: Snapshot,
    ) -> Result<Vary<'a>> {
        let axes = |example: &[Value]| {
            let mut axes = vec![];
            let mut n_tensors = 0;
            for (name, value) in at.method.arg_names.iter().zip(example) {
                add_axes(name, value, &mut n_tensors, &mut axes);
            }
            axes
        };
        let all: Vec<Vec<Axis>> = examples.iter().map(|example| axes(example)).collect();
        let mut groups: BTreeMap<Vec<i64>, Vec<usize>> = BTreeMap::new();
        // Lists may have other lengths, and tensors other dimensions: then there is nothing to compare.
        if all.iter().all(|axes| is_same_structure(axes, &all[0])) {
            for i in 0..all[0].len() {
                groups.entry(all.iter().map(|axes| axes[i].size).collect()).or_default().push(i);
            }
        }
        let (unknowns, fixed, apart, n_runs) = (vec![], vec![], vec![], Cell::new(0));
        let (tied, failures) = (BTreeMap::new(), RefCell::default());
        let axes = all.into_iter().next().unwrap_or_default();
        let example = examples[0];
        let mut vary =
            Vary { at, example, train, axes, tied, unknowns, fixed, apart, failures, snapshot, n_runs };
        for (sizes, group) in groups {
            let is_fixed = sizes.iter().all(|size| *size == sizes[0]);
            let is_meant = if is_fixed { at.are_sizes_declared && sizes.len() > 1 } else { group.len() == 1 };
            if sizes[0] == 0 || is_meant {
                continue;
            }
            if is_fixed {
                let found = vary.divided(&group)?;
                vary.unknowns.extend(found);
                continue;
            }
            let n_fixed = vary.fixed.len();
            let found = vary.divided(&group)?;
            // The examples show that these sizes are free together.
            vary.fixed.truncate(n_fixed);
            if found.iter().any(|it| it.axes.len() < group.len()) {
                vary.tied.extend(group.iter().map(|axis| (*axis, group.clone())));
                vary.unknowns.extend(found);
            }
        }
        Ok(vary)
    }

    /// Divides axes of equal sizes into those that vary together, as finely as the Rust code takes; notes the others as
    /// fixed.
    fn divided(&mut self, group: &[usize]) -> Result<Vec<Unknown>> {
        let mut best: Vec<Unknown> = vec![];
        let mut seen: Vec<Vec<Vec<usize>>> = vec![];
        // Those that are free alone stay apart, the rest varies together: by place, as that of one batch, or as a whole.
        let (alone, failures) = self.all_free(group.iter().map(|axis| vec![*axis]))?;
        let rest: Vec<usize> =
            group.iter().copied().filter(|axis| !alone.iter().any(|it| it.axes.contains(axis))).collect();
        let apart = || alone.iter().map(|it| it.axes.clone());
        let partitions = [
            apart().chain(self.by_place(&rest)).collect::<Vec<_>>(),
            apart().chain([rest.clone()]).collect(),
            self.by_place(group).collect(),
            vec![group.to_vec()],
        ];
        for mut partition in partitions {
            partition.retain(|axes| !axes.is_empty());
            if seen.contains(&partition) {
                continue;
            }
            seen.push(partition.clone());
            let (found, _) = self.all_free(partition.into_iter())?;
            let n_axes = |unknowns: &[Unknown]| unknowns.iter().map(|it| it.axes.len()).sum::<usize>();
            if n_axes(&found) <= n_axes(&best) {
                continue;
            }
            if found.len() < 2 || self.failure(&joint(&found, 0))?.is_none() {
                best = found;
            }
            if n_axes(&best) == group.len() {
                break;
            }
        }
        // The Rust code takes these alone, but not with the others: the trace is compared there.
        for unknown in alone {
            if !best.iter().any(|it| it.axes == unknown.axes) {
                self.apart.push(unknown.axes.iter().map(|axis| (*axis, unknown.unseen)).collect());
            }
        }
        let why =
            failures.into_iter().next().unwrap_or_else(|| "others of this size differ from it".to_owned());
        for axis in group.iter().filter(|axis| !best.iter().any(|it| it.axes.contains(axis))) {
            self.fix(*axis, format!("the body fails on other sizes: {why}"));
        }
        Ok(best)
    }

    /// The axes of each dimension, if there are several.
    fn by_place<'s>(&'s self, axes: &'s [usize]) -> impl Iterator<Item = Vec<usize>> + 's {
        let dims: BTreeSet<i64> = axes.iter().map(|it| self.axes[*it].dim).collect();
        dims.into_iter().map(move |dim| axes.iter().copied().filter(|it| self.axes[*it].dim == dim).collect())
    }

    /// Those of `sets` of axes that are one free size, and how the Rust code fails on the others.
    fn all_free(&self, sets: impl Iterator<Item = Vec<usize>>) -> Result<(Vec<Unknown>, Vec<String>)> {
        let (mut found, mut failures) = (vec![], vec![]);
        for axes in sets {
            match self.unknown(&axes, found.len())? {
                Ok(unknown) => found.push(unknown),
                Err(failure) => failures.push(failure),
            }
        }
        Ok((found, failures))
    }

    /// The sizes at which `axes` are one free size, the `index`th of its group; else how the Rust code fails.
    fn unknown(&self, axes: &[usize], index: usize) -> Result<Attempt> {
        if let Some(failure) = self.failures.borrow().get(axes) {
            return Ok(Err(failure.clone()));
        }
        let row = self.unknowns.len() + index;
        let size = self.axes[axes[0]].size;
        let mut failure = None;
        for mut unknown in candidates(size, row) {
            unknown.axes = axes.to_vec();
            let largest = unknown.sizes.iter().copied().max().unwrap_or(size);
            match self.failure(&axes.iter().map(|axis| (*axis, largest)).collect())? {
                None => return Ok(Ok(unknown)),
                Some(why) => failure = failure.or(Some(why)),
            }
        }
        let failure = failure.unwrap_or_default();
        self.failures.borrow_mut().insert(axes.to_vec(), failure.clone());
        Ok(Err(failure))
    }

    /// How the Rust code fails on these sizes; none where it runs.
    fn failure(&self, sizes: &Sizes) -> Result<Option<String>> {
        if self.n_runs.replace(self.n_runs.get() + 1) >= MAX_RUNS {
            return Ok(Some(format!("not tried, since there are more than {MAX_RUNS} cases")));
        }
        let Some(set) = self.with_sizes(sizes)? else {
            return Ok(Some("its rows cannot be repeated".to_owned()));
        };
        self.failure_on(&set)
    }

    /// How the Rust code fails on these arguments; none where it runs.
    pub fn failure_on(&self, set: &[Value]) -> Result<Option<String>> {
        let ours = copies(set)?;
        let run = quiet::catch(|| frames::boundary(|| self.at.method.run(&ours, self.train)));
        self.snapshot.restore()?;
        let first_line = |message: String| message.lines().next().unwrap_or_default().to_owned();
        Ok(match run {
            Ok(Ok(_)) => None,
            Ok(Err(error)) => Some(first_line(error.to_string())),
            Err(payload) => Some(first_line(quiet::message(payload))),
        })
    }

    /// The example with other sizes; none where libtorch refuses that for one of its tensors.
    fn with_sizes(&self, sizes: &Sizes) -> Result<Option<Vec<Value>>> {
        let mut n = 0;
        let mut is_possible = true;
        let set = self.example.iter().map(|value| {
            replaced(value, &mut |tensor| {
                let mut made = None;
                for (axis, size) in sizes.iter().filter(|(axis, _)| self.axes[**axis].tensor == n) {
                    let Axis { dim, size: rows, .. } = self.axes[*axis];
                    match repeated(made.as_ref().unwrap_or(tensor), dim, rows, *size) {
                        Some(other) => made = Some(other),
                        None => is_possible = false,
                    }
                }
                n += 1;
                made
            })
        });
        let set = set.collect::<Result<Vec<_>>>()?;
        Ok(is_possible.then_some(set))
    }

    /// The further examples; none where the Rust code fails on one of them, although it takes each size alone.
    pub fn examples(&self) -> Result<Option<Vec<Vec<Value>>>> {
        self.examples_of(&self.unknowns)
    }

    fn examples_of(&self, unknowns: &[Unknown]) -> Result<Option<Vec<Vec<Value>>>> {
        let mut sets = vec![];
        for i in 0..3 {
            let Some(set) = self.with_sizes(&joint(unknowns, i))? else { return Ok(None) };
            if self.failure_on(&set)?.is_some() {
                return Ok(None);
            }
            sets.push(set);
        }
        Ok(Some(sets))
    }

    /// The further examples in which only the unknown `index` differs.
    pub fn examples_alone(&self, index: usize) -> Result<Option<Vec<Vec<Value>>>> {
        self.examples_of(std::slice::from_ref(&self.unknowns[index]))
    }

    /// Sets of arguments that are not traced, and on which the Rust code runs: of sizes between the examples, of smaller
    /// ones, and of those that the Rust code may compare sizes with.
    pub fn unseen(&self) -> Result<Vec<Vec<Value>>> {
        let at = |size: &dyn Fn(&Unknown) -> i64| -> Sizes {
            self.unknowns.iter().flat_map(|it| it.axes.iter().map(move |axis| (*axis, size(it)))).collect()
        };
        let mut sets = vec![];
        let mut all = self.apart.clone();
        if !self.unknowns.is_empty() {
            let smaller = |it: &Unknown| self.axes[it.axes[0]].size / 2 + 1;
            all.extend([at(&|it| it.unseen), at(&smaller), at(&|_| 2), at(&|_| 1)]);
            all.extend(self.compared_with().into_iter().map(|size| at(&|_| size)));
        }
        for sizes in all {
            if let Some(set) = self.with_sizes(&sizes)?
                && self.failure_on(&set)?.is_none()
            {
                sets.push(set);
            }
        }
        Ok(sets)
    }

    /// Sizes at which the Rust code may do something else: numbers in its text, and their neighbours where all sizes of
    /// the examples are on one side of them.
    fn compared_with(&self) -> Vec<i64> {
        let seen = |size: &i64| {
            let sizes =
                || self.unknowns.iter().flat_map(|it| it.sizes.iter().chain([&self.axes[it.axes[0]].size]));
            sizes().any(|it| it < size) && sizes().any(|it| it > size)
        };
        let numbers = small_integers(self.at.node);
        let sizes = numbers.iter().flat_map(|it| if seen(it) { *it..=*it } else { it - 1..=it + 1 });
        let sizes: BTreeSet<i64> = sizes.filter(|it| *it > 1).collect();
        sizes.into_iter().take(MAX_COMPARED).collect()
    }

    /// Gives up the unknown `index`, and returns the names of its sizes.
    pub fn give_up(&mut self, index: usize, why: &str) -> String {
        let unknown = self.unknowns.remove(index);
        for axis in &unknown.axes {
            self.fix(*axis, why.to_owned());
        }
        if let Some(tied) = self.tied.get(&unknown.axes[0]) {
            let names: Vec<String> = tied.iter().map(|it| format!("`{}`", self.axes[*it].name)).collect();
            return format!("{} are equal", names.join(" and "));
        }
        let axes = unknown.axes.iter().map(|it| &self.axes[*it]);
        let names: Vec<String> = axes.map(|it| format!("`{}` is {}", it.name, it.size)).collect();
        names.join(" and ")
    }

    fn fix(&mut self, axis: usize, why: String) {
        let Axis { name, size, .. } = &self.axes[axis];
        let partner = self.tied.get(&axis).and_then(|tied| tied.iter().find(|it| **it != axis));
        let value = partner.map_or_else(|| size.to_string(), |it| self.axes[*it].name.clone());
        self.fixed.push(FixedProperty { name: name.clone(), value, why });
    }
}

/// The numbers in the code of the module, and of the children that are traced as a part of it.
fn small_integers(node: &dyn Node) -> BTreeSet<i64> {
    fn add(members: &Members<'_>, numbers: &mut BTreeSet<i64>) {
        for (_, member) in &members.list {
            match member {
                MemberValue::Module(NodeRef::Module(node)) if node.info().mode == CompileMode::Inherit => {
                    numbers.extend(small_integers(*node));
                }
                MemberValue::Container { members, .. } => add(members, numbers),
                _ => {}
            }
        }
    }
    let mut numbers: BTreeSet<i64> = node.small_integers().iter().copied().collect();
    add(&node.members(), &mut numbers);
    numbers
}

/// Whether two examples have the same tensors, with as many dimensions.
fn is_same_structure(a: &[Axis], b: &[Axis]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.name == b.name)
}

/// The tensor with its `rows` rows of a dimension repeated until there are `size`; none where that is not possible.
fn repeated(tensor: &Tensor, dim: i64, rows: i64, size: i64) -> Option<Tensor> {
    let axis = usize::try_from(dim).ok()?;
    if rows > 1 && once(tensor).ok()?.size()[axis] == 1 {
        // Expanded: all rows are one in memory.
        let mut sizes = tensor.size();
        sizes[axis] = size;
        return tensor.f_narrow(dim, 0, 1).and_then(|it| it.f_expand(sizes, false)).ok();
    }
    let options = (tch::Kind::Int64, device_of(tensor)?);
    let index = Tensor::f_arange(size, options).ok()?.f_remainder_tensor(&Tensor::from(rows)).ok()?;
    tensor.f_index_select(dim, &index).ok()
}

/// The sizes of the further example `i`, in which all of `unknowns` differ.
fn joint(unknowns: &[Unknown], i: usize) -> Sizes {
    unknowns.iter().flat_map(|it| it.axes.iter().map(move |axis| (*axis, it.sizes[i]))).collect()
}

/// What may be tried for a size, in turn: larger sizes; multiples, as of heads or of strides; smaller ones, as below
/// the length of a table. `row` tells unknowns apart.
fn candidates(size: i64, row: usize) -> Vec<Unknown> {
    let row = row % OFFSETS.len();
    let unknown = |mut sizes: [i64; 3], unseen: i64| {
        sizes.rotate_left(row % 3);
        Unknown { axes: vec![], sizes, unseen }
    };
    let larger =
        Unknown { axes: vec![], sizes: OFFSETS[row].map(|it| size + it), unseen: size + UNSEEN[row] };
    let multiples = |step: i64| unknown([size + step, size + 3 * step, size + 4 * step], size + 2 * step);
    let power = 1 << size.trailing_zeros().min(6);
    let mut all = vec![larger];
    if power > 1 {
        all.push(multiples(power));
    }
    if size > 2 && size <= 64 && power != size {
        all.push(multiples(size));
    }
    if size > 6 {
        all.push(unknown([size - 1, size / 2 + 1, size / 3 + 1], 2));
    }
    all
}

/// Adds the sizes of the tensors in `value`, which is called `name`. The names are those of the report, see
/// `generalize.cc`.
fn add_axes(name: &str, value: &Value, n_tensors: &mut usize, axes: &mut Vec<Axis>) {
    if let Some(tensor) = value.as_tensor() {
        let sizes = if tensor.defined() && !tensor.is_sparse() { tensor.size() } else { vec![] };
        for (dim, size) in (0..).zip(sizes) {
            axes.push(Axis { name: format!("{name}.size({dim})"), tensor: *n_tensors, dim, size });
        }
        *n_tensors += 1;
        return;
    }
    let elements = value.elements();
    if value.kind() == Kind::Dict {
        for entry in elements.chunks(2) {
            add_axes(&format!("{name}[{}]", entry[0]), &entry[1], n_tensors, axes);
        }
        return;
    }
    for (i, element) in elements.iter().enumerate() {
        add_axes(&format!("{name}.{i}"), element, n_tensors, axes);
    }
}

#[cfg(test)]
mod tests {
    use super::{OFFSETS, UNSEEN, candidates};

    #[test]
    fn offsets_tell_sizes_apart() {
        for (i, a) in OFFSETS.iter().enumerate() {
            let a = [0, a[0], a[1], a[2]];
            assert!(a.iter().any(|it| it % 2 == 1) && (0..3).all(|rest| a.iter().any(|it| it % 3 == rest)));
            assert!(a.iter().all(|it| !UNSEEN.contains(it)));
            for b in &OFFSETS[..i] {
                let b = [0, b[0], b[1], b[2]];
                assert!((1..4).all(|k| a[k] != b[k]));
                for [i, j, k] in [[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]] {
                    assert_ne!((a[j] - a[i]) * (b[k] - b[i]), (b[j] - b[i]) * (a[k] - a[i]), "{a:?} {b:?}");
                }
            }
        }
    }

    #[test]
    fn candidates_are_sizes_that_differ() {
        for (size, row) in (1..300).flat_map(|size| (0..9).map(move |row| (size, row))) {
            for unknown in candidates(size, row) {
                let mut all = vec![size, unknown.unseen];
                all.extend(unknown.sizes);
                all.sort_unstable();
                all.dedup();
                assert!(all.len() == 5 && all[0] > 0, "{size}: {all:?}");
            }
        }
    }
}
