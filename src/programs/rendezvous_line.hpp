// RendezvousLine: carries rendezvous bodies to the broker by HTTP POST and brings the answers back. What is said, when
// and how often again is core's decision (ClientRendezvous, ProxyRendezvous); this only moves bytes.
//
// Ownership: the dialer outlives the line; close() it before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "io/asio.hpp"
#include "io/dialer.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "transport/http/client.hpp"

namespace footbridge {

// A rendezvous keeps one request parked and one more for what cannot wait.
inline constexpr std::size_t kMaxRendezvousConnections = 2;

struct BrokerWays {
  std::vector<http::Route> ways;   // at least one
  io::TlsClient* trust = nullptr;  // for https; outlives the line
};

class RendezvousLine {
 public:
  using Answer = Result<Bytes, http::HttpErrc>;
  using OnAnswer = std::function<void(std::uint64_t id, Answer answer)>;

  RendezvousLine(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, OnAnswer on_answer);

  // `limit` bounds the whole exchange; on_answer follows in a later turn unless abandon() comes first.
  void post(std::uint64_t id, Bytes body, Duration limit);
  // Closes that request's connection, or does not open it: the broker learns that nobody waits any more.
  void abandon(std::uint64_t id);
  // Abandons everything, and whatever is posted from now on; returns when it is quiet.
  asio::awaitable<void> close();

 private:
  asio::awaitable<void> carry(std::uint64_t id, Bytes body, Duration limit);

  asio::any_io_executor executor_;
  http::Client client_;
  std::vector<http::Route> ways_;
  OnAnswer on_answer_;
  std::map<std::uint64_t, std::unique_ptr<io::Wakeup>> abandoned_;  // of the requests under way, from post() on
  bool closing_ = false;
  io::TaskScope scope_;
};

}  // namespace footbridge
