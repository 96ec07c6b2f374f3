#include "io/upstream_connector.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <utility>

#include "base/assert.hpp"
#include "io/endpoint.hpp"
#include "io/socket_options.hpp"
#include "io/with_deadline.hpp"
#include "observe/log.hpp"

namespace footbridge::io {
namespace {

ConnectErrc errc_of(wire::Socks5ClientErrc error) {
  switch (error) {
    case wire::Socks5ClientErrc::NotSocks5:
    case wire::Socks5ClientErrc::WantsCredentials:
    case wire::Socks5ClientErrc::WrongCredentials:
    case wire::Socks5ClientErrc::NotAllowed:
    case wire::Socks5ClientErrc::CommandNotSupported:
    case wire::Socks5ClientErrc::AddressTypeNotSupported: return ConnectErrc::Upstream;
    case wire::Socks5ClientErrc::NetworkUnreachable:
    case wire::Socks5ClientErrc::HostUnreachable: return ConnectErrc::Unreachable;
    case wire::Socks5ClientErrc::Refused: return ConnectErrc::Refused;
    case wire::Socks5ClientErrc::TimedOut: return ConnectErrc::TimedOut;
    case wire::Socks5ClientErrc::Failed: return ConnectErrc::Failed;
  }
  FB_ASSERT(false);
}

// The proxy's own failure; of a destination's nobody is told here.
ConnectErrc upstream_failed(UpstreamErrc why) {
  observe::log(observe::Level::Info, "upstream-failed", observe::kv("why", why));
  return ConnectErrc::Upstream;
}

std::optional<wire::Destination> destination(std::string_view host, std::uint16_t port) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  wire::Destination out;
  out.port = port;
  if (const auto literal = IpAddress::parse(host))
    out.host = *literal;
  else
    out.host = std::string(host);
  return wire::is_destination(out) ? std::optional(std::move(out)) : std::nullopt;
}

}  // namespace

UpstreamConnector::UpstreamConnector(asio::any_io_executor executor, Upstream upstream)
    : executor_(std::move(executor)), upstream_(std::move(upstream)) {}

asio::awaitable<Result<tcp::socket, ConnectErrc>> UpstreamConnector::connect(Private<std::string> host,
                                                                             std::uint16_t port, Duration limit) {
  auto to = destination(host.reveal_to_socket(), port);
  if (!to) co_return ConnectErrc::BadName;
  bool answered = false;
  auto socket = co_await with_deadline(limit, open(std::move(*to), answered));
  if (!socket && !answered) co_return upstream_failed(UpstreamErrc::Silent);
  if (!socket) co_return ConnectErrc::TimedOut;
  co_return std::move(*socket);
}

asio::awaitable<UpstreamConnector::Connected> UpstreamConnector::open(wire::Destination to, bool& answered) {
  const auto proxy = to_tcp(upstream_.proxy.reveal_to_socket());
  const auto family = upstream_.proxy.reveal_to_socket().address.family();
  if (!upstream_.local.admits(family)) co_return upstream_failed(UpstreamErrc::Unreachable);
  tcp::socket socket(executor_);
  error_code error;
  socket.open(proxy.protocol(), error);
  if (const auto own = upstream_.local.towards(family); own && !error) socket.bind(to_tcp({*own, 0}), error);
  if (error) co_return upstream_failed(UpstreamErrc::Unreachable);
  const auto [refused] = co_await socket.async_connect(proxy, no_throw);
  throw_if_aborted(refused);
  if (refused) co_return upstream_failed(UpstreamErrc::Unreachable);
  set_no_delay(socket);

  wire::Socks5Client socks(Private(std::move(to)), upstream_.credentials);
  while (socks.state() != wire::Socks5Client::State::Done) {
    const auto words = socks.take_output();
    const auto [unsaid, said] = co_await asio::async_write(socket, asio::buffer(words), no_throw);
    throw_if_aborted(unsaid);
    // One byte at a time: what follows the reply belongs to the destination, and three answers are short.
    std::array<std::byte, 1> byte{};
    const auto [unread, count] = co_await socket.async_read_some(asio::buffer(byte), no_throw);
    throw_if_aborted(unread);
    if (unread == asio::error::eof) co_return upstream_failed(UpstreamErrc::NotSocks5);
    if (unsaid || unread) co_return upstream_failed(UpstreamErrc::Unreachable);
    const auto taken = socks.on_bytes(byte);
    answered = answered || socks.state() != wire::Socks5Client::State::Greeting;
    if (taken) continue;
    if (errc_of(taken.error()) == ConnectErrc::Upstream) co_return upstream_failed(upstream_errc(taken.error()));
    co_return errc_of(taken.error());
  }
  co_return std::move(socket);
}

}  // namespace footbridge::io
