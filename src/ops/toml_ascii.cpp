#include "ops/toml_ascii.hpp"

#include <charconv>

#include "base/encoding.hpp"

namespace footbridge::ops {

std::string to_toml_ascii(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::string out;
  for (const char& c : text) {
    if (c != '^' && static_cast<unsigned char>(c) < 0x80)
      out += c;
    else
      out += '^' + encode_hex(as_bytes(std::string_view(&c, 1)));
  }
  return out;
}

std::string from_toml_ascii(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    // A lone '^' comes from an escape in the text itself ("\u005e") and stands for itself.
    const char* hex = text.data() + at + 1;
    const bool coded =
        text[at] == '^' && text.size() - at > 2 && std::from_chars(hex, hex + 2, value, 16).ptr == hex + 2;
    out += coded ? static_cast<char>(value) : text[at];
    if (coded) at += 2;
  }
  return out;
}

}  // namespace footbridge::ops
