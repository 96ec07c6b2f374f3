#include "wire/pt_request.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "wire/pt_environment.hpp"
#include "wire/pt_options.hpp"

namespace footbridge::wire {
namespace {

std::vector<std::string_view> split_list(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto comma = text.find(',');
    out.push_back(text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return out;
}

bool lists(std::string_view text, std::string_view wanted) {
  const auto all = split_list(text);
  return std::ranges::find(all, wanted) != all.end();
}

// Reads values and remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(const PtInput& input) : input_(input) {
    for (const auto& [key, value] : input.values)
      if (value.size() > kMaxPtValueBytes) refuse(key, " is too long");
  }

  // Null: not given.
  const std::string* find(PtKey key) const {
    const auto found = input_.values.find(key);
    return found == input_.values.end() ? nullptr : &found->second;
  }
  // A value that must not be missing or empty.
  std::string required(PtKey key) {
    const auto* value = find(key);
    if (value == nullptr || value->empty()) return refuse(key, " is not set"), std::string();
    return *value;
  }
  std::optional<Endpoint> endpoint(PtKey key, std::uint16_t lowest_port = 1) {
    const auto* value = find(key);
    if (value == nullptr || value->empty()) return std::nullopt;  // tor leaves the extended one empty when it has none
    const auto at = Endpoint::parse(*value);
    if (!at || at->port < lowest_port) return refuse(key, " is not ADDRESS:PORT"), std::nullopt;
    return at;
  }
  std::optional<Private<IpAddress>> outbound(PtKey key, Family family) {
    const auto* value = find(key);
    if (value == nullptr || value->empty()) return std::nullopt;
    std::string_view text = *value;
    const bool bracketed = text.size() > 2 && text.front() == '[' && text.back() == ']';
    const auto address = IpAddress::parse(bracketed ? text.substr(1, text.size() - 2) : text);
    if (address && address->family() == family) return Private(*address);
    return refuse(key, family == Family::V4 ? " is not an IPv4 address" : " is not an IPv6 address"), std::nullopt;
  }

  // Version 3.0 wants no LOG lines unless it says which.
  std::optional<PtSeverity> log_level() {
    const auto* value = find(PtKey::LogLevel);
    if (value == nullptr || *value == "NONE") return std::nullopt;
    if (*value == "ERROR") return PtSeverity::Error;
    if (*value == "WARN") return PtSeverity::Warning;
    if (*value == "INFO") return PtSeverity::Info;
    if (*value != "DEBUG") refuse(PtKey::LogLevel, " is not NONE, ERROR, WARN, INFO or DEBUG");
    return PtSeverity::Debug;
  }

  void common(PtRequest& request, PtKey transports) {
    request.version = input_.version;
    const auto* versions = find(PtKey::Versions);
    const auto ours = input_.version == PtVersion::V1 ? "1" : "3.0";
    if (versions != nullptr && !lists(*versions, ours))
      refusal_ = {PtRefusal::Line::VersionError, "no-version"};  // whatever else is wrong: it is another protocol's
    if (input_.version == PtVersion::V1) {
      required(PtKey::Versions);
      request.state_dir = required(PtKey::StateLocation);
    } else {
      const auto* state = find(PtKey::StateLocation);
      request.state_dir = state != nullptr && !state->empty() ? *state : ".";
    }
    const auto* exits = find(PtKey::ExitOnStdinClose);
    request.exit_on_stdin_close = exits != nullptr && *exits == "1";
    const auto names = required(transports);
    request.wanted = lists(names, kPtTransport) || names == "*";
    if (input_.version == PtVersion::V3) request.log = log_level();
    request.outbound_v4 = outbound(PtKey::OutboundV4, Family::V4);
    request.outbound_v6 = outbound(PtKey::OutboundV6, Family::V6);
  }

  // The first complaint stays.
  void refuse(PtKey key, std::string_view what) {
    if (!refusal_) refusal_ = {PtRefusal::Line::EnvError, pt_name(key, input_.version).append(what)};
  }
  const std::optional<PtRefusal>& refusal() const { return refusal_; }

 private:
  const PtInput& input_;
  std::optional<PtRefusal> refusal_;
};

// NAME-ADDRESS:PORT,…; also those of other transports must be right, because a mistake in one shifts the next.
std::optional<Endpoint> bind_address(Reader& reader) {
  constexpr auto kKey = PtKey::BindAddress;
  std::optional<Endpoint> ours;
  const auto* all = reader.find(kKey);
  if (all == nullptr) return ours;
  for (const auto entry : split_list(*all)) {
    const auto dash = entry.find('-');
    if (dash == std::string_view::npos || dash == 0) return reader.refuse(kKey, " is not NAME-ADDRESS:PORT"), ours;
    const auto at = Endpoint::parse(entry.substr(dash + 1));
    if (!at) return reader.refuse(kKey, " is not NAME-ADDRESS:PORT"), ours;
    if (entry.substr(0, dash) != kPtTransport) continue;
    if (ours) return reader.refuse(kKey, " names our transport twice"), ours;
    ours = at;
  }
  return ours;
}

PtArguments options_of(Reader& reader, PtVersion version) {
  const auto* text = reader.find(PtKey::Options);
  if (text == nullptr) return {};
  auto out = version == PtVersion::V1 ? read_pt_options(*text) : read_pt_json_options(*text);
  if (!out) return reader.refuse(PtKey::Options, out.error().why), PtArguments();
  return std::move(*out);
}

std::optional<Private<Endpoint>> hidden(const std::optional<Endpoint>& at) {
  return at ? std::optional(Private(*at)) : std::nullopt;
}

}  // namespace

Result<PtClientRequest, PtRefusal> parse_pt_client(const PtInput& input) {
  Reader reader(input);
  PtClientRequest request;
  reader.common(request, PtKey::ClientTransports);
  if (input.version == PtVersion::V3) request.options = options_of(reader, input.version);
  request.listen = reader.endpoint(PtKey::ListenAddress, 0);
  if (const auto* proxy = reader.find(PtKey::Proxy); proxy != nullptr && !proxy->empty()) request.proxy.emplace(*proxy);
  if (reader.refusal()) return *reader.refusal();
  return request;
}

Result<PtServerRequest, PtRefusal> parse_pt_server(const PtInput& input) {
  Reader reader(input);
  PtServerRequest request;
  reader.common(request, PtKey::ServerTransports);
  if (input.version == PtVersion::V1) reader.required(PtKey::BindAddress);
  request.bind = bind_address(reader);
  request.or_port = hidden(reader.endpoint(PtKey::OrPort));
  request.extended_or_port = hidden(reader.endpoint(PtKey::ExtendedOrPort));
  if (request.extended_or_port)
    request.auth_cookie_file = reader.required(PtKey::AuthCookie);
  else if (!request.or_port)
    reader.required(PtKey::OrPort);
  request.options = options_of(reader, input.version);
  if (reader.refusal()) return *reader.refusal();
  return request;
}

}  // namespace footbridge::wire
