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
  torch::jit::Def def(Decoder(method.tree, source).node());
  return def.withName(to_string(method.name));
}

}  // namespace tch_jit
