// An invite, as a value: what one person needs to enter a network, and may not show to others. proto/network.proto is
// the format, docs/spec/11-network.md its meaning; invite_text.hpp has the text that people paste. parse_invite checks
// every bound before it copies; encode_invite asserts them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/time.hpp"
#include "wire/network.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxInviteBytes = 1024;  // a QR code of this many letters can still be photographed
inline constexpr std::size_t kMaxInviteBrokers = 4;   // one of them must live as long as the invite
inline constexpr std::size_t kMaxNetworkNameBytes = 48;
inline constexpr std::size_t kObfuscationSecretBytes = 32;
inline constexpr std::uint32_t kMaxInviteUses = 10'000;

using ObfuscationSecret = Private<std::array<std::byte, kObfuscationSecretBytes>>;

struct Invite {
  std::string network;  // is_network_name()
  RootKey root;
  std::vector<BrokerAddress> brokers;  // 1..kMaxInviteBrokers
  ObfuscationSecret obfuscation;
  InviteId id;                               // marks whose invite it is: as private as a name
  std::optional<CompartmentId> compartment;  // none: the common one
  UnixSeconds until{};                       // who has not joined by then asks for another one
  std::uint32_t uses = 1;                    // installations, 1..kMaxInviteUses
  SignedCertificate certificate;             // of the key that signed it
  UnixSeconds made{};
  std::optional<Announcing> announcing;  // with a compartment only
  // All of the above as it travels, fields that we do not know among it: what is signed. Empty until it is signed.
  Private<Bytes> content;
  NetworkSignature signature;
};

// nullopt: not protobuf, or a bound is broken. Whether it is signed by whom is core/network/signed_invite.hpp's.
std::optional<Invite> parse_invite(ByteView in);
// What is to be signed.
Bytes encode_invite_content(const Invite& invite);
// Of a signed invite. Larger than kMaxInviteBytes is for the caller to notice: it depends on what an operator wrote
// down.
Bytes encode_invite(const Invite& invite);

// 1 to kMaxNetworkNameBytes of UTF-8 that a terminal shows as it is: no control characters, nothing invisible, nothing
// that turns the direction of what follows. The name comes from strangers and is shown before anybody is trusted.
bool is_network_name(std::string_view text);

}  // namespace footbridge::wire
