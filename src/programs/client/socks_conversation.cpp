#include "programs/client/socks_conversation.hpp"

#include <memory>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "io/stream_relay.hpp"
#include "io/unless.hpp"
#include "io/with_deadline.hpp"
#include "programs/client/destination.hpp"
#include "programs/client/socks_handshake.hpp"
#include "programs/client/udp_conversation.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {
namespace {

asio::awaitable<void> connect(LocalConnection& application, wire::SocksServer& socks, const LocalServices& services) {
  const auto destination = destination_of(*socks.request());
  if (names_listener(destination, services.listener)) {
    static_cast<void>(co_await reply(application, socks, wire::SocksReply::NotAllowed));
    co_return;
  }
  auto opened = co_await io::unless(application.until_hung_up(),
                                    services.tunnel.open(destination, io::now() + services.open_limit));
  if (!opened) co_return application.abort();
  if (!opened->ok()) {
    static_cast<void>(co_await reply(application, socks, socks_reply(opened->error())));
    co_return;
  }
  const auto stream = std::move(*opened).value();
  if (co_await reply(application, socks, wire::SocksReply::Granted)) co_await be_a_pipe(application, *stream);
}

}  // namespace

asio::awaitable<void> serve_socks(LocalConnection& application, const LocalServices& services) {
  wire::SocksServer socks;
  const auto ready = co_await io::with_deadline(kRequestHeadLimit, shake_hands(application, socks));
  if (ready == true) {
    const bool udp = socks.request()->command == wire::SocksCommand::UdpAssociate;
    if (udp)
      co_await serve_udp(application, socks, services);
    else
      co_await connect(application, socks, services);
  }
  co_await application.close_gently();
}

asio::awaitable<void> be_a_pipe(LocalConnection& application, io::SessionStream& stream) {
  const auto ahead = application.take_buffered();
  if (!ahead.empty() && !co_await stream.write(ahead)) co_return application.abort();
  co_await io::relay(application.socket(), stream);
}

}  // namespace footbridge::client
