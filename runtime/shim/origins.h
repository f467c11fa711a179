// Where the code of an archive came from, see origins.cc.
#pragma once

#include <memory>
#include <string>

#include <torch/csrc/jit/serialization/source_range_serialization.h>

namespace tch_jit {

// Reads a `.debug_pkl`, once it is asked.
std::shared_ptr<torch::jit::SourceRangeUnpickler> read_origins(std::string pickle);

}  // namespace tch_jit
