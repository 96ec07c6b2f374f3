// NetworkTable: the networks of a client whose connections choose: one for each set of settings, made at first use,
// shared by all connections that want it, and left when none has for kNetworkIdle.
//
//   use() ──▶ In use ──last Lease gone──▶ Idle ──kNetworkIdle, or its place is needed──▶ Leaving ──▶ gone
//               ▲                          │
//               └──────── use() ───────────┘
//
// Bounds: kMaxNetworks, and twice as many with those that are leaving, which takes kGoodbyeLimit and what the broker's
// line needs. A network is made only while fewer than kMaxNetworks leave; all of them may fall idle meanwhile.
// Ownership: leases end before it does; leave() before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <utility>

#include "io/deadline_timer.hpp"
#include "io/task_scope.hpp"
#include "programs/client/client_network.hpp"
#include "programs/client/network_settings.hpp"

namespace footbridge::client {

// A torrc has two or three bridges that are used at once; each costs up to three volunteers' help, and 32 MiB when
// full.
inline constexpr std::size_t kMaxNetworks = 8;
// tor tries a bridge that failed again after one minute or two, and should find the volunteer still there; longer would
// keep him for nobody.
inline constexpr Seconds kNetworkIdle{180};

class NetworkTable {
 public:
  // Numbers count from 1 and are never used twice: they name a network without naming anybody.
  using MakeNetwork =
      std::function<std::unique_ptr<ClientNetwork>(std::size_t number, const NetworkSettings& settings)>;
  NetworkTable(asio::any_io_executor executor, MakeNetwork make_network, Duration idle = kNetworkIdle);
  ~NetworkTable();
  NetworkTable(const NetworkTable&) = delete;
  NetworkTable& operator=(const NetworkTable&) = delete;

  // From now on networks that are in use look for volunteers; connections may come before.
  void start(MakeLink make_link);

 private:
  struct Member;

 public:
  // Keeps the network for as long as it lives.
  class Lease {
   public:
    Lease(NetworkTable& table, Member& member);
    ~Lease();
    Lease(Lease&& other) noexcept : table_(other.table_), member_(std::exchange(other.member_, nullptr)) {}
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;
    Lease& operator=(Lease&&) = delete;
    Tunnel& tunnel() const;

   private:
    NetworkTable& table_;
    Member* member_;  // null: moved from
  };
  // nullopt: kMaxNetworks others are in use, or as many are leaving; nothing has changed then.
  std::optional<Lease> use(TimePoint now, const NetworkSettings& settings);

  void on_network_change(TimePoint now);
  void set_nat(wire::Nat nat);
  // Whoever waits for a way out is told that there will be none.
  void refuse();
  // Leaves all of them at once; at most for kGoodbyeLimit and a turn of each broker's line. No lease is left.
  asio::awaitable<void> leave();

  std::size_t size() const { return members_.size(); }
  std::size_t carrying() const;  // paths, of all networks
  std::size_t standby() const;
  std::size_t streams() const;

 private:
  Member* find_or_make(TimePoint now, const NetworkSettings& settings);
  void release(Member& member);
  void retire(Member& member);
  asio::awaitable<void> say_goodbye(std::unique_ptr<Member> member);

  asio::any_io_executor executor_;
  MakeNetwork make_network_;
  Duration idle_;
  MakeLink make_link_;  // empty before start()
  std::size_t made_ = 0;
  bool refusing_ = false;
  std::list<std::unique_ptr<Member>> members_;  // the one that was used last at the end
  io::TaskScope leaving_;
};

}  // namespace footbridge::client
