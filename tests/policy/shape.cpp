#include <algorithm>
#include <vector>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

constexpr std::size_t kMaxSourceLines = 400;  // beyond it a file holds more than one concept
constexpr std::size_t kMaxSpecLines = 400;    // one sitting
constexpr std::size_t kMaxFolderCMakeLines = 40;
constexpr std::size_t kMaxFuzzTargets = 80;  // that list is a table: one line per target
constexpr std::size_t kMaxLines = 800;
constexpr std::size_t kMinContractChars = 24;  // "// Helpers." is not a contract

bool is_source(std::string_view path) { return has_prefix(path, "src/") && is_cpp(path); }

// Data, the licence and lock files are as long as they are.
bool is_measured(std::string_view path) {
  return !has_suffix(path, ".json") && !has_suffix(path, ".txt") && path != "LICENSE" && !has_suffix(path, ".svg") &&
         !has_suffix(path, ".lock");
}

std::size_t limit_of(std::string_view path) {
  if (path == "tests/fuzz/CMakeLists.txt") return kMaxFuzzTargets;
  if (has_suffix(path, "/CMakeLists.txt")) return kMaxFolderCMakeLines;
  if (is_source(path)) return kMaxSourceLines;
  if (has_prefix(path, "docs/spec/")) return kMaxSpecLines;
  return kMaxLines;
}

}  // namespace

Violations file_sizes(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!is_measured(path) && !has_suffix(path, "/CMakeLists.txt")) continue;
    const auto limit = limit_of(path);
    const auto lines = lines_of(text).size();
    if (lines > limit) {
      found.push_back({path, 0, std::to_string(lines) + " lines; the limit is " + std::to_string(limit)});
    }
  }
  return found;
}

Violations header_contracts(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!has_suffix(path, ".hpp")) continue;
    std::size_t chars = 0;
    for (const auto line : lines_of(text)) {
      if (!has_prefix(line, "//")) break;
      chars += trim(line.substr(2)).size();
    }
    if (chars < kMinContractChars) found.push_back({path, 1, "does not open with a // comment that is its contract"});
  }
  return found;
}

std::size_t median_source_lines(const SourceTree& tree) {
  std::vector<std::size_t> sizes;
  for (const auto& [path, text] : tree) {
    if (is_source(path)) sizes.push_back(lines_of(text).size());
  }
  if (sizes.empty()) return 0;
  const auto middle = sizes.begin() + static_cast<std::ptrdiff_t>(sizes.size() / 2);
  std::nth_element(sizes.begin(), middle, sizes.end());
  return *middle;
}

}  // namespace footbridge::policy
