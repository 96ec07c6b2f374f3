#include "programs/egress_descriptor.hpp"

#include <algorithm>
#include <charconv>

#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "ops/toml_file.hpp"

namespace footbridge {
namespace {

const std::vector<std::string> kKnownKeys = {
    "id", "relay", "relay_udp_port", "spki_sha256", "relay_tls_spki_sha256", "key_file"};

// What has been read of one [[egress]] so far; nothing is required before the table has ended.
struct Draft {
  std::optional<std::string> id;
  std::optional<ops::WsUrl> relay;
  std::optional<std::uint16_t> relay_udp_port;
  std::optional<ops::Pin> pin;
  std::optional<ops::Pin> relay_tls_pin;
  std::optional<ops::FilePath> key_file;
  std::string place;
};

template <class T>
T value_of(const ops::TomlSetting& setting, std::string_view key) {
  auto value = ops::ValueType<T>::parse(setting.is_list || setting.values.empty() ? "" : setting.values.front());
  // The text itself may be an address, so it is not repeated.
  if (!value)
    throw ops::UsageError(setting.place + ": " + std::string(key) + ": the value is " + value.error().text +
                          "; it needs " + std::string(ops::ValueType<T>::kWhat));
  return std::move(value).value();
}

std::uint16_t port_of(const ops::TomlSetting& setting) {
  const auto port = value_of<std::uint64_t>(setting, "relay_udp_port");
  if (port == 0 || port > UINT16_MAX)
    throw ops::UsageError(setting.place + ": relay_udp_port: not a port from 1 to 65535");
  return static_cast<std::uint16_t>(port);
}

void take(Draft& draft, const ops::TomlSetting& setting, const std::string& key) {
  if (draft.place.empty()) draft.place = setting.place;
  if (key == "id") {
    draft.id = value_of<std::string>(setting, key);
    if (!is_egress_id(*draft.id))
      throw ops::UsageError(setting.place + ": id: not a name of 1 to 32 characters out of a-z, 0-9 and -");
  } else if (key == "relay") {
    draft.relay = value_of<ops::WsUrl>(setting, key);
  } else if (key == "relay_udp_port") {
    draft.relay_udp_port = port_of(setting);
  } else if (key == "spki_sha256") {
    draft.pin = value_of<ops::Pin>(setting, key);
  } else if (key == "relay_tls_spki_sha256") {
    draft.relay_tls_pin = value_of<ops::Pin>(setting, key);
  } else if (key == "key_file") {
    draft.key_file = value_of<ops::FilePath>(setting, key);
  } else {
    throw ops::UsageError(setting.place + ": unknown key " + key + ops::did_you_mean(key, kKnownKeys));
  }
}

EgressDescriptor finish(Draft draft) {
  if (!draft.id) throw ops::UsageError(draft.place + ": this [[egress]] has no id");
  if (!draft.relay) throw ops::UsageError(draft.place + ": the egress " + *draft.id + " has no relay");
  return {*draft.id,           Private(std::move(*draft.relay)), draft.relay_udp_port, draft.pin,
          draft.relay_tls_pin, std::move(draft.key_file)};
}

std::vector<EgressDescriptor> parse_egress_file(const ops::FilePath& file) {
  constexpr std::string_view kTable = "egress.";
  std::vector<Draft> drafts;
  for (const auto& setting : ops::read_toml_file(file.path)) {
    const auto dot = setting.key.find('.', kTable.size());
    std::size_t index = 0;
    const bool ours =
        setting.key.starts_with(kTable) && dot != std::string::npos &&
        std::from_chars(setting.key.data() + kTable.size(), setting.key.data() + dot, index).ec == std::errc{};
    if (!ours) throw ops::UsageError(setting.place + ": only tables [[egress]] belong into this file");
    if (index >= kMaxEgresses) throw ops::UsageError(setting.place + ": more than 1000 egresses");
    if (drafts.size() <= index) drafts.resize(index + 1);
    take(drafts[index], setting, setting.key.substr(dot + 1));
  }
  std::vector<EgressDescriptor> out;
  for (auto& draft : drafts) {
    const auto place = draft.place;
    auto egress = finish(std::move(draft));
    if (std::any_of(out.begin(), out.end(), [&](const EgressDescriptor& e) { return e.id == egress.id; }))
      throw ops::UsageError(place + ": the id " + egress.id + " is used twice");
    out.push_back(std::move(egress));
  }
  if (out.empty()) throw ops::UsageError(file.path + " describes no egress");
  return out;
}

}  // namespace

std::vector<EgressDescriptor> read_egress_file(std::string_view option, const ops::FilePath& file) try {
  return parse_egress_file(file);
} catch (const ops::UsageError& error) {
  throw ops::UsageError(std::string(option) + ": " + error.what());
}

std::string descriptor_text(const EgressDescriptor& egress) {
  std::string out =
      "[[egress]]\nid = \"" + egress.id + "\"\nrelay = \"" + egress.relay.reveal_to_socket().text + "\"\n";
  if (egress.relay_udp_port) out += "relay_udp_port = " + std::to_string(*egress.relay_udp_port) + "\n";
  if (egress.pin) out += "spki_sha256 = \"" + ops::ValueType<ops::Pin>::text(*egress.pin) + "\"\n";
  if (egress.relay_tls_pin)
    out += "relay_tls_spki_sha256 = \"" + ops::ValueType<ops::Pin>::text(*egress.relay_tls_pin) + "\"\n";
  return out;
}

bool is_egress_id(std::string_view text) {
  return !text.empty() && text.size() <= 32 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
}

}  // namespace footbridge
