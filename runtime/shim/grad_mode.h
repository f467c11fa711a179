// `torch.no_grad()` and `torch.enable_grad()` in compiled code.
#pragma once

#include <memory>
#include <string>

#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

namespace tch_jit {

// The names of both, as PyTorch has them.
constexpr const char* GRAD_MODES[] = {"no_grad", "enable_grad"};

// The class of the mode `name`, to be called; null where it is no mode.
std::shared_ptr<torch::jit::SugaredValue> grad_mode(const std::string& name,
                                                    const std::shared_ptr<torch::jit::CompilationUnit>& unit);

}  // namespace tch_jit
