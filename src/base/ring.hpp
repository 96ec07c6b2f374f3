// Ring: a queue in one piece of memory that goes round. Unlike std::deque it allocates nothing while it is empty, and
// nothing while elements come and go at the same pace; a session has ten of these, most of them empty.
//
// Bounds: its user's; it grows by doubling, and gives its memory back when it runs empty after having been large.
// T is default-constructible and movable; a slot that is left is assigned T{}, so that it owns nothing. Thread: one.
#pragma once

#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

#include "base/assert.hpp"

namespace footbridge {

// An empty ring keeps this many slots at most.
inline constexpr std::size_t kRestingSlots = 16;

template <class T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  T& operator[](std::size_t index) { return slots_[place(index)]; }
  const T& operator[](std::size_t index) const { return slots_[place(index)]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }

  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    ++size_;
    (*this)[size_ - 1] = std::move(value);
  }
  void pop_front() {
    FB_ASSERT(size_ > 0);
    slots_[begin_] = T{};
    begin_ = (begin_ + 1) & (slots_.size() - 1);
    if (--size_ == 0) rest();
  }
  void clear() {
    while (!empty()) pop_front();
  }
  // Keeps the order of the others; answers how many went.
  template <class Condition>
  std::size_t erase_if(Condition&& condition) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (condition(std::as_const((*this)[i]))) continue;
      if (kept != i) (*this)[kept] = std::move((*this)[i]);
      ++kept;
    }
    for (auto i = kept; i < size_; ++i) (*this)[i] = T{};
    const auto erased = std::exchange(size_, kept) - kept;
    if (size_ == 0) rest();
    return erased;
  }

  class Iterator {
   public:
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    Iterator() = default;
    Iterator(const Ring* ring, std::size_t index) : ring_(ring), index_(index) {}
    const T& operator*() const { return (*ring_)[index_]; }
    Iterator& operator++() {
      ++index_;
      return *this;
    }
    Iterator operator++(int) { return {ring_, index_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const Ring* ring_ = nullptr;
    std::size_t index_ = 0;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size_}; }

 private:
  static constexpr std::size_t kFirstSlots = 4;

  std::size_t place(std::size_t index) const {
    FB_ASSERT(index < size_);
    return (begin_ + index) & (slots_.size() - 1);  // the number of slots is a power of two
  }
  void grow() {
    std::vector<T> larger(slots_.empty() ? kFirstSlots : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    begin_ = 0;
  }
  void rest() {
    begin_ = 0;
    if (slots_.size() > kRestingSlots) std::vector<T>().swap(slots_);
  }

  std::vector<T> slots_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace footbridge
