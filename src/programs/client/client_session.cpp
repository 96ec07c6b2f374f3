#include "programs/client/client_session.hpp"

#include <utility>

#include "io/clock.hpp"
#include "observe/log.hpp"

namespace footbridge::client {
namespace {

core::SessionConfig config_of(const wire::Ok& ok) {
  core::SessionConfig config;  // our limits are those that HELLO said
  config.peer_limits = ok.limits;
  config.capabilities = ok.capabilities & wire::kOurCapabilities;
  return config;
}

}  // namespace

ClientSession::ClientSession(asio::any_io_executor executor, const wire::Ok& ok, const wire::EgressId& egress,
                             std::uint16_t shard, Rng& rng, ClientSessionEvents& events)
    : events_(events),
      grant_{ok.session, ok.token},
      egress_(egress),
      shard_(shard),
      host_(executor, core::Session::Role::Client, config_of(ok), rng, memory_, *this),
      flows_(executor, host_, rng) {}

void ClientSession::end() {
  if (state_ != State::Over) host_.end();
}

void ClientSession::end_forgotten() {
  if (state_ != State::Over) host_.end_forgotten();
}

void ClientSession::on_settled() {
  const auto stats = host_.session().stats();
  const auto moved = stats.bytes_sent + stats.bytes_received + stats.flows.sent + stats.flows.received;
  if (std::exchange(moved_, moved) != moved) events_.on_session_traffic(io::now());
}

void ClientSession::on_go_away(Duration after) {
  if (state_ != State::Live) return;
  state_ = State::Leaving;
  observe::log(observe::Level::Info, "session-leaving", observe::kv("after", after));
  events_.on_session_leaving(io::now(), *this);
}

void ClientSession::on_flow_message(TimePoint now, core::FlowId flow, ByteView message) {
  flows_.on_message(now, flow, message);
}

void ClientSession::on_session_ended(core::EndReason reason) {
  if (state_ == State::Over) return;
  state_ = State::Over;
  observe::log(observe::Level::Info, "session-over", observe::kv("why", reason));
  flows_.close();
  events_.on_session_over(io::now(), *this, reason);
}

}  // namespace footbridge::client
