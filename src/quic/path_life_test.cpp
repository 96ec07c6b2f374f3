// A path's life at both ends, with sessions, on virtual time.
#include "quic/path_life.hpp"

#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "core/session/memory_budget.hpp"

namespace footbridge::quic {
namespace {

using core::PathFailure;
using core::Session;

struct World;

// One end: the owner of a PathLife, its pipe, and the keeper of its session.
struct End final : PathLifeEvents, PathHost, MessagePipe, core::SessionRegistry {
  End(World& in, Session::Role of) : world(in), role(of) {}

  // PathLifeEvents
  void on_path_ready(TimePoint now) override;
  void on_path_silence(TimePoint, bool silent) override { silences.push_back(silent); }
  void on_path_long_silence(TimePoint) override { ++long_silences; }
  void on_path_deadline(std::optional<TimePoint> at) override {
    EXPECT_TRUE(overs.empty()) << "nothing is called after on_path_over()";
    deadline = at;
  }
  void on_path_over(TimePoint now, const PathOver& over) override {
    overs.push_back(over);
    over_at = now;
  }
  // PathHost
  Session& session() override { return *session_; }
  core::PathId add_path(TimePoint now, PathLife&) override { return session_->add_path(now); }
  void remove_path(TimePoint now, core::PathId id) override {
    ++removed;
    session_->path_closed(now, id);
  }
  Status<core::SessionErrc> on_datagram(TimePoint now, core::PathId id, ByteView payload) override {
    if (on_word) std::exchange(on_word, nullptr)();
    return session_->on_datagram(now, id, payload);
  }
  void touch() override { touched = true; }
  void end_session() override {
    session_->end();
    ++ended;
  }
  // MessagePipe
  bool send(ByteView message) override;
  void flush() override {}
  std::size_t backlog_bytes() const override { return 0; }
  std::size_t max_message_bytes() const override { return 1200; }
  void pause_reading(bool) override {}
  void close(PipeEnd how) override;
  // core::SessionRegistry
  Answer create(TimePoint, const wire::Hello&) override {
    if (refuses) return wire::Refused{wire::RefusalCode::Busy, 0, {}};
    return wire::Ok{1,
                    0,
                    SessionId::random(rng),
                    Private<wire::SessionToken>(wire::SessionToken{}),
                    120,
                    core::SessionConfig{}.limits};
  }
  Answer join(TimePoint, const wire::Join&) override { return wire::Refused{wire::RefusalCode::UnknownSession, 0, {}}; }

  void settle(TimePoint now);

  World& world;
  Session::Role role;
  SeededRng rng{role == Session::Role::Client ? 1U : 2U};
  core::BoundedMemory memory{1U << 20};
  std::unique_ptr<Session> session_ = std::make_unique<Session>(
      role, core::SessionConfig{.peer_limits = core::SessionConfig{}.limits}, rng, memory, TimePoint(Seconds{1000}));
  std::unique_ptr<PathLife> life;
  std::optional<TimePoint> deadline, ready_at, over_at;
  std::vector<PathOver> overs;
  std::vector<bool> silences;
  std::function<void()> on_ready, on_word;
  int long_silences = 0, removed = 0, ended = 0;
  std::size_t opened = 0;
  bool touched = false, refuses = false, attaches = true, deaf = false, closed = false;
};

struct World {
  World() {
    ClientConfig config{identity.pin(), {}};
    config.connection.initial_rtt = 2 * kDelay;
    client.life = std::make_unique<PathLife>(
        config, PathOptions{},
        core::ClientPathHandshake(now, client.rng, MatchId::random(client.rng), core::SessionConfig{}.limits),
        client.rng, client);
    egress.life = std::make_unique<PathLife>(ServerConfig{identity, {}}, PathOptions{},
                                             core::EgressPathHandshake(now, egress.rng, egress), egress.rng, egress);
  }
  ~World() {
    for (auto* end : {&client, &egress}) end->life->forsake(now);
  }
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  void open() {
    for (auto* end : {&client, &egress}) end->life->attach_pipe(now, *end);
    for (auto* end : {&client, &egress}) end->life->on_open(now);
  }
  void run(Duration span) {
    const auto until = now + span;
    for (;;) {
      for (auto* end : {&client, &egress}) end->settle(now);
      std::optional<TimePoint> next;
      if (!events.empty()) next = events.front().at;
      for (const auto* end : {&client, &egress}) {
        next = earlier(next, end->deadline);
        next = earlier(next, end->session_->deadline());
      }
      if (!next || *next > until) break;
      now = std::max(now, *next);
      while (!events.empty() && events.front().at <= now) {
        const auto event = std::move(events.front());
        events.pop_front();
        event.happen();
      }
      for (auto* end : {&client, &egress}) {
        if (end->deadline && *end->deadline <= now) end->life->on_deadline(now);
        if (const auto due = end->session_->deadline(); due && *due <= now) end->session_->on_deadline(now);
      }
    }
    now = until;
  }
  bool run_until(const std::function<bool()>& condition, Duration at_most = Seconds{30}) {
    for (const auto end = now + at_most; now < end && !condition();) run(Millis{1});
    return condition();
  }
  End& other(const End& end) { return &end == &client ? egress : client; }
  void later(std::function<void()> happen) { events.push_back({now + kDelay, std::move(happen)}); }

  static constexpr Duration kDelay = Millis{20};  // one way
  struct Event {
    TimePoint at;
    std::function<void()> happen;
  };
  TimePoint now = TimePoint(Seconds{1000});
  Identity identity{Identity::generate().value()};
  std::deque<Event> events;  // all with the same delay, hence in order
  End client{*this, Session::Role::Client};
  End egress{*this, Session::Role::Egress};
};

void End::on_path_ready(TimePoint now) {
  EXPECT_FALSE(ready_at) << "told once";
  ready_at = now;
  if (on_ready) return on_ready();
  if (attaches) life->attach(now, *this);
}

bool End::send(ByteView message) {
  if (closed) return false;
  world.later([&to = world.other(*this), &in = world, copy = to_bytes(message)] {
    const ByteView view = copy;
    if (!to.closed && !to.deaf) to.life->on_messages(in.now, {&view, 1});
  });
  return true;
}

void End::close(PipeEnd how) {
  if (std::exchange(closed, true)) return;
  world.later([this, how] { life->on_closed(world.now, how); });
  world.later([&to = world.other(*this), &in = world] {
    if (!std::exchange(to.closed, true)) to.life->on_closed(in.now, PipeEnd::Remote);
  });
}

void End::settle(TimePoint now) {
  touched = false;
  while (const auto event = session_->poll()) {
    if (std::holds_alternative<core::event::Opened>(*event)) ++opened;
    if (const auto* silence = std::get_if<core::event::PathSilence>(&*event)) life->on_silence(now, silence->silence);
  }
  if (life->host() != nullptr && session_->has_work(life->id())) life->wake(now);
}

TEST(PathLife, BringsASessionsBytesToTheOtherEnd) {
  World world;
  world.open();
  ASSERT_TRUE(world.run_until([&] { return world.client.ready_at && world.egress.ready_at; }));
  EXPECT_GT(*world.egress.ready_at, *world.client.ready_at) << "an egress is ready when its client has read the OK";
  EXPECT_TRUE(world.client.session_->open(world.now, as_bytes("where to")));
  EXPECT_TRUE(world.run_until([&] { return world.egress.opened == 1; }, Seconds{1}));
}

TEST(PathLife, AnEgressIsNotReadyWhileItsClientMayNotHaveReadTheOk) {
  World world;
  world.open();
  ASSERT_TRUE(world.run_until([&] { return world.client.ready_at.has_value(); }));
  world.egress.deaf = true;  // the acknowledgement, and all that a client sends, is lost
  world.run(Seconds{3});
  EXPECT_FALSE(world.egress.ready_at);
  EXPECT_EQ(world.egress.life->host(), nullptr);
  world.egress.deaf = false;
  EXPECT_TRUE(world.run_until([&] { return world.egress.ready_at.has_value(); }));
}

TEST(PathLife, ARefusedClientLearnsWhyAndCloses) {
  World world;
  world.egress.refuses = true;
  world.open();
  ASSERT_TRUE(world.run_until([&] { return !world.client.overs.empty() && !world.egress.overs.empty(); }));
  const auto& over = world.client.overs[0];
  EXPECT_EQ(over.handshake, PathFailure::Refused);
  EXPECT_EQ(over.refusal, wire::RefusalCode::Busy);
  EXPECT_FALSE(over.was_carrying);
  EXPECT_FALSE(world.client.ready_at || world.egress.ready_at);
  EXPECT_LT(*world.egress.over_at - TimePoint(Seconds{1000}), Seconds{1}) << "the client closed: nothing to wait for";
}

TEST(PathLife, WhoDoesNotCloseAfterARefusalIsClosed) {
  World world;
  world.egress.refuses = true;
  world.open();
  ASSERT_TRUE(
      world.run_until([&] { return world.egress.life->egress_handshake()->failure() == PathFailure::Refused; }));
  world.client.deaf = true;
  const auto refused = world.now;
  ASSERT_TRUE(world.run_until([&] { return !world.egress.overs.empty(); }));
  EXPECT_GE(*world.egress.over_at - refused, kRefusalLinger - Millis{1});
  EXPECT_LE(*world.egress.over_at - refused, kRefusalLinger + Seconds{1});
}

TEST(PathLife, AHandshakeThatNobodyAnswersEnds) {
  World world;
  world.open();
  ASSERT_TRUE(world.run_until([&] { return world.client.life->path().established(); }));
  world.client.deaf = world.egress.deaf = true;
  ASSERT_TRUE(world.run_until([&] { return !world.client.overs.empty(); }));
  EXPECT_EQ(world.client.overs[0].handshake, PathFailure::TimedOut);
  EXPECT_GE(*world.client.over_at - TimePoint(Seconds{1000}), core::kPathHandshakeTimeout);
  EXPECT_LE(*world.client.over_at - TimePoint(Seconds{1000}), core::kPathHandshakeTimeout + Seconds{1});
}

struct Joined : World {
  Joined() {
    open();
    EXPECT_TRUE(run_until([&] { return client.ready_at && egress.ready_at; }));
    run(Seconds{1});
  }
};

TEST(PathLife, SaysGoodbyeAndGivesUpItsPlace) {
  Joined world;
  world.client.life->leave(world.now, wire::ByeCode::PathOver, Seconds{7});
  world.client.life->leave(world.now, wire::ByeCode::SessionOver);  // too late: it has left
  EXPECT_EQ(world.client.removed, 1);
  ASSERT_TRUE(world.run_until([&] { return !world.egress.overs.empty() && !world.client.overs.empty(); }));
  const auto& over = world.egress.overs[0];
  ASSERT_TRUE(over.bye);
  EXPECT_EQ(over.bye->code, wire::ByeCode::PathOver);
  EXPECT_EQ(over.bye->retry_after_seconds, 7U);
  EXPECT_TRUE(over.was_carrying);
  EXPECT_EQ(world.egress.removed, 1);
  EXPECT_EQ(world.egress.ended, 0) << "this path only";
  world.run(Seconds{60});
  EXPECT_EQ(world.client.overs.size() + world.egress.overs.size(), 2U);
  EXPECT_FALSE(world.client.deadline || world.egress.deadline);
}

TEST(PathLife, APeerThatHasForgottenTheSessionEndsIt) {
  Joined world;
  world.egress.life->leave(world.now, wire::ByeCode::SessionOver);
  ASSERT_TRUE(world.run_until([&] { return !world.client.overs.empty(); }));
  EXPECT_EQ(world.client.ended, 1);
  EXPECT_EQ(world.egress.ended, 0);
}

TEST(PathLife, APipeThatEndsTakesThePathWithIt) {
  Joined world;
  world.egress.closed = true;
  world.egress.life->on_closed(world.now, PipeEnd::Lost);
  ASSERT_EQ(world.egress.overs.size(), 1U);
  EXPECT_EQ(world.egress.overs[0].end.pipe, PipeEnd::Lost);
  EXPECT_TRUE(world.egress.overs[0].was_carrying);
  EXPECT_EQ(world.egress.removed, 1);
  EXPECT_EQ(world.egress.life->host(), nullptr);
}

TEST(PathLife, ASessionThatRefusesADatagramLosesItsPath) {
  Joined world;
  EXPECT_TRUE(world.client.session_->open(world.now, as_bytes("x")));
  world.egress.session_->end();
  ASSERT_TRUE(world.run_until([&] { return !world.client.overs.empty() && !world.egress.overs.empty(); }));
  EXPECT_EQ(world.egress.overs[0].end.quic.by, CloseBy::Us);
  ASSERT_TRUE(world.client.overs[0].bye) << "it learns why";
  EXPECT_EQ(world.client.overs[0].bye->code, wire::ByeCode::ProtocolError);
  EXPECT_EQ(world.egress.removed + world.client.removed, 2);
}

TEST(PathLife, APathThatIsLeftAsSoonAsItIsReadySaysGoodbye) {
  World world;
  world.client.on_ready = [&] { world.client.life->leave(world.now, wire::ByeCode::SessionOver); };
  world.open();
  ASSERT_TRUE(world.run_until([&] { return !world.client.overs.empty() && !world.egress.overs.empty(); }));
  EXPECT_FALSE(world.client.overs[0].was_carrying);
  ASSERT_TRUE(world.egress.overs[0].bye);
  EXPECT_EQ(world.egress.overs[0].bye->code, wire::ByeCode::SessionOver);
}

TEST(PathLife, APathThatIsLeftInsideAnEventHasNoPlaceFromThenOn) {
  Joined world;
  EXPECT_TRUE(world.client.session_->open(world.now, as_bytes("x")));
  world.egress.on_word = [&] {
    world.egress.life->leave(world.now, wire::ByeCode::PathOver);
    EXPECT_EQ(world.egress.life->host(), nullptr);
    EXPECT_EQ(world.egress.removed, 1);
    EXPECT_FALSE(world.egress.life->end()) << "the goodbye goes out before";
  };
  ASSERT_TRUE(world.run_until([&] { return world.egress.removed == 1; }));
  EXPECT_TRUE(world.egress.life->end());
  ASSERT_TRUE(world.run_until([&] { return !world.client.overs.empty() && !world.egress.overs.empty(); }));
  ASSERT_TRUE(world.client.overs[0].bye);
  EXPECT_EQ(world.client.overs[0].bye->code, wire::ByeCode::PathOver);
  EXPECT_EQ(world.egress.removed, 1);
}

TEST(PathLife, ANewSilenceIsToldOnceAndALongOneApart) {
  Joined world;
  world.egress.deaf = true;
  world.client.life->probe(world.now, world.client.rng);
  ASSERT_TRUE(world.run_until([&] { return !world.client.silences.empty(); }));
  EXPECT_NE(world.client.life->silence(), core::Silence::None);
  ASSERT_TRUE(world.run_until([&] { return world.client.long_silences > 0; }));
  EXPECT_EQ(world.client.silences, std::vector<bool>{true});
  world.egress.deaf = false;
  ASSERT_TRUE(world.run_until([&] { return world.client.silences.size() > 1; }));
  EXPECT_EQ(world.client.silences, (std::vector<bool>{true, false}));
}

TEST(PathLife, KeepsItsPlaceHoweverOftenItAsksWhoDoesNotAnswer) {
  Joined world;
  world.egress.deaf = true;
  for (std::size_t i = 0; i < 3 * ControlBuffer::kMaxPieces; ++i) world.client.life->probe(world.now, world.client.rng);
  EXPECT_NE(world.client.life->host(), nullptr);
  ASSERT_TRUE(world.run_until([&] { return !world.client.silences.empty(); })) << "asked, though not so often";
  world.egress.deaf = false;
  ASSERT_TRUE(world.run_until([&] { return world.client.silences.size() > 1; }));
  EXPECT_TRUE(world.client.overs.empty() && world.egress.overs.empty());
}

TEST(PathLife, LeavesItsSessionWithoutAWordWhenItIsForsaken) {
  Joined world;
  world.client.life->forsake(world.now);
  EXPECT_EQ(world.client.removed, 1);
  world.client.life->forsake(world.now);
  EXPECT_EQ(world.client.removed, 1);
  world.run(Millis{100});
  EXPECT_TRUE(world.client.overs.empty() && world.egress.overs.empty());
}

TEST(PathLifeDeathTest, AbortsWhenItIsDestroyedWithItsPlace) {
  Joined world;
  EXPECT_DEATH(world.client.life.reset(), "broken invariant");
}

}  // namespace
}  // namespace footbridge::quic
