// A broker that asks for invites, across its own restarts.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <map>

#include "crypto/system_rng.hpp"
#include "io/clock.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/broker/broker_door.hpp"

namespace footbridge::broker {
namespace {

using wire::Refusal;

struct InvitedDoor : testing::Test {
  InvitedDoor() { restart(); }
  ~InvitedDoor() override { end(); }
  void end() {
    if (door) door->drain();
    loop.restart();
    loop.poll();
    door.reset();
  }
  // Another process of the same broker.
  void restart() {
    end();
    GuestBook book(scratch.path("state"), "0123456789abcdef");
    core::BrokerConfig config;
    config.egresses.push_back({{}, Private<std::string>("ws://192.0.2.9/"), crypto::SecretKey::random(rng)});
    config.invites.emplace(rules(), book.read());
    door.emplace(loop.get_executor(), std::move(config), rng);
    door->keep_guests(std::move(book));
  }
  core::InviteRules rules() const {
    return {true, {{core::mark_of(sara), UnixSeconds{count(io::unix_now()) + 1'000}, 1, revoked}}};
  }
  int offer(const SelfTag& installation, std::optional<wire::InviteId> invite) {
    wire::Offer out;
    out.self_tag = installation;
    out.compartment = wire::kCommonCompartment;
    out.sdps.emplace_back("offer");
    out.wait = Seconds{25};
    out.invite = invite;
    http::Request request;
    request.method = "POST";
    request.peer = Private(Endpoint{IpAddress::v4(0x7f000001), 40'000});
    request.body = wire::encode_request({.body = std::move(out)});
    const auto id = ++last;
    asio::co_spawn(loop, door->handle(std::move(request)),
                   [this, id](const std::exception_ptr& error, http::Response response) {
                     EXPECT_FALSE(error);
                     answers[id] = std::move(response);
                   });
    turn();
    return id;
  }
  void turn() {
    loop.restart();
    loop.poll();
  }
  Refusal refusal(int id) {
    const auto response = wire::parse_response(answers.at(id).body);
    return response ? response->refusal : Refusal::Unknown;
  }

  const ops::ScratchDir scratch;
  asio::io_context loop{1};
  crypto::SystemRng rng;
  const wire::InviteId sara = wire::InviteId::random(rng);
  const SelfTag phone = SelfTag::random(rng);
  bool revoked = false;
  std::optional<BrokerDoor> door;
  std::map<int, http::Response> answers;
  int last = 0;
};

TEST_F(InvitedDoor, GivesNoUseAnewAfterARestart) {
  EXPECT_EQ(refusal(offer(phone, std::nullopt)), Refusal::InviteNeeded);
  offer(phone, sara);
  EXPECT_EQ(door->parked_offers(), 1U);
  EXPECT_EQ(GuestBook(scratch.path("state"), "0123456789abcdef").read().size(), 1U) << "before it is answered";
  restart();
  EXPECT_EQ(refusal(offer(SelfTag::random(rng), sara)), Refusal::InviteUsedUp);
  offer(phone, sara);
  EXPECT_EQ(door->parked_offers(), 1U);
  EXPECT_EQ(GuestBook(scratch.path("state"), "0123456789abcdef").read().size(), 1U);
}

TEST_F(InvitedDoor, EndsWhatIsParkedWhenItsInviteIsRevoked) {
  const auto parked = offer(phone, sara);
  revoked = true;
  door->set_invites(rules());
  turn();
  EXPECT_EQ(refusal(parked), Refusal::InviteRevoked);
  EXPECT_EQ(refusal(offer(phone, sara)), Refusal::InviteRevoked);
}

TEST_F(InvitedDoor, EndsWhatIsParkedAlsoWhereTheDiskFails) {
  const auto parked = offer(phone, sara);
  std::filesystem::remove_all(scratch.path("state"));
  revoked = true;
  door->set_invites(rules());
  turn();
  EXPECT_EQ(refusal(parked), Refusal::InviteRevoked);
}

TEST_F(InvitedDoor, ForgetsInstallationsWithTheirInvite) {
  offer(phone, sara);
  door->set_invites({true, {}});
  EXPECT_TRUE(GuestBook(scratch.path("state"), "0123456789abcdef").read().empty());
}

}  // namespace
}  // namespace footbridge::broker
