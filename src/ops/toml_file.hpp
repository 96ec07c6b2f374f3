// TOML files as flat lists of settings with their places: what configuration and descriptor files need, and the only
// thing the rest of the code sees of TOML.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace footbridge::ops {

// A configuration is pages long, not megabytes; a wrong path must not fill memory.
inline constexpr std::size_t kMaxTomlBytes = 256 * 1024;
inline constexpr std::size_t kMaxTomlSettings = 4096;

struct TomlSetting {
  std::string key;                  // dotted; tables in arrays count from 0: "egress.0.id"
  std::vector<std::string> values;  // numbers and bools in their text form
  bool is_list = false;
  std::string place;  // "broker.toml:12:3"
};

// UsageError: not readable, too large, not TOML (with place), or a value of a kind we do not use (dates, nested
// arrays).
std::vector<TomlSetting> read_toml_file(const std::string& path);
// `name` stands in places and errors.
std::vector<TomlSetting> parse_toml(std::string_view text, const std::string& name);

// A text as TOML writes it, in quotation marks.
std::string toml_text(std::string_view text);

}  // namespace footbridge::ops
