// Two ends that come to an agreement on virtual time, over a network that loses what it is told to.
#include "transport/webrtc/native_agreement.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <gtest/gtest.h>
#include <map>

namespace footbridge::webrtc {
namespace {

using Role = DescriptionRole;

constexpr Millis kOneWay{10};

NativeTags tags(std::uint64_t seed = 7) {
  return NativeTags(SeededRng(seed).array<kNativeRecords * kNativeTagBytes>());
}

// What an SCTP stack would say first; its port is 5000.
Bytes sctp_packet() { return Bytes(64, std::byte{0x13}); }

struct End {
  End(Role role, Rng& rng) : agreement(role, tags(), rng) {}
  NativeAgreement agreement;
  bool speaks_sctp = false;  // has one to speak with: an offerer with its verdict, an answerer when it has heard some
  std::deque<Bytes> line;    // what the other has not had yet
  std::size_t sent = 0;      // records of the agreement
};

struct World {
  // Whether a record is lost, asked once for each.
  using Lost = std::function<bool(Role from, ByteView record)>;

  explicit World(Lost lose = [](Role, ByteView) { return false; }) : lost(std::move(lose)) {}

  void say(End& from, Role role, Bytes record) {
    if (!lost(role, record)) from.line.push_back(std::move(record));
  }
  void speak(End& from, Role role) {
    while (auto record = from.agreement.poll(now)) {
      ++from.sent;
      say(from, role, std::move(*record));
    }
    if (role == Role::Offerer && from.agreement.verdict() == LinkKind::DataChannel) from.speaks_sctp = true;
    if (from.speaks_sctp) say(from, role, sctp_packet());
  }
  static void hear(End& at, End& from) {
    for (; !from.line.empty(); from.line.pop_front())
      if (!at.agreement.on_record(from.line.front()) && at.agreement.verdict() == LinkKind::DataChannel)
        at.speaks_sctp = true;
  }
  void run(Duration limit) {
    for (const auto end = now + limit; now < end; now += kOneWay) {
      speak(offerer, Role::Offerer);
      speak(answerer, Role::Answerer);
      hear(answerer, offerer);
      hear(offerer, answerer);
    }
  }
  bool both(LinkKind kind) const { return offerer.agreement.verdict() == kind && answerer.agreement.verdict() == kind; }

  Lost lost;
  SeededRng rng{1};
  TimePoint now{};
  End offerer{Role::Offerer, rng};
  End answerer{Role::Answerer, rng};
};

constexpr Duration kAllTries = kAgreementRetry * (kProposals + 2);

TEST(NativeAgreement, NeedsOneRoundTripAndThreeRecords) {
  World world;
  world.run(Millis(30));
  EXPECT_TRUE(world.both(LinkKind::Native));
  EXPECT_EQ(world.offerer.sent, 2U);
  EXPECT_EQ(world.answerer.sent, 1U);
  EXPECT_EQ(world.offerer.agreement.round_trip(), Duration(2 * kOneWay));
  world.run(Seconds(5));
  EXPECT_EQ(world.offerer.sent + world.answerer.sent, 3U) << "then there is silence";
}

TEST(NativeAgreement, SendsTheLargestDatagramBothWaysFirst) {
  std::vector<Role> full;
  World world([&](Role from, ByteView record) {
    if (record.size() >= kMinProbeBytes) full.push_back(from);
    return false;
  });
  world.run(Millis(30));
  EXPECT_EQ(full, (std::vector{Role::Offerer, Role::Answerer}));
}

TEST(NativeAgreement, FallsBackWhereLongDatagramsAreSwallowedEitherWay) {
  for (const auto& swallowed : {std::vector{Role::Offerer}, {Role::Answerer}, {Role::Offerer, Role::Answerer}}) {
    World world([&](Role from, ByteView record) {
      return record.size() >= kMinProbeBytes && std::count(swallowed.begin(), swallowed.end(), from) > 0;
    });
    world.run(kAgreementRetry * kProposals - Millis(10));
    EXPECT_FALSE(world.offerer.agreement.verdict()) << "an answer may still come";
    world.run(kAllTries);
    EXPECT_TRUE(world.both(LinkKind::DataChannel));
    const auto sent = world.offerer.sent + world.answerer.sent;
    world.run(Seconds(5));
    EXPECT_EQ(world.offerer.sent + world.answerer.sent, sent) << "then there is silence";
  }
}

TEST(NativeAgreement, BothEndsDecideAlikeWhateverIsLost) {
  std::size_t native = 0;
  constexpr std::uint64_t kSeeds = 3'000;
  for (std::uint64_t seed = 0; seed < kSeeds; ++seed) {
    SeededRng chance(seed);
    const auto percent = chance.between(0, 60);
    World world([&](Role, ByteView) { return chance.between(0, 99) < percent; });
    world.run(Seconds(20));
    ASSERT_TRUE(world.both(LinkKind::Native) || world.both(LinkKind::DataChannel)) << seed;
    if (world.both(LinkKind::Native)) ++native;
  }
  EXPECT_GT(native, kSeeds / 2);
  EXPECT_LT(native, kSeeds) << "the test lost too little to see both outcomes";
}

// Late records of a try that was given up must not turn the answerer round.
TEST(NativeAgreement, NeverChangesAVerdict) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SeededRng chance(seed);
    for (const auto role : {Role::Offerer, Role::Answerer}) {
      NativeAgreement end(role, tags(), chance);
      std::optional<LinkKind> verdict;
      TimePoint now{};
      for (int i = 0; i < 60; ++i, now += Millis(chance.between(0, 300))) {
        if (chance.between(0, 4) == 0)
          end.on_record(sctp_packet());
        else
          end.on_record(tags().make(static_cast<NativeRecord>(chance.between(0, kNativeRecords - 1)), chance));
        while (end.poll(now)) {
        }
        if (verdict) ASSERT_EQ(end.verdict(), verdict) << seed;
        verdict = end.verdict();
      }
    }
  }
}

TEST(NativeAgreement, YieldsToAnAnswererThatSpeaksSctpAtOnce) {
  World world;
  NativeAgreement& offerer = world.offerer.agreement;
  EXPECT_TRUE(offerer.poll(world.now));
  EXPECT_FALSE(offerer.on_record(sctp_packet())) << "it is for SCTP";
  EXPECT_EQ(offerer.verdict(), LinkKind::DataChannel);
  EXPECT_FALSE(offerer.poll(world.now + Seconds(5))) << "nobody is there who would understand";
}

TEST(NativeAgreement, YieldsToAnOffererThatSpeaksSctpAtOnce) {
  SeededRng rng(1);
  NativeAgreement answerer(Role::Answerer, tags(), rng);
  EXPECT_FALSE(answerer.poll(TimePoint{}));
  EXPECT_FALSE(answerer.on_record(sctp_packet()));
  EXPECT_EQ(answerer.verdict(), LinkKind::DataChannel);
}

TEST(NativeAgreement, KeepsWhatOvertakesTheDecisionUpToItsBound) {
  SeededRng rng(1);
  NativeAgreement answerer(Role::Answerer, tags(), rng);
  EXPECT_TRUE(answerer.on_record(tags().make(NativeRecord::Propose, rng)));
  for (std::size_t i = 0; i < kMaxEarlyRecords + 5; ++i) EXPECT_TRUE(answerer.on_record(Bytes(3, std::byte(i))));
  EXPECT_FALSE(answerer.verdict());
  EXPECT_TRUE(answerer.on_record(tags().make(NativeRecord::Confirm, rng)));
  for (std::size_t i = 0; i < kMaxEarlyRecords; ++i) EXPECT_EQ(answerer.take_early(), Bytes(3, std::byte(i)));
  EXPECT_FALSE(answerer.take_early());
  EXPECT_FALSE(answerer.on_record(Bytes(3))) << "a message from now on";
}

TEST(NativeAgreement, BelievesNoProbeThatIsShort) {
  SeededRng rng(1);
  auto proposal = tags().make(NativeRecord::Propose, rng);
  proposal.resize(kMinProbeBytes - 1);
  NativeAgreement answerer(Role::Answerer, tags(), rng);
  EXPECT_TRUE(answerer.on_record(proposal));
  EXPECT_FALSE(answerer.poll(TimePoint{}));
  auto acceptance = tags().make(NativeRecord::Accept, rng);
  acceptance.resize(kMinProbeBytes - 1);
  NativeAgreement offerer(Role::Offerer, tags(), rng);
  EXPECT_TRUE(offerer.on_record(acceptance));
  EXPECT_FALSE(offerer.verdict());
}

TEST(NativeAgreement, TakesRecordsOfAnotherHandshakeForMessages) {
  SeededRng rng(1);
  const auto other = tags(8);
  for (std::size_t i = 0; i < kNativeRecords; ++i) {
    const auto record = other.make(static_cast<NativeRecord>(i), rng);
    EXPECT_FALSE(tags().kind_of(record));
    EXPECT_EQ(other.kind_of(record), static_cast<NativeRecord>(i));
  }
}

TEST(NativeAgreement, PadsTheFirstMessagesAndNoLengthIsFrequent) {
  std::map<std::size_t, int> lengths;
  constexpr int kLinks = 400;
  for (std::uint64_t seed = 0; seed < kLinks; ++seed) {
    World world;
    world.rng = SeededRng(seed);
    world.run(Millis(30));
    auto& from = world.offerer.agreement;
    auto& to = world.answerer.agreement;
    for (std::size_t i = 0; i < kPaddedRecords; ++i) {
      const Bytes message(i % 2 == 0 ? kMaxNativeMessageBytes : 22, std::byte{0x41});
      const auto record = from.padded(message);
      ASSERT_TRUE(record);
      ASSERT_LE(record->size(), kMinProbeBytes) << "longer than what is proved";
      ASSERT_FALSE(to.on_record(*record)) << "it is a message";
      ASSERT_TRUE(std::ranges::equal(to.message_of(*record), message));
      if (i < 2) ++lengths[record->size()];
    }
    EXPECT_FALSE(from.padded(Bytes(22))) << "from now on a message is its own record";
  }
  for (const auto& [bytes, times] : lengths) EXPECT_LT(times, kLinks / 20) << bytes;
}

TEST(NativeAgreement, ReadsNothingFromAPaddedRecordThatLies) {
  SeededRng rng(3);
  const auto padded = tags().pad(Bytes(100, std::byte{7}), rng);
  for (std::size_t bytes = kNativeTagBytes; bytes < kPaddedHeadBytes + 100; ++bytes)
    EXPECT_TRUE(tags().message_of(ByteView(padded).first(bytes)).empty()) << bytes;
  EXPECT_EQ(tags().message_of(padded).size(), 100U);
  const Bytes plain(40, std::byte{9});
  EXPECT_EQ(tags().message_of(plain).size(), plain.size()) << "no tag: the record is the message";
}

// A padded record in front of the decision is neither a message nor SCTP.
TEST(NativeAgreement, IgnoresAPaddedRecordOutOfPlace) {
  SeededRng rng(3);
  const auto padded = tags().pad(Bytes(100), rng);
  for (const auto role : {Role::Offerer, Role::Answerer}) {
    NativeAgreement end(role, tags(), rng);
    EXPECT_TRUE(end.on_record(padded));
    EXPECT_FALSE(end.verdict());
  }
}

TEST(NativeAgreement, SaysWhenTheOtherSideLeaves) {
  World world;
  world.run(Millis(50));
  EXPECT_FALSE(world.offerer.agreement.closed_by_other());
  world.offerer.agreement.on_record(world.answerer.agreement.goodbye());
  EXPECT_TRUE(world.offerer.agreement.closed_by_other());
}

}  // namespace
}  // namespace footbridge::webrtc
