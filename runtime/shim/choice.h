// A module that is chosen while a compiled body runs, see choice.cc.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include <torch/csrc/jit/frontend/sugared_value.h>

namespace tch_jit {

// A module among others, each with the key that it is chosen by: a number, or a text.
using Options = std::vector<std::pair<c10::IValue, std::shared_ptr<torch::jit::SugaredValue>>>;

// The name, without `$`, of the form that decide.cc writes for a variable that holds one of several modules.
constexpr const char* CHOOSE = "choose";

// The module among `options` whose key equals `key`; where none does, its use fails.
std::shared_ptr<torch::jit::SugaredValue> choice(torch::jit::Value* key, Options options);

}  // namespace tch_jit
