// A client, and a volunteer in league with it, that cheat a running egress with tickets in every way they know. They have
// the egress's leg key, to make real legs and real tickets of: what is wrong is only what each line says.
//   hostile_client DESCRIPTOR LEG_KEY_FILE
// Prints one line for each deed: its name, and what the egress said ("granted" or why not). Exit status 0 when all were
// tried. For tickets.py.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "contract/egress_client.hpp"
#include "core/egress/address_policy.hpp"
#include "crypto/system_rng.hpp"
#include "io/resolver.hpp"
#include "ops/key_file.hpp"
#include "programs/egress_descriptor.hpp"

namespace footbridge::test {
namespace {

struct Hostile {
  asio::any_io_executor executor;
  io::Connector& connector;
  EgressAddress egress;
  crypto::SystemRng rng;

  static void say(const char* deed, bool granted, const EgressClient& client) {
    const auto why = client.overs.empty() || !client.overs.back().refusal
                         ? std::string("silence")
                         : std::string(name(*client.overs.back().refusal));
    std::printf("%s %s\n", deed, granted ? "granted" : why.c_str());
    std::fflush(stdout);
  }
  crypto::Ticket ticket(const MatchId& match, std::uint64_t age = 0) {
    crypto::Ticket out;
    out.match = match;
    out.expiry = UnixSeconds{count(io::unix_now()) + crypto::kTicketLifetimeSeconds - age};
    return out;
  }
  Bytes sealed(const crypto::Ticket& what) {
    return crypto::seal_ticket(what, crypto::ticket_key(egress.leg_key), rng);
  }

  asio::awaitable<void> run() {
    EgressClient client(executor, connector, egress, 7, rng);
    Bytes real;
    client.show = [&](const MatchId& match) { return real = client.sealed_ticket(match); };
    say("honest", co_await client.add_path(), client);
    client.show = [](const MatchId&) { return Bytes{}; };
    say("drop", co_await client.add_path(), client);
    client.show = [&](const MatchId&) { return real; };
    say("replay", co_await client.add_path(), client);
    client.show = [&](const MatchId&) { return client.sealed_ticket(MatchId::random(rng)); };
    say("swap", co_await client.add_path(), client);
    client.show = [&](const MatchId& match) {
      auto forged = client.sealed_ticket(match);
      forged[80] ^= std::byte{1};
      return forged;
    };
    say("forge", co_await client.add_path(), client);
    client.show = [&](const MatchId& match) { return sealed(ticket(match, 200)); };
    say("keep", co_await client.add_path(), client);
    client.show = [&](const MatchId& match) {
      auto earlier = ticket(match);
      earlier.boot = wire::BootEpoch::random(rng);
      return sealed(earlier);
    };
    say("earlier-run", co_await client.add_path(), client);
    client.show = nullptr;
    client.leg_match = MatchId::random(rng);
    say("swapped-by-proxy", co_await client.add_path(), client);
    client.leg_match = MatchId::random(rng);
    client.says_leg_match = true;
    say("in-league", co_await client.add_path(), client);
    client.says_leg_match = false;
    say("honest-again", co_await client.add_path(), client);
  }
};

int run(const std::string& descriptor, const std::string& key_file) {
  const auto egress = read_egress_file("DESCRIPTOR", ops::FilePath{descriptor}).at(0);
  const auto key = ops::read_key32("LEG_KEY_FILE", ops::FilePath{key_file});
  asio::io_context context{1};
  io::SystemResolver resolver(context.get_executor());
  const auto anywhere = core::AddressPolicy::unrestricted();
  io::Connector connector(context.get_executor(), resolver, anywhere);
  Hostile hostile{context.get_executor(),
                  connector,
                  {egress.relay.reveal_to_socket().text, quic::SpkiPin(egress.pin.value().sha256),
                   crypto::SecretKey::from(key.reveal_to_socket()).value(), 0},
                  {}};
  std::exception_ptr failure;
  asio::co_spawn(context, hostile.run(), [&](const std::exception_ptr& error) {
    failure = error;
    context.stop();
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return 0;
}

}  // namespace
}  // namespace footbridge::test

int main(int argc, char** argv) try {
  if (argc != 3) return 2;
  return footbridge::test::run(argv[1], argv[2]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "hostile_client: %s\n", error.what());
  return 1;
}
