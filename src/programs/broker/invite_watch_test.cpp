#include "programs/broker/invite_watch.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"
#include "io/clock.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::broker {
namespace {

struct InviteWatchTest : testing::Test {
  void write(const std::string& text) {
    ops::replace_key_file("--dir", {scratch.path(std::string(kInviteRulesFile))}, text);
  }
  std::string rules(std::size_t invites, const std::string& network = "0123456789abcdef") {
    NetworkRules out{.network = network, .rules = {}};
    for (std::size_t i = 0; i < invites; ++i)
      out.rules.invites.push_back({core::InviteMark::random(rng), UnixSeconds{1'800'000'000}, 1, false});
    return invite_rules_text(out).reveal_to_socket();
  }
  const ops::ScratchDir scratch;
  SeededRng rng{2};
  asio::io_context loop{1};
  std::vector<std::size_t> heard;  // how many invites there were each time
};

TEST_F(InviteWatchTest, TellsOfEachChangeOnce) {
  write(rules(1));
  InviteWatch watch(loop.get_executor(), {scratch.path("")});
  watch.on_change([&](const core::InviteRules& now) { heard.push_back(now.invites.size()); });
  watch.look_again(io::now());
  EXPECT_TRUE(heard.empty()) << "nothing has changed";
  write(rules(2));
  watch.look_again(io::now());
  watch.look_again(io::now());
  EXPECT_EQ(heard, std::vector<std::size_t>{2});
  watch.reload();
  EXPECT_EQ(heard.size(), 2U) << "who says so gets it read again";
  write(rules(5));
  auto next = watch.read();
  EXPECT_EQ(watch.rules().rules.invites.size(), 2U) << "until it is used";
  watch.use(std::move(next));
  EXPECT_EQ(heard, (std::vector<std::size_t>{2, 2, 5}));
}

TEST_F(InviteWatchTest, LooksForWhoeverComes) {
  write(rules(1));
  InviteWatch watch(loop.get_executor(), {scratch.path("")});
  watch.on_change([&](const core::InviteRules& now) { heard.push_back(now.invites.size()); });
  for (const std::size_t invites : {2U, 3U}) {
    write(rules(invites));
    for (int i = 0; i < 3; ++i) watch.on_request(io::now());
  }
  EXPECT_EQ(heard, (std::vector<std::size_t>{2, 3})) << "each once, though no time has passed";
}

TEST_F(InviteWatchTest, KeepsWhatItHasWhenTheFileIsOfNoUse) {
  write(rules(3));
  InviteWatch watch(loop.get_executor(), {scratch.path("")});
  watch.on_change([&](const core::InviteRules& now) { heard.push_back(now.invites.size()); });
  for (const auto& bad : {std::string("network = \"0123456789abcdef\"\n"), rules(1, "fedcba9876543210")}) {
    write(bad);
    watch.look_again(io::now());
    EXPECT_THROW(watch.reload(), ops::UsageError);
  }
  std::filesystem::remove(scratch.path(std::string(kInviteRulesFile)));
  watch.look_again(io::now());
  EXPECT_TRUE(heard.empty());
  EXPECT_EQ(watch.rules().rules.invites.size(), 3U);
}

TEST_F(InviteWatchTest, DoesNotBeginWithoutTheFile) {
  EXPECT_THROW(InviteWatch(loop.get_executor(), {scratch.path("")}), ops::UsageError);
}

}  // namespace
}  // namespace footbridge::broker
