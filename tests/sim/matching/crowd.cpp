#include "crowd.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>
#include <utility>

#include "base/assert.hpp"
#include "core/egress/heartbeats.hpp"
#include "core/egress/receipt_book.hpp"
#include "crypto/heartbeat_box.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::core {
namespace {

constexpr UnixSeconds kUnix{1'800'000'000};
constexpr Seconds kTests{2};            // a path of the tester's that comes about
constexpr Seconds kTestStay{12};        // and how long it is kept
constexpr std::size_t kMostTrying = 4;  // TST-B7
constexpr Seconds kMeanStay{600};
constexpr Seconds kGivesUp{20};        // an end whose link does not open
constexpr Seconds kNoticesSilence{5};  // a client whose link carries nothing
constexpr unsigned kReceiptBytesLog2 = 20;
constexpr std::uint64_t kSpread = 0x9e37'79b9'7f4a'7c15;  // small numbers become hashes

// Nobody is behind the worst of translators: who meets whom is left to everything else.
using wire::NatBehaviour;
constexpr wire::Nat kNats[] = {{},
                               {NatBehaviour::EndpointIndependent, NatBehaviour::EndpointIndependent},
                               {NatBehaviour::EndpointIndependent, NatBehaviour::AddressAndPortDependent}};

BrokerConfig config(const wire::EgressId& egress, const crypto::SecretKey& key, const wire::InviteId& testers) {
  BrokerConfig out;
  InviteRules open{.needed = false, .invites = {}};
  open.invites.push_back({.mark = mark_of(testers), .until = UnixSeconds{count(kUnix) + 1}, .tester = true});
  out.invites.emplace(std::move(open), std::span<const Guest>());
  out.egresses.push_back({egress, Private<std::string>("wss://egress.example/leg"), key});
  return out;
}

}  // namespace

double quantile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  const auto place = static_cast<std::size_t>(share * static_cast<double>(values.size()));
  return values[std::min(place, values.size() - 1)];
}

std::size_t Crowd::Figures::matches() const { return std::accumulate(std::begin(matched), std::end(matched), 0UL); }

Crowd::Crowd(std::uint64_t seed, EgressReports reports, unsigned paths)
    : rng_(seed),
      leg_key_(crypto::SecretKey::random(rng_)),
      egress_(wire::EgressId::random(rng_)),
      testers_invite_(wire::InviteId::random(rng_)),
      tester_(SelfTag::random(rng_)),
      broker_(config(egress_, leg_key_, testers_invite_), rng_),
      paths_(paths) {
  report_.boot = wire::BootEpoch::random(rng_);
  report_.sent_at = kUnix;
  if (reports == EgressReports::Yes) report();
}

void Crowd::report() {
  ++report_.sequence;
  ++report_.batch;
  const auto later = report_.receipts.size() > wire::kMaxReportReceipts
                         ? std::vector(report_.receipts.begin() + wire::kMaxReportReceipts, report_.receipts.end())
                         : std::vector<wire::Receipt>{};
  report_.receipts.resize(report_.receipts.size() - later.size());
  post(0, wire::Heartbeat{
              {egress_},
              crypto::seal_heartbeat(crypto::HeartbeatBox::Report, egress_.view(), wire::encode_egress_report(report_),
                                     crypto::heartbeat_key(leg_key_), rng_)});
  settle();
  report_.receipts = later;
  after(Heartbeats::kEvery, [this] { report(); });
}

Duration Crowd::between(Millis from, Millis to) {
  return Millis{rng_.between(static_cast<std::uint64_t>(from.count()), static_cast<std::uint64_t>(to.count()))};
}

Duration Crowd::lifetime(Seconds mean) {
  const auto unit = static_cast<double>(rng_.between(1, 1'000'000)) / 1e6;
  return Duration(static_cast<Duration::rep>(-std::log(unit) * std::chrono::duration<double, std::nano>(mean).count()));
}

void Crowd::add_volunteer(Nature nature, std::uint64_t prefix, std::uint32_t slots) {
  volunteers_.push_back(
      {ProxyId::random(rng_), SelfTag::random(rng_), kNats[rng_.between(0, 2)], nature, prefix, slots});
  volunteers_.back().since = now_;
  after(between(Millis{0}, Millis{5'000}), [this, number = volunteers_.size() - 1] { poll(number); });
}

void Crowd::add_client(std::uint64_t prefix) {
  Client client;
  client.prefix = prefix;
  client.since = now_;
  ask(std::move(client));
}

void Crowd::clients_come(double per_second) {
  add_client(rng_.next_u64());
  after(lifetime(Seconds{1}) * 1'000 / static_cast<std::int64_t>(per_second * 1'000),
        [this, per_second] { clients_come(per_second); });
}

void Crowd::flood(double per_second, std::uint64_t prefixes) {
  Client nobody;
  nobody.prefix = rng_.between(1, prefixes) * kSpread;
  nobody.flood = true;
  ask(std::move(nobody));
  after(Duration(static_cast<Duration::rep>(1e9 / per_second)),
        [this, per_second, prefixes] { flood(per_second, prefixes); });
}

void Crowd::run(Duration span) {
  const auto end = now_ + span;
  for (;;) {
    auto next = broker_.deadline();
    if (!events_.empty()) next = earlier(next, events_.begin()->first);
    if (!next || *next > end) break;
    now_ = std::max(now_, *next);
    while (!events_.empty() && events_.begin()->first <= now_) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    broker_.on_deadline(now_, kUnix);
    settle();
  }
  now_ = end;
}

RequestKey Crowd::post(std::uint64_t prefix, decltype(wire::Request::body) body) {
  const auto key = ++last_;
  broker_.on_request(now_, kUnix, key, wire::encode_request({.body = std::move(body)}), {.prefix_hash = prefix});
  return key;
}

void Crowd::settle() {
  while (const auto reply = broker_.poll()) {
    const auto response = wire::parse_response(reply->body);
    FB_ASSERT(response);
    if (const auto poll = polls_.find(reply->request); poll != polls_.end()) {
      const auto volunteer = poll->second;
      polls_.erase(poll);
      on_poll_reply(volunteer, *response);
    } else if (const auto offer = offers_.find(reply->request); offer != offers_.end()) {
      auto client = std::move(offer->second);
      offers_.erase(offer);
      on_offer_reply(std::move(client), *response);
    }
  }
}

// Volunteers -------------------------------------------------------------------------------------------------------

void Crowd::poll(std::size_t number) {
  auto& volunteer = volunteers_[number];
  if (volunteer.polling || volunteer.used >= volunteer.slots) return;
  wire::Poll poll;
  poll.proxy = volunteer.id;
  poll.self_tag = volunteer.tag;
  poll.compartments = {wire::kCommonCompartment};
  poll.nat = volunteer.nat;
  poll.slots = volunteer.slots - volunteer.used;
  poll.wait = Seconds{25};
  volunteer.polling = true;
  polls_[post(volunteer.prefix, std::move(poll))] = number;
  settle();
}

void Crowd::errand(std::size_t number, const MatchId& match, std::optional<wire::OutcomeKind> outcome) {
  const auto& volunteer = volunteers_[number];
  wire::Poll poll;
  poll.proxy = volunteer.id;
  poll.self_tag = volunteer.tag;
  poll.compartments = {wire::kCommonCompartment};
  if (outcome)
    poll.outcomes.push_back({match, *outcome});
  else
    poll.answers.push_back({match, wire::Sdp("answer")});
  post(volunteer.prefix, std::move(poll));
  settle();
}

void Crowd::on_poll_reply(std::size_t number, const wire::Response& response) {
  volunteers_[number].polling = false;
  if (const auto* reply = std::get_if<wire::PollReply>(&response.body))
    for (const auto& assignment : reply->assignments) on_assigned(number, assignment);
  after(std::max<Duration>(response.retry_after, between(Millis{50}, Millis{200})), [this, number] { poll(number); });
}

void Crowd::on_assigned(std::size_t number, const wire::Assignment& assignment) {
  auto& volunteer = volunteers_[number];
  ++volunteer.used;
  const bool flood = assignment.sdp == wire::Sdp("flood");
  if (assignment.sdp == wire::Sdp("test")) {
    served_[assignment.match] = {number, false};
    if (volunteer.nature != Nature::Silent)
      after(between(Millis{300}, Millis{800}), [this, number, match = assignment.match] { errand(number, match, {}); });
    return release(number, volunteer.nature == Nature::Honest ? kTests + kTestStay : kGivesUp);
  }
  served_[assignment.match] = {number, flood};
  if (flood) most_flooded_ = std::max(most_flooded_, ++flooded_);
  if (volunteer.nature == Nature::Silent) return release(number, kGivesUp);
  after(between(Millis{300}, Millis{800}), [this, number, match = assignment.match] { errand(number, match, {}); });
  if (flood || volunteer.nature == Nature::Deaf) {
    if (volunteer.nature != Nature::Deaf)
      after(kGivesUp, [this, number, match = assignment.match] {
        --flooded_;
        errand(number, match, wire::OutcomeKind::LinkTimeout);
      });
    return release(number, kGivesUp);
  }
  after(between(Millis{1'500}, Millis{2'500}),
        [this, number, match = assignment.match] { errand(number, match, wire::OutcomeKind::Opened); });
  if (volunteer.nature == Nature::Liar) return release(number, kGivesUp);
  const auto stay = lifetime(kMeanStay);
  release(number, stay);
  after(std::min<Duration>(stay, kReceiptAge) + between(ReceiptBook::kLeastDelay, ReceiptBook::kMostDelay),
        [this, number, id = volunteer.id] {
          first_time(volunteers_[number].proven, volunteers_[number].since, figures_.until_proven);
          report_.receipts.push_back({crypto::proxy_mark(id), true, kReceiptBytesLog2});
        });
}

void Crowd::first_time(bool& already, TimePoint since, std::vector<double>& figure) {
  if (!std::exchange(already, true) && since >= forgot_)
    figure.push_back(std::chrono::duration<double>(now_ - since).count());
}

void Crowd::release(std::size_t number, Duration later) {
  after(later, [this, number] {
    --volunteers_[number].used;
    poll(number);
  });
}

// Clients ----------------------------------------------------------------------------------------------------------

void Crowd::ask(Client client) {
  wire::Offer offer;
  offer.self_tag = SelfTag::random(rng_);
  offer.compartment = wire::kCommonCompartment;
  offer.nat = kNats[rng_.between(1, 2)];
  offer.sdps.assign(client.flood ? wire::kMaxOfferSdps : 1, wire::Sdp(client.flood ? "flood" : "offer"));
  offer.wait = Seconds{25};
  while (client.avoid.size() > wire::kMaxAvoided) client.avoid.erase(client.avoid.begin());
  offer.avoid = client.avoid;
  offer.has_path = client.paths > 0;
  offer.outcomes = client.failed;
  const auto key = post(client.prefix, std::move(offer));
  offers_.emplace(key, std::move(client));
  settle();
}

void Crowd::on_offer_reply(Client client, const wire::Response& response) {
  const auto* reply = std::get_if<wire::OfferReply>(&response.body);
  if (client.flood) return;
  if (client.tester) {
    asks_.reset();
    if (reply != nullptr && !reply->matches.empty()) on_test(reply->matches[0].match);
    return after(std::max<Duration>(response.retry_after, Seconds{1}), [this] { ask_for_tests(); });
  }
  if (reply != nullptr && !reply->matches.empty()) return on_matched(std::move(client), reply->matches[0].match);
  after(std::max<Duration>(response.retry_after, Seconds{1}), [this, again = std::move(client)] { ask(again); });
}

void Crowd::on_matched(Client client, const MatchId& match) {
  auto& volunteer = volunteers_[served_.at(match).volunteer];
  if (volunteer.nature == Nature::Honest) first_time(volunteer.met, volunteer.since, figures_.until_first);
  if (client.paths == 0) ++client.attempts;
  ++figures_.matched[static_cast<std::size_t>(volunteer.nature)];
  ++figures_.of_prefix[volunteer.prefix];
  if (!client.heard) figures_.seconds.push_back(std::chrono::duration<double>(now_ - client.since).count());
  client.heard = true;
  figures_.clients.insert(client.prefix);
  figures_.seen_by[volunteer.prefix].insert(client.prefix);
  client.avoid.push_back(match);
  if (volunteer.nature == Nature::Honest) {
    client.failed.clear();
    if (++client.paths == 1) figures_.attempts.push_back(client.attempts);
    if (client.paths < paths_) after(Seconds{2}, [this, again = std::move(client)] { ask(again); });
    return;
  }
  client.failed = {{match, wire::OutcomeKind::DialFailed}};
  after(volunteer.nature == Nature::Liar ? kNoticesSilence : kGivesUp,
        [this, again = std::move(client)] { ask(again); });
}

// The tester -------------------------------------------------------------------------------------------------------

void Crowd::add_tester() { ask_for_tests(); }

void Crowd::ask_for_tests() {
  if (asks_ || trying_ >= kMostTrying) return;
  wire::Offer offer;
  offer.self_tag = tester_;
  offer.compartment = wire::kCommonCompartment;
  offer.nat = kNats[1];
  offer.sdps.assign(1, wire::Sdp("test"));
  offer.wait = Seconds{25};
  offer.invite = testers_invite_;
  offer.outcomes = std::exchange(verdicts_, {});
  Client tester;
  tester.tester = true;
  asks_ = post(kSpread, std::move(offer));
  offers_.emplace(*asks_, std::move(tester));
  settle();
}

void Crowd::on_test(const MatchId& match) {
  const auto nature = volunteers_[served_.at(match).volunteer].nature;
  const auto what = nature == Nature::Honest ? wire::OutcomeKind::Opened
                    : nature == Nature::Deaf ? wire::OutcomeKind::LinkTimeout
                                             : wire::OutcomeKind::DialFailed;
  ++trying_;
  after(nature == Nature::Honest ? kTests : kGivesUp, [this, match, what] {
    --trying_;
    verdicts_.push_back({match, what});
    if (asks_) {  // said at once: the offer that waits is replaced
      offers_.erase(*asks_);
      broker_.on_gone(now_, kUnix, *std::exchange(asks_, std::nullopt));
    }
    ask_for_tests();
  });
}

}  // namespace footbridge::core
