// The broker's keys for resumption tickets: one for each kStep, each the hash of the one before, which is wiped as soon
// as no ticket under it is taken any more. So a ticket is good for at least kStep and less than two, and who takes the
// keys out of this memory opens no older ticket, and with that no older request (newer ones he does). Begins with a key
// of its own in each process: tickets do not survive it. One thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/resumption.hpp"

namespace footbridge::core {

class TicketRatchet {
 public:
  static constexpr Seconds kStep{3600};                 // SEAL-T4: few handshakes, and little to steal
  static constexpr std::uint64_t kMaxStepsAtOnce = 48;  // a clock set forward by years must not keep us hashing

  TicketRatchet(UnixSeconds now, Rng& rng);

  // Goes on to the key of `now`, and forgets. A clock that goes back changes nothing.
  void advance(UnixSeconds now);
  // Under the newest key.
  Bytes seal(const crypto::ResumptionTicket& ticket, Rng& rng) const;
  // Under the newest or the one before.
  std::optional<crypto::ResumptionTicket> open(ByteView sealed) const;

 private:
  std::uint64_t step_;  // the time of the newest key by kStep
  crypto::SecretKey newest_;
  std::optional<crypto::SecretKey> previous_;
};

}  // namespace footbridge::core
