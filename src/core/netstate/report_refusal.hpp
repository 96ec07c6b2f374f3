// Why netstate does not take a report (docs/spec/18-netstate.md §8). The reporter hears a class of it only, as an HTTP
// status; the operator's counters have all of them.
#pragma once

#include <cstdint>
#include <string_view>

namespace footbridge::core {

enum class ReportRefusal : std::uint8_t {
  Malformed,  // not our format, or a bound is broken: the reporter's program has to be mended
  Foreign,    // its chain does not begin with our root, or is changed: another network's file, or a forgery
  Over,  // its certificate or its directory key's is over, or has not begun: a new file is needed, or the right time
  Superseded,  // of a directory key that was replaced: a new file is needed
  Forged,      // not signed by the key of its chain
  WrongRole,   // says it is what its certificate does not let it be
  OutOfTime,   // signed too long ago, or in the future: the reporter's clock is wrong, or somebody says it again
  Stale,       // its sequence is not above the last one: said again, or late; nothing to do about it
  Taken,       // node or egress name is another key's
  TooOften,    // of this source or key: later
  Full         // no room for another node: later
};
inline constexpr std::size_t kReportRefusals = 11;
std::string_view name(ReportRefusal refusal);

}  // namespace footbridge::core
