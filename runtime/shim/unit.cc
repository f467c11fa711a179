// Stage: defines classes, methods and functions in the compilation unit of one compiled tree.

#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include "casts.h"
#include "evaluation.h"
#include "layer_calls.h"
#include "loops.h"
#include "permitted.h"
#include "readable.h"
#include "sugared.h"
#include "support.h"
#include "types.h"

using namespace tch_jit;
using namespace torch::jit;

tj_unit* tj_unit_new(bool is_eval_only, tj_sink error) noexcept {
  return guard(error, [&] {
    auto declared = std::make_shared<Declared>();
    declared->is_eval_only = is_eval_only;
    return new tj_unit{std::make_shared<CompilationUnit>(), std::move(declared), std::make_shared<Plans>()};
  });
}

void tj_unit_free(tj_unit* unit) noexcept { delete unit; }

bool tj_unit_define(tj_unit* unit, tj_str source, tj_sink error) noexcept {
  return guard(error, [&] {
    auto functions = unit->unit->define(std::nullopt, to_string(source), text_resolver(), nullptr);
    Permitted permitted(/*is_trusted=*/true);
    for (Function* function : functions) permitted.admit(*function);
    settle_loops(functions);
    return true;
  });
}

tj_value* tj_unit_call(tj_unit* unit, tj_str name, tj_value* const* args, size_t n_args,
                       tj_sink error) noexcept {
  return guard(error, [&] {
    auto& function = unit->unit->get_function(c10::QualifiedName(to_string(name)));
    return new IValue(unit->plans->run(function, to_stack(args, n_args)));
  });
}

bool tj_unit_declare_function(tj_unit* unit, tj_str name_space, const tj_method* function,
                              tj_sink error) noexcept {
  return guard(error, [&] {
    const c10::QualifiedName name(c10::QualifiedName(to_string(name_space)), to_string(function->name));
    Body body(*function);
    if (body.takes_modules()) {
      unit->declared->generic_functions.emplace(name.qualifiedName(), Generic{std::move(body), {}});
    } else {
      unit->declared->functions.emplace(name.qualifiedName(), std::move(body));
    }
    return true;
  });
}

void tj_unit_unique_name(tj_unit* unit, tj_str name, tj_sink out) noexcept {
  const std::string wanted = to_string(name);
  std::string found = wanted;
  auto is_taken = [&] {
    return unit->unit->find_function(c10::QualifiedName(found)) || unit->declared->functions.count(found);
  };
  for (int n = 1; is_taken(); n++) {
    found = wanted + "_" + std::to_string(n);
  }
  put(out, found);
}

tj_class* tj_class_new(tj_unit* unit, tj_str qualified_name, tj_sink error) noexcept {
  return guard(error, [&] {
    auto name = unit->unit->mangle(c10::QualifiedName(to_string(qualified_name)));
    auto type = c10::ClassType::create(name, unit->unit, /*is_module=*/true);
    unit->unit->register_type(type);
    type->addAttribute("training", c10::BoolType::get());
    return new tj_class{unit->unit, unit->declared, unit->plans, type};
  });
}

tj_class* tj_class_of(tj_unit* unit, const tj_module* module, tj_sink error) noexcept {
  return guard(error, [&] {
    auto type = module->module.type();
    unit->declared->classes[type.get()].is_artifact = true;
    return new tj_class{unit->unit, unit->declared, unit->plans, type};
  });
}

void tj_class_free(tj_class* cls) noexcept { delete cls; }

bool tj_class_add_tensor(tj_class* cls, tj_str name, tj_member kind, bool present, tj_sink error) noexcept {
  return guard(error, [&] {
    c10::TypePtr type = c10::TensorType::get();
    if (!present) type = c10::NoneType::get();
    cls->type->addAttribute(to_string(name), type, kind == TJ_PARAMETER, kind == TJ_BUFFER);
    return true;
  });
}

bool tj_class_add_attribute(tj_class* cls, tj_str name, const tj_type* type, tj_sink error) noexcept {
  return guard(error, [&] {
    cls->type->addAttribute(to_string(name), type->type);
    return true;
  });
}

bool tj_class_add_child(tj_class* cls, tj_str name, const tj_class* type, tj_sink error) noexcept {
  return guard(error, [&] {
    cls->type->addAttribute(to_string(name), type->type);
    return true;
  });
}

bool tj_class_add_constant(tj_class* cls, tj_str name, const tj_value* value, tj_sink error) noexcept {
  return guard(error, [&] {
    cls->type->addConstant(to_string(name), *value);
    return true;
  });
}

void tj_class_add_alias(tj_class* cls, tj_str field, tj_str name) noexcept {
  cls->declared->classes[cls->type.get()].fields[to_string(field)] = to_string(name);
}

void tj_class_note_positive(tj_class* cls, tj_str field) noexcept {
  cls->declared->classes[cls->type.get()].positive.insert(to_string(field));
}

void tj_class_name_method(tj_class* cls, tj_str method, tj_str name) noexcept {
  cls->declared->classes[cls->type.get()].methods[to_string(method)] = to_string(name);
}

bool tj_class_declare(tj_class* cls, const tj_method* methods, size_t n_methods, tj_sink error) noexcept {
  return guard(error, [&] {
    auto& names = cls->declared->classes[cls->type.get()];
    for (size_t i = 0; i < n_methods; i++) {
      Body body(methods[i]);
      if (body.takes_modules()) {
        names.generics.emplace(to_string(methods[i].name), Generic{std::move(body), {}});
      } else {
        names.bodies.emplace(to_string(methods[i].name), std::move(body));
      }
    }
    return true;
  });
}

bool tj_class_compile(tj_class* cls, tj_str name, tj_sink error) noexcept {
  return guard(error, [&] {
    const std::string method = to_string(name);
    TORCH_CHECK(find_method(cls->declared, cls->type, method), "there is no method `", method, "`");
    return true;
  });
}

bool tj_class_define_source(tj_class* cls, tj_str source, tj_sink error) noexcept {
  return guard(error, [&] {
    RustSelf self(cls->type, cls->declared);
    settle_loops(cls->unit->define(cls->type->name(), to_string(source), text_resolver(), &self));
    keep_readable(*cls->type);
    return true;
  });
}

bool tj_class_add_traced(tj_class* cls, tj_str name, const tj_graph* graph, tj_sink error) noexcept {
  return guard(error, [&] {
    const c10::QualifiedName qualified(*cls->type->name(), to_string(name));
    auto copy = graph->graph->copy();
    copy->inputs().at(0)->setType(cls->type);
    // First, as the methods of layers were.
    if (cls->declared->is_eval_only) settle_evaluation(*copy, copy->block());
    call_layers(*copy);
    drop_casts(copy->block());
    // Removes parts of arguments that nothing reads, and constants that formulas have replaced.
    EliminateDeadCode(copy);
    cls->type->addMethod(cls->unit->create_function(qualified, std::move(copy)));
    keep_readable(*cls->type);
    return true;
  });
}

void tj_class_remove_method(tj_class* cls, tj_str name) noexcept {
  const std::string method = to_string(name);
  const Function* found = cls->type->findMethod(method);
  if (!found) return;
  cls->plans->forget(*found);
  cls->type->unsafeRemoveMethod(method);
  cls->unit->unsafeRemoveMethod(c10::QualifiedName(cls->type->name().value(), method));
}
