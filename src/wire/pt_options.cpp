#include "wire/pt_options.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "wire/pt_argument_set.hpp"
#include "wire/pt_escape.hpp"
#include "wire/pt_request.hpp"

namespace footbridge::wire {
namespace {

// Takes up to the unescaped separator and the separator too. nullopt: it is not there, or nothing stands before it.
std::optional<std::string> take_word(std::string_view& text, char end) {
  auto word = take_pt_text(text, std::string{';', end});
  if (!word || word->empty() || text.empty() || text.front() != end) return std::nullopt;
  text.remove_prefix(1);
  return word;
}

std::string_view trimmed(std::string_view json) {
  constexpr std::string_view kBlanks = " \t\r\n";
  json.remove_prefix(std::min(json.find_first_not_of(kBlanks), json.size()));
  return json.substr(0, json.find_last_not_of(kBlanks) + 1);
}

// What the name of the transport stands before; without such a name all of it, for the parser to judge.
std::string_view unwrapped(std::string_view json) {
  auto rest = trimmed(json);
  const auto take = [&](std::string_view wanted) {
    if (!rest.starts_with(wanted)) return false;
    rest = trimmed(rest.substr(wanted.size()));
    return true;
  };
  const auto name = '"' + std::string(kPtTransport) + '"';
  if (!take("{") || !take(name) || !take(":") || !rest.starts_with('{') || !rest.ends_with('}')) return json;
  return rest.substr(0, rest.size() - 1);
}

}  // namespace

Result<PtArguments, PtOptionsFault> read_pt_options(std::string_view text) {
  PtArguments out;
  for (; !text.empty(); text.remove_prefix(std::min<std::size_t>(text.size(), 1))) {
    const auto transport = take_word(text, ':');
    auto option = transport ? take_word(text, '=') : std::nullopt;
    auto value = option ? take_pt_text(text, ";") : std::nullopt;
    if (!value) return PtOptionsFault{" is not NAME:OPTION=VALUE;..."};
    if (*transport != kPtTransport) continue;
    if (const auto added = add_pt_argument(out, std::move(*option), std::move(*value)); !added)
      return PtOptionsFault{std::string(" cannot be ours: ").append(name(added.error()))};
  }
  return out;
}

Result<PtArguments, PtOptionsFault> read_pt_json_options(std::string_view json) {
  auto out = parse_pt_json_arguments(unwrapped(json));
  if (!out) return PtOptionsFault{std::string(": ").append(name(out.error()))};
  return std::move(*out);
}

}  // namespace footbridge::wire
