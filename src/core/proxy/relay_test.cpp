#include "core/proxy/relay.hpp"

#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/path/packet_sizes.hpp"

namespace footbridge::core {
namespace {

// Keeps what it was given until drain() "sends" it.
class FakePipe final : public MessagePipe {
 public:
  bool send(ByteView message) override {
    if (!open) return false;
    backlog += message.size();
    most_backlog = std::max(most_backlog, backlog);
    sent.push_back(to_string(message));
    return true;
  }
  void flush() override {
    ++flushes;
    if (quick) backlog = 0;
  }
  std::size_t backlog_bytes() const override { return backlog; }
  std::size_t max_message_bytes() const override { return 16 * 1024; }
  void pause_reading(bool value) override { paused = value; }
  void close(PipeEnd) override { open = false; }

  bool open = true;
  bool quick = false;  // the operating system takes all at once
  bool paused = false;
  std::size_t backlog = 0;
  std::size_t most_backlog = 0;
  int flushes = 0;
  std::vector<std::string> sent;
};

struct RelayTest : testing::Test {
  SlotRef at{1, 7};
  FakePipe link;
  FakePipe leg;
  Relay relay{at, link};

  static std::uint64_t dropped(const RelayCount& count, RelayDrop reason) {
    return count.dropped[static_cast<std::size_t>(reason)];
  }
  void from_link(std::initializer_list<std::string> texts, SlotRef who) { feed(texts, who, true); }
  void from_leg(std::initializer_list<std::string> texts, SlotRef who) { feed(texts, who, false); }
  void feed(std::initializer_list<std::string> texts, SlotRef who, bool link_side) {
    std::vector<ByteView> batch;
    for (const auto& text : texts) batch.push_back(as_bytes(text));
    link_side ? relay.on_link_messages(who, batch) : relay.on_leg_messages(who, batch);
  }
};

TEST_F(RelayTest, CarriesMessagesBothWaysAndFlushesOncePerBatch) {
  relay.attach_leg(leg, false);
  from_link({"up one", "up two", "up three"}, at);
  from_leg({"down"}, at);
  EXPECT_EQ(leg.sent, (std::vector<std::string>{"up one", "up two", "up three"}));
  EXPECT_EQ(link.sent, std::vector<std::string>{"down"});
  EXPECT_EQ(leg.flushes, 1);
  EXPECT_EQ(link.flushes, 1);
  EXPECT_EQ(relay.to_leg().messages, 3U);
  EXPECT_EQ(relay.to_leg().bytes, 20U);
  EXPECT_EQ(relay.to_link().bytes, 4U);
}

TEST_F(RelayTest, KeepsAClientsFirstFlightUntilTheLegIsOpen) {
  from_link({"initial one", "initial two"}, at);
  EXPECT_TRUE(leg.sent.empty());
  relay.attach_leg(leg, false);
  EXPECT_EQ(leg.sent, (std::vector<std::string>{"initial one", "initial two"}));
  EXPECT_EQ(relay.held_bytes(), 0U);
}

TEST_F(RelayTest, KeepsNoMoreThanAFirstFlight) {
  for (int i = 0; i < 1'000; ++i) from_link({std::string(1'200, 'x')}, at);
  EXPECT_LE(relay.held_bytes(), Relay::kMaxEarlyBytes);
  EXPECT_EQ(dropped(relay.to_leg(), RelayDrop::Early), 987U);
  Relay other{at, link};
  for (std::size_t i = 0; i < 1'000; ++i) {
    const ByteView empty;
    other.on_link_messages(at, std::span(&empty, 1));
  }
  EXPECT_EQ(dropped(other.to_leg(), RelayDrop::Early), 1'000 - Relay::kMaxEarlyMessages);
}

TEST_F(RelayTest, DropsAndCountsWhatAStalledSideCannotTake) {
  relay.attach_leg(leg, false);
  for (int i = 0; i < 10'000; ++i) from_leg({std::string(1'000, 'x')}, at);
  EXPECT_LE(link.most_backlog, Relay::kMaxBacklogBytes);
  EXPECT_EQ(link.sent.size(), 57U);
  EXPECT_EQ(dropped(relay.to_link(), RelayDrop::Backlog), 9'943U);
  EXPECT_FALSE(leg.paused);

  from_link({"the other way goes on"}, at);
  EXPECT_EQ(leg.sent.size(), 1U);
  link.backlog = 0;
  from_leg({"and this way again"}, at);
  EXPECT_EQ(link.sent.size(), 58U);
}

TEST_F(RelayTest, RefusesSmallPacketsWhereItRefusesLargeOnes) {
  relay.attach_leg(leg, false);
  const std::string small(kFragmentBytes, 's');
  const std::string large(kMaxPacketBytes, 'l');
  while (dropped(relay.to_leg(), RelayDrop::Backlog) == 0) from_link({large}, at);
  from_link({small, large, small}, at);
  EXPECT_EQ(dropped(relay.to_leg(), RelayDrop::Backlog), 4U);
}

TEST_F(RelayTest, LetsABatchGoBeforeItDropsPartOfIt) {
  relay.attach_leg(leg, false);
  leg.quick = true;
  const std::string packet(kMaxPacketBytes, 'x');
  const std::vector<ByteView> batch(100, as_bytes(packet));
  relay.on_link_messages(at, batch);
  EXPECT_EQ(leg.sent.size(), 100U);
  EXPECT_LE(leg.most_backlog, Relay::kMaxBacklogBytes);
  EXPECT_EQ(leg.backlog, 0U) << "the last part is flushed, too";
}

TEST_F(RelayTest, PausesALegThatCanInsteadOfDropping) {
  relay.attach_leg(leg, true);
  int sent = 0;
  while (!leg.paused && sent < 1'000) {
    from_leg({std::string(1'000, 'x')}, at);
    ++sent;
  }
  EXPECT_EQ(sent, 33);
  EXPECT_EQ(dropped(relay.to_link(), RelayDrop::Backlog), 0U);
  link.backlog = 0;
  relay.on_link_drained(at);
  EXPECT_FALSE(leg.paused);
  from_leg({"x"}, at);
  EXPECT_FALSE(leg.paused);
}

TEST_F(RelayTest, DropsWhatIsTooLargeAndWhatComesAfterTheEnd) {
  relay.attach_leg(leg, false);
  from_link({std::string(16 * 1024 + 1, 'x'), "fits"}, at);
  EXPECT_EQ(dropped(relay.to_leg(), RelayDrop::TooLarge), 1U);
  EXPECT_EQ(leg.sent, std::vector<std::string>{"fits"});
  leg.close(PipeEnd::Lost);
  from_link({"late"}, at);
  EXPECT_EQ(dropped(relay.to_leg(), RelayDrop::NotOpen), 1U);
  EXPECT_EQ(leg.flushes, 1) << "nothing was sent, nothing is flushed";
}

TEST_F(RelayTest, ForwardsNothingOfAnotherClient) {
  relay.attach_leg(leg, true);
  const SlotRef before{1, 6};
  const SlotRef beside{2, 7};
  for (const auto other : {before, beside}) {
    from_link({"foreign"}, other);
    from_leg({"foreign"}, other);
    relay.on_link_drained(other);
  }
  EXPECT_TRUE(link.sent.empty());
  EXPECT_TRUE(leg.sent.empty());
  EXPECT_EQ(dropped(relay.to_leg(), RelayDrop::Foreign), 2U);
  EXPECT_EQ(dropped(relay.to_link(), RelayDrop::Foreign), 2U);
}

// Clients come and go in one slot while events of the dead still arrive, sides stall and recover: no byte of one
// reaches another, and no queue passes its bound.
TEST(RelayWorld, NeverGivesAByteOfOneClientToTheNext) {
  struct Stay {
    explicit Stay(SlotRef ref) : at(ref), relay(ref, link) {}
    SlotRef at;
    FakePipe link;
    FakePipe leg;
    Relay relay;
    bool attached = false;
  };
  SeededRng rng(23);
  std::vector<std::unique_ptr<Stay>> stays;  // all of them, so that what each received can be read at the end
  std::uint64_t forwarded = 0;
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    if (stays.empty() || rng.between(0, 49) == 0)
      stays.push_back(std::make_unique<Stay>(SlotRef{0, static_cast<std::uint32_t>(stays.size() + 1)}));
    auto& now = *stays.back();
    // An event belongs to the present client or to one of the last few.
    const auto back = rng.between(0, std::min<std::uint64_t>(3, stays.size() - 1));
    const auto& source = *stays[stays.size() - 1 - back];
    const auto text = std::to_string(source.at.epoch) + ":" + std::string(rng.between(0, 9'000), '.');
    const auto message = as_bytes(text);
    switch (rng.between(0, 6)) {
      case 0:
      case 1: now.relay.on_link_messages(source.at, std::span(&message, 1)); break;
      case 2:
      case 3:
        if (now.attached) now.relay.on_leg_messages(source.at, std::span(&message, 1));
        break;
      case 4:
        if (!now.attached) now.relay.attach_leg(now.leg, rng.between(0, 1) == 0);
        now.attached = true;
        break;
      case 5: now.leg.backlog = 0; break;
      default: now.link.backlog = 0; now.relay.on_link_drained(source.at);
    }
    ASSERT_LE(now.relay.held_bytes(), Relay::kMaxEarlyBytes);
  }
  for (const auto& stay : stays) {
    const auto mine = std::to_string(stay->at.epoch) + ":";
    EXPECT_LE(stay->link.most_backlog, Relay::kMaxBacklogBytes);
    EXPECT_LE(stay->leg.most_backlog, Relay::kMaxBacklogBytes);
    for (const auto* pipe : {&stay->link, &stay->leg})
      for (const auto& text : pipe->sent) {
        ASSERT_TRUE(text.starts_with(mine)) << "foreign bytes";
        ++forwarded;
      }
  }
  EXPECT_GT(forwarded, 1'000U);
}

}  // namespace
}  // namespace footbridge::core
