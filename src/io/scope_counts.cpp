#include "io/scope_counts.hpp"

#include <map>
#include <mutex>

namespace footbridge::io {
namespace {

struct Table {
  std::mutex mutex;
  std::map<std::string_view, ScopeCount> by_name;  // whose entries never move
};

// Never destroyed: a scope may outlive every static.
Table& table() {
  static auto& one = *new Table;
  return one;
}

std::string counted(std::int64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

}  // namespace

ScopeCount& scope_count(std::string_view name) {
  auto& all = table();
  const std::scoped_lock lock(all.mutex);
  return all.by_name[name];
}

std::vector<ScopeLine> scope_lines() {
  auto& all = table();
  const std::scoped_lock lock(all.mutex);
  std::vector<ScopeLine> out;
  for (const auto& [name, count] : all.by_name)
    if (const auto scopes = count.scopes.load(std::memory_order_relaxed); scopes > 0)
      out.push_back({name, scopes, count.tasks.load(std::memory_order_relaxed)});
  return out;
}

std::string scopes_text() {
  std::string out;
  for (const auto& line : scope_lines())
    out += std::string(line.name) + ": " + counted(line.scopes, "scope") + ", " + counted(line.tasks, "task") + "\n";
  return out;
}

}  // namespace footbridge::io
