// Text on its way into a log: nothing that looks like an address passes the scrubber, and no text can forge a line or
// reach a terminal raw.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "base/assert.hpp"
#include "observe/record.hpp"
#include "observe/scrubber.hpp"

namespace {

using namespace footbridge;

// The words of a text, as far as our own strict parser would take them for an address.
bool has_address_as_word(std::string_view text) {
  for (std::size_t from = 0; from < text.size();) {
    const auto end = std::min(text.find(' ', from), text.size());
    if (IpAddress::parse(text.substr(from, end - from))) return true;
    from = end + 1;
  }
  return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto clean = observe::scrub(text);
  FB_ASSERT(!has_address_as_word(clean) || clean.find("::") != std::string::npos);  // "::" alone names nobody
  const observe::Record record{{}, observe::Level::Info, "fuzz", {{"text", std::string(text)}, {"clean", clean}}, 0};
  for (const auto format : {observe::Format::Logfmt, observe::Format::Json}) {
    const auto line = observe::format_line(record, format, size % 2 == 0);
    FB_ASSERT(line.size() <= observe::kMaxLineBytes && line.find('\n') == line.size() - 1);
    for (const char c : line) FB_ASSERT(c == '\n' || (c >= ' ' && c < 0x7f));
  }
  return 0;
}
