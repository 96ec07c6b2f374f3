#include "core/session/window_announcer.hpp"

#include <algorithm>

namespace footbridge::core {

void WindowAnnouncer::update(TimePoint now, Announcement& of, std::uint64_t contiguous, std::uint64_t limit,
                             std::uint64_t window) {
  const Announcement::Values values{contiguous, limit};
  if (values == of.current_) return;
  of.current_ = values;
  const auto large = window / kProgressShare;
  const bool at_once = contiguous - of.sent_.contiguous >= large || limit - of.sent_.limit >= large;
  list(at_once ? now : now + kSmallProgressDelay, of);
}

std::size_t WindowAnnouncer::write(TimePoint now, PathId path, DatagramId datagram, wire::FrameWriter& out) {
  std::size_t frames = 0;
  for (auto* of : listed_) {
    if (of->due_ > now) continue;
    const auto& values = of->current_;
    const bool fits = of->stream_ == kWholeSession ? out.session_limit(values.limit)
                                                   : out.window({of->stream_, values.contiguous, values.limit});
    if (!fits) break;
    of->sent_ = values;
    of->due_ = now + kWindowRepeat;
    if (announced_.size() >= kMaxAnnounced) announced_.pop_front();
    announced_.push_back({path, datagram, of, values});
    ++frames;
  }
  return frames;
}

void WindowAnnouncer::on_fate(TimePoint now, PathId path, DatagramId datagram, DatagramFate fate) {
  announced_.erase_if([&](const Announced& announced) {
    if (announced.path != path || announced.datagram != datagram) return false;
    settle(now, announced, fate);
    return true;
  });
}

void WindowAnnouncer::on_path_closed(TimePoint now, PathId path) {
  announced_.erase_if([&](const Announced& announced) {
    if (announced.path != path) return false;
    settle(now, announced, DatagramFate::Lost);
    return true;
  });
}

void WindowAnnouncer::settle(TimePoint now, const Announced& announced, DatagramFate fate) {
  auto& of = *announced.of;
  if (fate == DatagramFate::Lost) {
    if (of.listed_) of.due_ = std::min(of.due_, now);
    return;
  }
  of.known_.contiguous = std::max(of.known_.contiguous, announced.values.contiguous);
  of.known_.limit = std::max(of.known_.limit, announced.values.limit);
  if (!of.confirmed() || !of.listed_) return;
  unlist(of);
  confirmed_.push_back(of.stream_);
}

void WindowAnnouncer::forget(Announcement& of) {
  if (of.listed_) unlist(of);
  announced_.erase_if([&](const Announced& announced) { return announced.of == &of; });
}

bool WindowAnnouncer::due(TimePoint now) const {
  return std::ranges::any_of(listed_, [now](const auto* of) { return of->due_ <= now; });
}

std::optional<TimePoint> WindowAnnouncer::deadline(TimePoint now) const {
  std::optional<TimePoint> first;
  for (const auto* of : listed_)
    if (of->due_ > now) first = earlier(first, of->due_);
  return first;
}

void WindowAnnouncer::list(TimePoint due, Announcement& of) {
  if (of.listed_) {
    of.due_ = std::min(of.due_, due);
    return;
  }
  of.listed_ = true;
  of.due_ = due;
  listed_.push_back(&of);
}

void WindowAnnouncer::unlist(Announcement& of) {
  of.listed_ = false;
  std::erase(listed_, &of);
}

}  // namespace footbridge::core
