// SessionTunnel: the Tunnel over the session that the PathKeeper keeps.
//
//   wait for a session ──▶ open a stream with its OPEN header ──▶ wait for OPENED ──▶ the stream is the application's
//          ▲                                                          │ session lost meanwhile
//          └──────────────────────────────────────────────────────────┘ (nothing of the application's was sent yet)
//
// Ownership: keeper, changes and troubles outlive it. Threads: the executor's one thread.
#pragma once

#include <string>

#include "programs/client/changes.hpp"
#include "programs/client/path_keeper.hpp"
#include "programs/client/trouble.hpp"
#include "programs/client/tunnel.hpp"

namespace footbridge::client {

class SessionTunnel final : public Tunnel {
 public:
  // `changes` is notified when keeper.session() may answer something else.
  SessionTunnel(PathKeeper& keeper, Changes& changes, const TroubleTeller& troubles)
      : keeper_(keeper), changes_(changes), troubles_(troubles) {}

  asio::awaitable<OpenedStream> open(wire::Destination destination, TimePoint deadline) override;
  asio::awaitable<OpenedStream> open_bridge(TimePoint deadline) override;
  asio::awaitable<OpenedAssociation> associate(AssociationEvents& events, TimePoint deadline) override;
  std::string explain(OpenFailure failure) const override;
  // Whoever waits for a way out is told that there will be none.
  void stop();

 private:
  asio::awaitable<OpenedStream> open_with(Bytes header, TimePoint deadline);

  PathKeeper& keeper_;
  Changes& changes_;
  const TroubleTeller& troubles_;
  bool stopping_ = false;
};

// The answer to an OPEN, and not a byte more. nullopt: the stream ended without one.
asio::awaitable<std::optional<wire::OpenStatus>> read_opened(io::SessionStream& stream);

}  // namespace footbridge::client
