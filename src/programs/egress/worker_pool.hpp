// WorkerPool: the workers of an egress, each with a thread and a loop of its own, except the first, which lives on the
// program's own loop beside admin socket and signals. They share a port (SO_REUSEPORT): the kernel spreads connections
// over them, and the shard in a leg's token, modulo their number, says whose it is.
//
//   WorkerPool pool(loop.executor(), {.count = 4, .listen = …}, parts, loop.fail());  // throws io::ListenError
//   pool.start();  …  co_await pool.drain(grace);
//
// What crosses threads goes by asio::post: a leg's socket to its worker, "drain", "drained", "are you there", a failure
// to the first loop. Errors: an exception outside a coroutine ends the process, as it does on the program's own loop.
// Ownership: what Parts names outlives the pool. Threads: the first loop's, for every call.
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "io/connection_permit.hpp"
#include "io/wakeup.hpp"
#include "programs/egress/worker.hpp"

namespace footbridge::egress {

// More loops than cores gain nothing, and a machine with more cores than this has no network to match.
inline constexpr std::size_t kMaxWorkers = 64;

class WorkerPool {
 public:
  struct Options {
    std::size_t count = 1;  // 1 to kMaxWorkers
    io::ListenOptions listen;
    // Offers UDP legs: at this port of the same address, and at one more for each further worker. 0: any that are free.
    std::optional<std::uint16_t> udp_port = std::nullopt;
  };
  WorkerPool(asio::any_io_executor first, Options options, const Worker::Parts& parts,
             std::function<void(std::exception_ptr)> on_failure);
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  Endpoint local() const;
  // Where UDP legs knock; nullopt: none are offered.
  std::optional<std::uint16_t> udp_port() const;
  std::size_t size() const { return places_.size(); }
  std::size_t connections() const { return connections_.size(); }  // from any thread
  void set_max_connections(std::size_t most) { connections_.set_max_connections(most); }

  void start();
  // Returns when the loop of every worker has turned since the call; for a watchdog. From one coroutine at a time.
  // It costs each worker one turn.
  asio::awaitable<void> all_turned();
  // Drains all at once, and ends their threads. Returns when the last is done.
  asio::awaitable<void> drain(Duration grace);

 private:
  struct Place;
  void add_place(std::size_t index, const io::ListenOptions& listen, std::optional<std::uint16_t> udp_port);
  bool hand_over(std::size_t from, const core::LegGrant& grant, io::HttpUpgrade& upgrade);
  void on_drained();
  void on_turned();

  asio::any_io_executor first_;
  Worker::Parts parts_;
  std::function<void(std::exception_ptr)> on_failure_;
  io::ConnectionTable connections_;
  UdpPorts udp_ports_;
  std::vector<std::unique_ptr<Place>> places_;
  std::size_t draining_ = 0;  // places whose drain() has not returned
  io::Wakeup drained_;
  std::size_t unheard_ = 0;  // places that were asked whether they turn, and have not answered
  io::Wakeup heard_;
};

}  // namespace footbridge::egress
