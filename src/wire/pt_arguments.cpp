#include "wire/pt_arguments.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "wire/pt_argument_set.hpp"
#include "wire/pt_escape.hpp"

namespace footbridge::wire {
namespace {

bool is_key(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_value(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

bool has_any(std::string_view text, std::string_view of) { return text.find_first_of(of) != std::string_view::npos; }

std::string join(const PtArguments& arguments, char separator, std::string_view special) {
  std::string out;
  for (const auto& [key, value] : arguments) {
    FB_ASSERT(is_key(key));
    if (!out.empty()) out += separator;
    out += key + '=' + escape_pt(value.reveal_to_socket(), special);
  }
  return out;
}

}  // namespace

std::string_view name(PtArgumentsErrc error) {
  switch (error) {
    case PtArgumentsErrc::TooLong: return "they are longer than 510 bytes";
    case PtArgumentsErrc::TooMany: return "they are too many";
    case PtArgumentsErrc::NoEqualsSign: return "one has no equals sign";
    case PtArgumentsErrc::UnfinishedEscape: return "they end within an escape";
    case PtArgumentsErrc::BadKey: return "a key is not a name";
    case PtArgumentsErrc::BadValue: return "a value is not printable ASCII";
    case PtArgumentsErrc::RepeatedKey: return "a key is given twice";
    case PtArgumentsErrc::NotJson: return "they are not a JSON object";
    case PtArgumentsErrc::NotStrings: return "a value is not a string";
  }
  FB_ASSERT(false);
}

Status<PtArgumentsErrc> add_pt_argument(PtArguments& arguments, std::string key, std::string value) {
  if (!is_key(key)) return PtArgumentsErrc::BadKey;
  if (!is_value(value)) return PtArgumentsErrc::BadValue;
  if (arguments.size() == kMaxPtArguments) return PtArgumentsErrc::TooMany;
  if (!arguments.emplace(std::move(key), Private(std::move(value))).second) return PtArgumentsErrc::RepeatedKey;
  return {};
}

Result<PtArguments, PtArgumentsErrc> parse_pt_arguments(std::string_view text) {
  if (text.size() > kMaxPtArgumentBytes) return PtArgumentsErrc::TooLong;
  PtArguments out;
  if (text.empty()) return out;
  for (;;) {
    auto key = take_pt_text(text, "=;");
    if (!key) return PtArgumentsErrc::UnfinishedEscape;
    if (text.empty() || text.front() != '=') return PtArgumentsErrc::NoEqualsSign;
    text.remove_prefix(1);
    auto value = take_pt_text(text, ";");
    if (!value) return PtArgumentsErrc::UnfinishedEscape;
    if (const auto added = add_pt_argument(out, std::move(*key), std::move(*value)); !added) return added.error();
    if (text.empty()) return out;
    text.remove_prefix(1);
  }
}

Private<std::string> encode_pt_arguments(const PtArguments& arguments) { return Private(join(arguments, ';', "\\;")); }

std::optional<Private<std::string>> encode_bridge_line_arguments(const PtArguments& arguments) {
  for (const auto& [key, value] : arguments)
    if (has_any(value.reveal_to_socket(), " #\\")) return std::nullopt;
  if (encode_pt_arguments(arguments).reveal_to_socket().size() > kMaxPtArgumentBytes) return std::nullopt;
  return Private(join(arguments, ' ', "\\"));
}

std::optional<Private<std::string>> encode_smethod_arguments(const PtArguments& arguments) {
  for (const auto& [key, value] : arguments)
    if (has_any(value.reveal_to_socket(), " ")) return std::nullopt;
  return Private(join(arguments, ',', "\\=,"));
}

}  // namespace footbridge::wire
