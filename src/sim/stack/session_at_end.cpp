#include "sim/stack/session_at_end.hpp"

#include <utility>
#include <vector>

#include "core/session/path_table.hpp"
#include "sim/stack/path_at_end.hpp"

namespace footbridge::sim {

SessionAtEnd::SessionAtEnd(Network& network, core::Session::Role role, const core::SessionConfig& config, Rng& rng,
                           core::MemoryBudget& memory, Actor name)
    : network_(network),
      name_(name),
      session_(role, config, rng, memory, network.now()),
      app_(session_, role == core::Session::Role::Client),
      settling_(network.queue, [this] { settle(); }),
      timer_(network.queue, [this] { settle(); }) {
  touch();
}

SessionAtEnd::~SessionAtEnd() {
  for (const auto& [id, path] : paths_) path->on_session_gone();
}

core::PathId SessionAtEnd::add_path(PathAtEnd& path) {
  if (session_.path_count() >= core::kMaxPaths)
    if (const auto silent = session_.longest_silent_path()) paths_.at(*silent)->leave(wire::ByeCode::PathOver);
  const auto id = session_.add_path(network_.now());
  paths_.emplace(id, &path);
  touch();
  return id;
}

void SessionAtEnd::remove_path(core::PathId id) {
  if (paths_.erase(id) == 0) return;
  session_.path_closed(network_.now(), id);
  touch();
}

void SessionAtEnd::touch() { settling_.arm_now(); }

void SessionAtEnd::settle() {
  const auto now = network_.now();
  if (const auto due = session_.deadline(); due && *due <= now) session_.on_deadline(now);
  while (const auto event = session_.poll()) hand_out(now, *event);
  if (session_.ended()) {
    timer_.clear();
    if (!ended_ || std::exchange(end_told_, true)) return;
    network_.trace.story(now, name_, "session-ended", {{"why", static_cast<std::uint64_t>(*ended_)}});
    end();
    if (when_ended) when_ended(*ended_);
    return;
  }
  std::vector<PathAtEnd*> with_work;  // a path that sends may end, and leaves paths_ then
  for (const auto& [id, path] : paths_)
    if (session_.has_work(id)) with_work.push_back(path);
  for (auto* const path : with_work) path->wake();
  timer_.arm(session_.deadline());
}

void SessionAtEnd::hand_out(TimePoint now, const core::SessionEvent& event) {
  if (const auto* const end = std::get_if<core::event::Ended>(&event)) ended_ = end->reason;
  if (const auto* const silence = std::get_if<core::event::PathSilence>(&event))
    if (const auto path = paths_.find(silence->path); path != paths_.end()) path->second->on_silence(silence->silence);
  if (instead_of_app)
    instead_of_app(now, event);
  else
    app_.on_event(now, event);
}

void SessionAtEnd::end() {
  session_.end();
  std::vector<PathAtEnd*> all;
  for (const auto& [id, path] : paths_) all.push_back(path);
  for (auto* const path : all) path->leave(wire::ByeCode::SessionOver);
  touch();
}

}  // namespace footbridge::sim
