// A first-in-first-out queue that a peer can fill but never grow: push() says no when the bound is reached.
#pragma once

#include <cstddef>
#include <deque>
#include <utility>

#include "base/assert.hpp"

namespace footbridge {

template <class T, std::size_t kMaxItems>
class BoundedQueue {
 public:
  // False: full, the item was not taken. The caller drops and counts, or makes the sender wait.
  [[nodiscard]] bool push(T item) {
    if (items_.size() >= kMaxItems) return false;
    items_.push_back(std::move(item));
    return true;
  }
  T pop() {
    FB_ASSERT(!items_.empty());
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }
  const T& front() const { return FB_ASSERT(!items_.empty()), items_.front(); }
  bool empty() const { return items_.empty(); }
  bool full() const { return items_.size() >= kMaxItems; }
  std::size_t size() const { return items_.size(); }
  void clear() { items_.clear(); }
  static constexpr std::size_t max_items() { return kMaxItems; }

 private:
  std::deque<T> items_;
};

}  // namespace footbridge
