#include <cctype>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

constexpr std::string_view kMain = "src/programs/footbridge.cpp";

bool says(std::string_view line, std::string_view word) { return line.find(word) != std::string_view::npos; }
bool has_comment(std::string_view line) { return code_of(line).size() != line.size(); }

bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// True if the shared_ptr whose '<' is at `open` is a parameter: it hands an owner over, and the owners are named where
// the pointer is kept.
bool is_parameter(std::string_view code, std::size_t open) {
  int depth = 0;
  std::size_t at = open;
  do {
    depth += code[at] == '<' ? 1 : code[at] == '>' ? -1 : 0;
    ++at;
  } while (at < code.size() && depth > 0);
  auto rest = trim(code.substr(at));
  if (has_prefix(rest, "&")) return true;
  while (!rest.empty() && is_name(rest[0])) rest.remove_prefix(1);
  return has_prefix(rest, ")") || has_prefix(rest, ",");
}

// True if the line keeps or makes something shared, other than filling a member in a constructor's list.
bool shares(std::string_view code) {
  constexpr std::string_view kType = "shared_ptr<";
  for (auto at = code.find(kType); at != std::string_view::npos; at = code.find(kType, at + 1)) {
    if (!is_parameter(code, at + kType.size() - 1)) return true;
  }
  return says(code, "make_shared<") && !says(code, "_(std::make_shared<");
}

// What is wrong with a line's ownership; empty if nothing. `above` is the line before it.
std::string ownership_fault(std::string_view path, std::string_view above, std::string_view line) {
  const auto code = code_of(line);
  if (has_prefix(trim(code), "#include")) return {};
  if (says(code, "detached") && says(code, "asio") && path != kMain) return "asio::detached: spawn it in a TaskScope";
  if (says(code, "enable_shared_from_this") || says(code, "weak_ptr<"))
    return "a lifetime nobody owns: use a TaskScope";
  if (shares(code) && !has_comment(line) && !has_prefix(trim(above), "//")) {
    return "shared_ptr without a comment, here or on the line above, naming both owners";
  }
  return {};
}

std::string test_fault(std::string_view line) {
  const auto code = code_of(line);
  if (says(code, "GTEST_SKIP()") && !says(code, "<<")) return "skips without saying why";
  if (says(code, "DISABLED_")) return "a disabled test: mend it or remove it";
  if (says(code, "sleep_for(") || says(code, "sleep_until(") || says(code, "usleep("))
    return "sleeps: wait for the event";
  return {};
}

}  // namespace

Violations ownership(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || has_prefix(path, "tests/policy/")) continue;
    std::size_t number = 0;
    std::string_view above;
    for (const auto line : lines_of(text)) {
      ++number;
      const auto fault = ownership_fault(path, above, line);
      if (!fault.empty()) found.push_back({path, number, fault});
      above = line;
    }
  }
  return found;
}

Violations own_proc(const SourceTree& tree) {
  constexpr std::string_view kProc = "\"/proc/";
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || !has_prefix(path, "src/") || is_test_code(path)) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      const auto code = code_of(line);
      const auto at = code.find(kProc);
      if (at != std::string_view::npos && !has_prefix(code.substr(at + kProc.size()), "self/"))
        found.push_back({path, number, "hidden from our units: /proc/self has tables of the network, too"});
    }
  }
  return found;
}

Violations honest_tests(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || !is_test_code(path) || has_prefix(path, "tests/policy/")) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      const auto fault = test_fault(line);
      if (!fault.empty()) found.push_back({path, number, fault});
    }
  }
  return found;
}

}  // namespace footbridge::policy
