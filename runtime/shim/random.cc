// Stage: gives a thread random numbers of its own, so that runs can be repeated from one state. libtorch's operators
// draw from the process's default generator, which other threads draw from, too: setting it back would give these the
// same numbers again. In: the generators that operators on the CPU are passed, none as a rule. Out: the thread's own.
//
// A dispatch key that libtorch keeps for generators, and does not use, is switched on for the thread. At this key,
// which lies below autograd and tracing, operators that take a generator find the kernel `draw`; all others pass
// through. Generators of other devices stay the process's.

#include <mutex>

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/impl/LocalDispatchKeySet.h>
#include <c10/util/ThreadLocalDebugInfo.h>
#include <torch/library.h>

#include "support.h"

namespace tch_jit {
namespace {

constexpr auto KEY = c10::DispatchKey::CustomRNGKeyId;
constexpr std::string_view NAME = "tch_jit random numbers";
constexpr c10::DebugInfoKind KIND(&NAME);

// The generator of a thread, and of the threads that libtorch starts for it (`fork`): libtorch hands them both the key
// and this.
struct Own : c10::DebugInfoBase {
  at::Generator generator = at::detail::createCPUGenerator();

  static Own* current() { return static_cast<Own*>(c10::ThreadLocalDebugInfo::get(KIND)); }
};

// Generators are handles.
at::Tensor state_of(at::Generator generator) {
  std::lock_guard<std::mutex> lock(generator.mutex());
  return generator.get_state();
}

void set_state(at::Generator generator, const at::Tensor& state) {
  std::lock_guard<std::mutex> lock(generator.mutex());
  generator.set_state(state);
}

const at::Generator& of_process() { return at::detail::getDefaultCPUGenerator(); }

at::Generator& own_generator() {
  Own* own = Own::current();
  TORCH_CHECK(own, "this thread has no random numbers of its own");
  return own->generator;
}

bool takes_generator(const c10::Argument& argument) {
  return *argument.type() == *c10::OptionalType::create(c10::GeneratorType::get());
}

// Notices that the process's random numbers are seeded. While someone watches, their seed is one that nobody uses: a
// generator keeps its seed for those who ask, and draws without it.
class Seeding {
 public:
  static Seeding& instance() {
    static auto* seeding = new Seeding;
    return *seeding;
  }

  int64_t begin() {
    std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t found = exchange_seed(WATCHED);
    if (found != WATCHED) {
      if (watchers_ > 0) times_++;
      seed_ = found;
    }
    watchers_++;
    return times_;
  }

  // Whether someone has seeded since `begin` returned `times`.
  bool end(int64_t times) {
    std::lock_guard<std::mutex> lock(mutex_);
    const uint64_t found = exchange_seed(WATCHED);
    if (found != WATCHED) {
      times_++;
      seed_ = found;
    }
    if (--watchers_ == 0) exchange_seed(seed_);
    return times_ != times;
  }

 private:
  static constexpr uint64_t WATCHED = 0x7c1b'5eed'a11f'0e57;

  static uint64_t exchange_seed(uint64_t seed) {
    at::Generator generator = of_process();
    std::lock_guard<std::mutex> lock(generator.mutex());
    auto* cpu = at::check_generator<at::CPUGeneratorImpl>(generator);
    at::mt19937 engine = cpu->engine();
    at::mt19937_data_pod data = engine.data();
    const uint64_t found = std::exchange(data.seed_, seed);
    engine.set_data(data);
    cpu->set_engine(engine);
    return found;
  }

  std::mutex mutex_;
  int watchers_ = 0;
  // How often a seed was found.
  int64_t times_ = 0;
  // The seed to put back.
  uint64_t seed_ = 0;
};

// Stands before the kernels of all operators that take a generator.
void draw(const c10::OperatorHandle& op, c10::DispatchKeySet keys, torch::jit::Stack* stack) {
  Own* own = Own::current();
  if (own && keys.highestBackendKey() == c10::BackendComponent::CPUBit) {
    const auto& arguments = op.schema().arguments();
    for (size_t i = 0; i < arguments.size(); i++) {
      auto& given = torch::jit::peek(*stack, i, arguments.size());
      if (given.isNone() && takes_generator(arguments[i])) given = own->generator;
    }
  }
  op.redispatchBoxed(keys & c10::DispatchKeySet(c10::DispatchKeySet::FULL_AFTER, KEY), stack);
}

// Installs the kernels once, on first use, and never takes them back: threads that do not switch the key on never reach
// them.
void install() {
  static const auto* installed = [] {
    auto* libraries = new std::vector<torch::Library>;
    libraries->emplace_back(torch::Library::IMPL, "_", KEY, __FILE__, __LINE__);
    libraries->back().fallback(torch::CppFunction::makeFallthrough());
    libraries->emplace_back(torch::Library::IMPL, "aten", KEY, __FILE__, __LINE__);
    auto& dispatcher = c10::Dispatcher::singleton();
    for (const auto& name : dispatcher.getAllOpNames()) {
      auto op = dispatcher.findSchema(name);
      // What is composed of other operators draws through these.
      bool is_composed = op && op->hasKernelForDispatchKey(c10::DispatchKey::CompositeImplicitAutograd);
      if (!op || is_composed || name.getNamespace() != "aten") continue;
      const auto& arguments = op->schema().arguments();
      if (std::any_of(arguments.begin(), arguments.end(), takes_generator)) {
        libraries->back().impl(c10::toString(name).c_str(),
                               torch::CppFunction::makeFromBoxedFunction<draw>());
      }
    }
    return libraries;
  }();
  (void)installed;
}

}  // namespace
}  // namespace tch_jit

using namespace tch_jit;

struct tj_random {
  explicit tj_random(std::shared_ptr<Own> own) : info(KIND, std::move(own)), key(KEY) {}

  c10::DebugInfoGuard info;
  c10::impl::IncludeDispatchKeyGuard key;
};

tj_random* tj_random_new(tj_sink error) noexcept {
  return guard(error, [] {
    install();
    auto own = std::make_shared<Own>();
    Own* outer = Own::current();
    set_state(own->generator, state_of(outer ? outer->generator : of_process()));
    return new tj_random(std::move(own));
  });
}

void tj_random_free(tj_random* random) noexcept { delete random; }

tj_value* tj_random_state(tj_sink error) noexcept {
  return guard(error, [] { return new c10::IValue(state_of(own_generator())); });
}

bool tj_random_set_state(const tj_value* state, tj_sink error) noexcept {
  return guard(error, [&] {
    set_state(own_generator(), state->toTensor());
    return true;
  });
}

bool tj_random_seed(uint64_t seed, tj_sink error) noexcept {
  return guard(error, [&] {
    at::Generator& generator = own_generator();
    std::lock_guard<std::mutex> lock(generator.mutex());
    generator.set_current_seed(seed);
    return true;
  });
}

tj_value* tj_seed_watch_begin(tj_sink error) noexcept {
  return guard(error, [] { return new c10::IValue(Seeding::instance().begin()); });
}

bool tj_seed_watch_end(const tj_value* watch, bool* is_seeded, tj_sink error) noexcept {
  return guard(error, [&] {
    *is_seeded = Seeding::instance().end(watch->toInt());
    return true;
  });
}
