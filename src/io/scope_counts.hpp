// How many task scopes of each name there are in this process, and how many tasks they have: what grows when something
// is not let go. Counts only: a scope's name is a literal of ours.
//
// The process's, not an engine's: a task is what the process spends. Bounds: as many entries as names in the code.
// Threads: any; one mutex around looking an entry up, which is little beside starting a task.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace footbridge::io {

struct ScopeCount {
  std::atomic<std::int64_t> scopes{0};
  std::atomic<std::int64_t> tasks{0};
};

// Lives as long as the process. `name` is a literal.
ScopeCount& scope_count(std::string_view name);

struct ScopeLine {
  std::string_view name;
  std::int64_t scopes = 0;
  std::int64_t tasks = 0;
};
// By name, those that exist now.
std::vector<ScopeLine> scope_lines();

// A line for each: "admin: 1 scope, 2 tasks".
std::string scopes_text();

}  // namespace footbridge::io
