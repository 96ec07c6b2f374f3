#include "sim/trace.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>

namespace footbridge::sim {

void Trace::take(std::string_view text) {
  take(text.size());
  for (std::size_t at = 0; at < text.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, std::min(sizeof word, text.size() - at));
    take(word);
  }
}

void Trace::note(Detail detail, TimePoint now, Actor who, std::string_view what, std::initializer_list<Field> fields) {
  ++entries_;
  take(static_cast<std::uint64_t>(now.time_since_epoch().count()));
  take(who.kind);
  take(who.number);
  take(what);
  for (const auto& field : fields) take(field.value);
  if (sink_ && detail <= detail_) print(now, who, what, fields);
}

void Trace::print(TimePoint now, Actor who, std::string_view what, std::initializer_list<Field> fields) const {
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch()).count();
  const auto actor = std::string(who.kind) + " " + std::to_string(who.number);
  std::array<char, 96> head{};
  std::snprintf(head.data(), head.size(), "%6lld.%06lld %-12s %-18.*s",
                static_cast<long long>(microseconds / 1'000'000), static_cast<long long>(microseconds % 1'000'000),
                actor.c_str(), static_cast<int>(what.size()), what.data());
  std::string line = head.data();
  for (const auto& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    line += std::to_string(field.value);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  sink_(line);
}

}  // namespace footbridge::sim
