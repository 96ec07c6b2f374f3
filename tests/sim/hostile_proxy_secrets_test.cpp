// Threat T7, the other half: what a proxy can read. A destination, a text that an application sends, and any name of
// the egress never stand in what passes it, in neither direction, neither in one piece nor across two messages.
#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "two_ends.hpp"
#include "wire/session_open.hpp"

namespace footbridge::sim {
namespace {

constexpr std::string_view kMarker = "a-planted-text-that-nobody-else-writes";
constexpr std::string_view kDestination = "planted-destination.example";
// Shorter pieces than this would be found in noise.
constexpr std::size_t kPieceBytes = 8;

// All messages of one direction as one text, so that a text cut by a boundary is found too.
struct Overheard {
  std::string text[2];
  bool has_piece_of(std::string_view secret) const {
    for (std::size_t at = 0; at + kPieceBytes <= secret.size(); ++at)
      for (const auto& heard : text)
        if (heard.find(secret.substr(at, kPieceBytes)) != std::string::npos) return true;
    return false;
  }
};

Bytes repeated(std::string_view text, std::size_t times) {
  Bytes out;
  for (std::size_t i = 0; i < times; ++i) append(out, as_bytes(text));
  return out;
}

// A client asks for the destination and sends the marker; the egress answers with the marker.
void converse(TwoEnds& world) {
  wire::OpenHeader header;
  header.destination = Private(wire::Destination{std::string(kDestination), 443});
  const auto said = repeated(kMarker, 200);
  ASSERT_TRUE(world.run_until([&] { return world.session(kClientEnd) != nullptr; }, Seconds{10}));
  auto& client = *world.session(kClientEnd);
  const auto id = client.open(world.now, wire::encode_open(header).value());
  ASSERT_TRUE(id.has_value());
  client.write(world.now, *id, said);
  client.finish(world.now, *id);
  std::size_t heard = 0;
  world.app(kEgressEnd).stalled.insert(*id);  // read here and not by the pattern's check
  world.app(kClientEnd).stalled.insert(*id);
  world.app(kEgressEnd).on_event = [&](const core::SessionEvent& happened) {
    if (std::get_if<core::event::Opened>(&happened) == nullptr) return;
    world.session(kEgressEnd)->write(world.now, *id, said);
    world.session(kEgressEnd)->finish(world.now, *id);
  };
  ASSERT_TRUE(world.run_until(
      [&] {
        for (auto bytes = client.peek(*id); !bytes.empty(); bytes = client.peek(*id)) {
          heard += bytes.size();
          client.consume(world.now, *id, bytes.size());
        }
        return heard == said.size();
      },
      Seconds{30}));
}

TEST(HostileProxySecrets, NoTextAndNoDestinationPassesReadable) {
  Overheard overheard;
  HostileProxy proxy(1, {});
  TwoEnds world(1, [&](std::size_t from, ByteView message) {
    overheard.text[from] += as_text(message);
    return proxy.carry(from, message);
  });
  converse(world);
  ASSERT_GT(overheard.text[kClientEnd].size(), repeated(kMarker, 200).size());
  ASSERT_GT(overheard.text[kEgressEnd].size(), repeated(kMarker, 200).size());
  EXPECT_FALSE(overheard.has_piece_of(kMarker));
  EXPECT_FALSE(overheard.has_piece_of(kDestination));
}

// That the search finds what is there: the same conversation, heard behind QUIC.
TEST(HostileProxySecrets, WouldBeFoundIfTheyWereThere) {
  Overheard overheard;
  HostileProxy proxy(1, {});
  TwoEnds world(1, [&](std::size_t from, ByteView message) { return proxy.carry(from, message); });
  world.meddler = [&](const Bytes& datagram) { overheard.text[0] += as_text(datagram); };
  converse(world);
  EXPECT_TRUE(overheard.has_piece_of(kMarker));
  EXPECT_TRUE(overheard.has_piece_of(kDestination));
}

}  // namespace
}  // namespace footbridge::sim
