// StatusReport: what a running program says of itself to the person who runs it: on /status of its admin listener, and
// through `footbridge status`. As JSON its keys are those of kStatusFields and no others; as text each is a line.
//
// Counts, sizes, times, and words from lists of ours: nothing that names a person, an address or a country. The keys
// are listed in docs/ops/monitoring.md, which a test compares. Owner: whoever is asked fills one. Pure; any thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/time.hpp"
#include "core/nat/nat_report.hpp"

namespace footbridge {

enum class StatusKey : std::uint8_t {
  // everybody
  Program,
  Version,
  State,
  Since,
  // the two ends of a link
  Nat,
  NatMeans,
  NatAdvice,
  // volunteer
  Helping,
  Standby,
  Slots,
  Helped,
  HelpedToday,
  HelpedEver,
  TodayBytes,
  MonthBytes,
  Limits,
  PausedFor,
  PausedUntil,
  Idle,
  IdleAdvice,
  Troubles,
  // client
  Networks,
  Paths,
  StandbyPaths,
  // broker
  WaitingProxies,
  WaitingPages,
  WaitingOffers,
  Polls,
  Offers,
  Matches,
  RateLimited,
  Overloaded,
  Malformed,
  Uninvited,
  SentAway,
  Egresses,
  // egress
  Sessions,
  SessionsBegun,
  StreamsOpened,
  StreamsRefused,
  LegsRefused,
  TicketsRefused,
  Workers,
  // netstate
  Nodes,
  Edges,
  Viewers,
  Reports,
  ReportsRefused,
  // several
  Streams,
  Connections,
  UpBytes,
  DownBytes,
};

enum class StatusUnit : std::uint8_t { Word, Count, Bytes, UnixTime };
std::string_view name(StatusUnit unit);

struct StatusField {
  StatusKey key;
  std::string_view name;  // in JSON
  StatusUnit unit;
  std::string_view label;  // for people
};
inline constexpr std::size_t kStatusKeys = static_cast<std::size_t>(StatusKey::DownBytes) + 1;
// In the order of StatusKey.
extern const std::array<StatusField, kStatusKeys> kStatusFields;

class StatusReport {
 public:
  // `word` is not empty, and ours: a literal, or made of one's own options. Each key once.
  StatusReport& say(StatusKey key, std::string_view word);
  StatusReport& count(StatusKey key, std::uint64_t number);
  StatusReport& nat(const core::NatReport& report);

  std::string json() const;
  // `now`: for how long is said of times.
  std::string text(UnixSeconds now) const;

 private:
  using Value = std::variant<std::string, std::uint64_t>;
  void add(StatusKey key, Value value);
  const Value* find(StatusKey key) const;

  std::vector<std::pair<const StatusField*, Value>> fields_;
};

}  // namespace footbridge
