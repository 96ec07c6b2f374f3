#include "io/connection_permit.hpp"

#include <mutex>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::io {

struct ConnectionPermit::Counts {
  std::mutex mutex;  // guards what follows
  std::size_t total = 0;
  std::map<IpAddress, std::size_t> per_prefix;  // never more entries than connections
};

ConnectionPermit::ConnectionPermit(ConnectionPermit&& other) noexcept
    : counts_(std::exchange(other.counts_, nullptr)), prefix_(std::exchange(other.prefix_, std::nullopt)) {}

ConnectionPermit& ConnectionPermit::operator=(ConnectionPermit&& other) noexcept {
  std::swap(counts_, other.counts_);
  std::swap(prefix_, other.prefix_);
  return *this;
}

ConnectionPermit::~ConnectionPermit() {
  if (!counts_) return;
  const std::lock_guard lock(counts_->mutex);
  --counts_->total;
  if (!prefix_) return;
  const auto entry = counts_->per_prefix.find(prefix_->reveal_to_socket());
  FB_ASSERT(entry != counts_->per_prefix.end());
  if (--entry->second == 0) counts_->per_prefix.erase(entry);
}

ConnectionTable::ConnectionTable(ConnectionLimits limits)
    : limits_(limits), counts_(std::make_shared<ConnectionPermit::Counts>()) {}  // owners: see ConnectionPermit

std::string_view name(FullErrc error) {
  switch (error) {
    case FullErrc::Total: return "total";
    case FullErrc::Prefix: return "prefix";
  }
  FB_ASSERT(false);
}

Result<ConnectionPermit, FullErrc> ConnectionTable::admit(const IpAddress& peer) {
  const std::lock_guard lock(counts_->mutex);
  if (counts_->total >= limits_.max_connections) return FullErrc::Total;
  const bool loopback = peer.is_v4() ? peer.v4_host_order() >> 24 == 127 : peer == IpAddress::parse("::1");
  ConnectionPermit permit;
  if (!loopback || !limits_.exempt_loopback) {
    const auto prefix = charged_prefix(peer);
    const auto entry = counts_->per_prefix.find(prefix);
    if (entry != counts_->per_prefix.end() && entry->second >= limits_.max_per_prefix) return FullErrc::Prefix;
    ++counts_->per_prefix[prefix];
    permit.prefix_ = Private(prefix);
  }
  ++counts_->total;
  permit.counts_ = counts_;
  return permit;
}

void ConnectionTable::set_max_connections(std::size_t most) {
  const std::lock_guard lock(counts_->mutex);
  limits_.max_connections = most;
}

std::size_t ConnectionTable::size() const {
  const std::lock_guard lock(counts_->mutex);
  return counts_->total;
}

IpAddress charged_prefix(const IpAddress& peer) {
  if (peer.is_v4()) return IpAddress::v4(peer.v4_host_order() & 0xffffff00U);
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < 6; ++i) bytes[i] = peer.v6_bytes()[i];
  return IpAddress::v6(bytes);
}

}  // namespace footbridge::io
