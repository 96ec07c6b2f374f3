#include "wire/rendezvous_fields.hpp"

// Each parser walks one message; what must be present is checked at its end.
namespace footbridge::wire {
namespace {

bool read_answer(const ProtoReader& reader, const ProtoField& field, std::vector<Answer>& out) {
  if (out.size() >= kMaxAnswers) return false;
  Answer answer;
  bool has_match = false;
  bool has_result = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_match = read_id(f, answer.match);
      case 2: {
        Sdp sdp;
        has_result = read_sdp(f, sdp);
        answer.result = std::move(sdp);
        return has_result;
      }
      case 3: {
        auto failure = AnswerFailure::Unknown;
        has_result = read_enum(f, AnswerFailure::Stopped, AnswerFailure::Unknown, failure);
        answer.result = failure;
        return has_result;
      }
      default: return true;
    }
  });
  if (!ok || !has_match || !has_result) return false;
  out.push_back(std::move(answer));
  return true;
}

bool read_outcome(const ProtoReader& reader, const ProtoField& field, std::vector<Outcome>& out) {
  if (out.size() >= kMaxOutcomes) return false;
  Outcome outcome;
  bool has_match = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_match = read_id(f, outcome.match);
      case 2: return read_enum(f, OutcomeKind::Stopped, OutcomeKind::Unknown, outcome.kind);
      default: return true;
    }
  });
  if (!ok || !has_match) return false;
  out.push_back(outcome);
  return true;
}

bool parse_poll(const ProtoReader& reader, const ProtoField& field, Poll& poll) {
  bool has_proxy = false;
  bool has_tag = false;
  poll.families = Families::None;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_proxy = read_id(f, poll.proxy);
      case 2: return has_tag = read_id(f, poll.self_tag);
      case 3: return read_integer(f, UINT64_MAX, poll.capabilities);
      case 4: return read_nat(r, f, poll.nat);
      case 5: return read_families(f, poll.families);
      case 6: return read_ids(f, kMaxCompartments, poll.compartments);
      case 7: return read_integer(f, kMaxPollSlots, poll.slots);
      case 8: return read_answer(r, f, poll.answers);
      case 9: return read_outcome(r, f, poll.outcomes);
      case 10: return read_millis(f, kMaxWaitMs, poll.wait);
      case 11: return read_enum(f, ProxyForm::Daemon, ProxyForm::Unknown, poll.form);
      case 12: return read_bool(f, poll.port_mapped);
      case 13: return read_bool(f, poll.was_warned);
      case 16: return read_id(f, poll.invite);
      case 17: return read_ids(f, kMaxCompartments, poll.announcing);
      default: return true;
    }
  });
  return ok && has_proxy && has_tag && poll.families != Families::None && !poll.compartments.empty();
}

bool parse_offer(const ProtoReader& reader, const ProtoField& field, Offer& offer) {
  bool has_tag = false;
  bool has_compartment = false;
  offer.families = Families::None;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_tag = read_id(f, offer.self_tag);
      case 2: return has_compartment = read_id(f, offer.compartment);
      case 3: return read_nat(r, f, offer.nat);
      case 4: return read_families(f, offer.families);
      case 5: {
        Sdp sdp;
        if (offer.sdps.size() >= kMaxOfferSdps || !read_sdp(f, sdp)) return false;
        offer.sdps.push_back(std::move(sdp));
        return true;
      }
      case 6: return read_bytes(f, 0, kMaxAdmissionBytes, offer.admission);
      case 7: return read_millis(f, kMaxWaitMs, offer.wait);
      case 8: return read_integer(f, UINT64_MAX, offer.capabilities);
      case 9: {
        EgressId id;
        if (!read_id(f, id)) return false;
        offer.egress = id;
        return true;
      }
      case 10: return read_integer(f, UINT16_MAX, offer.shard);
      case 11: return read_ids(f, kMaxAvoided, offer.avoid);
      case 12: return read_bool(f, offer.has_path);
      case 13: return read_outcome(r, f, offer.outcomes);
      case 16: return read_id(f, offer.invite);
      default: return true;
    }
  });
  return ok && has_tag && has_compartment && offer.families != Families::None && !offer.sdps.empty();
}

bool parse_heartbeat(const ProtoReader& reader, const ProtoField& field, Heartbeat& heartbeat) {
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_ids(f, kMaxEgressNames, heartbeat.names);
      case 2: return read_bytes(f, 1, kMaxHeartbeatBytes, heartbeat.sealed);
      default: return true;
    }
  });
  return ok && !heartbeat.names.empty() && !heartbeat.sealed.empty();
}

}  // namespace

Result<Request, RendezvousErrc> parse_request(ByteView in) {
  if (const auto error = check_envelope(in)) return *error;
  Request request;
  bool has_body = false;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 2: {
        Poll poll;
        if (!parse_poll(r, f, poll)) return false;
        request.body = std::move(poll);
        return has_body = true;
      }
      case 3: {
        Offer offer;
        if (!parse_offer(r, f, offer)) return false;
        request.body = std::move(offer);
        return has_body = true;
      }
      case 4: {
        Heartbeat heartbeat;
        if (!parse_heartbeat(r, f, heartbeat)) return false;
        request.body = std::move(heartbeat);
        return has_body = true;
      }
      default: return true;
    }
  });
  if (!ok || !has_body) return RendezvousErrc::Malformed;
  return request;
}

}  // namespace footbridge::wire
