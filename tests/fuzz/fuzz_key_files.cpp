// Files that hold secrets: a key of an egress, a key that broker and egress share. Wrong ones are refused with a line
// that does not repeat them; right ones keep their value.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.hpp"
#include "memory_file.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "quic/identity.hpp"

namespace {

using namespace footbridge;

// There are two ways to be wrong, and neither sentence has room for what the file holds.
void check_refusal(std::string_view why) {
  FB_ASSERT(why.ends_with("64 hexadecimal digits are expected") || why.ends_with("larger than a key can be (64KiB)"));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto contents = as_bytes(data, size);
  const fuzz::MemoryFile file(contents);
  try {
    static_cast<void>(ops::read_key32("--leg-key-file", {file.path()}));
    FB_ASSERT(size == 64 || size == 65);
  } catch (const ops::UsageError& refusal) {
    check_refusal(refusal.what());
  }
  const auto identity = quic::Identity::parse_pem(contents);
  if (!identity) return 0;
  const auto written = identity->encode_pem();
  FB_ASSERT(written.ok());
  const auto again = quic::Identity::parse_pem(*written);
  FB_ASSERT(again.ok() && again->pin() == identity->pin());
  FB_ASSERT(quic::SpkiPin::parse_hex(identity->pin().to_hex()) == identity->pin());
  return 0;
}
