// Trace: what happened in a simulated world, as a running hash that is always kept and as lines that are made only when
// somebody reads them. Two runs of one seed have the same hash; a run that failed is run again to be read:
//
//     12.481207 client 3      path-open        path=2 proxy=17
//
// An entry is of the Story (who connected, died, was refused) or of a Packet (what each datagram did); lines of packets
// are printed only at that detail. The hash takes both. Values are numbers: no text of a peer comes in here.
// Ownership: the sink outlives the trace. Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/time.hpp"
#include "sim/seed.hpp"

namespace footbridge::sim {

// Who it happened to: "client" 3. `kind` is a literal.
struct Actor {
  std::string_view kind;
  std::uint64_t number = 0;
};

struct Field {
  std::string_view name;
  std::uint64_t value = 0;
};

class Trace {
 public:
  enum class Detail : std::uint8_t { Nothing, Story, Packets };
  using Sink = std::function<void(const std::string& line)>;

  Trace() = default;
  Trace(Detail detail, Sink sink) : detail_(detail), sink_(std::move(sink)) {}

  void story(TimePoint now, Actor who, std::string_view what, std::initializer_list<Field> fields = {}) {
    note(Detail::Story, now, who, what, fields);
  }
  void packet(TimePoint now, Actor who, std::string_view what, std::initializer_list<Field> fields = {}) {
    note(Detail::Packets, now, who, what, fields);
  }
  std::uint64_t hash() const { return hash_; }
  std::uint64_t entries() const { return entries_; }

 private:
  void note(Detail detail, TimePoint now, Actor who, std::string_view what, std::initializer_list<Field> fields);
  void print(TimePoint now, Actor who, std::string_view what, std::initializer_list<Field> fields) const;
  void take(std::uint64_t value) { hash_ = mixed(hash_ ^ value) + 0x9e3779b97f4a7c15ULL; }
  void take(std::string_view text);

  Detail detail_ = Detail::Nothing;
  Sink sink_;
  std::uint64_t hash_ = 0;
  std::uint64_t entries_ = 0;
};

}  // namespace footbridge::sim
