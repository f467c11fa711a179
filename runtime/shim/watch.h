// What libtorch's tracer does not see: values that leave the trace, tensors that are filled from outside,
// and the places in the user's source that operators are called from.
#pragma once

#include <functional>

#include <torch/csrc/jit/frontend/source_range.h>

#include "support.h"

namespace tch_jit {

// While it lives, the traces of this thread are watched. Within another one it does nothing.
class Watch {
 public:
  explicit Watch(const tj_watch& watch);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

 private:
  bool installed_;
};

// Tensors that were filled from outside become constants of the trace that made them. To be called before
// a trace begins or ends.
void settle_filled_tensors();

// The trace's own copies of its inputs, which nobody else reads.
void watch_inputs(const std::vector<c10::IValue>& inputs);

// The results of what was run without being traced belong to the trace from now on, but for what shares
// memory with `args`.
void watch_results(const c10::IValue& result, const std::vector<c10::IValue>& args);

// While it lives, nothing is recorded, and the memory of what the trace has made can be read.
class Unlocked {
 public:
  Unlocked();
  ~Unlocked();
  Unlocked(const Unlocked&) = delete;
  Unlocked& operator=(const Unlocked&) = delete;

 private:
  std::function<void()> resume_;
};

// While it lives, a call is recorded.
class Recording {
 public:
  Recording();
  ~Recording();
  Recording(const Recording&) = delete;
  Recording& operator=(const Recording&) = delete;
};

// Where the user's source is at work, or, with `skip`, its callers; no range where that is not known.
std::optional<torch::jit::SourceRange> current_place(size_t skip);

}  // namespace tch_jit
