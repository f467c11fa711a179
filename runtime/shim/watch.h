// Watches what libtorch's tracer does not see: values that leave the trace, tensors that are filled from outside, and
// the places in the user's source that call operators.
#pragma once

#include <functional>

#include <torch/csrc/jit/frontend/source_range.h>

#include "support.h"

namespace tch_jit {

// Watches the traces of this thread as long as it lives. Within the life of another watch it does nothing.
class Watch {
 public:
  explicit Watch(const tj_watch& watch);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  bool installed_;
};

// Makes tensors that were filled from outside constants of the trace that made them. To be called before a trace begins
// or ends.
void settle_filled_tensors();

// Counts the trace's own copies of its inputs, which nobody else reads, among the tensors that the trace has made.
void watch_inputs(const std::vector<c10::IValue>& inputs);

// Counts the results of a call that ran without being traced among the tensors that the trace has made, except those
// that share memory with `args`.
void watch_results(const c10::IValue& result, const std::vector<c10::IValue>& args);

// As long as it lives, nothing is recorded, and the memory of tensors that the trace has made can be read.
class Unlocked {
 public:
  Unlocked();
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  std::function<void()> resume_;
};

// The user's line that is being run, after skipping `skip` of the user's innermost functions; none where that is not
// known.
std::optional<torch::jit::SourceRange> current_place(size_t skip);

}  // namespace tch_jit
