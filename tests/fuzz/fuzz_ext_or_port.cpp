// Whoever listens where the ExtORPort should be: nothing is proved before the right hash, nothing is said after a
// failure, and the answers are the same however the bytes are cut. Cookie and nonce are those of the vectors, so that
// what they say gets far.
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/assert.hpp"
#include "core/egress/ext_or_port.hpp"

namespace {

using namespace footbridge;

constexpr std::size_t kBeforeTheHash = 33;  // the type, and our nonce

class CountingRng final : public Rng {
 public:
  explicit CountingRng(std::uint8_t first) : next_(first) {}
  void fill(ByteSpan out) override {
    for (auto& byte : out) byte = static_cast<std::byte>(next_++);
  }

 private:
  std::uint8_t next_;
};

struct Outcome {
  core::ExtOrPort::State state = core::ExtOrPort::State::AwaitingAuthTypes;
  Bytes said;
  Bytes rest;
};

Outcome converse(ByteView input, std::size_t piece) {
  using State = core::ExtOrPort::State;
  CountingRng cookie(0xa0), nonce(0);
  core::ExtOrPort port(nonce, crypto::SecretKey::from(cookie.bytes(32)).value(), {"footbridge", std::nullopt});
  Outcome out;
  while (!input.empty()) {
    const auto count = std::min(piece, input.size());
    const bool failed_before = port.state() == State::Failed;
    const auto status = port.on_bytes(input.first(count));
    const auto said = port.take_output();
    FB_ASSERT(status.ok() == (port.state() != State::Failed));
    FB_ASSERT(!failed_before || said.empty());
    append(out.said, said);
    input = input.subspan(count);
  }
  out.state = port.state();
  if (out.state == State::AwaitingServerHash) FB_ASSERT(out.said.size() == kBeforeTheHash);
  if (out.state == State::Accepted) out.rest = port.take_rest();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  if (const auto cookie = core::parse_auth_cookie(input)) FB_ASSERT(size == core::kAuthCookieFileBytes);
  const auto whole = converse(input, size + 1);
  const auto cut = converse(input, 1);
  // What a failure leaves unsaid depends on how much came at once; how it ends does not.
  FB_ASSERT(whole.state == cut.state && whole.rest == cut.rest);
  if (whole.state != core::ExtOrPort::State::Failed) FB_ASSERT(whole.said == cut.said);
  return 0;
}
