// The command line as text: which flags of a table were given, with which values. Meaning is options.hpp's business.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "ops/option_table.hpp"

namespace footbridge::ops {

struct GivenFlags {
  std::map<std::string, std::vector<std::string>> values;  // by flag, in the order given
  std::optional<std::string> config;
  bool help = false;
  bool print_config = false;
  bool check_config = false;
};

// UsageError: unknown flag (with the nearest known one), missing value, a flag given twice, a stray argument.
GivenFlags parse_flags(const OptionTable& table, std::span<const std::string> arguments);

}  // namespace footbridge::ops
