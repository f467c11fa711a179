// Stage: what the macro emitted (`macros/src/emit/encode.rs`) becomes libtorch's syntax tree.
//
// The format does not list the kinds of nodes. Their grammar is defined once, in libtorch's tree_views.h, and only the
// macro writes it:
//
//   bytes  = count strings{count} node
//   string = length utf8{length}
//   node   = 0 string-index                                  a String leaf
//          | 1 + string-index  start length  count node{count}  a Compound; the string names its
//                                                            kind, such as `TK_APPLY` or `+`
//
// All numbers are LEB128. Start and length are bytes within the method's source text.

#include "tree.h"

#include <unordered_map>

#include <torch/csrc/jit/frontend/lexer.h>

#include "support.h"

namespace tch_jit {
namespace {

using torch::jit::Compound;
using torch::jit::SourceRange;
using torch::jit::TreeList;
using torch::jit::TreeRef;

int kind_of(const std::string& name) {
  static const auto* kinds = [] {
    auto* map = new std::unordered_map<std::string, int>;
#define TJ_KIND(token, _name, _repr) map->emplace(#token, torch::jit::token);
    TC_FORALL_TOKEN_KINDS(TJ_KIND)
#undef TJ_KIND
    return map;
  }();
  if (name.size() == 1) return static_cast<unsigned char>(name[0]);
  auto found = kinds->find(name);
  TORCH_CHECK(found != kinds->end(), "unknown syntax tree node `", name, "`");
  return found->second;
}

// Whether there is a loop in the tree.
bool has_loop(const TreeRef& tree) {
  if (tree->kind() == torch::jit::TK_FOR || tree->kind() == torch::jit::TK_WHILE) return true;
  return !tree->isAtom() && std::any_of(tree->trees().begin(), tree->trees().end(), has_loop);
}

// Adds a call of `$keep_changes` to the statements, see sugared.cc: at their end, or before a last one that leaves them
// or has statements of its own.
TreeRef with_kept_changes(const TreeRef& list) {
  namespace tj = torch::jit;
  TreeList statements = list->trees();
  if (statements.empty()) return list;
  const TreeRef last = statements.back();
  const SourceRange& range = last->range();
  auto name = tj::Var::create(range, tj::Ident::create(range, "$keep_changes"));
  auto call = tj::Apply::create(range, name, tj::List<tj::Expr>::create(range, {}),
                                tj::List<tj::Attribute>::create(range, {}));
  bool is_plain =
      last->kind() == tj::TK_ASSIGN || last->kind() == tj::TK_AUG_ASSIGN || last->kind() == tj::TK_EXPR_STMT;
  statements.insert(is_plain ? statements.end() : statements.end() - 1,
                    tj::ExprStmt::create(range, call).tree());
  return Compound::create(list->kind(), list->range(), std::move(statements));
}

// Adds such calls to all statements of the tree, if it has loops.
TreeRef keep_changes(const TreeRef& tree) {
  if (tree->isAtom()) return tree;
  TreeList children;
  for (const TreeRef& child : tree->trees()) children.push_back(keep_changes(child));
  auto mark = [&](size_t i) { children[i] = with_kept_changes(children[i]); };
  switch (tree->kind()) {
    case torch::jit::TK_DEF:
    case torch::jit::TK_FOR: mark(2); break;
    case torch::jit::TK_WHILE: mark(1); break;
    case torch::jit::TK_IF: mark(1), mark(2); break;
    default: break;
  }
  return Compound::create(tree->kind(), tree->range(), std::move(children));
}

class Decoder {
 public:
  Decoder(tj_str bytes, std::shared_ptr<torch::jit::Source> source)
      : next_(bytes.data), end_(bytes.data + bytes.len), source_(std::move(source)) {
    strings_.resize(number());
    for (auto& text : strings_) {
      size_t len = number();
      TORCH_CHECK(len <= size_t(end_ - next_), "truncated syntax tree");
      text.assign(next_, len);
      next_ += len;
    }
  }

  TreeRef node() {
    size_t tag = number();
    if (tag == 0) return torch::jit::String::create(string(number()));
    int kind = kind_of(string(tag - 1));
    size_t start = number();
    size_t len = number();
    size_t count = number();
    TreeList children;
    for (size_t i = 0; i < count; i++) children.push_back(node());
    return Compound::create(kind, SourceRange(source_, start, start + len), std::move(children));
  }

 private:
  size_t number() {
    size_t value = 0;
    for (size_t shift = 0;; shift += 7) {
      TORCH_CHECK(next_ < end_ && shift < 64, "truncated syntax tree");
      size_t byte = static_cast<unsigned char>(*next_++);
      value |= (byte & 0x7fU) << shift;
      if ((byte & 0x80U) == 0) return value;
    }
  }

  const std::string& string(size_t index) const {
    TORCH_CHECK(index < strings_.size(), "malformed syntax tree");
    return strings_[index];
  }

  const char* next_;
  const char* end_;
  std::shared_ptr<torch::jit::Source> source_;
  std::vector<std::string> strings_;
};

}  // namespace

torch::jit::Def decode_def(const tj_method& method) {
  // libtorch's messages add `method.line`, which counts from 1, to lines of the text, which they count from 0.
  auto source =
      std::make_shared<torch::jit::Source>(to_string(method.source), to_string(method.file), method.line);
  TreeRef tree = Decoder(method.tree, source).node();
  torch::jit::Def def(has_loop(tree) ? keep_changes(tree) : tree);
  return def.withName(to_string(method.name));
}

}  // namespace tch_jit
