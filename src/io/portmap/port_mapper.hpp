// PortMapper: keeps a few UDP ports of this machine reachable through its home router while the program runs. Links
// take one each (core::PortLeases decides, the ways of io/portmap ask).
//
//   PortMapper mapper(executor, config, std::move(ways), [] { … });   // says nothing yet
//   mapper.start();  …  if (auto port = mapper.take()) …  mapper.give_back(port->local_port);
//   co_await mapper.close();                                          // takes every mapping back
//
// A mapping that does not lead here from the public internet is taken back and not used. close() ends within
// kReleaseLimit; what a router did not hear ends with its lease, as after a kill.
// Ownership: close() it before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "core/portmap/port_leases.hpp"
#include "io/portmap/way.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"

namespace footbridge::io {

// Sixteen datagrams and their answers, with some lost; a person who stops a program does not wait longer.
inline constexpr Seconds kReleaseLimit{3};

class PortMapper {
 public:
  struct Ways {
    std::unique_ptr<PortMapWay> gateway;
    std::unique_ptr<PortMapWay> upnp;
  };
  struct Config {
    std::size_t ports = 0;
    bool allow_private = false;  // demo and tests: an address of the router's that is not public will do
  };

  PortMapper(asio::any_io_executor executor, Config config, Ways ways, Rng& rng, std::function<void()> on_change);
  PortMapper(const PortMapper&) = delete;
  PortMapper& operator=(const PortMapper&) = delete;

  void start();
  void set_ports(std::size_t count);
  void on_network_change(TimePoint now);
  asio::awaitable<void> close();

  std::optional<core::MappedPort> take();
  void give_back(std::uint16_t local_port);
  std::size_t held() const;
  std::optional<core::MapMethod> method() const { return leases_.method(); }
  // As it was said last; it may be over.
  std::optional<core::MapFailure> failure() const { return told_failure_; }

 private:
  asio::awaitable<void> keep();
  asio::awaitable<void> release_all();
  asio::awaitable<void> carry_out(core::PortLeases::Question question);
  asio::awaitable<PortMapWay::Answer> ask(core::PortLeases::Question question);
  void tell(std::optional<core::MapFailure> failure);

  Config config_;
  Ways ways_;
  std::function<void()> on_change_;
  core::PortLeases leases_;
  Wakeup changed_;
  TaskScope scope_;
  std::optional<std::size_t> told_;  // how many were held when it was said last
  std::optional<core::MapFailure> told_failure_;
};

}  // namespace footbridge::io
