#include "programs/client/trouble.hpp"

#include <utility>

#include "io/tls_client.hpp"
#include "observe/log.hpp"
#include "programs/refusal_advice.hpp"

namespace footbridge::client {

using observe::kv;
using observe::Level;

std::string_view name(Trouble trouble) {
  switch (trouble) {
    case Trouble::BrokerRefused: return "broker-refused";
    case Trouble::BrokerSilent: return "broker-silent";
    case Trouble::BrokerExpired: return "broker-certificate-expired";
    case Trouble::BrokerNotYetValid: return "broker-certificate-not-yet-valid";
    case Trouble::BrokerWrongName: return "broker-certificate-wrong-name";
    case Trouble::BrokerUnproven: return "broker-certificate-unproven";
    case Trouble::BrokerNoTls: return "broker-no-tls";
    case Trouble::BrokerStrange: return "broker-strange";
    case Trouble::BrokerVersion: return "broker-version";
    case Trouble::BrokerBusy: return "broker-busy";
    case Trouble::NoVolunteer: return "no-volunteer";
    case Trouble::OnlyOurselves: return "only-ourselves";
    case Trouble::InviteNeeded: return name(wire::Refusal::InviteNeeded);
    case Trouble::InviteOver: return name(wire::Refusal::InviteOver);
    case Trouble::InviteRevoked: return name(wire::Refusal::InviteRevoked);
    case Trouble::InviteUsedUp: return name(wire::Refusal::InviteUsedUp);
    case Trouble::UnknownEgress: return "unknown-egress";
    case Trouble::LinkFailed: return "link-failed";
    case Trouble::EgressSilent: return "egress-silent";
    case Trouble::WrongKey: return "wrong-key";
    case Trouble::EgressRefused: return "egress-refused";
    case Trouble::EgressLeaving: return "egress-leaving";
    case Trouble::EgressVersion: return "egress-version";
    case Trouble::PathLost: return "path-lost";
    case Trouble::PathSilent: return "path-silent";
    case Trouble::SessionLost: return "session-lost";
    case Trouble::UpstreamProxy: return "upstream-proxy";
  }
  return "unknown";
}

std::string_view advice(Trouble trouble) {
  switch (trouble) {
    case Trouble::BrokerRefused: return "nobody listens at the broker's address; is the broker running there?";
    case Trouble::BrokerSilent: return "the broker does not answer; check its address and this machine's network";
    case Trouble::BrokerExpired: return io::advice(io::TlsErrc::Expired);
    case Trouble::BrokerNotYetValid: return io::advice(io::TlsErrc::NotYetValid);
    case Trouble::BrokerWrongName: return io::advice(io::TlsErrc::WrongName);
    case Trouble::BrokerUnproven: return io::advice(io::TlsErrc::UnknownIssuer);
    case Trouble::BrokerNoTls: return io::advice(io::TlsErrc::NoTls);
    case Trouble::BrokerStrange:
      return "what answers at the broker's address is not the broker, or of another version, or was started within the "
             "last ten seconds and helps soon; trying again";
    case Trouble::BrokerVersion: return refusal_advice(wire::Refusal::Version);
    case Trouble::BrokerBusy: return "the broker has too much to do; trying again later";
    case Trouble::NoVolunteer: return "no volunteer is free right now; trying again until one is";
    case Trouble::OnlyOurselves: return "the only volunteer is your own; somebody else has to help";
    case Trouble::InviteNeeded: return refusal_advice(wire::Refusal::InviteNeeded);
    case Trouble::InviteOver: return refusal_advice(wire::Refusal::InviteOver);
    case Trouble::InviteRevoked: return refusal_advice(wire::Refusal::InviteRevoked);
    case Trouble::InviteUsedUp: return refusal_advice(wire::Refusal::InviteUsedUp);
    case Trouble::UnknownEgress: return "the network led to an egress whose key you do not trust; not used";
    case Trouble::LinkFailed: return "a volunteer was found but could not be reached; trying others";
    case Trouble::EgressSilent:
      return "a volunteer is connected but the egress behind it does not answer; trying others";
    case Trouble::WrongKey:
      return "THE EGRESS IS NOT THE ONE YOU TRUST: its key is not the one you pinned. Nothing was sent to it. Ask "
             "for the right pin over a channel you trust; until then somebody may be listening in between";
    case Trouble::EgressRefused: return "the egress refused us; trying again";
    case Trouble::EgressLeaving: return "the egress is being stopped; looking for another one";
    case Trouble::EgressVersion:
      return "the egress and this program do not speak a common version; update this program, or ask who runs the "
             "egress to update it";
    case Trouble::PathLost: return "the volunteer went away; looking for another one, connections stay open meanwhile";
    case Trouble::PathSilent:
      return "nothing comes back from the volunteer or the egress behind it; looking for another way, connections stay "
             "open meanwhile";
    case Trouble::SessionLost: return "the session is over and open connections with it; starting a new one";
    case Trouble::UpstreamProxy:
      return "the proxy that this machine is behind cannot be reached or refuses us, and nothing goes past it; is it "
             "running, and does it know our user and password?";
  }
  return "unknown trouble";
}

bool is_betrayal(Trouble trouble) { return trouble == Trouble::WrongKey || trouble == Trouble::UnknownEgress; }

void TroubleTeller::tell(TimePoint now, Trouble trouble) {
  current_ = trouble;
  if (told_ == trouble && now - told_at_ < kTellAgain) return;
  told_ = trouble;
  told_at_ = now;
  if (news_ != nullptr) news_->on_trouble(now, trouble);
  if (is_betrayal(trouble))
    observe::log(Level::Err, "egress-not-trusted", kv("why", trouble), kv("advice", advice(trouble)));
  else
    observe::log(Level::Warn, "no-way-out", kv("why", trouble), kv("advice", advice(trouble)));
}

void TroubleTeller::well(TimePoint now) {
  if (!std::exchange(was_well_, true))
    observe::log(Level::Notice, "way-out-found");
  else if (current_)
    observe::log(Level::Notice, "way-out-again", kv("after", *current_), kv("took", now - told_at_));
  if (current_ && news_ != nullptr) news_->on_recovery(now);
  current_.reset();
  told_.reset();
}

void TroubleTeller::tell(TimePoint now, Milestone milestone, std::size_t volunteers) {
  if (news_ != nullptr) news_->on_milestone(now, milestone, volunteers);
}

}  // namespace footbridge::client
