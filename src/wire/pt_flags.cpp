#include "wire/pt_flags.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "wire/pt_environment.hpp"

namespace footbridge::wire {
namespace {

// An address and a port, which may come in one flag or in two.
struct Pair {
  std::string_view both, host, port;
};
constexpr std::array kPairs = {Pair{"proxylistenaddr", "proxylistenhost", "proxylistenport"},
                               Pair{"bindaddr", "bindhost", "bindport"}, Pair{"target", "targethost", "targetport"}};
// Flags that are no value of PtInput as they stand.
constexpr std::array<std::string_view, 5> kMoreFlags = {"transport", "client", "server", "mode", "optionsFile"};
constexpr std::array<std::string_view, 3> kSwitches = {"client", "server", "exit-on-stdin-close"};

template <std::size_t N>
bool lists(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool is_known(std::string_view name) {
  const auto half = [&](const Pair& pair) { return pair.host == name || pair.port == name; };
  return !name.empty() && (std::ranges::find(kPtNames, name, &PtName::flag) != kPtNames.end() ||
                           lists(kMoreFlags, name) || std::ranges::any_of(kPairs, half));
}

struct Flag {
  std::string_view name;
  std::optional<std::string_view> value;  // what stands behind "="
};

// nullopt: none of version 3.0.
std::optional<Flag> flag_of(std::string_view argument) {
  if (!argument.starts_with('-')) return std::nullopt;
  argument.remove_prefix(argument.starts_with("--") ? 2 : 1);
  const auto equals = argument.find('=');
  const auto name = argument.substr(0, equals);
  if (!is_known(name)) return std::nullopt;
  if (equals == std::string_view::npos) return Flag{name, std::nullopt};
  return Flag{name, argument.substr(equals + 1)};
}

bool is_yes(std::string_view text) { return text == "1" || text == "true"; }
bool is_truth(std::string_view text) { return is_yes(text) || text == "0" || text == "false"; }

PtRefusal refusal(std::string_view flag, std::string_view what) {
  return {PtRefusal::Line::EnvError, std::string("-").append(flag).append(what)};
}

using Given = std::map<std::string, std::string, std::less<>>;

// What is no flag of version 3.0 goes into `others`.
Result<Given, PtRefusal> collect(std::span<const std::string> arguments, std::vector<std::string>& others) {
  Given given;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto flag = flag_of(arguments[i]);
    if (!flag) {
      others.push_back(arguments[i]);
      continue;
    }
    auto value = flag->value;
    const bool has_next = i + 1 < arguments.size();
    if (lists(kSwitches, flag->name)) {
      if (!value && has_next && is_truth(arguments[i + 1])) value = arguments[++i];
      if (value && !is_truth(*value)) return refusal(flag->name, " is a switch, 1 or 0");
      value = !value || is_yes(*value) ? "1" : "0";
    } else if (!value) {
      if (!has_next) return refusal(flag->name, " needs a value");
      value = arguments[++i];
    }
    if (!given.emplace(flag->name, *value).second) return refusal(flag->name, " is given twice");
  }
  return given;
}

// nullopt: not given; the flag is then as if it had never been there.
std::optional<std::string> take(Given& given, std::string_view flag) {
  const auto found = given.find(flag);
  if (found == given.end()) return std::nullopt;
  auto value = std::move(found->second);
  given.erase(found);
  return value;
}

std::optional<PtRefusal> join(Given& given, const Pair& pair) {
  const auto host = take(given, pair.host);
  const auto port = take(given, pair.port);
  if (!host && !port) return std::nullopt;
  if (!host) return refusal(pair.port, " needs -" + std::string(pair.host));
  if (!port) return refusal(pair.host, " needs -" + std::string(pair.port));
  const bool bare_v6 = host->find(':') != std::string::npos && !host->starts_with('[');
  const auto at = (bare_v6 ? "[" + *host + "]" : *host) + ":" + *port;
  // The pair is of the one transport that -transport names; whether that is ours is seen there.
  const auto prefix = pair.both == "bindaddr" ? std::string(kPtTransport) + "-" : std::string();
  if (!given.emplace(pair.both, prefix + at).second)
    return refusal(pair.both, " is given a second time, with -" + std::string(pair.host));
  return std::nullopt;
}

std::optional<PtRefusal> check_role(Given& given, PtRole role) {
  const auto client = take(given, "client") == "1";
  const auto server = take(given, "server") == "1";
  if (role == PtRole::Client && server) return refusal("server", " is what footbridge egress does");
  if (role == PtRole::Server && client) return refusal("client", " is what footbridge connect does");
  if (take(given, "mode").value_or("socks5") != "socks5") return refusal("mode", " can only be socks5");
  return std::nullopt;
}

std::optional<PtRefusal> name_transports(Given& given) {
  auto one = take(given, "transport");
  if (!one) return std::nullopt;
  if (given.contains("transports")) return refusal("transport", " and -transports exclude each other");
  given.emplace("transports", std::move(*one));
  return std::nullopt;
}

}  // namespace

bool has_pt_flags(std::span<const std::string> arguments) {
  return std::ranges::any_of(arguments, [](const std::string& argument) {
    const auto flag = flag_of(argument);
    return flag && (flag->name == "ptversion" || flag->name == "transport" || flag->name == "transports");
  });
}

Result<PtFlags, PtRefusal> parse_pt_flags(PtRole role, std::span<const std::string> arguments) {
  PtFlags out;
  out.input.version = PtVersion::V3;
  auto given = collect(arguments, out.others);
  if (!given) return given.error();
  if (const auto wrong = check_role(*given, role)) return *wrong;
  if (const auto wrong = name_transports(*given)) return *wrong;
  for (const auto& pair : kPairs)
    if (const auto wrong = join(*given, pair)) return *wrong;
  out.options_file = take(*given, "optionsFile");
  if (out.options_file && given->contains("options")) return refusal("options", " and -optionsFile exclude each other");
  const auto others_transports = role == PtRole::Client ? PtKey::ServerTransports : PtKey::ClientTransports;
  for (const auto& name : kPtNames) {
    if (name.flag.empty() || name.key == others_transports) continue;
    const auto found = given->find(name.flag);
    if (found != given->end()) out.input.values.emplace(name.key, found->second);
  }
  return out;
}

}  // namespace footbridge::wire
