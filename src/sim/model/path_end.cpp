#include "sim/model/path_end.hpp"

#include <utility>

#include "core/path/filler.hpp"
#include "sim/model/session_end.hpp"

namespace footbridge::sim::model {
namespace {

// What a refused client gets before its path is closed: time for the refusal to arrive.
constexpr Duration kRefusalLinger = Seconds{1};

}  // namespace

PathEnd::PathEnd(Ground& ground, Actor who, HopEnd& pipe, std::size_t packet_bytes, Seed seed, Gate gate,
                 PathEndUser& user)
    : Timed(ground),
      who_(who),
      pipe_(pipe),
      gate_(std::move(gate)),
      user_(user),
      connection_(ground, {std::holds_alternative<core::ClientPathHandshake>(gate_), packet_bytes}, seed, pipe, *this),
      watch_(std::holds_alternative<core::ClientPathHandshake>(gate_)),
      began_(now()) {
  pipe_.set_user(*this);
}

PathEnd::~PathEnd() {
  pipe_.forget_user();
  if (session_ != nullptr) session_->remove_path(*this);
}

core::PathControl& PathEnd::control() {
  return std::visit([](auto& gate) -> core::PathControl& { return gate; }, gate_);
}

void PathEnd::start() {
  send_control_output();
  settle();
}

void PathEnd::attach(SessionEnd& session) {
  session_ = &session;
  was_carrying_ = true;
  id_ = session.add_path(*this);
}

void PathEnd::leave(wire::ByeCode code) {
  if (std::exchange(leaving_, true)) return;
  control().leave({code, 0});
  send_control_output();
  connection_.pump();
  connection_.close();
}

// PipeEvents -------------------------------------------------------------------------------------------------------

void PathEnd::on_open(TimePoint) { start(); }

void PathEnd::on_messages(TimePoint, std::span<const ByteView> batch) {
  for (const auto message : batch)
    if (core::is_packet(message)) {
      connection_.on_message(message);
      if (connection_.control_acknowledged()) watch_.all_acknowledged();
    } else {
      user_.on_path_filler(*this, message);
    }
  if (!over() && !ready_told_ && !leaving_ && control().state() == core::PathState::Established) after_control();
  if (session_ != nullptr && !leaving_) session_->on_path_stats(*this, connection_.stats());
  if (session_ != nullptr) session_->settle();
  connection_.pump();
  settle();
}

void PathEnd::on_drained(TimePoint) {
  connection_.pump();
  settle();
}

void PathEnd::on_closed(TimePoint, PipeEnd) { connection_.on_pipe_closed(); }

// Deadlines --------------------------------------------------------------------------------------------------------

void PathEnd::on_alarm() {
  if (over()) return;
  if (const auto due = control().deadline(); due && *due <= now()) {
    control().on_deadline(now());
    after_control();
  }
  if (close_at_ && *close_at_ <= now()) connection_.close();
  settle();
}

void PathEnd::settle() {
  if (over()) return;
  if (session_ != nullptr && !leaving_) session_->on_path_stats(*this, connection_.stats());
  set_alarm(earlier(control().deadline(), close_at_));
}

void PathEnd::pump() {
  connection_.pump();
  if (session_ != nullptr && !leaving_ && !over()) session_->on_path_stats(*this, connection_.stats());
}

void PathEnd::on_silence(core::Silence silence) {
  silence_ = silence;
  if (!leaving_) user_.on_path_silence(*this, silence);
}

// Handshake --------------------------------------------------------------------------------------------------------

void PathEnd::send_control_output() {
  const auto bytes = control().take_output();
  watch_.said(bytes);
  if (!bytes.empty()) connection_.send_control(bytes);
  connection_.pump();
}

void PathEnd::on_control(ByteView bytes) {
  if (leaving_) return;
  watch_.heard(bytes);
  std::visit([&](auto& gate) { gate.on_bytes(now(), bytes); }, gate_);
  after_control();
}

void PathEnd::after_control() {
  send_control_output();
  switch (control().state()) {
    case core::PathState::AwaitingPeer: return;
    case core::PathState::Established:
      if (client_handshake() != nullptr || connection_.control_acknowledged()) become_ready();
      return;
    case core::PathState::Failed:
    case core::PathState::Over: {
      leaving_ = true;
      if (egress_handshake() != nullptr && control().failure() == core::PathFailure::Refused) {
        close_at_ = now() + kRefusalLinger;
        return;
      }
      auto* session = session_;
      connection_.close();
      if (session != nullptr && control().bye() && control().bye()->code == wire::ByeCode::SessionOver) session->end();
      return;
    }
  }
}

void PathEnd::become_ready() {
  if (!std::exchange(ready_told_, true)) user_.on_path_ready(*this);
}

// PlainConnectionUser ----------------------------------------------------------------------------------------------

bool PathEnd::has_datagrams() const { return session_ != nullptr && !leaving_ && session_->session().has_work(id_); }

std::optional<core::DatagramSource::Pulled> PathEnd::pull(TimePoint now, ByteSpan out) {
  if (session_ == nullptr) return std::nullopt;
  const auto pulled = session_->session().pull(now, id_, out);
  if (pulled && !watch_.done())
    ground().broken(Property::SilentBefore, who_, "a datagram leaves on a path whose handshake is not done");
  return pulled;
}

void PathEnd::on_datagram(ByteView payload) {
  watch_.datagram_came();
  if (egress_handshake() != nullptr && control().state() == core::PathState::Established) become_ready();
  if (session_ == nullptr) return;
  if (!session_->on_datagram(*this, payload)) leave(wire::ByeCode::ProtocolError);
}

void PathEnd::on_fate(core::DatagramId id, core::DatagramFate fate) {
  if (session_ != nullptr) session_->session().on_fate(now(), id_, id, fate);
}

void PathEnd::on_connection_over(ConnectionEnd) {
  close_at_.reset();
  pipe_.close(PipeEnd::Local);
  if (auto* session = std::exchange(session_, nullptr); session != nullptr) session->remove_path(*this);
  user_.on_path_over(*this);
}

}  // namespace footbridge::sim::model
