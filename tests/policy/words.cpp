#include <algorithm>
#include <array>
#include <functional>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

// Each has a word of ours; see the glossary in ARCHITECTURE.md.
constexpr std::array<std::string_view, 12> kForeignWords = {"freddie",   "snowflake",   "producer", "consumer",
                                                            "genesis",   "facilitator", "freddies", "snowflakes",
                                                            "producers", "consumers",   "geneses",  "facilitators"};
constexpr std::array<std::string_view, 3> kOpenMarks = {"TODO", "FIXME", "XXX"};
constexpr std::array<std::string_view, 3> kMachinePaths = {"/work/", "/root/", "/home/"};
// Parts of names of package registries and mirrors: which one to use is the machine's business.
constexpr std::array<std::string_view, 12> kRegistryHosts = {
    "deb.debian.org", "security.debian.org", "snapshot.debian.org",
    "ftp.debian.org", "registry.npmjs.org",  "npmmirror.",
    "pypi.org",       "proxy.golang.org",    "sum.golang.org",
    "ghcr.io",        "docker.io",           "storage.googleapis"};

using LineRule = std::function<std::string(std::string_view line)>;

Violations over_lines(const SourceTree& tree, const std::function<bool(std::string_view)>& looks_at,
                      const LineRule& rule) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (has_prefix(path, "tests/policy/") || !looks_at(path)) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      auto fault = rule(line);
      if (!fault.empty()) found.push_back({path, number, std::move(fault)});
    }
  }
  return found;
}

bool anywhere(std::string_view) { return true; }

bool is_ours(std::string_view path) {
  const bool code = has_prefix(path, "src/") || has_prefix(path, "web/") || has_prefix(path, "proto/");
  return code && !has_prefix(path, "src/compat/");
}

// In capitals and standing alone, as such marks are written.
bool is_marked(std::string_view line, std::string_view mark) {
  const auto at = line.find(mark);
  return at != std::string_view::npos && has_word(line.substr(at == 0 ? 0 : at - 1, mark.size() + 2), mark);
}

}  // namespace

Violations glossary(const SourceTree& tree) {
  return over_lines(tree, is_ours, [](std::string_view line) -> std::string {
    for (const auto word : kForeignWords) {
      if (has_word(line, word)) return "says '" + std::string(word) + "', a word of another network";
    }
    return {};
  });
}

Violations finished_work(const SourceTree& tree) {
  return over_lines(tree, anywhere, [](std::string_view line) -> std::string {
    for (const auto mark : kOpenMarks) {
      if (is_marked(line, mark)) return "left open: " + std::string(mark);
    }
    return {};
  });
}

Violations no_foreign_places(const SourceTree& tree) {
  return over_lines(tree, anywhere, [](std::string_view line) -> std::string {
    const auto says = [&](std::string_view part) { return line.find(part) != std::string_view::npos; };
    if (const auto at = std::ranges::find_if(kMachinePaths, says); at != kMachinePaths.end()) {
      return "a path of one machine: " + std::string(*at);
    }
    if (const auto at = std::ranges::find_if(kRegistryHosts, says); at != kRegistryHosts.end()) {
      return "the host of a registry or mirror: " + std::string(*at);
    }
    return {};
  });
}

}  // namespace footbridge::policy
