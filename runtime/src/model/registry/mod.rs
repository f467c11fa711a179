//! Every annotated module of the program, as `inventory` collected it.
//!
//! ```
//! # use tch::Tensor;
//! # #[tch_jit::compile_mode(script)] struct Double;
//! # #[tch_jit::methods] impl Double { pub fn forward(&self, x: &Tensor) -> Tensor { x * 2.0 } }
//! println!("{}", tch_jit::registry::modules());
//! let scripts = |it: &tch_jit::registry::Entry| it.methods().iter().all(|method| method.refusal.is_none());
//! assert!(tch_jit::registry::modules().iter().all(scripts));
//! ```
//!
//! Generic structs are missing: a struct with parameters is many types, and no code lists those that the program uses.
//! Modules of a dependency that the program never names are missing, too; `use dependency as _;` brings them in.

mod table;

use std::fmt::{self, Display, Formatter};
use std::ops::Deref;

use crate::identity::RustType;
pub use crate::model::definition::Refusal;
use crate::model::mode::CompileMode;
use crate::model::node::TypeInfo;
use crate::place::Place;

/// All modules, sorted by type. Displays as a table: mode and place, and for each method whether it scripts, or why
/// not, and whether its example inputs are known.
#[derive(Clone, Debug)]
pub struct Modules(Vec<Entry>);

/// An annotated module.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name, place and mode of the struct.
    pub info: TypeInfo,
    /// The full type.
    pub type_name: fn() -> &'static str,
    /// Its `forward`; none for unsupported modules.
    pub forward: Option<Place>,
    registered: &'static Registered,
}

/// A method that the compiler knows: the entry, an exported method or one with example inputs, or a method that one of
/// these calls.
#[derive(Clone, Debug)]
pub struct Method {
    /// Its name in Rust.
    pub name: &'static str,
    /// Where it stands.
    pub place: Place,
    /// Why the method cannot be scripted; none where TorchScript can express its body. Methods of other modules that it
    /// calls are in these modules' own rows. What depends on types shows only when the module is compiled.
    pub refusal: Option<Refusal>,
    /// Where its example inputs come from.
    pub inputs: Inputs,
}

/// Where a method's example inputs come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inputs {
    /// A function with `#[tracing_inputs]`.
    Function,
    /// `#[tracing_inputs(x = …)]` on the struct.
    Declared,
    /// The fields `irreps_in`, or `irreps_in1` and `irreps_in2`.
    Irreps,
    /// Nowhere in the type: a caller has to give them, by [`trace`](crate::trace).
    Unknown,
}

/// All annotated modules of the program, sorted by type.
pub fn modules() -> Modules {
    let entry = |registered: &'static Registered| Entry {
        info: registered.info,
        type_name: registered.type_name,
        forward: registered.forward,
        registered,
    };
    let mut modules: Vec<Entry> = inventory::iter::<Registered>.into_iter().map(entry).collect();
    modules.sort_by_key(|entry| ((entry.type_name)(), entry.info.place.line, entry.info.place.column));
    Modules(modules)
}

impl Entry {
    /// The methods that the compiler knows; none for unsupported modules.
    pub fn methods(&self) -> Vec<Method> {
        let known = self.block_methods();
        let is_entry = |method: &BlockMethod| matches!(method.name, "forward" | "forward_t");
        let is_root = |method: &BlockMethod| {
            is_entry(method) || method.is_exported || self.inputs_of(method) != Inputs::Unknown
        };
        let mut reached: Vec<&BlockMethod> = known.iter().copied().filter(|it| is_root(it)).collect();
        let mut next = 0;
        while next < reached.len() {
            for callee in called_by(reached[next], &known) {
                if !reached.iter().any(|it| it.name == callee.name) {
                    reached.push(callee);
                }
            }
            next += 1;
        }
        let method = |it: &BlockMethod| Method {
            name: it.name,
            place: it.place,
            refusal: refusal(it, &known, &mut vec![]),
            inputs: self.inputs_of(it),
        };
        let is_supported = self.info.mode != CompileMode::Unsupported;
        reached.into_iter().filter(|_| is_supported).map(method).collect()
    }

    /// The type itself, which its name may not tell from others.
    pub(crate) fn ty(&self) -> RustType {
        (self.registered.ty)()
    }

    fn blocks(&self) -> impl Iterator<Item = &'static Block> {
        let ty = self.ty();
        inventory::iter::<Block>.into_iter().filter(move |it| (it.ty)() == ty)
    }

    /// The methods of all blocks, in the order of the source.
    fn block_methods(&self) -> Vec<&'static BlockMethod> {
        let mut methods: Vec<&BlockMethod> = self.blocks().flat_map(|it| it.methods).collect();
        methods.sort_by_key(|it| (it.place.file, it.place.line, it.place.column));
        methods
    }

    fn inputs_of(&self, method: &BlockMethod) -> Inputs {
        let name = if method.name == "forward_t" { "forward" } else { method.name };
        // The `#[tracing_inputs]` function may stand in another block than the method.
        if self.blocks().any(|it| it.inputs_of.contains(&name)) {
            Inputs::Function
        } else if self.registered.declared.contains(&name) {
            Inputs::Declared
        } else if name == "forward" && self.registered.is_implied {
            Inputs::Irreps
        } else {
            Inputs::Unknown
        }
    }
}

fn called_by<'k>(
    method: &BlockMethod,
    known: &'k [&'static BlockMethod],
) -> impl Iterator<Item = &'k &'static BlockMethod> {
    known.iter().filter(|it| method.calls.contains(&it.name))
}

/// Why the method cannot be scripted: its own reason, or that of a method which it calls.
fn refusal(
    method: &BlockMethod,
    known: &[&'static BlockMethod],
    entered: &mut Vec<&'static str>,
) -> Option<Refusal> {
    if entered.contains(&method.name) {
        return None;
    }
    entered.push(method.name);
    method.refusal.or_else(|| called_by(method, known).find_map(|callee| refusal(callee, known, entered)))
}

impl Deref for Modules {
    type Target = [Entry];

    fn deref(&self) -> &[Entry] {
        &self.0
    }
}

impl IntoIterator for Modules {
    type Item = Entry;
    type IntoIter = std::vec::IntoIter<Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Modules {
    type Item = &'a Entry;
    type IntoIter = std::slice::Iter<'a, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl Display for Entry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) at {}", (self.type_name)(), self.info.mode, self.info.place)
    }
}

impl Display for Inputs {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Inputs::Function => "function",
            Inputs::Declared => "declared",
            Inputs::Irreps => "irreps",
            Inputs::Unknown => "-",
        })
    }
}

/// A struct, as `#[compile_mode]` registers it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Registered {
    pub info: TypeInfo,
    pub type_name: fn() -> &'static str,
    pub ty: fn() -> RustType,
    pub forward: Option<Place>,
    /// The methods whose example inputs the struct declares.
    pub declared: &'static [&'static str],
    /// Whether the struct has the fields of e3nn's rule, such as `irreps_in`.
    pub is_implied: bool,
}

inventory::collect!(Registered);

/// A block of a type, as `#[methods]` registers it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Block {
    pub ty: fn() -> RustType,
    pub methods: &'static [BlockMethod],
    /// The methods whose example inputs a function of the block gives.
    pub inputs_of: &'static [&'static str],
}

inventory::collect!(Block);

/// A method of a block.
#[doc(hidden)]
#[derive(Debug)]
pub struct BlockMethod {
    pub name: &'static str,
    pub place: Place,
    pub is_exported: bool,
    pub refusal: Option<Refusal>,
    /// The methods of the type that it calls.
    pub calls: &'static [&'static str],
}
