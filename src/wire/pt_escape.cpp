#include "wire/pt_escape.hpp"

#include "base/assert.hpp"

namespace footbridge::wire {

std::string escape_pt(std::string_view text, std::string_view special) {
  FB_ASSERT(special.find('\\') != std::string_view::npos);
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::optional<std::string> take_pt_text(std::string_view& text, std::string_view ends) {
  std::string out;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (text[at] == '\\') {
      if (++at == text.size()) return std::nullopt;
    } else if (ends.find(text[at]) != std::string_view::npos) {
      break;
    }
    out += text[at];
  }
  text.remove_prefix(at);
  return out;
}

}  // namespace footbridge::wire
