// Clients, a broker and proxies on one virtual clock: the state machines of both sides against the real broker, with
// requests that take time and may be lost. Links and legs are imagined: they open after a while, or never.
#include <algorithm>
#include <functional>
#include <gtest/gtest.h>
#include <map>
#include <memory>

#include "base/overloaded.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "core/rendezvous/broker.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "core/rendezvous/leg_token_guard.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"

namespace footbridge::core {
namespace {

constexpr char kRelay[] = "wss://egress.example/leg";

class World {
 public:
  struct Volunteer {
    Volunteer(World& world, SelfTag tag)
        : rendezvous({.proxy = ProxyId::random(world.rng), .self_tag = tag}, world.rng),
          engine({.allowed_relays = {kRelay}}) {}
    ProxyRendezvous rendezvous;
    ProxyEngine engine;
    bool links_open = true;
    bool reachable = true;
    std::size_t most_requests = 0;
  };
  struct Client {
    Client(World& world, SelfTag tag) : rendezvous({.self_tag = tag}, world.rng) {}
    ClientRendezvous rendezvous;
    std::vector<wire::Match> matches;
    std::optional<wire::Refusal> refused;
  };

  SeededRng rng{29};
  crypto::SecretKey key = crypto::SecretKey::random(rng);
  TimePoint now{Seconds{1'000}};
  LegTokenGuard egress{{key}};
  std::map<MatchId, int> legs;  // per match, how many legs the egress let in
  int lose_percent = 0;
  std::vector<std::unique_ptr<Volunteer>> volunteers;
  std::vector<std::unique_ptr<Client>> clients;

  World() { restart_broker(); }

  void restart_broker() {
    broker_ =
        std::make_unique<Broker>(BrokerConfig{{{wire::EgressId{}, Private<std::string>(kRelay), key}}, 1'000}, rng);
    asked_by_.clear();
  }
  Volunteer& add_volunteer(std::size_t slots = 1, std::optional<SelfTag> tag = {}) {
    volunteers.push_back(std::make_unique<Volunteer>(*this, tag.value_or(SelfTag::random(rng))));
    volunteers.back()->engine.set_slots(now, slots);
    return *volunteers.back();
  }
  Client& add_client(unsigned sdps = 1, std::optional<SelfTag> tag = {}) {
    clients.push_back(std::make_unique<Client>(*this, tag.value_or(SelfTag::random(rng))));
    ClientSearch search;
    for (unsigned i = 0; i < sdps; ++i) search.sdps.emplace_back("offer");
    clients.back()->rendezvous.offer(now, search);
    return *clients.back();
  }

  void pass(Duration by) {
    const auto until = now + by;
    turn();
    while (const auto next = deadline()) {
      if (*next > until) break;
      now = std::max(now, *next);
      run_due();
      turn();
    }
    now = until;
  }

 private:
  static constexpr UnixSeconds kEpoch{1'800'000'000};
  static constexpr Millis kOneWay{100};

  UnixSeconds unix_now() const {
    return UnixSeconds{count(kEpoch) +
                       static_cast<std::uint64_t>(std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count())};
  }
  void after(Duration delay, std::function<void()> what) { events_.emplace(now + delay, std::move(what)); }

  std::optional<TimePoint> deadline() const {
    auto first = broker_->deadline();
    if (!events_.empty()) first = earlier(first, events_.begin()->first);
    for (const auto& v : volunteers) first = earlier(first, earlier(v->rendezvous.deadline(), v->engine.deadline()));
    for (const auto& c : clients) first = earlier(first, c->rendezvous.deadline());
    return first;
  }
  void run_due() {
    while (!events_.empty() && events_.begin()->first <= now) {
      const auto what = std::move(events_.begin()->second);
      events_.erase(events_.begin());
      what();
    }
    broker_->on_deadline(now, unix_now());
    for (const auto& v : volunteers) {
      v->rendezvous.on_deadline(now);
      v->engine.on_deadline(now);
    }
    for (const auto& c : clients) c->rendezvous.on_deadline(now);
  }
  // Drains everybody until nobody has anything to say.
  void turn() {
    for (bool busy = true; busy;) {
      busy = false;
      while (auto reply = broker_->poll()) busy = deliver(std::move(*reply));
      for (const auto& v : volunteers) busy = drain(*v) || busy;
      for (const auto& c : clients)
        while (auto out = c->rendezvous.poll()) busy = carry_out(*c, std::move(*out));
    }
  }

  template <class Asker>
  void send(Asker& asker, std::uint64_t id, Bytes body) {
    const bool lost = static_cast<int>(rng.between(1, 100)) <= lose_percent;
    const auto generation = broker_.get();
    if (lost) return after(kOneWay * 2, [this, &asker, id] { asker.on_failed(now, id); });
    after(kOneWay, [this, &asker, id, generation, body = std::move(body)] {
      if (generation != broker_.get()) return asker.on_failed(now, id);
      const auto request = ++last_request_;
      asked_by_[request] = [this, &asker, id](Bytes reply) {
        after(kOneWay, [this, &asker, id, reply = std::move(reply)] { asker.on_response(now, id, reply); });
      };
      open_[{&asker, id}] = request;
      broker_->on_request(now, unix_now(), request, body, {Family::V4, request});
    });
  }
  void abandon(void* asker, std::uint64_t id) {
    const auto found = open_.find({asker, id});
    if (found == open_.end()) return;
    if (asked_by_.erase(found->second) == 1) broker_->on_gone(now, unix_now(), found->second);
    open_.erase(found);
  }
  bool deliver(Broker::Reply reply) {
    const auto found = asked_by_.find(reply.request);
    if (found == asked_by_.end()) return true;
    const auto answer = std::move(found->second);
    asked_by_.erase(found);
    answer(std::move(reply.body));
    return true;
  }

  bool drain(Volunteer& v) {
    bool any = false;
    while (auto out = v.rendezvous.poll()) any = carry_out(v, std::move(*out));
    while (auto command = v.engine.poll()) any = carry_out(v, std::move(*command));
    v.most_requests = std::max(v.most_requests, v.rendezvous.requests());
    return any;
  }
  bool carry_out(Volunteer& v, ProxyRendezvous::Output out) {
    std::visit(Overloaded{[&](ProxyRendezvous::Post& p) { send(v.rendezvous, p.id, std::move(p.body)); },
                          [&](ProxyRendezvous::Abandon& a) { abandon(&v.rendezvous, a.id); },
                          [&](ProxyRendezvous::Assigned& a) { v.engine.on_assigned(now, a.assignment); },
                          [&](ProxyRendezvous::Withdrawn& w) { v.engine.on_withdrawn(now, w.match); },
                          [&](ProxyRendezvous::Waiting&) {}},
               out);
    return true;
  }
  bool carry_out(Volunteer& v, ProxyEngine::Command command) {
    using E = ProxyEngine;
    std::visit(Overloaded{[&](E::MakeAnswer& c) {
                            after(Millis{300},
                                  [this, &v, at = c.at] { v.engine.on_answer_made(now, at, wire::Sdp("answer")); });
                            if (v.links_open)
                              after(Seconds{2}, [this, &v, at = c.at] { v.engine.on_link_open(now, at); });
                          },
                          [&](E::SendAnswer& c) {
                            if (v.reachable) v.rendezvous.answer(now, c.match, std::move(c.sdp));
                          },
                          [&](E::SendFailure& c) { v.rendezvous.fail(now, c.match, c.why); },
                          [&](E::Report& c) { v.rendezvous.report(now, c.match, c.kind); },
                          [&](E::DialLeg& c) {
                            const auto& url = c.url.reveal_to_socket();
                            const auto grant = egress.admit(now, unix_now(), url.substr(url.rfind('/') + 1));
                            ASSERT_TRUE(grant) << name(grant.error());
                            ++legs[grant->match];
                            after(kOneWay, [this, &v, at = c.at] { v.engine.on_leg_open(now, at); });
                          },
                          [&](E::StartRelay&) {}, [&](E::TellLeaving&) {},
                          [&](E::CloseLink& c) { v.engine.on_link_closed(now, c.at, c.why); },
                          [&](E::CloseLeg& c) { v.engine.on_leg_closed(now, c.at, c.why); },
                          [&](E::FreeSlots& c) { v.rendezvous.set_free_slots(now, c.count, c.serves); }},
               command);
    return true;
  }
  bool carry_out(Client& c, ClientRendezvous::Output out) {
    std::visit(Overloaded{[&](ClientRendezvous::Post& p) { send(c.rendezvous, p.id, std::move(p.body)); },
                          [&](ClientRendezvous::Abandon& a) { abandon(&c.rendezvous, a.id); },
                          [&](ClientRendezvous::Matches& m) { c.matches = std::move(m.matches); },
                          [&](ClientRendezvous::Waiting& w) { c.refused = w.why; }},
               out);
    return true;
  }

  std::unique_ptr<Broker> broker_;
  std::multimap<TimePoint, std::function<void()>> events_;
  std::map<RequestKey, std::function<void(Bytes)>> asked_by_;
  std::map<std::pair<void*, std::uint64_t>, RequestKey> open_;
  RequestKey last_request_ = 0;
};

TEST(RendezvousWorld, ConnectsAClientWithinASecondWhenAProxyWaits) {
  World world;
  auto& volunteer = world.add_volunteer();
  world.pass(Seconds{1});
  auto& client = world.add_client();
  world.pass(Seconds{1});
  EXPECT_EQ(client.matches.size(), 1U);
  EXPECT_TRUE(world.legs.empty()) << "no leg before the link is open";
  world.pass(Seconds{2});
  EXPECT_EQ(volunteer.engine.relaying(), 1U);
  EXPECT_EQ(world.legs.size(), 1U);
  EXPECT_LE(volunteer.most_requests, 2U);
}

TEST(RendezvousWorld, NeverConnectsAnInstallationToItself) {
  World world;
  const auto tag = SelfTag::random(world.rng);
  auto& volunteer = world.add_volunteer(5, tag);
  auto& client = world.add_client(2, tag);
  world.pass(Seconds{120});
  EXPECT_TRUE(client.matches.empty());
  EXPECT_EQ(client.refused, wire::Refusal::SelfOnly);
  EXPECT_EQ(volunteer.engine.busy(), 0U);
}

TEST(RendezvousWorld, ServesEverybodyWhileRequestsAreLost) {
  World world;
  world.lose_percent = 20;
  for (int i = 0; i < 10; ++i) world.add_volunteer(10);
  for (int i = 0; i < 40; ++i) {
    world.add_client();
    world.pass(Millis{250});
  }
  world.pass(Seconds{180});
  const auto served = std::ranges::count_if(world.clients, [](const auto& c) { return !c->matches.empty(); });
  EXPECT_EQ(served, 40);
  for (const auto& v : world.volunteers) {
    EXPECT_LE(v->most_requests, 2U);
    EXPECT_LE(v->engine.busy(), 10U);
  }
  for (const auto& [match, count] : world.legs) EXPECT_EQ(count, 1);
}

TEST(RendezvousWorld, FindsEverybodyAgainAfterTheBrokerRestarts) {
  World world;
  for (int i = 0; i < 5; ++i) world.add_volunteer();
  world.pass(Seconds{5});
  world.restart_broker();
  auto& client = world.add_client();
  // Nobody was told: the volunteers' polls die with their deadlines.
  world.pass(Seconds{60});
  EXPECT_EQ(client.matches.size(), 1U);
}

TEST(RendezvousWorld, PassesOverAVolunteerThatNeverAnswers) {
  World world;
  auto& mute = world.add_volunteer();
  mute.reachable = false;
  world.pass(Seconds{1});
  auto& client = world.add_client();
  world.add_volunteer();
  world.pass(Seconds{12});
  EXPECT_EQ(client.matches.size(), 1U);
}

TEST(RendezvousWorld, FreesTheSlotOfALinkThatNeverOpensAndSellsItAgain) {
  World world;
  auto& volunteer = world.add_volunteer();
  volunteer.links_open = false;
  world.pass(Seconds{1});
  world.add_client();
  world.pass(Seconds{5});
  EXPECT_EQ(volunteer.engine.busy(), 1U);
  world.pass(Seconds{20});
  EXPECT_EQ(volunteer.engine.busy(), 0U);
  volunteer.links_open = true;
  world.add_client();
  world.pass(Seconds{5});
  EXPECT_EQ(volunteer.engine.relaying(), 1U);
}

// Wherever the news catches the volunteer: before its answer, with it on the way, or while the link is being made.
TEST(RendezvousWorld, FreesTheOnlySlotOfAFullVolunteerWithinASecondWhenItsClientGivesUp) {
  for (const auto patience : {Millis{150}, Millis{250}, Millis{350}, Millis{450}, Millis{550}}) {
    World world;
    auto& volunteer = world.add_volunteer();
    volunteer.links_open = false;
    world.pass(Seconds{1});
    auto& client = world.add_client();
    world.pass(patience);
    client.rendezvous.cancel(world.now);
    world.pass(Seconds{1});
    EXPECT_EQ(volunteer.engine.busy(), 0U) << patience.count() << " ms";
    EXPECT_LE(volunteer.most_requests, 2U);
    volunteer.links_open = true;
    auto& next = world.add_client();
    world.pass(Seconds{5});
    EXPECT_EQ(next.matches.size(), 1U) << "and it is sold again";
  }
}

TEST(RendezvousWorld, KeepsAFullVolunteerInTouchAndTakesItBackAtOnceWhenItHasASlot) {
  World world;
  auto& volunteer = world.add_volunteer();
  world.pass(Seconds{1});
  world.add_client();
  world.pass(Seconds{100});
  EXPECT_EQ(volunteer.engine.relaying(), 1U);
  EXPECT_EQ(volunteer.rendezvous.requests(), 1U);
  volunteer.engine.stop(world.now);
  world.pass(Seconds{1});
  EXPECT_EQ(volunteer.rendezvous.requests(), 0U) << "its switch is off";
}

TEST(RendezvousWorld, GivesFourPathsThroughFourVolunteers) {
  World world;
  for (int i = 0; i < 4; ++i) world.add_volunteer(10);
  world.pass(Seconds{1});
  auto& client = world.add_client(4);
  world.pass(Seconds{5});
  EXPECT_EQ(client.matches.size(), 4U);
  for (const auto& v : world.volunteers) EXPECT_EQ(v->engine.relaying(), 1U);
}

}  // namespace
}  // namespace footbridge::core
