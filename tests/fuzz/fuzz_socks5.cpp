// SOCKS, for applications and at a transport's door: any bytes, in several splittings, end in the same state with the
// same answers, the same request and the same arguments; arguments that were taken fit a bridge line.
#include <cstdlib>

#include "wire/socks5.hpp"

namespace {

using namespace footbridge;

struct Outcome {
  std::size_t consumed = 0;
  wire::SocksServer::State state{};
  Bytes output;
  std::optional<wire::PtArgumentsErrc> arguments_error;
  std::optional<wire::PtArguments> arguments;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

Outcome feed(wire::SocksUse use, ByteView input, std::size_t step, bool granted) {
  wire::SocksServer server(use);
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
  if (const auto& request = server.request()) {
    out.arguments = request->arguments;
    server.reply(granted ? wire::SocksReply::Granted : wire::SocksReply::ArgumentsUnusable);
  } else {
    server.on_deadline();
  }
  out.state = server.state();
  out.output = server.take_output();
  out.arguments_error = server.arguments_error();
  return out;
}

void check(bool holds) {
  if (!holds) std::abort();
}

void judge(const Outcome& outcome, wire::SocksUse use) {
  const bool arguments_heard = outcome.arguments_error || (outcome.arguments && !outcome.arguments->empty());
  check(use == wire::SocksUse::Transport || !arguments_heard);
  if (!outcome.arguments) return;
  const auto text = wire::encode_pt_arguments(*outcome.arguments).reveal_to_socket();
  check(!outcome.arguments_error && text.size() <= wire::kMaxPtArgumentBytes);
  const auto again = wire::parse_pt_arguments(text);
  check(again.ok() && *again == *outcome.arguments);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  const bool granted = input.empty() || std::to_integer<unsigned>(input.back()) % 2 == 0;
  for (const auto use : {wire::SocksUse::Applications, wire::SocksUse::Transport}) {
    const auto whole = feed(use, input, 1 << 20, granted);
    for (const std::size_t step : {1U, 7U}) check(feed(use, input, step, granted) == whole);
    judge(whole, use);
  }
  return 0;
}
