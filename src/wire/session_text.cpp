#include "wire/session_text.hpp"

#include "base/encoding.hpp"
#include "base/overloaded.hpp"

namespace footbridge::wire {
namespace {

std::string number(std::uint64_t value) { return std::to_string(value); }

std::string with(std::string head, ByteView bytes) {
  if (!bytes.empty()) head += ' ' + encode_hex(bytes);
  return head;
}

std::string ignorable(std::uint8_t type) {
  const auto raw = static_cast<std::byte>(type);
  return "IGN 0x" + encode_hex(ByteView(&raw, 1));
}

std::string place(const Destination& to) {
  const auto host = std::visit(Overloaded{[](const std::string& name) { return name; },
                                          [](const IpAddress& address) { return address.to_text(); }},
                               to.host);
  return host + ' ' + number(to.port);
}

std::string range(const VersionRange& of) { return number(of.oldest) + '-' + number(of.newest); }

std::string limits_text(const SessionLimits& limits) {
  return " limits=" + number(limits.stream_window_bytes) + '/' + number(limits.session_window_bytes) + '/' +
         number(limits.max_streams);
}

std::string retry(std::uint64_t seconds) { return " retry=" + number(seconds); }

}  // namespace

std::string text(const Frame& frame) {
  return std::visit(
      Overloaded{[](const PadFrame& pad) { return "PAD " + number(pad.bytes); },
                 [](const DataFrame& data) {
                   return with("D " + number(data.stream) + ' ' + number(data.offset) + (data.fin ? " fin" : ""),
                               data.payload);
                 },
                 [](const WindowFrame& window) {
                   return "W " + number(window.stream) + ' ' + number(window.contiguous) + ' ' + number(window.limit);
                 },
                 [](const SessionLimitFrame& limit) { return "M " + number(limit.limit); },
                 [](const FlowFrame& flow) { return with("U " + number(flow.flow), flow.body); },
                 [](const IgnorableFrame& ign) { return with(ignorable(ign.type), ign.body); }},
      frame);
}

std::string text(const Record& record) {
  return std::visit(Overloaded{[](const ResetRecord& reset) {
                                 return "RESET " + number(reset.stream) + ' ' + std::string(name(reset.code)) + ' ' +
                                        number(reset.final_size);
                               },
                               [](const StopRecord& stop) {
                                 return "STOP " + number(stop.stream) + ' ' + std::string(name(stop.code));
                               },
                               [](const GoAwayRecord& go_away) { return "GOAWAY " + number(go_away.seconds); },
                               [](const IgnorableRecord& ign) { return ignorable(ign.type); }},
                    record);
}

std::string text(const OpenHeader& header) {
  constexpr const char* kPriorities[] = {"normal", "interactive", "bulk"};
  return "OPEN " + std::string(kPriorities[static_cast<int>(header.priority)]) + ' ' +
         (header.destination ? place(header.destination->reveal_to_socket()) : "to the bridge");
}

std::string text(const Control& message) {
  return std::visit(
      Overloaded{[](const Hello& hello) {
                   return "HELLO " + range(hello.versions) + " caps=" + number(hello.capabilities) +
                          " match=" + encode_hex(hello.match.view()) + limits_text(hello.limits) +
                          " admission=" + number(hello.admission.reveal_to_socket().size());
                 },
                 [](const Join& join) {
                   return "JOIN " + range(join.versions) + " session=" + encode_hex(join.session.view()) +
                          " token=" + encode_hex(join.token.reveal_to_socket()) +
                          " match=" + encode_hex(join.match.view()) +
                          " admission=" + number(join.admission.reveal_to_socket().size());
                 },
                 [](const Ok& ok) {
                   return "OK " + number(ok.version) + " caps=" + number(ok.capabilities) +
                          " session=" + encode_hex(ok.session.view()) +
                          " token=" + encode_hex(ok.token.reveal_to_socket()) + " ttl=" + number(ok.ttl_seconds) +
                          limits_text(ok.limits);
                 },
                 [](const Refused& refused) {
                   return "REFUSED " + std::string(name(refused.code)) + retry(refused.retry_after_seconds) + ' ' +
                          range(refused.versions);
                 },
                 [](const Bye& bye) { return "BYE " + std::string(name(bye.code)) + retry(bye.retry_after_seconds); },
                 [](const IgnorableControl& ign) { return ignorable(ign.type); }},
      message);
}

std::string text(const FlowMessage& message) {
  return std::visit(
      Overloaded{
          [](const FlowData& data) { return with("DATA", data.payload); },
          [](const FlowOpen& open) { return with("OPEN " + place(open.destination.reveal_to_socket()), open.payload); },
          [](const FlowClose&) { return std::string("CLOSE"); },
          [](const FlowFrom& from) {
            const auto& source = from.source.reveal_to_socket();
            return with("FROM " + place({source.address, source.port}), from.payload);
          },
          [](const FlowStatusMessage& status) { return "STATUS " + std::string(name(status.status)); },
          [](const FlowIgnorable& ign) { return ignorable(ign.type); }},
      message);
}

std::vector<std::string> read_all(ByteView datagram) {
  std::vector<std::string> out;
  FrameReader reader(datagram);
  for (;;) {
    const auto frame = reader.next();
    if (!frame) return out.emplace_back(name(frame.error())), out;
    if (!*frame) return out;
    out.push_back(text(**frame));
  }
}

std::pair<std::string, Bytes> read_flow_body(ByteView body) {
  if (is_flow_piece(body)) {
    const auto piece = parse_flow_piece(body);
    if (!piece) return {std::string(name(piece.error())), {}};
    auto written = encode_flow_piece_header(*piece);
    append(written, piece->bytes);
    return {"PIECE " + number(piece->message) + ' ' + number(piece->position) + (piece->last ? " last " : " ") +
                encode_hex(piece->bytes),
            written};
  }
  const auto message = parse_flow_message(body);
  if (!message) return {std::string(name(message.error())), {}};
  return {text(*message), encode_flow_message(*message).value()};
}

}  // namespace footbridge::wire
