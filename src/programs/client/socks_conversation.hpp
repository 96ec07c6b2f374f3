// One application that speaks SOCKS5, SOCKS4 or SOCKS4a: handshake, one stream, bytes both ways until both have ended;
// or a UDP association (udp_conversation.hpp).
// Credentials are accepted and forgotten, so that programs which separate their streams by them work. Names are never
// resolved here. Threads: the executor's one thread.
#pragma once

#include "programs/client/conversation.hpp"

namespace footbridge::client {

// References outlive the call. The connection is closed when it returns.
asio::awaitable<void> serve_socks(LocalConnection& application, const LocalServices& services);

// Bytes both ways between an application and its stream; what the application sent ahead goes first.
asio::awaitable<void> be_a_pipe(LocalConnection& application, io::SessionStream& stream);

}  // namespace footbridge::client
