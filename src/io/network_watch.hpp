// NetworkWatch: tells when this machine is somewhere else: other addresses of its own, or another one that it would
// send from. Renewed leases and routes that lead the same way as before are no change; several notices of one change
// are one. Where the operating system tells nothing (a container without netlink), it never calls back.
//
// The callback comes from the loop, at most once per kNetworkSettle. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <memory>

#include "base/time.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

// An address comes with its routes, and the old one goes, in as many notices: this long after the first all are there.
inline constexpr Millis kNetworkSettle{250};

class NetworkWatch {
 public:
  NetworkWatch(asio::any_io_executor executor, std::function<void(TimePoint now)> changed);
  ~NetworkWatch();
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

  bool watching() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // two owners: this object and the wait that is pending in the loop
};

}  // namespace footbridge::io
