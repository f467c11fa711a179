// Stage: keeps libtorch's settings while user code runs. In: nothing. Out: the settings, to be set back. What only this
// thread has comes from libtorch's thread-local state, the rest is the process's.

#include <array>
#include <cfenv>

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <c10/core/AutogradState.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <torch/csrc/jit/passes/tensorexpr_fuser.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/runtime/profiling_graph_executor_impl.h>

#include "support.h"

namespace {

using c10::DispatchKey;

// A switch of the process.
struct Switch {
  bool (*get)();
  void (*set)(bool);
};

template <bool (at::Context::*GET)() const, void (at::Context::*SET)(bool)>
constexpr Switch of_context() {
  return {[] { return (at::globalContext().*GET)(); }, [](bool on) { (at::globalContext().*SET)(on); }};
}

constexpr std::array SWITCHES = {
    of_context<&at::Context::userEnabledCuDNN, &at::Context::setUserEnabledCuDNN>(),
    of_context<&at::Context::benchmarkCuDNN, &at::Context::setBenchmarkCuDNN>(),
    of_context<&at::Context::deterministicCuDNN, &at::Context::setDeterministicCuDNN>(),
    of_context<&at::Context::userEnabledMkldnn, &at::Context::setUserEnabledMkldnn>(),
    of_context<&at::Context::deterministicMkldnn, &at::Context::setDeterministicMkldnn>(),
    of_context<&at::Context::deterministicFillUninitializedMemory,
               &at::Context::setDeterministicFillUninitializedMemory>(),
    of_context<&at::Context::userEnabledFlashSDP, &at::Context::setSDPUseFlash>(),
    of_context<&at::Context::userEnabledMemEfficientSDP, &at::Context::setSDPUseMemEfficient>(),
    of_context<&at::Context::userEnabledMathSDP, &at::Context::setSDPUseMath>(),
    of_context<&at::Context::userEnabledCuDNNSDP, &at::Context::setSDPUseCuDNN>(),
    Switch{[] { return c10::WarningUtils::get_warnAlways(); },
           [](bool on) { c10::WarningUtils::set_warnAlways(on); }},
    // Those that tch changes.
    Switch{[] { return torch::jit::tensorExprFuserEnabled(); },
           [](bool on) { torch::jit::setTensorExprFuserEnabled(on); }},
    Switch{[] { return torch::jit::getProfilingMode().load(); },
           [](bool on) { torch::jit::getProfilingMode() = on; }},
    Switch{[] { return torch::jit::getGraphExecutorOptimize(); },
           [](bool on) { torch::jit::setGraphExecutorOptimize(on); }},
};

const auto& DEVICES = at::autocast::_AUTOCAST_SUPPORTED_DEVICES;
constexpr size_t N_DEVICES = std::tuple_size_v<std::decay_t<decltype(DEVICES)>>;

int autocast_nesting() {
  at::autocast::increment_nesting();
  return at::autocast::decrement_nesting();
}

// Each is set back only where it differs: setting some of them does more than that, such as starting threads.
template <class T, class Get, class Set>
void set_back(const T& before, Get get, Set set) noexcept {
  try {
    if (!(get() == before)) set(before);
  } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
    // A setting that libtorch refuses now, and had before, such as one of a device that is gone.
  }
}

}  // namespace

struct tj_state {
  c10::AutogradState autograd = c10::AutogradState::get_tls_state();
  // Switches off, or on, what inference mode and autocast are made of.
  c10::impl::LocalDispatchKeySet keys = c10::impl::tls_local_dispatch_key_set();
  std::array<at::ScalarType, N_DEVICES> autocast_dtypes{};
  int autocast_depth = autocast_nesting();
  bool autocast_caches = at::autocast::is_autocast_cache_enabled();
  // Control modes of floating-point arithmetic, among them whether denormal numbers are zero.
  std::fenv_t arithmetic{};
  std::array<bool, SWITCHES.size()> switches{};
  at::ScalarType default_dtype = c10::get_default_dtype_as_scalartype();
  int n_threads = at::get_num_threads();
  bool deterministic = at::globalContext().deterministicAlgorithms();
  bool deterministic_warns = at::globalContext().deterministicAlgorithmsWarnOnly();

  tj_state() {
    for (size_t i = 0; i < N_DEVICES; i++) {
      autocast_dtypes[i] = at::autocast::get_autocast_dtype(DEVICES[i]);
    }
    for (size_t i = 0; i < SWITCHES.size(); i++) switches[i] = SWITCHES[i].get();
    std::fegetenv(&arithmetic);
  }

  void restore_thread() const {
    c10::AutogradState::set_tls_state(autograd);
    // A trace that ended meanwhile has switched its key off itself: libtorch would crash if it were on without a trace.
    auto now = c10::impl::tls_local_dispatch_key_set();
    auto set = keys;
    set.included_ = set.included_.remove(DispatchKey::Tracer);
    if (now.included_.has(DispatchKey::Tracer)) set.included_ = set.included_.add(DispatchKey::Tracer);
    c10::impl::_force_tls_local_dispatch_key_set(set);
    for (size_t i = 0; i < N_DEVICES; i++) {
      auto device = DEVICES[i];
      set_back(
          autocast_dtypes[i], [&] { return at::autocast::get_autocast_dtype(device); },
          [&](at::ScalarType dtype) { at::autocast::set_autocast_dtype(device, dtype); });
    }
    set_back(autocast_caches, at::autocast::is_autocast_cache_enabled,
             at::autocast::set_autocast_cache_enabled);
    set_back(autocast_depth, autocast_nesting, [](int depth) {
      while (autocast_nesting() < depth) at::autocast::increment_nesting();
      while (autocast_nesting() > depth) at::autocast::decrement_nesting();
      // As at the end of the outermost autocast: the cache is for one of them.
      if (depth == 0) at::autocast::clear_cache();
    });
    std::fesetenv(&arithmetic);
  }

  void restore_process() const {
    for (size_t i = 0; i < SWITCHES.size(); i++) set_back(switches[i], SWITCHES[i].get, SWITCHES[i].set);
    set_back(default_dtype, c10::get_default_dtype_as_scalartype,
             [](at::ScalarType dtype) { c10::set_default_dtype(c10::scalarTypeToTypeMeta(dtype)); });
    set_back(n_threads, at::get_num_threads, at::set_num_threads);
    auto& context = at::globalContext();
    set_back(
        std::pair(deterministic, deterministic_warns),
        [&] {
          return std::pair(context.deterministicAlgorithms(), context.deterministicAlgorithmsWarnOnly());
        },
        [&](auto both) { context.setDeterministicAlgorithms(both.first, both.second); });
  }
};

tj_state* tj_state_save(tj_sink error) noexcept {
  return tch_jit::guard(error, [] { return new tj_state(); });
}

bool tj_state_restore(tj_state* state, tj_sink error) noexcept {
  return tch_jit::guard(error, [&] {
    std::unique_ptr<tj_state> owned(state);
    owned->restore_thread();
    owned->restore_process();
    return true;
  });
}
