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

OpenStatus status_of(BridgeErrc error) {
  switch (error) {
    case BridgeErrc::Refused:
    case BridgeErrc::Denied: return OpenStatus::Refused;
    case BridgeErrc::Unreachable: return OpenStatus::Unreachable;
    case BridgeErrc::TimedOut: return OpenStatus::TimedOut;
    case BridgeErrc::NoCookie:
    case BridgeErrc::WrongCookie:
    case BridgeErrc::NotBelieved:
    case BridgeErrc::NoExtOrPort:
    case BridgeErrc::Failed: return OpenStatus::Internal;
  }
  FB_ASSERT(false);
}

// The other side of a stream, and what it said already.
struct Far {
  io::tcp::socket socket;
  Bytes early;
};

asio::awaitable<Result<Far, OpenStatus>> reach_bridge(StreamServices& services,
                                                      std::optional<Private<Endpoint>> came_from) {
  if (services.bridge == nullptr) co_return OpenStatus::Policy;
  auto reached = co_await connect_bridge(*services.bridge, services.rng, std::move(came_from));
  if (!reached) {
    services.metrics.bridge_failures[reached.error()].add();
    // What its operator can mend; tor has its own words for whom it does not want.
    const auto level = reached.error() == BridgeErrc::Denied ? observe::Level::Info : observe::Level::Warn;
    observe::log(level, "bridge-failed", observe::kv("why", reached.error()));
    if (services.bridge->on_failure) services.bridge->on_failure(reached.error());
    co_return status_of(reached.error());
  }
  services.metrics.bridge_streams.add();
  co_return Far{std::move(reached->socket), std::move(reached->early)};
}

asio::awaitable<Result<Far, OpenStatus>> reach(StreamServices& services, wire::OpenHeader header,
                                               std::optional<Private<Endpoint>> came_from) {
  if (header.kind == wire::StreamKind::Bridge) co_return co_await reach_bridge(services, std::move(came_from));
  const auto destination = header.destination->reveal_to_socket();
  auto connected = co_await services.connector.connect(host_text(destination), destination.port);
  if (!connected) {
    observe::log(observe::Level::Debug, "stream-refused", observe::kv("why", connected.error()));
    co_return status_of(connected.error());
  }
  co_return Far{std::move(connected).value(), {}};
}

asio::awaitable<void> refuse(StreamServices& services, io::SessionStream& stream, OpenStatus status) {
  services.metrics.streams[status].add();
  co_await stream.write(wire::encode_opened(status));
  stream.finish();
  stream.stop(core::ResetCode::Cancelled);
}

}  // namespace

asio::awaitable<void> exit_stream(StreamServices& services, core::StreamLimits& limits,
                                  std::optional<Private<Endpoint>> came_from,
                                  std::unique_ptr<io::SessionStream> stream) {
  auto& metrics = services.metrics;
  auto opening = co_await io::with_deadline(kOpenHeaderLimit, read_open(*stream));
  if (!opening || !*opening) {
    metrics.streams[OpenStatus::Unsupported].add();
    stream->reset(core::ResetCode::Cancelled);
    co_return;
  }
  auto& [header, refusal] = **opening;
  if (!header) co_return co_await refuse(services, *stream, refusal);
  if (limits.on_open(io::now()) != core::StreamVerdict::Allowed)
    co_return co_await refuse(services, *stream, OpenStatus::Limit);
  const bool to_bridge = header->kind == wire::StreamKind::Bridge;
  auto reached = co_await reach(services, std::move(*header), std::move(came_from));
  if (!reached) {
    if (to_bridge)
      limits.on_bridge_failed();
    else
      limits.on_failed(io::now());
    co_return co_await refuse(services, *stream, reached.error());
  }
  limits.on_connected();
  metrics.streams[OpenStatus::Connected].add();
  auto far = std::move(reached).value();
  io::set_no_delay(far.socket);
  auto first = wire::encode_opened(OpenStatus::Connected);
  append(first, far.early);
  if (co_await stream->write(first)) {
    const auto moved = co_await io::relay(far.socket, *stream);
    metrics.relayed_bytes_up.add(moved.to_socket);
    metrics.relayed_bytes_down.add(moved.to_stream);
  }
  limits.on_closed();
}

}  // namespace footbridge::egress
