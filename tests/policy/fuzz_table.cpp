#include <algorithm>
#include <cctype>
#include <map>
#include <set>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

constexpr std::string_view kTable = "docs/fuzzing.md";
constexpr std::string_view kTargets = "tests/fuzz/CMakeLists.txt";
constexpr std::string_view kParser = "parse_";

std::vector<std::string> quoted(std::string_view text) {
  std::vector<std::string> out;
  for (auto at = text.find('`'); at != std::string_view::npos; at = text.find('`', at + 1)) {
    const auto end = text.find('`', at + 1);
    if (end == std::string_view::npos) break;
    out.emplace_back(text.substr(at + 1, end - at - 1));
    at = end;
  }
  return out;
}

// A row: "| `target` | `names of its source` through: `names behind them` | … |".
struct Row {
  std::size_t line = 0;
  std::string target;
  std::vector<std::string> called, reached;
};

std::vector<Row> rows_of(std::string_view page) {
  std::vector<Row> out;
  std::size_t number = 0;
  for (const auto line : lines_of(page)) {
    ++number;
    if (!has_prefix(line, "| `")) continue;
    const auto second = line.find('|', 1);
    const auto third = second == std::string_view::npos ? second : line.find('|', second + 1);
    if (third == std::string_view::npos) continue;
    const auto cell = line.substr(second, third - second);
    const auto through = std::min(cell.find("through:"), cell.size());
    const auto target = quoted(line.substr(0, second));
    if (target.size() != 1) continue;
    out.push_back({number, target[0], quoted(cell.substr(0, through)), quoted(cell.substr(through))});
  }
  return out;
}

// The functions named parse_… that headers of src declare, with the header.
std::map<std::string, std::string> parsers_of(const SourceTree& tree) {
  std::map<std::string, std::string> out;
  for (const auto& [path, text] : tree) {
    if (!has_prefix(path, "src/") || !has_suffix(path, ".hpp") || is_test_code(path)) continue;
    for (const auto line : lines_of(text)) {
      const auto code = code_of(line);
      for (auto at = code.find(kParser); at != std::string_view::npos; at = code.find(kParser, at + 1)) {
        auto end = at;
        while (end < code.size() && (std::isalnum(static_cast<unsigned char>(code[end])) != 0 || code[end] == '_'))
          ++end;
        if (end < code.size() && code[end] == '(') out.emplace(code.substr(at, end - at), path);
      }
    }
  }
  return out;
}

bool is_anywhere_in_src(const SourceTree& tree, std::string_view name) {
  return std::ranges::any_of(tree, [&](const auto& file) {
    return has_prefix(file.first, "src/") && is_cpp(file.first) && has_word(file.second, name);
  });
}

}  // namespace

Violations fuzz_table(const SourceTree& tree) {
  Violations found;
  const auto page = tree.find(std::string(kTable));
  const auto targets = tree.find(std::string(kTargets));
  if (page == tree.end() || targets == tree.end()) return found;
  const std::string where(kTable);
  std::set<std::string> listed, named;
  for (const auto& row : rows_of(page->second)) {
    listed.insert(row.target);
    const auto source = tree.find("tests/fuzz/fuzz_" + row.target + ".cpp");
    if (source == tree.end()) {
      found.push_back({where, row.line, "lists " + row.target + ", which is no target"});
      continue;
    }
    for (const auto& name : row.called) {
      named.insert(name);
      if (!has_word(source->second, name))
        found.push_back({where, row.line, "says that " + source->first + " uses " + name + "; it does not"});
    }
    for (const auto& name : row.reached) {
      named.insert(name);
      if (!is_anywhere_in_src(tree, name)) found.push_back({where, row.line, name + " is nowhere in src"});
    }
  }
  for (const auto line : lines_of(targets->second)) {
    constexpr std::string_view kCall = "fb_fuzzer(";
    if (!has_prefix(line, kCall)) continue;
    const auto target = std::string(line.substr(kCall.size(), line.find(' ') - kCall.size()));
    if (!listed.contains(target)) found.push_back({where, 0, "does not list the target " + target});
  }
  for (const auto& [name, path] : parsers_of(tree))
    if (!named.contains(name))
      found.push_back({path, 0, name + " is fuzzed by nobody; " + where + " lists who fuzzes what"});
  return found;
}

}  // namespace footbridge::policy
