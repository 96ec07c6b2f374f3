#include <algorithm>
#include <array>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

constexpr std::array<std::string_view, 5> kOpenBuild = {"FetchContent", "ExternalProject", "file(GLOB", "file(DOWNLOAD",
                                                        "CMAKE_CXX_FLAGS \"${CMAKE_CXX_FLAGS}"};
// Addresses that lead nowhere, or name a format.
constexpr std::array<std::string_view, 7> kHarmless = {"localhost",  "127.0.0.1",       "[::1]",   "example.",
                                                       "www.w3.org", "json-schema.org", "spdx.org"};
constexpr std::string_view kFuzzList = "tests/fuzz/CMakeLists.txt";
constexpr std::string_view kFuzzPrefix = "tests/fuzz/fuzz_";

bool says(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool names_an_address(std::string_view line) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    for (auto at = line.find(scheme); at != std::string_view::npos; at = line.find(scheme, at + 1)) {
      const auto host = line.substr(at + scheme.size());
      const auto leads_nowhere = [&](std::string_view name) { return has_prefix(host, name) || has_prefix(host, "$"); };
      if (std::ranges::none_of(kHarmless, leads_nowhere)) return true;
    }
  }
  return false;
}

// The words between brackets of each call of function in a CMake file.
std::vector<std::string> calls(std::string_view text, std::string_view function) {
  std::vector<std::string> found;
  const auto opening = std::string(function) + "(";
  for (auto at = text.find(opening); at != std::string_view::npos; at = text.find(opening, at + 1)) {
    const auto line = text.rfind('\n', at) == std::string_view::npos ? 0 : text.rfind('\n', at) + 1;
    if (says(text.substr(line, at - line), "#")) continue;
    const auto begin = at + opening.size();
    found.emplace_back(text.substr(begin, text.find(')', begin) - begin));
  }
  return found;
}

}  // namespace

Violations closed_build(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!is_build_file(path)) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      if (names_an_address(line)) found.push_back({path, number, "a network address in a build file"});
      const auto uses = [&](std::string_view word) { return says(line, word); };
      if (has_prefix(path, "scripts/") || !std::ranges::any_of(kOpenBuild, uses)) continue;
      found.push_back({path, number, "fetches, globs or sets global flags: " + std::string(trim(line))});
    }
  }
  return found;
}

Violations lock_files(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!has_suffix(path, "package-lock.json")) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      if (says(line, "\"resolved\": \"http")) {
        found.push_back(
            {path, number, "says where a package was fetched from (npm's omit-lockfile-registry-resolved)"});
      }
    }
  }
  return found;
}

Violations fuzz_targets(const SourceTree& tree) {
  Violations found;
  std::vector<std::string> registered;
  for (const auto& [path, text] : tree) {
    if (!has_suffix(path, "CMakeLists.txt")) continue;
    const auto folder = path.substr(0, path.size() - std::string_view("CMakeLists.txt").size());
    for (const auto& call : calls(text, "fb_fuzzer")) {
      const auto source = "fuzz_" + call.substr(0, call.find_first_of(" \n")) + ".cpp";
      registered.push_back(folder + source);
      const auto file = tree.find(folder + source);
      if (file == tree.end() || !says(file->second, "LLVMFuzzerTestOneInput")) {
        found.push_back(
            {path, 0, "fb_fuzzer(" + call + ") without a " + source + " that defines LLVMFuzzerTestOneInput"});
      }
    }
  }
  for (const auto& [path, text] : tree) {
    if (!has_prefix(path, kFuzzPrefix) || !is_cpp(path) || !says(text, "LLVMFuzzerTestOneInput")) continue;
    if (std::ranges::find(registered, path) == registered.end()) {
      found.push_back({path, 0, "is registered nowhere; " + std::string(kFuzzList) + " lists the targets"});
    }
  }
  return found;
}

Violations licence(const SourceTree& tree) {
  constexpr std::size_t kLicenceLines = 150;  // the text of the licence without its appendix is longer
  const auto file = tree.find("LICENSE");
  if (file == tree.end()) return {{"LICENSE", 0, "is missing"}};
  const bool whole = says(file->second, "Apache License") && says(file->second, "Version 2.0, January 2004") &&
                     says(file->second, "END OF TERMS AND CONDITIONS") &&
                     lines_of(file->second).size() >= kLicenceLines;
  return whole ? Violations{} : Violations{{"LICENSE", 0, "is not the whole Apache License 2.0"}};
}

}  // namespace footbridge::policy
