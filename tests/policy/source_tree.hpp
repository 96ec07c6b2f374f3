// The repository as text, held in memory so that a rule can be shown a planted tree in its own test.
// Paths are relative to the root and use '/'. Builds, version control and binary files are not in it.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace footbridge::policy {

using SourceTree = std::map<std::string, std::string>;

// Reads every text file below root.
SourceTree load_tree(const std::filesystem::path& root);

// One place that breaks a rule. line is 1-based; 0 means the file as a whole.
struct Violation {
  std::string path;
  std::size_t line;
  std::string what;
  friend bool operator==(const Violation&, const Violation&) = default;
};
using Violations = std::vector<Violation>;

// "path:line: what", one per line, for a failure message.
std::string to_text(const Violations& violations);

std::vector<std::string_view> lines_of(std::string_view text);
std::string_view trim(std::string_view text);
bool has_prefix(std::string_view text, std::string_view prefix);
bool has_suffix(std::string_view text, std::string_view suffix);
bool is_cpp(std::string_view path);        // .hpp or .cpp
bool is_test_code(std::string_view path);  // x_test.cpp, test support, or anything below tests/
bool is_build_file(std::string_view path);

// The part of a C++ line before a // comment; string literals are not looked into.
std::string_view code_of(std::string_view line);

// True if word stands in text with no letter on either side, whatever the case of its letters.
bool has_word(std::string_view text, std::string_view word);

}  // namespace footbridge::policy
