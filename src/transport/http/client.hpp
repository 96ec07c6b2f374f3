// HTTP/1.1 client for rendezvous: POST, bounded, plain or in TLS, connections kept alive and reused. Never follows
// redirects, keeps no cookies, sends no User-Agent. A request is sent once: whoever repeats it decides that it may be
// repeated.
//
// Bounds: ≤ max_connections in all (further calls wait within their deadline), response head ≤ 8 KiB, body ≤ 64 KiB
// unless said otherwise. An idle connection is closed when the server closes it or speaks unasked, and after
// kReuseLimit. Ownership: the dialer and the trust outlive the client; the client outlives its calls. Threads: one.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "io/dialer.hpp"
#include "io/tls_client.hpp"
#include "transport/http/message.hpp"
#include "transport/http/route.hpp"

namespace footbridge::http {

inline constexpr Seconds kReuseLimit{60};  // shorter than the server's idle limit: reuse does not race its close

enum class HttpErrc : std::uint8_t {
  BadScheme = 1,      // not http:// or https://, or a front for http://
  Untrusting,         // https://, and nobody said whom to trust
  Policy,             // the address is refused; nothing was sent
  Unresolved,         // no such host, or name servers failed
  Refused,            // TCP said no: nobody listens there
  Unreachable,        // no connection, or none with TLS, came about in time: nothing was sent
  TimedOut,           // the deadline passed
  Upstream,           // the proxy that we are behind is not there or refuses us
  Closed,             // the server broke off before its answer was complete; it may have acted on the request
  Malformed,          // what came back is not HTTP/1.1
  TooLarge,           // the request's or the response's body or head is over the bound
  BadStatus,          // a complete answer, not 2xx
  NotTheirs,          // of who seals: a complete answer, and nobody but another than our broker can have said it
  NoKey,              // of who seals: no key is known to seal it with; nothing was sent
  CertExpired,        // this and the next: io::TlsErrc says more; the request was not sent
  CertNotYetValid,    //
  CertWrongName,      //
  CertUnknownIssuer,  //
  CertUnacceptable,   //
  CertWrongKey,       //
  NoTls,              // what answers speaks no TLS that we know
};
std::string_view name(HttpErrc error);

class Client {
 public:
  struct Options {
    std::size_t max_connections = 2;  // a volunteer's poll and one more
    io::TlsClient* trust = nullptr;   // for https://
    Duration reuse_limit = kReuseLimit;
    std::size_t max_body_bytes = kMaxBodyBytes;  // of requests and responses
    // Hears the Date of each complete answer, whatever it says, of servers that have proven their name in TLS; of
    // others anybody in between could have written it.
    std::function<void(UnixSeconds date)> on_proven_date{};
    // Hears how long the Retry-After of a 429 or 503 wants us away, before that call ends with BadStatus; whoever obeys
    // bounds it. In seconds alone: a date is not read, and what is no number of 32 bits says nothing.
    std::function<void(Seconds wait)> on_retry_after{};
  };
  Client(asio::any_io_executor executor, io::Dialer& dialer, Options options);
  ~Client();

  asio::awaitable<Result<Response, HttpErrc>> post(Route route, Bytes body, std::string content_type, Duration limit);
  asio::awaitable<Result<Response, HttpErrc>> get(Route route, Duration limit);

  std::size_t open_connections() const { return open_; }

 private:
  struct Connection;
  class Lease;
  struct Call;
  asio::awaitable<Result<Response, HttpErrc>> run(Call call, Duration limit);
  asio::awaitable<Result<Response, HttpErrc>> exchange(Call call);
  // Two owners wherever it appears: the client or one of its calls, and the wait for what an idle server does.
  using Held = std::shared_ptr<Connection>;
  asio::awaitable<Held> obtain(Place place);
  Held hold(io::ByteSocket socket, Place place) const;
  asio::awaitable<Result<Held, HttpErrc>> open(Place place);
  static Bytes encode(const Call& call);
  Held take_idle(const Place& place);
  void give_back(Held connection);
  static void watch_idle(const Held& connection);
  void on_idle_heard(const Held& connection);
  void forget(std::list<Held>::iterator at);
  void forget_idle();
  void forget_stale();

  io::Dialer& dialer_;
  Options options_;
  std::size_t open_ = 0;  // in use and idle
  std::list<Held> idle_;  // the one that was used last is last
  io::DeadlineTimer stale_timer_;
  asio::steady_timer freed_;  // never expires: cancelled when a connection becomes free
};

}  // namespace footbridge::http
