#include "core/session/path_ledger.hpp"

namespace footbridge::core {

// Fates mostly come in order; only losses and reordering need the search.
std::size_t PathLedger::first_of(DatagramId datagram) const {
  std::size_t low = 0;
  if (sent_.empty() || sent_.front().datagram == datagram) return low;
  for (auto high = sent_.size(); low < high;) {
    const auto middle = low + (high - low) / 2;
    if (sent_[middle].datagram < datagram)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

std::span<const Sent> PathLedger::take(DatagramId datagram) {
  taken_.clear();
  for (auto at = first_of(datagram); at < sent_.size(); ++at) {
    auto& sent = sent_[at];
    if (sent.datagram != datagram || sent.settled) break;
    taken_.push_back(sent);
    sent.settled = true;
  }
  while (!sent_.empty() && sent_.front().settled) sent_.pop_front();
  return taken_;
}

}  // namespace footbridge::core
