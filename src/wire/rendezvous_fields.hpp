// How the fields of rendezvous messages are read, for rendezvous_parse_*.cpp only. Each read_x answers false when a
// bound is broken, before anything is copied; repeated fields are counted before their element is copied.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wire/protobuf_fields.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::wire {

inline bool read_millis(const ProtoField& field, std::uint64_t most, Millis& out) {
  Millis::rep count = 0;
  if (!read_integer(field, most, count)) return false;
  out = Millis{count};
  return true;
}

// An enumerator we do not know is a newer peer's, not an error.
template <class Enum>
inline bool read_enum(const ProtoField& field, Enum last, Enum unknown, Enum& out) {
  if (field.type != ProtoType::Varint) return false;
  out = field.integer <= static_cast<std::uint64_t>(last) ? static_cast<Enum>(field.integer) : unknown;
  return true;
}

inline bool read_families(const ProtoField& field, Families& out) {
  if (field.type != ProtoType::Varint) return false;
  out = static_cast<Families>(field.integer & 3);  // other bits are families of a later time
  return true;
}

inline bool read_sdp(const ProtoField& field, Sdp& out) {
  const auto bytes = field.bytes_between(1, kMaxSdpBytes);
  if (bytes) out = Sdp(to_string(*bytes));
  return bytes.has_value();
}

inline bool read_bytes(const ProtoField& field, std::size_t least, std::size_t most, Private<Bytes>& out) {
  const auto bytes = field.bytes_between(least, most);
  if (bytes) out = Private<Bytes>(to_bytes(*bytes));
  return bytes.has_value();
}

// A URL is printable ASCII without spaces; its meaning is checked by whoever dials it.
inline bool read_url(const ProtoField& field, Private<std::string>& out) {
  const auto bytes = field.bytes_between(1, kMaxRelayUrlBytes);
  if (!bytes) return false;
  for (const char c : as_text(*bytes))
    if (c <= ' ' || c > '~') return false;
  out = Private<std::string>(to_string(*bytes));
  return true;
}

inline bool read_nat(const ProtoReader& reader, const ProtoField& field, Nat& out) {
  constexpr auto kLast = NatBehaviour::AddressAndPortDependent;
  out = Nat{};
  return each_field(reader.nested(field), [&](const ProtoReader&, const ProtoField& f) {
    switch (f.number) {
      case 1: return read_enum(f, kLast, NatBehaviour::Unknown, out.mapping);
      case 2: return read_enum(f, kLast, NatBehaviour::Unknown, out.filtering);
      default: return true;
    }
  });
}

// The version is read before anything else is believed: a body of another version may break all our bounds.
inline std::optional<std::uint64_t> version_of(ByteView in) {
  ProtoReader reader(in);
  std::uint64_t version = 0;
  while (const auto field = reader.next())
    if (field->number == 1 && field->type == ProtoType::Varint) version = field->integer;
  return reader.ok() ? std::optional(version) : std::nullopt;
}

inline std::optional<RendezvousErrc> check_envelope(ByteView in) {
  if (in.size() > kMaxRendezvousBytes) return RendezvousErrc::TooLarge;
  const auto version = version_of(in);
  if (!version || *version == 0) return RendezvousErrc::Malformed;
  if (*version != kRendezvousVersion) return RendezvousErrc::Version;
  return std::nullopt;
}

}  // namespace footbridge::wire
