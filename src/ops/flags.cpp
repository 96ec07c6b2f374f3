#include "ops/flags.hpp"

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>

#include "ops/errors.hpp"
#include "ops/nearest.hpp"

namespace footbridge::ops {
namespace {

std::vector<std::string> known_flags(const OptionTable& table) {
  std::vector<std::string> names = {"--help", "--config", "--print-config", "--check-config"};
  for (const auto& option : table.options()) names.push_back(option.flag);
  return names;
}

[[noreturn]] void refuse_stray(const OptionTable& table, const std::string& stray) {
  if (!stray.starts_with('-'))
    // Not repeated: it may be the value of an option that lost its name, a password for instance, and others read logs.
    throw UsageError("a word that is neither an option nor its value; options begin with --, see footbridge " +
                     table.program() + " --help");
  const auto name = stray.substr(0, stray.find('='));
  const auto known = known_flags(table);
  const auto hint = did_you_mean(name, known);
  throw UsageError("unknown flag " + name + (hint.empty() ? "; see footbridge " + table.program() + " --help" : hint));
}

[[noreturn]] void refuse_without_value(const Option& option) {
  throw UsageError(option.flag + " needs a value: " + option.needs + ", for example " + option.flag + " " +
                   option.example);
}

[[noreturn]] void explain(const OptionTable& table, const CLI::ParseError& error) {
  const std::string text = error.what();
  const auto flag = text.substr(0, text.find(':'));
  if (const auto* option = table.find_flag(flag)) {
    if (option->is_switch) throw UsageError(flag + " is a switch; write " + flag + " or " + flag + "=false");
    refuse_without_value(*option);
  }
  if (flag == "--config") throw UsageError("--config needs a value: the path of a TOML file");
  throw UsageError(text);
}

}  // namespace

GivenFlags parse_flags(const OptionTable& table, std::span<const std::string> arguments) {
  GivenFlags given;
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  app.add_flag("-h,--help", given.help);
  app.add_flag("--print-config", given.print_config);
  app.add_flag("--check-config", given.check_config);
  std::vector<std::string> config;
  app.add_option("--config", config)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  std::vector<std::pair<const Option*, CLI::Option*>> flags;
  std::deque<std::vector<std::string>> texts;  // CLI11 wants a variable for each option
  for (const auto& option : table.options()) {
    auto* flag = option.is_switch ? app.add_flag(option.flag) : app.add_option(option.flag, texts.emplace_back());
    if (!option.is_switch) flag->expected(1);
    flags.emplace_back(&option, flag->multi_option_policy(CLI::MultiOptionPolicy::TakeAll));
  }

  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));  // CLI11 takes them from the back
  } catch (const CLI::ParseError& error) {
    explain(table, error);
  }

  if (const auto stray = app.remaining(); !stray.empty() && !given.help) refuse_stray(table, stray.front());
  for (const auto& [option, flag] : flags) {
    if (flag->count() == 0) continue;
    auto values = flag->results();
    // CLI11 lets the next flag be the value: "--slots --loud".
    const auto is_flag = [&](const std::string& value) { return table.find_flag(value) != nullptr; };
    if (std::any_of(values.begin(), values.end(), is_flag)) refuse_without_value(*option);
    if (values.size() > 1 && !option->is_list) throw UsageError(option->flag + " is given twice; give it once");
    given.values.emplace(option->flag, std::move(values));
  }
  if (config.size() > 1) throw UsageError("--config is given twice; give it once");
  if (!config.empty()) given.config = config.front();
  return given;
}

}  // namespace footbridge::ops
