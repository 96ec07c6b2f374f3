// Fixed-length random identifiers that cannot be mixed up: MatchId, ProxyId, … are distinct types.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstring>
#include <functional>
#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"

namespace footbridge {

template <class Tag, std::size_t N>
struct Id {
  static constexpr std::size_t kBytes = N;
  std::array<std::byte, N> raw{};

  static Id random(Rng& rng) { return Id{rng.array<N>()}; }
  // nullopt: not exactly N bytes.
  static std::optional<Id> from(ByteView bytes) {
    if (bytes.size() != N) return std::nullopt;
    Id id;
    std::memcpy(id.raw.data(), bytes.data(), N);
    return id;
  }
  ByteView view() const { return raw; }
  // The category is written out: libc++ 16 (the browser build) orders arrays by < only, and auto would not fall back.
  friend std::strong_ordering operator<=>(const Id&, const Id&) = default;
};

using MatchId = Id<struct MatchTag, 16>;      // one client–proxy pairing; named in the leg token and in HELLO
using ProxyId = Id<struct ProxyTag, 32>;      // a proxy's static key (random bytes until sealing exists)
using SelfTag = Id<struct SelfTagTag, 16>;    // random per installation: nobody is matched with himself
using SessionId = Id<struct SessionTag, 16>;  // names a session at the egress; never sent in clear

}  // namespace footbridge

// Ids are random unless a peer chose them; tables keyed by peer-chosen ids are ordered maps, not hash maps.
template <class Tag, std::size_t N>
struct std::hash<footbridge::Id<Tag, N>> {
  std::size_t operator()(const footbridge::Id<Tag, N>& id) const noexcept {
    static_assert(N >= sizeof(std::size_t));
    std::size_t value = 0;
    std::memcpy(&value, id.raw.data(), sizeof value);
    return value;
  }
};
