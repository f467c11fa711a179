// What names mean while a Rust body is compiled: `self`, constants, types and Rust's operators.
#pragma once

#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

#include "support.h"

namespace tch_jit {

// The name, without `$`, of the form that decide.cc writes for a parameter that is a module.
constexpr const char* MODULE = "module";

// Whether a class is one of PyTorch's containers of modules or parameters: a list, or a map.
bool is_container(const c10::ClassType& type);

// The value of an integer that is known while compiling, such as an index; none for others. In an unrolled loop with
// `enumerate`, libtorch computes the index from constants.
std::optional<int64_t> known_index(torch::jit::Value* index, const torch::jit::GraphFunction& m,
                                   const Declared* declared);

// `self` in a body of a module whose class is `type`.
struct RustSelf : torch::jit::Self {
  RustSelf(c10::ClassTypePtr type, std::shared_ptr<Declared> declared)
      : type_(std::move(type)), declared_(std::move(declared)) {}
  std::shared_ptr<torch::jit::SugaredValue> makeSugared(torch::jit::Value* v) const override;
  c10::ClassTypePtr getClassType() const override { return type_; }

 private:
  c10::ClassTypePtr type_;
  std::shared_ptr<Declared> declared_;
};

// Resolves the names in a body: `torch`; `$T0`, `$C0` and `$F0`, which are types, constants and functions that Rust
// named; operators of Rust such as `$div` (see rust_ops.cc).
torch::jit::ResolverPtr make_resolver(const Body& body, std::shared_ptr<torch::jit::CompilationUnit> unit,
                                      std::shared_ptr<Declared> declared);

// The value as a body sees it: a module gets the fields and methods that Rust sees.
std::shared_ptr<torch::jit::SugaredValue> sugar(torch::jit::Value* value,
                                                const std::shared_ptr<Declared>& declared);

// `Default::default()` of a type, see rust_values.cc.
torch::jit::Value* default_of(const c10::TypePtr& type, torch::jit::GraphFunction& m,
                              const torch::jit::SourceRange& loc);

// The operator of Rust named `name`, without `$`; null where there is none.
std::shared_ptr<torch::jit::SugaredValue> rust_operator(const std::string& name,
                                                        std::shared_ptr<torch::jit::CompilationUnit> unit,
                                                        std::shared_ptr<Declared> declared);
// The names of all operators of Rust, in the order of their tables.
std::vector<std::string> rust_operators();

// The names, without `$`, of the forms that are decided while compiling, and of words that libtorch itself gives a
// meaning.
std::vector<std::string> static_forms();

}  // namespace tch_jit
