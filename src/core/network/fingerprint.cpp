#include "core/network/fingerprint.hpp"

#include "base/assert.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

constexpr std::string_view kContext{"footbridge fingerprint 1\0", 25};
constexpr unsigned kBitsOfAWord = 11;
static_assert(1U << kBitsOfAWord == kFingerprintListWords);

}  // namespace

std::string_view fingerprint_word(std::size_t index) {
  FB_ASSERT(index < kFingerprintListWords);
  return kFingerprintWords.substr(index * (kFingerprintWordChars + 1), kFingerprintWordChars);
}

std::string fingerprint_of(const wire::RootKey& root) {
  auto message = to_bytes(kContext);
  append(message, root.view());
  const auto hash = crypto::blake2b<32>(message);
  std::string out;
  std::size_t bit = 0;
  for (std::size_t part = 0; part < kFingerprintParts; ++part) {
    std::size_t index = 0;
    for (unsigned i = 0; i < kBitsOfAWord; ++i, ++bit)
      index = index << 1 | (std::to_integer<std::size_t>(hash[bit / 8]) >> (7 - bit % 8) & 1);
    out += (out.empty() ? "" : " ") + std::string(fingerprint_word(index));
  }
  return out;
}

}  // namespace footbridge::core
