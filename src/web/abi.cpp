// What core.wasm exports: memory, fb_abi_version, fb_input, fb_call, fb_output; and the two things that it needs of its
// host besides the primitives of crypto/primitives_imported.cpp: randomness, and somebody who hears why it stopped.
//
//   at = fb_input(n)    the host writes n bytes there
//   m  = fb_call(n)     VolunteerCalls::handle() of these; m bytes of answer
//   at = fb_output()    where they are, until the next call
//
// A broken invariant, memory that is used up, or a failure inside the C++ library traps: the instance is worth nothing
// then, and the host makes a new one. One instance holds one volunteer.

#include "base/assert.hpp"
#include "crypto/imported.hpp"
#include "web/volunteer_calls.hpp"

#define FB_EXPORT(name) extern "C" __attribute__((export_name(#name)))

FB_IMPORTED(random_fill) void env_random_fill(std::byte* out, std::size_t count);
FB_IMPORTED(assertion_failed) void env_assertion_failed(const char* what, const char* file, std::int32_t line);

namespace footbridge {

void assertion_failed(const char* expression, const char* file, int line) {
  env_assertion_failed(expression, file, line);
  __builtin_trap();
}

namespace web {
namespace {

class ImportedRng final : public Rng {
 public:
  void fill(ByteSpan out) override {
    if (!out.empty()) env_random_fill(out.data(), out.size());
  }
};

struct Instance {
  ImportedRng rng;
  VolunteerCalls calls{rng};
  Bytes input;
  Bytes output;
};

// Never destroyed: it ends with its memory.
Instance& instance() {
  static auto& it = *new Instance;
  return it;
}

}  // namespace
}  // namespace web
}  // namespace footbridge

using footbridge::web::instance;

FB_EXPORT(fb_abi_version) std::uint32_t fb_abi_version() { return footbridge::web::kAbiVersion; }

FB_EXPORT(fb_input) std::byte* fb_input(std::uint32_t count) {
  instance().input.resize(count);
  return instance().input.data();
}

FB_EXPORT(fb_call) std::uint32_t fb_call(std::uint32_t count) {
  auto& it = instance();
  FB_ASSERT(count == it.input.size());
  it.output = it.calls.handle(it.input);
  return static_cast<std::uint32_t>(it.output.size());
}

FB_EXPORT(fb_output) const std::byte* fb_output() { return instance().output.data(); }
