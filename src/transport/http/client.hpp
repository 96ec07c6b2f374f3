// HTTP/1.1 client for rendezvous: POST, bounded, connections kept alive and reused. Never follows redirects, keeps no
// cookies, sends no User-Agent. A request is sent once: whoever repeats it decides that it may be repeated.
//
// Bounds: ≤ max_connections in all (further calls wait within their deadline), response head ≤ 8 KiB, body ≤ 64 KiB.
// Ownership: the dialer outlives the client; the client outlives its calls. Threads: one.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/dialer.hpp"
#include "transport/http/message.hpp"
#include "wire/url.hpp"

namespace footbridge::http {

inline constexpr Seconds kReuseLimit{60};  // shorter than the server's idle limit: reuse does not race its close

enum class HttpErrc : std::uint8_t {
  BadScheme = 1,   // not http://
  TlsUnsupported,  // https:// needs TLS, which this build does not have
  Policy,          // the address is refused; nothing was sent
  Unresolved,      // no such host, or name servers failed
  Refused,         // TCP said no: nobody listens there
  Unreachable,
  TimedOut,   // the deadline passed
  Upstream,   // the proxy that we are behind is not there or refuses us
  Closed,     // the server broke off before its answer was complete; it may have acted on the request
  Malformed,  // what came back is not HTTP/1.1
  TooLarge,   // the request's or the response's body or head is over the bound
  BadStatus,  // a complete answer, not 2xx
};
std::string_view name(HttpErrc error);

class Client {
 public:
  struct Options {
    std::size_t max_connections = 2;  // a volunteer's poll and one more
  };
  Client(asio::any_io_executor executor, io::Dialer& dialer, Options options);
  ~Client();

  asio::awaitable<Result<Response, HttpErrc>> post(wire::Url url, Bytes body, std::string content_type, Duration limit);
  asio::awaitable<Result<Response, HttpErrc>> get(wire::Url url, Duration limit);

  std::size_t open_connections() const { return open_; }

 private:
  struct Connection;
  class Lease;
  struct Call;
  asio::awaitable<Result<Response, HttpErrc>> run(Call call, Duration limit);
  asio::awaitable<Result<Response, HttpErrc>> exchange(Call call);
  asio::awaitable<std::unique_ptr<Connection>> obtain(wire::Url url);
  static Bytes encode(const Call& call);
  std::unique_ptr<Connection> take_idle(const wire::Url& url);
  void give_back(std::unique_ptr<Connection> connection);
  void forget_idle();
  void forget_stale();

  io::Dialer& dialer_;
  Options options_;
  std::size_t open_ = 0;  // in use and idle
  std::list<std::unique_ptr<Connection>> idle_;
  asio::steady_timer freed_;  // never expires: cancelled when a connection becomes free
};

}  // namespace footbridge::http
