#include "io/session_host.hpp"

#include <boost/asio/post.hpp>
#include <utility>
#include <variant>

#include "base/overloaded.hpp"
#include "core/session/path_table.hpp"
#include "io/clock.hpp"
#include "io/session_stream.hpp"
#include "quic/path_life.hpp"

namespace footbridge::io {

SessionHost::SessionHost(asio::any_io_executor executor, core::Session::Role role, const core::SessionConfig& config,
                         Rng& rng, core::MemoryBudget& memory, SessionHostEvents& events)
    : executor_(executor),
      events_(events),
      session_(role, config, rng, memory, now()),
      settling_(executor, [this](TimePoint at) { settle(at); }),
      session_timer_(executor, [this](TimePoint at) {
        session_.on_deadline(at);
        settle(at);
      }) {
  session_timer_.arm(session_.deadline());
}

SessionHost::~SessionHost() {
  for (auto& [id, path] : paths_) path->on_host_gone();
  for (auto& [id, stream] : streams_) stream->on_host_gone();
}

std::unique_ptr<SessionStream> SessionHost::open(ByteView header) {
  const auto id = session_.open(now(), header);
  if (!id) return nullptr;
  touch();
  return accept(*id);
}

std::unique_ptr<SessionStream> SessionHost::accept(core::StreamId stream) {
  auto out = std::make_unique<SessionStream>(executor_, *this, stream);
  streams_.emplace(stream, out.get());
  return out;
}

void SessionHost::send_flow(TimePoint now, core::FlowId flow, Bytes message) {
  session_.send_flow(now, flow, std::move(message));
  touch();
}

void SessionHost::touch() { settling_.ask(); }

void SessionHost::end(wire::ByeCode code, Seconds retry_after) {
  session_.end();
  for (auto* path : paths_now()) path->leave(now(), code, retry_after);
  touch();
}

void SessionHost::end_forgotten() {
  session_.end(core::EndReason::Forgotten);
  end();
}

core::PathId SessionHost::add_path(TimePoint now, quic::PathLife& path) {
  if (session_.path_count() >= core::kMaxPaths)
    if (const auto silent = session_.longest_silent_path()) paths_.at(*silent)->leave(now, wire::ByeCode::PathOver);
  const auto id = session_.add_path(now);
  paths_.emplace(id, &path);
  touch();
  return id;
}

void SessionHost::remove_path(TimePoint now, core::PathId id) {
  if (paths_.erase(id) == 0) return;
  session_.path_closed(now, id);
  touch();
}

void SessionHost::settle(TimePoint now) {
  while (const auto event = session_.poll()) hand_out(now, *event);
  events_.on_settled();
  if (ended_) return;
  while (const auto arrival = session_.take_flow()) events_.on_flow_message(now, arrival->flow, arrival->message);
  for (auto* path : paths_now())
    if (session_.has_work(path->id())) path->wake(now);
  session_timer_.arm(session_.deadline());
}

void SessionHost::hand_out(TimePoint now, const core::SessionEvent& event) {
  std::visit(Overloaded{
                 [&](const core::event::Opened& e) {
                   events_.on_stream_opened(e.stream);
                   if (find(e.stream) == nullptr) session_.reset(now, e.stream, core::ResetCode::Limit);
                 },
                 [&](const core::event::Readable& e) {
                   if (auto* stream = find(e.stream)) stream->on_readable();
                 },
                 [&](const core::event::Finished& e) {
                   if (auto* stream = find(e.stream)) stream->on_finished();
                 },
                 [&](const core::event::Reset& e) {
                   if (auto* stream = find(e.stream)) stream->on_reset(e.code);
                 },
                 [&](const core::event::Stopped& e) {
                   if (auto* stream = find(e.stream)) stream->on_stopped(e.code);
                 },
                 [&](const core::event::Writable& e) {
                   if (auto* stream = find(e.stream)) stream->on_writable();
                 },
                 [&](const core::event::GoAway& e) { events_.on_go_away(e.after); },
                 [&](const core::event::PathSilence& e) {
                   const auto path = paths_.find(e.path);
                   if (path != paths_.end()) path->second->on_silence(now, e.silence);
                 },
                 [&](const core::event::Ended& e) { tell_end(e.reason); },
             },
             event);
}

void SessionHost::tell_end(core::EndReason reason) {
  ended_ = true;
  for (auto& [id, path] : std::exchange(paths_, {})) {
    path->leave(now(),
                reason == core::EndReason::Violation ? wire::ByeCode::ProtocolError : wire::ByeCode::SessionOver);
    path->on_host_gone();
  }
  const bool forgotten = reason == core::EndReason::Forgotten;
  for (auto& [id, stream] : std::exchange(streams_, {}))
    stream->on_host_gone(forgotten ? std::optional(core::ResetCode::EgressRestarted) : std::nullopt);
  session_timer_.arm(std::nullopt);
  events_.on_session_ended(reason);
}

// A path that is told to go leaves paths_ meanwhile, hence a copy.
std::vector<quic::PathLife*> SessionHost::paths_now() const {
  std::vector<quic::PathLife*> out;
  for (const auto& [id, path] : paths_) out.push_back(path);
  return out;
}

SessionStream* SessionHost::find(core::StreamId id) {
  const auto found = streams_.find(id);
  return found == streams_.end() ? nullptr : found->second;
}

}  // namespace footbridge::io
