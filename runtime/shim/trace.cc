// Stage: the operations of one run become a graph whose inputs are `self` and the arguments.

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Generator.h>
#include <ATen/ops/alias.h>
#include <c10/util/ScopeExit.h>
#include <torch/csrc/jit/frontend/schema_matching.h>
#include <torch/csrc/jit/frontend/tracer.h>

#include "support.h"

using namespace tch_jit;
using namespace torch::jit;

namespace {

// A child may return its input itself. If that tensor were bound to the call's output, every
// later use of the input would read the output instead, which is wrong as soon as the child
// takes another branch. So a tensor that the graph already knows is returned as a new alias.
IValue fresh(const IValue& value, const tracer::TracingState& state) {
  if (value.isTensor() && value.toTensor().defined() && state.hasValue(value)) {
    return at::alias(value.toTensor());
  }
  if (value.isTuple()) {
    std::vector<IValue> elements;
    for (const auto& element : value.toTupleRef().elements()) {
      elements.push_back(fresh(element, state));
    }
    return c10::ivalue::Tuple::create(std::move(elements));
  }
  if (value.isTensorList()) {
    c10::List<at::Tensor> list;
    for (const auto& element : value.toTensorVector()) list.push_back(fresh(element, state).toTensor());
    return list;
  }
  return value;
}

// Tensors have a value in the graph; everything else is a constant of this run.
Value* traced_value(const IValue& value, Graph& graph) {
  bool has_tensors = value.isTensor() || value.isTensorList() || value.isTuple() ||
      value.isList() || value.isGenericDict();
  if (has_tensors && !(value.isTensor() && !value.toTensor().defined())) {
    return tracer::getValueTrace(value);
  }
  return graph.insertConstant(value);
}

}  // namespace

bool tj_is_tracing(void) noexcept { return tracer::isTracing(); }

tj_graph* tj_module_trace(tj_module* self, tj_value* const* args, const tj_str* names,
                          size_t n_args, tj_body body, void* ctx, bool strict,
                          tj_sink error) noexcept {
  return guard(error, [&]() -> tj_graph* {
    // libtorch abandons the outer trace when one is started inside it.
    TORCH_CHECK(!tracer::isTracing(), "a trace is already being recorded in this thread");
    std::vector<std::string> argument_names;
    for (size_t i = 0; i < n_args; i++) argument_names.push_back(to_string(names[i]));
    auto run = [&](Stack inputs) -> Stack {
      std::vector<tj_value*> handles;
      for (auto& input : inputs) handles.push_back(&input);
      std::unique_ptr<IValue> output(body(ctx, handles.data(), handles.size()));
      TORCH_CHECK(output, "the traced body failed");
      return {std::move(*output)};
    };
    auto name_of = [](const at::Tensor&) { return std::string(); };
    auto traced = tracer::trace(to_stack(args, n_args), run, name_of, strict,
                                /*force_outplace=*/false, &self->module, argument_names);
    return new tj_graph{traced.first->graph};
  });
}

void tj_graph_free(tj_graph* graph) noexcept { delete graph; }

namespace {

// libtorch prints `<Tensor>` for all but the smallest constants.
void put_constants(const Block* block, tj_sink out) {
  for (const Node* node : block->nodes()) {
    if (node->kind() == prim::Constant && node->hasAttribute(attr::value) &&
        node->kindOf(attr::value) == AttributeKind::t) {
      auto tensor = node->t(attr::value).detach().cpu().contiguous();
      if (tensor.numel() > 0) {
        out.put(out.ctx, static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
      }
    }
    for (const Block* inner : node->blocks()) put_constants(inner, out);
  }
}

}  // namespace

void tj_graph_text(const tj_graph* graph, tj_sink out) noexcept {
  put(out, graph->graph->toString(/*print_source_locations=*/false));
  put_constants(graph->graph->block(), out);
}

tj_value* tj_trace_call(tj_module* child, tj_str method, tj_value* const* args, size_t n_args,
                        tj_sink error) noexcept {
  return guard(error, [&]() -> tj_value* {
    auto state = tracer::getTracingState();
    TORCH_CHECK(state, "no trace is being recorded");
    Graph& graph = *state->graph;
    const std::string name = to_string(method);
    Method callee = child->module.get_method(name);
    Value* self = tracer::getValueTrace(child->module._ivalue());
    std::vector<NamedValue> values;
    for (size_t i = 0; i < n_args; i++) values.emplace_back(traced_value(*args[i], graph));
    const SourceRange range(std::make_shared<Source>("a call that a trace recorded"), 0, 28);
    auto matched = matchSchema(callee.function().getSchema(), range, graph, values, {},
                               NamedValue(self));
    Value* result = graph.insertMethodCall(name, matched);
    IValue output;
    {
      auto resume = c10::make_scope_exit(tracer::pauseTracing());
      output = fresh(callee(to_stack(args, n_args)), *state);
    }
    tracer::setValueTrace(output, result);
    return new IValue(std::move(output));
  });
}

tj_value* tj_random_state(tj_sink error) noexcept {
  return guard(error, [] {
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    return new IValue(generator.get_state());
  });
}

bool tj_set_random_state(const tj_value* state, tj_sink error) noexcept {
  return guard(error, [&] {
    auto generator = at::detail::getDefaultCPUGenerator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_state(state->toTensor());
    return true;
  });
}
