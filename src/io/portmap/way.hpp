// PortMapWay: one way to ask a home router to forward a UDP port. Each question ends within its implementation's limit,
// whatever the router does. One question at a time. Threads: the executor's one thread.
#pragma once

#include "base/private.hpp"
#include "base/result.hpp"
#include "core/portmap/port_leases.hpp"
#include "io/asio.hpp"

namespace footbridge::io {

class PortMapWay {
 public:
  struct Grant {
    Private<Endpoint> external;
    Seconds lifetime{};
  };
  using Answer = Result<Grant, core::MapFailure>;

  virtual ~PortMapWay() = default;
  // With a lifetime of 0 the mapping ends; the grant then says nothing.
  virtual asio::awaitable<Answer> ask(core::PortLeases::Question question) = 0;
  // Forget what was learned: the router may be another one.
  virtual void forget() = 0;
};

}  // namespace footbridge::io
