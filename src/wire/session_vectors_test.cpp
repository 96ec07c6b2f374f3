// Every vector of tests/vectors/session_*.json: the valid ones read as they say and are what we write, the invalid ones
// are refused with the reason they name. And cut short anywhere, nothing is read that was not there.
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/encoding.hpp"
#include "base/overloaded.hpp"
#include "wire/session_control.hpp"
#include "wire/session_flow.hpp"
#include "wire/session_frames.hpp"
#include "wire/session_open.hpp"
#include "wire/session_records.hpp"

namespace footbridge::wire {
namespace {

// By value: a range-for over a part of a temporary would outlive it.
std::vector<nlohmann::json> vectors(const std::string& file, const char* kind) {
  std::ifstream in(std::string(FB_SOURCE_DIR) + "/tests/vectors/" + file + ".json");
  EXPECT_TRUE(in.good()) << file;
  const auto all = nlohmann::json::parse(in);
  std::vector<nlohmann::json> out(all.at(kind).begin(), all.at(kind).end());
  EXPECT_GE(out.size(), 8U) << file << ' ' << kind;
  return out;
}

Bytes bytes_of(const nlohmann::json& vector) { return parse_hex(vector.at("hex").get<std::string>()).value(); }

std::string ignorable(unsigned type) {
  std::ostringstream out;
  out << "IGN 0x" << std::hex << type;
  return out.str();
}

std::string text(const Frame& frame) {
  std::ostringstream out;
  const auto tail = [&](ByteView bytes) {
    if (!bytes.empty()) out << ' ' << encode_hex(bytes);
  };
  std::visit(Overloaded{[&](const PadFrame& pad) { out << "PAD " << pad.bytes; },
                        [&](const DataFrame& data) {
                          out << "D " << data.stream << ' ' << data.offset << (data.fin ? " fin" : "");
                          tail(data.payload);
                        },
                        [&](const WindowFrame& window) {
                          out << "W " << window.stream << ' ' << window.contiguous << ' ' << window.limit;
                        },
                        [&](const SessionLimitFrame& limit) { out << "M " << limit.limit; },
                        [&](const FlowFrame& flow) {
                          out << "U " << flow.flow;
                          tail(flow.body);
                        },
                        [&](const IgnorableFrame& ign) {
                          out << ignorable(ign.type);
                          tail(ign.body);
                        }},
             frame);
  return out.str();
}

std::string text(const Record& record) {
  std::ostringstream out;
  std::visit(Overloaded{[&](const ResetRecord& reset) {
                          out << "RESET " << reset.stream << ' ' << name(reset.code) << ' ' << reset.final_size;
                        },
                        [&](const StopRecord& stop) { out << "STOP " << stop.stream << ' ' << name(stop.code); },
                        [&](const GoAwayRecord& go_away) { out << "GOAWAY " << go_away.seconds; },
                        [&](const IgnorableRecord& ign) { out << ignorable(ign.type); }},
             record);
  return out.str();
}

std::string text(const OpenHeader& header) {
  constexpr const char* kPriorities[] = {"normal", "interactive", "bulk"};
  const auto& to = header.destination.reveal_to_socket();
  const auto host = std::visit(Overloaded{[](const std::string& host_name) { return host_name; },
                                          [](const IpAddress& address) { return address.to_text(); }},
                               to.host);
  return "OPEN " + std::string(kPriorities[static_cast<int>(header.priority)]) + ' ' + host + ' ' +
         std::to_string(to.port);
}

void put(std::ostream& out, const SessionLimits& limits) {
  out << " limits=" << limits.stream_window_bytes << '/' << limits.session_window_bytes << '/' << limits.max_streams;
}

std::string text(const Control& message) {
  std::ostringstream out;
  const auto range = [](const VersionRange& of) { return std::to_string(of.oldest) + '-' + std::to_string(of.newest); };
  std::visit(
      Overloaded{[&](const Hello& hello) {
                   out << "HELLO " << range(hello.versions) << " caps=" << hello.capabilities
                       << " match=" << encode_hex(hello.match.view());
                   put(out, hello.limits);
                   out << " admission=" << hello.admission.reveal_to_socket().size();
                 },
                 [&](const Join& join) {
                   out << "JOIN " << range(join.versions) << " session=" << encode_hex(join.session.view())
                       << " token=" << encode_hex(join.token.reveal_to_socket())
                       << " match=" << encode_hex(join.match.view())
                       << " admission=" << join.admission.reveal_to_socket().size();
                 },
                 [&](const Ok& ok) {
                   out << "OK " << ok.version << " caps=" << ok.capabilities
                       << " session=" << encode_hex(ok.session.view())
                       << " token=" << encode_hex(ok.token.reveal_to_socket()) << " ttl=" << ok.ttl_seconds;
                   put(out, ok.limits);
                 },
                 [&](const Refused& refused) {
                   out << "REFUSED " << name(refused.code) << " retry=" << refused.retry_after_seconds << ' '
                       << range(refused.versions);
                 },
                 [&](const Bye& bye) { out << "BYE " << name(bye.code) << " retry=" << bye.retry_after_seconds; },
                 [&](const IgnorableControl& ign) { out << ignorable(ign.type); }},
      message);
  return out.str();
}

std::string text(const Destination& to) {
  const auto host = std::visit(Overloaded{[](const std::string& host_name) { return host_name; },
                                          [](const IpAddress& address) { return address.to_text(); }},
                               to.host);
  return host + ' ' + std::to_string(to.port);
}

std::string text(const FlowMessage& message) {
  const auto with = [](std::string head, ByteView payload) {
    return payload.empty() ? head : head + ' ' + encode_hex(payload);
  };
  return std::visit(
      Overloaded{
          [&](const FlowData& data) { return with("DATA", data.payload); },
          [&](const FlowOpen& open) { return with("OPEN " + text(open.destination.reveal_to_socket()), open.payload); },
          [&](const FlowClose&) { return std::string("CLOSE"); },
          [&](const FlowFrom& from) {
            const auto& source = from.source.reveal_to_socket();
            return with("FROM " + text(Destination{source.address, source.port}), from.payload);
          },
          [&](const FlowStatusMessage& status) { return "STATUS " + std::string(name(status.status)); },
          [&](const FlowIgnorable& ign) { return ignorable(ign.type); }},
      message);
}

// What a body of a U frame says, and how it is written; or why it is dropped.
std::pair<std::string, Bytes> read_flow_body(ByteView body) {
  if (is_flow_piece(body)) {
    const auto piece = parse_flow_piece(body);
    if (!piece) return {std::string(name(piece.error())), {}};
    auto written = encode_flow_piece_header(*piece);
    append(written, piece->bytes);
    return {"PIECE " + std::to_string(piece->message) + ' ' + std::to_string(piece->position) +
                (piece->last ? " last " : " ") + encode_hex(piece->bytes),
            written};
  }
  const auto message = parse_flow_message(body);
  if (!message) return {std::string(name(message.error())), {}};
  return {text(*message), encode_flow_message(*message).value()};
}

// All frames of a datagram as text, then the error if there was one.
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

TEST(SessionVectors, FramesReadAsTheySay) {
  for (const auto& vector : vectors("session_frames", "valid"))
    EXPECT_EQ(read_all(bytes_of(vector)), vector.at("frames").get<std::vector<std::string>>()) << vector.at("name");
}

TEST(SessionVectors, BrokenFramesAreRefusedWithTheirReason) {
  for (const auto& vector : vectors("session_frames", "invalid"))
    EXPECT_EQ(read_all(bytes_of(vector)).back(), vector.at("error").get<std::string>()) << vector.at("name");
}

// `parse` reads one message, `encode` writes it, `field` is where the vector says what it means.
template <class Parse, class Encode>
void check_valid(const std::string& file, const char* field, Parse parse, Encode encode) {
  for (const auto& vector : vectors(file, "valid")) {
    const auto in = bytes_of(vector);
    const auto parsed = parse(in);
    ASSERT_TRUE(parsed.ok()) << vector.at("name") << ": " << name(parsed.error());
    EXPECT_EQ(parsed->bytes, in.size()) << vector.at("name");
    const auto [meaning, written] = encode(*parsed);
    EXPECT_EQ(meaning, vector.at(field).get<std::string>()) << vector.at("name");
    if (!vector.value("lenient", false)) {
      EXPECT_EQ(encode_hex(written), encode_hex(in)) << vector.at("name");
    }
    for (std::size_t cut = 0; cut < in.size(); ++cut) {
      const auto part = parse(ByteView(in).first(cut));
      EXPECT_FALSE(part.ok()) << vector.at("name") << " cut at " << cut;
      EXPECT_EQ(name(part.error()), "truncated") << vector.at("name") << " cut at " << cut;
    }
  }
}

template <class Parse>
void check_invalid(const std::string& file, Parse parse) {
  for (const auto& vector : vectors(file, "invalid")) {
    const auto parsed = parse(bytes_of(vector));
    ASSERT_FALSE(parsed.ok()) << vector.at("name");
    EXPECT_EQ(name(parsed.error()), vector.at("error").get<std::string>()) << vector.at("name");
  }
}

TEST(SessionVectors, RecordsReadAndWriteAsTheySay) {
  check_valid("session_records", "record", parse_record,
              [](const ParsedRecord& parsed) { return std::pair(text(parsed.record), encode_record(parsed.record)); });
  check_invalid("session_records", parse_record);
}

TEST(SessionVectors, ControlMessagesReadAndWriteAsTheySay) {
  check_valid("session_control", "message", parse_control, [](const ParsedControl& parsed) {
    return std::pair(text(parsed.message), encode_control(parsed.message));
  });
  check_invalid("session_control", parse_control);
}

TEST(SessionVectors, StreamHeadersReadAndWriteAsTheySay) {
  for (const auto& vector : vectors("session_open", "valid")) {
    const auto in = bytes_of(vector);
    const auto meaning = vector.at("header").get<std::string>();
    std::string seen;
    Bytes written;
    std::size_t taken = 0;
    if (meaning.starts_with("OPENED")) {
      const auto parsed = parse_opened(in);
      ASSERT_TRUE(parsed.ok()) << vector.at("name");
      seen = "OPENED " + std::string(name(parsed->header));
      written = encode_opened(parsed->header);
      taken = parsed->bytes;
    } else {
      const auto parsed = parse_open(in);
      ASSERT_TRUE(parsed.ok()) << vector.at("name");
      seen = text(parsed->header);
      written = encode_open(parsed->header).value();
      taken = parsed->bytes;
    }
    EXPECT_EQ(seen, meaning) << vector.at("name");
    EXPECT_EQ(in.size() - taken, vector.at("rest").get<std::size_t>()) << vector.at("name");
    if (!vector.value("lenient", false)) {
      EXPECT_EQ(encode_hex(written), encode_hex(ByteView(in).first(taken))) << vector.at("name");
    }
  }
  for (const auto& vector : vectors("session_open", "invalid")) {
    const auto in = bytes_of(vector);
    const bool opened = vector.at("kind") == "OPENED";
    const auto error = opened ? name(parse_opened(in).error()) : name(parse_open(in).error());
    EXPECT_EQ(error, vector.at("error").get<std::string>()) << vector.at("name");
  }
}

TEST(SessionVectors, FlowMessagesReadAndWriteAsTheySay) {
  for (const auto& vector : vectors("session_flow", "valid")) {
    const auto in = bytes_of(vector);
    const auto [meaning, written] = read_flow_body(in);
    EXPECT_EQ(meaning, vector.at("body").get<std::string>()) << vector.at("name");
    if (!vector.value("lenient", false)) {
      EXPECT_EQ(encode_hex(written), encode_hex(in)) << vector.at("name");
    }
  }
  for (const auto& vector : vectors("session_flow", "invalid"))
    EXPECT_EQ(read_flow_body(bytes_of(vector)).first, vector.at("error").get<std::string>()) << vector.at("name");
}

TEST(OpenHeader, IsNotWrittenForAHostThatCouldNotBeRead) {
  const auto encode = [](std::string host, std::uint16_t port) {
    return encode_open({StreamKind::Tcp, StreamPriority::Normal, Private<Destination>({std::move(host), port})});
  };
  EXPECT_TRUE(encode("example.org", 443));
  EXPECT_FALSE(encode("", 443));
  EXPECT_FALSE(encode("example.org", 0));
  EXPECT_FALSE(encode(std::string(254, 'a'), 443));
  EXPECT_FALSE(encode("a b", 443));
}

TEST(FrameWriter, WritesWhatTheReaderReads) {
  Bytes buffer(64);
  FrameWriter writer(buffer);
  ASSERT_TRUE(writer.window({3, 100, 4196}));
  ASSERT_TRUE(writer.session_limit(9000));
  ASSERT_TRUE(writer.ignorable(0x44, as_bytes("\x01\x02")));
  const auto slot = writer.data(1, 20, 2, true);
  ASSERT_TRUE(slot && slot->fin && slot->payload.size() == 2);
  slot->payload[0] = slot->payload[1] = std::byte{0xee};
  ASSERT_TRUE(writer.flow({7, as_bytes("hi")}));
  ASSERT_TRUE(writer.flow({8, as_bytes("you")}, as_bytes("say ")));
  EXPECT_EQ(read_all(ByteView(buffer).first(writer.bytes())),
            (std::vector<std::string>{"W 3 100 4196", "M 9000", "IGN 0x44 0102", "D 1 20 fin eeee", "U 7 6869",
                                      "U 8 73617920796f75"}));
}

TEST(FrameWriter, AFlowMessageThatOnlyJustFitsEndsTheDatagram) {
  for (std::size_t size = 1; size < 80; ++size) {
    Bytes buffer(size);
    FrameWriter writer(buffer);
    const Bytes body(writer.flow_room(7), std::byte{0x55});
    if (body.empty()) continue;
    ASSERT_TRUE(writer.flow({7, body})) << size;
    EXPECT_EQ(writer.room(), 0U) << "nothing may follow";
    EXPECT_EQ(read_all(buffer), std::vector<std::string>{"U 7 " + encode_hex(body)});
  }
}

TEST(FrameWriter, FillsADatagramWithoutALengthAndKeepsTheEndForLater) {
  for (std::size_t size = 3; size < 80; ++size) {
    for (std::uint64_t wanted = 0; wanted < 100; ++wanted) {
      Bytes buffer(size, std::byte{0x77});
      FrameWriter writer(buffer);
      const auto slot = writer.data(1, 0, wanted, true);
      if (!slot) {
        EXPECT_EQ(size, 3U) << "only a bare header has no room for a byte";
        continue;
      }
      std::ranges::fill(slot->payload, std::byte{0xab});
      EXPECT_EQ(slot->payload.size(), std::min<std::size_t>(wanted, size - 3)) << "room was left unused";
      EXPECT_EQ(slot->fin, slot->payload.size() == wanted);
      FrameReader reader(ByteView(buffer).first(writer.bytes()));
      const auto frame = reader.next();
      ASSERT_TRUE(frame.ok() && *frame);
      const auto& data = std::get<DataFrame>(**frame);
      EXPECT_EQ(data.payload.size(), slot->payload.size());
      EXPECT_EQ(data.fin, slot->fin);
    }
  }
}

TEST(FrameWriter, SpendsAtMostSixteenBytesOnTheLargestDatagram) {
  Bytes buffer(9056);
  FrameWriter writer(buffer);
  const auto slot = writer.data(kMaxStreamId, kMaxOffset - 1'000'000, 9000, false);
  ASSERT_TRUE(slot);
  EXPECT_LE(writer.bytes() - slot->payload.size(), kMaxDataOverheadBytes);
}

TEST(FrameWriter, BeginsNoFrameThatDoesNotFit) {
  Bytes buffer(4);
  FrameWriter writer(buffer);
  EXPECT_FALSE(writer.window({100, 1, 1}));
  EXPECT_FALSE(writer.ignorable(0x40, as_bytes("abc")));
  EXPECT_FALSE(writer.session_limit(1U << 20));
  EXPECT_FALSE(writer.data(1000, 0, 5, false));
  EXPECT_EQ(writer.bytes(), 0U);
  EXPECT_TRUE(writer.pad());
  EXPECT_EQ(read_all(buffer), std::vector<std::string>{"PAD 3"});
}

}  // namespace
}  // namespace footbridge::wire
