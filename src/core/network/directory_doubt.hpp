// DirectoryDoubt: are those who answer still the brokers that the directory names? One that was restarted a moment ago
// takes no handshake for SEAL-T3. Who refuses what is sealed for it for longer has another key: there may be a newer
// directory that says so. Pure; one thread.
#pragma once

#include <optional>

#include "base/time.hpp"

namespace footbridge::core {

class DirectoryDoubt {
 public:
  // NET-T16: twice SEAL-T3, so that a restart is taken for nothing worse.
  static constexpr Seconds kDoubtAfter{20};

  // Somebody has opened what was sealed for him.
  void on_understood() { strange_since_.reset(); }
  // Nobody has, who answered. True: it has gone on for so long that it is worth asking for a newer directory.
  bool on_strange(TimePoint now) {
    if (!strange_since_) strange_since_ = now;
    return now - *strange_since_ >= kDoubtAfter;
  }

 private:
  std::optional<TimePoint> strange_since_;
};

}  // namespace footbridge::core
