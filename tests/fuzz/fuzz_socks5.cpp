// SOCKS: any bytes, in two splittings, end in the same state with the same answers.
#include <cstdlib>

#include "wire/socks5.hpp"

namespace {

using namespace footbridge;

struct Outcome {
  std::size_t consumed = 0;
  wire::SocksServer::State state{};
  Bytes output;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome feed(ByteView input, std::size_t step) {
  wire::SocksServer server;
  Outcome out;
  while (out.consumed < input.size()) {
    const auto given = std::min(step, input.size() - out.consumed);
    const auto taken = server.on_bytes(input.subspan(out.consumed, given));
    if (!taken) {
      out.consumed = 0;  // how much was read of a refused handshake depends on the splitting
      break;
    }
    out.consumed += *taken;
    if (*taken < given) break;
  }
  if (server.request()) server.reply(wire::SocksReply::Granted);
  out.state = server.state();
  out.output = server.take_output();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  if (feed(input, 1) != feed(input, 1 << 20)) std::abort();
  return 0;
}
