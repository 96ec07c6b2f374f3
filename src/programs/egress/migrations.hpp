// Migrations: how a session fares when a path leaves it while it has streams.
//
//   carried ──a path leaves, others are there──▶ Kept
//      └──────the last one leaves──▶ bare ──a path comes──▶ Resumed
//                                      └──none came in time──▶ Lost
//
// One for each session, told of its paths at the end of each turn; what leaves in one turn is one migration. Pure; any
// thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "base/assert.hpp"
#include "core/session/session_types.hpp"

namespace footbridge::egress {

enum class Migration : std::uint8_t { Kept, Resumed, Lost };
constexpr std::string_view name(Migration migration) {
  switch (migration) {
    case Migration::Kept: return "kept";
    case Migration::Resumed: return "resumed";
    case Migration::Lost: return "lost";
  }
  FB_ASSERT(false);
}

class Migrations {
 public:
  // `paths`: there are now; `added`: there have been ever; `in_use`: the session has streams.
  std::optional<Migration> on_turn(std::size_t paths, std::uint64_t added, bool in_use) {
    const auto came = added - std::exchange(added_, added);
    const bool left = std::exchange(paths_, paths) + came > paths;
    const bool was_bare = std::exchange(bare_, (bare_ || (left && in_use)) && paths == 0);
    if (was_bare && !bare_) return Migration::Resumed;
    if (left && in_use && paths > 0) return Migration::Kept;
    return std::nullopt;
  }
  std::optional<Migration> on_end(core::EndReason reason) const {
    return bare_ && reason == core::EndReason::NoPath ? std::optional(Migration::Lost) : std::nullopt;
  }

 private:
  std::size_t paths_ = 0;
  std::uint64_t added_ = 0;
  bool bare_ = false;  // its last path left while it had streams
};

}  // namespace footbridge::egress
