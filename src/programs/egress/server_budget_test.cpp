#include "programs/egress/server_budget.hpp"

#include <gtest/gtest.h>
#include <thread>
#include <vector>

namespace footbridge::egress {
namespace {

constexpr std::size_t kKiB = 1024;

template <class Work>
void on_threads(std::size_t count, Work work) {
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < count; ++i) threads.emplace_back(work);
  for (auto& thread : threads) thread.join();
}

TEST(ServerBudget, RefusesWhatWouldExceedTheSumOfAllWorkers) {
  ServerBudget server(1, 100 * kKiB);
  WorkerMemory one(server), other(server);
  EXPECT_TRUE(one.reserve(60 * kKiB, core::MemoryUse::Receiving));
  EXPECT_FALSE(other.reserve(41 * kKiB, core::MemoryUse::Receiving));
  EXPECT_TRUE(other.reserve(40 * kKiB, core::MemoryUse::Receiving));
  EXPECT_EQ(server.used_bytes(), 100 * kKiB) << "a refusal reserves nothing";
  one.release(60 * kKiB);
  EXPECT_TRUE(other.reserve(60 * kKiB, core::MemoryUse::Receiving)) << "what one gives back another may have";
}

TEST(ServerBudget, TakesANewBoundOfSessionsOver) {
  ServerBudget server(2);
  EXPECT_TRUE(server.take_place() && server.take_place());
  server.set_max_sessions(1);
  EXPECT_FALSE(server.take_place());
  EXPECT_GT(server.fullness(), 1.0) << "two have begun, and go on";
  server.set_max_sessions(3);
  EXPECT_TRUE(server.take_place());
  EXPECT_FALSE(server.take_place());
}

TEST(ServerBudget, RefusesSendingFirst) {
  ServerBudget server(1, 100 * kKiB);
  EXPECT_TRUE(server.reserve(75 * kKiB, core::MemoryUse::Sending));
  EXPECT_FALSE(server.reserve(1, core::MemoryUse::Sending));
  EXPECT_TRUE(server.reserve(25 * kKiB, core::MemoryUse::Receiving));
  EXPECT_FALSE(server.reserve(1, core::MemoryUse::Sending)) << "far beyond its share";
}

TEST(ServerBudget, HoldsWhileAllWorkersReserveAtOnce) {
  constexpr std::size_t kMost = 64 * kKiB;
  ServerBudget server(1, kMost);
  std::atomic<std::size_t> granted{0};
  on_threads(4, [&] {
    for (int i = 0; i < 20'000; ++i)
      if (server.reserve(kKiB, core::MemoryUse::Receiving)) {
        EXPECT_LE(granted.fetch_add(kKiB) + kKiB, kMost);
        granted.fetch_sub(kKiB);
        server.release(kKiB);
      }
  });
  EXPECT_EQ(server.used_bytes(), 0U);
}

TEST(ServerBudget, GivesEachPlaceOnce) {
  ServerBudget server(1'000);
  std::atomic<std::size_t> taken{0};
  on_threads(4, [&] {
    for (int i = 0; i < 400; ++i)
      if (server.take_place()) ++taken;
  });
  EXPECT_EQ(taken, 1'000U);
  EXPECT_FALSE(server.take_place());
  server.give_place_back();
  EXPECT_TRUE(server.take_place());
}

TEST(ServerBudget, CountsWhatItRefusedByWhatWasFull) {
  ServerBudget server(1, 100 * kKiB);
  EXPECT_TRUE(server.reserve(100 * kKiB, core::MemoryUse::Receiving) && server.take_place() &&
              server.take_flow_place());
  for (const auto kind : kOverloads) EXPECT_EQ(server.refused(kind), 0U) << name(kind);
  EXPECT_FALSE(server.reserve(1, core::MemoryUse::Receiving));
  EXPECT_FALSE(server.take_place());
  EXPECT_FALSE(server.take_place());
  EXPECT_FALSE(server.reserve(1, core::MemoryUse::Sending)) << "who sends waits: that is no refusal";
  EXPECT_EQ(server.refused(Overload::Memory), 1U);
  EXPECT_EQ(server.refused(Overload::Sessions), 2U);
  EXPECT_EQ(server.refused(Overload::Flows), 0U);
}

}  // namespace
}  // namespace footbridge::egress
