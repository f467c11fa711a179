//! Scripted code as the macros emit it: methods and functions with their syntax trees, or the reason why one has none;
//! and [`MethodDefs`], which collects all that one entry needs.

use std::any::Any;
use std::collections::HashSet;

use tch::nn::{GRU, LSTM};

pub use crate::ffi::MethodDef;
use crate::ffi::Value;
use crate::identity::RustType;
use crate::model::method::RustMethod;
use crate::model::node::Members;
use crate::place::Place;
use crate::types::ScriptType;

/// Why a method or a function cannot be scripted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The Rust name of the method or function.
    pub method: &'static str,
    /// What TorchScript cannot express.
    pub message: &'static str,
    /// The way out.
    pub help: &'static str,
    /// The offending expression.
    pub place: Place,
}

/// The methods and functions that an entry needs. They depend on types alone, not on values.
#[derive(Debug, Default)]
pub struct MethodDefs {
    entered: HashSet<(RustType, &'static str)>,
    /// The methods and functions that are entered and not yet added, outermost first.
    active: Vec<(RustType, &'static str)>,
    /// The first of these that belongs to the module at work, not to its parents.
    first: usize,
    /// The methods that no other one was adding when they were asked for: the entry, and exported ones.
    roots: HashSet<(RustType, &'static str)>,
    /// The methods of the entry's type and of its children's, by type, callees first.
    pub methods: Vec<(RustType, MethodDef)>,
    /// The functions, by their companions, callees first.
    pub functions: Vec<(RustType, MethodDef)>,
    /// Why the entry cannot be scripted: the first reason.
    pub refusal: Option<Refusal>,
}

impl MethodDefs {
    /// Begins to add `T`'s method `rust_name`; false where it was entered before. A method that is entered within
    /// itself is refused, as TorchScript has no recursion.
    pub fn enter<T: ?Sized>(&mut self, rust_name: &'static str, place: Place) -> bool {
        let key = (RustType::of::<T>(), rust_name);
        if self.active.is_empty() {
            self.roots.insert(key);
        }
        if self.entered.insert(key) {
            self.active.push(key);
            return true;
        }
        if self.active[self.first..].contains(&key) {
            self.refuse(Refusal {
                method: rust_name,
                message: "it calls itself, and TorchScript has no recursion",
                help: "write a loop",
                place,
            });
        }
        false
    }

    /// Runs `f`, which adds a method of a child. The child may be of the same type, and is another module: to call a
    /// method of it is no recursion.
    pub fn of_child<R>(&mut self, f: impl FnOnce(&mut Self) -> R) -> R {
        let outer = std::mem::replace(&mut self.first, self.active.len());
        let result = f(self);
        self.first = outer;
        result
    }

    /// Whether the method, of the type `ty`, is compiled although no other one calls it.
    pub fn is_root(&self, ty: RustType, def: &MethodDef) -> bool {
        self.roots.contains(&(ty, def.rust_name))
    }

    /// Adds a method of `T`.
    pub fn add<T: ?Sized>(&mut self, def: MethodDef) {
        self.active.pop();
        self.methods.push((RustType::of::<T>(), def));
    }

    /// Adds the function with this companion.
    pub fn add_function(&mut self, companion: RustType, def: MethodDef) {
        self.active.pop();
        self.functions.push((companion, def));
    }

    /// Notes why a method or a function cannot be scripted; the first reason counts.
    pub fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }

    /// The value of a constant that the body names, at `place`.
    pub fn constant(&mut self, constant: &dyn Constant, place: Place) -> Value {
        if !constant.is_exact() {
            let method = self.active.last().map_or("forward", |(_, name)| name);
            self.refuse(Refusal {
                method,
                message: "TorchScript has no integers above 2^63 - 1",
                help: "write `i64::MAX as usize` for the largest one",
                place,
            });
        }
        constant.constant()
    }

    /// Notes a call of a method of `T` that no `#[methods]` block holds. Methods of tch's recurrent layers need no
    /// block.
    pub fn refuse_call<T: ?Sized>(&mut self, refusal: Refusal) {
        if [RustType::of::<LSTM>(), RustType::of::<GRU>()].contains(&RustType::of::<T>()) {
            return;
        }
        let name = std::any::type_name::<T>();
        let is_foreign = !name.contains("::")
            || ["tch::", "std::", "core::", "alloc::", "&", "[", "("].iter().any(|it| name.starts_with(it));
        let help = match is_foreign {
            true => {
                "call it outside of the module and pass what it gives as an argument; or if it is a method of your own \
                 trait, put `#[methods]` on the impl of that for this type"
            }
            false => refusal.help,
        };
        self.refuse(Refusal { help, ..refusal });
    }
}

/// The companion of a `#[script]` function, which has its name and holds its definition.
#[diagnostic::on_unimplemented(
    message = "this function is called in a scripted body, and has no `#[script]`",
    label = "no `#[script]` on this function",
    note = "help: put `#[script]` on the function; of one in another crate, write what it computes in a function of your own"
)]
pub trait ScriptFunction {
    /// Adds the function and what it calls; returns the companion's type, which stands for it in
    /// [`MethodDef::functions`].
    fn define(defs: &mut MethodDefs) -> RustType;
}

/// What a `#[methods]` block without the entry adds to a module of its type; nothing to modules of other types.
#[derive(Debug)]
pub struct Elsewhere {
    /// Adds the exported methods.
    pub define: fn(&dyn Any, &mut MethodDefs),
    /// The methods that can be traced.
    pub methods: for<'m> fn(&'m dyn Any) -> Vec<RustMethod<'m>>,
    /// Adds the functions that bodies call as values.
    pub function_values: for<'m> fn(&'m dyn Any, &mut Members<'m>),
}

inventory::collect!(Elsewhere);

/// What a scripted body can name as a constant: a value, or a variant of an enum of modules.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a type of TorchScript",
    label = "not a type of TorchScript",
    note = "help: tensors, numbers of up to 64 bits, `bool`, `String`, `Device`, and `Vec`, `Option`, tuples and maps of these are; put `#[derive(ScriptType)]` on a struct or an enum of them"
)]
pub trait Constant {
    /// The value in TorchScript; that of a variant is its name.
    fn constant(&self) -> Value;

    /// Whether TorchScript has the value.
    fn is_exact(&self) -> bool {
        true
    }
}

#[diagnostic::do_not_recommend]
impl<T: ScriptType> Constant for T {
    fn constant(&self) -> Value {
        self.to_value()
    }

    fn is_exact(&self) -> bool {
        ScriptType::is_exact(self)
    }
}

/// The value of an example, as generated code asks for it.
pub fn value(value: &dyn Constant) -> Value {
    value.constant()
}
