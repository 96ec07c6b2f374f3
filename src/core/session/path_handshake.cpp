#include "core/session/path_handshake.hpp"

#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "wire/session_frames.hpp"

namespace footbridge::core {
namespace {

// The ticket, and random bytes behind it: the length says nothing about what is in it, and stays the same for ever.
Private<Bytes> admission_of(const Private<Bytes>& ticket, Rng& rng) {
  auto out = ticket.reveal_to_socket();
  FB_ASSERT(out.size() <= wire::kAdmissionBytes);
  append(out, rng.bytes(wire::kAdmissionBytes - out.size()));
  return Private<Bytes>(std::move(out));
}

}  // namespace

std::string_view name(PathFailure failure) {
  switch (failure) {
    case PathFailure::TimedOut: return "timed-out";
    case PathFailure::Refused: return "refused";
    case PathFailure::ProtocolError: return "protocol-error";
    case PathFailure::UnsupportedVersion: return "unsupported-version";
  }
  FB_ASSERT(false);
}

std::optional<TimePoint> PathControl::deadline() const {
  if (state_ != PathState::AwaitingPeer) return std::nullopt;
  return deadline_;
}

void PathControl::on_deadline(TimePoint now) {
  if (state_ == PathState::AwaitingPeer && now >= deadline_) fail(PathFailure::TimedOut);
}

Bytes PathControl::take_output() { return std::exchange(output_, {}); }

void PathControl::leave(const wire::Bye& bye) {
  if (state_ == PathState::Over || state_ == PathState::Failed) return;
  send(bye);
  state_ = PathState::Over;
}

void PathControl::establish() {
  FB_ASSERT(state_ == PathState::AwaitingPeer);
  state_ = PathState::Established;
}

void PathControl::fail(PathFailure failure) {
  state_ = PathState::Failed;
  failure_ = failure;
  input_.clear();
}

void PathControl::send(const wire::Control& message) { append(output_, wire::encode_control(message)); }

void PathControl::probe(Rng& rng) {
  if (state_ == PathState::Established) send_ignorable(rng);
}

void PathControl::send_grease(Rng& rng) {
  if (rng.between(0, 1) == 1) send_ignorable(rng);
}

void PathControl::send_ignorable(Rng& rng) {
  const auto type = rng.between(wire::kFirstIgnorableType, wire::kLastIgnorableType);
  send(wire::IgnorableControl{static_cast<std::uint8_t>(type)});
}

bool PathControl::feed(ByteView bytes) {
  if (input_.size() + bytes.size() > kMaxControlBacklog) return false;
  append(input_, bytes);
  return true;
}

PathControl::Parsed PathControl::next_message() {
  if (state_ == PathState::Failed || state_ == PathState::Over) return {};
  auto parsed = wire::parse_control(input_);
  if (!parsed) {
    if (parsed.error() == wire::ControlErrc::Truncated) return {};
    return {std::nullopt, parsed.error()};
  }
  input_.erase(input_.begin(), input_.begin() + static_cast<std::ptrdiff_t>(parsed->bytes));
  return {std::move(parsed->message), std::nullopt};
}

bool PathControl::take_bye(const wire::Control& message) {
  const auto* bye = std::get_if<wire::Bye>(&message);
  if (bye == nullptr) return false;
  bye_ = *bye;
  state_ = PathState::Over;
  return true;
}

ClientPathHandshake::ClientPathHandshake(TimePoint now, Rng& rng, MatchId match, const wire::SessionLimits& limits,
                                         std::optional<SessionGrant> grant, const Private<Bytes>& ticket)
    : PathControl(now) {
  auto admission = admission_of(ticket, rng);
  if (grant) {
    joining_ = grant->session;
    send(wire::Join{{}, grant->session, std::move(grant->token), match, std::move(admission)});
  } else {
    send(wire::Hello{{}, wire::kOurCapabilities, match, limits, std::move(admission)});
  }
  send_grease(rng);
}

void ClientPathHandshake::on_bytes(TimePoint now, ByteView bytes) {
  on_deadline(now);
  if (state() == PathState::Failed || state() == PathState::Over) return;
  if (!feed(bytes)) return fail(PathFailure::ProtocolError);
  for (;;) {
    const auto next = next_message();
    if (next.error) {
      const bool version = *next.error == wire::ControlErrc::UnsupportedVersion;
      return fail(version ? PathFailure::UnsupportedVersion : PathFailure::ProtocolError);
    }
    if (!next.message) return;
    on_message(*next.message);
  }
}

void ClientPathHandshake::on_message(const wire::Control& message) {
  if (std::holds_alternative<wire::IgnorableControl>(message) || take_bye(message)) return;
  if (state() != PathState::AwaitingPeer) return fail(PathFailure::ProtocolError);
  if (const auto* refused = std::get_if<wire::Refused>(&message)) {
    refused_ = *refused;
    return fail(PathFailure::Refused);
  }
  const auto* ok = std::get_if<wire::Ok>(&message);
  // An egress that answers a JOIN with another session has mixed up its clients.
  if (ok == nullptr || (joining_ && ok->session != *joining_)) return fail(PathFailure::ProtocolError);
  ok_ = *ok;
  establish();
}

EgressPathHandshake::EgressPathHandshake(TimePoint now, Rng& rng, SessionRegistry& registry,
                                         std::optional<MatchId> match, PathAdmission* admission)
    : PathControl(now), rng_(rng), registry_(registry), match_(match), admission_(admission) {}

void EgressPathHandshake::on_bytes(TimePoint now, ByteView bytes) {
  on_deadline(now);
  if (state() == PathState::Failed || state() == PathState::Over) return;
  if (!feed(bytes)) return refuse(wire::RefusalCode::Malformed);
  for (;;) {
    const auto next = next_message();
    if (next.error) {
      const bool version = *next.error == wire::ControlErrc::UnsupportedVersion;
      return refuse(version ? wire::RefusalCode::UnsupportedVersion : wire::RefusalCode::Malformed);
    }
    if (!next.message) return;
    on_message(now, *next.message);
  }
}

void EgressPathHandshake::on_message(TimePoint now, const wire::Control& message) {
  if (std::holds_alternative<wire::IgnorableControl>(message) || take_bye(message)) return;
  if (state() != PathState::AwaitingPeer) return refuse(wire::RefusalCode::Malformed);
  if (const auto* hello = std::get_if<wire::Hello>(&message)) return begin(now, *hello);
  if (const auto* wanted = std::get_if<wire::Join>(&message)) return join(now, *wanted);
  refuse(wire::RefusalCode::Malformed);
}

std::optional<wire::RefusalCode> EgressPathHandshake::not_admitted(TimePoint now, const MatchId& match,
                                                                   const Private<Bytes>& admission) {
  if (match_ && match != *match_) return wire::RefusalCode::WrongMatch;
  return admission_ != nullptr ? admission_->admit(now, admission.reveal_to_socket()) : std::nullopt;
}

void EgressPathHandshake::begin(TimePoint now, const wire::Hello& hello) {
  if (const auto why = not_admitted(now, hello.match, hello.admission))
    return refuse(why == wire::RefusalCode::EgressRestarted ? wire::RefusalCode::StaleTicket : *why);
  client_limits_ = hello.limits;
  answer(registry_.create(now, hello));
}

void EgressPathHandshake::join(TimePoint now, const wire::Join& join) {
  const auto why = not_admitted(now, join.match, join.admission);
  if (!why) return answer(registry_.join(now, join));
  if (why != wire::RefusalCode::EgressRestarted) return refuse(*why);
  // A broker that has not heard yet of this run makes such tickets for sessions of this run, too: those are not over.
  const auto known = registry_.join(now, join);
  const auto* refused = std::get_if<wire::Refused>(&known);
  const bool gone = refused != nullptr && refused->code == wire::RefusalCode::UnknownSession;
  refuse(gone ? wire::RefusalCode::EgressRestarted : wire::RefusalCode::StaleTicket);
}

void EgressPathHandshake::answer(SessionRegistry::Answer answer) {
  std::visit(Overloaded{[&](const wire::Ok& ok) {
                          send(ok);
                          send_grease(rng_);
                          session_ = ok.session;
                          establish();
                        },
                        [&](const wire::Refused& refused) {
                          send(refused);
                          fail(PathFailure::Refused);
                        }},
             answer);
}

void EgressPathHandshake::refuse(wire::RefusalCode code) {
  // Once established the client no longer expects an answer; the QUIC close says enough.
  if (state() == PathState::AwaitingPeer) send(wire::Refused{code, 0, {}});
  const bool format = code == wire::RefusalCode::Malformed;
  fail(format ? PathFailure::ProtocolError : PathFailure::Refused);
}

}  // namespace footbridge::core
