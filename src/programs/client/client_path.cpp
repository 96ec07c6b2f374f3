#include "programs/client/client_path.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"
#include "core/path/leaving_note.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"
#include "programs/link_setup.hpp"

namespace footbridge::client {

using observe::kv;
using observe::Level;

std::string_view name(ClientPath::State state) {
  switch (state) {
    case ClientPath::State::Gathering: return "gathering";
    case ClientPath::State::Offered: return "offered";
    case ClientPath::State::Linking: return "linking";
    case ClientPath::State::Joining: return "joining";
    case ClientPath::State::Carrying: return "carrying";
    case ClientPath::State::Over: return "over";
  }
  return "unknown";
}

ClientPath::ClientPath(asio::any_io_executor executor, core::PathKey key, Rng& rng, ClientPathEvents& events)
    : executor_(executor), key_(key), rng_(rng), events_(events), limit_(executor, [this](TimePoint now) {
        on_limit(now);
      }) {}

void ClientPath::start(TimePoint now, const MakeLink& make_link) {
  began_ = now;
  limit_.arm(now + kGatherLimit);
  link_ = make_link(*this);
}

void ClientPath::accept(TimePoint now, const wire::Match& match, const quic::SpkiPin& pin, std::uint16_t shard) {
  FB_ASSERT(state_ == State::Offered);
  state_ = State::Linking;
  match_ = match.match;
  ticket_ = match.ticket;
  egress_ = match.egress;
  shard_ = shard;
  quic_.pin = pin;
  limit_.arm(now + kLinkLimit);
  const auto accepted = link_->accept_answer(match.sdp, best_link(match.proxy_capabilities));
  // A description that cannot be read has closed the link already; its on_closed() follows.
  if (!accepted) observe::log(Level::Info, "answer-unusable", kv("age", now - offered_at_));
}

void ClientPath::attach(TimePoint now, io::SessionHost& host) {
  FB_ASSERT(state_ == State::Carrying);
  host_ = &host;
  path_->attach(now, host);
}

void ClientPath::probe(TimePoint now) {
  if (state_ == State::Carrying && !left_) path_->probe(now, rng_);
}

void ClientPath::leave(TimePoint now, wire::ByeCode code) {
  if (std::exchange(left_, true) || state_ == State::Over) return;
  // Only an egress that knows us has to be told; everything before that ends in the next turn.
  if (state_ != State::Carrying) return limit_.arm(TimePoint{});
  path_->leave(now, code);
}

void ClientPath::on_limit(TimePoint now) {
  if (state_ == State::Carrying || state_ == State::Over) return;
  link_->close(PipeEnd::Setup);  // tells the proxy at once; its on_closed() finds us Over
  finish(now, {.trouble = Trouble::LinkFailed, .detail = left_ ? "left" : "time-limit"});
}

void ClientPath::on_local_description(TimePoint now, Private<std::string> sdp) {
  if (state_ != State::Gathering || left_) return;
  state_ = State::Offered;
  offered_at_ = now;
  offer_ = std::move(sdp);
  limit_.arm(std::nullopt);  // how long an offer stays good is the keeper's decision
  events_.on_path_offer(now, *this);
}

void ClientPath::on_open(TimePoint now) {
  if (state_ != State::Linking || left_) return;
  state_ = State::Joining;
  limit_.arm(std::nullopt);  // from here on the handshakes of QUIC and session have limits of their own
  if (const auto kind = link_->info().kind) observe::log(Level::Info, "link-open", kv("kind", *kind));
  if (const auto round_trip = link_->info().round_trip) quic_.connection.initial_rtt = *round_trip;
  auto grant = events_.session_to_join(*this);
  if (grant) joins_ = grant->session;
  core::ClientPathHandshake handshake(now, rng_, *match_, core::SessionConfig{}.limits, std::move(grant), ticket_);
  io::SessionPathEvents& events = *this;  // here, where the base is accessible
  path_ = std::make_unique<io::SessionPath>(executor_, quic_, std::move(handshake), rng_, events);
  path_->attach_pipe(*link_);
  path_->on_open(now);
}

void ClientPath::on_messages(TimePoint now, std::span<const ByteView> batch) {
  if (!path_) return;
  const bool leaving =
      std::ranges::any_of(batch, [&](ByteView message) { return core::is_leaving_note(message, *match_); });
  path_->on_messages(now, batch);  // to which the note is filler
  if (leaving && state_ == State::Carrying && !left_) events_.on_path_leaving(now, *this);
}

void ClientPath::on_drained(TimePoint now) {
  if (path_) path_->on_drained(now);
}

void ClientPath::on_closed(TimePoint now, PipeEnd end) {
  if (path_) return path_->on_closed(now, end);  // its on_path_over() follows
  if (state_ == State::Over) return;
  // Without its detour no volunteer can be blamed.
  const auto trouble = link_->info().detour_lost ? Trouble::UpstreamProxy : Trouble::LinkFailed;
  finish(now, {.trouble = trouble, .detail = name(end)});
}

void ClientPath::on_path_ready(TimePoint now, io::SessionPath& path) {
  if (left_) return;  // its end is on the way
  state_ = State::Carrying;
  observe::log(Level::Info, "path-up", kv("took", now - began_));
  events_.on_path_granted(now, *this, *path.client_handshake()->granted());
}

void ClientPath::on_path_silence(TimePoint now, io::SessionPath&, bool silent) {
  if (silent)
    observe::log(Level::Debug, "path-suspect");
  else if (std::exchange(silence_told_, false))
    observe::log(Level::Info, "path-heard-again");
  if (!left_) events_.on_path_silence(now, *this, silent);
}

std::optional<Duration> ClientPath::round_trip() const {
  return state_ == State::Carrying ? std::optional(path_->stats().smoothed_rtt) : std::nullopt;
}

void ClientPath::on_path_long_silence(TimePoint now, io::SessionPath&) {
  silence_told_ = true;
  observe::log(Level::Info, "path-silent");
  if (!left_) events_.on_path_long_silence(now, *this);
}

void ClientPath::on_path_over(TimePoint now, io::SessionPath&, const io::PathOver& over) {
  if (state_ != State::Over) finish(now, outcome_of(over));
}

void ClientPath::finish(TimePoint now, const PathOutcome& outcome) {
  observe::log(Level::Info, "path-ended", kv("state", state_), kv("why", outcome.detail), kv("lasted", now - began_));
  state_ = State::Over;
  limit_.arm(std::nullopt);
  events_.on_path_over(now, *this, outcome);
}

PathOutcome outcome_of(const io::PathOver& over) {
  constexpr auto kEgress = core::PathPlan::Loss::Egress;
  if (over.refusal) {
    const bool leaving = *over.refusal == wire::RefusalCode::Draining;
    const bool forgotten =
        *over.refusal == wire::RefusalCode::UnknownSession || *over.refusal == wire::RefusalCode::EgressRestarted;
    const bool gone = leaving || forgotten;
    const bool version = *over.refusal == wire::RefusalCode::UnsupportedVersion;
    const auto trouble = leaving   ? Trouble::EgressLeaving
                         : gone    ? Trouble::SessionLost
                         : version ? Trouble::EgressVersion
                                   : Trouble::EgressRefused;
    const auto loss = forgotten ? core::PathPlan::Loss::Stale : kEgress;
    return {.trouble = trouble, .loss = loss, .session_is_gone = gone, .detail = name(*over.refusal)};
  }
  if (over.handshake == core::PathFailure::UnsupportedVersion)
    return {.trouble = Trouble::EgressVersion, .loss = kEgress, .detail = name(*over.handshake)};
  if (over.end.quic.kind == quic::CloseKind::WrongPin)
    return {.trouble = Trouble::WrongKey, .detail = over.end.quic.reason()};
  if (!over.was_carrying) return {.trouble = Trouble::EgressSilent, .detail = over.end.quic.reason()};
  const bool leaving = over.bye && over.bye->code == wire::ByeCode::Draining;
  if (leaving || (over.bye && over.bye->code == wire::ByeCode::SessionOver)) {
    const auto trouble = leaving ? Trouble::EgressLeaving : Trouble::SessionLost;
    return {.trouble = trouble, .loss = kEgress, .session_is_gone = true, .detail = name(over.bye->code)};
  }
  return {.trouble = Trouble::PathLost, .detail = over.end.pipe ? name(*over.end.pipe) : over.end.quic.reason()};
}

}  // namespace footbridge::client
