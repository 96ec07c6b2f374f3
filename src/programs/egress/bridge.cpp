#include "programs/egress/bridge.hpp"

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/assert.hpp"
#include "crypto/primitives.hpp"
#include "io/descriptor.hpp"
#include "io/endpoint.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::egress {
namespace {

// What tor says before the client's bytes is some 70 bytes.
constexpr std::size_t kReadBytes = 512;

BridgeErrc errc_of(const io::error_code& error) {
  io::throw_if_aborted(error);
  if (error == asio::error::connection_refused) return BridgeErrc::Refused;
  if (error == asio::error::host_unreachable || error == asio::error::network_unreachable)
    return BridgeErrc::Unreachable;
  return error == asio::error::timed_out ? BridgeErrc::TimedOut : BridgeErrc::Failed;
}

BridgeErrc errc_of(core::ExtOrErrc error) {
  switch (error) {
    case core::ExtOrErrc::TooLong:
    case core::ExtOrErrc::NoSafeCookie: return BridgeErrc::NoExtOrPort;
    case core::ExtOrErrc::WrongCookie: return BridgeErrc::WrongCookie;
    case core::ExtOrErrc::NotBelieved: return BridgeErrc::NotBelieved;
    case core::ExtOrErrc::Denied: return BridgeErrc::Denied;
  }
  FB_ASSERT(false);
}

asio::awaitable<Result<BridgeConnection, BridgeErrc>> introduce(io::tcp::socket socket, core::ExtOrPort port) {
  Bytes heard(kReadBytes);
  while (port.state() != core::ExtOrPort::State::Accepted) {
    const auto [error, count] = co_await socket.async_read_some(asio::buffer(heard), io::no_throw);
    if (error) co_return errc_of(error);
    if (const auto status = port.on_bytes(ByteView(heard).first(count)); !status) co_return errc_of(status.error());
    const auto answer = port.take_output();
    if (answer.empty()) continue;
    const auto [failed, sent] = co_await asio::async_write(socket, asio::buffer(answer), io::no_throw);
    if (failed) co_return errc_of(failed);
  }
  co_return BridgeConnection{std::move(socket), port.take_rest()};
}

asio::awaitable<Result<BridgeConnection, BridgeErrc>> reach(const Bridge& bridge, Rng& rng,
                                                            std::optional<Private<Endpoint>> user) {
  std::optional<crypto::SecretKey> cookie;
  if (bridge.extended_or_port) {
    cookie = read_auth_cookie(bridge.auth_cookie_file);
    if (!cookie) co_return BridgeErrc::NoCookie;  // before anything is sent
  }
  const auto& place = bridge.extended_or_port ? bridge.extended_or_port : bridge.or_port;
  FB_ASSERT(place.has_value());
  io::tcp::socket socket(co_await asio::this_coro::executor);
  const auto [error] = co_await socket.async_connect(io::to_tcp(place->reveal_to_socket()), io::no_throw);
  if (error) co_return errc_of(error);
  if (!cookie) co_return BridgeConnection{std::move(socket), {}};
  const core::ExtOrIntroduction who{std::string(kBridgeTransport), std::move(user)};
  co_return co_await introduce(std::move(socket), core::ExtOrPort(rng, *cookie, who));
}

}  // namespace

std::string_view name(BridgeErrc error) {
  switch (error) {
    case BridgeErrc::Refused: return "refused";
    case BridgeErrc::Unreachable: return "unreachable";
    case BridgeErrc::TimedOut: return "timed-out";
    case BridgeErrc::NoCookie: return "no-cookie";
    case BridgeErrc::WrongCookie: return "wrong-cookie";
    case BridgeErrc::NotBelieved: return "not-believed";
    case BridgeErrc::Denied: return "denied";
    case BridgeErrc::NoExtOrPort: return "no-ext-or-port";
    case BridgeErrc::Failed: return "failed";
  }
  FB_ASSERT(false);
}

// One read of 64 bytes of a local file: not worth a thread.
std::optional<crypto::SecretKey> read_auth_cookie(const std::string& path) {
  const io::Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat facts {};
  if (file.get() < 0 || ::fstat(file.get(), &facts) != 0 || !S_ISREG(facts.st_mode)) return std::nullopt;
  // tor writes it for its user, and for its group when ExtORPortCookieAuthFileGroupReadable says so; never for the
  // world.
  constexpr auto kOthers = S_IWGRP | S_IRWXO;
  if ((facts.st_mode & kOthers) != 0) return std::nullopt;
  std::array<std::byte, core::kAuthCookieFileBytes + 1> contents{};  // one more: a longer file is none
  ssize_t count = 0;
  do count = ::read(file.get(), contents.data(), contents.size());
  while (count < 0 && errno == EINTR);
  if (count < 0) return std::nullopt;
  auto cookie = core::parse_auth_cookie(ByteView(contents).first(static_cast<std::size_t>(count)));
  crypto::wipe(contents);
  return cookie;
}

asio::awaitable<Result<BridgeConnection, BridgeErrc>> connect_bridge(const Bridge& bridge, Rng& rng,
                                                                     std::optional<Private<Endpoint>> user) {
  auto reached = co_await io::with_deadline(kBridgeLimit, reach(bridge, rng, std::move(user)));
  if (!reached) co_return BridgeErrc::TimedOut;
  co_return std::move(*reached);
}

}  // namespace footbridge::egress
