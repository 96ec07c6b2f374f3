#include "programs/egress/egress_session.hpp"

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "programs/egress/flow_exit.hpp"
#include "programs/egress/stream_exit.hpp"

namespace footbridge::egress {

EgressSession::EgressSession(asio::any_io_executor executor, const core::SessionConfig& config,
                             Private<wire::SessionToken> token, core::MemoryBudget& memory,
                             StreamServices& stream_services, FlowServices& flow_services)
    : executor_(executor),
      token_(std::move(token)),
      stream_services_(stream_services),
      flow_services_(flow_services),
      host_(executor, core::Session::Role::Egress, config, stream_services.rng, memory, *this),
      streams_(executor, "streams", io::TaskScope::kOthersGoOn),
      ended_(executor) {}

EgressSession::~EgressSession() { count_streams(0); }

asio::awaitable<void> EgressSession::run() {
  co_await asio::this_coro::throw_if_cancelled(false);
  if (!co_await ended_.wait()) say_goodbye();
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  streams_.cancel();
  co_await streams_.join();
}

void EgressSession::on_stream_opened(core::StreamId stream) {
  ++live_streams_;
  streams_.spawn(carry(host_.accept(stream)));
}

void EgressSession::on_flow_message(TimePoint now, core::FlowId flow, ByteView message) {
  if (!flows_)
    flows_ = std::make_unique<FlowExit>(executor_, host_, flow_services_, streams_, stream_services_.metrics,
                                        stream_services_.rng);
  flows_->on_message(now, flow, message);
}

asio::awaitable<void> EgressSession::carry(std::unique_ptr<io::SessionStream> stream) {
  struct Live {  // however the stream ends
    ~Live() {
      if (--session.live_streams_ == 0 && session.leaving_) session.say_goodbye();
    }
    EgressSession& session;
  } const live{*this};
  co_await exit_stream(stream_services_, limits_, came_from_, std::move(stream));
}

void EgressSession::leave(TimePoint now, Seconds within, Seconds come_back_in) {
  leaving_ = true;
  come_back_in_ = come_back_in;
  host_.session().go_away(now, within);
  host_.touch();
  if (live_streams_ == 0) say_goodbye();
}

void EgressSession::on_session_ended(core::EndReason reason) {
  end_reason_ = reason;
  count(migrations_.on_end(reason));
  ended_.notify();
}

void EgressSession::on_settled() {
  const auto stats = host_.session().stats();
  count_streams(stats.streams_live);
  if (!host_.session().ended())
    count(migrations_.on_turn(host_.session().path_count(), stats.paths_added, stats.streams_live > 0));
}

void EgressSession::count(std::optional<Migration> migration) {
  if (migration) stream_services_.metrics.migrations[*migration].add();
}

void EgressSession::count_streams(std::size_t live) {
  if (live == counted_streams_) return;
  stream_services_.metrics.streams_live.add(static_cast<std::int64_t>(live) -
                                            static_cast<std::int64_t>(counted_streams_));
  counted_streams_ = live;
}

}  // namespace footbridge::egress
