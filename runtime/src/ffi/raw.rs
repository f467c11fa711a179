//! Declarations of `runtime/shim/shim.h`, in its order. What each function does and who owns
//! what is said there.

use std::ffi::{c_char, c_int, c_void};
use std::marker::PhantomData;

macro_rules! opaque {
    ($($name:ident)*) => {$(
        #[repr(C)]
        pub struct $name {
            _data: [u8; 0],
            _not_send: PhantomData<*mut ()>,
        }
    )*};
}

opaque!(Unit Class Module Graph Type Value Archive Random State);

/// A borrowed string.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Str<'a> {
    data: *const c_char,
    len: usize,
    borrow: PhantomData<&'a str>,
}

impl<'a> Str<'a> {
    pub fn bytes(bytes: &'a [u8]) -> Self {
        Str { data: bytes.as_ptr().cast(), len: bytes.len(), borrow: PhantomData }
    }

    /// The same text, for a reader that knows how long it lives.
    pub fn unbound<'b>(self) -> Str<'b> {
        Str { data: self.data, len: self.len, borrow: PhantomData }
    }

    /// # Safety
    ///
    /// The pointer and length that the shim passed are valid during its callback.
    pub unsafe fn to_vec(self) -> Vec<u8> {
        if self.len == 0 {
            return Vec::new();
        }
        // SAFETY: promised by the caller.
        unsafe { std::slice::from_raw_parts(self.data.cast::<u8>(), self.len) }.to_vec()
    }

    /// # Safety
    ///
    /// As for [`Str::to_vec`].
    pub unsafe fn to_text(self) -> String {
        // SAFETY: promised by the caller.
        String::from_utf8_lossy(&unsafe { self.to_vec() }).into_owned()
    }
}

impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Self {
        Str::bytes(text.as_bytes())
    }
}

pub type Put = unsafe extern "C" fn(ctx: *mut c_void, data: *const c_char, len: usize);

/// A callback that receives bytes, with its context.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Sink {
    pub ctx: *mut c_void,
    pub put: Put,
}

impl Sink {
    /// A sink that appends to `bytes`. It must not be used after `bytes` is gone: no function of the shim keeps a sink
    /// beyond its return.
    pub fn new(bytes: &mut Vec<u8>) -> Sink {
        unsafe extern "C" fn put(ctx: *mut c_void, data: *const c_char, len: usize) {
            if len > 0 {
                // SAFETY: `ctx` is the vector above, `data` is valid for `len` bytes.
                unsafe {
                    let bytes = &mut *ctx.cast::<Vec<u8>>();
                    bytes.extend_from_slice(std::slice::from_raw_parts(data.cast::<u8>(), len));
                }
            }
        }
        Sink { ctx: std::ptr::from_mut(bytes).cast(), put }
    }
}

#[repr(C)]
pub struct Method<'a> {
    pub name: Str<'a>,
    pub tree: Str<'a>,
    pub source: Str<'a>,
    pub file: Str<'a>,
    pub line: u32,
    pub types: Types,
    pub n_types: usize,
    pub constants: *const *mut Value,
    pub n_constants: usize,
    pub functions: *const Str<'a>,
    pub n_functions: usize,
}

pub type Args = *const *mut Value;
pub type Types = *const *const Type;

/// `tj_signature` in C.
#[repr(C)]
pub struct Signature<'a> {
    pub names: *const Str<'a>,
    pub types: Types,
    pub output: *const Type,
}

/// `tj_place` in C.
#[repr(C)]
pub struct Place<'a> {
    pub id: usize,
    pub file: Str<'a>,
    pub text: Str<'a>,
    pub line: usize,
    pub begin: usize,
    pub end: usize,
}

/// `tj_watch` in C.
#[repr(C)]
pub struct Watch {
    pub ctx: *mut c_void,
    pub locate: Option<unsafe extern "C" fn(ctx: *mut c_void, skip: usize, place: *mut Place<'_>) -> bool>,
    pub leaves: unsafe extern "C" fn(ctx: *mut c_void, op: Str<'_>),
    pub is_formatting: unsafe extern "C" fn(ctx: *mut c_void) -> bool,
    pub forbids: bool,
}

/// `tj_generality` in C.
#[repr(C)]
pub struct Generality {
    pub ctx: *mut c_void,
    pub free: unsafe extern "C" fn(ctx: *mut c_void, name: Str<'_>, seen: Str<'_>),
    pub lifted:
        unsafe extern "C" fn(ctx: *mut c_void, place: Str<'_>, op: Str<'_>, seen: Str<'_>, formula: Str<'_>),
    pub refused: unsafe extern "C" fn(ctx: *mut c_void, place: Str<'_>, why: Str<'_>),
}

pub type Body = unsafe extern "C" fn(ctx: *mut c_void, args: Args, n_args: usize) -> *mut Value;
pub type Run = unsafe extern "C" fn(ctx: *mut c_void);
pub type Found = unsafe extern "C" fn(ctx: *mut c_void, tensor: *mut c_void, before: *mut c_void);
pub type EachOperator =
    unsafe extern "C" fn(ctx: *mut c_void, text: Str<'_>, place: Str<'_>, is_random: bool);
pub type EachTensor = unsafe extern "C" fn(ctx: *mut c_void, name: Str<'_>, tensor: *mut c_void);
pub type EachModule = unsafe extern "C" fn(ctx: *mut c_void, name: Str<'_>, module: *mut Module);
pub type EachName = unsafe extern "C" fn(ctx: *mut c_void, name: Str<'_>);
pub type EachType = unsafe extern "C" fn(ctx: *mut c_void, ty: *mut Type);
pub type EachRecord = unsafe extern "C" fn(ctx: *mut c_void, name: Str<'_>, size: u64);

unsafe extern "C" {
    pub fn tj_unit_new(is_eval_only: bool, error: Sink) -> *mut Unit;
    pub fn tj_unit_free(unit: *mut Unit);
    pub fn tj_unit_define(unit: *mut Unit, source: Str<'_>, error: Sink) -> bool;
    pub fn tj_unit_call(unit: *mut Unit, name: Str<'_>, args: Args, n: usize, error: Sink) -> *mut Value;

    pub fn tj_unit_declare_function(
        unit: *mut Unit,
        name_space: Str<'_>,
        function: *const Method<'_>,
        error: Sink,
    ) -> bool;
    pub fn tj_unit_unique_name(unit: *mut Unit, name: Str<'_>, out: Sink);

    pub fn tj_class_new(unit: *mut Unit, name: Str<'_>, error: Sink) -> *mut Class;
    pub fn tj_class_of(unit: *mut Unit, module: *const Module, error: Sink) -> *mut Class;
    pub fn tj_class_free(class: *mut Class);
    pub fn tj_class_add_tensor(
        class: *mut Class,
        name: Str<'_>,
        kind: c_int,
        present: bool,
        error: Sink,
    ) -> bool;
    pub fn tj_class_add_attribute(class: *mut Class, name: Str<'_>, ty: *const Type, error: Sink) -> bool;
    pub fn tj_class_add_child(class: *mut Class, name: Str<'_>, ty: *const Class, error: Sink) -> bool;
    pub fn tj_class_add_constant(class: *mut Class, name: Str<'_>, value: *const Value, error: Sink) -> bool;
    pub fn tj_class_add_alias(class: *mut Class, field: Str<'_>, name: Str<'_>);
    pub fn tj_class_note_positive(class: *mut Class, field: Str<'_>);
    pub fn tj_class_name_method(class: *mut Class, method: Str<'_>, name: Str<'_>);
    pub fn tj_class_declare(class: *mut Class, methods: *const Method<'_>, n: usize, error: Sink) -> bool;
    pub fn tj_class_compile(class: *mut Class, name: Str<'_>, error: Sink) -> bool;
    pub fn tj_class_define_source(class: *mut Class, source: Str<'_>, error: Sink) -> bool;
    pub fn tj_class_add_traced(class: *mut Class, name: Str<'_>, graph: *const Graph, error: Sink) -> bool;

    pub fn tj_is_tracing() -> bool;
    pub fn tj_trace_knows(module: *const Module) -> bool;
    pub fn tj_module_trace(
        module: *mut Module,
        args: Args,
        n_args: usize,
        signature: *const Signature<'_>,
        watch: *const Watch,
        body: Body,
        ctx: *mut c_void,
        output: *mut *mut Value,
        error: Sink,
    ) -> *mut Graph;
    pub fn tj_graph_free(graph: *mut Graph);
    pub fn tj_class_remove_method(class: *mut Class, name: Str<'_>);
    pub fn tj_graph_erase_shapes(graph: *mut Graph);
    pub fn tj_graph_rename_calls(graph: *mut Graph, from: Str<'_>, to: Str<'_>);
    pub fn tj_graphs_generalize(
        graphs: *const *const Graph,
        n: usize,
        found: *const Generality,
        error: Sink,
    ) -> bool;
    pub fn tj_graph_text(graph: *const Graph, out: Sink);
    pub fn tj_graph_operators(
        graph: *const Graph,
        found: EachOperator,
        ctx: *mut c_void,
        error: Sink,
    ) -> bool;
    pub fn tj_trace_call(
        module: *mut Module,
        method: Str<'_>,
        args: Args,
        n: usize,
        run: *const Value,
        error: Sink,
    ) -> *mut Value;
    pub fn tj_trace_call_function(
        unit: *mut Unit,
        name: Str<'_>,
        args: Args,
        n: usize,
        error: Sink,
    ) -> *mut Value;

    pub fn tj_random_new(error: Sink) -> *mut Random;
    pub fn tj_random_free(random: *mut Random);
    pub fn tj_random_state(error: Sink) -> *mut Value;
    pub fn tj_random_set_state(state: *const Value, error: Sink) -> bool;
    pub fn tj_random_seed(seed: u64, error: Sink) -> bool;
    pub fn tj_seed_watch_begin(error: Sink) -> *mut Value;
    pub fn tj_seed_watch_end(watch: *const Value, is_seeded: *mut bool, error: Sink) -> bool;

    pub fn tj_state_save(error: Sink) -> *mut State;
    pub fn tj_state_restore(state: *mut State, error: Sink) -> bool;

    pub fn tj_observe(body: Run, ctx: *mut c_void, found: Found, error: Sink) -> bool;
    pub fn tj_intercept(name: Str<'_>, body: Run, ctx: *mut c_void, error: Sink) -> *mut Value;

    pub fn tj_module_new(class: *const Class, error: Sink) -> *mut Module;
    pub fn tj_module_free(module: *mut Module);
    pub fn tj_module_share(module: *const Module) -> *mut Module;
    pub fn tj_module_set(module: *mut Module, name: Str<'_>, value: *const Value, error: Sink) -> bool;
    pub fn tj_module_set_child(module: *mut Module, name: Str<'_>, child: *const Module, error: Sink)
    -> bool;
    pub fn tj_module_has_method(module: *const Module, name: Str<'_>) -> bool;
    pub fn tj_module_call(
        module: *mut Module,
        method: Str<'_>,
        args: Args,
        n: usize,
        optimized: bool,
        error: Sink,
    ) -> *mut Value;
    pub fn tj_module_schema(module: *const Module, method: Str<'_>, out: Sink);
    pub fn tj_module_signature(
        module: *const Module,
        method: Str<'_>,
        ctx: *mut c_void,
        each: EachType,
    ) -> bool;
    pub fn tj_module_code(module: *const Module, method: Str<'_>, out: Sink, error: Sink) -> bool;
    pub fn tj_module_graph(
        module: *const Module,
        method: Str<'_>,
        inlined: bool,
        out: Sink,
        error: Sink,
    ) -> bool;
    pub fn tj_module_class_name(module: *const Module, out: Sink);
    pub fn tj_same_class(a: *const Module, b: *const Module) -> bool;
    pub fn tj_module_train(module: *mut Module, on: bool);
    pub fn tj_module_is_training(module: *const Module) -> bool;
    pub fn tj_module_to(module: *mut Module, device: Str<'_>, kind: c_int, error: Sink) -> bool;
    pub fn tj_module_freeze(module: *const Module, error: Sink) -> *mut Module;
    pub fn tj_module_optimize_for_inference(module: *const Module, error: Sink) -> *mut Module;
    pub fn tj_module_deep_copy(module: *const Module, error: Sink) -> *mut Module;
    pub fn tj_module_parameters(module: *const Module, recurse: bool, ctx: *mut c_void, each: EachTensor);
    pub fn tj_module_buffers(module: *const Module, recurse: bool, ctx: *mut c_void, each: EachTensor);
    pub fn tj_module_children(module: *const Module, ctx: *mut c_void, each: EachModule);
    pub fn tj_module_methods(module: *const Module, ctx: *mut c_void, each: EachName);
    pub fn tj_module_save(
        module: *const Module,
        names: *const Str<'_>,
        contents: *const Str<'_>,
        n: usize,
        bytes: Sink,
        error: Sink,
    ) -> bool;
    pub fn tj_module_check_saved(module: *const Module, bytes: Str<'_>, error: Sink) -> bool;

    pub fn tj_archive_new(bytes: Str<'_>, error: Sink) -> *mut Archive;
    pub fn tj_archive_free(archive: *mut Archive);
    pub fn tj_archive_records(
        archive: *const Archive,
        ctx: *mut c_void,
        each: EachRecord,
        error: Sink,
    ) -> bool;
    pub fn tj_archive_read(archive: *const Archive, name: Str<'_>, contents: Sink, error: Sink) -> bool;
    pub fn tj_archive_load(
        archive: *const Archive,
        device: Str<'_>,
        trusted: bool,
        error: Sink,
    ) -> *mut Module;

    pub fn tj_value_none() -> *mut Value;
    pub fn tj_value_tensor(tensor: *const c_void) -> *mut Value;
    pub fn tj_tensor_identity(tensor: *const c_void) -> *const c_void;
    pub fn tj_tensor_device(tensor: *const c_void, out: Sink);
    pub fn tj_tensor_view(tensor: *const c_void, out: Sink);
    pub fn tj_tensor_once(tensor: *const c_void, error: Sink) -> *mut c_void;
    pub fn tj_value_float(value: f64) -> *mut Value;
    pub fn tj_value_int(value: i64) -> *mut Value;
    pub fn tj_value_bool(value: bool) -> *mut Value;
    pub fn tj_value_string(value: Str<'_>) -> *mut Value;
    pub fn tj_value_device(value: Str<'_>, error: Sink) -> *mut Value;
    pub fn tj_value_tuple(elements: Args, n: usize) -> *mut Value;
    pub fn tj_value_list(ty: *const Type, elements: Args, n: usize, error: Sink) -> *mut Value;
    pub fn tj_value_dict(
        key_ty: *const Type,
        value_ty: *const Type,
        keys: Args,
        values: Args,
        n: usize,
        error: Sink,
    ) -> *mut Value;
    pub fn tj_value_clone(value: *const Value) -> *mut Value;
    pub fn tj_value_copy(value: *const Value, error: Sink) -> *mut Value;
    pub fn tj_value_free(value: *mut Value);
    pub fn tj_value_kind(value: *const Value) -> c_int;
    pub fn tj_value_type(value: *const Value) -> *mut Type;
    pub fn tj_value_is_readable(value: *const Value) -> bool;
    pub fn tj_value_to_tensor(value: *const Value) -> *mut c_void;
    pub fn tj_value_to_float(value: *const Value) -> f64;
    pub fn tj_value_to_int(value: *const Value) -> i64;
    pub fn tj_value_to_bool(value: *const Value) -> bool;
    pub fn tj_value_to_text(value: *const Value, out: Sink);
    pub fn tj_value_len(value: *const Value) -> usize;
    pub fn tj_value_get(value: *const Value, index: usize) -> *mut Value;

    pub fn tj_type_share(ty: *const Type) -> *mut Type;
    pub fn tj_type_free(ty: *mut Type);
    pub fn tj_type_module() -> *mut Type;
    pub fn tj_type_plain(kind: c_int) -> *mut Type;
    pub fn tj_type_optional(ty: *const Type) -> *mut Type;
    pub fn tj_type_list(ty: *const Type) -> *mut Type;
    pub fn tj_type_dict(key: *const Type, value: *const Type, error: Sink) -> *mut Type;
    pub fn tj_type_tuple(elements: Types, n: usize) -> *mut Type;
    pub fn tj_type_future(ty: *const Type) -> *mut Type;
    pub fn tj_type_named_tuple(
        name: Str<'_>,
        fields: *const Str<'_>,
        types: Types,
        n: usize,
        is_enum: bool,
        error: Sink,
    ) -> *mut Type;
    pub fn tj_type_equal(a: *const Type, b: *const Type) -> bool;
    pub fn tj_type_is_optional(ty: *const Type) -> bool;
    pub fn tj_type_kind(ty: *const Type) -> c_int;
    pub fn tj_type_text(ty: *const Type, out: Sink);
    pub fn tj_type_schema_text(ty: *const Type, out: Sink);
    pub fn tj_type_len(ty: *const Type) -> usize;
    pub fn tj_type_get(ty: *const Type, index: usize) -> *mut Type;
    pub fn tj_value_named_tuple(ty: *const Type, elements: Args, n: usize, error: Sink) -> *mut Value;

    pub fn tj_libtorch_version(version: Sink);
    pub fn tj_operator_schemas(ctx: *mut c_void, put: Put);
    pub fn tj_rust_operators(ctx: *mut c_void, each: EachName);
}
