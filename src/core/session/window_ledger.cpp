#include "core/session/window_ledger.hpp"

#include <algorithm>

namespace footbridge::core {

WindowLedger::WindowLedger(const wire::SessionLimits& limits)
    : initial_(limits.stream_window_bytes),
      session_window_(limits.session_window_bytes),
      pool_(limits.session_window_bytes / 2) {}

void WindowLedger::end_stream(StreamWindow& stream) {
  lent_ -= stream.loan;
  stream.loan = 0;
}

void WindowLedger::advance(StreamWindow& stream, std::uint64_t consumed, std::uint64_t unread) {
  const bool first = stream.window == initial_;
  if (consumed - stream.measured >= (first && crowded() ? std::min(kJudgedInACrowd, initial_) : stream.window)) {
    stream.measured = consumed;
    const auto most = std::max(initial_, kMaxStreamWindow);
    if (unread <= stream.window / 4)
      stream.window = std::min(2 * stream.window, most);
    else if (unread > stream.window / 2)
      stream.window = std::max(stream.window / 2, initial_);
  }
  const auto free = pool_ - lent_;
  const auto loan = std::min({stream.window - initial_, kLoanShare * free, free + stream.loan});
  stream.limit = std::max(stream.limit, consumed + initial_ + loan);
  // The limit may still promise more than the loan agreed to; a promise is a promise until it is consumed.
  const auto promised = stream.limit - consumed;
  lent_ -= stream.loan;
  stream.loan = promised > initial_ ? promised - initial_ : 0;
  lent_ += stream.loan;
}

std::uint64_t WindowLedger::measure_of(const StreamWindow& stream) const {
  return crowded() && stream.loan < kMeasureInACrowd ? std::min(stream.window, kMeasureInACrowd) : stream.window;
}

bool WindowLedger::on_received(std::uint64_t bytes) {
  if (received_ + bytes > session_limit()) return false;
  received_ += bytes;
  return true;
}

}  // namespace footbridge::core
