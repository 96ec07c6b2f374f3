#include "sim/model/session_end.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "core/session/control_channel.hpp"
#include "core/session/page.hpp"
#include "sim/model/path_end.hpp"

namespace footbridge::sim::model {
namespace {

// Both windows full, and of each stream in each direction one page that is not.
constexpr std::uint64_t kMostMemory =
    2 * core::kSessionWindow + 2 * (core::kMaxStreams + 1) * core::kPageBytes + 2 * core::kControlWindow;

}  // namespace

SessionEnd::SessionEnd(Ground& ground, Actor who, core::Session::Role role, const core::SessionConfig& config, Rng& rng,
                       core::MemoryBudget& memory, SessionUser& user)
    : Timed(ground), who_(who), session_(role, config, rng, memory, now()), user_(user), without_path_since_(now()) {
  set_alarm(session_.deadline());
}

SessionEnd::~SessionEnd() {
  for (auto* path : paths_) path->on_session_gone();
}

core::PathId SessionEnd::add_path(PathEnd& path) {
  without_path_since_.reset();
  paths_.push_back(&path);
  const auto id = session_.add_path(now());
  later({}, [this] { settle(); });
  return id;
}

void SessionEnd::remove_path(PathEnd& path) {
  if (std::erase(paths_, &path) == 0) return;
  if (paths_.empty()) without_path_since_ = now();
  session_.path_closed(now(), path.id());
  later({}, [this] { settle(); });
}

bool SessionEnd::on_datagram(PathEnd& path, ByteView payload) {
  return session_.on_datagram(now(), path.id(), payload).ok();
}

// What follows from it is for the next settle(), or for the deadline.
void SessionEnd::on_path_stats(PathEnd& path, const core::PathStats& stats) {
  session_.on_path_stats(now(), path.id(), stats);
  set_alarm(session_.deadline());
}

void SessionEnd::end() {
  session_.end();
  settle();
}

void SessionEnd::settle() {
  again_ = true;
  if (std::exchange(settling_, true)) return;
  while (std::exchange(again_, false)) {
    while (const auto event = session_.poll()) hand_out(*event);
    for (std::size_t i = 0; i < paths_.size(); ++i)
      if (session_.has_work(paths_[i]->id())) paths_[i]->pump();
    while (const auto event = session_.poll()) hand_out(*event);
  }
  settling_ = false;
  look();
  set_alarm(session_.deadline());
}

void SessionEnd::hand_out(const core::SessionEvent& event) {
  if (const auto* ended = std::get_if<core::event::Ended>(&event)) {
    end_reason_ = ended->reason;
    if (ended->reason == core::EndReason::Violation)
      ground().broken(Property::ExactBytes, who_, "a session ends because its honest peer broke a rule");
    for (auto* path : std::exchange(paths_, {})) {
      path->on_session_gone();
      path->leave(wire::ByeCode::SessionOver);
    }
  }
  if (const auto* silence = std::get_if<core::event::PathSilence>(&event)) {
    const auto path = std::ranges::find_if(paths_, [&](const auto* p) { return p->id() == silence->path; });
    if (path != paths_.end()) (*path)->on_silence(silence->silence);
  }
  user_.on_session_event(event);
}

void SessionEnd::look() {
  const auto held = session_.stats().memory_bytes;
  if (held > kMostMemory)
    ground().broken(Property::Bounded, who_, "a session holds " + std::to_string(held) + " bytes");
}

void SessionEnd::on_alarm() {
  if (const auto due = session_.deadline(); due && *due <= now()) session_.on_deadline(now());
  settle();
}

}  // namespace footbridge::sim::model
