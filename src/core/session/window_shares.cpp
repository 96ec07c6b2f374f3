#include "core/session/window_shares.hpp"

#include <algorithm>

namespace footbridge::core {

void WindowShares::update(WindowShare& share, std::uint64_t written, std::uint64_t limit) {
  release(share);
  const auto sendable = std::min(written, limit);
  share.occupied = sendable + first_window_ > limit ? sendable + first_window_ - limit : 0;
  share.shared = share.occupied > kAssuredBytes ? share.occupied - kAssuredBytes : 0;
  shared_ += share.shared;
}

void WindowShares::release(WindowShare& share) {
  shared_ -= share.shared;
  share = {};
}

// The most that a stream may have of the share which already has `own`: a part of what the others leave.
std::uint64_t WindowShares::threshold(std::uint64_t own, std::uint64_t unused) const {
  const auto others = shared_ - own;
  const auto left = quarter_ > others ? quarter_ - others : 0;
  return std::min(left, unused) / kShareParts;
}

std::uint64_t WindowShares::stop(const WindowShare& share, std::uint64_t limit, std::uint64_t credit) const {
  // Streams that have ended here may still be unread there: the credit knows of them, the assured quarter stays theirs.
  const auto unused = credit > quarter_ ? credit - quarter_ : 0;
  const auto most = kAssuredBytes + threshold(share.shared, unused + share.shared);
  return most >= first_window_ ? kNoStop : limit - first_window_ + most;
}

}  // namespace footbridge::core
