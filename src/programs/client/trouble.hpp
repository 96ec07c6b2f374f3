// Trouble: what stands between the user and the internet right now, in words that say what to do. TroubleTeller logs
// each change once, and again while it lasts, at most every kTellAgain; so often it tells whoever wants the news, too.
//
// Ownership: the receiver of the news outlives it. Threads: the executor's one thread. Private data never enters here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/time.hpp"
#include "programs/client/network_news.hpp"

namespace footbridge::client {

enum class Trouble : std::uint8_t {
  BrokerRefused = 1,  // nobody listens at the broker's address
  BrokerSilent,       // the broker does not answer, or cannot be reached
  BrokerExpired,      // its certificate, or its front's, has ended, or our clock is ahead
  BrokerNotYetValid,  // the same, not begun, or our clock is behind
  BrokerWrongName,    // the certificate is somebody else's
  BrokerUnproven,     // nobody whom we trust vouches for the certificate
  BrokerNoTls,        // what answers speaks no TLS
  BrokerStrange,      // something answers that is not a broker
  BrokerVersion,      // the broker does not speak this program's version
  BrokerBusy,         // it answers: come later
  NoVolunteer,        // nobody is there to help
  OnlyOurselves,      // the only volunteer is this installation's own
  InviteNeeded,   // the network's brokers ask for an invite, and know of none of ours; here and below: until one helps
  InviteOver,     // ours was used too late
  InviteRevoked,  // ours was taken back
  InviteUsedUp,   // others used ours
  UnknownEgress,  // the match leads to an egress whose key is not trusted here
  LinkFailed,     // a volunteer was found, but no connection to it came about
  EgressSilent,   // the volunteer is connected, but the egress is not heard
  WrongKey,       // the egress showed another key than the one pinned
  EgressRefused,  // the egress says no
  EgressLeaving,  // the egress is being stopped
  EgressVersion,  // the egress and this program have no version of the session's protocol in common
  PathLost,       // the volunteer went away; another one is being looked for
  PathSilent,     // nothing comes back any more through the volunteer, or from the egress behind it
  SessionLost,    // the session ended: open connections are gone
  UpstreamProxy,  // the proxy that this client is behind is not there, or refuses us
};
std::string_view name(Trouble trouble);
std::string_view advice(Trouble trouble);  // one sentence
// The network led to an egress that is not trusted: somebody may want it so.
bool is_betrayal(Trouble trouble);

// As long as it takes a person to look again.
inline constexpr Seconds kTellAgain{600};

class TroubleTeller {
 public:
  // news: null where the log is enough.
  explicit TroubleTeller(NetworkNews* news = nullptr) : news_(news) {}

  void tell(TimePoint now, Trouble trouble);
  // A path carries: whatever it was, it is over.
  void well(TimePoint now);
  // For the news only: the log has events of its own.
  void tell(TimePoint now, Milestone milestone, std::size_t volunteers);
  std::optional<Trouble> current() const { return current_; }

 private:
  NetworkNews* news_;
  std::optional<Trouble> current_;
  std::optional<Trouble> told_;
  TimePoint told_at_{};
  bool was_well_ = false;
};

}  // namespace footbridge::client
