// Threat T7: a proxy that alters, loses, repeats, delays, cuts and invents messages can slow a session down and can end
// it, and can do nothing else. FB_HOSTILE_MESSAGES says how many messages are harmed (default: what fits into seconds).
#include <cstdlib>
#include <gtest/gtest.h>
#include <set>

#include "quic/close_info.hpp"
#include "two_ends.hpp"
#include "wire/session_open.hpp"

namespace footbridge::sim {
namespace {

using core::StreamId;

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

// Streams of all sizes both ways, always kStreamsAtOnce of them; each byte of each is checked when it arrives.
class Traffic {
 public:
  explicit Traffic(TwoEnds& world) : world_(world), rng_(world.rng.next_u64()) {}

  std::uint64_t delivered() const {
    std::uint64_t sum = 0;
    for (const auto side : {kClientEnd, kEgressEnd})
      if (world_.session(side) != nullptr) sum += world_.session(side)->stats().bytes_received;
    return sum;
  }
  void keep_up() {
    for (auto at = live_.begin(); at != live_.end();) at = finished(*at) ? forget(at) : std::next(at);
    while (live_.size() < kStreamsAtOnce && begin()) {
    }
  }
  std::uint64_t wrong() const { return wrong_; }
  std::uint64_t streams() const { return done_; }

 private:
  struct Live {
    StreamId id = 0;
    std::uint64_t up = 0, down = 0;
  };
  bool begin() {
    auto* const session = world_.session(kClientEnd);
    if (session == nullptr) return false;
    const StreamId id = 2 * session->stats().streams_opened + 1;
    Bytes header(20);
    for (std::size_t i = 0; i < header.size(); ++i) header[i] = core::pattern(id, i);
    const Live next{id, rng_.between(0, kMostStreamBytes), rng_.between(0, kMostStreamBytes)};
    if (world_.open(header, next.up, next.down) != id) return false;
    live_.push_back({next.id, next.up + header.size(), next.down});
    return true;
  }
  bool finished(const Live& stream) {
    auto& up = world_.app(kEgressEnd).incoming[stream.id];
    auto& down = world_.app(kClientEnd).incoming[stream.id];
    wrong_ += std::exchange(up.wrong, 0) + std::exchange(down.wrong, 0);
    wrong_ += up.read > stream.up || down.read > stream.down ? 1 : 0;
    if (up.finished == 0 || down.finished == 0) return false;
    wrong_ += up.read != stream.up || down.read != stream.down || up.finished + down.finished != 2 ? 1 : 0;
    return true;
  }
  std::vector<Live>::iterator forget(std::vector<Live>::iterator at) {
    ++done_;
    for (const auto side : {kClientEnd, kEgressEnd}) {
      world_.app(side).incoming.erase(at->id);
      world_.app(side).outgoing.erase(at->id);
    }
    return live_.erase(at);
  }

  TwoEnds& world_;
  SeededRng rng_;
  std::vector<Live> live_;
  std::uint64_t wrong_ = 0;
  std::uint64_t done_ = 0;
};

// In every world the proxies leave this often, so that paths are joined under mischief, too.
constexpr std::uint64_t kHarmedPerPath = 700;

// One world, until `harmed` messages have been harmed or the session has ended; what it shows is added to `tally`.
void run_world(std::uint64_t seed, const MischiefRates& rates, std::uint64_t harmed, Tally& tally) {
  HostileProxy proxy(seed, rates);
  TwoEnds world(seed, [&](std::size_t from, ByteView message) { return proxy.carry(from, message); });
  Traffic traffic(world);
  std::uint64_t left = 0;
  const auto enough = [&] { return proxy.harmed() >= harmed; };
  for (bool over = false; !over;) {
    const auto before = traffic.delivered();
    const auto moved = [&] {
      if (world.session(kEgressEnd) != nullptr) traffic.keep_up();
      if (proxy.harmed() / kHarmedPerPath > left) ++left, world.cut_paths();
      return enough() || traffic.delivered() != before;
    };
    const bool moves = world.run_until(moved, kStandstill);
    ASSERT_TRUE(moves || world.ended()) << "the session neither moves nor ends";
    over = enough() || world.ended();
  }
  EXPECT_EQ(traffic.wrong(), 0U) << "bytes that nobody sent";
  for (const auto side : {kClientEnd, kEgressEnd}) {
    if (world.session(side) == nullptr || !world.app(side).ended) continue;
    EXPECT_EQ(*world.app(side).ended, core::EndReason::NoPath) << "no message of a proxy ends a session by itself";
    ++tally.ended;
  }
  for (const auto& end : world.ends) {
    EXPECT_NE(end.quic.kind, quic::CloseKind::Internal);
    tally.ends.insert(end.quic.reason());
  }
  tally.carried += proxy.carried();
  tally.harmed += proxy.harmed();
  tally.streams += traffic.streams();
  tally.bytes += traffic.delivered();
  tally.dials += world.dials;
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
    TwoEnds world(1, [&](std::size_t from, ByteView message) { return proxy.carry(from, message); });
    Traffic traffic(world);
    ASSERT_TRUE(world.run_until(
        [&] {
          if (world.session(kEgressEnd) != nullptr) traffic.keep_up();
          return traffic.streams() >= 10;
        },
        Seconds{60}));
    proxy.set_rates(rates);
    EXPECT_FALSE(world.run_until([] { return false; }, core::kNoPathTtl + 2 * quic::kIdleTimeout));
    EXPECT_TRUE(world.ended());
    for (const auto side : {kClientEnd, kEgressEnd})
      if (world.app(side).ended) EXPECT_EQ(*world.app(side).ended, core::EndReason::NoPath);
    EXPECT_EQ(traffic.wrong(), 0U);
  }
}

// That the checks above can fail: the same mischief behind QUIC, where nothing protects the session any more.
TEST(HostileProxy, WouldBeSeenIfQuicDidNotAuthenticate) {
  HostileProxy honest(1, {});
  TwoEnds world(1, [&](std::size_t from, ByteView message) { return honest.carry(from, message); });
  SeededRng rng(1);
  world.meddler = [&](Bytes& datagram) {
    if (rng.between(1, 100) == 1) datagram[rng.between(0, datagram.size() - 1)] ^= std::byte{1};
  };
  Traffic traffic(world);
  world.run_until(
      [&] {
        if (world.session(kEgressEnd) != nullptr) traffic.keep_up();
        return traffic.wrong() > 0;
      },
      Seconds{60});
  EXPECT_GT(traffic.wrong(), 0U);
}

}  // namespace
}  // namespace footbridge::sim
