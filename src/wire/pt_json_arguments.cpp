// A flat JSON object of strings (RFC 8259), read without a document in memory: what is nested is refused where it
// begins, so that no depth is left to bound.
#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "wire/pt_argument_set.hpp"
#include "wire/pt_arguments.hpp"

namespace footbridge::wire {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";
// Where an escape stands for something that no key or value may have; any such character serves.
constexpr char kUnprintable = '\x7f';

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  // The next character that is no blank; '\0' at the end.
  char peek() {
    text_.remove_prefix(std::min(text_.find_first_not_of(kBlanks), text_.size()));
    return text_.empty() ? '\0' : text_.front();
  }
  bool at_end() { return peek() == '\0' && text_.empty(); }
  bool take(char wanted) {
    if (peek() != wanted || text_.empty()) return false;
    text_.remove_prefix(1);
    return true;
  }

  // nullopt: not a string, or it does not end well.
  std::optional<std::string> string() {
    if (!take('"')) return std::nullopt;
    std::string out;
    while (!text_.empty()) {
      const char c = text_.front();
      text_.remove_prefix(1);
      if (c == '"') return out;
      if (static_cast<unsigned char>(c) < ' ') return std::nullopt;
      const auto meant = c == '\\' ? escaped() : std::optional(c);
      if (!meant) return std::nullopt;
      out += *meant;
    }
    return std::nullopt;
  }

 private:
  std::optional<char> escaped() {
    if (text_.empty()) return std::nullopt;
    const char c = text_.front();
    text_.remove_prefix(1);
    switch (c) {
      case '"':
      case '\\':
      case '/': return c;
      case 'b':
      case 'f':
      case 'n':
      case 'r':
      case 't': return kUnprintable;
      case 'u': return code_unit();
      default: return std::nullopt;
    }
  }

  std::optional<char> code_unit() {
    const auto digits = text_.substr(0, 4);
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (digits.size() < 4 || error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    text_.remove_prefix(digits.size());
    return value < ' ' || value > '~' ? kUnprintable : static_cast<char>(value);
  }

  std::string_view text_;
};

// What a JSON value that is no string begins with.
bool begins_other_value(char c) { return std::string_view("{[-0123456789tfn").find(c) != std::string_view::npos; }

}  // namespace

Result<PtArguments, PtArgumentsErrc> parse_pt_json_arguments(std::string_view json) {
  if (json.size() > kMaxPtJsonBytes) return PtArgumentsErrc::TooLong;
  JsonReader reader(json);
  PtArguments out;
  if (!reader.take('{')) return PtArgumentsErrc::NotJson;
  if (!reader.take('}')) {
    do {
      auto key = reader.string();
      if (!key || !reader.take(':')) return PtArgumentsErrc::NotJson;
      if (begins_other_value(reader.peek())) return PtArgumentsErrc::NotStrings;
      auto value = reader.string();
      if (!value) return PtArgumentsErrc::NotJson;
      if (const auto added = add_pt_argument(out, std::move(*key), std::move(*value)); !added) return added.error();
    } while (reader.take(','));
    if (!reader.take('}')) return PtArgumentsErrc::NotJson;
  }
  if (!reader.at_end()) return PtArgumentsErrc::NotJson;
  if (encode_pt_arguments(out).reveal_to_socket().size() > kMaxPtArgumentBytes) return PtArgumentsErrc::TooLong;
  return out;
}

}  // namespace footbridge::wire
