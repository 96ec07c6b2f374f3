// A flow's messages and pieces, and the datagrams of a SOCKS application: what is read survives writing.
#include <algorithm>
#include <cstdlib>

#include "wire/session_flow.hpp"
#include "wire/socks_udp.hpp"

namespace {

using namespace footbridge;

void require(bool holds) {
  if (!holds) std::abort();
}

void message(ByteView input) {
  const auto parsed = wire::parse_flow_message(input);
  if (!parsed) return;
  const auto written = wire::encode_flow_message(*parsed);
  require(written.has_value());
  const auto again = wire::parse_flow_message(*written);
  require(again.ok() && again->index() == parsed->index());
  require(written->size() <= wire::kMaxFlowMessageBytes);
  // Only what follows a message without a payload is left out.
  const bool whole = std::holds_alternative<wire::FlowData>(*parsed) ||
                     std::holds_alternative<wire::FlowOpen>(*parsed) || std::holds_alternative<wire::FlowFrom>(*parsed);
  if (whole) require(std::ranges::equal(input, *written));
}

void piece(ByteView input) {
  const auto parsed = wire::parse_flow_piece(input);
  if (!parsed) return;
  require(wire::is_flow_piece(input) && !parsed->bytes.empty());
  auto written = wire::encode_flow_piece_header(*parsed);
  require(written.size() <= wire::kMaxFlowPieceHeaderBytes);
  append(written, parsed->bytes);
  const auto again = wire::parse_flow_piece(written);
  require(again.ok() && again->message == parsed->message && again->position == parsed->position &&
          again->last == parsed->last && std::ranges::equal(again->bytes, parsed->bytes));
}

void socks(ByteView input) {
  const auto parsed = wire::parse_socks_datagram(input);
  if (!parsed) return;
  const auto written = wire::encode_socks_datagram(*parsed);
  require(written.has_value());
  const auto again = wire::parse_socks_datagram(*written);
  require(again.ok() && again->to.reveal_to_socket() == parsed->to.reveal_to_socket() &&
          std::ranges::equal(again->payload, parsed->payload));
  // What an application may send, a flow can open.
  require(wire::encode_flow_message(wire::FlowOpen{parsed->to, {}}).has_value());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  message(input);
  piece(input);
  socks(input);
  return 0;
}
