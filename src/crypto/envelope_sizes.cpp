#include "crypto/envelope_sizes.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::crypto {

const EnvelopeSizeClass& envelope_size_class(std::size_t needed) {
  FB_ASSERT(needed <= kMaxNeededBytes);
  return *std::ranges::find_if(kEnvelopeSizeClasses, [&](const auto& each) { return needed <= each.least; });
}

std::size_t draw_envelope_size(std::size_t needed, Rng& rng) {
  const auto& chosen = envelope_size_class(needed);
  return static_cast<std::size_t>(rng.between(chosen.least, chosen.most));
}

}  // namespace footbridge::crypto
