// A leg's socket after the handshake, at either end: any bytes, in pieces. Messages stay within their bound, the leg
// closes once, and what it says itself can be read as frames.
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "deeds.hpp"
#include "socket_pair.hpp"
#include "transport/ws/leg.hpp"

namespace {

using namespace footbridge;

constexpr std::size_t kMaxPieces = 16;

struct User final : PipeEvents {
  void on_open(TimePoint) override {}
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    FB_ASSERT(!closed && !batch.empty() && batch.size() <= ws::kMaxBatchMessages);
    for (const auto message : batch) {
      FB_ASSERT(message.size() <= wire::kMaxWsMessageBytes);
      bytes += message.size();
    }
  }
  void on_drained(TimePoint) override {}
  void on_closed(TimePoint, PipeEnd end) override {
    FB_ASSERT(!closed);
    closed = end;
  }
  std::size_t bytes = 0;
  std::optional<PipeEnd> closed;
};

// Reads all that the leg said, as its peer would.
void overhear(wire::WebSocketReader& reader, ByteView said) {
  while (!said.empty()) {
    const auto space = reader.prepare();
    const auto count = std::min(space.size(), said.size());
    std::copy_n(said.begin(), count, space.begin());
    reader.commit(count);
    said = said.subspan(count);
    while (const auto event = reader.next()) FB_ASSERT(event->kind != wire::WsEvent::Kind::Violation);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static asio::io_context context(1);
  static SeededRng rng(1);
  fuzz::Deeds deeds(as_bytes(data, size));
  const auto role = deeds.one_in(2) ? ws::Role::Client : ws::Role::Server;
  fuzz::SocketPair pair(context);
  User user;
  const auto early = to_bytes(deeds.bytes(deeds.byte()));
  ws::Leg leg({std::move(pair.ours), role, early, {}}, rng);
  leg.start(user);
  using Peer = wire::WebSocketReader::Peer;
  wire::WebSocketReader reader(role == ws::Role::Client ? Peer::Client : Peer::Server);
  for (auto pieces = 1 + deeds.below(kMaxPieces); pieces > 0; --pieces) {
    pair.write(pieces == 1 ? deeds.rest() : deeds.run());
    if (pieces % 3 == 0) static_cast<void>(leg.send(as_bytes("a message"))), leg.flush();
    context.restart();
    context.poll();
    overhear(reader, pair.read());
  }
  FB_ASSERT(user.bytes <= size);
  pair.close();
  context.restart();
  context.poll();
  return 0;
}
