// One application that speaks HTTP/1.1 to its proxy: requests one after the other, each judged (local_request.hpp) and
// served, until one of the two wants to end or a CONNECT turns the connection into a pipe.
//
//   ┌──▶ head ──▶ judge ──▶ Fetch ──answer complete──┐
//   │                 │ └──▶ Tunnel ──▶ pipe ──▶ end  │ keep-alive
//   │                 └────▶ Pac, Refused, Silent ──▶ end
//   └────────────────────────────────────────────────┘
//
// Threads: the executor's one thread.
#pragma once

#include "programs/client/conversation.hpp"

namespace footbridge::client {

// References outlive the call. The connection is closed when it returns.
asio::awaitable<void> serve_http(LocalConnection& application, const LocalServices& services, AwaitRequest more);

}  // namespace footbridge::client
