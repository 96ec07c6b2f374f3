#include <algorithm>
#include <cctype>
#include <cmath>
#include <set>

#include "quantity.hpp"
#include "rules.hpp"

namespace footbridge::policy {
namespace {

// A row of a specification's table: id, the constant's name, its value as text.
struct SpecRow {
  std::string path;
  std::size_t line;
  std::string id;
  std::string name;
  std::string value;
};

// Cells of "| a | b |" or of "a  b  c" with two blanks or more between columns.
std::vector<std::string> cells_of(std::string_view line) {
  std::vector<std::string> cells;
  line = trim(line);
  const bool ruled = has_prefix(line, "|");
  const std::string_view gap = ruled ? "|" : "  ";
  while (!line.empty()) {
    const auto end = line.find(gap);
    auto cell = trim(line.substr(0, end));
    while (!cell.empty() && cell.front() == '`') cell.remove_prefix(1);
    while (!cell.empty() && cell.back() == '`') cell.remove_suffix(1);
    if (!cell.empty()) cells.emplace_back(cell);
    if (end == std::string_view::npos) break;
    line = trim(line.substr(end + gap.size()));
  }
  return cells;
}

// LINK-T3, RDV-B12: capitals, a dash, perhaps a capital, a number.
bool is_id(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == std::string_view::npos || dash < 2 || dash + 1 >= text.size()) return false;
  const auto upper = [](char c) { return std::isupper(static_cast<unsigned char>(c)) != 0; };
  const auto digit = [](char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; };
  auto rest = text.substr(dash + 1);
  if (upper(rest[0])) rest.remove_prefix(1);
  return std::ranges::all_of(text.substr(0, dash), upper) && !rest.empty() && std::ranges::all_of(rest, digit);
}

// kName, perhaps with classes and namespaces before it; nothing if the cell is something else.
std::string_view constant_name(std::string_view cell) {
  const auto qualifier = cell.rfind("::");
  const auto name = qualifier == std::string_view::npos ? cell : cell.substr(qualifier + 2);
  const bool named = name.size() > 1 && name[0] == 'k' && std::isupper(static_cast<unsigned char>(name[1])) != 0;
  const auto plain = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; };
  return named && std::ranges::all_of(name, plain) ? name : std::string_view{};
}

std::vector<SpecRow> rows_of(const SourceTree& tree) {
  std::vector<SpecRow> rows;
  for (const auto& [path, text] : tree) {
    if (!has_prefix(path, "docs/spec/")) continue;
    std::size_t number = 0;
    for (const auto line : lines_of(text)) {
      ++number;
      const auto cells = cells_of(line);
      if (cells.size() < 3 || !is_id(cells[0])) continue;
      const auto name = constant_name(cells[1]);
      if (!name.empty()) rows.push_back({path, number, cells[0], std::string(name), cells[2]});
    }
  }
  return rows;
}

// Every constant of src by name: the expressions it is defined with (several files may use one name).
using Definitions = std::map<std::string, std::set<std::string>, std::less<>>;

// "constexpr TYPE kName{VALUE};" or "= VALUE;": the value keeps TYPE around it, because the type is its unit.
void collect(std::string_view statement, Definitions& out) {
  const auto at = statement.find("constexpr ");
  if (at == std::string_view::npos) return;
  const auto rest = statement.substr(at + std::string_view("constexpr ").size());
  const auto opening = rest.find_first_of("={(");
  if (opening == std::string_view::npos) return;
  const auto head = trim(rest.substr(0, opening));
  const auto blank = head.rfind(' ');
  if (blank == std::string_view::npos) return;
  const auto name = constant_name(head.substr(blank + 1));
  if (name.empty()) return;
  const auto type = trim(head.substr(0, blank));
  const bool assigned = rest[opening] == '=';
  const auto value = trim(rest.substr(assigned ? opening + 1 : opening));
  // Seconds k = Seconds{10} has its unit inside; Seconds k{10} takes it from the type.
  out[std::string(name)].insert(assigned ? std::string(value) : std::string(type) + std::string(value));
}

Definitions definitions_of(const SourceTree& tree) {
  Definitions out;
  for (const auto& [path, text] : tree) {
    if (!has_prefix(path, "src/") || !is_cpp(path) || is_test_code(path)) continue;
    std::string code;
    for (const auto line : lines_of(text)) code.append(code_of(line)).push_back(' ');
    for (std::string_view rest = code; !rest.empty();) {
      const auto end = rest.find(';');
      const auto statement = rest.substr(0, end);
      const auto last = statement.rfind("constexpr ");  // what came before belongs to a body or a template
      if (last != std::string_view::npos) collect(statement.substr(last), out);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
  return out;
}

std::optional<double> value_of(const Definitions& all, std::string_view name, int depth) {
  constexpr int kMaxDepth = 8;  // a constant that refers to itself is the compiler's to refuse, not ours to follow
  const auto at = all.find(name);
  if (at == all.end() || at->second.size() != 1 || depth > kMaxDepth) return std::nullopt;
  return parse_cpp_quantity(*at->second.begin(),
                            [&](std::string_view other) { return value_of(all, other, depth + 1); });
}

// What row says against the code: unknown name, another value, or nothing to say. compared: the values could be read.
std::string fault_of(const SpecRow& row, const Definitions& all, bool& compared) {
  const auto defined = all.find(row.name);
  compared = false;
  if (defined == all.end()) return row.id + " names " + row.name + ", which src does not define";
  const auto wanted = parse_spec_quantity(row.value);
  if (!wanted) return {};
  for (const auto& expression : defined->second) {
    const auto value = parse_cpp_quantity(expression, [&](std::string_view other) { return value_of(all, other, 0); });
    compared = compared || value.has_value();
    if (value && std::abs(*value - *wanted) <= 1e-9 * std::max(1.0, std::abs(*wanted))) return {};
  }
  if (!compared) return {};
  return row.id + " says " + row.name + " is " + row.value + "; the code says " + *defined->second.begin();
}

}  // namespace

Violations spec_tables(const SourceTree& tree) {
  Violations found;
  const auto all = definitions_of(tree);
  for (const auto& row : rows_of(tree)) {
    bool compared = false;
    auto fault = fault_of(row, all, compared);
    if (!fault.empty()) found.push_back({row.path, row.line, std::move(fault)});
  }
  return found;
}

std::size_t spec_rows_compared(const SourceTree& tree) {
  std::size_t count = 0;
  const auto all = definitions_of(tree);
  for (const auto& row : rows_of(tree)) {
    bool compared = false;
    static_cast<void>(fault_of(row, all, compared));
    count += compared ? 1U : 0U;
  }
  return count;
}

}  // namespace footbridge::policy
