// diagnose(): what is wrong, out of all that was found. A cause is told once, and what only follows from it is not:
// without a network nothing else answers either, and a wrong clock makes good certificates look old. What a failure
// means for the whole is decided here, too: one of several brokers that is away is worth a note, not a problem.
// Pure; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "core/doctor/finding.hpp"

namespace footbridge::core {

struct Observation {
  Finding finding = Finding::RouteFine;
  unsigned number = 0;      // which broker, server or relay, from 1; 0: there is but one
  unsigned front = 0;       // a broker's way through this front; 0: directly
  std::string detail = {};  // "23 ms"; never names anybody
  friend bool operator==(const Observation&, const Observation&) = default;
};

struct Judged {
  Observation seen;
  Level level = Level::Ok;
  std::optional<Finding> follows_from;  // then it is no cause
};

struct Cause {
  Finding finding = Finding::RouteFine;
  Level level = Level::Note;
  std::vector<std::size_t> of;  // places in Diagnosis::all
};

struct Diagnosis {
  std::vector<Judged> all;    // by Check, then in the order in which they were given
  std::vector<Cause> causes;  // problems before notes; of each, what others may follow from first
  std::size_t problems = 0;   // of causes
};
Diagnosis diagnose(std::vector<Observation> seen);

}  // namespace footbridge::core
