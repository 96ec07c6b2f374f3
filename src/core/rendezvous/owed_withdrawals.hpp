// OwedWithdrawals: matches whose client has gone while their proxy had no poll parked. It hears of them with its next
// request, whatever that is for. Bounds: kMaxOwed, then the oldest is forgotten, and each for kOwedFor; a proxy that
// never hears of it frees its slot by a deadline of its own. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <vector>

#include "base/id.hpp"
#include "base/time.hpp"

namespace footbridge::core {

class OwedWithdrawals {
 public:
  static constexpr std::size_t kMaxOwed = 8'192;  // BRK-B8: as many clients as may wait, gone in the same moment
  static constexpr Seconds kOwedFor{30};          // BRK-T14: PRX-T1 and PRX-T2 have freed the slot by then

  void add(TimePoint now, const ProxyId& proxy, const MatchId& match);
  // What this proxy has not been told yet; it will not be told again.
  std::vector<MatchId> take(TimePoint now, const ProxyId& proxy);
  std::size_t size() const { return order_.size(); }
  // Who has something to hear.
  std::size_t proxies() const { return owed_.size(); }

 private:
  struct Owed {
    TimePoint until{};
    ProxyId proxy;
    MatchId match;
  };
  void forget_oldest();

  std::map<ProxyId, std::vector<MatchId>> owed_;  // ids are chosen by peers: an ordered map
  std::deque<Owed> order_;                        // those told are in it until their time is over
};

}  // namespace footbridge::core
