#include "programs/egress/stream_exit.hpp"

#include <boost/asio/redirect_error.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "io/clock.hpp"
#include "io/socket_options.hpp"
#include "io/stream_relay.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"
#include "programs/egress/host_text.hpp"
#include "wire/session_open.hpp"

namespace footbridge::egress {
namespace {

using wire::OpenStatus;

struct Opening {
  std::optional<wire::OpenHeader> header;
  OpenStatus refusal = OpenStatus::Internal;  // when there is no header
};

// Takes the header off the stream; nullopt: the stream ended before it was whole.
asio::awaitable<std::optional<Opening>> read_open(io::SessionStream& stream) {
  Bytes head;
  for (;;) {
    if (co_await stream.readable() != io::SessionStream::Arrival::Bytes) co_return std::nullopt;
    const auto arrived = stream.peek();
    const auto had = head.size();
    append(head, arrived.first(std::min(arrived.size(), wire::kMaxOpenBytes - had)));
    auto parsed = wire::parse_open(head);
    if (parsed) {
      stream.consume(parsed->bytes - had);
      co_return Opening{std::move(parsed->header), OpenStatus::Internal};
    }
    if (parsed.error() == wire::OpenErrc::Unsupported) co_return Opening{std::nullopt, OpenStatus::Unsupported};
    if (parsed.error() != wire::OpenErrc::Truncated || head.size() == wire::kMaxOpenBytes) co_return std::nullopt;
    stream.consume(head.size() - had);
  }
}

OpenStatus status_of(io::ConnectErrc error) {
  switch (error) {
    case io::ConnectErrc::Policy: return OpenStatus::Policy;
    case io::ConnectErrc::BadName:
    case io::ConnectErrc::NoSuchName:
    case io::ConnectErrc::NameFailure: return OpenStatus::DnsFailure;
    case io::ConnectErrc::Refused: return OpenStatus::Refused;
    case io::ConnectErrc::Unreachable: return OpenStatus::Unreachable;
    case io::ConnectErrc::TimedOut: return OpenStatus::TimedOut;
    case io::ConnectErrc::Upstream:  // an egress has none
    case io::ConnectErrc::Failed: return OpenStatus::Internal;
  }
  FB_ASSERT(false);
}

asio::awaitable<void> refuse(io::SessionStream& stream, OpenStatus status) {
  co_await stream.write(wire::encode_opened(status));
  stream.finish();
  stream.stop(core::ResetCode::Cancelled);
}

}  // namespace

asio::awaitable<void> exit_stream(io::EgressConnector& connector, core::StreamLimits& limits, EgressMetrics& metrics,
                                  std::unique_ptr<io::SessionStream> stream) {
  auto opening = co_await io::with_deadline(kOpenHeaderLimit, read_open(*stream));
  if (!opening || !*opening) {
    metrics.streams[OpenStatus::Unsupported].add();
    stream->reset(core::ResetCode::Cancelled);
    co_return;
  }
  if (!(*opening)->header) {
    metrics.streams[(*opening)->refusal].add();
    co_await refuse(*stream, (*opening)->refusal);
    co_return;
  }
  const auto& header = *(*opening)->header;
  if (header.kind == wire::StreamKind::Bridge) {  // no bridge is behind this egress
    metrics.streams[OpenStatus::Policy].add();
    co_await refuse(*stream, OpenStatus::Policy);
    co_return;
  }
  if (limits.on_open(io::now()) != core::StreamVerdict::Allowed) {
    metrics.streams[OpenStatus::Limit].add();
    co_await refuse(*stream, OpenStatus::Limit);
    co_return;
  }
  const auto destination = header.destination->reveal_to_socket();
  auto connected = co_await connector.connect(host_text(destination), destination.port);
  if (!connected) {
    limits.on_failed(io::now());
    const auto status = status_of(connected.error());
    metrics.streams[status].add();
    observe::log(observe::Level::Debug, "stream-refused", observe::kv("why", connected.error()));
    co_await refuse(*stream, status);
    co_return;
  }
  limits.on_connected();
  metrics.streams[OpenStatus::Connected].add();
  auto socket = std::move(connected).value();
  io::set_no_delay(socket);
  if (co_await stream->write(wire::encode_opened(OpenStatus::Connected))) {
    const auto moved = co_await io::relay(socket, *stream);
    metrics.relayed_bytes_up.add(moved.to_socket);
    metrics.relayed_bytes_down.add(moved.to_stream);
  }
  limits.on_closed();
}

}  // namespace footbridge::egress
