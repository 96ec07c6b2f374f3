// What instances may count on, whatever store they share. A new implementation joins the list at the end.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <memory>
#include <vector>

#include "base/rng.hpp"
#include "store/memory_store.hpp"

namespace footbridge::store {
namespace {

struct Bench {
  SeededRng rng{1};
  TimePoint now = TimePoint(Seconds{1'000});
  asio::io_context loop{1};

  // Claims in the order in which they were made, all under way at once.
  std::vector<Claim> claim(Store& store, const std::vector<RequestTag>& tags) {
    std::vector<Claim> out(tags.size(), Claim::Lost);
    for (std::size_t i = 0; i < tags.size(); ++i)
      asio::co_spawn(loop, store.claim(tags[i]), [&out, i](const std::exception_ptr& error, Claim claim) {
        EXPECT_FALSE(error);
        out[i] = claim;
      });
    loop.restart();
    loop.run();
    return out;
  }
  Claim claim(Store& store, const RequestTag& tag) { return claim(store, std::vector{tag}).front(); }
};

using Make = std::function<std::unique_ptr<Store>(Bench& bench)>;
struct StoreContract : testing::TestWithParam<Make> {
  Bench bench;
  std::unique_ptr<Store> store = GetParam()(bench);
};

TEST_P(StoreContract, GivesATagToOneOfManyWhoClaimItAtOnce) {
  const auto wanted = RequestTag::random(bench.rng);
  const auto claims = bench.claim(*store, std::vector(16, wanted));
  EXPECT_EQ(std::ranges::count(claims, Claim::First), 1);
  EXPECT_EQ(std::ranges::count(claims, Claim::Taken), 15);
}

TEST_P(StoreContract, KeepsEachTagApart) {
  std::vector<RequestTag> tags;
  for (int i = 0; i < 1'000; ++i) tags.push_back(RequestTag::random(bench.rng));
  EXPECT_EQ(std::ranges::count(bench.claim(*store, tags), Claim::First), 1'000);
  EXPECT_EQ(std::ranges::count(bench.claim(*store, tags), Claim::Taken), 1'000);
}

TEST_P(StoreContract, KeepsATagInEverySecondOfItsTime) {
  const auto early = RequestTag::random(bench.rng);
  bench.now += Seconds{100};
  EXPECT_EQ(bench.claim(*store, early), Claim::First);
  for (int second = 0; second < Store::kKept.count(); ++second) {
    bench.now += Seconds{1};
    ASSERT_EQ(bench.claim(*store, early), Claim::Taken) << second;
    ASSERT_EQ(bench.claim(*store, RequestTag::random(bench.rng)), Claim::First) << second;
  }
}

const auto kStores = testing::Values(
    Make{[](Bench& bench) { return std::make_unique<MemoryStore>(bench.rng, [&bench] { return bench.now; }); }});
INSTANTIATE_TEST_SUITE_P(Memory, StoreContract, kStores);

// The least a table can have.
constexpr std::size_t kFew = core::ReplayTable::kFirstSlots;

TEST(MemoryStore, TakesNobodyItCannotRememberUntilSomebodyIsForgotten) {
  Bench bench;
  MemoryStore store(
      bench.rng, [&bench] { return bench.now; }, kFew);
  const auto room = core::ReplayTable(kFew).most_tags();
  std::vector<RequestTag> tags;
  for (std::size_t i = 0; i <= room; ++i) tags.push_back(RequestTag::random(bench.rng));
  const auto claims = bench.claim(store, tags);
  EXPECT_EQ(claims[room - 1], Claim::First);
  EXPECT_EQ(claims[room], Claim::Full);
  EXPECT_EQ(bench.claim(store, tags[room]), Claim::Full) << "not remembered by the refusal";
  bench.now += Store::kKept;
  EXPECT_EQ(bench.claim(store, tags[room]), Claim::First);
  EXPECT_EQ(bench.claim(store, tags[0]), Claim::Taken) << "the table before is asked still";
}

TEST(MemoryStore, ForgetsAfterTwiceItsTime) {
  Bench bench;
  MemoryStore store(
      bench.rng, [&bench] { return bench.now; }, kFew);
  const auto tag = RequestTag::random(bench.rng);
  EXPECT_EQ(bench.claim(store, tag), Claim::First);
  bench.now += 2 * Store::kKept;
  EXPECT_EQ(bench.claim(store, tag), Claim::First) << "nobody came for so long: both tables are of the past";
  bench.now += Store::kKept;
  EXPECT_EQ(bench.claim(store, RequestTag::random(bench.rng)), Claim::First);
  EXPECT_EQ(bench.claim(store, tag), Claim::Taken);
  bench.now += Store::kKept;
  EXPECT_EQ(bench.claim(store, tag), Claim::First);
}

}  // namespace
}  // namespace footbridge::store
