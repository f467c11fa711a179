// The C ABI between the Rust runtime and libtorch's JIT: the only place where the two meet.
//
// Conventions, for every function:
// - it is `noexcept`; a failure returns null or false and puts its message into `error`;
// - a returned pointer is owned by the caller and given back to the matching `_free`;
// - a pointer passed in is borrowed for the call, unless its comment says that it is taken;
// - a `tj_value` is a heap-allocated `c10::IValue`, the same thing as torch-sys's `CIValue`, so
//   that both libraries' functions can be used on it;
// - strings are UTF-8 with a length; those going out are pushed through a `tj_sink`.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
namespace c10 {
struct IValue;
}
using tj_value = c10::IValue;
extern "C" {
#else
typedef struct tj_value tj_value;
#endif

typedef struct tj_unit tj_unit;      // shared_ptr<CompilationUnit>
typedef struct tj_class tj_class;    // a module's ClassType and its unit
typedef struct tj_module tj_module;  // torch::jit::Module
typedef struct tj_graph tj_graph;    // shared_ptr<Graph>
typedef struct tj_type tj_type;      // c10::TypePtr, which never changes
typedef struct tj_archive tj_archive;
typedef struct tj_random tj_random;  // a random generator, in use by its thread
typedef struct tj_state tj_state;    // settings of libtorch

typedef struct {
  const char* data;
  size_t len;
} tj_str;

// Receives text; `ctx` belongs to the caller. May be called more than once: text is appended.
typedef struct {
  void* ctx;
  void (*put)(void* ctx, const char* data, size_t len);
} tj_sink;

typedef enum { TJ_PARAMETER = 1, TJ_BUFFER = 2 } tj_member;

// A method of a scripted module, or a function, as the macro emitted it.
typedef struct {
  tj_str name;                // replaces the name in the tree; of a function, its last part
  tj_str tree;                // the encoded Def, see tree.cc
  tj_str source;              // the Rust text that the tree's ranges point into
  tj_str file;                // where that text lies
  uint32_t line;              // the text's first line in the file, from 1
  const tj_type* const* types; // for `$T0`, `$T1`, …
  size_t n_types;
  tj_value* const* constants; // values, for `$C0`, `$C1`, …
  size_t n_constants;
  const tj_str* functions;    // names in the unit, for `$F0`, `$F1`, …
  size_t n_functions;
} tj_method;

// --- unit.cc: one compilation unit per compiled tree -----------------------------------------
// `is_eval_only`: whether what is compiled is for evaluation only, see evaluation.cc.
tj_unit* tj_unit_new(bool is_eval_only, tj_sink error) noexcept;
void tj_unit_free(tj_unit*) noexcept;
// Compiles functions written as TorchScript text, as torch.jit.CompilationUnit(source) does.
bool tj_unit_define(tj_unit*, tj_str source, tj_sink error) noexcept;
tj_value* tj_unit_call(tj_unit*, tj_str name, tj_value* const* args, size_t n_args, tj_sink error) noexcept;

// Declares the function `namespace.name` of the unit; tj_unit_unique_name made both names unique. It is compiled when
// a body that is compiled, or a trace, first calls it.
bool tj_unit_declare_function(tj_unit*, tj_str name_space, const tj_method*, tj_sink error) noexcept;
// Puts `name` or, if the unit has that already, a similar name that it does not have.
void tj_unit_unique_name(tj_unit*, tj_str name, tj_sink out) noexcept;

// A new class for modules; the name is made unique within the unit.
tj_class* tj_class_new(tj_unit*, tj_str qualified_name, tj_sink error) noexcept;
// The class of a module that was compiled or loaded before, for a unit whose modules hold it.
tj_class* tj_class_of(tj_unit*, const tj_module*, tj_sink error) noexcept;
void tj_class_free(tj_class*) noexcept;
bool tj_class_add_tensor(tj_class*, tj_str name, tj_member kind, bool present, tj_sink error) noexcept;
bool tj_class_add_attribute(tj_class*, tj_str name, const tj_type* type, tj_sink error) noexcept;
bool tj_class_add_child(tj_class*, tj_str name, const tj_class* type, tj_sink error) noexcept;
bool tj_class_add_constant(tj_class*, tj_str name, const tj_value*, tj_sink error) noexcept;
// Lets Rust bodies call the member `name` by `field`, the name of its field in Rust.
void tj_class_add_alias(tj_class*, tj_str field, tj_str name) noexcept;
// Notes that an integer is positive in all instances: a member, or a part of a tuple, such as `config.0`.
void tj_class_note_positive(tj_class*, tj_str field) noexcept;
// Lets bodies call the method `name` by `method`, its name where no member has that.
void tj_class_name_method(tj_class*, tj_str method, tj_str name) noexcept;
// Declares methods. Each is compiled when a body that is compiled first calls it.
bool tj_class_declare(tj_class*, const tj_method*, size_t n_methods, tj_sink error) noexcept;
// Compiles a declared method, and what it calls.
bool tj_class_compile(tj_class*, tj_str name, tj_sink error) noexcept;
// Compiles methods written as TorchScript text.
bool tj_class_define_source(tj_class*, tj_str source, tj_sink error) noexcept;
bool tj_class_add_traced(tj_class*, tj_str name, const tj_graph*, tj_sink error) noexcept;
void tj_class_remove_method(tj_class*, tj_str name) noexcept;

// --- trace.cc, graph.cc, generalize.cc ------------------------------------------------------- Runs the traced body.
// `args` are borrowed; returns an owned value, or null after a failure that the caller keeps on its side.
typedef tj_value* (*tj_body)(void* ctx, tj_value* const* args, size_t n_args);

bool tj_is_tracing(void) noexcept;
// Whether the module is one of those that are being traced.
bool tj_trace_knows(const tj_module*) noexcept;

// The parameters and the result of a traced method. A parameter whose type is null is a constant of the
// recorded run; a result whose type is null has the type of the run's.
typedef struct {
  const tj_str* names;
  const tj_type* const* types;
  const tj_type* output;
} tj_signature;

// A place in the user's source.
typedef struct {
  size_t id;      // equal for equal places
  tj_str file;
  tj_str text;    // a few lines of it
  size_t line;    // the number of the first, from 1
  size_t begin;   // the range in the text
  size_t end;
} tj_place;

// What is asked and told while a trace is recorded. The functions must not unwind.
typedef struct {
  void* ctx;
  // Fills in the user's line that is being run, after skipping `skip` of the user's innermost functions; false where
  // that is not known. If null, nodes get no places.
  bool (*locate)(void* ctx, size_t skip, tj_place* place);
  // Called when the operator takes values out of the trace; with an empty name, when a tensor's memory is read.
  void (*leaves)(void* ctx, tj_str op);
  // Whether tch is formatting a tensor in this thread.
  bool (*is_formatting)(void* ctx);
  // Whether values that leave the trace are errors.
  bool forbids;
} tj_watch;

// Records `body`, with the tensors below `self` lifted to its attributes. `args` may be of any structure; the graph's
// inputs are `self` and the parameters. `watch` may be null. `output` gets the run's result, owned. A trace that is
// being recorded in this thread is paused meanwhile.
tj_graph* tj_module_trace(tj_module* self, tj_value* const* args, size_t n_args, const tj_signature*,
                          const tj_watch* watch, tj_body body, void* ctx, tj_value** output,
                          tj_sink error) noexcept;
void tj_graph_free(tj_graph*) noexcept;
// Forgets the shapes that the values had in the recorded run.
void tj_graph_erase_shapes(tj_graph*) noexcept;
// The graph's text and the data of its constants: equal for equal graphs of one class.
void tj_graph_text(const tj_graph*, tj_sink out) noexcept;
// Replaces calls of the method `from` by calls of `to`.
void tj_graph_rename_calls(tj_graph*, tj_str from, tj_str to) noexcept;
// Receives what is found while traces become one. Texts are valid during the call.
typedef struct {
  void* ctx;
  // A size, or a number, of the arguments that differs between the traces.
  void (*free)(void* ctx, tj_str name, tj_str seen);
  // A constant that follows from free sizes and numbers: its place, the operator that takes it, its values in the
  // traces, and the formula in its stead.
  void (*lifted)(void* ctx, tj_str place, tj_str op, tj_str seen, tj_str formula);
  // Called at most once, at the end, if the traces cannot become one.
  void (*refused)(void* ctx, tj_str place, tj_str why);
} tj_generality;
// Makes the first of several traces of one body the graph of all, unless `refused` is called.
bool tj_graphs_generalize(const tj_graph* const* graphs, size_t n, const tj_generality*,
                          tj_sink error) noexcept;
// Receives an operator, or a call, with its constant arguments; the place that called it, empty if not known; and
// whether its result is random.
typedef void (*tj_each_operator)(void* ctx, tj_str text, tj_str place, bool is_random);
// Calls back for each operator, in the order of the graph.
bool tj_graph_operators(const tj_graph*, tj_each_operator, void* ctx, tj_sink error) noexcept;
// While a trace is recorded: records a call of a compiled submodule's method, and runs it, unless it was
// run, with the result `run`, which may be null.
tj_value* tj_trace_call(tj_module*, tj_str method, tj_value* const* args, size_t n_args, const tj_value* run,
                        tj_sink error) noexcept;
// As tj_trace_call, for a function of the unit.
tj_value* tj_trace_call_function(tj_unit*, tj_str name, tj_value* const* args, size_t n_args,
                                 tj_sink error) noexcept;

// --- random.cc -------------------------------------------------------------------------------
// Random numbers of this thread's own, which operators on the CPU draw in place of the process's. They go on from the
// state of those that the thread drew before. Freed in the same thread, the latest first.
tj_random* tj_random_new(tj_sink error) noexcept;
void tj_random_free(tj_random*) noexcept;
// The state of the thread's own random numbers.
tj_value* tj_random_state(tj_sink error) noexcept;
bool tj_random_set_state(const tj_value*, tj_sink error) noexcept;
bool tj_random_seed(uint64_t seed, tj_sink error) noexcept;
// Begins to watch whether the process's random numbers are seeded, and returns what tj_seed_watch_end is given.
tj_value* tj_seed_watch_begin(tj_sink error) noexcept;
// Whether they were seeded meanwhile, in any thread. Ends the watch, and is called once for each.
bool tj_seed_watch_end(const tj_value* watch, bool* is_seeded, tj_sink error) noexcept;

// --- state.cc --------------------------------------------------------------------------------
// The settings of libtorch that user code may change: of this thread (gradients, inference mode, autocast, arithmetic),
// and of the process (default kind, number of threads, deterministic algorithms, backends, warnings).
tj_state* tj_state_save(tj_sink error) noexcept;
// Sets back what differs. Called in the same thread; takes the state, and frees it.
bool tj_state_restore(tj_state*, tj_sink error) noexcept;

// --- observe.cc ------------------------------------------------------------------------------
// Runs `body` eagerly and reports every tensor that an operator read and the run did not make.
// `found` gets an owned at::Tensor* each time, in order of first use, without repetition, and an
// owned copy of its value before the run where it requires no grad, else null.
bool tj_observe(void (*body)(void* ctx), void* ctx, void (*found)(void* ctx, void* tensor, void* before),
                tj_sink error) noexcept;

// --- intercept.cc ----------------------------------------------------------------------------
// Runs `body` until it calls the operator `name`, such as `aten::conv2d`, which throws instead of
// running. Returns its arguments as a tuple, or null where `body` ends without calling it.
tj_value* tj_intercept(tj_str name, void (*body)(void* ctx), void* ctx, tj_sink error) noexcept;

// --- module.cc -------------------------------------------------------------------------------
tj_module* tj_module_new(const tj_class*, tj_sink error) noexcept;
void tj_module_free(tj_module*) noexcept;
tj_module* tj_module_share(const tj_module*) noexcept;  // another handle of the same object
bool tj_module_set(tj_module*, tj_str name, const tj_value*, tj_sink error) noexcept;
bool tj_module_set_child(tj_module*, tj_str name, const tj_module*, tj_sink error) noexcept;
bool tj_module_has_method(const tj_module*, tj_str name) noexcept;
// `optimized` asks for libtorch's profiling executor instead of a plan, see execute.cc.
tj_value* tj_module_call(tj_module*, tj_str method, tj_value* const* args, size_t n_args, bool optimized,
                         tj_sink error) noexcept;
void tj_module_schema(const tj_module*, tj_str method, tj_sink out) noexcept;
typedef void (*tj_each_type)(void* ctx, tj_type* type);  // owned
// The types of a method's arguments, without `self`, then that of its result; false where there is no such method.
bool tj_module_signature(const tj_module*, tj_str method, void* ctx, tj_each_type) noexcept;
bool tj_module_code(const tj_module*, tj_str method, tj_sink out, tj_sink error) noexcept;
bool tj_module_graph(const tj_module*, tj_str method, bool inlined, tj_sink out, tj_sink error) noexcept;
void tj_module_class_name(const tj_module*, tj_sink out) noexcept;
bool tj_same_class(const tj_module*, const tj_module*) noexcept;
void tj_module_train(tj_module*, bool on) noexcept;
bool tj_module_is_training(const tj_module*) noexcept;
// kind: a c10::ScalarType, or negative to leave it.
bool tj_module_to(tj_module*, tj_str device, int kind, tj_sink error) noexcept;
tj_module* tj_module_freeze(const tj_module*, tj_sink error) noexcept;
tj_module* tj_module_optimize_for_inference(const tj_module*, tj_sink error) noexcept;
tj_module* tj_module_deep_copy(const tj_module*, tj_sink error) noexcept;

typedef void (*tj_each_tensor)(void* ctx, tj_str name, void* tensor);  // owned at::Tensor*
typedef void (*tj_each_module)(void* ctx, tj_str name, tj_module* module);  // owned
void tj_module_parameters(const tj_module*, bool recurse, void* ctx, tj_each_tensor) noexcept;
void tj_module_buffers(const tj_module*, bool recurse, void* ctx, tj_each_tensor) noexcept;
void tj_module_children(const tj_module*, void* ctx, tj_each_module) noexcept;
void tj_module_methods(const tj_module*, void* ctx, void (*each)(void* ctx, tj_str name)) noexcept;

bool tj_module_save(const tj_module*, const tj_str* extra_names, const tj_str* extra_contents, size_t n_extra,
                    tj_sink bytes, tj_sink error) noexcept;
// Fails if libtorch cannot read the code of the module in the archive that tj_module_save wrote.
bool tj_module_check_saved(const tj_module*, tj_str bytes, tj_sink error) noexcept;

// --- archive.cc ------------------------------------------------------------------------------
// Such as "2.13.0".
void tj_libtorch_version(tj_sink version) noexcept;
// `bytes` must outlive the archive.
tj_archive* tj_archive_new(tj_str bytes, tj_sink error) noexcept;
void tj_archive_free(tj_archive*) noexcept;
bool tj_archive_records(const tj_archive*, void* ctx, void (*each)(void* ctx, tj_str name, uint64_t size),
                        tj_sink error) noexcept;
bool tj_archive_read(const tj_archive*, tj_str name, tj_sink contents, tj_sink error) noexcept;
// The records must have been checked. `device` may be empty: tensors go to where they were saved from. Code that is
// trusted may call any operator.
tj_module* tj_archive_load(const tj_archive*, tj_str device, bool trusted, tj_sink error) noexcept;

// --- value.cc --------------------------------------------------------------------------------
typedef enum {
  TJ_NONE,
  TJ_TENSOR,
  TJ_FLOAT,
  TJ_INT,
  TJ_BOOL,
  TJ_STRING,
  TJ_DEVICE,
  TJ_TUPLE,
  TJ_LIST,
  TJ_DICT,
  TJ_OTHER
} tj_kind;

tj_value* tj_value_none(void) noexcept;
tj_value* tj_value_tensor(const void* tensor) noexcept;  // shares the at::Tensor
const void* tj_tensor_identity(const void* tensor) noexcept;  // equal for handles of one tensor
// The name of the tensor's device, such as `cpu` or `meta`; nothing for an undefined tensor.
void tj_tensor_device(const void* tensor, tj_sink out) noexcept;
// A text that is equal for tensors that are equal views of the same memory. Those without plain memory, such as sparse
// ones, equal themselves only.
void tj_tensor_view(const void* tensor, tj_sink out) noexcept;
// An owned at::Tensor*: the tensor without the repetitions of an expanded one.
void* tj_tensor_once(const void* tensor, tj_sink error) noexcept;
tj_value* tj_value_float(double) noexcept;
tj_value* tj_value_int(int64_t) noexcept;
tj_value* tj_value_bool(bool) noexcept;
tj_value* tj_value_string(tj_str) noexcept;
tj_value* tj_value_device(tj_str, tj_sink error) noexcept;
tj_value* tj_value_tuple(tj_value* const* elements, size_t n) noexcept;
// The types are those of the elements, as even an empty list has one.
tj_value* tj_value_list(const tj_type* type, tj_value* const* elements, size_t n, tj_sink error) noexcept;
tj_value* tj_value_dict(const tj_type* key_type, const tj_type* value_type, tj_value* const* keys,
                        tj_value* const* values, size_t n, tj_sink error) noexcept;

tj_value* tj_value_clone(const tj_value*) noexcept;
// A deep copy: each tensor within becomes a leaf with its own memory, which requires grad as the original does.
tj_value* tj_value_copy(const tj_value*, tj_sink error) noexcept;
void tj_value_free(tj_value*) noexcept;
tj_kind tj_value_kind(const tj_value*) noexcept;
tj_type* tj_value_type(const tj_value*) noexcept;
// Whether libtorch reads the value as the same one where it is written as a constant of a class.
bool tj_value_is_readable(const tj_value*) noexcept;
// These functions take only a value of that kind.
void* tj_value_to_tensor(const tj_value*) noexcept;  // owned at::Tensor*
double tj_value_to_float(const tj_value*) noexcept;
int64_t tj_value_to_int(const tj_value*) noexcept;
bool tj_value_to_bool(const tj_value*) noexcept;
void tj_value_to_text(const tj_value*, tj_sink out) noexcept;  // a string, or a device's name
// The parts of a container: elements of tuples and lists; of dicts, keys at even and values at odd places.
size_t tj_value_len(const tj_value*) noexcept;
tj_value* tj_value_get(const tj_value*, size_t index) noexcept;

// --- types.cc --------------------------------------------------------------------------------
tj_type* tj_type_share(const tj_type*) noexcept;  // another handle of the same type
void tj_type_free(tj_type*) noexcept;
// The type of values of a kind that has no parts: `none`, `Tensor`, `float`, `int`, `bool`, `str`, `Device`.
tj_type* tj_type_plain(tj_kind) noexcept;
// Stands for the class of a module that is an argument, which the caller decides.
tj_type* tj_type_module(void) noexcept;
tj_type* tj_type_optional(const tj_type*) noexcept;
tj_type* tj_type_list(const tj_type*) noexcept;
tj_type* tj_type_dict(const tj_type* key, const tj_type* value, tj_sink error) noexcept;
tj_type* tj_type_tuple(const tj_type* const* elements, size_t n) noexcept;
tj_type* tj_type_future(const tj_type*) noexcept;
// A tuple with named fields. From now on, TorchScript text knows the type by its name: `name`, or another one where
// `name` stands for other fields already. Of an enum whose variants have fields, the first is the variant's name, and
// the others are options of the fields.
tj_type* tj_type_named_tuple(tj_str name, const tj_str* fields, const tj_type* const* types, size_t n,
                             bool is_enum, tj_sink error) noexcept;
bool tj_type_equal(const tj_type*, const tj_type*) noexcept;
bool tj_type_is_optional(const tj_type*) noexcept;
// The kind of the type's values; of an option, a future and the like TJ_OTHER.
tj_kind tj_type_kind(const tj_type*) noexcept;
// The type as TorchScript writes it, such as `Optional[Tuple[Tensor, int]]`.
void tj_type_text(const tj_type*, tj_sink out) noexcept;
// The type as schemas write it, such as `(Tensor, int)?`.
void tj_type_schema_text(const tj_type*, tj_sink out) noexcept;
// The types that this one is made of: those of a tuple's, a list's or an option's elements, or of a map's keys and
// values.
size_t tj_type_len(const tj_type*) noexcept;
tj_type* tj_type_get(const tj_type*, size_t index) noexcept;
// A value of a type with named fields.
tj_value* tj_value_named_tuple(const tj_type*, tj_value* const* elements, size_t n, tj_sink error) noexcept;

// --- operators.cc ----------------------------------------------------------------------------
void tj_operator_schemas(void* ctx, void (*put)(void* ctx, const char* data, size_t len)) noexcept;
// Every name that a body may call with a `$` before it, except `$T0` and the like: operators of Rust, and forms that
// are decided while compiling. A name that is listed twice is a mistake.
void tj_rust_operators(void* ctx, void (*each)(void* ctx, tj_str name)) noexcept;

#ifdef __cplusplus
}
#endif
