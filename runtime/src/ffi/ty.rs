//! `c10::TypePtr`: a type of TorchScript.

use std::ffi::{c_int, c_void};
use std::fmt::{self, Debug, Display, Formatter};
use std::ptr::NonNull;

use super::value::Kind;
use super::{Failure, handle, raw, text};

/// A type of TorchScript, as libtorch has it. Two are equal if libtorch says so.
pub struct Type(pub(super) NonNull<raw::Type>);

// SAFETY: a type never changes, and its pointer is counted atomically.
unsafe impl Send for Type {}
// SAFETY: as above.
unsafe impl Sync for Type {}

impl Type {
    pub(super) fn owned(pointer: *mut raw::Type) -> Type {
        Type(NonNull::new(pointer).expect("the shim's constructors of types return one"))
    }

    fn plain(kind: Kind) -> Type {
        // SAFETY: no preconditions.
        Type::owned(unsafe { raw::tj_type_plain(kind as c_int) })
    }

    pub fn none() -> Type {
        Type::plain(Kind::None)
    }

    pub fn tensor() -> Type {
        Type::plain(Kind::Tensor)
    }

    pub fn float() -> Type {
        Type::plain(Kind::Float)
    }

    pub fn int() -> Type {
        Type::plain(Kind::Int)
    }

    pub fn bool() -> Type {
        Type::plain(Kind::Bool)
    }

    pub fn string() -> Type {
        Type::plain(Kind::String)
    }

    /// Stands for the class of a module that is an argument of a scripted method, which the caller decides.
    pub fn module() -> Type {
        // SAFETY: no preconditions.
        Type::owned(unsafe { raw::tj_type_module() })
    }

    pub fn device() -> Type {
        Type::plain(Kind::Device)
    }

    pub fn optional(&self) -> Type {
        // SAFETY: the type is alive.
        Type::owned(unsafe { raw::tj_type_optional(self.0.as_ptr()) })
    }

    pub fn list(&self) -> Type {
        // SAFETY: the type is alive.
        Type::owned(unsafe { raw::tj_type_list(self.0.as_ptr()) })
    }

    pub fn future(&self) -> Type {
        // SAFETY: the type is alive.
        Type::owned(unsafe { raw::tj_type_future(self.0.as_ptr()) })
    }

    /// `Dict[key, value]`. Keys can be text, numbers, `bool`, devices or tensors.
    pub fn dict(key: &Type, value: &Type) -> Result<Type, Failure> {
        // SAFETY: both types are alive.
        handle(|error| unsafe { raw::tj_type_dict(key.0.as_ptr(), value.0.as_ptr(), error) }).map(Type)
    }

    pub fn tuple(elements: &[Type]) -> Type {
        let elements = pointers(elements);
        // SAFETY: the types are alive.
        Type::owned(unsafe { raw::tj_type_tuple(elements.as_ptr(), elements.len()) })
    }

    /// A tuple with named fields. From now on, TorchScript text knows the type by its name: `name`, or another one
    /// where `name` stands for other fields already.
    pub fn named_tuple(name: &str, fields: &[&str], types: &[Type]) -> Result<Type, Failure> {
        Self::with_fields(name, fields, types, false)
    }

    /// A named tuple for an enum whose variants have fields: the variant's name, and options of the fields of each.
    pub fn variants(name: &str, fields: &[&str], types: &[Type]) -> Result<Type, Failure> {
        Self::with_fields(name, fields, types, true)
    }

    fn with_fields(name: &str, fields: &[&str], types: &[Type], is_enum: bool) -> Result<Type, Failure> {
        assert_eq!(fields.len(), types.len(), "a type for each field");
        let fields: Vec<raw::Str<'_>> = fields.iter().map(|&field| field.into()).collect();
        let types = pointers(types);
        // SAFETY: both arrays have the same length, and the types are alive.
        handle(|error| unsafe {
            let n = fields.len();
            raw::tj_type_named_tuple(name.into(), fields.as_ptr(), types.as_ptr(), n, is_enum, error)
        })
        .map(Type)
    }

    pub fn is_optional(&self) -> bool {
        // SAFETY: the type is alive.
        unsafe { raw::tj_type_is_optional(self.0.as_ptr()) }
    }

    /// The kind of the type's values; of an option and the like [`Kind::Other`].
    pub fn kind(&self) -> Kind {
        // SAFETY: the type is alive.
        Kind::of(unsafe { raw::tj_type_kind(self.0.as_ptr()) })
    }

    /// As schemas write it, such as `(Tensor, int)?`.
    pub fn schema_text(&self) -> String {
        // SAFETY: the type is alive.
        text(|out| unsafe { raw::tj_type_schema_text(self.0.as_ptr(), out) })
    }

    /// The types that this one is made of: those of a tuple's, a list's or an option's elements, or of a map's keys and
    /// values.
    pub fn elements(&self) -> Vec<Type> {
        // SAFETY: the type is alive, and the index is below its length.
        unsafe {
            let len = raw::tj_type_len(self.0.as_ptr());
            (0..len).map(|i| Type::owned(raw::tj_type_get(self.0.as_ptr(), i))).collect()
        }
    }
}

/// Pointers to borrowed types, as the shim takes them.
pub(super) fn pointers(types: &[Type]) -> Vec<*const raw::Type> {
    types.iter().map(|ty| ty.0.as_ptr().cast_const()).collect()
}

/// The types that `f` hands out.
pub(super) fn collect<R>(f: impl FnOnce(*mut c_void, raw::EachType) -> R) -> (Vec<Type>, R) {
    unsafe extern "C" fn each(ctx: *mut c_void, ty: *mut raw::Type) {
        // SAFETY: `ctx` is the list below, and the type is owned.
        unsafe { (*ctx.cast::<Vec<Type>>()).extend(NonNull::new(ty).map(Type)) }
    }
    let mut types: Vec<Type> = vec![];
    let result = f(std::ptr::from_mut(&mut types).cast(), each);
    (types, result)
}

/// As TorchScript writes it, such as `Optional[Tuple[Tensor, int]]`.
impl Display for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // SAFETY: the type is alive.
        f.write_str(&text(|out| unsafe { raw::tj_type_text(self.0.as_ptr(), out) }))
    }
}

impl Debug for Type {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Display::fmt(self, f)
    }
}

impl PartialEq for Type {
    fn eq(&self, other: &Type) -> bool {
        // SAFETY: both types are alive.
        unsafe { raw::tj_type_equal(self.0.as_ptr(), other.0.as_ptr()) }
    }
}

impl Eq for Type {}

impl Clone for Type {
    fn clone(&self) -> Self {
        // SAFETY: the type is alive; the shim returns another owned handle.
        Type::owned(unsafe { raw::tj_type_share(self.0.as_ptr()) })
    }
}

impl Drop for Type {
    fn drop(&mut self) {
        // SAFETY: the handle is owned, and freed once.
        unsafe { raw::tj_type_free(self.0.as_ptr()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Type};

    #[test]
    fn types_are_what_they_are_made_of() {
        let pair = Type::tuple(&[Type::tensor(), Type::int().list()]).optional();
        assert_eq!(pair.to_string(), "Optional[Tuple[Tensor, List[int]]]");
        assert!(pair.is_optional() && pair.kind() == Kind::Other);
        let [tuple] = &pair.elements()[..] else { panic!("an option holds one type") };
        assert_eq!((tuple.kind(), tuple.elements().len()), (Kind::Tuple, 2));
        assert_eq!(*tuple, Type::tuple(&[Type::tensor(), Type::int().list()]));
        assert_ne!(*tuple, Type::tuple(&[Type::tensor(), Type::float().list()]));
        let map = Type::dict(&Type::string(), &Type::bool()).unwrap();
        assert_eq!((map.to_string().as_str(), map.kind()), ("Dict[str, bool]", Kind::Dict));
    }

    #[test]
    fn a_map_has_keys_that_libtorch_can_compare() {
        assert!(Type::dict(&Type::int().list(), &Type::int()).is_err());
    }

    #[test]
    fn a_name_stands_for_one_set_of_fields() {
        let of = |ty: Type| Type::named_tuple("__torch__.ty.Pair", &["a", "b"], &[Type::int(), ty]).unwrap();
        let (ints, again, floats) = (of(Type::int()), of(Type::int()), of(Type::float()));
        assert_eq!(ints, again);
        assert_ne!(ints, floats);
        assert_eq!(
            (ints.to_string(), floats.to_string()),
            ("__torch__.ty.Pair".into(), "__torch__.ty.Pair_1".into())
        );
    }
}
