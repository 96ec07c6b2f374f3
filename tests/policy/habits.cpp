#include "rules.hpp"

namespace footbridge::policy {
namespace {

constexpr std::string_view kMain = "src/programs/footbridge.cpp";

bool says(std::string_view line, std::string_view word) { return line.find(word) != std::string_view::npos; }
bool has_comment(std::string_view line) { return code_of(line).size() != line.size(); }

// What is wrong with a line's ownership; empty if nothing. `above` is the line before it.
std::string ownership_fault(std::string_view path, std::string_view above, std::string_view line) {
  const auto code = code_of(line);
  if (has_prefix(trim(code), "#include")) return {};
  if (says(code, "detached") && says(code, "asio") && path != kMain) return "asio::detached: spawn it in a TaskScope";
  if (says(code, "enable_shared_from_this") || says(code, "weak_ptr<"))
    return "a lifetime nobody owns: use a TaskScope";
  const bool shares = says(code, "shared_ptr<") || says(code, "make_shared<");
  if (shares && !has_comment(line) && !has_prefix(trim(above), "//")) {
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
