// Many askers at once, as at a broker that people use: nobody is refused who did nothing wrong. bench/sealing_bench
// does the same with ten thousand.
#include "core/sealing/sealing_fixture.hpp"

namespace footbridge::core {
namespace {

using SealedSwarm = SealingTest;

TEST_F(SealedSwarm, TakesEveryHonestRequestOnce) {
  constexpr std::size_t kAskers = 200, kRequests = 50, kUnderWay = 40;
  struct Waiting {
    std::size_t who;
    AnswerSeal answer;
    OpenedRequest opened;
  };
  std::vector<SealedAsker> askers;
  for (std::size_t i = 0; i < kAskers; ++i) askers.push_back(i % 2 == 0 ? make_client() : proxy);
  std::vector<Waiting> waiting;
  const auto answer_one = [&] {
    auto& one = waiting[rng.between(0, waiting.size() - 1)];
    std::swap(one, waiting.back());
    auto last = std::move(waiting.back());
    waiting.pop_back();
    const auto bytes = broker->seal(now, std::move(last.opened.reply), as_bytes(std::to_string(last.who)));
    const auto heard = askers[last.who].open(now, std::move(last.answer), bytes);
    ASSERT_TRUE(heard);
    EXPECT_EQ(*heard, to_bytes(std::to_string(last.who)));
  };
  for (std::size_t i = 0; i < kAskers * kRequests; ++i) {
    const auto who = rng.between(0, kAskers - 1);
    const Seconds wrong{static_cast<std::int64_t>(rng.between(0, 60)) - 50};  // clocks differ
    auto sealed = askers[who].seal(now, wrong, as_bytes(std::to_string(who)), rng);
    ASSERT_TRUE(sealed);
    auto opened = open(sealed->bytes);
    ASSERT_TRUE(opened) << "request " << i;
    EXPECT_EQ(opened->body, to_bytes(std::to_string(who)));
    EXPECT_EQ(opened->proxy.has_value(), who % 2 == 1);
    waiting.push_back({who, std::move(sealed->answer), std::move(*opened)});
    if (waiting.size() > kUnderWay) answer_one();
    if (i % 50 == 0) now = now + 7;
  }
  while (!waiting.empty()) answer_one();
  EXPECT_EQ(broker->opened(), kAskers * kRequests);
  EXPECT_EQ(refused(SealRefusal::Replayed), 0U);
}

}  // namespace
}  // namespace footbridge::core
