#include "programs/proxy/volunteer_options.hpp"

#include <algorithm>

#include "ops/errors.hpp"
#include "programs/bind_addresses.hpp"
#include "programs/state_directory.hpp"

namespace footbridge::proxy {
namespace {

// Less would not carry a page in the time that people wait for one; more is no limit.
constexpr ops::ByteCount kMinRate{16 * 1024};
constexpr ops::ByteCount kMaxRate{10'000'000'000};
// Less is a page; more is no limit.
constexpr ops::ByteCount kMinAllowance{1'000'000};
constexpr ops::ByteCount kMaxAllowance{1'000'000'000'000'000};

}  // namespace

ops::OptionTable option_table(VolunteerOptions& o) {
  ops::OptionTable table("volunteer", "lend a bit of your connection to people behind a censor's firewall");
  table.first(
      "First join a network with the invite that you were given: footbridge join. Without one look around with:\n"
      "footbridge demo. It runs a whole network on this machine.");
  table.example("footbridge volunteer", "help the network that was joined; it says who sees what first, and asks");
  table.example(
      "footbridge volunteer --broker http://127.0.0.1:8900/ --egress ws://127.0.0.1:8901/leg "
      "--allow-private-egress",
      "help through the network whose broker and egress these are; the last flag because they are on this machine");
  table.example("footbridge volunteer --config volunteer.toml", "the same, kept in a file; SIGHUP reads it again");
  add_way_options(table, "volunteer", o.ways, "who finds people for us");
  add_network_option(table, "volunteer", o.ways);
  table.add("volunteer", "egress", o.egress, "dial nothing but these, whatever the broker says");
  table.add("volunteer", "slots", o.slots, "people helped at once; fewer lets the surplus finish first", {{1, 10}})
      .like("2")
      .reloadable();
  table
      .add("volunteer", "max_rate", o.max_rate, "carry at most so much per second each way, all people together",
           {{kMinRate, kMaxRate}})
      .like("2MB")
      .reloadable();
  table
      .add("volunteer", "hours", o.hours,
           "help only then, by this machine's clock; fri-sun 22:00-06:00 goes past midnight")
      .reloadable();
  table
      .add("volunteer", "per_day", o.per_day,
           "carry at most so much until midnight, both ways together; a provider counts it twice, in and out",
           {{kMinAllowance, kMaxAllowance}})
      .like("5GB")
      .reloadable();
  table
      .add("volunteer", "per_month", o.per_month, "the same until the first of the month",
           {{kMinAllowance, kMaxAllowance}})
      .like("100GB")
      .reloadable();
  table
      .choose(
          "volunteer", "metered", o.metered, {{"auto", Metered::Auto}, {"yes", Metered::Yes}, {"no", Metered::No}},
          "is this connection paid for by the byte: yes pauses; auto: over a mobile modem, a phone's Bluetooth or a "
          "hotspot that says so")
      .like("yes")
      .reloadable();
  table.add("volunteer", "agreed", o.agreed,
            "you have read who sees what (docs/ops/volunteer.md): do not ask in the terminal before the first start");
  table.add("volunteer", "even_if_risky", o.even_if_risky,
            "help also where the network says that it may be dangerous for you: you know, and have decided");
  table.add("volunteer", "allow_private_egress", o.allow_private_egress,
            "dial an egress at a private or loopback address; for demo and tests only");
  table.add("volunteer", "no_udp_legs", o.no_udp_legs, "reach egresses over WebSocket only, also where one offers UDP");
  table.add("volunteer", "no_port_mapping", o.no_port_mapping,
            "do not ask the home router to forward ports while this runs; fewer people can then be helped");
  table.add("volunteer", "control", o.control,
            "let the admin listener change limits: POST /limits?max_rate=2MB&pause=1h, POST /slots?count=3");
  table
      .add("volunteer", "bind_address", o.bind_address,
           "send to clients, egresses, brokers and STUN servers from this address of ours only; one of each family at "
           "most, and a family that is not named is not used")
      .like("192.0.2.5");
  add_link_options(table, o.link);
  add_reporter_options(table, o.reporter);
  add_common_options(table, o.common);
  return table;
}

void check(const VolunteerOptions& o) {
  check_ways(o.ways);
  check_reporter(o.reporter);
  if (o.ways.broker.empty() && !o.ways.front.empty())
    throw ops::UsageError("--front: it goes with --broker; a joined network names its fronts itself");
  if (o.ways.broker.empty() && !o.egress.empty())
    throw ops::UsageError("--egress: a joined network lists its egresses itself; leave it out, or name --broker");
  if (!o.ways.broker.empty() && o.egress.empty())
    throw ops::UsageError("--egress: name the egresses this volunteer may dial; it never dials anything else");
  static_cast<void>(local_addresses(o.bind_address));
  if (o.hours.size() > core::kMaxHours) throw ops::UsageError("--hours: more than 14 stretches of the week");
  if ((o.per_day || o.per_month) && !state_directory(o.link.state_dir, o.link.parent_state_dir))
    throw ops::UsageError("--per-day, --per-month: there is nowhere to keep what was carried; name a --state-dir");
  const auto loopback = std::any_of(o.egress.begin(), o.egress.end(), [](const Private<ops::WsUrl>& url) {
    return ops::names_loopback(url.reveal_to_socket().host);
  });
  if (loopback && !o.allow_private_egress)
    throw ops::UsageError(
        "--egress: a loopback egress is for demo and tests; say --allow-private-egress if you mean it");
}

}  // namespace footbridge::proxy
