// Arguments of a bridge line, as text and as JSON: what is read is within its bounds and means the same when written
// again, whichever way.
#include <cstdlib>

#include "base/bytes.hpp"
#include "wire/pt_arguments.hpp"
#include "wire/pt_escape.hpp"

namespace {

using namespace footbridge;
using Parsed = Result<wire::PtArguments, wire::PtArgumentsErrc>;

void check(bool holds) {
  if (!holds) std::abort();
}

// The arguments of key=value texts joined by `separator`, read with nothing but the escapes.
wire::PtArguments split(std::string_view text, char separator) {
  wire::PtArguments out;
  const std::string ends = {'=', separator};
  while (!text.empty()) {
    const auto key = wire::take_pt_text(text, ends);
    check(key && text.starts_with('='));
    text.remove_prefix(1);
    const auto value = wire::take_pt_text(text, ends.substr(1));
    check(value && out.emplace(*key, Private(*value)).second);
    if (!text.empty()) text.remove_prefix(1);
  }
  return out;
}

void survives_writing(const Parsed& parsed) {
  if (!parsed) return check(!wire::name(parsed.error()).empty());
  const auto text = wire::encode_pt_arguments(*parsed).reveal_to_socket();
  check(parsed->size() <= wire::kMaxPtArguments && text.size() <= wire::kMaxPtArgumentBytes);
  const auto again = wire::parse_pt_arguments(text);
  check(again.ok() && *again == *parsed);
  if (const auto line = wire::encode_bridge_line_arguments(*parsed))
    check(split(line->reveal_to_socket(), ' ') == *parsed);
  if (const auto smethod = wire::encode_smethod_arguments(*parsed))
    check(split(smethod->reveal_to_socket(), ',') == *parsed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = as_text(as_bytes(data, size));
  survives_writing(wire::parse_pt_arguments(text));
  survives_writing(wire::parse_pt_json_arguments(text));
  return 0;
}
