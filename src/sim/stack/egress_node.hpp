// EgressNode: the egress of the stack tier: a registry of sessions, each with an application that answers requests, and
// the far ends of all paths. crash() forgets everything, as a restart does.
//
// Bounds: kEgressMemoryBytes for all sessions together. Ownership: the network outlives it. Thread: one.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "sim/stack/path_at_end.hpp"
#include "sim/stack/session_at_end.hpp"

namespace footbridge::sim {

// Far below an egress's gigabyte, so that what leaks shows.
inline constexpr std::size_t kEgressMemoryBytes = 256U << 20;

class EgressNode final : public core::SessionRegistry, private PathOwner {
 public:
  explicit EgressNode(Network& network, std::uint64_t number = 0);
  ~EgressNode() override;

  // A leg has come, with the token of this match.
  void accept(Pipe::Side& pipe, MatchId match);
  // The program is gone, and another one begins without any state; its paths' other ends hear nothing by this.
  void crash();

  std::size_t session_count() const { return sessions_.size(); }
  std::size_t path_count() const { return paths_.size(); }
  // Of all sessions, also those that are over.
  std::uint64_t wrong_bytes() const;
  std::uint64_t bytes_read() const;
  std::size_t memory_used() const { return memory_.used_bytes(); }
  void for_each_session(const std::function<void(SessionAtEnd&)>& visit);
  void for_each_path(const std::function<void(PathAtEnd&)>& visit);

  std::function<void(SessionAtEnd&)> when_session;
  std::function<void(core::EndReason)> when_session_ended;
  quic::PathOptions options;
  PathAtEnd::Meddler meddler;

  // core::SessionRegistry
  Answer create(TimePoint now, const wire::Hello& hello) override;
  Answer join(TimePoint now, const wire::Join& join) override;

 private:
  struct Entry {
    wire::SessionToken token{};
    std::unique_ptr<SessionAtEnd> session;
  };
  // PathOwner
  SessionAtEnd* on_path_ready(PathAtEnd& path) override;
  void on_path_over(PathAtEnd& path) override;
  void remember(const SessionAtEnd& session);
  void sweep();
  void sweep_later() { sweeping_.arm_now(); }

  Network& network_;
  const Actor name_;
  Dice dice_;
  core::BoundedMemory memory_{kEgressMemoryBytes};
  std::map<SessionId, Entry> sessions_;
  std::vector<std::unique_ptr<PathAtEnd>> paths_;
  std::uint64_t old_wrong_bytes_ = 0;
  std::uint64_t old_bytes_read_ = 0;
  Timer sweeping_;
};

}  // namespace footbridge::sim
