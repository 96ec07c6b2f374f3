#include "core/sealing/replay_guard.hpp"

#include "base/assert.hpp"
#include "base/byte_reader.hpp"
#include "crypto/primitives.hpp"

namespace footbridge::core {
namespace {

constexpr std::uint64_t seconds(Seconds span) { return static_cast<std::uint64_t>(span.count()); }

static_assert(ReplayGuard::kSpan == 2 * ReplayGuard::kWindow);

}  // namespace

ReplayGuard::ReplayGuard(Rng& rng, std::size_t most_slots)
    : key_(crypto::SecretKey::random(rng)), spans_{{{0, ReplayTable(most_slots)}, {0, ReplayTable(most_slots)}}} {}

std::uint64_t ReplayGuard::span_of(UnixSeconds stamp) { return count(stamp) / seconds(kSpan); }

ReplayTable::Tag ReplayGuard::tag_of(ByteView name) const {
  const auto hash = crypto::blake2b<sizeof(ReplayTable::Tag)>(name, key_.reveal_to_primitive());
  return *ByteReader(hash).u64();
}

ReplayGuard::Verdict ReplayGuard::look(UnixSeconds now, UnixSeconds stamp, ByteView name) const {
  // Differences, not sums: a stamp near 2^64 must not wrap into the present.
  const auto away = count(now) > count(stamp) ? count(now) - count(stamp) : count(stamp) - count(now);
  if (away > seconds(kWindow)) return Verdict::Stale;
  const auto number = span_of(stamp);
  const auto& span = spans_[number % 2];
  if (number < span.number) return Verdict::Stale;  // the clock went back; what was said then is forgotten
  if (number == span.number && span.tags.contains(tag_of(name))) return Verdict::Replayed;
  return Verdict::Fresh;
}

bool ReplayGuard::remember(UnixSeconds stamp, ByteView name) {
  const auto number = span_of(stamp);
  auto& span = spans_[number % 2];
  FB_ASSERT(number >= span.number);
  if (number > span.number) {
    span.tags.clear();
    span.number = number;
  }
  return span.tags.insert(tag_of(name));
}

bool ReplayGuard::blocked(UnixSeconds now) const {
  const auto number = span_of(now);
  return number < spans_[number % 2].number;
}

}  // namespace footbridge::core
