#include <algorithm>
#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "base/rng.hpp"
#include "wire/utf8.hpp"
#include "wire/websocket_frame.hpp"
#include "wire/websocket_reader.hpp"

namespace footbridge::wire {
namespace {

using Peer = WebSocketReader::Peer;

nlohmann::json vectors() {
  std::ifstream file(FB_SOURCE_DIR "/tests/vectors/websocket.json");
  return nlohmann::json::parse(file).at("vectors");
}

nlohmann::json describe(const WsEvent& event) {
  const auto code = static_cast<unsigned>(event.code);
  switch (event.kind) {
    case WsEvent::Kind::Message: return {"message", encode_hex(event.payload)};
    case WsEvent::Kind::Ping: return {"ping", encode_hex(event.payload)};
    case WsEvent::Kind::Pong: return {"pong", encode_hex(event.payload)};
    case WsEvent::Kind::Closed: return {"closed", code};
    case WsEvent::Kind::Violation: return {"violation", code};
  }
  return {};
}

nlohmann::json one(const char* kind, const nlohmann::json& value) {
  return nlohmann::json::array({nlohmann::json::array({kind, value})});
}

// Feeds `input` in reads of at most `step` bytes.
nlohmann::json events_of(Peer peer, ByteView input, std::size_t step) {
  WebSocketReader reader(peer);
  auto out = nlohmann::json::array();
  while (!input.empty()) {
    const auto space = reader.prepare();
    const auto count = std::min({step, input.size(), space.size()});
    std::copy_n(input.begin(), count, space.begin());
    input = input.subspan(count);
    reader.commit(count);
    while (const auto event = reader.next()) out.push_back(describe(*event));
  }
  return out;
}

TEST(WebSocketReader, GivesTheSameEventsHoweverTheBytesArrive) {
  for (const auto& vector : vectors()) {
    const auto peer = vector.at("peer") == "client" ? Peer::Client : Peer::Server;
    const auto input = parse_hex(vector.at("bytes").get<std::string>()).value();
    for (const auto step : std::to_array<std::size_t>({1, 2, 3, 7, 1000, 1 << 20}))
      EXPECT_EQ(events_of(peer, input, step), vector.at("events")) << vector.at("name") << " in steps of " << step;
  }
}

TEST(WebSocketReader, TakesTheLargestMessageAndRefusesOneByteMore) {
  const WsMask mask{std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}};
  for (const std::size_t size : {std::size_t{65535}, kMaxWsMessageBytes}) {
    const Bytes payload(size, std::byte{0x40});
    Bytes wire;
    encode_ws_frame(wire, WsOpcode::Binary, payload, mask);
    EXPECT_EQ(events_of(Peer::Client, wire, 1 << 20), one("message", encode_hex(payload)));
  }
  Bytes wire;
  encode_ws_frame(wire, WsOpcode::Binary, Bytes(kMaxWsMessageBytes + 1), mask);
  EXPECT_EQ(events_of(Peer::Client, wire, 1 << 20), one("violation", 1009));
}

TEST(WebSocketReader, AddsUpFragments) {
  Bytes wire;
  encode_ws_frame(wire, WsOpcode::Binary, Bytes(40'000), std::nullopt);
  wire[0] = std::byte{0x02};  // not final
  const auto second_at = wire.size();
  encode_ws_frame(wire, WsOpcode::Continuation, Bytes(kMaxWsMessageBytes - 40'000 + 1), std::nullopt);
  EXPECT_EQ(events_of(Peer::Server, wire, 1 << 20), one("violation", 1009));
  wire.resize(second_at);
  encode_ws_frame(wire, WsOpcode::Continuation, Bytes(kMaxWsMessageBytes - 40'000), std::nullopt);
  EXPECT_EQ(events_of(Peer::Server, wire, 1 << 20).at(0).at(0), "message");
}

TEST(WebSocketReader, NeverHoldsMoreThanTwoReadsAndNothingBetweenThem) {
  WebSocketReader reader(Peer::Server);
  EXPECT_EQ(reader.capacity_bytes(), 0U);
  Bytes shared;
  Bytes stream;
  for (int i = 0; i < 2000; ++i) encode_ws_frame(stream, WsOpcode::Binary, Bytes(1132), std::nullopt);
  encode_ws_frame(stream, WsOpcode::Binary, Bytes(kMaxWsMessageBytes), std::nullopt);
  std::size_t messages = 0;
  std::size_t reads = 0;
  for (ByteView input = stream; !input.empty(); ++reads) {
    reader.lend(std::move(shared));
    const auto space = reader.prepare();
    const auto count = std::min(space.size(), input.size());
    std::copy_n(input.begin(), count, space.begin());
    input = input.subspan(count);
    reader.commit(count);
    while (reader.next()) ++messages;
    ASSERT_LE(reader.capacity_bytes(), 2 * kWsReadBytes + kMaxWsHeaderBytes);
    shared = reader.take_back();
    std::fill(shared.begin(), shared.end(), std::byte{0xff});  // by whoever has it next
    const auto most = messages < 2000 ? 1132 + kMaxWsHeaderBytes : kMaxWsMessageBytes + kMaxWsHeaderBytes;
    ASSERT_LT(reader.capacity_bytes(), most) << "only the beginning of a frame stays";
  }
  EXPECT_EQ(messages, 2001U);
  EXPECT_LE(reads, stream.size() / kWsReadBytes + 1);
  EXPECT_EQ(reader.capacity_bytes(), 0U);
}

TEST(WebSocketFrame, RoundTripsAtEveryLengthBoundary) {
  SeededRng rng(1);
  for (const auto size : std::to_array<std::size_t>({0, 1, 124, 125, 126, 127, 128, 65535, 65536})) {
    const auto payload = rng.bytes(size);
    for (const bool masked : {false, true}) {
      Bytes wire;
      encode_ws_frame(wire, WsOpcode::Binary, payload, masked ? std::optional(rng.array<4>()) : std::nullopt);
      auto header = parse_ws_header(wire);
      ASSERT_TRUE(header);
      ASSERT_EQ(header->payload_bytes, size);
      ASSERT_EQ(header->mask.has_value(), masked);
      auto body = Bytes(wire.begin() + static_cast<std::ptrdiff_t>(header->header_bytes), wire.end());
      if (masked) {
        EXPECT_TRUE(size <= 16 || body != payload);
        apply_ws_mask(body, *header->mask);
      }
      EXPECT_EQ(body, payload);
      for (std::size_t cut = 0; cut < header->header_bytes; ++cut) {
        const auto part = parse_ws_header(ByteView(wire).first(cut));
        EXPECT_TRUE(!part.ok() && part.error() == WsErrc::Truncated);
      }
    }
  }
}

TEST(WebSocketFrame, MasksFromAnyOffset) {
  SeededRng rng(2);
  const auto mask = rng.array<4>();
  const auto plain = rng.bytes(100);
  auto whole = plain;
  apply_ws_mask(whole, mask);
  for (std::size_t split = 0; split < plain.size(); ++split) {
    auto parts = plain;
    apply_ws_mask(ByteSpan(parts).first(split), mask);
    apply_ws_mask(ByteSpan(parts).subspan(split), mask, split);
    ASSERT_EQ(parts, whole) << split;
  }
}

TEST(Utf8, KnowsTheEdgesOfEveryRow) {
  for (const auto* good : {"", "a", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    EXPECT_TRUE(is_utf8(as_bytes(good))) << good;
  for (const auto* bad : {"\x80", "\xc1\xbf", "\xe0\x9f\xbf", "\xed\xa0\x80", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80", "\xc2", "\xe1\x80", "\xf1\x80\x80", "a\xff"})
    EXPECT_FALSE(is_utf8(as_bytes(bad))) << bad;
}

}  // namespace
}  // namespace footbridge::wire
