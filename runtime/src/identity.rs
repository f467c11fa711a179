//! What tells Rust types and Rust objects apart: names do not, since two blocks, or two versions of a crate, may each
//! hold a type of one name.

use std::any::{TypeId, type_name};
use std::fmt::{self, Display, Formatter};
use std::hash::{Hash, Hasher};

/// A Rust type, whatever its lifetimes are, with its name for people.
#[derive(Clone, Copy, Debug)]
pub struct RustType {
    id: TypeId,
    name: &'static str,
}

impl RustType {
    /// The type `T`.
    pub fn of<T: ?Sized>() -> RustType {
        RustType::named::<T>(type_name::<T>())
    }

    /// The type `T`, which people know as `name`.
    pub fn named<T: ?Sized>(name: &'static str) -> RustType {
        RustType { id: typeid::of::<T>(), name }
    }

    /// Its name, which other types may have, too.
    pub fn name(self) -> &'static str {
        self.name
    }
}

impl PartialEq for RustType {
    fn eq(&self, other: &RustType) -> bool {
        self.id == other.id
    }
}

impl Eq for RustType {}

impl Hash for RustType {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl Display for RustType {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// A Rust object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Object {
    /// The address; none where the object has no size, and so no identity.
    pub address: Option<usize>,
    /// Its type.
    pub ty: RustType,
}

impl Object {
    /// The object that `it` is.
    pub fn of<T: ?Sized>(it: &T) -> Object {
        Object { address: address(it), ty: RustType::of::<T>() }
    }

    /// The object that `it` is, whose type people know as `name`.
    pub fn named<T: ?Sized>(it: &T, name: &'static str) -> Object {
        Object { address: address(it), ty: RustType::named::<T>(name) }
    }

    /// The object, if it has an identity.
    pub fn identified(self) -> Option<Object> {
        self.address.map(|_| self)
    }
}

fn address<T: ?Sized>(it: &T) -> Option<usize> {
    (size_of_val(it) > 0).then(|| std::ptr::from_ref(it).addr())
}

#[cfg(test)]
mod tests {
    use super::{Object, RustType};

    #[test]
    fn two_types_of_one_name_differ() {
        let (a, b) = (
            {
                struct Pair;
                RustType::of::<Pair>()
            },
            {
                struct Pair;
                RustType::of::<Pair>()
            },
        );
        assert_eq!(a.name(), b.name());
        assert_ne!(a, b);
    }

    #[test]
    fn a_type_is_one_whatever_its_lifetimes_are() {
        fn of<'a>(_: &'a str) -> RustType {
            RustType::of::<&'a str>()
        }
        assert_eq!(of(&String::from("short")), RustType::of::<&'static str>());
    }

    #[test]
    fn what_has_no_size_has_no_identity() {
        assert!(Object::of(&()).identified().is_none());
        assert!(Object::of(&1).identified().is_some());
    }
}
