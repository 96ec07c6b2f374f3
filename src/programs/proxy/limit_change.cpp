#include "programs/proxy/limit_change.hpp"

#include <algorithm>
#include <vector>

#include "base/encoding.hpp"
#include "core/limits/set_aside.hpp"
#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "ops/options.hpp"

namespace footbridge::proxy {
namespace {

using ops::UsageError;

struct Word {
  std::string name;
  std::string value;
};

// A query as curl and browsers write it: %20 and + are blanks.
std::string plain(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto hex = text.front() == '%' ? parse_hex(text.substr(1, 2)) : std::nullopt;
    if (text.front() == '%' && (!hex || hex->size() != 1))
      throw UsageError("/limits: % stands before two hexadecimal digits");
    out += hex ? static_cast<char>(hex->front()) : text.front() == '+' ? ' ' : text.front();
    text.remove_prefix(hex ? 3 : 1);
  }
  return out;
}

std::vector<Word> words_of(std::string_view query) {
  std::vector<Word> out;
  while (!query.empty()) {
    const auto word = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), word.size() + 1));
    const auto equals = std::min(word.find('='), word.size());
    out.push_back({plain(word.substr(0, equals)), plain(word.substr(std::min(word.size(), equals + 1)))});
  }
  return out;
}

bool is_limit(const ops::Option& option) { return option.section == "volunteer" && option.is_reloadable; }

Seconds pause_of(const std::string& text) {
  const auto time = ops::ValueType<Millis>::parse(text);
  const auto wrong = !time                         ? time.error().text
                     : *time < Seconds(1)          ? "too small"
                     : *time > core::kLongestPause ? "too large"
                                                   : "";
  if (!wrong.empty())
    throw UsageError("/limits: pause: \"" + text + "\" is " + wrong +
                     "; it needs a duration with its unit (ms, s, m, h, d), 1s to 7d, for example 1h");
  return std::chrono::duration_cast<Seconds>(*time);
}

}  // namespace

LimitChange limit_change(const VolunteerOptions& in_force, std::string_view query) {
  LimitChange out{.options = in_force};
  auto table = option_table(out.options);
  std::vector<std::string> known{"pause", "resume"};
  for (const auto& option : table.options())
    if (is_limit(option)) known.push_back(option.key);
  ops::NamedOptions named{.source = "/limits", .values = {}};
  for (auto& [name, value] : words_of(query)) {
    if (std::ranges::find(known, name) == known.end())
      throw UsageError("/limits: unknown limit " + name + ops::did_you_mean(name, known));
    if (name == "pause") {
      out.pause = pause_of(value);
    } else if (name == "resume") {
      out.resume = true;
    } else if (const auto& option = *table.find_key("volunteer." + name); value.empty() && !option.is_list) {
      option.clear();
      if (!option.texts().empty())
        throw UsageError("/limits: " + name + " needs a value: " + option.needs + ", for example " + option.example);
    } else {
      named.values.insert_or_assign(option.flag.substr(2), Private(std::move(value)));
    }
  }
  if (out.pause && out.resume) throw UsageError("/limits: pause and resume at once; say one of them");
  ops::load_options(table, {}, {}, named);
  check(out.options);
  return out;
}

std::string limits_text(const VolunteerOptions& options) {
  auto copy = options;  // a table writes into what it describes
  const auto table = option_table(copy);
  std::string out;
  for (const auto& option : table.options()) {
    if (!is_limit(option)) continue;
    std::string values;
    for (const auto& text : option.texts()) values += (values.empty() ? "" : ",") + text;
    if (!values.empty()) out += (out.empty() ? "" : " ") + option.key + "=" + values;
  }
  return out;
}

}  // namespace footbridge::proxy
