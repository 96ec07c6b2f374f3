// Fills a program's options from flags, environment and file: flags > environment > file > default.
// Everything wrong is a UsageError with one line that names the option, where it was set, and what to do.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/private.hpp"
#include "ops/option_table.hpp"

namespace footbridge::ops {

// The variables that begin with FB_; other tables' sections are ignored, unknown keys of ours are errors.
using Environment = std::map<std::string, std::string>;
Environment process_environment(std::string_view prefix = "FB_");

enum class Wanted : std::uint8_t { Run, Help, PrintConfig, CheckConfig };

struct LoadedOptions {
  Wanted wanted = Wanted::Run;
  // For each option of the table in order: "default", "flag --slots", "environment FB_…", "volunteer.toml:3:9".
  std::vector<std::string> origins;
};

// Options that somebody else's configuration gives us by their flag without its dashes; a list has commas.
struct NamedOptions {
  std::string source;  // "ServerTransportOptions": what errors and --print-config call it
  std::map<std::string, Private<std::string>, std::less<>> values;
};

// `arguments` are those after the subcommand. Help wins over everything else, also over errors in values; `named` wins
// over flags.
LoadedOptions load_options(OptionTable& table, std::span<const std::string> arguments, const Environment& environment,
                           const NamedOptions& named = {});

std::string help_text(const OptionTable& table);
// A TOML file that would set what is in force, with the origin of each value; secrets read "<set>".
std::string print_config(const OptionTable& table, const LoadedOptions& loaded);

// What differs between two fillings of the same program's table, for a reload.
struct ChangedOption {
  std::string name;  // as in the file
  bool reloadable = false;
};
std::vector<ChangedOption> changed_options(const OptionTable& before, const OptionTable& after);

// docs/ops/config-<program>.md and docs/ops/config-<program>.toml; they come from a table with nothing set.
std::string reference_page(const OptionTable& table);
std::string example_file(const OptionTable& table);

}  // namespace footbridge::ops
