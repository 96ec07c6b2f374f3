// Threat T7, the other half: what a proxy can read. A destination, a text that an application sends, and any name of
// the egress never stand in what passes it, in neither direction, neither in one piece nor across two messages.
#include <algorithm>
#include <gtest/gtest.h>
#include <string>

#include "sim/stack/hostile_proxy.hpp"
#include "sim/stack/two_ends.hpp"
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
void converse(TwoEnds& world, Pipe::Carrier carrier) {
  wire::OpenHeader header;
  header.destination = Private(wire::Destination{std::string(kDestination), 443});
  const auto said = repeated(kMarker, 200);
  std::size_t heard = 0;
  world.client.when_session = [&](SessionAtEnd& end) {
    auto& session = end.session();
    const auto id = session.open(world.now(), wire::encode_open(header).value()).value();
    session.write(world.now(), id, said);
    session.finish(world.now(), id);
    end.instead_of_app = [&, id](TimePoint now, const core::SessionEvent& happened) {
      if (std::get_if<core::event::Readable>(&happened) == nullptr) return;
      for (auto bytes = session.peek(id); !bytes.empty(); bytes = session.peek(id)) {
        heard += bytes.size();
        session.consume(now, id, bytes.size());
      }
    };
    end.touch();
  };
  world.egress.when_session = [&](SessionAtEnd& end) {
    auto& session = end.session();
    end.instead_of_app = [&](TimePoint now, const core::SessionEvent& happened) {
      const auto* const opened = std::get_if<core::event::Opened>(&happened);
      if (opened == nullptr) return;
      session.write(now, opened->stream, said);
      session.finish(now, opened->stream);
    };
  };
  world.add_path(straight(Millis{20}), std::move(carrier));
  ASSERT_TRUE(world.run_until([&] { return heard == said.size(); }, Seconds{30}));
}

TEST(HostileProxySecrets, NoTextAndNoDestinationPassesReadable) {
  Overheard overheard;
  HostileProxy proxy(1, {});
  TwoEnds world(1);
  converse(world, [&](std::size_t from, ByteView message) {
    overheard.text[from] += as_text(message);
    return proxy.carry(from, message);
  });
  for (const auto& heard : overheard.text) ASSERT_GT(heard.size(), repeated(kMarker, 200).size());
  EXPECT_FALSE(overheard.has_piece_of(kMarker));
  EXPECT_FALSE(overheard.has_piece_of(kDestination));
}

// That the search finds what is there: the same conversation, heard behind QUIC.
TEST(HostileProxySecrets, WouldBeFoundIfTheyWereThere) {
  Overheard overheard;
  HostileProxy proxy(1, {});
  TwoEnds world(1);
  world.client.meddler = world.egress.meddler = [&](const Bytes& datagram) { overheard.text[0] += as_text(datagram); };
  converse(world, [&](std::size_t from, ByteView message) { return proxy.carry(from, message); });
  EXPECT_TRUE(overheard.has_piece_of(kMarker));
  EXPECT_TRUE(overheard.has_piece_of(kDestination));
}

}  // namespace
}  // namespace footbridge::sim
