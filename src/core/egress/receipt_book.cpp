#include "core/egress/receipt_book.hpp"

#include <algorithm>
#include <bit>

namespace footbridge::core {

void ReceiptBook::add(TimePoint now, const wire::Receipt& receipt, Rng& rng) {
  if (receipts_.size() >= kMaxReceipts) {
    due_.erase(receipts_.begin()->first);
    receipts_.erase(receipts_.begin());
    ++dropped_;
  }
  constexpr auto kSpread = Duration(kMostDelay - kLeastDelay).count();
  const auto waits = kLeastDelay + Duration{static_cast<Duration::rep>(rng.between(0, kSpread))};
  receipts_.emplace(++last_, receipt);
  due_.set(last_, now + waits);
}

std::vector<wire::Receipt> ReceiptBook::take_due(TimePoint now, std::size_t most) {
  std::vector<wire::Receipt> out;
  while (out.size() < most) {
    const auto next = due_.pop_due(now);
    if (!next) break;
    out.push_back(receipts_.extract(*next).mapped());
  }
  return out;
}

wire::Receipt receipt_of(const wire::ProxyMark& proxy, const PathWorth& path) {
  const bool swallowed = path.silent && path.bytes < kUsefulPathBytes;
  return {proxy, path.carried && !swallowed, receipt_log2(path.bytes)};
}

std::uint8_t receipt_log2(std::uint64_t bytes) {
  if (bytes == 0) return 0;
  return static_cast<std::uint8_t>(std::min<std::size_t>(std::bit_width(bytes) - 1, wire::kMaxReceiptLog2));
}

}  // namespace footbridge::core
