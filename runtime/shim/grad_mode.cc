// The context managers that set whether gradients are recorded. They are classes of TorchScript, as PyTorch's own are in
// saved files: libtorch calls `__exit__` on every way out of a `with`, an exception included.

#include "grad_mode.h"

#include "types.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

std::string source(bool enabled) {
  return std::string(R"(
def __init__(self) -> None:
    self.prev = False

def __enter__(self) -> None:
    self.prev = torch.is_grad_enabled()
    torch.set_grad_enabled()") +
         (enabled ? "True" : "False") + R"()

def __exit__(self, exc_type: Any, exc_value: Any, traceback: Any) -> None:
    torch.set_grad_enabled(self.prev)
)";
}

c10::ClassTypePtr define(const c10::QualifiedName& name, bool enabled,
                         const std::shared_ptr<CompilationUnit>& unit) {
  auto type = c10::ClassType::create(name, unit);
  type->addAttribute("prev", c10::BoolType::get());
  unit->register_type(type);
  SimpleSelf self(type);
  unit->define(name, source(enabled), text_resolver(), &self);
  return type;
}

}  // namespace

std::shared_ptr<SugaredValue> grad_mode(const std::string& name,
                                        const std::shared_ptr<CompilationUnit>& unit) {
  for (const char* mode : GRAD_MODES) {
    if (name != mode) continue;
    const c10::QualifiedName qualified("__torch__.torch.autograd.grad_mode." + name);
    auto type = unit->get_class(qualified);
    if (!type) type = define(qualified, name == "enable_grad", unit);
    return std::make_shared<ClassValue>(type);
  }
  return nullptr;
}

}  // namespace tch_jit
