// The server's half of a SOCKS handshake on a connection: wire::SocksServer, fed and answered. Whoever calls brings the
// deadline. Threads: the executor's one thread.
#pragma once

#include "programs/client/local_connection.hpp"
#include "wire/socks5.hpp"

namespace footbridge::client {

// True: the request is whole. False: the connection is of no more use; what there was to say has been said.
asio::awaitable<bool> shake_hands(LocalConnection& application, wire::SocksServer& socks);

// Ends the handshake. False: the application is gone.
asio::awaitable<bool> reply(LocalConnection& application, wire::SocksServer& socks, wire::SocksReply code);

}  // namespace footbridge::client
