// The first bytes of a stream: OPEN from the client says where to, OPENED from the egress says how it went
// (docs/spec/03-session.md §6.2). Both are: length (varint, of what follows), version, fields; bytes after the known
// fields are skipped. The application's data follows at once in both directions, so opening costs no round trip.
//
// Bounds: OPEN at most kMaxOpenBytes with its length, OPENED at most kMaxOpenedBytes. A destination is Private
// (session_destination.hpp).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/session_destination.hpp"

namespace footbridge::wire {

inline constexpr std::uint8_t kOpenVersion = 1;
inline constexpr std::size_t kMaxOpenBytes = 512;    // 253 of name, 9 of fields, the rest for what will be added
inline constexpr std::size_t kMaxOpenedBytes = 128;  // 2 of fields, the rest for what will be added

enum class StreamKind : std::uint8_t {
  Tcp = 1,     // a TCP connection to the destination that follows
  Bridge = 2,  // the Tor bridge that the egress is a door of; nothing follows, the egress knows where it is
};

// A wish of the client, for the egress' scheduler: bulk yields to the other two.
enum class StreamPriority : std::uint8_t { Normal = 0, Interactive = 1, Bulk = 2 };

struct OpenHeader {
  StreamKind kind = StreamKind::Tcp;
  StreamPriority priority = StreamPriority::Normal;
  std::optional<Private<Destination>> destination;  // exactly with StreamKind::Tcp
};

// How opening went; sent as one byte, an unknown number reads as Internal.
enum class OpenStatus : std::uint8_t {
  Connected = 0,
  Refused = 1,      // TCP reset in answer to the SYN
  Unreachable = 2,  // no route, or ICMP said so
  DnsFailure = 3,   // the name does not exist or did not resolve
  Policy = 4,       // the egress does not go there; do not try again
  TimedOut = 5,     // no answer in time
  Limit = 6,        // too many streams or destinations; try later
  Unsupported = 7,  // a version or kind that this egress does not know
  Internal = 8,
};
std::string_view name(OpenStatus status);

enum class OpenErrc : std::uint8_t {
  Truncated = 1,  // need more input; keep the bytes
  TooLarge,       // above its bound; reset the stream
  Malformed,      // fields do not fit, or a host that is neither name nor address; reset the stream
  Unsupported,    // another version or kind; answer OPENED{Unsupported}
};
std::string_view name(OpenErrc error);

template <class Header>
struct ParsedHeader {
  Header header;
  std::size_t bytes = 0;  // how much of the stream it took; data begins there
};
Result<ParsedHeader<OpenHeader>, OpenErrc> parse_open(ByteView in);
Result<ParsedHeader<OpenStatus>, OpenErrc> parse_opened(ByteView in);

// nullopt: the name is empty, too long or has characters no host name has, the port is 0, or kind and destination do
// not fit together.
std::optional<Bytes> encode_open(const OpenHeader& header);
Bytes encode_opened(OpenStatus status);

}  // namespace footbridge::wire
