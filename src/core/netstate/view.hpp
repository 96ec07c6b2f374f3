// What a viewer is shown, as values: nodes and edges by ids that mean nothing elsewhere, numbers that may be hidden,
// and nothing that could hold an address. view_text.hpp writes them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/country.hpp"
#include "base/time.hpp"
#include "wire/netstate_report.hpp"

namespace footbridge::core {

// Drawn for one appearance of a node; eight hex digits as text. No two nodes have one at a time.
enum class ShownId : std::uint32_t {};

enum class ShownState : std::uint8_t { Ready, Helping, Paused, Draining, Silent };
std::string_view name(ShownState state);

// nullopt: hidden, because it is fewer than eight.
using ShownNumber = std::optional<std::uint64_t>;

struct ShownNode {
  ShownId id{};
  wire::NodeRole role = wire::NodeRole::Volunteer;
  ShownState state = ShownState::Ready;
  std::optional<Country> country{};  // nullopt: one of few, shown as "other"
  ShownNumber people{};
  UnixMillis since{};  // when it appeared, rounded down to kSinceStep
  std::string tag{};
  friend bool operator==(const ShownNode&, const ShownNode&) = default;
};

struct ShownEdge {
  ShownId from{};
  ShownId to{};
  ShownNumber people;
  friend bool operator==(const ShownEdge&, const ShownEdge&) = default;
};

struct ShownTotals {
  std::array<std::uint32_t, wire::kNodeRoles> nodes{};
  ShownNumber people;
  ShownNumber sessions;
  ShownNumber bytes_per_second;
  std::uint32_t all_nodes() const;
  friend bool operator==(const ShownTotals&, const ShownTotals&) = default;
};

// Apply nodes, edges, cut, gone in this order, and no edge ever dangles. What is cut or gone need not be there: a
// snapshot may be newer than the delta before it, and have what no delta ever told.
struct ViewDelta {
  std::vector<ShownNode> nodes;  // new, or changed
  std::vector<ShownEdge> edges;
  std::vector<std::pair<ShownId, ShownId>> cut;
  std::vector<ShownId> gone;
  ShownTotals totals;
  std::uint32_t came = 0;  // nodes that were not there before
  std::uint32_t left = 0;  // nodes that were, and are gone
};

struct StampedDelta {
  std::uint64_t version = 0;
  UnixMillis at{};
  ViewDelta delta;
};

struct ViewSnapshot {
  std::vector<ShownNode> nodes;
  std::vector<ShownEdge> edges;
  ShownTotals totals;
};

}  // namespace footbridge::core
