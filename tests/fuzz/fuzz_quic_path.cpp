// Whatever a proxy may do to the messages between a client and an egress, at any moment of a path's life. The input is
// a list of deeds: one byte what, one byte how many bytes belong to it, those bytes.
#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "quic/test_world.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::quic;

constexpr int kMaxDeeds = 64;  // enough for a handshake, data and an end; keeps one run below a few milliseconds

void feed(TestWorld& world, TestEnd& to, ByteView message) {
  if (to.path && !to.pipe_closed_as) to.path->on_messages(world.now, {&message, 1});
}

void alter(Bytes& message, ByteView change) {
  if (message.empty() || change.size() < 3) return;
  const auto at =
      (std::to_integer<std::size_t>(change[0]) << 8 | std::to_integer<std::size_t>(change[1])) % message.size();
  for (std::size_t i = 2; i < change.size() && at + i - 2 < message.size(); ++i) message[at + i - 2] ^= change[i];
}

// `change` is applied to the next genuine message, and then gone.
void play(TestWorld& world, Bytes& change, ByteReader& in) {
  world.fault = [&](const TestEnd&, Bytes& message) {
    alter(message, change);
    change.clear();
    return false;
  };
  world.client.to_send = world.egress.to_send = 4;
  world.open();
  for (int deed = 0; deed < kMaxDeeds; ++deed) {
    const auto what = in.u8();
    const auto count = in.u8();
    if (!what || !count) return;
    const auto data = in.bytes(*count <= in.remaining() ? *count : in.remaining()).value();
    switch (*what % 6) {
      case 0: feed(world, world.egress, data); break;
      case 1: feed(world, world.client, data); break;
      case 2: world.run(Millis{*count}); break;
      case 3: change = to_bytes(data); break;
      case 4:
        if (!world.client.sent.empty()) {
          auto replayed = world.client.sent[*count % world.client.sent.size()];
          alter(replayed, data);
          feed(world, world.egress, replayed);
        }
        break;
      case 5:
        if (!world.egress.sent.empty()) {
          auto replayed = world.egress.sent[*count % world.egress.sent.size()];
          alter(replayed, data);
          feed(world, world.client, replayed);
        }
        break;
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bytes change;
  TestWorld world;
  ByteReader in(as_bytes(data, size));
  play(world, change, in);
  world.run(Seconds{2});
  FB_ASSERT(world.client.closed_times <= 1 && world.egress.closed_times <= 1);
  for (auto* end : {&world.client, &world.egress})
    for (const auto& datagram : end->datagrams) FB_ASSERT(datagram.size() >= 8 && datagram.back() == datagram.front());
  return 0;
}
