// SessionTable: the sessions of one worker of an egress, found by id and token. It decides who may begin or join one.
//
// Bounds: those of the egress's ServerBudget, which the tables of all workers share. A session ends by itself when it
// had no path for its ttl. Threads: the executor's one thread.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <unordered_map>

#include "core/session/path_handshake.hpp"
#include "io/task_scope.hpp"
#include "programs/egress/egress_session.hpp"
#include "programs/egress/server_budget.hpp"

namespace footbridge::egress {

// What a refused client waits before it asks this egress again: about the time in which some session ends.
inline constexpr Seconds kBusyRetry{10};
// "Come back in": what a draining egress adds to the rest of its grace. A restart takes a second; the spread keeps all
// who were here from coming back in the same one.
inline constexpr Seconds kMinRestart{2};
inline constexpr Seconds kMaxRestart{8};

class SessionTable final : public core::SessionRegistry {
 public:
  SessionTable(asio::any_io_executor executor, StreamServices& stream_services, FlowServices& flow_services,
               ServerBudget& budget);

  // core::SessionRegistry
  Answer create(TimePoint now, const wire::Hello& hello) override;
  Answer join(TimePoint now, const wire::Join& join) override;

  EgressSession* find(const SessionId& id);  // null: there is none, or it has ended
  // What a path hears whose session has ended before the path was ready.
  wire::Bye goodbye(TimePoint now);
  std::size_t size() const { return sessions_.size(); }

  // No new sessions; clients are told to go elsewhere. Returns when the last session has ended: by itself, with its
  // last stream, or when `grace` is over.
  asio::awaitable<void> close(Duration grace);

 private:
  asio::awaitable<void> tend(SessionId id);
  Seconds come_back_in(TimePoint now);

  asio::any_io_executor executor_;
  StreamServices& stream_services_;
  FlowServices& flow_services_;
  ServerBudget& budget_;
  WorkerMemory memory_;
  std::unordered_map<SessionId, std::unique_ptr<EgressSession>> sessions_;  // ids are ours and random
  std::optional<TimePoint> gone_at_;                                        // set while draining: the end of the grace
  io::TaskScope scope_;
};

}  // namespace footbridge::egress
