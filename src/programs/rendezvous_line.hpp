// RendezvousLine: carries rendezvous bodies to the broker by HTTP POST and brings the answers back. What is said, when
// and how often again is core's decision (ClientRendezvous, ProxyRendezvous); this only moves bytes, by the way that
// core::WayOrder says. A request that certainly did not reach a broker is sent by the next way at once.
//
// Ownership: the dialer outlives the line; close() it before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/way_order.hpp"
#include "io/asio.hpp"
#include "io/dialer.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "programs/way_memory.hpp"
#include "transport/http/client.hpp"

namespace footbridge {

// A rendezvous keeps one request parked and one more for what cannot wait.
inline constexpr std::size_t kMaxRendezvousConnections = 2;

struct BrokerWays {
  std::vector<http::Route> ways;   // 1 to core::kMaxWays
  io::TlsClient* trust = nullptr;  // for https; outlives the line, as what follows
  WayMemory* memory = nullptr;     // null: every start begins anew
};

class RendezvousLine {
 public:
  using Answer = Result<Bytes, http::HttpErrc>;
  using OnAnswer = std::function<void(std::uint64_t id, Answer answer)>;

  RendezvousLine(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, Rng& rng, OnAnswer on_answer);

  // `limit` bounds the whole exchange; on_answer follows in a later turn unless abandon() comes first.
  void post(std::uint64_t id, Bytes body, Duration limit);
  // Closes that request's connection, or does not open it: the broker learns that nobody waits any more.
  void abandon(std::uint64_t id);
  // The same, of a request that nobody answered in time: its way is left, as one that fails.
  void gave_up(std::uint64_t id);
  // Whom the last answer came from helped us: remembered for the next start.
  void helped();
  // It answered and could not help: the next request goes to another broker, if there is one.
  void try_another();
  // Abandons everything, and whatever is posted from now on; returns when it is quiet.
  asio::awaitable<void> close();

 private:
  struct Pending {
    explicit Pending(const asio::any_io_executor& executor) : abandoned(executor) {}
    io::Wakeup abandoned;
    std::optional<std::size_t> way;  // that it has taken last
  };
  struct Entry;
  asio::awaitable<void> carry(std::uint64_t id, Bytes body, Duration limit);
  asio::awaitable<Answer> exchange(Pending& pending, Bytes body, Duration limit);

  asio::any_io_executor executor_;
  http::Client client_;
  std::vector<http::Route> ways_;
  WayMemory* memory_;
  core::WayOrder order_;
  std::size_t answered_by_ = 0;  // a way; the last answer's
  OnAnswer on_answer_;
  std::map<std::uint64_t, Pending> pending_;  // the requests under way, from post() on
  bool closing_ = false;
  io::TaskScope scope_;
};

}  // namespace footbridge
