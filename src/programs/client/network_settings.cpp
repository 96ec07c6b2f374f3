#include "programs/client/network_settings.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "programs/broker_ways.hpp"

namespace footbridge::client {
namespace {

// A bridge line of 510 bytes holds seven pins of 64 digits.
constexpr std::size_t kMaxLinePins = 7;
// As long as the longest option's name.
constexpr std::size_t kMaxNamedKey = 24;

std::string wrong(std::string_view key, std::string_view remedy) {
  return "the bridge line's " + std::string(key) + "= is wrong: " + std::string(remedy);
}

// What is wrong with it; nullopt: it was taken.
using Taken = std::optional<std::string>;

Taken take_broker(NetworkSettings& out, const WayOptions& options, std::string_view value) {
  auto option = ops::ValueType<ops::HttpUrl>::parse(value);
  if (!option) return wrong("broker", "write https://, then the broker's name");
  if (option->text.starts_with("http:") && !ops::names_loopback(option->host))
    return wrong("broker", "http:// is for a broker on this machine only; write https://");
  auto ways = options;
  ways.broker.assign(1, Private(std::move(*option)));
  if (!ways.front.empty() && ways.broker.front().reveal_to_socket().text.starts_with("http:"))
    return wrong("broker", "it is reached through --front, which needs https://");
  out.brokers = broker_ways(ways);
  return std::nullopt;
}

Taken take_pins(NetworkSettings& out, std::string_view value) {
  std::vector<ops::Pin> pins;
  for (;;) {
    const auto comma = value.find(',');
    const auto pin = ops::ValueType<ops::Pin>::parse(value.substr(0, comma));
    if (!pin || pins.size() == kMaxLinePins)
      return wrong("pin", "give the SHA-256 of the egress's key, 64 hexadecimal digits; several with commas between");
    pins.push_back(*pin);
    if (comma == std::string_view::npos) break;
    value.remove_prefix(comma + 1);
  }
  out.pins = Private(std::move(pins));
  return std::nullopt;
}

template <class T>
Taken take_within(T& out, std::string_view key, std::string_view value, const ops::Bound<T>& bound) {
  using Type = ops::ValueType<T>;
  const auto parsed = Type::parse(value);
  if (parsed && *parsed >= bound.at_least && *parsed <= bound.at_most) return out = *parsed, std::nullopt;
  return wrong(key, "it needs " + std::string(Type::kWhat) + " from " + Type::text(bound.at_least) + " to " +
                        Type::text(bound.at_most));
}

Taken take(NetworkSettings& out, const WayOptions& options, std::string_view key, std::string_view value) {
  if (key == "broker") return take_broker(out, options, value);
  if (key == "pin") return take_pins(out, value);
  if (key == "paths") return take_within(out.paths, key, value, kPathsBound);
  if (key == "idle-after") return take_within(out.idle_after, key, value, kIdleAfterBound);
  // A key that is longer than any option of ours might be a value that lost its key.
  const auto named = key.size() <= kMaxNamedKey ? " " + std::string(key) + "=" : std::string();
  return "the bridge line has an argument" + named +
         " that it cannot have: it takes broker=, pin=, paths= and idle-after=; options belong on the "
         "ClientTransportPlugin line";
}

}  // namespace

bool operator==(const NetworkSettings& a, const NetworkSettings& b) {
  return a.joined == b.joined && a.brokers == b.brokers && a.pins == b.pins && a.paths == b.paths &&
         a.idle_after == b.idle_after;
}

Result<NetworkSettings, WrongArgument> network_settings(const ConnectOptions& options,
                                                        const std::vector<ops::Pin>& option_pins,
                                                        const wire::PtArguments& arguments, bool joined) {
  NetworkSettings out{.joined = false,
                      .brokers = {},
                      .pins = Private(option_pins),
                      .paths = options.paths,
                      .idle_after = options.idle_after};
  out.brokers = broker_ways(options.ways);
  for (const auto& [key, value] : arguments)
    if (auto why = take(out, options.ways, key, value.reveal_to_socket())) return WrongArgument{std::move(*why)};
  const bool names_broker = !options.ways.broker.empty() || arguments.contains("broker");
  if (joined && !names_broker && out.pins.reveal_to_socket().empty()) {
    out.joined = true;
    return out;
  }
  if (!names_broker)
    return WrongArgument{
        "no broker is configured: add broker= to the bridge line, or --broker to the ClientTransportPlugin line"};
  auto pins = std::move(out.pins).reveal_to_socket();
  if (pins.empty())
    return WrongArgument{
        "no egress is trusted: add pin= to the bridge line, or --egress-pin to the "
        "ClientTransportPlugin line"};
  std::sort(pins.begin(), pins.end());
  pins.erase(std::unique(pins.begin(), pins.end()), pins.end());
  out.pins = Private(std::move(pins));
  return out;
}

}  // namespace footbridge::client
