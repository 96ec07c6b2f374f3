// HelpedNow: who is helped at one moment, each person once, however many links carry for him, and the countries of
// these people: for the screen of whoever helps them, and for nothing else. It is made anew at each look; what lasts
// (HelpingRecord) knows no countries.
//
// A country is what the broker says with a match (spec 01), so it may be unknown, and wrong: nothing is decided by it.
// Bounds: kMost persons, and so countries. A plain value. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/country.hpp"
#include "core/limits/people.hpp"

namespace footbridge::core {

class HelpedNow {
 public:
  static constexpr std::size_t kMost = 10;  // PRX-B1: as many persons as a volunteer has slots

  struct In {
    Country country;
    std::uint8_t people = 0;
    friend bool operator==(const In&, const In&) = default;
  };

  // A link that carries. Of a person whose links say different countries the first known one counts.
  void add(PersonNumber person, Country country);
  std::size_t people() const { return count_; }
  // Each country once, the unknown one first and then by the alphabet: nobody's coming can be read from the order.
  // What is returned is the part of `out` that was filled.
  std::span<const In> by_country(std::span<In, kMost> out) const;

 private:
  struct Person {
    PersonNumber number = 0;
    Country country;
  };
  std::array<Person, kMost> people_{};
  std::size_t count_ = 0;
};

}  // namespace footbridge::core
