// A server that lies to us, as a broker's answer or as a relay's answer to our handshake: any bytes in any pieces. The
// call ends with a response within its bounds or with a reason. First byte: which call; then pieces. The same bytes are
// read as a Date, too.
#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "deeds.hpp"
#include "io/connector.hpp"
#include "transport/http/client.hpp"
#include "transport/http/date.hpp"
#include "transport/ws/handshake.hpp"

namespace {

using namespace footbridge;

constexpr Seconds kLimit{5};
constexpr std::size_t kMaxPieces = 8;

struct NoNames final : io::Resolver {
  asio::awaitable<Answer> resolve(Private<std::string>, Duration) override { co_return io::ResolveErrc::NoSuchName; }
};

// Reads something, then says what the input says, and hangs up.
asio::awaitable<void> lie(io::tcp::acceptor& acceptor, fuzz::Deeds deeds) {
  auto [error, socket] = co_await acceptor.async_accept(io::no_throw);
  if (error) co_return;
  Bytes request(1U << 16);
  co_await socket.async_read_some(asio::buffer(request), io::no_throw);
  for (auto pieces = 1 + deeds.below(kMaxPieces); pieces > 0; --pieces) {
    const auto piece = pieces == 1 ? deeds.rest() : deeds.run();
    auto [failed, count] = co_await asio::async_write(socket, asio::buffer(piece.data(), piece.size()), io::no_throw);
    if (failed) break;
  }
  io::error_code ignored;
  socket.set_option(asio::socket_base::linger(true, 0), ignored);  // leaves no port behind that waits for its end
  socket.shutdown(asio::socket_base::shutdown_send, ignored);
  co_await socket.async_read_some(asio::buffer(request), io::no_throw);
}

// Ports wait a minute after a connection; every run has an address of 127.0.0.0/8 for itself.
std::string next_host() {
  static std::uint32_t last = 0;
  return IpAddress::v4(0x7f010000 | (++last & 0xffff)).to_text();
}

asio::awaitable<void> call(io::Connector& connector, std::uint16_t port, bool upgrade) {
  static SeededRng rng(1);
  const auto rest = next_host() + ":" + std::to_string(port) + "/";
  if (upgrade) {
    static_cast<void>(co_await ws::dial(connector, wire::parse_url("ws://" + rest).value(), rng, kLimit));
    co_return;
  }
  http::Client client(co_await asio::this_coro::executor, connector, {.on_retry_after = [](Seconds) {}});
  const auto answer = co_await client.post(wire::parse_url("http://" + rest).value(), to_bytes("body"), "", kLimit);
  FB_ASSERT(answer.ok() || !http::name(answer.error()).empty());
  if (answer.ok()) FB_ASSERT(answer->body.size() <= http::kMaxBodyBytes && answer->status / 100 == 2);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto date = footbridge::http::parse_http_date(text))
    FB_ASSERT(footbridge::http::parse_http_date(footbridge::http::http_date(*date)) == date);
  asio::io_context context(1);
  static const auto policy = core::AddressPolicy::unrestricted();
  NoNames names;
  io::Connector connector(context.get_executor(), names, policy);
  io::tcp::acceptor acceptor(context, {asio::ip::address_v4::any(), 0});
  fuzz::Deeds deeds(as_bytes(data, size));
  const bool upgrade = deeds.one_in(2);
  bool done = false;
  asio::co_spawn(context, lie(acceptor, deeds), [](std::exception_ptr error) { FB_ASSERT(!error); });
  asio::co_spawn(context, call(connector, acceptor.local_endpoint().port(), upgrade), [&](std::exception_ptr error) {
    FB_ASSERT(!error);
    done = true;
  });
  context.run();
  FB_ASSERT(done);
  return 0;
}
