#include "transport/webrtc/crc32c.hpp"

#include <cstring>

#include "base/assert.hpp"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)
#include <arm_acle.h>
#endif

namespace footbridge::webrtc {

#if defined(__x86_64__)

bool cpu_has_crc32c() { return __builtin_cpu_supports("sse4.2") != 0; }

__attribute__((target("sse4.2"))) std::uint32_t crc32c(ByteView data) {
  std::uint64_t state = 0xffff'ffff;
  for (; data.size() >= sizeof(std::uint64_t); data = data.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data(), sizeof word);
    state = _mm_crc32_u64(state, word);
  }
  auto rest = static_cast<std::uint32_t>(state);
  for (const auto b : data) rest = _mm_crc32_u8(rest, std::to_integer<std::uint8_t>(b));
  return ~rest;
}

#elif defined(__aarch64__) && defined(__ARM_FEATURE_CRC32)

bool cpu_has_crc32c() { return true; }

std::uint32_t crc32c(ByteView data) {
  std::uint32_t state = 0xffff'ffff;
  for (; data.size() >= sizeof(std::uint64_t); data = data.subspan(sizeof(std::uint64_t))) {
    std::uint64_t word = 0;
    std::memcpy(&word, data.data(), sizeof word);
    state = __crc32cd(state, word);
  }
  for (const auto b : data) state = __crc32cb(state, std::to_integer<std::uint8_t>(b));
  return ~state;
}

#else

bool cpu_has_crc32c() { return false; }
std::uint32_t crc32c(ByteView) { FB_ASSERT(false); }

#endif

}  // namespace footbridge::webrtc
