#include "store/memory_store.hpp"

#include <utility>

#include "base/byte_reader.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::store {

using core::ReplayTable;

MemoryStore::MemoryStore(Rng& rng, Clock clock, std::size_t most_slots)
    : key_(crypto::SecretKey::random(rng)),
      clock_(std::move(clock)),
      since_(clock_()),
      tables_{ReplayTable(most_slots), ReplayTable(most_slots)} {}

void MemoryStore::turn(TimePoint now) {
  if (now - since_ < kKept) return;
  present_ ^= 1;
  tables_[present_].clear();
  if (now - since_ >= 2 * kKept) tables_[present_ ^ 1].clear();
  since_ = now;
}

asio::awaitable<Claim> MemoryStore::claim(RequestTag tag) {
  turn(clock_());
  const auto hash = crypto::blake2b<sizeof(ReplayTable::Tag)>(tag.view(), key_.reveal_to_primitive());
  const auto place = *ByteReader(hash).u64();
  for (const auto& table : tables_)
    if (table.contains(place)) co_return Claim::Taken;
  co_return tables_[present_].insert(place) ? Claim::First : Claim::Full;
}

}  // namespace footbridge::store
