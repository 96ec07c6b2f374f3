#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "wire/protobuf.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::wire {
namespace {

constexpr std::uint32_t kGreaseFirst = 1000;  // reserved in proto/rendezvous.proto
constexpr std::uint32_t kGreaseLast = 1031;
constexpr std::size_t kMaxGreaseBytes = 24;
constexpr std::size_t kGreaseOverhead = kMaxGreaseBytes + 3;  // with tag and length
// An answer with one SDP and all that goes with it. Longer ones grow.
constexpr std::size_t kUsualBytes = 1536;

std::uint64_t count(Millis wait, std::uint64_t most) {
  const auto ms = static_cast<std::uint64_t>(wait.count());
  FB_ASSERT(wait >= Millis{0} && ms <= most);
  return ms;
}

ByteView sdp_bytes(const Sdp& sdp) {
  const auto& text = sdp.reveal_to_socket();
  FB_ASSERT(!text.empty() && text.size() <= kMaxSdpBytes);
  return as_bytes(text);
}

template <class Enum>
std::uint64_t number(Enum value) {
  return static_cast<std::uint64_t>(value);
}

void write_nat(ProtoWriter& out, std::uint32_t field, const Nat& nat) {
  if (nat == Nat{}) return;
  out.message(field, [&](ProtoWriter& w) { w.integer(1, number(nat.mapping)).integer(2, number(nat.filtering)); });
}

void write_answer(ProtoWriter& out, const Answer& answer) {
  out.message(8, [&](ProtoWriter& w) {
    w.bytes(1, answer.match.view());
    std::visit(Overloaded{[&](const Sdp& sdp) { w.bytes(2, sdp_bytes(sdp)); },
                          // In a oneof, zero is written too: presence is the information.
                          [&](AnswerFailure why) { w.present_integer(3, number(why)); }},
               answer.result);
  });
}

void write_outcomes(ProtoWriter& out, std::uint32_t field, const std::vector<Outcome>& outcomes) {
  FB_ASSERT(outcomes.size() <= kMaxOutcomes);
  for (const auto& outcome : outcomes)
    out.message(field, [&](ProtoWriter& o) { o.bytes(1, outcome.match.view()).integer(2, number(outcome.kind)); });
}

void write_body(ProtoWriter& out, const Poll& poll) {
  FB_ASSERT(!poll.compartments.empty() && poll.compartments.size() <= kMaxCompartments);
  FB_ASSERT(poll.slots <= kMaxPollSlots && poll.families != Families::None);
  FB_ASSERT(poll.answers.size() <= kMaxAnswers && poll.announcing.size() <= kMaxCompartments);
  out.message(2, [&](ProtoWriter& w) {
    w.bytes(1, poll.proxy.view()).bytes(2, poll.self_tag.view()).integer(3, poll.capabilities);
    write_nat(w, 4, poll.nat);
    w.integer(5, number(poll.families));
    for (const auto& id : poll.compartments) w.element(6, id.view());
    w.integer(7, poll.slots);
    for (const auto& answer : poll.answers) write_answer(w, answer);
    write_outcomes(w, 9, poll.outcomes);
    w.integer(10, count(poll.wait, kMaxWaitMs)).integer(11, number(poll.form)).integer(12, poll.port_mapped ? 1 : 0);
    w.integer(13, poll.was_warned ? 1 : 0);
    if (poll.invite) w.bytes(16, poll.invite->view());
    for (const auto& announcing : poll.announcing) w.element(17, announcing.view());
  });
}

void write_body(ProtoWriter& out, const Offer& offer) {
  FB_ASSERT(!offer.sdps.empty() && offer.sdps.size() <= kMaxOfferSdps && offer.families != Families::None);
  FB_ASSERT(offer.admission.reveal_to_socket().size() <= kMaxAdmissionBytes && offer.avoid.size() <= kMaxAvoided);
  out.message(3, [&](ProtoWriter& w) {
    w.bytes(1, offer.self_tag.view()).bytes(2, offer.compartment.view());
    write_nat(w, 3, offer.nat);
    w.integer(4, number(offer.families));
    for (const auto& sdp : offer.sdps) w.element(5, sdp_bytes(sdp));
    w.bytes(6, offer.admission.reveal_to_socket()).integer(7, count(offer.wait, kMaxWaitMs));
    w.integer(8, offer.capabilities);
    if (offer.egress) w.bytes(9, offer.egress->view());
    w.integer(10, offer.shard);
    for (const auto& match : offer.avoid) w.element(11, match.view());
    w.integer(12, offer.has_path ? 1 : 0);
    write_outcomes(w, 13, offer.outcomes);
    if (offer.invite) w.bytes(16, offer.invite->view());
  });
}

void write_body(ProtoWriter& out, const Heartbeat& heartbeat) {
  FB_ASSERT(!heartbeat.names.empty() && heartbeat.names.size() <= kMaxEgressNames);
  FB_ASSERT(!heartbeat.sealed.empty() && heartbeat.sealed.size() <= kMaxHeartbeatBytes);
  out.message(4, [&](ProtoWriter& w) {
    for (const auto& egress : heartbeat.names) w.element(1, egress.view());
    w.bytes(2, heartbeat.sealed);
  });
}

void write_body(ProtoWriter& out, const PollReply& reply) {
  FB_ASSERT(reply.assignments.size() <= kMaxAssignments && reply.withdrawn.size() <= kMaxWithdrawn);
  out.message(4, [&](ProtoWriter& w) {
    for (const auto& a : reply.assignments) {
      FB_ASSERT(a.leg_token.reveal_to_socket().size() == kLegTokenBytes && a.families != Families::None);
      const auto& url = a.relay_url.reveal_to_socket();
      FB_ASSERT(!url.empty() && url.size() <= kMaxRelayUrlBytes);
      w.message(1, [&](ProtoWriter& m) {
        m.bytes(1, a.match.view()).bytes(2, sdp_bytes(a.sdp)).text(3, url).bytes(4, a.leg_token.reveal_to_socket());
        write_nat(m, 5, a.client_nat);
        m.integer(6, number(a.families)).integer(7, count(a.answer_within, kMaxWaitMs));
        m.integer(8, a.client_capabilities);
        m.integer(9, a.relay_udp_port);
        if (a.client_country.known()) m.text(10, a.client_country.to_text());
      });
    }
    for (const auto& match : reply.withdrawn) w.element(2, match.view());
  });
}

void write_body(ProtoWriter& out, const OfferReply& reply) {
  FB_ASSERT(reply.matches.size() <= kMaxOfferSdps);
  out.message(5, [&](ProtoWriter& w) {
    for (const auto& match : reply.matches) {
      FB_ASSERT(match.sdp_index < kMaxOfferSdps && match.ticket.reveal_to_socket().size() == kTicketBytes);
      w.message(1, [&](ProtoWriter& m) {
        m.integer(1, match.sdp_index).bytes(2, match.match.view()).bytes(3, sdp_bytes(match.sdp));
        m.bytes(4, match.egress.view());
        write_nat(m, 5, match.proxy_nat);
        m.bytes(6, match.ticket.reveal_to_socket()).integer(7, match.proxy_capabilities);
      });
    }
  });
}

void write_body(ProtoWriter& out, const HeartbeatReply& reply) {
  FB_ASSERT(!reply.sealed.empty() && reply.sealed.size() <= kMaxHeartbeatBytes);
  out.message(6, [&](ProtoWriter& w) { w.bytes(1, reply.sealed); });
}

// Omitted where it would not fit: a full message is random enough.
void add_grease(Bytes& out, Rng& rng) {
  if (out.size() + kGreaseOverhead > kMaxRendezvousBytes) return;
  const auto field = static_cast<std::uint32_t>(rng.between(kGreaseFirst, kGreaseLast));
  const auto bytes = rng.bytes(static_cast<std::size_t>(rng.between(0, kMaxGreaseBytes)));
  ProtoWriter(out).element(field, bytes);
}

template <class Body>
Bytes request_of(std::uint32_t version, const Body& body) {
  Bytes out;
  out.reserve(kUsualBytes);
  ProtoWriter writer(out);
  writer.integer(1, version);
  write_body(writer, body);
  FB_ASSERT(out.size() <= kMaxRendezvousBytes);
  return out;
}

}  // namespace

Bytes encode_request(const Request& request) {
  return std::visit([&](const auto& body) { return request_of(request.version, body); }, request.body);
}

Bytes encode_response(const Response& response) {
  FB_ASSERT(response.refusal != Refusal::Unknown);
  Bytes out;
  out.reserve(kUsualBytes);
  ProtoWriter writer(out);
  writer.integer(1, response.version).integer(2, number(response.refusal));
  writer.integer(3, count(response.retry_after, kMaxRetryAfterMs));
  std::visit(Overloaded{[](std::monostate) {}, [&](const auto& body) { write_body(writer, body); }}, response.body);
  FB_ASSERT(out.size() <= kMaxRendezvousBytes);
  return out;
}

Bytes encode_request(const Request& request, Rng& grease) {
  auto out = encode_request(request);
  add_grease(out, grease);
  return out;
}

Bytes encode_request(const Poll& poll, Rng& grease) {
  auto out = request_of(kRendezvousVersion, poll);
  add_grease(out, grease);
  return out;
}

Bytes encode_response(const Response& response, Rng& grease) {
  auto out = encode_response(response);
  add_grease(out, grease);
  return out;
}

std::string_view name(Refusal refusal) {
  switch (refusal) {
    case Refusal::None: return "none";
    case Refusal::NoProxy: return "no-proxy";
    case Refusal::Busy: return "busy";
    case Refusal::Draining: return "draining";
    case Refusal::Malformed: return "malformed";
    case Refusal::Version: return "version";
    case Refusal::Rate: return "rate";
    case Refusal::SelfOnly: return "self-only";
    case Refusal::EgressGone: return "egress-gone";
    case Refusal::Superseded: return "superseded";
    case Refusal::Overloaded: return "overloaded";
    case Refusal::NoAnswer: return "no-answer";
    case Refusal::InviteNeeded: return "invite-needed";
    case Refusal::InviteOver: return "invite-over";
    case Refusal::InviteRevoked: return "invite-revoked";
    case Refusal::InviteUsedUp: return "invite-used-up";
    case Refusal::Unreachable: return "unreachable";
    case Refusal::LeadsNowhere: return "leads-nowhere";
    case Refusal::RiskyPlace: return "risky-place";
    case Refusal::Unknown: return "unknown";
  }
  FB_ASSERT(false);
}

std::string_view name(AnswerFailure failure) {
  switch (failure) {
    case AnswerFailure::Unknown: return "unknown";
    case AnswerFailure::Busy: return "busy";
    case AnswerFailure::BadOffer: return "bad-offer";
    case AnswerFailure::Gathering: return "gathering";
    case AnswerFailure::RelayRefused: return "relay-refused";
    case AnswerFailure::Stopped: return "stopped";
  }
  FB_ASSERT(false);
}

std::string_view name(OutcomeKind outcome) {
  switch (outcome) {
    case OutcomeKind::Unknown: return "unknown";
    case OutcomeKind::Opened: return "opened";
    case OutcomeKind::LinkTimeout: return "link-timeout";
    case OutcomeKind::LinkFailed: return "link-failed";
    case OutcomeKind::DialFailed: return "dial-failed";
    case OutcomeKind::Stopped: return "stopped";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::wire
