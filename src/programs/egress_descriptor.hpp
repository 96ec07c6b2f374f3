// The description of an egress as a file: TOML tables [[egress]] with id, relay, relay_udp_port, spki_sha256,
// relay_tls_spki_sha256 and key_file. `footbridge egress --descriptor-out` writes the public part; the broker's copy
// adds key_file; a client needs spki_sha256 alone. Unknown keys are errors, as everywhere in our files.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/private.hpp"
#include "ops/values.hpp"

namespace footbridge {

inline constexpr std::size_t kMaxEgresses = 1'000;  // of one network; bounds what a file can make us hold

struct EgressDescriptor {
  std::string id;             // 1 to 32 of a-z, 0-9, '-'; unique in its file
  Private<ops::WsUrl> relay;  // where proxies dial
  std::optional<std::uint16_t>
      relay_udp_port;                     // where it takes legs over UDP, on the host of `relay`; none: it does not
  std::optional<ops::Pin> pin;            // SHA-256 of its public key, which clients pin
  std::optional<ops::Pin> relay_tls_pin;  // the same of the certificate at `relay`, where nobody vouches for it
  std::optional<ops::FilePath> key_file;  // broker only: the key it shares with this egress
};

// UsageError with `option`, the flag that named the file, and file:line:column.
std::vector<EgressDescriptor> read_egress_file(std::string_view option, const ops::FilePath& file);
std::string descriptor_text(const EgressDescriptor& egress);

// For --id and for files: what an egress may be called.
bool is_egress_id(std::string_view text);

}  // namespace footbridge
