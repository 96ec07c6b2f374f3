// The set of tags that were seen: exact, because it keeps each of them, in memory that grows by doubling up to a bound
// and is not given back. Open addressing, linear probing, at most kFullNumerator/kFullDenominator of the slots in use;
// what is full takes nothing more and forgets nothing. Tags are a keyed hash, so nobody can aim at slots.
// Growing copies all tags in order, tens of milliseconds at most. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace footbridge::core {

class ReplayTable {
 public:
  using Tag = std::uint64_t;

  static constexpr std::size_t kFirstSlots = 3 * 1024;  // 24 KiB: what a broker among friends ever needs
  // SEAL-B7: 24 MiB. Two such tables, and the half of one that is being copied while it doubles, are 60 MiB.
  static constexpr std::size_t kMostSlots = 3 * 1024 * 1024;
  // SEAL-B8: 7 of 8 slots: 11,400 requests a second; looking for a tag that is not there reads four cache lines then.
  static constexpr std::size_t kFullNumerator = 7, kFullDenominator = 8;

  // `most_slots`: kFirstSlots times a power of two.
  explicit ReplayTable(std::size_t most_slots = kMostSlots);

  bool contains(Tag tag) const;
  // Of a tag that it does not contain. False: full.
  [[nodiscard]] bool insert(Tag tag);
  // Keeps the memory.
  void clear();

  std::size_t size() const { return size_; }
  std::size_t bytes() const { return slots_.size() * sizeof(Tag); }
  std::size_t most_tags() const { return most_slots_ / kFullDenominator * kFullNumerator; }

 private:
  static constexpr Tag kEmpty = 0;
  std::size_t place_of(Tag tag) const;  // its own, or the empty one where it would go
  void grow();

  std::size_t most_slots_;
  std::vector<Tag> slots_;
  std::size_t size_ = 0;
};

}  // namespace footbridge::core
