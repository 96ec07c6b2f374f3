// The admin listener: /metrics, /livez, /readyz, /status and /debug/scopes for whoever runs the program, on a Unix
// socket (mode 0600) or a loopback port, never on a public one. One request per connection, so a scraper never holds up
// a drain.
//
// Accept chooses between the forms of an answer: OpenMetrics or Prometheus text for /metrics (OpenMetrics where it is
// named), text for people or JSON for /status (text where text/plain is named).
//
// Bounds: kMaxAdminConnections at once, head ≤ 4 KiB, kAdminRequestLimit for a whole request, no bodies.
// A web page cannot use it (threat T22): Host must name loopback, requests with Origin, Referer or Sec-Fetch-Site are
// refused, and commands work over the Unix socket only. Threads: the executor's one thread; answers are called there.
#pragma once

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/task_scope.hpp"
#include "observe/metrics.hpp"
#include "ops/values.hpp"

namespace footbridge::ops {

inline constexpr std::size_t kMaxAdminConnections = 8;  // a scraper, a person, a health check, and spares
inline constexpr std::size_t kMaxAdminHeadBytes = 4096;
inline constexpr Seconds kAdminRequestLimit{5};  // everything is on this machine

struct AdminReply {
  unsigned status = 200;
  std::string text;  // one line for a person; without newline
};
// Gets what stands after '?', e.g. "count=3".
using AdminCommand = std::function<AdminReply(std::string_view query)>;

enum class StatusForm : std::uint8_t { Json, Text };

struct AdminAnswers {
  std::function<std::string(observe::Exposition)> metrics;
  std::function<std::optional<std::string>()> not_ready;      // nullopt: ready; else why not, for people
  std::map<std::string, AdminCommand, std::less<>> commands;  // by path ("/slots"), with POST
  std::function<std::string(StatusForm)> status;              // what the program does, ends with a newline
  std::function<std::string()> scopes;                        // a line for each kind of task
};

class Admin {
 public:
  // Listens at once. Throws RunError that names --admin and what to do; a socket file that nobody listens on is
  // replaced.
  Admin(asio::any_io_executor executor, const AdminAddress& address, AdminAnswers answers);
  ~Admin();  // run() has returned; removes the socket file
  Admin(const Admin&) = delete;
  Admin& operator=(const Admin&) = delete;

  // Serves until cancelled.
  asio::awaitable<void> run();
  std::uint16_t port() const;  // 0 on a Unix socket

 private:
  using Protocol = asio::generic::stream_protocol;
  struct Request;
  struct Response;
  asio::awaitable<void> serve(Protocol::socket socket);
  Response answer(const Request& request) const;
  using Page = Response (*)(const Admin& self, const Request& request);
  static const std::map<std::string_view, Page>& pages();

  std::string unix_path_;
  AdminAnswers answers_;
  asio::basic_socket_acceptor<Protocol> acceptor_;
  io::TaskScope scope_;
};

}  // namespace footbridge::ops
