#include <array>
#include <cctype>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

constexpr std::array<std::string_view, 3> kGuides = {"ARCHITECTURE.md", "README.md", "CONTRIBUTING.md"};

// What stands between the marks, each time they occur on the line.
std::vector<std::string_view> between(std::string_view line, std::string_view open, std::string_view close) {
  std::vector<std::string_view> found;
  for (auto at = line.find(open); at != std::string_view::npos;) {
    const auto begin = at + open.size();
    const auto end = line.find(close, begin);
    if (end == std::string_view::npos) break;
    found.push_back(line.substr(begin, end - begin));
    at = line.find(open, end + close.size());
  }
  return found;
}

bool is_placeholder(std::string_view path) {
  for (const char c : path) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 || c == '*' || c == '<' || c == ' ' || c == '{') return true;
  }
  return false;
}

const std::string* find_source(const SourceTree& tree, const std::string& path) {
  for (const auto& candidate : {path, "src/" + path}) {
    if (const auto file = tree.find(candidate); file != tree.end()) return &file->second;
  }
  return nullptr;
}

// A code reference is path/file.hpp or path/file.cpp, with :name after it or not.
std::string code_fault(const SourceTree& tree, std::string_view reference) {
  const auto colon = reference.find(':');
  const auto path = reference.substr(0, colon);
  if (!is_cpp(path) || path.find('/') == std::string_view::npos || is_placeholder(path)) return {};
  const auto* text = find_source(tree, std::string(path));
  if (text == nullptr) return "names " + std::string(path) + ", which does not exist";
  if (colon == std::string_view::npos) return {};
  auto name = reference.substr(reference.rfind(':') + 1);
  name = name.substr(0, name.find('('));
  if (!name.empty() && std::isdigit(static_cast<unsigned char>(name[0])) != 0) return "names a line; name a function";
  return has_word(*text, name) ? std::string{} : "names " + std::string(reference) + ", which is not there";
}

// A link of Markdown to something of ours.
std::string link_fault(const SourceTree& tree, std::string_view target) {
  target = target.substr(0, target.find('#'));
  if (target.empty() || target.find("://") != std::string_view::npos || has_prefix(target, "mailto:")) return {};
  while (has_suffix(target, "/")) target.remove_suffix(1);
  const auto below = tree.lower_bound(std::string(target));
  const bool exists =
      below != tree.end() && (below->first == target || has_prefix(below->first, std::string(target) + "/"));
  return exists ? std::string{} : "links to " + std::string(target) + ", which does not exist";
}

}  // namespace

Violations guide_references(const SourceTree& tree) {
  Violations found;
  for (const auto guide : kGuides) {
    const auto file = tree.find(std::string(guide));
    if (file == tree.end()) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(file->second)) {
      ++number;
      for (const auto reference : between(line, "`", "`")) {
        auto fault = code_fault(tree, reference);
        if (!fault.empty()) found.push_back({file->first, number, std::move(fault)});
      }
      for (const auto target : between(line, "](", ")")) {
        auto fault = link_fault(tree, target);
        if (!fault.empty()) found.push_back({file->first, number, std::move(fault)});
      }
    }
  }
  return found;
}

}  // namespace footbridge::policy
