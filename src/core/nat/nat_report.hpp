// What is known of this network's address translation: the two behaviours of RFC 4787 and what they mean for links.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "wire/rendezvous.hpp"

namespace footbridge::core {

// What a person is told, and what metrics are labelled with.
enum class NatVerdict : std::uint8_t {
  Unmeasured,  // not asked, or too little was answered
  NoUdp,       // nobody answered at all: UDP is blocked here, or every server is
  Open,        // anybody can be met
  Moderate,    // everybody but those behind strict NATs
  Strict,      // only those who are open
};
inline constexpr std::size_t kNatVerdicts = 5;
std::string_view name(NatVerdict verdict);

struct NatReport {
  wire::Nat nat{};
  bool heard = false;                             // some server answered
  bool asked = false;                             // some server was asked
  std::optional<bool> translated = std::nullopt;  // our outside address is not one of our own; nullopt: unknown

  NatVerdict verdict() const;
  friend bool operator==(const NatReport&, const NatReport&) = default;
};

// One sentence each: what it means for whom this machine can meet, and what a person can do about it.
std::string_view meaning(const NatReport& report);
std::string_view advice(const NatReport& report);

}  // namespace footbridge::core
