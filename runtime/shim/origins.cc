// Where the code of an archive came from: the pickle beside each file of code maps its bytes to the ranges of other
// sources. libtorch's own reader of it is not exported, and takes the indices in it for sound.
//
// It is asked while an error is described, so it has no errors of its own: what is wrong in it is not there.

#include "origins.h"

#include <algorithm>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/frontend/source_range.h>
#include <torch/csrc/jit/serialization/pickle.h>

namespace tch_jit {
namespace {

using c10::IValue;
using torch::jit::Source;
using torch::jit::SourceRange;

// The most bytes of one source: its pieces may be named any number of times.
constexpr size_t max_text = 67108864;

struct Origin {
  // Where the code begins that came from `range`.
  size_t offset;
  SourceRange range;
};

class Pickle {
 public:
  // Older versions of PyTorch do not have the table of texts.
  std::vector<Origin> read(const IValue& root) {
    const auto* rows = &root.toTupleRef().elements();
    if (!rows->empty() && (*rows)[0].isString()) {
      table_ = rows->at(1);
      rows = &rows->at(2).toTupleRef().elements();
    }
    std::vector<Origin> origins;
    for (const IValue& row : *rows) {
      const auto& parts = row.toTupleRef().elements();
      for (const IValue& part : parts) {
        // The other parts are numbers.
        if (part.isTuple()) origins.push_back({static_cast<size_t>(parts.at(0).toInt()), range(part)});
      }
    }
    return origins;
  }

 private:
  SourceRange range(const IValue& value) {
    const auto& parts = value.toTupleRef().elements();
    std::shared_ptr<Source> source = this->source(parts.at(0));
    auto start = static_cast<size_t>(parts.at(1).toInt());
    auto end = static_cast<size_t>(parts.at(2).toInt());
    TORCH_CHECK(start <= end && end <= source->size(), "a range outside of its source");
    return {source, start, end};
  }

  std::shared_ptr<Source> source(const IValue& value) {
    std::shared_ptr<Source>& known = sources_[value.internalToPointer()];
    if (known) return known;
    const auto& parts = value.toTupleRef().elements();
    auto line = static_cast<size_t>(parts.at(2).toInt());
    if (parts.at(0).isString()) {
      std::optional<std::string> file;
      if (parts.at(1).isString()) file = parts.at(1).toStringRef();
      known = std::make_shared<Source>(parts.at(0).toStringRef(), file, line);
      return known;
    }
    std::string text;
    for (const IValue& piece : parts.at(0).toListRef()) {
      text += table_text(piece.toInt());
      TORCH_CHECK(text.size() <= max_text, "a source is too long");
    }
    known = std::make_shared<Source>(text, table_text(parts.at(1).toInt()), line);
    return known;
  }

  const std::string& table_text(int64_t index) {
    return table_.toTupleRef().elements().at(static_cast<size_t>(index)).toStringRef();
  }

  IValue table_;
  std::unordered_map<const void*, std::shared_ptr<Source>> sources_;
};

class Origins : public torch::jit::SourceRangeUnpickler {
 public:
  explicit Origins(std::string pickle) : pickle_(std::move(pickle)) {}

  std::optional<SourceRange> findSourceRangeThatGenerated(const SourceRange& range) override {
    std::call_once(is_read_, [this] { read(); });
    auto after = std::upper_bound(origins_.begin(), origins_.end(), range.start(),
                                  [](size_t offset, const Origin& origin) { return offset < origin.offset; });
    if (after == origins_.begin()) return std::nullopt;
    return std::prev(after)->range;
  }

 private:
  void read() noexcept {
    try {
      origins_ = Pickle().read(torch::jit::unpickle(pickle_.data(), pickle_.size()));
    } catch (const std::exception&) {
      origins_.clear();
    }
    pickle_ = {};
  }

  std::once_flag is_read_;
  std::string pickle_;
  std::vector<Origin> origins_;
};

}  // namespace

std::shared_ptr<torch::jit::SourceRangeUnpickler> read_origins(std::string pickle) {
  return std::make_shared<Origins>(std::move(pickle));
}

}  // namespace tch_jit
