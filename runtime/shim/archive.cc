// Stage: reads archives, of which `artifact/inspect` in Rust has checked the records, the pickles, and how deeply the
// code is nested.
//
// libtorch puts what a pickle holds into objects without a look at the types that the code declares, and its
// interpreter trusts these types: a tuple that is too short ends the process. So values are checked here, before
// `__setstate__` sees them, and at the end once more, since a pickle may change a list after it was used.

#include "archive.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include <ATen/ATen.h>
#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/csrc/jit/serialization/import_read.h>
#include <torch/headeronly/version.h>

#include "conforms.h"
#include "origins.h"
#include "readable.h"
#include "support.h"

struct tj_archive {
  std::shared_ptr<tch_jit::Reader> reader;
};

namespace tch_jit {
namespace {

using namespace torch::jit;

class Bytes : public caffe2::serialize::ReadAdapterInterface {
 public:
  Bytes(const char* data, size_t len) : data_(data), len_(len) {}
  size_t size() const override { return len_; }
  size_t read(uint64_t pos, void* buffer, size_t n, const char*) const override {
    if (pos >= len_) return 0;
    n = std::min(n, len_ - static_cast<size_t>(pos));
    std::memcpy(buffer, data_ + pos, n);
    return n;
  }

 private:
  const char* data_;
  size_t len_;
};

// Classes of C++ that modules of Python hold. Their states are tuples of tensors and numbers; what they make of these is
// theirs.
bool is_known_native_class(const std::string& name) {
  for (const char* prefix : {"quantized.", "rnn.", "xnnpack."}) {
    if (name.compare(0, std::strlen(prefix), prefix) == 0) return true;
  }
  return false;
}

}  // namespace

std::shared_ptr<Reader> open_archive(const char* data, size_t len) {
  return std::make_shared<Reader>(std::make_shared<Bytes>(data, len));
}

Loader::Loader(std::shared_ptr<Reader> reader, bool is_trusted, std::optional<at::Device> device)
    : reader_(std::move(reader)),
      device_(device),
      permitted_(is_trusted),
      unit_(std::make_shared<CompilationUnit>()),
      importer_(
          unit_, &constants_, [this](const std::string& qualifier) { return source(qualifier); },
          reader_->version()) {}

std::shared_ptr<Source> Loader::source(const std::string& qualifier) const {
  std::string path = "code/" + qualifier + ".py";
  std::replace(path.begin() + 5, path.end() - 3, '.', '/');
  if (!reader_->hasRecord(path)) return nullptr;
  std::shared_ptr<SourceRangeUnpickler> origins;
  if (reader_->hasRecord(path + ".debug_pkl")) origins = read_origins(record(path + ".debug_pkl"));
  return std::make_shared<Source>(record(path), path, 1, origins);
}

std::string Loader::record(const std::string& name) const {
  auto [data, size] = reader_->getRecord(name);
  return std::string(static_cast<const char*>(data.get()), size);
}

c10::StrongTypePtr Loader::type(const c10::QualifiedName& name) {
  static const std::string native = "__torch__.torch.classes.";
  const std::string& text = name.qualifiedName();
  if (text.compare(0, native.size(), native) == 0) {
    TORCH_CHECK(is_known_native_class(text.substr(native.size())), "objects of the class `", text,
                "` are not read from files");
  }
  TypePtr type = importer_.loadType(name);
  // Reading a number that the enum lacks would disturb libtorch's stack.
  TORCH_CHECK(type->kind() != c10::EnumType::Kind, "a value of the enum `", text,
              "` is in an attribute, and is not read from files\nhelp: keep its number instead");
  return {unit_, std::move(type)};
}

c10::IValue Loader::pickle(const std::string& name) {
  auto find_type = [this](const c10::QualifiedName& name) { return type(name); };
  auto load_object = [this](const c10::StrongTypePtr& type, const IValue& state) {
    auto class_type = type.type_->cast<c10::ClassType>();
    TORCH_CHECK(class_type, "`", type.type_->annotation_str(), "` is no class");
    Function* set_state = class_type->findMethod("__setstate__");
    if (set_state != nullptr && class_type->findMethod("__getstate__") != nullptr) {
      check_conforms(state, set_state->getSchema().arguments().at(1).type());
      permitted_.admit(*set_state);
    }
    return ObjLoaderFunc(type, state);
  };
  return readArchiveAndTensors(name, "", name + "/", find_type, load_object, device_, *reader_);
}

void Loader::read_constants() {
  c10::IValue constants = pickle("constants");
  check_conforms(constants, c10::AnyType::get());
  for (const c10::IValue& constant : constants.toTupleRef().elements()) constants_.push_back(constant);
}

void Loader::compile(const c10::QualifiedName& class_name) {
  read_constants();
  importer_.loadType(class_name);
}

Module Loader::module() {
  read_constants();
  c10::IValue data = pickle("data");
  TORCH_CHECK(data.isModule(), "the archive holds no module");
  check_conforms(data, data.type());
  Module module(data.toObject());
  for (Function* function : unit_->get_functions()) permitted_.admit(*function);
  // libtorch names values after fields, and folds `chr(13)`, again when it loads a file.
  for (Function* function : unit_->get_functions()) keep_readable(*function);
  return module;
}

}  // namespace tch_jit

using namespace tch_jit;

void tj_libtorch_version(tj_sink version) noexcept { put(version, TORCH_VERSION); }

tj_archive* tj_archive_new(tj_str bytes, tj_sink error) noexcept {
  return guard(error, [&] { return new tj_archive{open_archive(bytes.data, bytes.len)}; });
}

void tj_archive_free(tj_archive* archive) noexcept { delete archive; }

bool tj_archive_records(const tj_archive* archive, void* ctx, void (*each)(void*, tj_str, uint64_t),
                        tj_sink error) noexcept {
  return guard(error, [&] {
    for (const std::string& name : archive->reader->getAllRecords()) {
      each(ctx, to_str(name), archive->reader->getRecordSize(name));
    }
    return true;
  });
}

bool tj_archive_read(const tj_archive* archive, tj_str name, tj_sink contents, tj_sink error) noexcept {
  return guard(error, [&] {
    auto [data, size] = archive->reader->getRecord(to_string(name));
    contents.put(contents.ctx, static_cast<const char*>(data.get()), size);
    return true;
  });
}

tj_module* tj_archive_load(const tj_archive* archive, tj_str device, bool trusted, tj_sink error) noexcept {
  return guard(error, [&] {
    std::optional<at::Device> target;
    if (device.len > 0) target = at::Device(to_string(device));
    return new tj_module{Loader(archive->reader, trusted, target).module(), std::make_shared<Plans>()};
  });
}
