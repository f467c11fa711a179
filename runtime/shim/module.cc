// Stage: instances of compiled classes: filled, called, printed and saved.

#include <sstream>

#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/passes/inliner.h>
#include <torch/csrc/jit/serialization/export.h>
#include <torch/csrc/jit/serialization/python_print.h>

#include "archive.h"
#include "readable.h"
#include "support.h"

using namespace tch_jit;
using namespace torch::jit;

namespace {

// A module whose functions have not run yet.
tj_module* own(Module module) { return new tj_module{std::move(module), std::make_shared<Plans>()}; }

// A module of the same compilation unit.
tj_module* own(Module module, const std::shared_ptr<Plans>& plans) {
  return new tj_module{std::move(module), plans};
}

// A module that libtorch's passes made: they fold what a file cannot hold into constants.
tj_module* own_optimized(Module module) {
  for (const Module& each : module.modules()) keep_readable(*each.type());
  return own(std::move(module));
}

// Throws if a block holds a layer in a layout that no file holds.
void check_layouts(Block* block) {
  for (Node* node : block->nodes()) {
    TORCH_CHECK(node->kind() != prim::ConstantMKLDNNTensor,
                "`optimize_for_inference` gave a layer the layout of oneDNN, which a file cannot hold\n"
                "help: save the module, or what `freeze` makes of it, and optimize what is loaded");
    for (Block* inner : node->blocks()) check_layouts(inner);
  }
}

template <class Entries>
void each_tensor(const Entries& entries, void* ctx, tj_each_tensor each) {
  for (const auto& entry : entries) each(ctx, to_str(entry.name), new at::Tensor(entry.value));
}

}  // namespace

tj_module* tj_module_new(const tj_class* cls, tj_sink error) noexcept {
  return guard(error, [&] {
    Module module(cls->unit, cls->type);
    module.setattr("training", true);
    return own(std::move(module), cls->plans);
  });
}

void tj_module_free(tj_module* module) noexcept { delete module; }

tj_module* tj_module_share(const tj_module* module) noexcept { return own(module->module, module->plans); }

bool tj_module_set(tj_module* module, tj_str name, const tj_value* value, tj_sink error) noexcept {
  return guard(error, [&] {
    module->module.setattr(to_string(name), *value);
    return true;
  });
}

bool tj_module_set_child(tj_module* module, tj_str name, const tj_module* child, tj_sink error) noexcept {
  return guard(error, [&] {
    module->module.setattr(to_string(name), child->module._ivalue());
    return true;
  });
}

bool tj_module_has_method(const tj_module* module, tj_str name) noexcept {
  return module->module.find_method(to_string(name)).has_value();
}

tj_value* tj_module_call(tj_module* module, tj_str method, tj_value* const* args, size_t n_args,
                         bool optimized, tj_sink error) noexcept {
  return guard(error, [&] {
    Function& function = module->module.get_method(to_string(method)).function();
    Stack stack = to_stack(args, n_args);
    stack.insert(stack.begin(), module->module._ivalue());
    return new IValue(optimized ? function(std::move(stack))
                                : module->plans->run(function, std::move(stack)));
  });
}

void tj_module_schema(const tj_module* module, tj_str method, tj_sink out) noexcept {
  if (auto found = module->module.find_method(to_string(method))) {
    std::ostringstream text;
    text << found->function().getSchema();
    put(out, text.str());
  }
}

bool tj_module_signature(const tj_module* module, tj_str method, void* ctx, tj_each_type each) noexcept {
  auto found = module->module.find_method(to_string(method));
  if (!found) return false;
  const c10::FunctionSchema& schema = found->function().getSchema();
  for (size_t i = 1; i < schema.arguments().size(); i++) {
    each(ctx, new tj_type{schema.arguments()[i].type()});
  }
  each(ctx, new tj_type{schema.returns().at(0).type()});
  return true;
}

bool tj_module_code(const tj_module* module, tj_str method, tj_sink out, tj_sink error) noexcept {
  return guard(error, [&] {
    std::vector<IValue> constants;
    PrintDepsTable deps;
    PythonPrint printer(constants, deps);
    printer.printMethod(module->module.get_method(to_string(method)).function());
    put(out, printer.str());
    return true;
  });
}

bool tj_module_graph(const tj_module* module, tj_str method, bool inlined, tj_sink out,
                     tj_sink error) noexcept {
  return guard(error, [&] {
    auto graph = module->module.get_method(to_string(method)).graph();
    if (inlined) {
      graph = graph->copy();
      Inline(*graph);
    }
    put(out, graph->toString());
    return true;
  });
}

void tj_module_class_name(const tj_module* module, tj_sink out) noexcept {
  put(out, module->module.type()->name().value().name());
}

bool tj_same_class(const tj_module* a, const tj_module* b) noexcept {
  return a->module.type() == b->module.type();
}

void tj_module_train(tj_module* module, bool on) noexcept { module->module.train(on); }

// A frozen module has no flag, and is in evaluation.
bool tj_module_is_training(const tj_module* module) noexcept {
  return module->module.hasattr("training") && module->module.is_training();
}

// Works as torch.nn.Module.to: gradients move along, and only floating-point tensors change their kind. C++'s own
// Module::to would also turn counters and indices into floats.
bool tj_module_to(tj_module* module, tj_str device, int kind, tj_sink error) noexcept {
  return guard(error, [&] {
    at::Device target(to_string(device));
    auto scalar_type = static_cast<at::ScalarType>(kind);
    TORCH_CHECK(kind < 0 || at::isFloatingType(scalar_type),
                "a module is converted to a floating-point kind, not to ", scalar_type);
    auto converted = [&](const at::Tensor& tensor) {
      if (kind < 0 || !tensor.is_floating_point()) return tensor.to(target);
      return tensor.to(target, scalar_type);
    };
    auto convert = [&](const at::Tensor& tensor) {
      at::NoGradGuard no_grad;
      tensor.set_data(converted(tensor));
      if (at::Tensor& grad = tensor.mutable_grad(); grad.defined()) grad.set_data(converted(grad));
    };
    for (const at::Tensor& tensor : module->module.parameters()) convert(tensor);
    for (const at::Tensor& tensor : module->module.buffers()) convert(tensor);
    return true;
  });
}

// All methods are kept, not `forward` alone, as libtorch's default has it.
tj_module* tj_module_freeze(const tj_module* module, tj_sink error) noexcept {
  return guard(error, [&] {
    std::vector<std::string> kept;
    for (const Method& method : module->module.get_methods()) {
      if (method.name() != "forward") kept.push_back(method.name());
    }
    return own_optimized(freeze(module->module, kept));
  });
}

tj_module* tj_module_optimize_for_inference(const tj_module* module, tj_sink error) noexcept {
  return guard(error, [&] {
    Module copy = module->module;
    return own_optimized(optimize_for_inference(copy));
  });
}

// Copied in grad mode, parameters would not be leaves. Copied without it, they lose requires_grad, which is set again.
tj_module* tj_module_deep_copy(const tj_module* module, tj_sink error) noexcept {
  return guard(error, [&] {
    at::NoGradGuard no_grad;
    Module copy = module->module.deepcopy();
    auto require_grad = [](const auto& from, const auto& to) {
      auto source = from.begin();
      for (const at::Tensor& target : to) {
        target.requires_grad_((*source).requires_grad());
        ++source;
      }
    };
    require_grad(module->module.parameters(), copy.parameters());
    require_grad(module->module.buffers(), copy.buffers());
    return own(std::move(copy));
  });
}

void tj_module_parameters(const tj_module* module, bool recurse, void* ctx, tj_each_tensor each) noexcept {
  each_tensor(module->module.named_parameters(recurse), ctx, each);
}

void tj_module_buffers(const tj_module* module, bool recurse, void* ctx, tj_each_tensor each) noexcept {
  each_tensor(module->module.named_buffers(recurse), ctx, each);
}

void tj_module_children(const tj_module* module, void* ctx, tj_each_module each) noexcept {
  for (const auto& child : module->module.named_children()) {
    each(ctx, to_str(child.name), own(child.value, module->plans));
  }
}

void tj_module_methods(const tj_module* module, void* ctx, void (*each)(void*, tj_str)) noexcept {
  for (const auto& method : module->module.get_methods()) each(ctx, to_str(method.name()));
}

bool tj_module_save(const tj_module* module, const tj_str* extra_names, const tj_str* extra_contents,
                    size_t n_extra, tj_sink bytes, tj_sink error) noexcept {
  return guard(error, [&] {
    for (const Module& each : module->module.modules()) {
      for (Function* method : each.type()->methods())
        check_layouts(toGraphFunction(*method).graph()->block());
    }
    ExtraFilesMap extra;
    for (size_t i = 0; i < n_extra; i++) {
      extra[to_string(extra_names[i])] = to_string(extra_contents[i]);
    }
    ExportModule(
        module->module,
        [&](const void* data, size_t len) {
          bytes.put(bytes.ctx, static_cast<const char*>(data), len);
          return len;
        },
        extra, /*bytecode_format=*/false, /*save_mobile_debug_info=*/false);
    return true;
  });
}

bool tj_module_check_saved(const tj_module* module, tj_str bytes, tj_sink error) noexcept {
  return guard(error, [&] {
    Loader(open_archive(bytes.data, bytes.len), /*is_trusted=*/true)
        .compile(module->module.type()->name().value());
    return true;
  });
}
