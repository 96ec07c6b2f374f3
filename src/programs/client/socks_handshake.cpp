#include "programs/client/socks_handshake.hpp"

namespace footbridge::client {

asio::awaitable<bool> shake_hands(LocalConnection& application, wire::SocksServer& socks) {
  for (;;) {
    if (!application.buffered().empty()) {
      const auto used = socks.on_bytes(application.buffered());
      const auto answer = socks.take_output();
      if (used) application.consume(*used);
      if (!answer.empty() && !co_await application.write(answer)) co_return false;
      if (!used) co_return false;
      if (socks.state() == wire::SocksServer::State::AwaitingReply) co_return true;
    }
    if (co_await application.fill() != Arrived::Bytes) co_return false;
  }
}

asio::awaitable<bool> reply(LocalConnection& application, wire::SocksServer& socks, wire::SocksReply code) {
  socks.reply(code);
  const auto answer = socks.take_output();
  co_return co_await application.write(answer);
}

}  // namespace footbridge::client
