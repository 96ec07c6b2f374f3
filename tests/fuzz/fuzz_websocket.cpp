// WebSocket frames from either peer: bounded memory, and the same events however the bytes arrive.
#include <algorithm>
#include <cstdlib>

#include "wire/websocket_reader.hpp"

namespace {

using namespace footbridge;

Bytes transcript(wire::WebSocketReader::Peer peer, ByteView input, std::size_t step) {
  wire::WebSocketReader reader(peer);
  Bytes out;
  while (!input.empty()) {
    const auto space = reader.prepare();
    const auto count = std::min({step, input.size(), space.size()});
    std::copy_n(input.begin(), count, space.begin());
    input = input.subspan(count);
    reader.commit(count);
    while (const auto event = reader.next()) {
      out.push_back(static_cast<std::byte>(event->kind));
      append(out, event->payload);
    }
    if (reader.capacity_bytes() > 4 * wire::kWsReadBytes) std::abort();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  using Peer = footbridge::wire::WebSocketReader::Peer;
  const auto peer = (data[0] & 1) != 0 ? Peer::Client : Peer::Server;
  const auto input = footbridge::as_bytes(data + 2, size - 2);
  if (transcript(peer, input, 1U + data[1]) != transcript(peer, input, 1 << 20)) std::abort();
  return 0;
}
