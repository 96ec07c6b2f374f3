// ScopeId: the only name a connection, session or link has in logs. Random, 32 bits, never derived from an address:
// two lines of one log can be joined by it, and nothing outside that log can.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

#include "base/rng.hpp"

namespace footbridge::observe {

class ScopeId {
 public:
  ScopeId() = default;
  static ScopeId random(Rng& rng) { return ScopeId(static_cast<std::uint32_t>(rng.next_u64())); }

  std::uint32_t value() const { return value_; }
  std::string to_text() const;  // eight hex digits
  friend auto operator<=>(const ScopeId&, const ScopeId&) = default;

 private:
  explicit ScopeId(std::uint32_t value) : value_(value) {}
  std::uint32_t value_ = 0;
};

}  // namespace footbridge::observe
