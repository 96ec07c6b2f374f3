// Listener: a bound TCP socket and its accept loop, with caps (connection_permit.hpp) and back-off when the process
// runs out of descriptors. Each accepted connection is a child coroutine of the listener's TaskScope.
//
// SO_REUSEPORT would let a second program of ours take a share of the first one's connections without a word, so who
// shares a port first calls require_free_port().
//
// Errors: the constructor throws ListenError, whose text names the option and the remedy (wiring code only).
// Threads: the executor's one thread.
#pragma once

#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/connection_permit.hpp"
#include "io/task_scope.hpp"

namespace footbridge::io {

// First wait after EMFILE and friends, doubled up to the second; short enough that honest clients' SYN retries succeed.
inline constexpr Millis kAcceptBackOff{50};
inline constexpr Millis kMaxAcceptBackOff{1000};

struct ListenError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct ListenOptions {
  Endpoint address;                 // port 0: the system chooses, see local()
  std::string option = "--listen";  // whom to name in an error
  ConnectionLimits limits{};
  bool share_port = false;           // SO_REUSEPORT: one listener per worker thread
  ConnectionTable* table = nullptr;  // of all listeners that share the port, and outlives them; null: an own one
};

// Throws ListenError, as a listener that does not share its port would. Nothing stays bound.
void require_free_port(asio::any_io_executor executor, ListenOptions options);

struct Accepted {
  tcp::socket socket;
  Private<Endpoint> peer;
  ConnectionPermit permit;
};

class Listener {
 public:
  using Serve = std::function<asio::awaitable<void>(Accepted)>;

  Listener(asio::any_io_executor executor, ListenOptions options);

  Endpoint local() const { return local_; }
  std::size_t connections() const { return table_->size(); }
  void set_max_connections(std::size_t most) { table_->set_max_connections(most); }

  // Accepts until cancelled or closed, serving each connection as a child; returns when the last child has ended.
  // Cancellation: total closes the door and lets the children hear total; terminal ends them.
  asio::awaitable<void> run(Serve serve);

  // Drain: closes the door; connections that are open go on. run() returns when they have ended.
  void close();
  // Cancels the connections that are being served.
  void cancel_connections(asio::cancellation_type level = asio::cancellation_type::terminal) { scope_.cancel(level); }

 private:
  asio::awaitable<void> accept_loop(Serve serve);

  tcp::acceptor acceptor_;
  Endpoint local_;
  std::optional<ConnectionTable> own_table_;
  ConnectionTable* table_;
  TaskScope scope_;
};

}  // namespace footbridge::io
