// Stage: changes a function so that libtorch (2.13) keeps what is changed in place while something else holds it.
//
// libtorch removes changes that nothing reads, here as soon as it has compiled a function, and where a file is loaded. Its
// analysis (`AliasDb::writesToAlias`) looks at values themselves, not at what they contain:
//
//     y = x * 2
//     pair = (y, 1)
//     y.add_(1)      # removed: it does not write to `pair`
//     return pair
//
// In this compilation such changes are kept by `$keep_changes` (see changes.cc). For the file, a tuple or a list is made and
// filled where it is first read, since that reads nothing of what it holds. A list or a map that is used before the change
// gets a branch behind the change that puts the value in once more, `if len(all) < 0: all.append(y)`, and is never taken;
// libtorch cannot know that, also where its executor specializes the function for the shapes that it has met.

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

#include <torch/csrc/jit/ir/alias_analysis.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>
#include <torch/csrc/jit/passes/inliner.h>

#include "loops.h"

namespace tch_jit {
namespace {

using namespace torch::jit;

const Symbol& number() {
  static const Symbol symbol = Symbol::attr("number");
  return symbol;
}

template <typename F>
void for_each(Block* block, F f) {
  for (Node* node : block->nodes()) {
    f(node);
    for (Block* inner : node->blocks()) for_each(inner, f);
  }
}

bool is_container(const Node* node) {
  return node->kind() == prim::TupleConstruct || node->kind() == prim::ListConstruct ||
         node->kind() == prim::DictConstruct;
}

// The node of the block that `node` is, or is in; null where it is elsewhere.
Node* in_block(Node* node, const Block* block) {
  while (node && node->owningBlock() != block) node = node->owningBlock()->owningNode();
  return node;
}

// Whether something between the two may change what the container holds.
bool changes_between(Node* container, Node* user) {
  bool found = false;
  for (Node* node = container->next(); node != user && !found; node = node->next()) {
    found = !written_by(node).empty() || tryToGraphFunction(node) || !node->blocks().empty();
  }
  return found;
}

// Whether the node puts a value into a list or a map that was made in the same block, and that has no second name yet.
bool stores(Node* node) {
  if (node->kind() != aten::append && node->kind() != aten::_set_item) return false;
  Value* container = node->input(0);
  if (!is_container(container->node()) || container->node()->owningBlock() != node->owningBlock())
    return false;
  return std::all_of(container->uses().begin(), container->uses().end(), [&](const Use& use) {
    Symbol kind = use.user->kind();
    bool names_nothing =
        kind == aten::append || kind == aten::_set_item || kind == aten::len || kind == aten::__getitem__;
    Node* user = in_block(use.user, node->owningBlock());
    return user == node || node->isBefore(user) || (names_nothing && use.offset == 0);
  });
}

// The first node of the block, behind `node`, that uses the value, or that has a block in which it is used.
Node* next_user(Value* value, Node* node) {
  Node* first = nullptr;
  for (const Use& use : value->uses()) {
    Node* user = in_block(use.user, node->owningBlock());
    if (user && node->isBefore(user) && (!first || user->isBefore(first))) first = user;
  }
  return first;
}

// Makes each container, and fills it, where it is first read.
void sink(Block* block) {
  // From the end: what holds a container goes first.
  for (Node* node = block->return_node()->prev(); node != block->param_node();) {
    Node* moved = node;
    node = node->prev();
    for (Block* inner : moved->blocks()) sink(inner);
    Value* container = is_container(moved) ? moved->output() : stores(moved) ? moved->input(0) : nullptr;
    Node* user = container ? next_user(container, moved) : nullptr;
    if (user && changes_between(moved, user)) moved->moveBefore(user);
  }
}

// The numbers of the nodes that libtorch keeps.
std::unordered_set<int64_t> kept_by_libtorch(Graph& graph) {
  auto copy = graph.copy();
  EliminateDeadCode(copy);
  std::unordered_set<int64_t> kept;
  for_each(copy->block(), [&](Node* node) {
    if (node->hasAttribute(number())) kept.insert(node->i(number()));
  });
  return kept;
}

// The type of what a list or a map holds; null for other types.
TypePtr held(const TypePtr& type) {
  if (auto list = type->cast<ListType>()) return list->getElementType();
  if (auto dict = type->cast<DictType>()) return dict->getValueType();
  return nullptr;
}

// Who reads a changed value after the change.
struct Readers {
  bool any = false;
  // A list or a map that may hold the value, and is there at the change; null where there is none.
  Value* container = nullptr;
};

// The nodes that are kept and run after `change`, and have the value or something that holds it.
class Search {
 public:
  Search(Node* change, Value* value, const std::unordered_set<int64_t>& kept, AliasDb& db)
      : change_(change), value_(value), kept_(kept), db_(db) {}

  Readers run() {
    for (Node* at = change_; at; at = at->owningBlock()->owningNode()) {
      Block* block = at->owningBlock();
      for (Node* node = at->next(); node != block->return_node(); node = node->next()) visit(node);
      look_at(block->return_node());
      // The next round runs what stands before it, too.
      Node* owner = block->owningNode();
      if (owner && owner->kind() == prim::Loop) visit(owner);
    }
    return readers_;
  }

 private:
  void visit(Node* node) {
    if (kept_.count(node->i(number()))) look_at(node);
    for (Block* inner : node->blocks()) {
      for (Node* it : inner->nodes()) visit(it);
      look_at(inner->return_node());
    }
  }

  void look_at(Node* node) {
    for (Value* it : node->inputs()) {
      if (!db_.mayContainAlias(it, value_)) continue;
      readers_.any = true;
      TypePtr type = held(it->type());
      bool fits = type && *type == *value_->type();
      if (fits && change_->isDominatedBy(it->node())) readers_.container = it;
    }
  }

  Node* change_;
  Value* value_;
  const std::unordered_set<int64_t>& kept_;
  AliasDb& db_;
  Readers readers_;
};

// A key of the type. It is never looked up.
IValue some_key(const TypePtr& type) {
  switch (type->kind()) {
    case TypeKind::StringType: return std::string();
    case TypeKind::FloatType: return 0.0;
    case TypeKind::BoolType: return false;
    default: return 0;
  }
}

void insert_reader(Graph& graph, Node* change, Value* value, Value* container) {
  WithInsertPoint after(change->next());
  // Of a tensor's size, libtorch's executor learns what it is.
  Value* never = container ? graph.insert(aten::lt, {graph.insert(aten::len, {container}), 0})
                           : insert_never(graph, {value});
  if (!never) return;
  Node* branch = graph.insertNode(graph.create(prim::If, {never}, 0));
  branch->setSourceRange(change->sourceRange());
  Block* then = branch->addBlock();
  branch->addBlock();
  WithInsertPoint inside(then);
  if (!container) {
    graph.insert(prim::RaiseException,
                 {graph.insertConstant("unreachable: without it, libtorch would lose the change above")});
  } else if (auto dict = container->type()->cast<DictType>()) {
    graph.insert(aten::_set_item, {container, graph.insertConstant(some_key(dict->getKeyType())), value});
  } else {
    graph.insert(aten::append, {container, value});
  }
}

}  // namespace

std::vector<Value*> written_by(Node* node) {
  std::vector<Value*> written;
  const FunctionSchema* schema = node->maybeSchema();
  if (!schema || !schema->is_mutable()) return written;
  for (size_t i = 0; i < schema->arguments().size(); i++) {
    const auto* alias = schema->arguments()[i].alias_info();
    if (alias && alias->isWrite()) written.push_back(node->input(i));
  }
  return written;
}

void settle_containers(const std::shared_ptr<Graph>& graph) {
  std::vector<Node*> changes;
  for_each(graph->block(), [&](Node* node) {
    if (!written_by(node).empty()) changes.push_back(node);
  });
  bool calls = false;
  for_each(graph->block(), [&](Node* node) { calls = calls || tryToGraphFunction(node); });
  if (changes.empty() && !calls) return;
  sink(graph->block());
  if (changes.empty()) return;
  int64_t n = 0;
  for_each(graph->block(), [&](Node* node) { node->i_(number(), n++); });
  const auto kept = kept_by_libtorch(*graph);
  std::vector<std::tuple<Node*, Value*, Value*>> lost;
  std::unique_ptr<AliasDb> db;
  for (Node* change : changes) {
    if (kept.count(change->i(number()))) continue;
    if (!db) db = std::make_unique<AliasDb>(graph);
    for (Value* value : written_by(change)) {
      Readers readers = Search(change, value, kept, *db).run();
      if (readers.any) lost.emplace_back(change, value, readers.container);
    }
  }
  for_each(graph->block(), [&](Node* node) { node->removeAttribute(number()); });
  for (auto [change, value, container] : lost) insert_reader(*graph, change, value, container);
}

}  // namespace tch_jit
