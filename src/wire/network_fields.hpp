// Fields that directories, invites and reporters' chains have in common, read and written; for network_*.cpp,
// invite.cpp and netstate_report.cpp only.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.hpp"
#include "wire/network.hpp"
#include "wire/protobuf_fields.hpp"

namespace footbridge::wire {

inline bool read_plain(const ProtoField& field, std::size_t least, std::size_t most, Private<std::string>& out) {
  const auto bytes = field.bytes_between(least, most);
  if (!bytes || !is_plain_text(as_text(*bytes))) return false;
  out = Private<std::string>(to_string(*bytes));
  return true;
}

inline bool read_time(const ProtoField& field, UnixSeconds& out) { return read_integer(field, kMaxUnixSeconds, out); }

template <class IdType>
inline bool read_optional_id(const ProtoField& field, std::optional<IdType>& out) {
  if (field.bytes_between(0, 0)) return out.reset(), true;
  IdType id;
  if (!read_id(field, id)) return false;
  out = id;
  return true;
}

// As it travels inside of something else, which bounds it.
inline bool read_certificate(const ProtoField& field, std::size_t most, SignedCertificate& out) {
  const auto bytes = field.bytes_between(1, most);
  auto read = bytes ? parse_signed_certificate(*bytes) : std::nullopt;
  if (!read) return false;
  out = std::move(*read);
  return true;
}

inline bool read_address(const ProtoReader& reader, const ProtoField& field, std::vector<BrokerAddress>& out) {
  if (out.size() >= kMaxBrokerAddresses) return false;
  BrokerAddress address;
  bool has_url = false;
  const bool ok = each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return has_url = read_plain(f, 1, kMaxNetworkUrlBytes, address.url);
      case 2: return read_plain(f, 0, kMaxHostBytes, address.front);
      case 3: return read_optional_id(f, address.tls_pin);
      default: return true;
    }
  });
  if (!ok || !has_url) return false;
  out.push_back(std::move(address));
  return true;
}

inline void write_plain(ProtoWriter& out, std::uint32_t number, const Private<std::string>& text, std::size_t least,
                        std::size_t most) {
  const auto& plain = text.reveal_to_socket();
  FB_ASSERT(plain.size() >= least && plain.size() <= most && is_plain_text(plain));
  out.text(number, plain);
}

inline void write_time(ProtoWriter& out, std::uint32_t number, UnixSeconds at) {
  FB_ASSERT(count(at) <= kMaxUnixSeconds);
  out.integer(number, count(at));
}

inline void write_addresses(ProtoWriter& out, std::uint32_t number, const std::vector<BrokerAddress>& addresses) {
  FB_ASSERT(!addresses.empty() && addresses.size() <= kMaxBrokerAddresses);
  for (const auto& address : addresses)
    out.message(number, [&](ProtoWriter& w) {
      write_plain(w, 1, address.url, 1, kMaxNetworkUrlBytes);
      write_plain(w, 2, address.front, 0, kMaxHostBytes);
      if (address.tls_pin) w.bytes(3, address.tls_pin->view());
    });
}

}  // namespace footbridge::wire
