// Threat T7: a proxy that alters, loses, repeats, delays, cuts and invents messages can slow a session down and can end
// it, and can do nothing else. FB_HOSTILE_MESSAGES says how many messages are harmed (default: what fits into seconds).
#include "sim/stack/hostile_proxy.hpp"

#include <cstdlib>
#include <gtest/gtest.h>
#include <set>

#include "quic/close_info.hpp"
#include "sim/stack/two_ends.hpp"

namespace footbridge::sim {
namespace {

// In one world; then the next seed begins with new keys.
constexpr std::uint64_t kHarmedPerWorld = 5'000;
constexpr std::uint64_t kDefaultHarmed = 40'000;
constexpr std::size_t kStreamsAtOnce = 6;
constexpr std::uint64_t kMostStreamBytes = 200'000;
// A session that has delivered nothing for this long has hung: it either moves or ends (kNoPathTtl) before.
constexpr Duration kStandstill = core::kNoPathTtl + Seconds{60};

std::uint64_t wanted() {
  const char* const given = std::getenv("FB_HOSTILE_MESSAGES");
  return given == nullptr ? kDefaultHarmed : std::strtoull(given, nullptr, 10);
}

struct Tally {
  std::uint64_t carried = 0, harmed = 0, worlds = 0, streams = 0, bytes = 0, dials = 0, ended = 0;
  std::array<std::uint64_t, kMischiefs> of_kind{};
  std::set<std::string_view> ends;
};

// A client that always has kStreamsAtOnce streams of all sizes both ways, each byte of which is checked when it
// arrives, over one path through the proxy; when that is lost, over another.
class HostileWorld {
 public:
  HostileWorld(std::uint64_t seed, HostileProxy& proxy, PathAtEnd::Meddler meddler = {})
      : world_(seed), proxy_(proxy), dice_(Seed(seed).child("traffic")) {
    world_.client.meddler = world_.egress.meddler = std::move(meddler);
    world_.client.when_session = [this](SessionAtEnd& session) {
      session.app().when_done = [this](TimePoint, core::StreamId, const Application::Stream&) { ++streams_; };
    };
    world_.client.when_path_over = [this](PathAtEnd& path) {
      ends.push_back(*path.end());
      world_.network.queue.after(kRedial, [this] { dial(); });
    };
    world_.client.when_session_ended = [this](core::EndReason reason) { ended_as.push_back(reason); };
    world_.egress.when_session_ended = [this](core::EndReason reason) { ended_as.push_back(reason); };
    dial();
  }

  bool run_until(const std::function<bool()>& done, Duration most) {
    return world_.run_until(
        [&] {
          keep_up();
          return done() || ended();
        },
        most);
  }
  void cut_paths() {
    world_.network.for_each_pipe([](Pipe& pipe) { pipe.end(PipeEnd::Leg); });
  }
  // The client's session; what the egress keeps of sessions whose OK was lost ends later.
  bool ended() const { return world_.client.sessions_begun() > 0 && !ended_as.empty() && !in_session(); }
  std::uint64_t delivered() const { return world_.client.bytes_read() + world_.egress.bytes_read(); }
  std::uint64_t wrong() const { return world_.client.wrong_bytes() + world_.egress.wrong_bytes(); }
  std::uint64_t streams() const { return streams_; }
  std::uint64_t dials() const { return dials_; }

  std::vector<quic::PathEnd> ends;  // of the client's paths
  std::vector<core::EndReason> ended_as;

 private:
  static constexpr Millis kRedial{200};
  static constexpr Millis kRoundTrip{20};

  bool in_session() const { return world_.client.session() != nullptr; }
  void dial() {
    ++dials_;
    world_.add_path(straight(kRoundTrip),
                    [this](std::size_t from, ByteView message) { return proxy_.carry(from, message); });
  }
  void keep_up() {
    auto* const session = world_.client.session();
    if (session == nullptr) return;
    while (session->app().streams().size() < kStreamsAtOnce) {
      if (!session->app().ask(world_.now(), dice_.below(kMostStreamBytes), dice_.below(kMostStreamBytes))) return;
      session->touch();
    }
  }

  TwoEnds world_;
  HostileProxy& proxy_;
  Dice dice_;
  std::uint64_t streams_ = 0;
  std::uint64_t dials_ = 0;
};

// In every world the proxies leave this often, so that paths are joined under mischief, too.
constexpr std::uint64_t kHarmedPerPath = 700;

// One world, until `harmed` messages have been harmed or the session has ended; what it shows is added to `tally`.
void run_world(std::uint64_t seed, const MischiefRates& rates, std::uint64_t harmed, Tally& tally) {
  HostileProxy proxy(seed, rates);
  HostileWorld world(seed, proxy);
  std::uint64_t left = 0;
  const auto enough = [&] { return proxy.harmed() >= harmed; };
  for (bool over = false; !over;) {
    const auto before = world.delivered();
    const auto moved = [&] {
      if (proxy.harmed() / kHarmedPerPath > left) ++left, world.cut_paths();
      return enough() || world.delivered() != before;
    };
    ASSERT_TRUE(world.run_until(moved, kStandstill)) << "the session neither moves nor ends";
    over = enough() || world.ended();
  }
  EXPECT_EQ(world.wrong(), 0U) << "bytes that nobody sent";
  for (const auto reason : world.ended_as)
    EXPECT_EQ(reason, core::EndReason::NoPath) << "no message of a proxy ends a session by itself";
  tally.ended += world.ended_as.size();
  for (const auto& end : world.ends) {
    EXPECT_NE(end.quic.kind, quic::CloseKind::Internal);
    tally.ends.insert(end.quic.reason());
  }
  tally.carried += proxy.carried();
  tally.harmed += proxy.harmed();
  tally.streams += world.streams();
  tally.bytes += world.delivered();
  tally.dials += world.dials();
  ++tally.worlds;
  for (std::size_t i = 0; i < kMischiefs; ++i) tally.of_kind[i] += proxy.count(static_cast<Mischief>(i));
}

void run(const MischiefRates& rates, std::uint64_t harmed) {
  Tally tally;
  for (std::uint64_t seed = 1; tally.harmed < harmed && !testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE("seed=" + std::to_string(seed));
    run_world(seed, rates, std::min(kHarmedPerWorld, harmed - tally.harmed), tally);
  }
  EXPECT_GT(tally.bytes, 0U);
  std::string line = "harmed=" + std::to_string(tally.harmed) + " of " + std::to_string(tally.carried);
  for (std::size_t i = 0; i < kMischiefs; ++i)
    if (tally.of_kind[i] != 0)
      line += " " + std::string(name(static_cast<Mischief>(i))) + "=" + std::to_string(tally.of_kind[i]);
  line += " worlds=" + std::to_string(tally.worlds) + " dials=" + std::to_string(tally.dials) +
          " streams=" + std::to_string(tally.streams) + " bytes=" + std::to_string(tally.bytes) +
          " sessions-ended=" + std::to_string(tally.ended) + " ends:";
  for (const auto end : tally.ends) line += " " + std::string(end);
  std::printf("%s\n", line.c_str());
}

// The tests below share what is wanted: fifteen rows of one kind, three of all kinds.
constexpr std::uint64_t kRows = 18;

class HostileProxyAlone : public testing::TestWithParam<Mischief> {};

TEST_P(HostileProxyAlone, ChangesNoByteAndTheSessionMoves) {
  // Who spoils every message is an outage; who repeats, delays or adds to every one is not.
  const bool spoils = GetParam() == Mischief::Flip || GetParam() == Mischief::Drop || GetParam() == Mischief::Truncate;
  for (const unsigned rate : {50U, 200U, 1'000U}) {
    if (spoils && rate == 1'000) continue;
    SCOPED_TRACE("rate=" + std::to_string(rate));
    MischiefRates rates{};
    rates[static_cast<std::size_t>(GetParam())] = rate;
    run(rates, wanted() / kRows);
  }
}
INSTANTIATE_TEST_SUITE_P(EachKind, HostileProxyAlone,
                         testing::Values(Mischief::Flip, Mischief::Drop, Mischief::Duplicate, Mischief::Reorder,
                                         Mischief::Truncate, Mischief::Inject),
                         [](const auto& info) { return std::string(name(info.param)); });

TEST(HostileProxy, DoingEverythingAtOnceChangesNoByte) {
  for (const auto& rates : {MischiefRates{10, 10, 50, 50, 10, 50}, MischiefRates{60, 60, 200, 200, 60, 200},
                            MischiefRates{150, 150, 400, 400, 150, 500}})
    run(rates, wanted() / kRows);
}

TEST(HostileProxy, SpoilingEveryMessageEndsTheSessionForWantOfAPath) {
  for (const auto& rates : {MischiefRates{1'000, 0, 0, 0, 0, 500}, MischiefRates{0, 1'000, 0, 0, 0, 500},
                            MischiefRates{0, 0, 1'000, 0, 1'000, 500}}) {
    HostileProxy proxy(1, {});
    HostileWorld world(1, proxy);
    ASSERT_TRUE(world.run_until([&] { return world.streams() >= 10; }, Seconds{60}));
    proxy.set_rates(rates);
    EXPECT_TRUE(world.run_until([] { return false; }, core::kNoPathTtl + 2 * quic::kIdleTimeout));
    EXPECT_TRUE(world.ended());
    for (const auto reason : world.ended_as) EXPECT_EQ(reason, core::EndReason::NoPath);
    EXPECT_EQ(world.wrong(), 0U);
  }
}

// That the checks above can fail: the same mischief behind QUIC, where nothing protects the session any more.
TEST(HostileProxy, WouldBeSeenIfQuicDidNotAuthenticate) {
  HostileProxy honest(1, {});
  SeededRng rng(1);
  HostileWorld world(1, honest, [&](Bytes& datagram) {
    if (rng.between(1, 100) == 1) datagram[rng.between(0, datagram.size() - 1)] ^= std::byte{1};
  });
  world.run_until([&] { return world.wrong() > 0; }, Seconds{60});
  EXPECT_GT(world.wrong(), 0U);
}

}  // namespace
}  // namespace footbridge::sim
