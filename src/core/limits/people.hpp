// People: who of a volunteer's clients are one person. A person may have several links here, and comes back when a link
// broke; that is one person helped, not several.
//
// A volunteer sees no name, and must learn nothing that it did not know: it compares the public addresses of an offer,
// as marks under a key of this run (person_marks.hpp). Who has none, or shares one with somebody else behind the same
// router, is counted as well as that allows.
// Who has been away for kReturnsWithin is forgotten then, with the marks: who calls looks again at deadline().
// Bounds: kMaxRemembered persons, kMaxMarks marks of each; the one who left first is forgotten first. Pure; one thread.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.hpp"

namespace footbridge::core {

// PRX-T12: who is back within it was not helped anew; longer than a phone is without a network on a way to work.
inline constexpr Seconds kReturnsWithin{3600};
// PRX-B6: ten slots with six newcomers an hour each, four times.
inline constexpr std::size_t kMaxRemembered = 256;
inline constexpr std::size_t kMaxMarks = 8;  // PRX-B7: as many as an offer has candidates that are used

using PersonMark = std::uint64_t;
using PersonNumber = std::uint32_t;

class People {
 public:
  struct Arrival {
    PersonNumber person = 0;
    bool is_new = false;  // to be counted
  };
  // One more link of a person with these marks.
  Arrival arrived(TimePoint now, std::span<const PersonMark> marks);
  // One link less.
  void left(TimePoint now, PersonNumber person);
  // Who left kReturnsWithin ago.
  void forget(TimePoint now);
  std::optional<TimePoint> deadline() const;  // of the next to be forgotten
  std::size_t here() const;                   // persons with a link

 private:
  struct Person {
    PersonNumber number = 0;
    std::uint32_t links = 0;
    TimePoint left_at{};
    std::size_t count = 0;
    std::array<PersonMark, kMaxMarks> marks{};
    bool shares(std::span<const PersonMark> others) const;
    void learn(std::span<const PersonMark> more);
  };
  void forget_one();

  std::vector<Person> people_;
  PersonNumber last_number_ = 0;
};

}  // namespace footbridge::core
