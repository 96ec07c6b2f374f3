#include "programs/client/session_tunnel.hpp"

#include <boost/asio/this_coro.hpp>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "io/session_host.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"

namespace footbridge::client {

asio::awaitable<std::optional<wire::OpenStatus>> read_opened(io::SessionStream& stream) {
  Bytes header;
  for (;;) {
    const auto arrival = co_await stream.readable();
    if (arrival != io::SessionStream::Arrival::Bytes) co_return std::nullopt;
    const auto some = stream.peek();
    std::size_t used = 0;
    while (used < some.size()) {
      header.push_back(some[used++]);
      const auto parsed = wire::parse_opened(header);
      if (!parsed && parsed.error() == wire::OpenErrc::Truncated) continue;
      stream.consume(used);
      co_return parsed ? parsed->header : wire::OpenStatus::Internal;
    }
    stream.consume(used);
  }
}

asio::awaitable<OpenedStream> SessionTunnel::open(wire::Destination destination, TimePoint deadline) {
  const auto header = wire::encode_open({.destination = Private(std::move(destination))});
  if (!header) co_return OpenFailure::BadDestination;
  co_return co_await open_with(*header, deadline);
}

asio::awaitable<OpenedStream> SessionTunnel::open_bridge(TimePoint deadline) {
  return open_with(wire::encode_open({.kind = wire::StreamKind::Bridge, .destination = std::nullopt}).value(),
                   deadline);
}

asio::awaitable<OpenedStream> SessionTunnel::open_with(Bytes header, TimePoint deadline) {
  for (bool tried = false;;) {
    if (stopping_) co_return OpenFailure::Stopping;
    if (io::now() >= deadline) co_return tried ? OpenFailure::SessionLost : OpenFailure::NoPath;
    auto* host = keeper_.session();
    if (host == nullptr) {
      static_cast<void>(co_await io::with_deadline(deadline, changes_.wait(changes_.seen())));
      continue;
    }
    auto stream = host->open(header);
    if (!stream) co_return OpenFailure::Limit;
    tried = true;
    const auto status = co_await io::with_deadline(deadline, read_opened(*stream));
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) co_return OpenFailure::Stopping;
    if (status && *status) {
      if (**status == wire::OpenStatus::Connected) co_return std::move(stream);
      observe::log(observe::Level::Debug, "stream-not-opened", observe::kv("why", **status));
      co_return failure_of(**status);
    }
    if (io::now() >= deadline) co_return OpenFailure::NoAnswer;
    const auto reset = stream->reset_code();
    if (reset && reset != core::ResetCode::EgressRestarted) co_return OpenFailure::Internal;
    // The session is gone, and with it this stream; it had carried nothing but the header.
    stream.reset();
    if (keeper_.session() == host) co_return OpenFailure::SessionLost;
  }
}

asio::awaitable<OpenedAssociation> SessionTunnel::associate(AssociationEvents& events, TimePoint deadline) {
  while (keeper_.flows() == nullptr) {
    if (stopping_) co_return OpenFailure::Stopping;
    if (io::now() >= deadline) co_return OpenFailure::NoPath;
    static_cast<void>(co_await io::with_deadline(deadline, changes_.wait(changes_.seen())));
    const auto cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (cancelled != asio::cancellation_type::none) co_return OpenFailure::Stopping;
  }
  if (stopping_) co_return OpenFailure::Stopping;
  auto& flows = *keeper_.flows();
  if (!flows.carries_udp()) co_return OpenFailure::NoUdp;
  co_return flows.associate(events);
}

std::string SessionTunnel::explain(OpenFailure failure) const {
  std::string text(sentence(failure));
  const bool is_ours =
      failure == OpenFailure::NoPath || failure == OpenFailure::NoAnswer || failure == OpenFailure::SessionLost;
  if (is_ours && troubles_.current())
    text += " Reason: " + std::string(advice(*troubles_.current()));
  else if (failure == OpenFailure::NoPath)
    text += " Reason: " + std::string(keeper_.progress());
  return text;
}

void SessionTunnel::stop() {
  stopping_ = true;
  changes_.notify();
}

}  // namespace footbridge::client
