// Stage: records one run of a Rust body. In: a module, arguments, the body. Out: a graph whose inputs are `self` and
// the arguments.

#include <unordered_set>

#include <ATen/Generator.h>
#include <ATen/ops/alias.h>
#include <c10/util/ScopeExit.h>
#include <torch/csrc/jit/frontend/schema_matching.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/shape_analysis.h>

#include "structure.h"
#include "support.h"
#include "watch.h"

using namespace tch_jit;
using namespace torch::jit;

namespace {

constexpr const char* MEMBER =
    "it returns a member that is no plain tensor, such as a sparse one, as it is\n"
    "help: return a tensor that is computed of it, or mark the module `#[compile_mode(script)]`";

// Makes the results of a recorded call tensors of their own. A child may return its input itself, or one tensor twice.
// The tracer finds the value of a tensor by its identity: bound to the call's output, every later use of the input
// would read the output instead, and of two outputs both uses the last, which is wrong as soon as the child takes
// another branch. So a tensor that the graph knows already is returned as a new alias.
class Fresh {
 public:
  explicit Fresh(const tracer::TracingState& state) : state_(state) {}

  IValue operator()(const IValue& value) {
    return with_tensors(value, [&](const at::Tensor& tensor) {
      bool is_new = returned_.insert(tensor.unsafeGetTensorImpl()).second;
      return is_new && !state_.hasValue(tensor) ? tensor : at::alias(tensor);
    });
  }

 private:
  const tracer::TracingState& state_;
  std::unordered_set<const void*> returned_;
};

// A result of the body as one that the graph computes: libtorch fails where a member is a result as it is.
at::Tensor own_output(tracer::TracingState& state, const at::Tensor& tensor) {
  if (!state.hasValue(tensor)) return tensor;
  if (state.getValue(tensor)->node()->kind() != prim::TracedAttr) return tensor;
  // Not a c10::Error, which the watch would take for one of the body's.
  if (tensor.layout() != at::kStrided) throw std::runtime_error(MEMBER);
  return at::alias(tensor);
}

// Whether a trace can follow results of the type: a value that is no tensor would be a constant of this run.
bool can_be_followed(const c10::TypePtr& type) {
  if (type->isSubtypeOf(*c10::TensorType::get())) return true;
  if (auto list = type->cast<c10::ListType>()) {
    return list->getElementType()->isSubtypeOf(*c10::TensorType::get());
  }
  if (auto tuple = type->cast<c10::TupleType>()) {
    for (const auto& element : tuple->elements()) {
      if (!can_be_followed(element)) return false;
    }
    return true;
  }
  return false;
}

// libtorch records what `conv2d` and its kin call inside, `aten::_convolution`, which takes batches only and fixes the
// backend's flags of the recorded run. The operator that was called is put back in its place.
void restore_convolutions(Block* block) {
  for (auto it = block->nodes().begin(); it != block->nodes().end();) {
    Node* node = *it++;
    for (Block* inner : node->blocks()) restore_convolutions(inner);
    if (node->kind() != aten::_convolution) continue;
    auto transposed = constant_as<bool>(node->input(6));
    auto rank = node->output()->type()->expectRef<TensorType>().dim();
    if (!rank || *rank < 3 || *rank > 5 || !transposed) continue;
    auto in = [&](size_t i) { return node->input(i); };
    std::string name = *transposed ? "conv_transpose" : "conv";
    std::vector<Value*> inputs = {in(0), in(1), in(2), in(3), in(4)};
    // The inputs of `_convolution` go on (transposed, output_padding, groups, …); the two operators order them
    // differently.
    if (*transposed) {
      inputs.insert(inputs.end(), {in(7), in(8), in(5)});
    } else {
      inputs.insert(inputs.end(), {in(5), in(8)});
    }
    auto kind = Symbol::aten(name + std::to_string(*rank - 2) + "d");
    Node* restored = block->owningGraph()->create(kind, inputs, /*num_outputs=*/1);
    restored->insertBefore(node);
    restored->setSourceRange(node->sourceRange());
    restored->setScope(node->scope());
    restored->output()->copyMetadata(node->output());
    node->output()->replaceAllUsesWith(restored->output());
    node->destroy();
  }
}

constexpr const char* ENDED =
    "an operator failed and was handled, after which libtorch recorded nothing more\n"
    "help: ask whether the operator is possible, by sizes, before calling it";

// The value of an argument of the type `type` in the graph: made of its tensors; anything else becomes a constant of this
// run.
Value* traced_value(const IValue& value, const c10::TypePtr& type, Graph& graph) {
  if (auto optional = type->cast<c10::OptionalType>(); optional && !value.isNone()) {
    return traced_value(value, optional->getElementType(), graph);
  }
  std::vector<Value*> tensors;
  for_each_tensor(value, [&](const at::Tensor& it) { tensors.push_back(tracer::getValueTrace(it)); });
  bool is_structured = value.isTuple() || value.isList() || value.isGenericDict();
  if (tensors.empty() && !is_structured) return graph.insertConstant(value);
  return pack(graph, std::move(tensors), value, type);
}

}  // namespace

bool tj_is_tracing(void) noexcept { return tracer::isTracing(); }

tj_graph* tj_module_trace(tj_module* self, tj_value* const* args, size_t n_args,
                          const tj_signature* signature, const tj_watch* watch, tj_body body, void* ctx,
                          tj_value** output, tj_sink error) noexcept {
  return guard(error, [&]() -> tj_graph* {
    std::vector<Parameter> parameters;
    Stack flat;
    for (size_t i = 0; i < n_args; i++) {
      const tj_type* type = signature->types[i];
      parameters.push_back({to_string(signature->names[i]), type ? type->type : nullptr, *args[i]});
      for_each_tensor(*args[i], [&](const at::Tensor& tensor) { flat.emplace_back(tensor); });
    }
    std::optional<Watch> watching;
    if (watch) watching.emplace(*watch);
    settle_filled_tensors();
    // libtorch abandons the outer trace when one is started inside it, unless that is paused.
    auto resume = c10::make_scope_exit(tracer::pauseTracing());
    IValue result;
    auto run = [&](Stack tensors) -> Stack {
      const auto state = tracer::getTracingState();  // NOLINT(performance-unnecessary-copy-initialization)
      if (watch) watch_inputs(tensors);
      auto next = tensors.begin();
      std::vector<IValue> values;
      std::vector<tj_value*> handles;
      for (const auto& parameter : parameters) {
        values.push_back(
            with_tensors(parameter.value, [&](const at::Tensor&) { return (next++)->toTensor(); }));
      }
      for (auto& value : values) handles.push_back(&value);
      std::unique_ptr<IValue> returned(body(ctx, handles.data(), handles.size()));
      settle_filled_tensors();
      // Not a c10::Error, which the watch would take for one of the body's.
      if (!returned) throw std::runtime_error("the traced body failed");
      // The watch puts the trace back after each operator that fails; libtorch would crash without one.
      if (tracer::getTracingState() != state) throw std::runtime_error(ENDED);
      result = *returned;
      Stack outputs;
      for_each_tensor(result,
                      [&](const at::Tensor& tensor) { outputs.emplace_back(own_output(*state, tensor)); });
      if (outputs.size() == 1) return outputs;
      return {c10::ivalue::Tuple::create(std::move(outputs))};
    };
    auto name_of = [](const at::Tensor&) { return std::string(); };
    auto traced = tracer::trace(flat, run, name_of, /*strict=*/true, /*force_outplace=*/false, &self->module,
                                /*argument_names=*/{});
    auto graph = traced.first->graph;
    restore_convolutions(graph->block());
    EliminateDeadCode(graph);
    auto numbers = structure_inputs(*graph, parameters);
    structure_output(*graph, result, signature->output ? signature->output->type : result.type());
    *output = new IValue(std::move(result));
    return new tj_graph{graph, std::move(numbers)};
  });
}

bool tj_trace_knows(const tj_module* module) noexcept {
  const auto& state = tracer::getTracingState();
  return state && state->hasValue(module->module._ivalue());
}

namespace {

// Records a call of `callee`, whose name for people is `name`, and runs it, unless it was run, with the
// result `run`. `record` puts the call into the graph.
template <class Record>
tj_value* trace_call(Plans& plans, Function& callee, const std::string& name, Stack stack, Value* self,
                     tj_value* const* args, size_t n_args, const tj_value* run, Record record) {
  settle_filled_tensors();
  // A copy of the pointer: the function returns a reference to the thread's own, which changes where tracing pauses.
  auto state = tracer::getTracingState();  // NOLINT(performance-unnecessary-copy-initialization)
  Graph& graph = *state->graph;
  const auto& schema = callee.getSchema();
  auto type = schema.returns().at(0).type();
  bool returns_nothing = type->kind() == c10::TypeKind::NoneType;
  TORCH_CHECK(returns_nothing || can_be_followed(type), "`", name, "` returns a value of type `",
              type->annotation_str(),
              "`, which a trace cannot follow\nhelp: return tensors, or mark the module that calls "
              "it `#[compile_mode(script)]`");
  std::vector<NamedValue> values;
  for (size_t i = 0; i < n_args; i++) {
    // What is on the stack already is the receiver.
    values.emplace_back(traced_value(*args[i], schema.arguments().at(stack.size()).type(), graph));
    stack.push_back(*args[i]);
  }
  // The user's innermost function is the callee itself, so it is skipped.
  const SourceRange range =
      current_place(/*skip=*/1)
          .value_or(SourceRange(std::make_shared<Source>("a call that a trace recorded"), 0, 28));
  std::optional<NamedValue> receiver;
  if (self) receiver = NamedValue(self);
  auto matched = matchSchema(schema, range, graph, values, {}, receiver);
  Value* result = record(graph, matched);
  result->node()->setSourceRange(range);
  IValue output;
  {
    auto resume = c10::make_scope_exit(tracer::pauseTracing());
    output = run ? *run : plans.run(callee, stack);
    output = Fresh(*state)(output);
    watch_results(output, stack);
  }
  if (!returns_nothing) tracer::setValueTrace(output, result);
  return new IValue(std::move(output));
}

}  // namespace

tj_value* tj_trace_call(tj_module* child, tj_str method, tj_value* const* args, size_t n_args,
                        const tj_value* run, tj_sink error) noexcept {
  return guard(error, [&]() -> tj_value* {
    TORCH_CHECK(tracer::getTracingState(), "no trace is being recorded");
    const std::string name = to_string(method);
    Function& callee = child->module.get_method(name).function();
    auto record = [&](Graph& graph, const MatchedSchema& matched) {
      return graph.insertMethodCall(name, matched);
    };
    return trace_call(*child->plans, callee, child->module.type()->name()->name() + "::" + name,
                      {child->module._ivalue()}, tracer::getValueTrace(child->module._ivalue()), args, n_args,
                      run, record);
  });
}

tj_value* tj_trace_call_function(tj_unit* unit, tj_str name, tj_value* const* args, size_t n_args,
                                 tj_sink error) noexcept {
  return guard(error, [&]() -> tj_value* {
    TORCH_CHECK(tracer::getTracingState(), "no trace is being recorded");
    const c10::QualifiedName qualified(to_string(name));
    Function* callee = find_function(unit->declared, unit->unit, qualified.qualifiedName());
    TORCH_CHECK(callee, "there is no function `", qualified.name(), "`");
    auto record = [&](Graph& graph, const MatchedSchema& matched) {
      return graph.insertFunctionCall(callee, matched);
    };
    return trace_call(*unit->plans, *callee, qualified.name(), {}, nullptr, args, n_args, /*run=*/nullptr,
                      record);
  });
}
