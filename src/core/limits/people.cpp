#include "core/limits/people.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {

People::Arrival People::arrived(TimePoint now, std::span<const PersonMark> marks) {
  forget(now);
  for (auto& person : people_) {
    if (!person.shares(marks)) continue;
    ++person.links;
    person.learn(marks);
    return {person.number, false};
  }
  if (people_.size() >= kMaxRemembered) forget_one();
  Person person{.number = ++last_number_, .links = 1};
  person.learn(marks);
  people_.push_back(person);
  return {person.number, true};
}

void People::left(TimePoint now, PersonNumber number) {
  const auto found = std::find_if(people_.begin(), people_.end(), [&](const Person& p) { return p.number == number; });
  FB_ASSERT(found != people_.end() && found->links > 0);
  if (--found->links == 0) found->left_at = now;
}

void People::forget(TimePoint now) {
  const auto gone =
      std::erase_if(people_, [&](const Person& p) { return p.links == 0 && now - p.left_at >= kReturnsWithin; });
  // What was erased lies behind the last that is left until the memory is given back, which wipes it.
  if (gone > 0) people_.shrink_to_fit();
}

std::optional<TimePoint> People::deadline() const {
  std::optional<TimePoint> out;
  for (const auto& person : people_)
    if (person.links == 0) out = earlier(out, person.left_at + kReturnsWithin);
  return out;
}

std::size_t People::here() const {
  std::size_t out = 0;
  for (const auto& person : people_) out += person.links > 0 ? 1 : 0;
  return out;
}

// Those who are here stay, however many: a volunteer has ten slots.
void People::forget_one() {
  auto oldest = people_.end();
  for (auto it = people_.begin(); it != people_.end(); ++it)
    if (it->links == 0 && (oldest == people_.end() || it->left_at < oldest->left_at)) oldest = it;
  if (oldest != people_.end()) people_.erase(oldest);
}

bool People::Person::shares(std::span<const PersonMark> others) const {
  const auto mine = std::span(marks).first(count);
  return std::any_of(others.begin(), others.end(),
                     [&](PersonMark mark) { return std::find(mine.begin(), mine.end(), mark) != mine.end(); });
}

void People::Person::learn(std::span<const PersonMark> more) {
  for (const auto mark : more)
    if (count < kMaxMarks && !shares({&mark, 1})) marks[count++] = mark;
}

}  // namespace footbridge::core
