#include "programs/client/broker_client.hpp"

#include <utility>
#include <variant>

#include "base/overloaded.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge::client {

using observe::kv;
using observe::Level;

namespace {

Trouble trouble_of_failure(http::HttpErrc failure) {
  switch (failure) {
    case http::HttpErrc::Refused: return Trouble::BrokerRefused;
    case http::HttpErrc::Upstream: return Trouble::UpstreamProxy;
    case http::HttpErrc::Policy:
    case http::HttpErrc::Unresolved:
    case http::HttpErrc::Unreachable:
    case http::HttpErrc::TimedOut:
    case http::HttpErrc::Closed: return Trouble::BrokerSilent;
    case http::HttpErrc::CertExpired: return Trouble::BrokerExpired;
    case http::HttpErrc::CertNotYetValid: return Trouble::BrokerNotYetValid;
    case http::HttpErrc::CertWrongName: return Trouble::BrokerWrongName;
    case http::HttpErrc::CertUnknownIssuer:
    case http::HttpErrc::CertWrongKey:
    case http::HttpErrc::CertUnacceptable: return Trouble::BrokerUnproven;
    case http::HttpErrc::NoTls: return Trouble::BrokerNoTls;
    case http::HttpErrc::BadScheme:
    case http::HttpErrc::Untrusting:
    case http::HttpErrc::Malformed:
    case http::HttpErrc::TooLarge:
    case http::HttpErrc::NotTheirs:
    case http::HttpErrc::NoKey:
    case http::HttpErrc::BadStatus: return Trouble::BrokerStrange;
  }
  return Trouble::BrokerSilent;
}

}  // namespace

Trouble trouble_of(wire::Refusal why, std::optional<http::HttpErrc> failure) {
  switch (why) {
    case wire::Refusal::None: return failure ? trouble_of_failure(*failure) : Trouble::BrokerStrange;
    case wire::Refusal::NoProxy:
    case wire::Refusal::NoAnswer:
    case wire::Refusal::EgressGone:
    case wire::Refusal::Superseded: return Trouble::NoVolunteer;
    case wire::Refusal::Busy:
    case wire::Refusal::Overloaded:
    case wire::Refusal::Draining:
    case wire::Refusal::Rate: return Trouble::BrokerBusy;
    case wire::Refusal::SelfOnly: return Trouble::OnlyOurselves;
    case wire::Refusal::InviteNeeded: return Trouble::InviteNeeded;
    case wire::Refusal::InviteOver: return Trouble::InviteOver;
    case wire::Refusal::InviteRevoked: return Trouble::InviteRevoked;
    case wire::Refusal::InviteUsedUp: return Trouble::InviteUsedUp;
    case wire::Refusal::Version: return Trouble::BrokerVersion;
    case wire::Refusal::Unreachable:
    case wire::Refusal::LeadsNowhere:
    case wire::Refusal::RiskyPlace:
    case wire::Refusal::Malformed:
    case wire::Refusal::Unknown: return Trouble::BrokerStrange;
  }
  return Trouble::BrokerStrange;
}

BrokerClient::BrokerClient(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays brokers,
                           core::ClientRendezvousConfig config, Rng& rng, FinderEvents& events)
    : events_(events),
      rendezvous_(std::move(config), rng),
      line_(executor, dialer, std::move(brokers), rng,
            [this](std::uint64_t id, RendezvousLine::Answer answer) { on_answer(id, std::move(answer)); }),
      timer_(executor, [this](TimePoint now) {
        rendezvous_.on_deadline(now);
        drain(now);
      }) {}

void BrokerClient::search(TimePoint now, core::ClientSearch search) {
  rendezvous_.offer(now, std::move(search));
  drain(now);
}

void BrokerClient::cancel(TimePoint now) {
  rendezvous_.cancel(now);
  drain(now);
}

asio::awaitable<void> BrokerClient::close() {
  timer_.arm(std::nullopt);
  co_await line_.close();
}

void BrokerClient::on_answer(std::uint64_t id, RendezvousLine::Answer answer) {
  const auto now = io::now();
  if (answer) {
    last_failure_.reset();
    rendezvous_.on_response(now, id, *answer);
  } else {
    last_failure_ = answer.error();
    observe::log(Level::Info, "rendezvous-failed", kv("why", answer.error()));
    rendezvous_.on_failed(now, id, answer.error() == http::HttpErrc::NotTheirs);
  }
  drain(now);
}

void BrokerClient::drain(TimePoint now) {
  while (auto output = rendezvous_.poll())
    std::visit(Overloaded{
                   [&](core::ClientRendezvous::Post& post) {
                     line_.post(post.id, std::move(post.body), core::RequestChannel::kResponseTimeout);
                   },
                   [&](const core::ClientRendezvous::Abandon& gone) {
                     gone.silent ? line_.gave_up(gone.id) : line_.abandon(gone.id);
                   },
                   [&](core::ClientRendezvous::Matches& found) {
                     line_.helped();
                     events_.on_matches(now, std::move(found.matches));
                   },
                   [&](const core::ClientRendezvous::Waiting& waiting) { tell_waiting(now, waiting); },
               },
               *output);
  timer_.arm(rendezvous_.deadline());
}

void BrokerClient::tell_waiting(TimePoint now, const core::ClientRendezvous::Waiting& waiting) {
  if (waiting.silent) last_failure_ = http::HttpErrc::TimedOut;
  if (!waiting.silent && !last_failure_) line_.try_another(waiting.id);  // it answered, and had nobody for us
  observe::log(Level::Info, "rendezvous-waits", kv("why", waiting.why), kv("again_in", waiting.retry_at - now));
  events_.on_still_looking(now, trouble_of(waiting.why, last_failure_));
}

}  // namespace footbridge::client
