#include "wire/utf8.hpp"

namespace footbridge::wire {
namespace {

struct Lead {
  std::size_t followers;
  unsigned first_low;  // allowed range of the byte after the lead; later ones are 80..BF
  unsigned first_high;
};

// RFC 3629 §4, row by row. Zero followers: not a lead byte.
Lead lead_of(unsigned byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {1, 0x80, 0xbf};
  if (byte == 0xe0) return {2, 0xa0, 0xbf};
  if (byte == 0xed) return {2, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {2, 0x80, 0xbf};
  if (byte == 0xf0) return {3, 0x90, 0xbf};
  if (byte >= 0xf1 && byte <= 0xf3) return {3, 0x80, 0xbf};
  if (byte == 0xf4) return {3, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

bool is_utf8(ByteView text) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    const auto byte = std::to_integer<unsigned>(text[at]);
    if (byte < 0x80) continue;
    const auto lead = lead_of(byte);
    if (lead.followers == 0 || text.size() - at - 1 < lead.followers) return false;
    for (std::size_t i = 1; i <= lead.followers; ++i) {
      const auto next = std::to_integer<unsigned>(text[at + i]);
      if (next < (i == 1 ? lead.first_low : 0x80) || next > (i == 1 ? lead.first_high : 0xbf)) return false;
    }
    at += lead.followers;
  }
  return true;
}

}  // namespace footbridge::wire
