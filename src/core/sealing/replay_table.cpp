#include "core/sealing/replay_table.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

// The tag that stands for "empty" shares its place with another one: one tag in 2^64 is refused wrongly, none taken.
constexpr ReplayTable::Tag stored(ReplayTable::Tag tag) { return tag == 0 ? 1 : tag; }

}  // namespace

ReplayTable::ReplayTable(std::size_t most_slots) : most_slots_(most_slots), slots_(kFirstSlots) {
  FB_ASSERT(most_slots >= kFirstSlots && most_slots <= kMostSlots);
}

// The upper half of a tag, scaled: so tags keep their order when the table doubles, and copying is going straight on.
std::size_t ReplayTable::place_of(Tag tag) const {
  auto place = static_cast<std::size_t>((tag >> 32) * slots_.size() >> 32);
  while (slots_[place] != kEmpty && slots_[place] != tag) place = place + 1 == slots_.size() ? 0 : place + 1;
  return place;
}

bool ReplayTable::contains(Tag tag) const { return slots_[place_of(stored(tag))] != kEmpty; }

bool ReplayTable::insert(Tag tag) {
  if (size_ >= slots_.size() / kFullDenominator * kFullNumerator) {
    if (slots_.size() >= most_slots_) return false;
    grow();
  }
  auto& slot = slots_[place_of(stored(tag))];
  FB_ASSERT(slot == kEmpty);
  slot = stored(tag);
  ++size_;
  return true;
}

void ReplayTable::clear() {
  std::ranges::fill(slots_, kEmpty);
  size_ = 0;
}

void ReplayTable::grow() {
  std::vector<Tag> larger(std::min(2 * slots_.size(), most_slots_));
  larger.swap(slots_);
  for (const auto tag : larger)
    if (tag != kEmpty) slots_[place_of(tag)] = tag;
}

}  // namespace footbridge::core
