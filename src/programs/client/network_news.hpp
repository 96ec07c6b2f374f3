// NetworkNews: what happens to a network, for somebody who tells a person and is not the log. Names nobody.
// Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/time.hpp"

namespace footbridge::client {

enum class Trouble : std::uint8_t;

enum class Milestone : std::uint8_t {
  Searching = 1,      // nobody carries, and the search for a volunteer begins
  VolunteerFound,     // the first of a search is being linked to
  Connected,          // a session with the egress stands
  VolunteerLost,      // one that carried went away
  VolunteerReplaced,  // another one carries the session instead
  SessionEnded,       // and open connections with it
  Left,               // goodbye was said to everybody; the last of all
};
std::string_view name(Milestone milestone);  // for machines: "volunteer-found"

class NetworkNews {
 public:
  virtual ~NetworkNews() = default;
  // `volunteers`: how many carry the session now.
  virtual void on_milestone(TimePoint now, Milestone milestone, std::size_t volunteers) = 0;
  // As often as the log is told.
  virtual void on_trouble(TimePoint now, Trouble trouble) = 0;
  // Whatever was told as trouble is over.
  virtual void on_recovery(TimePoint now) = 0;
};

}  // namespace footbridge::client
