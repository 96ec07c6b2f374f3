#include "core/proxy/rate_limit.hpp"

#include <algorithm>
#include <array>

#include "core/proxy/paced_pipe.hpp"
#include "core/proxy/proxy_engine.hpp"

namespace footbridge::core {

void RateLimit::on_time(TimePoint now) {
  now_ = now;
  std::array<PacedPipe*, ProxyEngine::kMaxSlots> served{};  // each is flushed once
  auto* end = served.begin();
  while (!waiting_.empty() && paid()) {
    auto* pipe = waiting_.front();
    waiting_.pop_front();
    charge(pipe->let_one_go());
    if (pipe->waits()) waiting_.push_back(pipe);
    if (std::find(served.begin(), end, pipe) != end) continue;
    if (end == served.end()) {
      pipe->flush();
      continue;
    }
    *end++ = pipe;
  }
  std::for_each(served.begin(), end, [](PacedPipe* pipe) { pipe->flush(); });
}

std::optional<TimePoint> RateLimit::deadline() const {
  if (waiting_.empty()) return std::nullopt;
  return paid() ? now_ : account_.paid_until();
}

void RateLimit::forget(PacedPipe& pipe) {
  waiting_.erase_if([&](const PacedPipe* other) { return other == &pipe; });
}

}  // namespace footbridge::core
