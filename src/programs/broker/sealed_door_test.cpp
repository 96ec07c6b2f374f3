// A broker of a network behind its door: who is answered, and who sees a web site.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <functional>
#include <gtest/gtest.h>
#include <map>

#include "core/network/directory_chain.hpp"
#include "core/sealing/sealed_ways.hpp"
#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/broker/broker_door.hpp"
#include "store/memory_store.hpp"

namespace footbridge::broker {
namespace {

UnixSeconds later(UnixSeconds at, std::int64_t seconds) {
  return UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(count(at)) + seconds)};
}

struct SealedDoor : testing::Test {
  // Requests that were said before this are refused (SEAL-T3).
  static constexpr std::int64_t kLongAgo = -100;

  ops::ScratchDir dir;
  asio::io_context loop{1};
  crypto::SystemRng rng;
  std::vector<BrokerSecret> keys = renewed({}, later(io::unix_now(), -7'200), rng);
  crypto::SecretKey secret = crypto::SecretKey::from(Bytes(32, std::byte{0xaa})).value();
  std::unique_ptr<observe::Registry> registry_of_process;
  std::optional<NetworkSeal> seal;
  std::optional<BrokerDoor> door;
  std::map<int, http::Response> answers;
  int last = 0;

  SealedDoor() {
    write("obfuscation.key", std::string(64, 'a'));
    write("broker-one.keys", broker_keys_text(keys).reveal_to_socket());
    write_directory(1);
    restart(kLongAgo);
  }
  ~SealedDoor() override { end(); }
  void end() {
    if (door) door->drain();
    loop.restart();
    loop.poll();
    door.reset();
    seal.reset();
  }
  void write(const std::string& name, std::string_view text) {
    ops::replace_key_file("--network", {dir.path(name)}, text);
  }
  void write_directory(std::uint64_t version) {
    const auto now = io::unix_now();
    const wire::Validity valid{later(now, -100), later(now, 1000)};
    const auto signer = crypto::Ed25519KeyPair::from(crypto::Ed25519Seed::random(rng));
    const auto certificate = core::sign_certificate(signer, {{signer.public_key().raw}, 1, valid});
    wire::Directory directory{.version = version, .valid = valid, .egresses = {}, .brokers = {}};
    directory.brokers.push_back(
        {"one", {{Private<std::string>("https://broker.example/"), {}, {}}}, announced(keys, now)});
    write("directory.signed", as_text(core::sign_directory(signer, certificate, directory)));
  }
  // Another process of the same broker, which began so many seconds from now.
  void restart(std::int64_t started) {
    end();
    registry_of_process = std::make_unique<observe::Registry>();
    seal.emplace(loop.get_executor(), ops::FilePath{dir.path("")}, std::nullopt, later(io::unix_now(), started), rng,
                 *registry_of_process);
    core::BrokerConfig config;
    config.egresses.push_back({{}, Private<std::string>("ws://192.0.2.9/"), crypto::SecretKey::random(rng)});
    door.emplace(loop.get_executor(), std::move(config), rng, &*seal);
  }
  // Lets the seal look at its files again and again.
  void look_until(const std::function<bool()>& condition) {
    seal->set_look_again_for_test(Millis{1});
    for (int turns = 0; !condition() && turns < 2'000; ++turns) {
      loop.restart();
      loop.run_one_for(Millis{10});
    }
    seal->set_look_again_for_test(Seconds{60});
  }
  core::SealedWays asker(std::optional<crypto::X25519KeyPair> proxy = std::nullopt) {
    return {{{secret, announced(keys, io::unix_now())}}, std::move(proxy)};
  }

  int post(Bytes body, const std::string& method = "POST") {
    http::Request request;
    request.method = method;
    request.peer = Private(Endpoint{IpAddress::v4(0x7f000001), 40'000});
    request.body = std::move(body);
    const auto id = ++last;
    asio::co_spawn(loop, door->handle(std::move(request)),
                   [this, id](const std::exception_ptr& error, http::Response response) {
                     EXPECT_FALSE(error);
                     answers[id] = std::move(response);
                   });
    loop.restart();
    loop.poll();
    return id;
  }
  bool sees_a_web_site(Bytes body) {
    const auto id = post(std::move(body));
    return answers.contains(id) && answers[id].is_decoy;
  }
  static Bytes poll_of(const ProxyId& id, std::uint32_t slots) {
    wire::Poll poll;
    poll.proxy = id;
    poll.compartments = {wire::kCommonCompartment};
    poll.slots = slots;
    poll.wait = Seconds{25};
    return wire::encode_request({.body = std::move(poll)});
  }
  static Bytes offer() {
    wire::Offer out;
    out.self_tag.raw.front() = std::byte{1};  // another installation than the volunteer's
    out.sdps.emplace_back("offer");
    out.wait = Seconds{25};
    return wire::encode_request({.body = std::move(out)});
  }
  core::SealedWays::Sealed sealed(core::SealedWays& ways, ByteView body) {
    auto out = ways.seal(io::unix_now(), 0, body, rng);
    FB_ASSERT(out.ok());
    return std::move(*out);
  }
  // The answer to a request, opened.
  std::optional<wire::Response> opened(core::SealedWays& ways, core::SealedWays::Sealed request, int id) {
    if (!answers.contains(id) || answers[id].is_decoy) return std::nullopt;
    auto body = ways.opened(io::unix_now(), std::move(request), answers[id].body);
    if (!body) return std::nullopt;
    auto response = wire::parse_response(*body);
    return response ? std::optional(std::move(*response)) : std::nullopt;
  }
};

TEST_F(SealedDoor, BringsAClientToAProxyThatHasProvenItsKey) {
  const auto key = crypto::X25519KeyPair::random(rng);
  auto volunteer = asker(key), client = asker();
  auto poll = sealed(volunteer, poll_of(ProxyId::random(rng), 1));  // whatever it says of itself
  const auto polled = post(std::move(poll.bytes));
  EXPECT_EQ(door->parked_polls(), 1U);
  auto wish = sealed(client, offer());
  post(std::move(wish.bytes));
  const auto reply = opened(volunteer, std::move(poll), polled);
  ASSERT_TRUE(reply);
  EXPECT_EQ(std::get<wire::PollReply>(reply->body).assignments.size(), 1U);
}

TEST_F(SealedDoor, WhoeverIsNotSealedForThisNetworkSeesAWebSite) {
  EXPECT_TRUE(sees_a_web_site(offer())) << "plain";
  EXPECT_TRUE(sees_a_web_site(rng.bytes(3'000)));
  auto client = asker();
  const auto good = sealed(client, offer()).bytes;
  for (const std::size_t at : {std::size_t{0}, std::size_t{30}, good.size() / 2, good.size() - 1}) {
    auto bent = good;
    bent[at] ^= std::byte{1};
    EXPECT_TRUE(sees_a_web_site(bent)) << at;
  }
  EXPECT_TRUE(sees_a_web_site(Bytes(good.begin(), good.end() - 1)));
  core::SealedWays stranger({{crypto::SecretKey::random(rng), announced(keys, io::unix_now())}}, std::nullopt);
  EXPECT_TRUE(sees_a_web_site(sealed(stranger, offer()).bytes));
  EXPECT_EQ(door->parked_offers(), 0U);
  EXPECT_FALSE(sees_a_web_site(good)) << "the good one all the same";
}

// Or whoever keeps it busy with many of each kind would see which of them it reads.
TEST_F(SealedDoor, WorksForWhatIsNoPostAsForAPostAndDoesNothing) {
  const auto foreign = [&](int requests) {
    return registry_of_process->expose().find("footbridge_broker_sealed_foreign_total " + std::to_string(requests)) !=
           std::string::npos;
  };
  ASSERT_TRUE(foreign(0));
  for (const auto* const method : {"GET", "PUT"}) EXPECT_TRUE(answers[post(rng.bytes(3'000), method)].is_decoy);
  EXPECT_TRUE(foreign(2)) << "nobody tried to open them";
  auto client = asker();
  EXPECT_TRUE(answers[post(sealed(client, offer()).bytes, "PUT")].is_decoy);
  EXPECT_EQ(door->parked_offers(), 0U);
}

TEST_F(SealedDoor, WhatIsSaidAgainChangesNothingNowOrAfterARestart) {
  auto client = asker();
  const auto body = sealed(client, offer()).bytes;
  EXPECT_FALSE(sees_a_web_site(body));
  EXPECT_EQ(door->parked_offers(), 1U);
  EXPECT_TRUE(sees_a_web_site(body));
  EXPECT_EQ(door->parked_offers(), 1U);
  restart(0);
  EXPECT_TRUE(sees_a_web_site(body));
  auto fresh = asker();
  EXPECT_TRUE(sees_a_web_site(sealed(fresh, offer()).bytes)) << "nor anything that could have been said to the other";
  EXPECT_EQ(door->parked_offers(), 0U);
}

// A process that has forgotten what it heard is to the others what another instance is.
TEST_F(SealedDoor, HearsNothingThatAnInstanceWithTheSameStoreHasHeard) {
  store::MemoryStore store(rng);
  const auto instance = [&](bool shares) {
    restart(kLongAgo);
    if (shares) door->share(store);
  };
  auto client = asker();
  const auto body = sealed(client, offer()).bytes;
  instance(true);
  EXPECT_FALSE(sees_a_web_site(body));
  instance(true);
  EXPECT_TRUE(sees_a_web_site(body));
  EXPECT_EQ(door->parked_offers(), 0U);
  instance(false);
  EXPECT_FALSE(sees_a_web_site(body)) << "it was the store that knew";
}

TEST_F(SealedDoor, GoesOnByItselfWhenTheStoreIsLost) {
  struct LostStore final : store::Store {
    asio::awaitable<store::Claim> claim(store::RequestTag) override { co_return store::Claim::Lost; }
  } store;
  door->share(store);
  auto client = asker();
  const auto body = sealed(client, offer()).bytes;
  EXPECT_FALSE(sees_a_web_site(body));
  EXPECT_EQ(door->parked_offers(), 1U);
  EXPECT_TRUE(sees_a_web_site(body)) << "what it remembers by itself holds";
}

TEST_F(SealedDoor, RefusesWhatTheStoreHasNoRoomToRemember) {
  struct FullStore final : store::Store {
    asio::awaitable<store::Claim> claim(store::RequestTag) override { co_return store::Claim::Full; }
  } store;
  door->share(store);
  auto client = asker();
  EXPECT_TRUE(sees_a_web_site(sealed(client, offer()).bytes));
  EXPECT_EQ(door->parked_offers(), 0U);
}

TEST_F(SealedDoor, ATicketOfTheProcessBeforeCostsOneMoreExchange) {
  auto client = asker();
  const std::string_view nonsense = "answered at once: nobody can read it";
  auto first = sealed(client, as_bytes(nonsense));
  const auto id = post(std::move(first.bytes));
  EXPECT_EQ(opened(client, std::move(first), id)->refusal, wire::Refusal::Malformed) << "who has the seal is told";
  restart(kLongAgo);
  auto second = sealed(client, offer());
  EXPECT_TRUE(second.resumed);
  EXPECT_TRUE(sees_a_web_site(second.bytes));
  client.refused(second);
  auto third = sealed(client, offer());
  EXPECT_FALSE(third.resumed);
  EXPECT_FALSE(sees_a_web_site(std::move(third.bytes)));
  EXPECT_EQ(door->parked_offers(), 1U);
}

TEST_F(SealedDoor, HandsOutTheDirectoryThatIsThereNow) {
  auto client = asker();
  const auto ask = [&] {
    const auto envelope = client.envelope(0);
    const auto question = client.directory_question(io::unix_now(), envelope, rng);
    const auto id = post(question.bytes);
    return core::open_directory_answer(envelope, question.nonce, answers[id].body);
  };
  EXPECT_EQ(ask(), to_bytes(as_text(seal->signed_directory())));
  std::vector<std::uint64_t> heard;
  seal->on_directory([&](const wire::Directory& directory) {
    heard.push_back(directory.version);
    return true;
  });
  write_directory(2);
  look_until([&] { return !heard.empty(); });
  EXPECT_EQ(heard, std::vector<std::uint64_t>{2});
  EXPECT_EQ(ask(), to_bytes(as_text(seal->signed_directory())));
  EXPECT_EQ(wire::parse_directory(wire::parse_signed_directory(*ask())->directory)->version, 2U);
}

TEST_F(SealedDoor, ADirectoryThatCannotBeUsedNowIsSaidAgainWithEachLook) {
  std::vector<std::uint64_t> heard;
  seal->on_directory([&](const wire::Directory& directory) {
    heard.push_back(directory.version);
    return heard.size() == 3;
  });
  write_directory(2);
  seal->reload();
  EXPECT_EQ(heard, std::vector<std::uint64_t>{2});
  look_until([&] { return heard.size() == 3; });
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{2, 2, 2})) << "the files are the same";
  write_directory(3);
  look_until([&] { return heard.size() > 3; });
  EXPECT_EQ(heard, (std::vector<std::uint64_t>{2, 2, 2, 3})) << "and not again once it was used";
}

// So that a reload that is refused for another reason takes nothing of them over.
TEST_F(SealedDoor, FilesThatWereReadChangeNothingUntilTheyAreUsed) {
  write_directory(2);
  auto next = seal->read();
  EXPECT_EQ(seal->directory().version, 1U);
  seal->use(std::move(next));
  EXPECT_EQ(seal->directory().version, 2U);
}

TEST_F(SealedDoor, FilesThatAreWrongLeaveWhatIsInForce) {
  write("directory.signed", "nonsense");
  EXPECT_THROW(seal->reload(), ops::UsageError);
  EXPECT_EQ(seal->directory().version, 1U);
  write_directory(3);
  write("obfuscation.key", std::string(64, 'b'));
  EXPECT_THROW(seal->reload(), ops::UsageError) << "another network's";
  write("obfuscation.key", std::string(64, 'a'));
  seal->reload();
  EXPECT_EQ(seal->directory().version, 3U);
}

TEST(UsableKeys, AreTheTwoNewestThatHoldAndTheNextOneAnHourEarly) {
  SeededRng rng(1);
  const UnixSeconds start{1'800'000'000};
  constexpr std::int64_t kDay = 86'400;
  std::vector<BrokerSecret> keys;
  for (const std::int64_t day : {3, 0, 2, 1})
    keys.push_back({crypto::X25519Secret::random(rng), {later(start, day * kDay), later(start, (day + 2) * kDay)}});
  const auto begins = [&](std::int64_t at) {
    std::vector<std::int64_t> days;
    for (const auto& key : usable_keys(keys, later(start, at)))
      days.push_back(static_cast<std::int64_t>(count(key.valid.from) - count(start)) / kDay);
    return days;
  };
  using Days = std::vector<std::int64_t>;
  EXPECT_EQ(begins(0), (Days{0}));
  EXPECT_EQ(begins(kDay - 3'601), (Days{0}));
  EXPECT_EQ(begins(kDay - 3'600), (Days{0, 1})) << "for askers whose clock is ahead";
  EXPECT_EQ(begins(kDay), (Days{0, 1}));
  EXPECT_EQ(begins(2 * kDay - 1), (Days{0, 1, 2}));
  EXPECT_EQ(begins(2 * kDay), (Days{1, 2}));
  EXPECT_EQ(begins(9 * kDay), Days());
}

}  // namespace
}  // namespace footbridge::broker
