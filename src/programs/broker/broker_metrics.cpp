#include "programs/broker/broker_metrics.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "base/assert.hpp"
#include "core/nat/nat_report.hpp"

namespace footbridge::broker {
namespace {

using Stats = core::BrokerStats;

enum class OfferOutcome : std::uint8_t { Matched, NoProxy, NoAnswer };
constexpr std::string_view name(OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::Matched: return "matched";
    case OfferOutcome::NoProxy: return "no-proxy";
    case OfferOutcome::NoAnswer: return "no-answer";
  }
  FB_ASSERT(false);
}

std::uint64_t count(const Stats& stats, OfferOutcome outcome) {
  switch (outcome) {
    case OfferOutcome::Matched: return stats.offers_matched;
    case OfferOutcome::NoProxy: return stats.offers_unmatched - stats.offers_unanswered;
    case OfferOutcome::NoAnswer: return stats.offers_unanswered;
  }
  FB_ASSERT(false);
}

// What of a broker is full when it refuses.
enum class Overload : std::uint8_t { Requests, Offers };
constexpr std::string_view name(Overload kind) { return kind == Overload::Requests ? "requests" : "offers"; }

std::uint64_t count(const Stats& stats, Overload kind) {
  return kind == Overload::Requests ? stats.overloaded : stats.offers_full;
}

// Under the words that volunteers hear for it, too.
constexpr std::array kVerdicts{core::NatVerdict::Open, core::NatVerdict::Moderate, core::NatVerdict::Strict,
                               core::NatVerdict::Unmeasured};
std::size_t waiting_behind(const BrokerDoor& door, core::NatVerdict verdict) {
  switch (verdict) {
    case core::NatVerdict::Open: return door.parked_polls(core::NatClass::Open);
    case core::NatVerdict::Moderate: return door.parked_polls(core::NatClass::Moderate);
    case core::NatVerdict::Strict: return door.parked_polls(core::NatClass::Strict);
    case core::NatVerdict::Unmeasured: return door.parked_polls(core::NatClass::Unknown);
    case core::NatVerdict::NoUdp: break;  // of them polls say nothing
  }
  FB_ASSERT(false);
}

void add_requests(observe::Registry& registry, const BrokerDoor& door) {
  registry.counter_from("footbridge_broker_requests_located_total", "Requests whose country was known.",
                        [&] { return door.located().known; });
  registry.counter_from("footbridge_broker_requests_unlocated_total", "Requests whose country was not known.",
                        [&] { return door.located().unknown; });
  registry.counter_from("footbridge_broker_polls_total", "Polls of proxies.", [&] { return door.stats().polls; });
  registry.counter_from("footbridge_broker_offers_total", "Offers of clients.", [&] { return door.stats().offers; });
  registry.counter_from("footbridge_broker_rate_limited_total", "Requests of a network that asks too often.",
                        [&] { return door.stats().rate_limited; });
  registry.counters_from("footbridge_overload_total", "What was refused because something is full, by what.", "kind",
                         std::array{Overload::Requests, Overload::Offers},
                         std::function([&](Overload kind) { return count(door.stats(), kind); }));
  registry.counter_from("footbridge_broker_malformed_total", "Requests that could not be read.",
                        [&] { return door.stats().malformed; });
  registry.counter_from("footbridge_broker_uninvited_total", "Requests without an invite that counts.",
                        [&] { return door.stats().uninvited; });
  registry.counter_from("footbridge_broker_sent_away_total", "Polls of volunteers that fail their tests.",
                        [&] { return door.stats().sent_away; });
}

void add_matching(observe::Registry& registry, BrokerDoor& door) {
  registry.counters_from("footbridge_broker_matches_total", "Offers that were taken in, by how they ended.", "outcome",
                         std::array{OfferOutcome::Matched, OfferOutcome::NoProxy, OfferOutcome::NoAnswer},
                         std::function([&](OfferOutcome outcome) { return count(door.stats(), outcome); }));
  door.count_match_waits(registry.histogram("footbridge_broker_match_wait_seconds",
                                            "From a person's offer to its match, of those that got one.",
                                            {0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30}));
  registry.gauges_from(
      "footbridge_broker_waiting_proxies", "Polls that wait for a client, by the address translation in front of them.",
      "nat", kVerdicts,
      std::function([&](core::NatVerdict verdict) { return static_cast<double>(waiting_behind(door, verdict)); }));
  registry.gauge_from("footbridge_broker_waiting_pages", "Of the polls that wait, those of volunteers in web pages.",
                      [&] { return static_cast<double>(door.parked_pages()); });
  registry.gauge_from("footbridge_broker_waiting_offers", "Offers that wait for a proxy.",
                      [&] { return static_cast<double>(door.parked_offers()); });
  registry.gauge_from("footbridge_broker_remembered",
                      "What is known of matches, proxies and networks besides who waits.",
                      [&] { return static_cast<double>(door.remembered()); });
}

void add_egresses(observe::Registry& registry, const BrokerDoor& door) {
  registry.counter_from("footbridge_broker_heartbeats_total", "Reports of egresses that count.",
                        [&] { return door.stats().heartbeats; });
  registry.counter_from("footbridge_broker_heartbeats_refused_total",
                        "Reports of nobody we know, or of another time, or said before.",
                        [&] { return door.stats().heartbeats_forged + door.stats().heartbeats_unfit; });
  registry.counter_from("footbridge_broker_receipts_total", "What became of paths, as egresses told.",
                        [&] { return door.stats().receipts; });
  registry.counter_from("footbridge_broker_receipts_unexpected_total",
                        "The same, of no match that this broker made and waits to hear of.",
                        [&] { return door.stats().receipts_unexpected; });
  registry.gauge_from("footbridge_broker_egresses", "Egresses that get clients.",
                      [&] { return static_cast<double>(door.egresses_up()); });
}

void add_tests(observe::Registry& registry, const BrokerDoor& door) {
  registry.counter_from("footbridge_broker_tests_passed_total", "Volunteers through which a tester came.",
                        [&] { return door.tests().stats().passed; });
  registry.counter_from("footbridge_broker_tests_failed_total", "Volunteers through which none came.",
                        [&] { return door.tests().stats().failed; });
  const auto probed = [&registry, &door](observe::MetricName metric, std::string_view help,
                                         std::uint64_t core::NatProbes::Stats::*which) {
    registry.counter_from(metric, help, [&door, which] { return door.probes().stats().*which; });
  };
  using Probes = core::NatProbes::Stats;
  probed("footbridge_broker_probed_open_total", "Volunteers that a tester reached from wherever it sent.",
         &Probes::open);
  probed("footbridge_broker_probed_moderate_total", "Volunteers that it reached from where they sent to, only.",
         &Probes::moderate);
  probed("footbridge_broker_probed_strict_total", "Volunteers that it reached as neither.", &Probes::strict);
  probed("footbridge_broker_probed_doubtful_total", "The same, while the tester reaches nobody.", &Probes::doubtful);
  probed("footbridge_broker_probed_untold_total", "Probes that came to nothing.", &Probes::untold);
}

}  // namespace

void add_metrics(observe::Registry& registry, BrokerDoor& door) {
  add_requests(registry, door);
  add_matching(registry, door);
  add_egresses(registry, door);
  add_tests(registry, door);
}

void tell_status(StatusReport& report, const BrokerDoor& door, std::size_t connections, std::string_view limits) {
  using Key = StatusKey;
  const auto& stats = door.stats();
  report.count(Key::WaitingProxies, door.parked_polls()).count(Key::WaitingPages, door.parked_pages());
  report.count(Key::WaitingOffers, door.parked_offers()).count(Key::Egresses, door.egresses_up());
  report.count(Key::Polls, stats.polls).count(Key::Offers, stats.offers).count(Key::Matches, stats.offers_matched);
  report.count(Key::RateLimited, stats.rate_limited).count(Key::Overloaded, stats.overloaded + stats.offers_full);
  report.count(Key::Malformed, stats.malformed).count(Key::Uninvited, stats.uninvited);
  report.count(Key::SentAway, stats.sent_away).count(Key::Connections, connections);
  report.say(Key::Limits, limits);
  if (door.egresses_up() == 0)
    report.say(Key::Idle, "no-egress").say(Key::IdleAdvice, "see whether an egress runs and reaches this broker");
  else if (door.parked_polls() == 0)
    report.say(Key::Idle, "no-volunteer").say(Key::IdleAdvice, "see whether this broker is reached from outside");
}

}  // namespace footbridge::broker
