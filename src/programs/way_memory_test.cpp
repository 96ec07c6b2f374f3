#include "programs/way_memory.hpp"

#include <gtest/gtest.h>

#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

http::Route way(std::string_view url, std::string_view front = {}) {
  http::Route out(wire::parse_url(url).value());
  if (!front.empty()) out.front = http::Place{Private(std::string(front)), 443, true};
  return out;
}

const std::vector<http::Route> kWays{way("https://a.example/"), way("https://b.example/"),
                                     way("https://a.example/", "cdn.example")};

TEST(WayMemory, BringsTheOrderOverARestart) {
  const ops::ScratchDir directory;
  WayMemory(directory.path(".")).remember(kWays, {2, 0, 1});
  EXPECT_EQ(WayMemory(directory.path(".")).order_of(kWays), (std::vector<std::size_t>{2, 0, 1}));
  const std::vector<http::Route> others{way("https://b.example/"), way("https://new.example/"), kWays[2]};
  EXPECT_EQ(WayMemory(directory.path(".")).order_of(others), (std::vector<std::size_t>{2, 0})) << "by what they are";
}

TEST(WayMemory, KeepsNoNamesAndNobodyElseMayRead) {
  const ops::ScratchDir directory;
  WayMemory(directory.path(".")).remember(kWays, {0, 1, 2});
  std::ifstream in(directory.path("way-order"));
  const std::string text((std::istreambuf_iterator<char>(in)), {});
  EXPECT_EQ(text.size(), 3 * 17U);
  EXPECT_EQ(text.find("example"), std::string::npos);
  EXPECT_EQ(std::filesystem::status(directory.path("way-order")).permissions(),
            static_cast<std::filesystem::perms>(0600));
}

TEST(WayMemory, ForgetsWhatItCannotReadAndHasABound) {
  const ops::ScratchDir directory;
  directory.write("way-order", "garbage\n\n0123456789abcdef\nxy\n");
  WayMemory memory(directory.path("."));
  EXPECT_TRUE(memory.order_of(kWays).empty());
  for (int i = 0; i < 200; ++i) memory.remember({way("https://n" + std::to_string(i) + ".example/")}, {0});
  EXPECT_EQ(std::filesystem::file_size(directory.path("way-order")), 17 * kMaxRemembered);
  WayMemory(std::nullopt).remember(kWays, {0});  // nowhere
}

}  // namespace
}  // namespace footbridge
