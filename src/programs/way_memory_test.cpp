#include "programs/way_memory.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <set>

#include "ops/scratch_dir.hpp"
#include "programs/state_directory.hpp"

namespace footbridge {
namespace {

using Numbers = std::vector<std::size_t>;
constexpr UnixSeconds kNow{1'800'000'000};

UnixSeconds days_later(std::uint64_t days) { return UnixSeconds{count(kNow) + days * 24 * 3600}; }

http::Route way(std::string_view url, std::string_view front = {}) {
  http::Route out(wire::parse_url(url).value());
  if (!front.empty()) out.front = http::Place{Private(std::string(front)), 443, true};
  return out;
}

const std::vector<http::Route> kWays{way("https://a.example/"), way("https://b.example/"),
                                     way("https://a.example/", "cdn.example")};

struct WayMemoryTest : testing::Test {
  ops::ScratchDir directory;
  SeededRng rng{1};
  std::string network = "home";  // empty: it cannot be told

  // As the next start of the program.
  WayMemory memory() {
    return {directory.path("."), rng, [this]() -> std::optional<Private<std::string>> {
              return network.empty() ? std::nullopt : std::optional(Private(network));
            }};
  }
  void helped(std::size_t number, const Numbers& failed = {}, UnixSeconds now = kNow) {
    auto open = memory();
    open.helped(now, *open.here(), kWays, number, failed);
  }
  Numbers helpers(UnixSeconds now = kNow) {
    const auto open = memory();
    return open.helpers(now, *open.here(), kWays);
  }
  std::string text() {
    std::ifstream in(directory.path(std::string(kWayOrderFile)));
    return {std::istreambuf_iterator<char>(in), {}};
  }
};

TEST_F(WayMemoryTest, BringsWhatHelpedOverARestartTheLastFirst) {
  helped(1);
  helped(2);
  EXPECT_EQ(helpers(), (Numbers{2, 1}));
  const std::vector<http::Route> others{way("https://b.example/"), way("https://new.example/"), kWays[2]};
  const auto open = memory();
  EXPECT_EQ(open.helpers(kNow, *open.here(), others), (Numbers{2, 0})) << "by what they are";
}

TEST_F(WayMemoryTest, NeverUsesInOnePlaceWhatHelpedInAnother) {
  helped(1);
  network = "work";
  EXPECT_EQ(helpers(), Numbers{});
  helped(0);
  EXPECT_EQ(helpers(), Numbers{0});
  network = "home";
  EXPECT_EQ(helpers(), Numbers{1});
  network = "";
  EXPECT_FALSE(memory().here()) << "a place that cannot be told is none";
}

TEST_F(WayMemoryTest, DropsWhatFailedWhereAnotherHelps) {
  helped(0);
  network = "work";
  helped(0);
  helped(1, {0, 2});
  EXPECT_EQ(helpers(), Numbers{1});
  network = "home";
  EXPECT_EQ(helpers(), Numbers{0}) << "it failed elsewhere";
}

TEST_F(WayMemoryTest, ForgetsWhatHasNotHelpedForItsLife) {
  const auto life = static_cast<std::uint64_t>(kWayLife / Seconds{24 * 3600});
  helped(1);
  helped(0, {}, days_later(1));
  EXPECT_EQ(helpers(days_later(life)), (Numbers{0, 1}));
  EXPECT_EQ(helpers(days_later(life + 1)), Numbers{0});
  EXPECT_EQ(helpers(days_later(life + 2)), Numbers{});
  helped(2, {}, days_later(life + 2));
  EXPECT_EQ(helpers(), Numbers{}) << "its day has not come: a clock was wrong";
  network = "work";
  helped(2, {}, days_later(life + 2));
  EXPECT_EQ(std::ranges::count(text(), '\n'), 3) << "the secret, and what is alive: it is not kept unused";
}

TEST_F(WayMemoryTest, NamesNobodyAndDoesNotTellWhichLinesAreOfOnePlace) {
  helped(0);
  helped(2);
  network = "work";
  helped(0);
  const auto kept = text();
  for (const auto* name : {"example", "home", "work"}) EXPECT_EQ(kept.find(name), std::string::npos);
  std::set<std::string> marks;
  for (std::size_t line = 0; line < 3; ++line) marks.insert(kept.substr(65 + line * 23, 16));
  EXPECT_EQ(marks.size(), 3U) << "the same way in another place is another";
  EXPECT_EQ(kept.size(), 65 + 3 * 23U);
  EXPECT_EQ(std::filesystem::status(directory.path(std::string(kWayOrderFile))).permissions(),
            static_cast<std::filesystem::perms>(0600));
  std::filesystem::remove(directory.path(std::string(kWayOrderFile)));
  helped(0);
  EXPECT_FALSE(marks.contains(text().substr(65, 16))) << "another secret, which nobody can guess";
}

TEST_F(WayMemoryTest, IsWrittenOnlyWhenItChanges) {
  helped(1);
  std::filesystem::remove(directory.path(std::string(kWayOrderFile)));
  auto open = memory();
  open.helped(kNow, *open.here(), kWays, 1, {});
  std::filesystem::remove(directory.path(std::string(kWayOrderFile)));
  open.helped(kNow, *open.here(), kWays, 1, {});
  EXPECT_EQ(text(), "") << "the same day, the same way";
  open.helped(days_later(1), *open.here(), kWays, 1, {});
  EXPECT_NE(text(), "");
}

TEST_F(WayMemoryTest, ForgetsWhatItCannotReadAndHasABound) {
  const std::string secret(64, 'a');
  for (const auto* rubbish : {"garbage\n", "\n\n", "0123456789abcdef\n", "0123456789abcdef 20833\n"}) {
    directory.write(std::string(kWayOrderFile), rubbish);
    EXPECT_EQ(helpers(), Numbers{});
  }
  directory.write(std::string(kWayOrderFile),
                  secret + "\n0123456789abcdef \n0123456789abcdef x\n0123456789abcdef-1\nxy 1\n\n");
  EXPECT_EQ(helpers(), Numbers{});
  auto open = memory();
  for (std::size_t i = 0; i < 2 * kMaxRemembered; ++i)
    open.helped(kNow, *open.here(), std::vector{way("https://n" + std::to_string(i) + ".example/")}, 0, {});
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(text(), '\n')), 1 + kMaxRemembered);
  WayMemory nowhere(std::nullopt, rng, [] { return std::optional(Private(std::string("home"))); });
  nowhere.helped(kNow, *nowhere.here(), kWays, 1, {});
  EXPECT_EQ(nowhere.helpers(kNow, *nowhere.here(), kWays), Numbers{1}) << "as long as the process lives";
}

}  // namespace
}  // namespace footbridge
