// HTTP/1.1 server, plain or in TLS, for broker, egress and local pages. It tells nothing about itself: no Server
// header, and the one decoy for everything a handler does not want.
//
// Bounds (threat T13): TLS handshake 10 s, head ≤ 8 KiB in 10 s, body ≤ 64 KiB
// in 10 s, idle 90 s, a handler ≤ 120 s,
// responses written in 10 s (each part of a feed: feed.hpp), those to strangers after a hold (decoy_hold.hpp) if the
// face says so; connections capped
// by the listener. Content-Encoding is answered 415 (T17). Pipelining is not served: what comes before the answer
// closes the connection after it. Ownership: the handler outlives the server; the server outlives its connections.
// Threads: one.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <set>

#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/http_upgrade.hpp"
#include "io/listener.hpp"
#include "io/tls_server.hpp"
#include "transport/http/decoy_hold.hpp"
#include "transport/http/message.hpp"
#include "transport/http/site.hpp"

namespace footbridge::http {

inline constexpr Seconds kHeadLimit{10};  // a phone on a bad network needs 3; slowloris gets no more
inline constexpr Seconds kBodyLimit{10};
inline constexpr Seconds kWriteLimit{10};
inline constexpr Seconds kIdleLimit{90};      // longer than a volunteer's longest pause between polls
inline constexpr Seconds kHandlerLimit{120};  // long polls end themselves earlier

class Connection;

class Handler {
 public:
  virtual ~Handler() = default;
  // Runs as a child of the connection. Cancelled (operation_aborted at the next wait) when the peer goes away, when
  // kHandlerLimit has passed or when the server is cancelled: put what must be undone into destructors.
  virtual asio::awaitable<Response> handle(Request request) = 0;
  // A request with an Upgrade header. True: the handler moved from `upgrade` and owns the connection now.
  // False: it left `upgrade` alone, and the request goes to handle() as if it had no such header.
  virtual bool take_upgrade(io::HttpUpgrade& upgrade) { return static_cast<void>(upgrade), false; }
};

class Server {
 public:
  // What it shows to the internet.
  struct Face {
    io::TlsServer* tls = nullptr;                // null: plain HTTP
    const Site* site = nullptr;                  // null: decoy() for everybody, and no word about who serves
    std::size_t max_body_bytes = kMaxBodyBytes;  // of a request; a longer one is 413
    Rng* hold_rng = nullptr;                     // null: strangers are answered at once
  };
  // Throws io::ListenError. `handler` and what `face` names must outlive the server.
  Server(asio::any_io_executor executor, io::ListenOptions options, Handler& handler, Face face);
  Server(asio::any_io_executor executor, io::ListenOptions options, Handler& handler)
      : Server(std::move(executor), std::move(options), handler, Face()) {}

  Endpoint local() const { return listener_.local(); }
  std::size_t connections() const { return listener_.connections(); }
  // More that are open already stay.
  void set_max_connections(std::size_t most) { listener_.set_max_connections(most); }

  // Serves until cancelled or drained.
  asio::awaitable<void> run();
  // Closes the door and the connections that wait for a request; those that are being answered finish, with
  // "Connection: close". Then run() returns. Handlers with parked requests should answer them now.
  void drain();

  // Tests only: other limits than the constants above.
  struct Timing {
    Duration head = kHeadLimit;
    Duration body = kBodyLimit;
    Duration idle = kIdleLimit;
    Duration handler = kHandlerLimit;
    Duration write = kWriteLimit;
    DecoyHold hold{};
  };
  void set_timing_for_test(Timing timing) { timing_ = timing; }

 private:
  friend class Connection;
  io::Listener listener_;
  Handler& handler_;
  Face face_;
  Timing timing_;
  bool draining_ = false;
  std::set<Connection*> waiting_;  // for a request; each takes itself out
};

}  // namespace footbridge::http
