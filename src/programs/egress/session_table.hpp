// SessionTable: the sessions of one egress, found by id and token. It decides who may begin or join one.
//
// Bounds: max_sessions of them; the memory of all together in one MemoryBudget. A session ends by itself when it had no
// path for its ttl. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <unordered_map>

#include "core/session/memory_budget.hpp"
#include "core/session/path_handshake.hpp"
#include "io/task_scope.hpp"
#include "programs/egress/egress_session.hpp"

namespace footbridge::egress {

// Architecture's bound for all sessions of one egress; a full one refuses bytes, it does not swap.
inline constexpr std::size_t kMaxSessionMemoryBytes = std::size_t{1} << 30;
// What a refused client waits before it asks this egress again: about the time in which some session ends.
inline constexpr Seconds kBusyRetry{10};

class SessionTable final : public core::SessionRegistry {
 public:
  SessionTable(asio::any_io_executor executor, Rng& rng, io::EgressConnector& connector, EgressMetrics& metrics,
               std::size_t max_sessions);

  // core::SessionRegistry
  Answer create(TimePoint now, const wire::Hello& hello) override;
  Answer join(TimePoint now, const wire::Join& join) override;

  EgressSession* find(const SessionId& id);
  std::size_t size() const { return sessions_.size(); }
  std::size_t streams() const;  // of all sessions

  // No new sessions; clients are told to go elsewhere. Returns when the last session has ended: by itself, with its
  // last stream, or when `grace` is over.
  asio::awaitable<void> close(Duration grace);

 private:
  asio::awaitable<void> tend(SessionId id);

  asio::any_io_executor executor_;
  Rng& rng_;
  io::EgressConnector& connector_;
  EgressMetrics& metrics_;
  std::size_t max_sessions_;
  core::BoundedMemory memory_{kMaxSessionMemoryBytes};
  std::unordered_map<SessionId, std::unique_ptr<EgressSession>> sessions_;  // ids are ours and random
  bool draining_ = false;
  io::TaskScope scope_;
};

}  // namespace footbridge::egress
