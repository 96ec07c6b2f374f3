// EgressSession: one client's session at the egress, with the streams that leave through it.
// Ownership: the SessionTable owns it and runs run() as its own child; what it is given outlives it.
// Threads: the executor's one thread.
#pragma once

#include <memory>
#include <optional>
#include <utility>

#include "base/address.hpp"
#include "base/private.hpp"
#include "core/egress/stream_limits.hpp"
#include "io/session_host.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "programs/egress/migrations.hpp"
#include "wire/session_control.hpp"

namespace footbridge::egress {

class FlowExit;
struct FlowServices;
struct StreamServices;

class EgressSession final : private io::SessionHostEvents {
 public:
  EgressSession(asio::any_io_executor executor, const core::SessionConfig& config, Private<wire::SessionToken> token,
                core::MemoryBudget& memory, StreamServices& stream_services, FlowServices& flow_services);

  io::SessionHost& host() { return host_; }
  const Private<wire::SessionToken>& token() const { return token_; }
  // A path comes through this leg; said before it carries. The session's first one is where it comes from, as far as we
  // know: a proxy, since nobody vouches for its client yet. That need not be the path of the HELLO: one that joined may
  // be heard first.
  void came_through(const Private<Endpoint>& leg) {
    if (!came_from_) came_from_ = leg;
  }
  ~EgressSession() override;
  // The client is told to open no new streams here; the session ends with its last one, and says then when this egress
  // may be back.
  void leave(TimePoint now, Seconds within, Seconds come_back_in);
  core::EndReason end_reason() const { return end_reason_; }

  // Returns when the session has ended and its last stream is gone. Cancelling it ends the session.
  asio::awaitable<void> run();

 private:
  asio::awaitable<void> carry(std::unique_ptr<io::SessionStream> stream);
  void on_stream_opened(core::StreamId stream) override;
  void on_flow_message(TimePoint now, core::FlowId flow, ByteView message) override;
  void on_go_away(Duration) override {}  // only an egress says so
  void on_session_ended(core::EndReason reason) override;
  void on_settled() override;
  void count_streams(std::size_t live);
  void count(std::optional<Migration> migration);
  void say_goodbye() { host_.end(wire::ByeCode::Draining, come_back_in_); }

  asio::any_io_executor executor_;
  Private<wire::SessionToken> token_;
  StreamServices& stream_services_;
  FlowServices& flow_services_;
  std::optional<Private<Endpoint>> came_from_;
  core::StreamLimits limits_;
  io::SessionHost host_;
  io::TaskScope streams_;
  std::unique_ptr<FlowExit> flows_;  // from the first message about one on: most sessions have none
  std::size_t live_streams_ = 0;
  std::size_t counted_streams_ = 0;  // of ours in the metric, which all workers add to
  Migrations migrations_;
  bool leaving_ = false;
  Seconds come_back_in_{0};
  io::Wakeup ended_;
  core::EndReason end_reason_ = core::EndReason::Local;
};

}  // namespace footbridge::egress
