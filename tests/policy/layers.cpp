#include <algorithm>
#include <array>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

// Bottom to top, as in cmake/Footbridge.cmake.
constexpr std::array<std::string_view, 14> kLayers = {"base",  "wire", "crypto",  "core",    "web",
                                                      "quic",  "sim",  "observe", "io",      "transport",
                                                      "store", "ops",  "compat",  "programs"};
// In these, the folders of one level do not know each other.
constexpr std::array<std::string_view, 2> kLayersOfSiblings = {"transport", "programs"};
constexpr std::array<std::string_view, 4> kPureLayers = {"base", "wire", "core", "web"};

// What a pure layer may not include: prefixes of <…>.
constexpr std::array<std::string_view, 29> kImpureHeaders = {
    "boost/",   "thread",     "mutex",     "shared_mutex", "condition_variable",
    "future",   "semaphore",  "latch",     "barrier",      "iostream",
    "fstream",  "filesystem", "ctime",     "time.h",       "random",
    "sys/",     "unistd.h",   "netinet/",  "arpa/",        "netdb",
    "net/",     "pthread",    "signal",    "csignal",      "sodium",
    "openssl/", "gnutls/",    "exception", "stdexcept"};
constexpr std::array<std::string_view, 5> kImpureWords = {"_clock::now", "throw ", "dynamic_cast<", "typeid(",
                                                          "random_device"};

int rank(std::string_view layer) {
  const auto at = std::ranges::find(kLayers, layer);
  return at == kLayers.end() ? -1 : static_cast<int>(at - kLayers.begin());
}

template <class Range>
bool contains(const Range& range, std::string_view item) {
  return std::ranges::find(range, item) != range.end();
}

std::string_view first_folder(std::string_view path) { return path.substr(0, path.find('/')); }

// The second folder, or nothing for a file that lies directly in its layer.
std::string_view second_folder(std::string_view path) {
  const auto first = path.find('/');
  if (first == std::string_view::npos) return {};
  const auto rest = path.substr(first + 1);
  const auto second = rest.find('/');
  return second == std::string_view::npos ? std::string_view{} : rest.substr(0, second);
}

// The path between the marks of an #include line; nothing if it is none.
std::string_view included(std::string_view line, char open, char close) {
  line = trim(line);
  if (!has_prefix(line, "#include")) return {};
  const auto begin = line.find(open);
  if (begin == std::string_view::npos) return {};
  const auto end = line.find(close, begin + 1);
  return end == std::string_view::npos ? std::string_view{} : line.substr(begin + 1, end - begin - 1);
}

// Why `from` (relative to src/) may not include `target`; empty if it may.
std::string objection(const SourceTree& tree, std::string_view from, std::string_view target) {
  if (!tree.contains("src/" + std::string(target))) return "names no file below src/";
  const auto mine = first_folder(from);
  const auto theirs = first_folder(target);
  if (rank(theirs) < 0) return std::string(theirs) + " is no layer";
  if (rank(theirs) > rank(mine)) return std::string(theirs) + " lies above " + std::string(mine);
  if (mine != theirs || !contains(kLayersOfSiblings, mine)) return {};
  const auto my_part = second_folder(from);
  const auto their_part = second_folder(target);
  // A file that lies in the layer itself composes its parts; a part may use what lies in the layer itself.
  if (my_part.empty() || their_part.empty() || my_part == their_part) return {};
  return std::string(mine) + "'s " + std::string(my_part) + " and " + std::string(their_part) +
         " do not know each other";
}

}  // namespace

Violations include_law(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!has_prefix(path, "src/") || !is_cpp(path)) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      const auto target = included(line, '"', '"');
      if (target.empty()) continue;
      const auto why = objection(tree, std::string_view(path).substr(4), target);
      if (!why.empty()) found.push_back({path, number, "includes \"" + std::string(target) + "\": " + why});
    }
  }
  return found;
}

Violations pure_layers(const SourceTree& tree) {
  Violations found;
  for (const auto& [path, text] : tree) {
    if (!has_prefix(path, "src/") || !is_cpp(path) || is_test_code(path)) continue;
    if (!contains(kPureLayers, first_folder(std::string_view(path).substr(4)))) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      const auto header = included(line, '<', '>');
      const auto names = [&](std::string_view impure) { return has_prefix(header, impure); };
      if (!header.empty() && std::ranges::any_of(kImpureHeaders, names)) {
        found.push_back({path, number, "includes <" + std::string(header) + ">, which a pure layer may not"});
      }
      for (const auto word : kImpureWords) {
        if (code_of(line).find(word) != std::string_view::npos) {
          found.push_back({path, number, "says " + std::string(word) + ", which a pure layer may not"});
        }
      }
    }
  }
  return found;
}

}  // namespace footbridge::policy
