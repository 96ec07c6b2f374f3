// The network of a world: how messages travel, who can meet, where a dialled leg ends.
#include <charconv>
#include <string>
#include <utility>

#include "sim/model/link_description.hpp"
#include "sim/model/mischief.hpp"
#include "sim/model/world.hpp"

namespace footbridge::sim::model {
namespace {

// ICE and DTLS, over good and bad lines.
constexpr Duration kOpensLeast = Millis{300};
constexpr Duration kOpensMost = Millis{2'500};
constexpr Duration kDialLeast = Millis{10};
constexpr Duration kDialMost = Millis{300};
// Pings of a leg; consent of a link is the default of HopTerms.
constexpr Duration kLegNotices = Seconds{30};
// Somebody who has read a token on its way shows it, too; also when it is no longer remembered, because it is too old.
constexpr double kShownAgain = 0.2;
constexpr Duration kShownAgainWithin = Seconds{400};

}  // namespace

BrokerSite& World::broker_of(Actor who) { return *brokers_[who.number % scenario_.brokers]; }

core::RequesterInfo World::requester(Actor who) {
  return {Family::V4, mixed(who.number * 2 + (who.kind == "client" ? 1 : 0))};
}

wire::Sdp World::offer(std::uint64_t client) { return wire::Sdp(offer_text(client, clients_[client].nat.host())); }

Hop& World::answer_link(std::uint64_t proxy, wire::Sdp& answer) {
  auto& hop = make_hop(HopKind::Link, {scenario_.clients, proxy});
  ++count_.links;
  answer = wire::Sdp(answer_text(hop.number(), proxies_[proxy].nat.host()));
  return hop;
}

Hop* World::join_link(std::uint64_t client, const wire::Sdp& answer) {
  const auto number = number_in(answer.reveal_to_socket());
  const auto at = number ? hops_.find(*number) : hops_.end();
  if (at == hops_.end() || at->second->over()) return nullptr;
  lies_[*number].near = client;
  ground_.queue().after(dice_.duration(kOpensLeast, kOpensMost), [this, hop = *number] { open_link(hop); });
  return at->second.get();
}

void World::open_link(std::uint64_t number) {
  const auto at = hops_.find(number);
  if (at == hops_.end()) return;
  const auto& lies = lies_[number];
  const auto& client = clients_[lies.near];
  const auto& proxy = proxies_[lies.far];
  if (!client.program || !proxy.program || client.program->offline || proxy.program->offline) return;
  if (!can_meet(ground_.now(), clients_[lies.near].nat, proxies_[lies.far].nat)) return;
  at->second->open();
}

LinkWeather World::link_weather() {
  LinkWeather w;
  w.delay = dice_.duration(Millis{5}, Millis{120});
  w.bytes_per_second = 100'000 + dice_.below(2'000'000);
  w.overhead_bytes = 60;
  w.fragment_bytes = core::kFragmentBytes;
  if (mischief_ && mischief_->calm()) return w;
  if (mix_.on(Fault::SlowLines)) w.bytes_per_second = 15'000 + dice_.below(100'000);
  w.loss = dice_.real(0, 0.1) * mix_.strength(Fault::Loss);
  if (mix_.on(Fault::Bursts)) w.bursts = {.enter = 0.01 * mix_.strength(Fault::Bursts), .leave = 0.1, .loss = 0.8};
  w.duplicates = 0.1 * mix_.strength(Fault::Duplicates);
  w.reordered = 0.1 * mix_.strength(Fault::Reordering);
  w.held_back = Millis{100};
  w.jitter = mix_.on(Fault::Jitter) ? dice_.duration({}, Millis{80}) : Duration{};
  w.keeps_order = !mix_.on(Fault::Reordering);
  return w;
}

LinkWeather World::leg_weather() {
  LinkWeather w;
  w.delay = dice_.duration(Millis{2}, Millis{60});
  w.bytes_per_second = 500'000 + dice_.below(4'000'000);
  w.overhead_bytes = 60;
  if (mix_.on(Fault::Jitter) && !(mischief_ && mischief_->calm())) w.jitter = dice_.duration({}, Millis{40});
  return w;
}

Hop& World::make_hop(HopKind kind, Lies lies) {
  sweep_hops();
  const auto number = ++last_hop_;
  HopTerms terms;
  terms.weather =
      kind == HopKind::Link ? std::array{link_weather(), link_weather()} : std::array{leg_weather(), leg_weather()};
  if (kind == HopKind::Leg) terms.notices_after = kLegNotices;
  auto hop = std::make_unique<Hop>(ground_, kind, number, terms, Seed(dice_.word()));
  lies_[number] = lies;
  return *(hops_[number] = std::move(hop));
}

// Those that nobody holds any more; now and then, for it looks at all.
void World::sweep_hops() {
  if (hops_.size() < next_sweep_) return;
  for (auto at = hops_.begin(); at != hops_.end();) {
    if (at->second->forgotten()) {
      lies_.erase(at->first);
      at = hops_.erase(at);
    } else {
      ++at;
    }
  }
  next_sweep_ = 2 * hops_.size() + 64;
}

bool World::session_lives(const wire::EgressId& egress, const SessionId& session) {
  for (const auto& home : egresses_)
    if (home.id == egress) return home.program && home.program->holds(session);
  return false;
}

std::optional<std::uint64_t> World::egress_named(const std::string& url) const {
  constexpr std::string_view kBefore = "wss://egress";
  std::uint64_t number = 0;
  if (!url.starts_with(kBefore)) return std::nullopt;
  std::from_chars(url.data() + kBefore.size(), url.data() + url.size(), number);
  return number < egresses_.size() ? std::optional(number) : std::nullopt;
}

void World::dial(ModelProxy& proxy, core::SlotRef at, const std::string& url) {
  ground_.queue().after(dice_.duration(kDialLeast, kDialMost),
                        [this, from = proxy.standing(), at, where = url] { arrive_at_egress(from, at, where); });
}

void World::arrive_at_egress(Standing from, core::SlotRef at, const std::string& url) {
  auto* proxy = static_cast<ModelProxy*>(ground_.find(from));
  const auto number = egress_named(url);
  if (proxy == nullptr || proxy->offline || !number || !egresses_[*number].reachable) return;
  auto& egress = egresses_[*number];
  MatchId match;
  const auto token = std::string_view(url).substr(url.rfind('/') + 1);
  const auto wall = wall_clock(ground_.now(), egress.skew);
  if (!egress.program || !egress.program->admits(wall, token, match)) {
    ground_.queue().after(dice_.duration(kDialLeast, kDialMost), [this, from, at] {
      if (auto* refused = static_cast<ModelProxy*>(ground_.find(from))) refused->on_leg_refused(at);
    });
    return;
  }
  if (dice_.chance(kShownAgain))
    ground_.queue().after(
        dice_.duration({}, kShownAgainWithin),
        [this, to = *number, boot = egress.boots, text = std::string(token)] { show_again(to, boot, text); });
  auto& leg = make_hop(HopKind::Leg, {proxy->number(), *number});
  ++count_.legs;
  egress.program->take_leg(leg, match, wall);
  ground_.queue().after(leg.end(kFar).hop().one_way(), [this, from, at, hop = leg.number()] {
    const auto found = hops_.find(hop);
    if (found == hops_.end()) return;
    if (auto* dialler = static_cast<ModelProxy*>(ground_.find(from)))
      dialler->on_leg(at, *found->second);
    else
      found->second->vanish(kNear, true);
  });
}

// P4: a token lets in once. A restarted egress has forgotten those it has seen.
void World::show_again(std::uint64_t number, std::uint32_t boot, const std::string& token) {
  auto& egress = egresses_[number];
  MatchId match;
  if (egress.program && egress.boots == boot &&
      egress.program->admits(wall_clock(ground_.now(), egress.skew), token, match))
    ground_.broken(Property::SilentBefore, {"egress", number}, "a leg token lets in twice");
}

}  // namespace footbridge::sim::model
