#include "core/session/scheduler.hpp"

#include <algorithm>

namespace footbridge::core {

void Scheduler::update(Stream& stream, std::uint64_t session_credit) {
  if (!stream.in_again_line && stream.send.again()) {
    stream.in_again_line = true;
    again_.push_back(&stream);
  }
  if (!stream.in_fresh_line && stream.send.fresh(session_credit)) {
    stream.in_fresh_line = true;
    (stream.send.young() ? young_ : rest_).push_back(&stream);
  }
}

Stream* Scheduler::next(TimePoint now, const Path& path, std::uint64_t session_credit) {
  while (!again_.empty()) {
    if (again_.front()->send.again()) return again_.front();
    again_.front()->in_again_line = false;
    again_.pop_front();
  }
  for (auto* line : {&young_, &rest_}) {
    while (!line->empty()) {
      auto& stream = *line->front();
      if (stream.send.fresh(session_credit)) {
        if (line == &young_ && !paths_.fast_enough(path, now - stream.born)) break;
        return &stream;
      }
      stream.in_fresh_line = false;
      line->pop_front();
    }
  }
  return nullptr;
}

void Scheduler::served(Stream& stream, bool again, std::uint64_t session_credit) {
  // What is sent again keeps its place until it is all out: the oldest hole is the one that others wait for.
  if (!again) leave_fresh(stream);
  update(stream, session_credit);
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

bool Scheduler::has_work(TimePoint now, const Path& path, std::uint64_t session_credit) const {
  const auto fresh = [&](const Stream* stream) { return stream->send.fresh(session_credit).has_value(); };
  return std::ranges::any_of(again_, [](const Stream* stream) { return stream->send.again().has_value(); }) ||
         std::ranges::any_of(rest_, fresh) || std::ranges::any_of(young_, [&](const Stream* stream) {
           return fresh(stream) && paths_.fast_enough(path, now - stream->born);
         });
}

std::optional<TimePoint> Scheduler::deadline(TimePoint now) const {
  if (young_.empty() || paths_.size() < 2) return std::nullopt;
  return paths_.next_patience(young_.front()->born, now);
}

}  // namespace footbridge::core
