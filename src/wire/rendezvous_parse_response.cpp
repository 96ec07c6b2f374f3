#include "wire/rendezvous_fields.hpp"

// Each parser walks one message; what must be present is checked at its end.
namespace footbridge::wire {
namespace {

// What is no country is a newer broker's, as an enumerator that we do not know is.
bool read_country(const ProtoField& field, Country& out) {
  const auto bytes = field.bytes_between(2, 2);
  if (bytes) out = Country::parse(as_text(*bytes)).value_or(Country{});
  return bytes.has_value();
}

bool read_assignment(const ProtoReader& reader, const ProtoField& field, std::vector<Assignment>& out) {
  if (out.size() >= kMaxAssignments) return false;
  Assignment a;
  unsigned seen = 0;
  const auto saw = [&seen](unsigned bit, bool ok) {
    if (ok) seen |= bit;
    return ok;
  };
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return saw(1, read_id(f, a.match));
      case 2: return saw(2, read_sdp(f, a.sdp));
      case 3: return saw(4, read_url(f, a.relay_url));
      case 4: return saw(8, read_bytes(f, kLegTokenBytes, kLegTokenBytes, a.leg_token));
      case 5: return read_nat(r, f, a.client_nat);
      case 6: return read_families(f, a.families);
      case 7: return read_millis(f, kMaxWaitMs, a.answer_within);
      case 8: return read_integer(f, UINT64_MAX, a.client_capabilities);
      case 9: return read_integer(f, UINT16_MAX, a.relay_udp_port);
      case 10: return read_country(f, a.client_country);
      default: return true;
    }
  });
  if (!ok || seen != 15 || a.families == Families::None) return false;
  out.push_back(std::move(a));
  return true;
}

bool read_match(const ProtoReader& reader, const ProtoField& field, std::vector<Match>& out) {
  if (out.size() >= kMaxOfferSdps) return false;
  Match m;
  unsigned seen = 0;
  const auto saw = [&seen](unsigned bit, bool ok) {
    if (ok) seen |= bit;
    return ok;
  };
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_integer(f, kMaxOfferSdps - 1, m.sdp_index);
      case 2: return saw(1, read_id(f, m.match));
      case 3: return saw(2, read_sdp(f, m.sdp));
      case 4: return saw(4, read_id(f, m.egress));
      case 5: return read_nat(r, f, m.proxy_nat);
      case 6: return saw(8, read_bytes(f, kTicketBytes, kTicketBytes, m.ticket));
      case 7: return read_integer(f, UINT64_MAX, m.proxy_capabilities);
      default: return true;
    }
  });
  if (!ok || seen != 15) return false;
  out.push_back(std::move(m));
  return true;
}

bool parse_poll_reply(const ProtoReader& reader, const ProtoField& field, PollReply& reply) {
  return each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_assignment(r, f, reply.assignments);
      case 2: return read_ids(f, kMaxWithdrawn, reply.withdrawn);
      default: return true;
    }
  });
}

bool parse_offer_reply(const ProtoReader& reader, const ProtoField& field, OfferReply& reply) {
  return each_field(reader.nested(field), [&](const ProtoReader& r, const ProtoField& f) {
    return f.number != 1 || read_match(r, f, reply.matches);
  });
}

bool parse_heartbeat_reply(const ProtoReader& reader, const ProtoField& field, HeartbeatReply& reply) {
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    return f.number != 1 || read_bytes(f, 1, kMaxHeartbeatBytes, reply.sealed);
  });
  return ok && !reply.sealed.empty();
}

// A Body is read whole or not at all.
template <class Body, class Parser>
bool read_reply(Parser parse, const ProtoReader& reader, const ProtoField& field, Response& response) {
  Body reply;
  if (!parse(reader, field, reply)) return false;
  response.body = std::move(reply);
  return true;
}

bool read_poll_reply(const ProtoReader& reader, const ProtoField& field, Response& response) {
  return field.number != 4 || read_reply<PollReply>(parse_poll_reply, reader, field, response);
}

bool read_any_reply(const ProtoReader& reader, const ProtoField& field, Response& response) {
  switch (field.number) {
    case 5: return read_reply<OfferReply>(parse_offer_reply, reader, field, response);
    case 6: return read_reply<HeartbeatReply>(parse_heartbeat_reply, reader, field, response);
    default: return read_poll_reply(reader, field, response);
  }
}

template <class ReadReply>
Result<Response, RendezvousErrc> parse(ByteView in, ReadReply read_reply_of) {
  if (const auto error = check_envelope(in)) return *error;
  Response response;
  const bool ok = each_field(ProtoReader(in), [&](const ProtoReader& r, const ProtoField& f) {
    switch (f.number) {
      case 2: return read_enum(f, Refusal::RiskyPlace, Refusal::Unknown, response.refusal);
      case 3: return read_millis(f, kMaxRetryAfterMs, response.retry_after);
      default: return read_reply_of(r, f, response);
    }
  });
  if (!ok) return RendezvousErrc::Malformed;
  return response;
}

}  // namespace

Result<Response, RendezvousErrc> parse_response(ByteView in) { return parse(in, read_any_reply); }

Result<Response, RendezvousErrc> parse_poll_response(ByteView in) { return parse(in, read_poll_reply); }

}  // namespace footbridge::wire
