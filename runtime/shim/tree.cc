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
//
// The callee of a call `x.name(…)` is a `.` with the field `name()`. In `name()3`, slot 3 may hold a function: then `x` is
// a value, and the call becomes `$F3(x, …)`.

#include "tree.h"

#include <optional>
#include <unordered_map>
#include <utility>

#include <torch/csrc/jit/frontend/lexer.h>

#include "support.h"

namespace tch_jit {
namespace {

using torch::jit::Compound;
using torch::jit::Ident;
using torch::jit::SourceRange;
using torch::jit::TreeList;
using torch::jit::TreeRef;
using torch::jit::Var;

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

// The slot in the name of a method, `name()3`, and the name without it.
std::optional<std::pair<std::string, size_t>> slot_in(const std::string& name) {
  const std::string mark = "()";
  size_t at = name.rfind(mark);
  if (at == std::string::npos || at + mark.size() == name.size()) return std::nullopt;
  return std::pair(name.substr(0, at + mark.size()), std::stoul(name.substr(at + mark.size())));
}

class Decoder {
 public:
  Decoder(const tj_method& method, std::shared_ptr<torch::jit::Source> source)
      : next_(method.tree.data),
        end_(method.tree.data + method.tree.len),
        method_(method),
        source_(std::move(source)) {
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
    if (kind == torch::jit::TK_APPLY) settle_callee(children);
    return Compound::create(kind, SourceRange(source_, start, start + len), std::move(children));
  }

 private:
  // Makes the callee of a call that of a method, or of a function that takes the receiver.
  void settle_callee(TreeList& call) {
    TreeRef callee = call.at(0);
    if (callee->kind() != '.') return;
    const Ident method(callee->tree(1));
    auto found = slot_in(method.name());
    if (!found) return;
    auto [name, slot] = *found;
    TORCH_CHECK(slot < method_.n_functions, "malformed syntax tree");
    if (method_.functions[slot].len == 0) {
      TreeRef ident = Ident::create(method.range(), name).tree();
      call[0] = Compound::create('.', callee->range(), {callee->tree(0), ident});
      return;
    }
    call[0] = Var::create(callee->range(), Ident::create(method.range(), "$F" + std::to_string(slot))).tree();
    TreeList args{callee->tree(0)};
    for (const auto& arg : call.at(1)->trees()) args.push_back(arg);
    call[1] = Compound::create(torch::jit::TK_LIST, call.at(1)->range(), std::move(args));
  }

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
  const tj_method& method_;
  std::shared_ptr<torch::jit::Source> source_;
  std::vector<std::string> strings_;
};

}  // namespace

torch::jit::Def decode_def(const tj_method& method) {
  // libtorch's messages add `method.line`, which counts from 1, to lines of the text, which they count from 0.
  auto source =
      std::make_shared<torch::jit::Source>(to_string(method.source), to_string(method.file), method.line);
  torch::jit::Def def(Decoder(method, source).node());
  return def.withName(to_string(method.name));
}

}  // namespace tch_jit
