// Archives of modules, see archive.cc.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <ATen/core/ivalue.h>
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/api/compilation_unit.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import_source.h>

#include "permitted.h"

namespace tch_jit {

using Reader = caffe2::serialize::PyTorchStreamReader;

// Reads an archive in memory, which must outlive the reader.
std::shared_ptr<Reader> open_archive(const char* data, size_t len);

// Makes a module, or a part of one, of what an archive holds. Pickles are taken for well-formed: what is wrong in one
// may end the process. What they hold is checked: values have the types that the archive's code declares.
class Loader {
 public:
  Loader(std::shared_ptr<Reader> reader, bool is_trusted, std::optional<at::Device> device = std::nullopt);

  torch::jit::Module module();

  // Compiles the class of this name, with all that it needs.
  void compile(const c10::QualifiedName& class_name);

 private:
  std::shared_ptr<torch::jit::Source> source(const std::string& qualifier) const;
  std::string record(const std::string& name) const;
  c10::StrongTypePtr type(const c10::QualifiedName& name);
  c10::IValue pickle(const std::string& name);
  void read_constants();

  std::shared_ptr<Reader> reader_;
  std::optional<at::Device> device_;
  Permitted permitted_;
  std::shared_ptr<torch::jit::CompilationUnit> unit_;
  std::vector<c10::IValue> constants_;
  torch::jit::SourceImporter importer_;
};

}  // namespace tch_jit
