// PathHost: what a PathLife knows of the session it has a place in, and of the one who keeps that session on a loop.
// Ownership: outlives its paths, or tells them PathLife::on_host_gone(). Thread: that of its paths.
#pragma once

#include "base/bytes.hpp"
#include "base/time.hpp"
#include "core/session/session.hpp"

namespace footbridge::quic {

class PathLife;

class PathHost {
 public:
  virtual ~PathHost() = default;
  virtual core::Session& session() = 0;
  virtual core::PathId add_path(TimePoint now, PathLife& path) = 0;
  virtual void remove_path(TimePoint now, core::PathId id) = 0;
  // What came over the path. An error: the peer broke the session's protocol.
  virtual Status<core::SessionErrc> on_datagram(TimePoint now, core::PathId id, ByteView payload) {
    return session().on_datagram(now, id, payload);
  }
  // The session may have something to tell, or to send on any of its paths: settle it soon.
  virtual void touch() = 0;
  // The peer has forgotten the session.
  virtual void end_session() = 0;
};

}  // namespace footbridge::quic
