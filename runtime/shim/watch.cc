// Stage: watches a trace while it is recorded. In: the operators and errors of the thread. Out: reports of values that
// leave the trace, constants for tensors that Rust fills, places for nodes.
//
// Values leave a trace in two ways. Operators such as `item` return them: kernels at the Tracer key, which only a
// traced call reaches, report that. And tch copies the memory of tensors, without any operator. So between operators,
// the memory of tensors that the trace has made is locked against reads, by a lock that libtorch has for tensors whose
// memory is elsewhere. Both fail in the thread that traces and, for the memory, in any other.
//
// tch holds a lock while it formats a tensor, and a failure would poison it for the whole process. So where tch
// formats, reads are reported and go through.
//
// A tensor that tch makes of Rust's data is recorded as `zeros`, whose memory tch then fills. The watch makes it a
// constant.

#include "watch.h"

#include <array>
#include <unordered_map>
#include <unordered_set>

#include <dlfcn.h>
#include <execinfo.h>

#include <ATen/ops/allclose_ops.h>
#include <ATen/ops/equal_ops.h>
#include <ATen/ops/is_nonzero_ops.h>
#include <ATen/ops/item_ops.h>
#include <ATen/record_function.h>
#include <c10/util/Backtrace.h>
#include <c10/util/Logging.h>
#include <c10/util/ScopeExit.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/library.h>

#include "structure.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using c10::StorageImpl;
using WeakTensor = c10::weak_intrusive_ptr<c10::TensorImpl, c10::UndefinedTensorImpl>;

constexpr const char* MEMORY_READ = "data leaves the trace: the values of a tensor are read";

struct Watcher {
  explicit Watcher(const tj_watch& by) : watch(by) {}
  static StorageImpl* storage_of(const at::Tensor& tensor) {
    return tensor.has_storage() ? tensor.storage().unsafeGetStorageImpl() : nullptr;
  }

  void lock(StorageImpl* storage) {
    if (watch.forbids && !is_formatting)
      storage->release_data_and_set_meta_custom_data_ptr_error_msg_(MEMORY_READ);
  }

  // Called before each operator: tch calls one before it reads what it formats.
  void look_for_formatting() {
    bool was_formatting = std::exchange(is_formatting, watch.is_formatting(watch.ctx));
    if (is_formatting) watch.leaves(watch.ctx, {});
    if (was_formatting == is_formatting) return;
    for (auto& [storage, weak] : own) {
      auto alive = weak.lock();
      if (!alive) continue;
      if (is_formatting) {
        storage->clear_data_ptr_access_error_msg_();
      } else {
        lock(storage);
      }
    }
  }

  // Called before an operator reads its inputs: unlocks those that the trace has made.
  void start(const at::RecordFunction& f) {
    look_for_formatting();
    settle();
    open.clear();
    foreign.clear();
    for (const auto& input : f.inputs()) {
      for_each_tensor(input, [&](const at::Tensor& tensor) {
        StorageImpl* storage = storage_of(tensor);
        if (!storage) return;
        if (own.count(storage)) {
          storage->clear_data_ptr_access_error_msg_();
          open.insert(storage);
        } else {
          foreign.insert(storage);
        }
      });
    }
  }

  void end(const at::RecordFunction& f) {
    if (!tracer::isTracing()) return;
    bool may_be_filled = std::string_view(f.name()) == "aten::zeros";
    for (const auto& output : f.outputs()) {
      for_each_tensor(output, [&](const at::Tensor& tensor) {
        if (may_be_filled && tensor.is_cpu() && tensor.has_storage()) {
          filled.emplace_back(tensor.getIntrusivePtr());
          return;
        }
        adopt(tensor);
      });
    }
    for (StorageImpl* storage : open) lock(storage);
  }

  // Takes the tensor for one that the trace has made, and locks it, unless it is a view of other memory.
  void adopt(const at::Tensor& tensor) {
    StorageImpl* storage = storage_of(tensor);
    if (!storage || foreign.count(storage)) return;
    own.insert_or_assign(storage,
                         c10::weak_intrusive_ptr<StorageImpl>(tensor.storage().getWeakStorageImpl()));
    lock(storage);
  }

  void settle() {
    for (const WeakTensor& weak : std::exchange(filled, {})) {
      auto alive = weak.lock();
      if (!alive) continue;
      const at::Tensor tensor(std::move(alive));
      auto* bytes = static_cast<const char*>(tensor.storage().data());
      bool is_filled =
          bytes && std::any_of(bytes, bytes + tensor.storage().nbytes(), [](char byte) { return byte != 0; });
      // A copy of the pointer: the function returns a reference to the thread's own, which changes where tracing
      // pauses.
      auto state = tracer::getTracingState();  // NOLINT(performance-unnecessary-copy-initialization)
      if (is_filled && state && state->hasValue(tensor)) {
        at::Tensor data;
        {
          auto resume = c10::make_scope_exit(tracer::pauseTracing());
          data = tensor.clone();
        }
        Value* zeros = state->getValue(tensor);
        WithInsertPoint before(zeros->node());
        Value* constant = state->graph->insertConstant(data);
        constant->node()->setSourceRange(zeros->node()->sourceRange());
        zeros->replaceAllUsesWith(constant);
        state->setValue(tensor, constant);
      }
      adopt(tensor);
    }
  }

  const tj_watch& watch;
  int depth = 0;
  bool is_formatting = false;
  // The memory of tensors that the traces have made, and the part of it that the running operator may touch.
  std::unordered_map<StorageImpl*, c10::weak_intrusive_ptr<StorageImpl>> own;
  std::unordered_set<StorageImpl*> open;
  // Other memory that the running operator reads.
  std::unordered_set<StorageImpl*> foreign;
  // Results of the last operator, if that was `zeros`. Strong references would make libtorch copy them.
  std::vector<WeakTensor> filled;
  std::unordered_map<size_t, SourceRange> places;
  at::CallbackHandle handle = 0;
};

// The callbacks are plain function pointers, so their state is a thread-local.
thread_local Watcher* current = nullptr;

// What is known of an operator while it runs.
struct Running : at::ObserverContext {
  explicit Running(std::shared_ptr<tracer::TracingState> trace)
      : state(std::move(trace)), before(state->graph->insertPoint()->prev()) {}
  // The trace that the operator is recorded in, and the last node before it.
  std::shared_ptr<tracer::TracingState> state;
  Node* before;
};

// Takes an operator that threw out of its trace. libtorch records most operators by ending the trace, running the
// operator, and setting the trace up again; one that throws leaves the thread without a trace, and a node without
// results. Others (`copy_`) are whole nodes before they run. The operators that one is made of are undone by themselves.
void undo(const at::RecordFunction& f, const Running& running) {
  if (!tracer::isTracing()) tracer::setTracingState(running.state);
  Node* last = running.state->graph->insertPoint()->prev();
  if (last == running.before) return;
  if (last->outputs().empty() || last->kind() == Symbol::fromQualString(f.name())) last->destroy();
}

bool has_failed(const at::RecordFunction& f) {
  auto schema = f.operator_schema();
  return !tracer::isTracing() || (schema && !schema->returns().empty() && f.outputs().empty());
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& f) {
  if (!current) return nullptr;
  if (current->depth++ == 0) current->start(f);
  return tracer::isTracing() ? std::make_unique<Running>(tracer::getTracingState()) : nullptr;
}

// Called when an operator returns, and when it throws: before anybody can handle its exception.
void on_end(const at::RecordFunction& f, at::ObserverContext* context) {
  if (!current) return;
  auto* running = static_cast<Running*>(context);
  if (running && has_failed(f)) undo(f, *running);
  if (--current->depth == 0) current->end(f);
}

void locate(Node* node) {
  if (auto place = current_place(/*skip=*/0)) node->setSourceRange(*place);
}

// Stands in for an operator that returns a tensor's values: reports the call, then fails if the watch forbids it, else
// makes it.
template <class Op, class R, class... Args>
R leaving(Args... args) {
  if (current && current->depth <= 1 && !current->is_formatting) {
    current->watch.leaves(current->watch.ctx, {Op::name, std::string_view(Op::name).size()});
    TORCH_CHECK(!current->watch.forbids, "data leaves the trace: `", Op::name, "`");
  }
  c10::impl::ExcludeDispatchKeyGuard below(c10::DispatchKey::Tracer);
  return Op::call(args...);
}

// Whether the error that libtorch is making is that of a read of locked memory: whether the function that says so is
// on the stack. The error itself is not known here.
bool is_memory_read() {
  std::array<void*, 24> frames{};
  const int n = backtrace(frames.data(), frames.size());
  for (int i = 0; i < n; i++) {
    Dl_info info{};
    bool is_known = dladdr(frames[i], &info) && info.dli_sname;
    if (is_known &&
        std::string_view(info.dli_sname).find("throw_data_ptr_access_error") != std::string_view::npos)
      return true;
  }
  return false;
}

// Called when libtorch makes an error. In a traced body, between operators, a read of locked memory is reported at
// once: the code that reads may swallow the error, as tch's `==` does.
c10::Backtrace on_error() {
  bool is_users = current && current->depth == 0;
  if (is_users && current->watch.forbids && tracer::isTracing() && is_memory_read()) {
    current->watch.leaves(current->watch.ctx, {});
  }
  return c10::get_lazy_backtrace(/*frames_to_skip=*/2, /*maximum_number_of_frames=*/64,
                                 /*skip_python_frames=*/true);
}

struct Quiet : c10::WarningHandler {
  void process(const c10::Warning&) override {}
};

// Installs the kernels once, on first use, and never takes them back: they change nothing for traces that are not
// watched.
void install() {
  static const auto* installed = [] {
    // libtorch would warn of the kernels that are replaced.
    Quiet quiet;
    c10::WarningUtils::WarningHandlerGuard guard(&quiet);
    using T = const at::Tensor&;
    namespace ops = at::_ops;
    auto* library =
        new torch::Library(torch::Library::IMPL, "aten", c10::DispatchKey::Tracer, __FILE__, __LINE__);
    library->impl("item", TORCH_FN((leaving<ops::item, at::Scalar, T>)));
    library->impl("is_nonzero", TORCH_FN((leaving<ops::is_nonzero, bool, T>)));
    library->impl("equal", TORCH_FN((leaving<ops::equal, bool, T, T>)));
    library->impl("allclose", TORCH_FN((leaving<ops::allclose, bool, T, T, double, double, bool>)));
    tracer::setRecordSourceLocation(locate);
    c10::SetStackTraceFetcher(std::function<c10::Backtrace()>(on_error));
    return library;
  }();
  (void)installed;
}

template <class F>
void for_each_own(F f) {
  if (!current) return;
  for (auto& [storage, weak] : current->own) {
    if (auto alive = weak.lock()) f(*alive);
  }
}

}  // namespace

Watch::Watch(const tj_watch& watch) : installed_(!current) {
  if (!installed_) return;
  install();
  current = new Watcher(watch);
  current->handle = at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                                   .scopes({at::RecordScope::FUNCTION})
                                                   .needsInputs(true)
                                                   .needsOutputs(true));
}

Watch::~Watch() {
  if (!installed_) return;
  at::removeCallback(current->handle);
  for_each_own([](StorageImpl& storage) { storage.clear_data_ptr_access_error_msg_(); });
  delete std::exchange(current, nullptr);
}

void settle_filled_tensors() {
  if (current) current->settle();
}

void watch_inputs(const std::vector<c10::IValue>& inputs) {
  if (!current) return;
  current->foreign.clear();
  for (const auto& input : inputs) current->adopt(input.toTensor());
}

void watch_results(const c10::IValue& result, const std::vector<c10::IValue>& args) {
  if (!current) return;
  current->foreign.clear();
  for (const auto& arg : args) {
    for_each_tensor(arg, [](const at::Tensor& tensor) {
      auto* storage = Watcher::storage_of(tensor);
      if (storage && !current->own.count(storage)) current->foreign.insert(storage);
    });
  }
  for_each_tensor(result, [](const at::Tensor& tensor) { current->adopt(tensor); });
}

Unlocked::Unlocked() : resume_(tracer::pauseTracing()) {
  if (current) current->depth++;
  for_each_own([](StorageImpl& storage) { storage.clear_data_ptr_access_error_msg_(); });
}

Unlocked::~Unlocked() {
  for_each_own([](StorageImpl& storage) { current->lock(&storage); });
  if (current) current->depth--;
  resume_();
}

std::optional<SourceRange> current_place(size_t skip) {
  if (!current || !current->watch.locate) return std::nullopt;
  tj_place place{};
  if (!current->watch.locate(current->watch.ctx, skip, &place)) return std::nullopt;
  auto known = current->places.find(place.id);
  if (known == current->places.end()) {
    auto source = std::make_shared<Source>(to_string(place.text), to_string(place.file), place.line);
    known = current->places.emplace(place.id, SourceRange(source, place.begin, place.end)).first;
  }
  return known->second;
}

}  // namespace tch_jit
