// Stage: changes a function so that libtorch's alias analysis (2.13) knows which names of a loop may be one tensor.
//
// The analysis follows the values that a loop carries for one round. After
//
//     for i in range(n):
//         a, b = b, a
//         a += x[i]
//
// it takes `a` for the tensor that was `b` before the loop, and never for its own; and where a round gives `a` another
// tensor, it does not know that there may be no round. libtorch's passes then drop changes in place, or fold what is
// changed into a constant. The workaround is a branch before the loop that exchanges the names, or after it, and that is
// never taken, though libtorch cannot know that: the analysis follows branches.
//
// It is needed only where something is changed in place that these names may be. A function that changes nothing may
// be called by one that does, and becomes a part of it: then the branch is put into the function that is called.

#include <algorithm>
#include <numeric>
#include <unordered_set>

#include <torch/csrc/jit/frontend/error_report.h>
#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/inliner.h>

#include "loops.h"

namespace tch_jit {
namespace {

using namespace torch::jit;
using c10::TypeKind;

// Whether values of the type can be changed in place. Tuples cannot; the analysis takes what is put into them for
// anything that is in some tuple or list.
bool is_mutable(const c10::TypePtr& type) {
  switch (type->kind()) {
    case TypeKind::TensorType:
    case TypeKind::ListType:
    case TypeKind::DictType: return true;
    case TypeKind::OptionalType: return is_mutable(type->expectRef<c10::OptionalType>().getElementType());
    default: return false;
  }
}

// The type without `Optional` around it.
c10::TypePtr base(const c10::TypePtr& type) {
  auto optional = type->cast<c10::OptionalType>();
  return optional ? optional->getElementType() : type;
}

// Whether values of both types may be one object.
bool may_be_one(const c10::TypePtr& a, const c10::TypePtr& b) {
  const c10::TypePtr x = base(a), y = base(b);
  if (x->kind() == TypeKind::NoneType || y->kind() == TypeKind::NoneType) return true;
  return x->kind() == y->kind() && (x->kind() == TypeKind::TensorType || *x == *y);
}

// What a loop carries from round to round, and what it reads besides.
class Carried {
 public:
  explicit Carried(Node* loop)
      : loop_(loop),
        before_(loop->inputs().slice(2).vec()),
        in_(loop->blocks()[0]->inputs().slice(1).vec()),
        out_(loop->blocks()[0]->outputs().slice(1).vec()),
        after_(loop->outputs().vec()) {
    for (size_t i = 0; i < before_.size(); i++) {
      // Before the loop, an option may be a plain None.
      if (is_mutable(in_[i]->type())) slots_.push_back(i);
    }
    if (!slots_.empty()) add_outside(loop->blocks()[0]);
  }

  bool is_empty() const { return slots_.empty(); }

  // Groups of values before the loop that may change places; each has a carried one at least. Where the function is
  // called, its arguments are values of another one.
  std::vector<std::vector<Value*>> groups(const AliasDb& db, bool is_called) const {
    std::vector<Value*> values;
    for (size_t slot : slots_) values.push_back(before_[slot]);
    values.insert(values.end(), outside_.begin(), outside_.end());
    std::vector<size_t> parent(values.size());
    std::iota(parent.begin(), parent.end(), 0);
    auto root = [&](size_t i) {
      while (parent[i] != i) i = parent[i];
      return i;
    };
    for (size_t i = 0; i < slots_.size(); i++) {
      Value* out = out_[slots_[i]];
      if (out == in_[slots_[i]]) continue;
      for (size_t j = 0; j < values.size(); j++) {
        bool is_slot = j < slots_.size();
        // The analysis takes a placeholder, such as of a loop that is left early, for anything, of any type.
        if (!may_be_one(out->type(), values[j]->type())) continue;
        bool meets = j != i && (db.mayAlias(out, is_slot ? in_[slots_[j]] : values[j]) ||
                                (is_slot && db.mayAlias(out, out_[slots_[j]])));
        if (meets && !are_one(values[i], values[j], is_called)) parent[root(j)] = root(i);
      }
    }
    std::vector<std::vector<Value*>> groups;
    for (size_t i = 0; i < values.size(); i++) {
      if (root(i) != i) continue;
      std::vector<Value*> group;
      for (size_t j = 0; j < values.size(); j++) {
        if (root(j) == i && std::find(group.begin(), group.end(), values[j]) == group.end()) {
          group.push_back(values[j]);
        }
      }
      if (group.size() > 1) groups.push_back(std::move(group));
    }
    return groups;
  }

  // Whether something changes a value of the group, or what it may be in the loop and after it.
  bool is_written(const std::vector<Value*>& group, const AliasDb& db) const {
    auto has_writers = [&](const Value* value) { return db.hasWriters(value); };
    for (size_t slot : slots_) {
      if (std::find(group.begin(), group.end(), before_[slot]) == group.end()) continue;
      if (has_writers(in_[slot]) || has_writers(out_[slot]) || has_writers(after_[slot])) return true;
    }
    return std::any_of(group.begin(), group.end(), has_writers);
  }

  // Puts a branch before the loop after which each value of the group may be each other one.
  void exchange(Graph& graph, const std::vector<Value*>& group) {
    WithInsertPoint before(loop_);
    std::vector<size_t> slots;
    for (size_t slot : slots_) {
      if (std::find(group.begin(), group.end(), before_[slot]) != group.end()) slots.push_back(slot);
    }
    std::vector<Value*> members;
    for (Value* value : group) members.push_back(from_outside(graph, value));
    for (size_t distance = 1; distance < group.size(); distance++) {
      Node* branch = never(graph, members);
      for (size_t slot : slots) {
        size_t position = std::find(group.begin(), group.end(), before_[slot]) - group.begin();
        Value* other = members[(position + distance) % members.size()];
        Value* current = loop_->input(slot + 2);
        loop_->replaceInput(slot + 2, choose(graph, branch, other, current, in_[slot]->type()));
      }
    }
  }

  // The slots whose value after the loop may be that before it, if there is no round, unknown to the analysis.
  std::vector<size_t> skipped(const AliasDb& db) const {
    std::vector<size_t> skipped;
    if (has_a_round()) return skipped;
    for (size_t slot : slots_) {
      bool is_known = db.mayAlias(before_[slot], out_[slot]) || is_fresh(before_[slot], db);
      if (after_[slot]->hasUses() && !is_known && !is_reconsidered(after_[slot])) skipped.push_back(slot);
    }
    return skipped;
  }

  bool is_written(size_t slot, const AliasDb& db) const {
    return db.hasWriters(before_[slot]) || db.hasWriters(after_[slot]);
  }

  // Puts a branch behind the loop after which the value may be that before it.
  void reconsider(Graph& graph, size_t slot) {
    WithInsertPoint after(loop_->next());
    Value* value = after_[slot];
    Node* branch = never(graph, {value});
    const std::vector<Use> uses = value->uses();
    Value* result = choose(graph, branch, before_[slot], value, value->type());
    for (const Use& use : uses) {
      if (use.user->isAfter(branch)) use.user->replaceInput(use.offset, result);
    }
  }

 private:
  // Whether `reconsider` was called for the value.
  static bool is_reconsidered(const Value* value) {
    return std::any_of(value->uses().begin(), value->uses().end(), [](const Use& use) {
      const Node* outer = use.user->owningBlock()->owningNode();
      return outer && outer->kind() == prim::If && is_never(outer->input());
    });
  }

  // Adds what the loop reads from outside, and attributes.
  void add_outside(Block* block) {
    auto add = [&](Node* node) {
      for (Value* input : node->inputs()) {
        Symbol kind = input->node()->kind();
        bool is_outside = (input->node()->isBefore(loop_) && kind != prim::Constant) || kind == prim::GetAttr;
        bool is_known = std::find(before_.begin(), before_.end(), input) != before_.end() ||
                        std::find(outside_.begin(), outside_.end(), input) != outside_.end();
        if (is_outside && !is_known && is_mutable(input->type())) outside_.push_back(input);
      }
    };
    for (Node* node : block->nodes()) {
      add(node);
      for (Block* inner : node->blocks()) add_outside(inner);
    }
    add(block->return_node());
  }

  // Whether the analysis takes both for one anyway: both are arguments or attributes, or were exchanged before.
  static bool are_one(const Value* a, const Value* b, bool is_called) {
    auto is_wildcard = [&](const Value* value) {
      bool is_argument = value->node()->kind() == prim::Param && !value->node()->owningBlock()->owningNode();
      return (is_argument && !is_called) || value->node()->kind() == prim::GetAttr;
    };
    return (is_wildcard(a) && is_wildcard(b)) || was_exchanged(a, b) || was_exchanged(b, a);
  }

  // Whether `exchange` has made the value `a` one that may be `b`.
  static bool was_exchanged(const Value* a, const Value* b) {
    while (is_exchanged(b)) b = b->node()->blocks()[1]->outputs()[b->offset()];
    for (; is_exchanged(a); a = a->node()->blocks()[1]->outputs()[a->offset()]) {
      const Value* other = a->node()->blocks()[0]->outputs()[a->offset()];
      bool is_same_attribute = other->node()->kind() == prim::GetAttr && b->node()->kind() == prim::GetAttr &&
                               other->node()->s(attr::name) == b->node()->s(attr::name);
      if (other == b || is_same_attribute) return true;
    }
    return false;
  }

  static bool is_exchanged(const Value* value) {
    return value->node()->kind() == prim::If && is_never(value->node()->input());
  }

  // Whether the value is made for the loop, so that nothing else can see it change.
  static bool is_fresh(const Value* value, const AliasDb& db) {
    Symbol kind = value->node()->kind();
    if (value->uses().size() > 1 || kind == prim::Param || kind == prim::GetAttr) return false;
    for (const Value* input : value->node()->inputs()) {
      if (db.mayAlias(value, input)) return false;
    }
    return value->node()->blocks().empty();
  }

  bool has_a_round() const {
    auto rounds = toIValue(loop_->input(0));
    auto starts = toIValue(loop_->input(1));
    return rounds && starts && rounds->toInt() > 0 && starts->toBool();
  }

  // The value, or, if the loop reads it of `self`, the same read before the loop.
  Value* from_outside(Graph& graph, Value* value) {
    if (value->node()->kind() != prim::GetAttr || value->node()->isBefore(loop_)) return value;
    WithInsertPoint before(loop_);
    Value* object = from_outside(graph, value->node()->input());
    return graph.insertNode(graph.createGetAttr(object, value->node()->s(attr::name)))->output();
  }

  // A branch that is never taken.
  Node* never(Graph& graph, std::vector<Value*> values) {
    values.insert(values.end(), before_.begin(), before_.end());
    values.push_back(loop_->input(0));
    Value* condition = insert_never(graph, std::move(values));
    if (!condition) {
      throw ErrorReport(loop_->sourceRange())
          << "values change places in this loop and are changed in place, which libtorch does not follow\n"
             "help: keep them in variables of their own, or compute new ones";
    }
    Node* branch = graph.insertNode(graph.create(prim::If, {condition}, 0));
    branch->setSourceRange(loop_->sourceRange());
    branch->addBlock();
    branch->addBlock();
    return branch;
  }

  // A value that is `current`, but `other` where the branch is taken. None is no object that a name could share.
  Value* choose(Graph& graph, Node* branch, Value* other, Value* current, const c10::TypePtr& type) {
    if (other->type()->kind() == TypeKind::NoneType) other = current;
    {
      WithInsertPoint inside(branch->blocks()[0]);
      if (!other->type()->isSubtypeOf(*type)) {
        if (other->type()->kind() != TypeKind::OptionalType || !base(other->type())->isSubtypeOf(*type)) {
          throw ErrorReport(loop_->sourceRange())
              << "values of the types `" << type->annotation_str() << "` and `"
              << other->type()->annotation_str()
              << "` change places in this loop and are changed in place, which libtorch does not follow\n"
                 "help: keep the tensors in variables of their own, or compute new ones";
        }
        other = graph.insert(aten::_unwrap_optional, {other});
      }
    }
    branch->blocks()[0]->registerOutput(other);
    branch->blocks()[1]->registerOutput(current);
    return branch->addOutput()->setType(type);
  }

  Node* loop_;
  std::vector<Value*> before_, in_, out_, after_;
  // The carried values that can be changed in place.
  std::vector<size_t> slots_;
  std::vector<Value*> outside_;
};

// Whether a node of the block, or one inside of it, changes something in place.
bool changes(Block* block) {
  for (Node* node : block->nodes()) {
    const FunctionSchema* schema = node->maybeSchema();
    if (node->kind() == prim::SetAttr || (schema && schema->is_mutable())) return true;
    for (Block* inner : node->blocks()) {
      if (changes(inner)) return true;
    }
  }
  return false;
}

using Functions = std::unordered_set<GraphFunction*>;

// The calls in the block.
void add_calls(Block* block, std::vector<Node*>& calls) {
  for (Node* node : block->nodes()) {
    for (Block* inner : node->blocks()) add_calls(inner, calls);
    if (tryToGraphFunction(node)) calls.push_back(node);
  }
}

// Adds the function, and those that it calls, directly or not.
void add_called(GraphFunction* function, Functions& called) {
  if (!called.insert(function).second) return;
  std::vector<Node*> calls;
  add_calls(function->graph()->block(), calls);
  for (Node* call : calls) add_called(tryToGraphFunction(call), called);
}

// Settles the loops of a function; all of them, or those where something is changed.
void settle(GraphFunction& function, bool all) {
  const std::shared_ptr<Graph> graph = function.graph();
  for (Node* loop : loops_of(graph->block())) {
    if (Carried(loop).is_empty()) continue;
    {
      // Each branch makes the analysis of what comes after it another one.
      Carried carried(loop);
      const AliasDb db(graph, /*isFrozen=*/false, /*descendFunctionCalls=*/true);
      for (const auto& group : carried.groups(db, /*is_called=*/all)) {
        if (all || carried.is_written(group, db)) carried.exchange(*graph, group);
      }
    }
    Carried carried(loop);
    const AliasDb db(graph, /*isFrozen=*/false, /*descendFunctionCalls=*/true);
    for (size_t slot : carried.skipped(db)) {
      if (all || carried.is_written(slot, db)) carried.reconsider(*graph, slot);
    }
  }
}

// Settles the loops below those calls of a function whose arguments or results are changed in it.
void settle_below(GraphFunction& function) {
  std::vector<Node*> calls;
  add_calls(function.graph()->block(), calls);
  if (calls.empty()) return;
  const AliasDb db(function.graph(), /*isFrozen=*/false, /*descendFunctionCalls=*/true);
  auto is_written = [&](const Value* value) { return is_mutable(value->type()) && db.hasWriters(value); };
  Functions settled;
  for (Node* call : calls) {
    const auto &inputs = call->inputs(), &outputs = call->outputs();
    if (std::any_of(inputs.begin(), inputs.end(), is_written) ||
        std::any_of(outputs.begin(), outputs.end(), is_written)) {
      add_called(tryToGraphFunction(call), settled);
    }
  }
  for (GraphFunction* callee : settled) {
    settle(*callee, /*all=*/true);
    callee->clear_optimized_graphs();
  }
}

}  // namespace

void settle_aliases(GraphFunction& function) {
  Functions all;
  add_called(&function, all);
  auto has_loop = [](GraphFunction* it) { return !loops_of(it->graph()->block()).empty(); };
  auto changes_something = [](GraphFunction* it) { return changes(it->graph()->block()); };
  // The analysis takes time, and is asked only where it could err.
  if (std::none_of(all.begin(), all.end(), has_loop)) return;
  if (std::none_of(all.begin(), all.end(), changes_something)) return;
  settle(function, /*all=*/false);
  settle_below(function);
}

}  // namespace tch_jit
