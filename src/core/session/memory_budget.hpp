// The memory that all sessions of one server share. Sessions reserve before they allocate and release after they free;
// who implements it decides the sum (1 GiB per egress) and may refuse. Thread: that of the sessions using it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "core/session/page.hpp"

namespace footbridge::core {

// Writing can wait, what peers were promised cannot: sending is refused first.
enum class MemoryUse : std::uint8_t { Sending, Receiving };

// How far the sum may rise by this use: three quarters for both, the last for receiving only.
constexpr std::size_t most_for(MemoryUse use, std::size_t max_bytes) {
  return use == MemoryUse::Sending ? max_bytes / 4 * 3 : max_bytes;
}

class MemoryBudget {
 public:
  virtual ~MemoryBudget() = default;
  // False: the sum would be exceeded (for sending: its share of it); nothing was reserved. A writer then waits; a
  // session that cannot keep what it granted ends.
  [[nodiscard]] virtual bool reserve(std::size_t bytes, MemoryUse use) = 0;
  virtual void release(std::size_t bytes) = 0;
  // Not part of the sum.
  SparePages& spare_pages() { return spare_pages_; }

 private:
  SparePages spare_pages_;
};

// A plain sum with a bound. A client has one of its own for its one session.
class BoundedMemory final : public MemoryBudget {
 public:
  explicit BoundedMemory(std::size_t max_bytes) : max_bytes_(max_bytes) {}
  bool reserve(std::size_t bytes, MemoryUse use) override {
    const auto most = most_for(use, max_bytes_);
    if (used_bytes_ > most || bytes > most - used_bytes_) return false;
    used_bytes_ += bytes;
    return true;
  }
  void release(std::size_t bytes) override { used_bytes_ -= bytes; }
  std::size_t used_bytes() const { return used_bytes_; }

 private:
  std::size_t max_bytes_;
  std::size_t used_bytes_ = 0;
};

}  // namespace footbridge::core
