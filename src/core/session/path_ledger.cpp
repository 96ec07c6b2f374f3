#include "core/session/path_ledger.hpp"

#include <algorithm>

namespace footbridge::core {

std::span<const Sent> PathLedger::take(DatagramId datagram) {
  taken_.clear();
  auto at = sent_.begin();
  // Fates mostly come in order; only losses and reordering need the search.
  if (at == sent_.end() || at->datagram != datagram)
    at = std::lower_bound(sent_.begin(), sent_.end(), datagram,
                          [](const Sent& sent, DatagramId id) { return sent.datagram < id; });
  for (; at != sent_.end() && at->datagram == datagram && !at->settled; ++at) {
    taken_.push_back(*at);
    at->settled = true;
  }
  while (!sent_.empty() && sent_.front().settled) sent_.pop_front();
  return taken_;
}

}  // namespace footbridge::core
