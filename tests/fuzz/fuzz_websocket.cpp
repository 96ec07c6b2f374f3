// WebSocket frames from either peer: bounded memory, and the same events however the bytes arrive and whoever had the
// buffer in between.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "wire/websocket_reader.hpp"

namespace {

using namespace footbridge;

Bytes transcript(wire::WebSocketReader::Peer peer, ByteView input, std::size_t step, bool shared_buffer) {
  wire::WebSocketReader reader(peer);
  Bytes shared;
  Bytes out;
  while (!input.empty()) {
    if (shared_buffer) reader.lend(std::move(shared));
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
    if (!shared_buffer) continue;
    shared = reader.take_back();
    std::fill_n(shared.begin(), std::min(shared.size(), 2 * step), std::byte{0xff});
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  using Peer = footbridge::wire::WebSocketReader::Peer;
  const auto peer = (data[0] & 1) != 0 ? Peer::Client : Peer::Server;
  const auto input = footbridge::as_bytes(data + 2, size - 2);
  if (transcript(peer, input, 1U + data[1], true) != transcript(peer, input, 1 << 20, false)) std::abort();
  return 0;
}
