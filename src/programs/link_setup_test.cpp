#include "programs/link_setup.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <gtest/gtest.h>
#include <map>
#include <optional>

#include "io/unless.hpp"

namespace footbridge {
namespace {

constexpr Seconds kLimit{20};  // a loaded machine's

// Answers nobody before it was asked `together` times; then with what it knows.
class PatientResolver final : public io::Resolver {
 public:
  PatientResolver(const asio::any_io_executor& executor, int together) : together_(together), answers_(executor) {
    answers_.expires_at(std::chrono::steady_clock::time_point::max());
  }
  asio::awaitable<Answer> resolve(Private<std::string> host, Duration) override {
    if (++asked == together_) answers_.expires_at(std::chrono::steady_clock::time_point::min());
    auto [error] = co_await answers_.async_wait(io::no_throw);
    if (asked < together_) io::throw_if_aborted(error);
    const auto known = names.find(host.reveal_to_socket());
    if (known == names.end()) co_return io::ResolveErrc::NoSuchName;
    co_return std::vector<IpAddress>{*IpAddress::parse(known->second)};
  }
  int asked = 0;
  std::map<std::string, std::string> names;

 private:
  int together_;
  asio::steady_timer answers_;
};

struct LinkSetupTest : ::testing::Test {
  LinkOptions options() const {
    LinkOptions out;
    for (const auto* host : {"one.example", "192.0.2.2", "nowhere.example", "four.example"})
      out.stun.emplace_back(ops::HostPort{host, 3478});
    return out;
  }
  // What became of it, if anything did within `limit`.
  std::optional<webrtc::EngineConfig> run(asio::awaitable<webrtc::EngineConfig> op, Duration limit = kLimit) {
    std::optional<webrtc::EngineConfig> out;
    asio::co_spawn(context, std::move(op),
                   [&](const std::exception_ptr&, webrtc::EngineConfig config) { out = std::move(config); });
    context.run_for(limit);
    return out;
  }

  asio::io_context context{1};
};

TEST_F(LinkSetupTest, LooksUpTheNamesOfStunServersTogetherAndKeepsTheirOrder) {
  PatientResolver resolver(context.get_executor(), 3);
  resolver.names = {{"one.example", "192.0.2.1"}, {"four.example", "192.0.2.4"}};
  const auto config = run(engine_config(options(), resolver));
  ASSERT_TRUE(config);
  EXPECT_EQ(config->stun_servers,
            (std::vector<Endpoint>{*Endpoint::parse("192.0.2.1:3478"), *Endpoint::parse("192.0.2.2:3478"),
                                   *Endpoint::parse("192.0.2.4:3478")}));
  EXPECT_EQ(resolver.asked, 3);
}

TEST_F(LinkSetupTest, NeedsNoStunServers) {
  PatientResolver resolver(context.get_executor(), 1);
  const auto config = run(engine_config({}, resolver));
  ASSERT_TRUE(config);
  EXPECT_TRUE(config->stun_servers.empty());
}

// Whoever stops a program while name servers are silent does not wait for them.
TEST_F(LinkSetupTest, EndsWhenItIsCancelled) {
  PatientResolver silent(context.get_executor(), 99);
  bool ended = false;
  const auto stop = [](PatientResolver& resolver) -> asio::awaitable<void> {
    while (resolver.asked < 3) co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  };
  asio::co_spawn(context, io::unless(stop(silent), engine_config(options(), silent)),
                 [&](const std::exception_ptr& error, const std::optional<webrtc::EngineConfig>& config) {
                   ended = !error && !config;
                 });
  context.run_for(kLimit);
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace footbridge
