// Where a stream or a flow wants to go, as OPEN says it (docs/spec/03-session.md §6.2, 07-udp-flows.md §6): host type,
// host, port. Names are checked for length and alphabet only; whether they may be resolved is the egress policy's
// decision. Values are private: hold them as Private<Destination>. Thread: any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/address.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxHostNameBytes = 253;  // RFC 1035 §2.3.4 in text form
// Host type, length, the longest name, port.
inline constexpr std::size_t kMaxDestinationBytes = 1 + 1 + kMaxHostNameBytes + 2;

struct Destination {
  std::variant<std::string, IpAddress> host;  // a name as the application gave it, or an address
  std::uint16_t port = 0;                     // never 0
  friend bool operator==(const Destination&, const Destination&) = default;
};

// False: the name is empty, too long or has characters no host name has, or the port is 0.
bool is_destination(const Destination& destination);
// nullopt: cut short, another host type, a name that no host has, or port 0.
std::optional<Destination> read_destination(ByteReader& in);
// False: it is none; nothing was written.
bool write_destination(ByteWriter& out, const Destination& destination);

}  // namespace footbridge::wire
