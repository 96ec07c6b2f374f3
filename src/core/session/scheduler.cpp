#include "core/session/scheduler.hpp"

#include <algorithm>

namespace footbridge::core {

void Scheduler::update(TimePoint now, Stream& stream, std::uint64_t session_credit) {
  if (!stream.in_again_line && stream.send.has_again()) {
    stream.in_again_line = true;
    again_.push_back(&stream);
  }
  if (!stream.in_fresh_line && stream.send.fresh(session_credit)) {
    stream.in_fresh_line = true;
    stream.ready_since = now;
    (stream.send.young() ? young_ : rest_).push_back(&stream);
  }
}

Stream* Scheduler::next(TimePoint now, const Path& path, std::uint64_t session_credit) {
  if (auto* const stream = next_again(path)) return stream;
  auto* const young = first_fresh(young_, session_credit);
  if (young != nullptr && paths_.fast_enough(path, now - young->ready_since)) return young;
  return first_fresh(rest_, session_credit);
}

// Behind the front stand streams whose only piece to be sent again is overdue on the path that asks: few, and seldom.
Stream* Scheduler::next_again(const Path& path) {
  while (!again_.empty() && !again_.front()->send.has_again()) {
    again_.front()->in_again_line = false;
    again_.pop_front();
  }
  for (std::size_t at = 0; at < again_.size(); ++at)
    if (again_[at]->send.again(path.id)) return again_[at];
  return nullptr;
}

Stream* Scheduler::first_fresh(Line& line, std::uint64_t session_credit) {
  for (; !line.empty(); line.pop_front()) {
    if (line.front()->send.fresh(session_credit)) return line.front();
    line.front()->in_fresh_line = false;
  }
  return nullptr;
}

void Scheduler::served(TimePoint now, Stream& stream, bool again, std::uint64_t session_credit) {
  // What is sent again keeps its place until it is all out: the oldest hole is the one that others wait for.
  if (!again) leave_fresh(stream);
  update(now, stream, session_credit);
}

void Scheduler::leave_fresh(Stream& stream) {
  auto& line = !young_.empty() && young_.front() == &stream ? young_ : rest_;
  line.pop_front();
  stream.in_fresh_line = false;
}

void Scheduler::forget(Stream& stream) {
  const auto is_it = [&](const Stream* other) { return other == &stream; };
  if (stream.in_again_line) again_.erase_if(is_it);
  if (stream.in_fresh_line) {
    young_.erase_if(is_it);
    rest_.erase_if(is_it);
  }
  stream.in_again_line = stream.in_fresh_line = false;
}

std::optional<TimePoint> Scheduler::deadline(TimePoint now, std::uint64_t session_credit) {
  if (paths_.size() < 2) return std::nullopt;
  const auto* const young = first_fresh(young_, session_credit);
  return young == nullptr ? std::nullopt : paths_.next_patience(young->ready_since, now);
}

}  // namespace footbridge::core
