#include "ops/option_table.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::ops {
namespace {

std::string upper(std::string_view text) {
  std::string out(text);
  for (auto& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::string dashed(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '_', '-');
  return out;
}

}  // namespace

OptionTable::OptionTable(std::string program, std::string summary)
    : program_(std::move(program)), summary_(std::move(summary)) {}

OptionTable& OptionTable::example(std::string command, std::string what) {
  examples_.emplace_back(std::move(command), std::move(what));
  return *this;
}

OptionTable& OptionTable::first(std::string text) { return first_ = std::move(text), *this; }

Option& OptionTable::start(std::string_view section, std::string_view key, std::string_view help, std::string meta,
                           std::string needs, std::string example) {
  FB_ASSERT(find_key(std::string(section) + "." + std::string(key)) == nullptr);
  Option& option = options_.emplace_back();
  option.section = section;
  option.key = key;
  option.flag = "--" + dashed(key);
  option.environment = "FB_" + upper(section) + "__" + upper(key);
  option.meta = std::move(meta);
  option.needs = std::move(needs);
  option.example = std::move(example);
  option.help = help;
  return option;
}

const Option* OptionTable::find_flag(std::string_view flag) const {
  const auto found = std::find_if(options_.begin(), options_.end(), [&](const Option& o) { return o.flag == flag; });
  return found == options_.end() ? nullptr : &*found;
}

const Option* OptionTable::find_key(std::string_view name) const {
  const auto found =
      std::find_if(options_.begin(), options_.end(), [&](const Option& o) { return o.name_in_file() == name; });
  return found == options_.end() ? nullptr : &*found;
}

}  // namespace footbridge::ops
