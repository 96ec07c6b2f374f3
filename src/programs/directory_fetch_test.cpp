// Whom of its brokers an installation asks for its network's directory, on real sockets, and what it believes of them.
#include "programs/directory_fetch.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <gtest/gtest.h>
#include <list>
#include <string>
#include <vector>

#include "observe/logger.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/line_fixture.hpp"
#include "programs/made_network.hpp"

namespace footbridge {
namespace {

constexpr const char* kNobody = "http://127.0.0.1:1/";

struct DirectoryFetchTest : LineFixture {
  struct Broker {
    Broker(DirectoryFetchTest& test, Bytes directory)
        : echo(test.rng, test.obfuscation()), server(test.context.get_executor(), {.address = kAnyPort}, echo) {
      echo.directory = std::move(directory);
      test.scope.spawn(server.run());
      test.places.push_back(url_of(server));
    }
    SealedEcho echo;
    http::Server server;  // of echo
  };
  ops::ScratchDir scratch;
  MadeNetwork network{1, UnixSeconds{count(io::unix_now()) - 60}, 24 * 3'600};
  MadeNetwork other_network{2, network.valid.from, 3'600};
  std::list<Broker> brokers;
  std::vector<std::string> places;  // of them, in the order in which they are asked
  std::optional<NetworkSource> source;
  std::optional<RendezvousLine> line;
  std::optional<DirectoryFetch> fetch;
  int views = 0;
  const observe::LogCapture log;

  ~DirectoryFetchTest() override {
    if (fetch) run(fetch->close());
    if (line) run(line->close());
    end();
  }
  crypto::SecretKey obfuscation() const { return crypto::SecretKey::from(network.obfuscation).value(); }
  SealedEcho& broker_with(Bytes directory) { return brokers.emplace_back(*this, std::move(directory)).echo; }
  // Joins the network of those brokers, `kept` being the version that it was given then; 0: none.
  void join(std::uint64_t kept = 0) {
    const JoinedNetworks networks(scratch.path("state"));
    source.emplace(networks, networks.join(network.invite("Friends", places)));
    if (kept != 0) {
      ASSERT_TRUE(source->take(network.directory(kept)).ok());
    }
  }
  void start(std::uint64_t kept = 0) {
    join(kept);
    auto known = source->view().brokers;
    line.emplace(context.get_executor(), connector,
                 BrokerWays{.ways = std::move(known.ways), .seals = std::move(known.seals), .in_order = true}, rng,
                 [](std::uint64_t, const RendezvousLine::Answer&) {});
    fetch.emplace(context.get_executor(), *source, *line, rng, [this](TimePoint) { ++views; });
    fetch->start();
  }
  bool logged(std::string_view event) {
    return until([&] { return log.count(event) > 0; }, Seconds{20});
  }
  void let_it_be() {
    until([] { return false; }, Millis{50});
  }
};

TEST_F(DirectoryFetchTest, AsksOneAfterTheOtherUntilOneHasWhatIsToBeBelieved) {
  places.emplace_back(kNobody);
  auto& stranger = broker_with({});
  stranger.closed = true;
  auto& liar = broker_with(other_network.directory(9));
  auto& good = broker_with(network.directory(5));
  start();
  EXPECT_TRUE(logged("directory-taken"));
  EXPECT_TRUE(source->serves());
  EXPECT_EQ(log.count("directory-refused"), 1U) << "somebody else's";
  EXPECT_EQ(log.count("directory-missing"), 0U);
  EXPECT_TRUE(until([&] { return views == 1; }));
  let_it_be();
  EXPECT_EQ(stranger.requests + liar.requests + good.requests, 3U) << "each once";
  EXPECT_EQ(views, 1);
}

TEST_F(DirectoryFetchTest, BelievesNobodyAloneThatThereIsNothingNewer) {
  auto& late = broker_with(network.directory(5));
  broker_with(network.directory(6));
  start(5);
  let_it_be();
  EXPECT_EQ(late.requests, 0U) << "what it has is young";
  fetch->wish(io::now());
  EXPECT_TRUE(logged("directory-taken"));
  EXPECT_EQ(late.requests, 1U);
  EXPECT_TRUE(until([&] { return views == 1; }));
}

TEST_F(DirectoryFetchTest, IsContentWhenTwoHaveNothingNewer) {
  auto& first = broker_with(network.directory(5));
  auto& second = broker_with(network.directory(5));
  auto& third = broker_with(network.directory(5));
  start(5);
  fetch->wish(io::now());
  EXPECT_TRUE(until([&] { return second.requests > 0; }));
  let_it_be();
  fetch->wish(io::now());
  let_it_be();
  EXPECT_EQ(first.requests, 1U) << "not again within a minute";
  EXPECT_EQ(third.requests, 0U);
  EXPECT_EQ(log.records().size(), 0U) << "nothing that a person should know";
  EXPECT_EQ(views, 0);
}

TEST_F(DirectoryFetchTest, SaysOnceThatNoneCanBeHadAndGoesOnAsking) {
  auto& broker = broker_with(network.directory(5));
  broker.closed = true;
  start();
  EXPECT_TRUE(until([&] { return broker.requests == 2; }, Seconds{20}));
  let_it_be();
  EXPECT_EQ(log.count("directory-missing"), 1U);
  EXPECT_FALSE(source->serves());
  broker.closed = false;
  EXPECT_TRUE(logged("directory-taken"));
  EXPECT_TRUE(source->serves());
}

TEST_F(DirectoryFetchTest, LivesOnWithWhatItHasWhereNobodyAnswers) {
  places.emplace_back(kNobody);
  start(5);
  fetch->wish(io::now());
  EXPECT_TRUE(logged("directory-late"));
  EXPECT_EQ(log.count("directory-missing"), 0U);
  EXPECT_TRUE(source->serves());
  EXPECT_EQ(views, 0);
}

// The directory that is kept knows nothing of the broker that the invite names.
TEST_F(DirectoryFetchTest, AsksForANewerOneWhenNothingCanBeSealed) {
  broker_with(network.directory(6));
  start(5);
  line->post(1, to_bytes("body"), Seconds{5});
  EXPECT_TRUE(logged("directory-taken"));
}

TEST_F(DirectoryFetchTest, EndsAtOnceWhileABrokerSaysNothing) {
  asio::ip::tcp::acceptor silent(context, {asio::ip::address_v4::loopback(), 0});
  places.push_back("http://127.0.0.1:" + std::to_string(silent.local_endpoint().port()) + "/");
  std::optional<asio::ip::tcp::socket> taken;
  silent.async_accept([&](const io::error_code&, asio::ip::tcp::socket socket) { taken.emplace(std::move(socket)); });
  start();
  EXPECT_TRUE(until([&] { return taken.has_value(); }));
  run(fetch->close());
  fetch.reset();
  EXPECT_EQ(log.records().size(), 0U);
}

// What a program that needs a directory waits for before anything else.
struct FirstDirectory : DirectoryFetchTest {
  io::TlsClient trust;
  std::optional<bool> found;
  void ask(io::TaskScope& in) {
    in.spawn([](FirstDirectory& self) -> asio::awaitable<void> {
      self.found =
          co_await first_directory(self.context.get_executor(), *self.source, self.connector, self.trust, self.rng);
    }(*this));
  }
};

TEST_F(FirstDirectory, IsAskedForWhereNoneIsKept) {
  auto& broker = broker_with(network.directory(5));
  join();
  ask(scope);
  EXPECT_TRUE(until([&] { return found.has_value(); }));
  EXPECT_EQ(found, true);
  EXPECT_TRUE(source->serves());
  EXPECT_EQ(broker.requests, 1U);
}

TEST_F(FirstDirectory, IsNotAskedForWhereOneIsKept) {
  auto& broker = broker_with(network.directory(6));
  join(5);
  ask(scope);
  EXPECT_TRUE(until([&] { return found.has_value(); }));
  EXPECT_EQ(found, true);
  EXPECT_EQ(broker.requests, 0U);
}

TEST_F(FirstDirectory, IsWaitedForUntilThePersonGivesUp) {
  auto& broker = broker_with({});
  broker.closed = true;
  join();
  io::TestScope waiting(context.get_executor());
  ask(waiting);
  EXPECT_TRUE(until([&] { return broker.requests > 0; }));
  EXPECT_FALSE(found);
  run([](io::TestScope& its_scope) -> asio::awaitable<void> {
    its_scope.cancel();
    co_await its_scope.join();
  }(waiting));
  EXPECT_NE(found, true);
}

}  // namespace
}  // namespace footbridge
