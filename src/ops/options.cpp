#include "ops/options.hpp"

#include <algorithm>
#include <unistd.h>

#include "base/assert.hpp"
#include "ops/errors.hpp"
#include "ops/flags.hpp"
#include "ops/nearest.hpp"
#include "ops/toml_file.hpp"

namespace footbridge::ops {
namespace {

// The texts of one option from one source, and how to name that source.
struct Given {
  std::vector<std::string> values;
  std::string origin;  // for --print-config
  std::string name;    // for errors: "--slots", "FB_VOLUNTEER__SLOTS", "volunteer.toml:3:9: volunteer.slots"
};
using GivenByKey = std::map<std::string, Given>;

std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  if (text.empty()) return out;
  for (std::size_t from = 0;;) {
    const auto comma = text.find(',', from);
    out.push_back(text.substr(from, comma - from));
    if (comma == std::string::npos) return out;
    from = comma + 1;
  }
}

void read_file(const OptionTable& table, const std::string& path, GivenByKey& given) {
  std::vector<std::string> known;
  for (const auto& option : table.options()) known.push_back(option.name_in_file());
  for (auto& setting : read_toml_file(path)) {
    const auto* option = table.find_key(setting.key);
    if (!option) throw UsageError(setting.place + ": unknown key " + setting.key + did_you_mean(setting.key, known));
    if (setting.is_list && !option->is_list)
      throw UsageError(setting.place + ": " + setting.key + " takes one value, not a list");
    given[setting.key] = {std::move(setting.values), setting.place, setting.place + ": " + setting.key};
  }
}

void read_environment(const OptionTable& table, const Environment& environment, GivenByKey& given) {
  std::vector<std::string> known;
  for (const auto& option : table.options()) known.push_back(option.environment);
  for (const auto& [name, value] : environment) {
    const auto& options = table.options();
    const auto found =
        std::find_if(options.begin(), options.end(), [&](const Option& o) { return o.environment == name; });
    if (found != options.end()) {
      given[found->name_in_file()] = {found->is_list ? split_list(value) : std::vector{value}, "environment " + name,
                                      name};
      continue;
    }
    // Variables of other programs are not our business; a wrong key in a section of ours is.
    const auto section_end = name.find("__");
    if (section_end == std::string::npos) continue;
    const auto section = name.substr(0, section_end + 2);
    if (std::any_of(known.begin(), known.end(), [&](const std::string& k) { return k.starts_with(section); }))
      throw UsageError("unknown environment variable " + name + did_you_mean(name, known));
  }
}

void read_named(const OptionTable& table, const NamedOptions& named, GivenByKey& given) {
  std::vector<std::string> known;
  for (const auto& option : table.options()) known.push_back(option.flag.substr(2));
  for (const auto& [name, value] : named.values) {
    const auto* option = table.find_flag("--" + name);
    if (option == nullptr) throw UsageError(named.source + ": unknown option " + name + did_you_mean(name, known));
    const auto& text = value.reveal_to_socket();
    given[option->name_in_file()] = {option->is_list ? split_list(text) : std::vector{text}, named.source,
                                     named.source + ": " + name};
  }
}

void apply(const Option& option, const Given& given) {
  constexpr std::size_t kMaxListed = 1'000;  // of one option: addresses a person wrote down
  if (given.values.size() > kMaxListed) throw UsageError(given.name + ": more than 1000 values");
  if (given.values.size() != 1 && !option.is_list) throw UsageError(given.name + ": takes exactly one value");
  option.clear();
  for (const auto& value : given.values)
    if (const auto complaint = option.take(value)) {
      const auto echo = option.is_private || option.is_secret ? std::string("the value") : '"' + value + '"';
      throw UsageError(given.name + ": " + echo + " is " + complaint->text + "; it needs " + option.needs +
                       ", for example " + option.example);
    }
}

}  // namespace

Environment process_environment(std::string_view prefix) {
  Environment out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const auto equals = text.find('=');
    if (text.starts_with(prefix) && equals != std::string_view::npos)
      out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

LoadedOptions load_options(OptionTable& table, std::span<const std::string> arguments, const Environment& environment,
                           const NamedOptions& named) {
  const auto flags = parse_flags(table, arguments);
  LoadedOptions loaded;
  loaded.origins.assign(table.options().size(), "default");
  if (flags.help) {
    loaded.wanted = Wanted::Help;
    return loaded;
  }
  if (flags.print_config)
    loaded.wanted = Wanted::PrintConfig;
  else if (flags.check_config)
    loaded.wanted = Wanted::CheckConfig;

  GivenByKey given;  // the later source overwrites the earlier
  if (flags.config) read_file(table, *flags.config, given);
  read_environment(table, environment, given);
  for (const auto& [flag, values] : flags.values) {
    const auto* option = table.find_flag(flag);
    FB_ASSERT(option != nullptr);
    given[option->name_in_file()] = {values, "flag " + flag, flag};
  }
  read_named(table, named, given);
  for (std::size_t i = 0; i < table.options().size(); ++i) {
    const auto& option = table.options()[i];
    const auto found = given.find(option.name_in_file());
    if (found == given.end()) continue;
    apply(option, found->second);
    loaded.origins[i] = found->second.origin;
  }
  return loaded;
}

std::vector<ChangedOption> changed_options(const OptionTable& before, const OptionTable& after) {
  FB_ASSERT(before.options().size() == after.options().size());
  std::vector<ChangedOption> out;
  for (std::size_t i = 0; i < before.options().size(); ++i)
    if (before.options()[i].texts() != after.options()[i].texts())
      out.push_back({after.options()[i].name_in_file(), after.options()[i].is_reloadable});
  return out;
}

}  // namespace footbridge::ops
