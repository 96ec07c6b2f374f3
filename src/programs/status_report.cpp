#include "programs/status_report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/assert.hpp"
#include "base/overloaded.hpp"

namespace footbridge {
namespace {

using Key = StatusKey;
using Unit = StatusUnit;

constexpr bool in_order(const std::array<StatusField, kStatusKeys>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (static_cast<std::size_t>(fields[i].key) != i) return false;
  return true;
}

constexpr std::array<StatusField, kStatusKeys> kFields{{
    {Key::Program, "program", Unit::Word, "program"},
    {Key::Version, "version", Unit::Word, "version"},
    {Key::State, "state", Unit::Word, "state"},
    {Key::Since, "since", Unit::UnixTime, "since"},
    {Key::Nat, "nat", Unit::Word, "address translation"},
    {Key::NatMeans, "nat_means", Unit::Word, "which means"},
    {Key::NatAdvice, "nat_advice", Unit::Word, "what would help"},
    {Key::Helping, "helping", Unit::Count, "people connected now"},
    {Key::Standby, "standby", Unit::Count, "of them standing by"},
    {Key::Slots, "slots", Unit::Count, "places for people"},
    {Key::Helped, "helped", Unit::Count, "people helped since the start"},
    {Key::HelpedToday, "helped_today", Unit::Count, "people helped today"},
    {Key::HelpedEver, "helped_ever", Unit::Count, "people helped ever"},
    {Key::TodayBytes, "today_bytes", Unit::Bytes, "carried today"},
    {Key::MonthBytes, "month_bytes", Unit::Bytes, "carried this month"},
    {Key::Limits, "limits", Unit::Word, "limits in force"},
    {Key::PausedFor, "paused_for", Unit::Word, "takes nobody because of"},
    {Key::PausedUntil, "paused_until", Unit::Word, "until"},
    {Key::Idle, "idle", Unit::Word, "nobody is helped because"},
    {Key::IdleAdvice, "idle_advice", Unit::Word, "what to do"},
    {Key::Troubles, "troubles", Unit::Word, "warned of"},
    {Key::Networks, "networks", Unit::Count, "networks in use"},
    {Key::Paths, "paths", Unit::Count, "paths that carry"},
    {Key::StandbyPaths, "standby_paths", Unit::Count, "of them standing by"},
    {Key::WaitingProxies, "waiting_proxies", Unit::Count, "polls that wait for a client"},
    {Key::WaitingPages, "waiting_pages", Unit::Count, "of them pages"},
    {Key::WaitingOffers, "waiting_offers", Unit::Count, "offers that wait for a proxy"},
    {Key::Polls, "polls", Unit::Count, "polls heard"},
    {Key::Offers, "offers", Unit::Count, "offers heard"},
    {Key::Matches, "matches", Unit::Count, "offers matched"},
    {Key::RateLimited, "rate_limited", Unit::Count, "refused: asked too often"},
    {Key::Overloaded, "overloaded", Unit::Count, "refused: full, or nearly so"},
    {Key::Malformed, "malformed", Unit::Count, "refused: cannot be read"},
    {Key::Uninvited, "uninvited", Unit::Count, "refused: no invite that counts"},
    {Key::SentAway, "sent_away", Unit::Count, "refused: fails the tester's tests"},
    {Key::Egresses, "egresses", Unit::Count, "egresses that get clients"},
    {Key::Sessions, "sessions", Unit::Count, "sessions"},
    {Key::SessionsBegun, "sessions_begun", Unit::Count, "sessions begun"},
    {Key::StreamsOpened, "streams_opened", Unit::Count, "streams connected"},
    {Key::StreamsRefused, "streams_refused", Unit::Count, "streams not connected"},
    {Key::LegsRefused, "legs_refused", Unit::Count, "relay legs turned away"},
    {Key::TicketsRefused, "tickets_refused", Unit::Count, "clients turned away"},
    {Key::Workers, "workers", Unit::Count, "threads that carry"},
    {Key::Nodes, "nodes", Unit::Count, "programs on the map"},
    {Key::Edges, "edges", Unit::Count, "volunteer and egress, in pairs"},
    {Key::Viewers, "viewers", Unit::Count, "who watch"},
    {Key::Reports, "reports", Unit::Count, "reports taken"},
    {Key::ReportsRefused, "reports_refused", Unit::Count, "reports not taken"},
    {Key::Streams, "streams", Unit::Count, "streams"},
    {Key::Connections, "connections", Unit::Count, "connections"},
    {Key::UpBytes, "up_bytes", Unit::Bytes, "carried from people"},
    {Key::DownBytes, "down_bytes", Unit::Bytes, "carried to people"},
}};
static_assert(in_order(kFields));

std::string size_text(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 5> kUnits{"B", "KiB", "MiB", "GiB", "TiB"};
  auto value = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < kUnits.size(); ++unit) value /= 1024;
  return fmt::format(fmt::runtime(unit == 0 ? "{:.0f} {}" : "{:.1f} {}"), value, kUnits[unit]);
}

std::string for_how_long(std::uint64_t seconds) {
  if (seconds < 60) return fmt::format("{} s", seconds);
  if (seconds < 3600) return fmt::format("{} min", seconds / 60);
  if (seconds < 86'400) return fmt::format("{} h {} min", seconds / 3600, seconds / 60 % 60);
  return fmt::format("{} d {} h", seconds / 86'400, seconds / 3600 % 24);
}

std::string number_text(const StatusField& field, std::uint64_t number, UnixSeconds now) {
  switch (field.unit) {
    case Unit::Bytes: return size_text(number);
    case Unit::UnixTime: return for_how_long(count(now) > number ? count(now) - number : 0);
    case Unit::Word:
    case Unit::Count: break;
  }
  return std::to_string(number);
}

}  // namespace

constinit const std::array<StatusField, kStatusKeys> kStatusFields = kFields;

std::string_view name(StatusUnit unit) {
  switch (unit) {
    case Unit::Word: return "word";
    case Unit::Count: return "count";
    case Unit::Bytes: return "bytes";
    case Unit::UnixTime: return "seconds since 1970";
  }
  FB_ASSERT(false);
}

void StatusReport::add(StatusKey key, Value value) {
  const auto& field = kStatusFields[static_cast<std::size_t>(key)];
  FB_ASSERT(find(key) == nullptr && std::holds_alternative<std::string>(value) == (field.unit == Unit::Word));
  fields_.emplace_back(&field, std::move(value));
}

const StatusReport::Value* StatusReport::find(StatusKey key) const {
  const auto found = std::ranges::find(fields_, key, [](const auto& each) { return each.first->key; });
  return found == fields_.end() ? nullptr : &found->second;
}

StatusReport& StatusReport::say(StatusKey key, std::string_view word) {
  FB_ASSERT(!word.empty());
  add(key, std::string(word));
  return *this;
}

StatusReport& StatusReport::count(StatusKey key, std::uint64_t number) {
  add(key, number);
  return *this;
}

StatusReport& StatusReport::nat(const core::NatReport& report) {
  return say(Key::Nat, name(report.verdict())).say(Key::NatMeans, meaning(report)).say(Key::NatAdvice, advice(report));
}

std::string StatusReport::json() const {
  auto out = nlohmann::ordered_json::object();
  for (const auto& [field, value] : fields_)
    std::visit([&, key = std::string(field->name)](const auto& each) { out[key] = each; }, value);
  return out.dump() + "\n";
}

std::string StatusReport::text(UnixSeconds now) const {
  const auto word = [&](StatusKey key) {
    const auto* value = find(key);
    return value == nullptr ? std::string("?") : std::get<std::string>(*value);
  };
  auto out = "footbridge " + word(Key::Program) + " " + word(Key::Version) + ": " + word(Key::State);
  if (const auto* since = find(Key::Since))
    out += ", runs for " +
           number_text(kStatusFields[static_cast<std::size_t>(Key::Since)], std::get<std::uint64_t>(*since), now);
  out += "\n";
  for (const auto& [field, value] : fields_) {
    if (field->key == Key::Program || field->key == Key::Version || field->key == Key::State ||
        field->key == Key::Since)
      continue;  // in the first line
    const auto said = std::visit(Overloaded{[](const std::string& text) { return text; },
                                            [&](std::uint64_t number) { return number_text(*field, number, now); }},
                                 value);
    out += fmt::format("  {:<32}{}\n", std::string(field->label) + ":", said);
  }
  return out;
}

}  // namespace footbridge
