//! Every annotated module of the program, as `inventory` collected it.
//!
//! Generic structs are not here: they have no single entry. Neither are those of a dependency that
//! the program never names; `use dependency as _;` brings them in.

use std::fmt::{self, Display, Formatter};

use crate::module::TypeInfo;
use crate::place::Place;

/// An annotated module.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// Name, place and mode of the struct.
    pub info: TypeInfo,
    /// The full type.
    pub type_name: fn() -> &'static str,
    /// Its `forward`; none for unsupported modules.
    pub forward: Option<Place>,
}

inventory::collect!(Entry);

/// All modules, sorted by type.
pub fn modules() -> Vec<Entry> {
    let mut modules: Vec<Entry> = inventory::iter::<Entry>.into_iter().copied().collect();
    modules.sort_by_key(|entry| (entry.type_name)());
    modules
}

impl Display for Entry {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}) at {}", (self.type_name)(), self.info.mode, self.info.place)
    }
}
