// The texts that viewers are given: JSON with fixed keys, in which every string is an enumerator, a country of two
// letters, eight hex digits or a tag; and the same as a DOT graph. docs/spec/18-netstate.md §6 has the schema. Pure;
// any thread.
#pragma once

#include <string>

#include "core/netstate/series.hpp"
#include "core/netstate/view.hpp"

namespace footbridge::core {

std::string id_text(ShownId id);  // eight hex digits
std::string snapshot_json(std::uint64_t version, UnixMillis at, bool is_private, const ViewSnapshot& snapshot);
std::string delta_json(const StampedDelta& stamped, bool is_private);
std::string series_json(const SeriesRows& rows);
std::string snapshot_dot(const ViewSnapshot& snapshot);

}  // namespace footbridge::core
