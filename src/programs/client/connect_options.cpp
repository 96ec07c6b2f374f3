#include "programs/client/connect_options.hpp"

#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/bind_addresses.hpp"
#include "programs/egress_descriptor.hpp"

namespace footbridge::client {

ops::OptionTable option_table(ConnectOptions& o) {
  ops::OptionTable table("connect", "reach the internet through volunteers");
  table.first(
      "First join a network with the invite that you were given: footbridge join. Without one look around with:\n"
      "footbridge demo. It runs a whole network on this machine.");
  table.example("footbridge connect", "by way of the network that was joined");
  table.example("footbridge connect --broker http://127.0.0.1:8900/ --egress-descriptor egress.toml",
                "without one: by this broker; the file pins the egress's key");
  table.example("curl --proxy socks5h://127.0.0.1:1080 http://example.org/", "then use it: SOCKS and HTTP on one port");
  add_way_options(table, "connect", o.ways, "who finds volunteers for us; tor's bridge lines may say it, too");
  add_network_option(table, "connect", o.ways);
  table.add("connect", "egress_pin", o.egress_pin,
            "trust the egress with this key: SHA-256 of its public key; tor's bridge lines may say it, too, as pin=");
  table.add("connect", "egress_descriptor", o.egress_descriptor, "take the pins from this file of an egress")
      .like("egress.toml");
  table.add("connect", "listen", o.listen,
            "local proxy for your programs, SOCKS and HTTP on one port; where tor starts us it has a port of its own "
            "instead");
  table.add("connect", "i_know_the_proxy_is_open", o.i_know_the_proxy_is_open,
            "let --listen be an address that others can reach; they can then use it too");
  table
      .add("connect", "timeout", o.timeout, "give up when no way out was found for so long; 270s where tor starts us",
           {{Millis(1'000), Millis(3'600'000)}})
      .like("60s");
  table.add("connect", "paths", o.paths, "volunteers used at once while there is something to carry", kPathsBound);
  table.add("connect", "idle_after", o.idle_after, "keep one volunteer only when nothing was carried for so long",
            kIdleAfterBound);
  table
      .add("connect", "upstream_proxy", o.upstream_proxy,
           "this machine is behind a SOCKS5 proxy with UDP ASSOCIATE: everything goes through it, nothing past it; "
           "with a "
           "password say it in the environment or in --upstream-proxy-file, flags can be read by others")
      .like("socks5://127.0.0.1:1080")
      .secret()
      .meta = "URL";
  table
      .add("connect", "upstream_proxy_file", o.upstream_proxy_file,
           "read the URL of --upstream-proxy from this file, readable by its owner only")
      .like("upstream.url");
  table
      .add("connect", "bind_address", o.bind_address,
           "send to brokers, STUN servers and volunteers from this address of ours only; one of each family at most")
      .like("192.0.2.5");
  add_link_options(table, o.link);
  add_common_options(table, o.common);
  return table;
}

void check(const ConnectOptions& o) {
  check_ways(o.ways);
  if (o.ways.broker.empty() && !o.ways.front.empty())
    throw ops::UsageError("--front: it goes with --broker; a joined network names its fronts itself");
  const bool pins = !o.egress_pin.empty() || o.egress_descriptor;
  if (o.ways.broker.empty() && pins)
    throw ops::UsageError("--egress-pin: a joined network says itself whom to trust; leave it out, or name --broker");
  if (!o.ways.broker.empty() && !pins)
    throw ops::UsageError("--egress-pin: name the key of the egress to trust, or its file with --egress-descriptor");
  static_cast<void>(way_out(o));
  if (!ops::is_loopback(o.listen.address) && !o.i_know_the_proxy_is_open)
    throw ops::UsageError("--listen: others could use this proxy; use 127.0.0.1:" + std::to_string(o.listen.port) +
                          ", or say --i-know-the-proxy-is-open");
}

namespace {

std::optional<io::Upstream> upstream(const ConnectOptions& o) {
  if (!o.upstream_proxy && !o.upstream_proxy_file) return std::nullopt;
  const std::string_view option = o.upstream_proxy ? "--upstream-proxy" : "--upstream-proxy-file";
  if (o.upstream_proxy && o.upstream_proxy_file)
    throw ops::UsageError("--upstream-proxy-file: the proxy is named twice; leave it or --upstream-proxy out");
  const auto url = o.upstream_proxy ? *o.upstream_proxy : ops::read_key_file(option, *o.upstream_proxy_file);
  std::string_view text = url.reveal_to_socket();
  if (text.ends_with('\n')) text.remove_suffix(1);
  auto upstream = io::upstream_of(text);
  if (!upstream) throw ops::UsageError(std::string(option) + ": " + std::string(io::advice(upstream.error())));
  return std::move(*upstream);
}

}  // namespace

io::WayOut way_out(const ConnectOptions& o) {
  io::WayOut out{upstream(o), local_addresses(o.bind_address)};
  if (out.upstream) out.upstream->local = out.local;
  return out;
}

std::vector<ops::Pin> trusted_pins(const ConnectOptions& o) {
  auto pins = o.egress_pin;
  if (o.egress_descriptor)
    for (const auto& egress : read_egress_file("--egress-descriptor", *o.egress_descriptor))
      if (egress.pin) pins.push_back(*egress.pin);
  if (pins.empty())
    throw ops::UsageError("--egress-descriptor: no egress in " + o.egress_descriptor->path +
                          " has a spki_sha256 to trust");
  return pins;
}

}  // namespace footbridge::client
