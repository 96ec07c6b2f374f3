// UpnpWay: asks a router by UPnP (Internet Gateway Device), with miniupnpc. That library blocks, so each question runs
// on a thread of its own, one at a time; what is learned of the router is kept until forget().
//
// Trust: everybody on a home's network can answer the multicast question and name any address. So only a description
// and a control URL at the default route's next hop itself are used: no device can make us fetch from, or write to,
// another host. Names and descriptions of the router are read and never kept or logged.
//
// Bounds: a question is given up after kUpnpLimit; its thread may stay in the library for as long as the router drips
// bytes, meanwhile further questions are answered Silent at once, and a mapping that it makes too late ends with its
// lease. Mappings without a lease are not made. Destroying the object waits kLeaveLimit for the thread at most.
// Threads: the executor's one thread.
#pragma once

#include <functional>
#include <memory>

#include "io/portmap/home_router.hpp"
#include "io/portmap/way.hpp"

namespace footbridge::io {

inline constexpr Seconds kUpnpLimit{8};        // two seconds for the multicast answers, four exchanges over HTTP
inline constexpr Millis kUpnpLeaveLimit{100};  // an idle library has left by then

class UpnpWay final : public PortMapWay {
 public:
  UpnpWay(asio::any_io_executor executor, std::function<std::optional<HomeRouter>()> find);
  ~UpnpWay() override;

  asio::awaitable<Answer> ask(core::PortLeases::Question question) override;
  void forget() override;

 private:
  struct State;
  asio::any_io_executor executor_;
  std::function<std::optional<HomeRouter>()> find_;
  std::shared_ptr<State> state_;  // owners: this object and the thread of a question, which may be stuck
};

}  // namespace footbridge::io
