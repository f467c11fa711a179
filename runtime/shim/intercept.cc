// Stage: reads the arguments that a layer calls its operator with. They show the configuration that tch keeps private
// (the groups of a convolution, the flat weights of an LSTM). The operator itself does not run, so that no input of the
// right shape is needed.
//
// Observing an operator that runs and fails would do as well, but libtorch then spends 10 ms on the C++ backtrace of
// each failure.

#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/library.h>

#include "support.h"

using namespace tch_jit;

namespace {

// The dispatch key of the interception: one for modes that live outside of libtorch, which itself does not use it.
constexpr auto kKey = c10::DispatchKey::DeferredInit;

struct Interception {
  std::string name;
  c10::IValue arguments;
};

thread_local Interception* current = nullptr;

struct Intercepted : std::exception {
  const char* what() const noexcept override { return "intercepted"; }
};

void intercept(const c10::OperatorHandle& op, c10::DispatchKeySet, torch::jit::Stack* stack) {
  c10::impl::ExcludeDispatchKeyGuard below(kKey);
  if (current && op.operator_name().name == current->name) {
    auto arguments = torch::jit::last(*stack, op.schema().arguments().size());
    current->arguments = c10::ivalue::Tuple::create(arguments.vec());
    throw Intercepted();
  }
  op.callBoxed(stack);
}

// Registers the interception once, on first use, and never takes it back: it is reached only where the guard below
// switches the key on.
void install() {
  static const auto* installed = [] {
    auto* library = new torch::Library(torch::Library::IMPL, "_", kKey, __FILE__, __LINE__);
    library->fallback(torch::CppFunction::makeFromBoxedFunction<&intercept>());
    return library;
  }();
  (void)installed;
}

}  // namespace

tj_value* tj_intercept(tj_str name, void (*body)(void*), void* ctx, tj_sink error) noexcept {
  return guard(error, [&]() -> tj_value* {
    TORCH_CHECK(!current, "an intercepted run cannot be nested");
    install();
    Interception interception{to_string(name), {}};
    current = &interception;
    {
      c10::impl::IncludeDispatchKeyGuard on(kKey);
      body(ctx);
    }
    current = nullptr;
    TORCH_CHECK(!interception.arguments.isNone(), "it does not call ", interception.name);
    return new c10::IValue(std::move(interception.arguments));
  });
}
