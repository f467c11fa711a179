// Stage: finds the tensors that a layer hides. libtorch calls an observer at every operator; a tensor that an operator
// reads and that no earlier operator of the run made was captured. A buffer is copied before its first reader runs,
// which may change it (batch norm does).

#include <unordered_set>

#include <ATen/record_function.h>
#include <c10/util/ScopeExit.h>

#include "structure.h"
#include "support.h"

using namespace tch_jit;

namespace {

// The callbacks are plain function pointers, so their state is a thread-local.
struct Observation {
  int depth = 0;
  std::unordered_set<const void*> seen;
  struct Captured {
    at::Tensor tensor;
    at::Tensor before;  // undefined for parameters
  };
  std::vector<Captured> captured;
  // The tensors that the run made. They are kept alive, so that no address is used twice.
  std::vector<at::Tensor> made;

  void read(const c10::IValue& value) {
    for_each_tensor(value, [&](const at::Tensor& tensor) {
      if (!seen.insert(tensor.unsafeGetTensorImpl()).second) return;
      captured.push_back({tensor, {}});
      at::NoGradGuard no_grad;
      if (!tensor.requires_grad()) captured.back().before = copied(tensor);
    });
  }
  void write(const c10::IValue& value) {
    for_each_tensor(value, [&](const at::Tensor& tensor) {
      if (seen.insert(tensor.unsafeGetTensorImpl()).second) made.push_back(tensor);
    });
  }
};

thread_local Observation* current = nullptr;

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& f) {
  if (current && current->depth++ == 0) {
    for (const auto& input : f.inputs()) current->read(input);
  }
  return nullptr;
}

void on_end(const at::RecordFunction& f, at::ObserverContext*) {
  if (!current) return;
  current->depth--;
  for (const auto& output : f.outputs()) current->write(output);
}

}  // namespace

bool tj_observe(void (*body)(void*), void* ctx, void (*found)(void*, void*, void*), tj_sink error) noexcept {
  return guard(error, [&] {
    TORCH_CHECK(!current, "an observed run cannot be nested");
    Observation observation;
    current = &observation;
    auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                                 .scopes({at::RecordScope::FUNCTION})
                                                 .needsInputs(true)
                                                 .needsOutputs(true));
    {
      auto stop = c10::make_scope_exit([&] {
        at::removeCallback(handle);
        current = nullptr;
      });
      body(ctx);
    }
    for (const auto& [tensor, before] : observation.captured) {
      found(ctx, new at::Tensor(tensor), before.defined() ? new at::Tensor(before) : nullptr);
    }
    return true;
  });
}
